"""The full product of states and events, against a table that was written by hand and not by the program."""

import pytest

from petrosa_core.execution import TRANSITIONS, OrderEvent, OrderState, OrderStatus
from petrosa_core.execution.order_state import SAID, advance

# i intended, u unknown, p pending, n new, h partially filled (half), f filled, c cancelled, e expired, r rejected, a abandoned.
# A dot: the event changes nothing. The columns are the answers to our request, then what the venue tells by itself.
TABLE = """
             accepted held refused unanswered absent | pending new half filled cancelled expired rejected
intended     n        p    r       u          a      | p       n   h    f      c         e       r
unknown      n        p    .       .          a      | p       n   h    f      c         e       r
pending      .        .    .       .          a      | .       n   h    f      c         e       r
new          .        .    .       .          a      | .       .   h    f      c         e       r
half         .        .    .       .          a      | .       .   .    f      c         e       r
filled       .        .    .       .          .      | .       .   .    .      .         .       .
cancelled    .        .    .       .          .      | .       .   .    f      .         .       .
expired      .        .    .       .          .      | .       .   .    f      .         .       .
rejected     .        .    .       .          .      | .       .   .    f      .         .       .
abandoned    n        p    .       .          .      | p       n   h    f      c         e       r
"""

WORDS = {"half": "partially_filled", "absent": "proven-absent"}
BY_LETTER = {("h" if state is OrderState.PARTIALLY_FILLED else state.value[0]): state for state in OrderState}


def _event(column: str, *, told: bool) -> OrderEvent:
    word = WORDS.get(column, column).replace("_", "-")
    return OrderEvent(f"said-{word}" if told else word)


def _expected() -> dict[tuple[OrderState, OrderEvent], OrderState]:
    head, *rows = (line for line in TABLE.splitlines() if line)
    answers, tellings = (part.split() for part in head.split("|"))
    events = [_event(word, told=False) for word in answers] + [_event(word, told=True) for word in tellings]
    found = {}
    for row in rows:
        name, *cells = row.replace("|", " ").split()
        state = OrderState(WORDS.get(name, name))
        for event, cell in zip(events, cells, strict=True):
            found[state, event] = state if cell == "." else BY_LETTER[cell]
    return found


EXPECTED = _expected()


@pytest.mark.parametrize("state", OrderState)
@pytest.mark.parametrize("event", OrderEvent)
def test_every_event_in_every_state_leads_where_the_table_says(state: OrderState, event: OrderEvent):
    """Nothing else moves an order, and no pair is forgotten."""
    assert advance(state, event) is EXPECTED[state, event]


def test_the_program_names_only_what_changes_something():
    """A pair that changes nothing is not in the program's table: the drawing in the documents would show a loop."""
    assert {pair: state for pair, state in EXPECTED.items() if state is not pair[0]} == TRANSITIONS


def test_every_word_of_the_venue_is_an_event():
    """A status that the venue can say and that we would not hear would be lost."""
    assert {status: SAID[status].value for status in OrderStatus} == {
        status: f"said-{status.value.replace('_', '-')}" for status in OrderStatus
    }


@pytest.mark.parametrize(
    ("state", "is_open", "is_over", "is_unresolved"),
    [
        (OrderState.INTENDED, False, False, True),
        (OrderState.UNKNOWN, False, False, True),
        (OrderState.PENDING, True, False, False),
        (OrderState.NEW, True, False, False),
        (OrderState.PARTIALLY_FILLED, True, False, False),
        (OrderState.FILLED, False, True, False),
        (OrderState.CANCELLED, False, True, False),
        (OrderState.EXPIRED, False, True, False),
        (OrderState.REJECTED, False, True, False),
        (OrderState.ABANDONED, False, True, False),
    ],
)
def test_a_state_is_open_or_over_or_unresolved(state: OrderState, is_open: bool, is_over: bool, is_unresolved: bool):
    """Exactly one of the three, for every state."""
    assert (state.is_open, state.is_over, state.is_unresolved) == (is_open, is_over, is_unresolved)


@pytest.mark.parametrize("status", OrderStatus)
def test_the_venue_and_we_agree_on_what_is_open(status: OrderStatus):
    """An order that the venue calls open is open in our words as well."""
    assert status.is_open is OrderState(status.value).is_open
