"""A pure exchange: books, filters, fees, algo orders. Only the paper venue and the Binance double import it."""

from petrosa_core.matching.exchange import BookState, Exchange, ExchangeState
from petrosa_core.matching.inputs import Answer, Cancel, Event, Input, Submit, Tick
from petrosa_core.matching.margin_account import MarginAccount, Position
from petrosa_core.matching.refusal import Ground, Refusal, refusal
from petrosa_core.matching.rules import Rules
from petrosa_core.matching.spot_account import Hold, SpotAccount
from petrosa_core.matching.working import WorkingList, WorkingOrder

__all__ = [
    "Answer",
    "BookState",
    "Cancel",
    "Event",
    "Exchange",
    "ExchangeState",
    "Ground",
    "Hold",
    "Input",
    "MarginAccount",
    "Position",
    "Refusal",
    "Rules",
    "SpotAccount",
    "Submit",
    "Tick",
    "WorkingList",
    "WorkingOrder",
    "refusal",
]
