"""What moves an order from state to state; nothing else does. docs/reference/order-states.md is drawn from it.

1. Every state is reached by what the venue said, or by its silence; silence is a state of its own.
2. What is filled stays filled: a late NEW never revives an order, a late fill always counts.
3. A refusal ends an order only if it was the one request ever sent for it; after a repeat the truth has to be read.
"""

from petrosa_core.execution.report import OrderStatus
from petrosa_core.values import Word


class OrderState(Word):
    """Where one of our orders stands, as far as we know."""

    INTENDED = "intended"
    """Written down; sent, or about to be; no answer yet."""
    UNKNOWN = "unknown"
    """Sent, and unanswered: it may be live."""
    PENDING = "pending"
    """Held by the venue until the entry of its list has filled."""
    NEW = "new"
    PARTIALLY_FILLED = "partially_filled"
    FILLED = "filled"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    REJECTED = "rejected"
    ABANDONED = "abandoned"
    """Proven absent after the time in which it could have been accepted; never sent again, still cared for."""

    @property
    def is_open(self) -> bool:
        """Resting at the venue for certain."""
        return self in _OPEN

    @property
    def is_over(self) -> bool:
        """Nothing more is expected of it."""
        return self in _OVER

    @property
    def is_unresolved(self) -> bool:
        """Its outcome has to be heard or read."""
        return self is OrderState.INTENDED or self is OrderState.UNKNOWN


_OPEN = frozenset({OrderState.PENDING, OrderState.NEW, OrderState.PARTIALLY_FILLED})
_OVER = frozenset(
    {OrderState.FILLED, OrderState.CANCELLED, OrderState.EXPIRED, OrderState.REJECTED, OrderState.ABANDONED}
)


class OrderEvent(Word):
    """What can be learned of an order."""

    ACCEPTED = "accepted"
    HELD = "held"
    """Accepted as an exit of a list whose entry has not filled."""
    REFUSED = "refused"
    UNANSWERED = "unanswered"
    PROVEN_ABSENT = "proven-absent"
    SAID_PENDING = "said-pending"
    SAID_NEW = "said-new"
    SAID_PARTIALLY_FILLED = "said-partially-filled"
    SAID_FILLED = "said-filled"
    SAID_CANCELLED = "said-cancelled"
    SAID_EXPIRED = "said-expired"
    SAID_REJECTED = "said-rejected"


SAID: dict[OrderStatus, OrderEvent] = {
    OrderStatus.PENDING: OrderEvent.SAID_PENDING,
    OrderStatus.NEW: OrderEvent.SAID_NEW,
    OrderStatus.PARTIALLY_FILLED: OrderEvent.SAID_PARTIALLY_FILLED,
    OrderStatus.FILLED: OrderEvent.SAID_FILLED,
    OrderStatus.CANCELLED: OrderEvent.SAID_CANCELLED,
    OrderStatus.EXPIRED: OrderEvent.SAID_EXPIRED,
    OrderStatus.REJECTED: OrderEvent.SAID_REJECTED,
}

_S = OrderState
_E = OrderEvent

_FROM_SILENCE = {
    _E.ACCEPTED: _S.NEW,
    _E.HELD: _S.PENDING,
    _E.SAID_PENDING: _S.PENDING,
    _E.SAID_NEW: _S.NEW,
    _E.SAID_PARTIALLY_FILLED: _S.PARTIALLY_FILLED,
    _E.SAID_FILLED: _S.FILLED,
    _E.SAID_CANCELLED: _S.CANCELLED,
    _E.SAID_EXPIRED: _S.EXPIRED,
    _E.SAID_REJECTED: _S.REJECTED,
}
_ENDINGS = {
    _E.SAID_FILLED: _S.FILLED,
    _E.SAID_CANCELLED: _S.CANCELLED,
    _E.SAID_EXPIRED: _S.EXPIRED,
    _E.SAID_REJECTED: _S.REJECTED,
}

TRANSITIONS: dict[tuple[OrderState, OrderEvent], OrderState] = {
    **{(_S.INTENDED, event): state for event, state in _FROM_SILENCE.items()},
    (_S.INTENDED, _E.REFUSED): _S.REJECTED,
    (_S.INTENDED, _E.UNANSWERED): _S.UNKNOWN,
    (_S.INTENDED, _E.PROVEN_ABSENT): _S.ABANDONED,
    **{(_S.UNKNOWN, event): state for event, state in _FROM_SILENCE.items()},
    (_S.UNKNOWN, _E.PROVEN_ABSENT): _S.ABANDONED,
    **{(_S.PENDING, event): state for event, state in _ENDINGS.items()},
    # Accepted once, and no read finds it any more: whatever became of it, it protects nothing.
    **{(state, _E.PROVEN_ABSENT): _S.ABANDONED for state in (_S.PENDING, _S.NEW, _S.PARTIALLY_FILLED)},
    (_S.PENDING, _E.SAID_NEW): _S.NEW,
    (_S.PENDING, _E.SAID_PARTIALLY_FILLED): _S.PARTIALLY_FILLED,
    **{(_S.NEW, event): state for event, state in _ENDINGS.items()},
    (_S.NEW, _E.SAID_PARTIALLY_FILLED): _S.PARTIALLY_FILLED,
    **{(_S.PARTIALLY_FILLED, event): state for event, state in _ENDINGS.items()},
    # The fill beat our cancel, or our patience, to the venue.
    (_S.CANCELLED, _E.SAID_FILLED): _S.FILLED,
    (_S.EXPIRED, _E.SAID_FILLED): _S.FILLED,
    (_S.REJECTED, _E.SAID_FILLED): _S.FILLED,
    # An order that appears after it was given up for absent is there all the same.
    **{(_S.ABANDONED, event): state for event, state in _FROM_SILENCE.items()},
}


def advance(state: OrderState, event: OrderEvent) -> OrderState:
    """The state after the event; what the table does not name changes nothing."""
    return TRANSITIONS.get((state, event), state)


def transitions_markdown() -> str:
    """The table as a Markdown document: a row for each state, a column for each event, empty where nothing changes."""
    events = list(OrderEvent)
    lines = [
        "# Order states",
        "",
        "What moves an order of ours from state to state. An empty field changes nothing: a late word never undoes a fill.",
        "",
        "| state | " + " | ".join(event.value for event in events) + " |",
        "|---" * (len(events) + 1) + "|",
    ]
    for state in OrderState:
        row = (TRANSITIONS.get((state, event)) for event in events)
        lines.append(f"| **{state.value}** | " + " | ".join(after.value if after else "" for after in row) + " |")
    return "\n".join(lines) + "\n"
