"""What came back: outcomes, reports, fills, and what they make of a trade."""

from petrosa_core.execution.outcome import Accepted, Cancellation, Rejected, SubmitOutcome, Unanswered
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

__all__ = [
    "Accepted",
    "AccountSnapshot",
    "Cancellation",
    "Fill",
    "Found",
    "NotFound",
    "OrderHistory",
    "OrderReport",
    "OrderStatus",
    "Rejected",
    "SubmitOutcome",
    "Unanswered",
    "Unreadable",
    "VenuePosition",
]
