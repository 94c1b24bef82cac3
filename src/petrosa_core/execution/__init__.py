"""What came back: outcomes, reports, fills, and what they make of a trade."""

from petrosa_core.execution.bracket import (
    AwaitingEntry,
    Bracket,
    Closed,
    Closing,
    Exposed,
    Protected,
    bracket_of,
)
from petrosa_core.execution.leg_order import LegOrder
from petrosa_core.execution.needs import (
    BeginClosing,
    CancelOrder,
    EndTrade,
    Need,
    Patience,
    PlaceExit,
    Resend,
    Situation,
    due,
)
from petrosa_core.execution.order_state import TRANSITIONS, OrderEvent, OrderState
from petrosa_core.execution.outcome import Accepted, Cancellation, Rejected, SubmitOutcome, Unanswered
from petrosa_core.execution.protection import needs_of
from petrosa_core.execution.report import (
    AccountSnapshot,
    Fill,
    Found,
    NotFound,
    OrderHistory,
    OrderReport,
    OrderStatus,
    Unreadable,
    VenuePosition,
)
from petrosa_core.execution.trade import Ended, Trade

__all__ = [
    "TRANSITIONS",
    "Accepted",
    "AccountSnapshot",
    "AwaitingEntry",
    "BeginClosing",
    "Bracket",
    "CancelOrder",
    "Cancellation",
    "Closed",
    "Closing",
    "EndTrade",
    "Ended",
    "Exposed",
    "Fill",
    "Found",
    "LegOrder",
    "Need",
    "NotFound",
    "OrderEvent",
    "OrderHistory",
    "OrderReport",
    "OrderState",
    "OrderStatus",
    "Patience",
    "PlaceExit",
    "Protected",
    "Rejected",
    "Resend",
    "Situation",
    "SubmitOutcome",
    "Trade",
    "Unanswered",
    "Unreadable",
    "VenuePosition",
    "bracket_of",
    "due",
    "needs_of",
]
