"""What the engine needs of the world, as numbered promises; every adapter is held to them by tests/contract."""

from petrosa_core.ports.audit_log import AuditLog, Document, Logged
from petrosa_core.ports.clock import Clock, Runtime, Signalled
from petrosa_core.ports.journal import (
    Appended,
    AppendOutcome,
    Conflict,
    Journal,
    JournalBroken,
    JournalMismatch,
    SnapshotRecord,
    Unavailable,
)
from petrosa_core.ports.leadership import Leadership
from petrosa_core.ports.market_data import MarketData
from petrosa_core.ports.notifier import Notifier
from petrosa_core.ports.venue import StreamGap, Venue, VenueEvent

__all__ = [
    "AppendOutcome",
    "Appended",
    "AuditLog",
    "Clock",
    "Conflict",
    "Document",
    "Journal",
    "JournalBroken",
    "JournalMismatch",
    "Leadership",
    "Logged",
    "MarketData",
    "Notifier",
    "Runtime",
    "Signalled",
    "SnapshotRecord",
    "StreamGap",
    "Unavailable",
    "Venue",
    "VenueEvent",
]
