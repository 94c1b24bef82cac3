"""When a trade has to be asked again though nothing is heard of it."""

import pytest
from tests.support.decisions import NOW, a_spot_instrument
from tests.support.trades import Tale

from petrosa_core.execution import OrderStatus, due
from petrosa_core.values import MILLISECOND, SECOND, Duration


def seconds(tale: Tale) -> Duration | None:
    """How long after the beginning of the tale it is due, in microseconds."""
    moment = due(tale.trade, tale.situation())
    return None if moment is None else moment - NOW


def protected(*, sole: bool = True) -> Tale:
    """A futures trade with stop and target resting."""
    tale = Tale().given(sole=sole).accepted("e1").filled("e1")
    tale.meet()
    tale.accepted("s1").meet()
    return tale.accepted("t1")


def test_a_protected_trade_costs_nothing():
    """given stop and target resting, when nothing is heard, then it is never due."""
    assert seconds(protected()) is None


def test_an_entry_on_its_way_is_due_by_its_answer_alone():
    """given an entry that was just sent, when it is asked, then only a fact can change anything."""
    assert seconds(Tale()) is None


def test_a_resting_entry_is_due_when_it_expires():
    """given a resting entry, when it is asked, then it is due at its end."""
    assert seconds(Tale().accepted("e1")) == 300 * SECOND


def test_an_unanswered_order_is_due_for_its_repeat():
    """given no answer, when it is asked, then it is due half a second after the last send."""
    assert seconds(Tale().wait(2).unanswered("e1")) == 500 * MILLISECOND


def test_a_cancel_is_due_for_its_repeat():
    """given a cancel at the end of an entry, when it is asked, then it is due 2 s later, not at the end that is past."""
    tale = Tale().accepted("e1").wait(300)
    tale.meet()

    assert seconds(tale) == 300 * SECOND
    assert seconds(tale.heard("e1", OrderStatus.NEW)) == 300 * SECOND


def test_a_cancel_of_an_order_that_has_ended_is_not_due():
    """given an exit that was cancelled and is gone, when it is asked, then nothing is due for it."""
    tale = protected(sole=False).closing(quantity="1")
    tale.meet()
    tale.accepted("x1").filled("x1", price="101").meet()
    tale.accepted("s2", "t2").meet()
    assert seconds(tale) == 2 * SECOND

    assert seconds(tale.cancelled("s1", "t1")) is None


def test_a_partial_fill_of_a_list_is_due_after_a_second():
    """given a spot list filled in part, when it is asked, then it is due a second after its first fill."""
    tale = Tale(a_spot_instrument()).accepted("l1").wait("0.25").filled("e1", "1").wait("0.25")

    assert seconds(tale) == 1250 * MILLISECOND


def test_a_futures_entry_may_rest_partly_filled():
    """given a protected partial fill on futures, when it is asked, then it is due at its end only."""
    tale = Tale().accepted("e1").filled("e1", "1")
    tale.meet()
    tale.accepted("s1").meet()

    assert seconds(tale.accepted("t1")) == 300 * SECOND


def test_an_exposed_trade_is_due_within_a_second_and_at_its_bound():
    """given a fill without a stop, when it is asked, then it is due in a second, and at 3 s by the bound."""
    tale = Tale().accepted("e1").filled("e1")

    assert seconds(tale) == SECOND
    assert seconds(tale.wait("2.5")) == 3 * SECOND


def test_a_closing_trade_is_looked_after_every_second():
    """given a covered trade that is closing, when it is asked, then it is due in a second."""
    tale = protected().closing()
    tale.meet()

    assert seconds(tale.accepted("x1").wait(10)) == 11 * SECOND


@pytest.mark.parametrize("short", ["t1", "s1"])
def test_an_exit_that_came_to_nothing_is_due_for_its_next_attempt(short: str):
    """given an exit that was cancelled by another hand, when it is asked, then it is due a second after that."""
    tale = protected().wait(5).cancelled(short).wait("0.5")

    assert seconds(tale) == 6 * SECOND


def test_a_target_that_was_given_up_costs_nothing():
    """given three refused targets, when their pauses are over, then the trade is never due again."""
    tale = Tale().accepted("e1").filled("e1")
    tale.meet()
    tale.accepted("s1").meet()
    for attempt in (1, 2, 3):
        tale.refused(f"t{attempt}").wait(1).meet()

    assert seconds(tale) is None


def test_what_is_not_held_needs_no_next_attempt():
    """given a stop that sold everything, when a refused target is old, then nothing is due."""
    tale = Tale().accepted("e1").filled("e1")
    tale.meet()
    tale.accepted("s1").meet()
    tale.refused("t1").filled("s1")

    assert seconds(tale) is None


def test_an_ended_trade_is_never_due():
    """given an ended trade, when it is asked, then never."""
    tale = Tale().refused("e1")
    tale.meet()

    assert seconds(tale) is None
