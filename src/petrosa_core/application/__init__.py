"""The flow, awaited: the engine, recovery, control and queries."""

from petrosa_core.application.api import (
    Answer,
    Arrival,
    Done,
    EngineApi,
    Event,
    NotReady,
    Plain,
    Readiness,
    Refused,
    Verdict,
)
from petrosa_core.application.engine import Identity, TradeEngine
from petrosa_core.application.follower import Follower
from petrosa_core.application.local import LocalEngine
from petrosa_core.application.offline import OfflineDesk, StoreUnavailable, open_desk
from petrosa_core.application.pace import Pace

__all__ = [
    "Answer",
    "Arrival",
    "Done",
    "EngineApi",
    "Event",
    "Follower",
    "Identity",
    "LocalEngine",
    "NotReady",
    "OfflineDesk",
    "Pace",
    "Plain",
    "Readiness",
    "Refused",
    "StoreUnavailable",
    "TradeEngine",
    "Verdict",
    "open_desk",
]
