"""What the bodies are wrapped in: requests, answers, and the problem that every refusal is told as."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Literal

import attrs

from petrosa_adapters.http.bodies import (
    AccountData,
    DecisionBody,
    LimitBody,
    Number,
    OrderBody,
    PositionBody,
    ResultBody,
    TradeBody,
)
from petrosa_core.decision import Outcome, Reason
from petrosa_core.values import Mode


@attrs.frozen(kw_only=True)
class SignalRequest:
    """One trading signal. Fields that are not named here are kept and recorded."""

    strategy_id: str
    symbol: str
    action: Annotated[str, "buy, sell, hold or close, in any case."]
    confidence: Annotated[Number, "From 0 to 1."]
    price: Annotated[Number | None, "Quote units per base unit; price and current_price default to each other."] = None
    current_price: Number | None = None
    quantity: Annotated[Number | None, "A ceiling in base units; absent or 0: we size it."] = None
    stop_loss: Annotated[Number | None, "An absolute price; wins over stop_loss_pct."] = None
    stop_loss_pct: Annotated[Number | None, "A fraction of one."] = None
    take_profit: Number | None = None
    take_profit_pct: Number | None = None
    order_type: Annotated[str | None, "market, limit, stop, stop_limit, take_profit or take_profit_limit."] = None
    time_in_force: str | None = None
    timeframe: str | None = None
    timestamp: Annotated[Number | None, "ISO 8601, or epoch seconds, milliseconds or microseconds."] = None
    source: str | None = None
    signal_id: str | None = None


@attrs.frozen(kw_only=True)
class ReasonRequest:
    """Why an operator does it; recorded with the operator's name."""

    reason: str = ""


@attrs.frozen(kw_only=True)
class CloseRequest:
    """How much of a trade to close: all of it unless ``quantity`` says less, in base units."""

    quantity: Number | None = None
    reason: str = ""


@attrs.frozen(kw_only=True)
class TradeAnswer:
    """What became of a signal. ``original`` is the verdict that stands when this one is ``duplicate``."""

    message: str
    signal_id: str | None
    outcome: Outcome
    reasons: tuple[Reason, ...]
    trade_id: str | None
    seq: Annotated[int, "The number of the journal entry that holds the verdict."]
    original: Outcome | None = None
    result: ResultBody | None = None


@attrs.frozen(kw_only=True)
class ControlAnswer:
    """A request of an operator, carried out and recorded."""

    message: str
    result: Mapping[str, object]
    order_id: str | None = None


@attrs.frozen(kw_only=True)
class Problem:
    """RFC 9457. ``code`` is stable; ``correlation_id`` finds the request in the log."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    correlation_id: str
    outcome: Annotated[Outcome | None, "The verdict; null when the request was not judged."] = None
    reasons: tuple[Reason, ...] = ()
    signal_id: str | None = None
    trade_id: str | None = None
    seq: int | None = None
    instance: str | None = None
    retry_after: Annotated[int | None, "Seconds."] = None


@attrs.frozen(kw_only=True)
class AccountAnswer:
    """The specification's account answer."""

    message: str
    data: AccountData


@attrs.frozen(kw_only=True)
class OrderAnswer:
    """One order."""

    message: str
    order_id: str
    result: OrderBody


@attrs.frozen(kw_only=True)
class Trades:
    """The newest first."""

    trades: tuple[TradeBody, ...]


@attrs.frozen(kw_only=True)
class Positions:
    """What is held."""

    positions: tuple[PositionBody, ...]


@attrs.frozen(kw_only=True)
class Orders:
    """The newest first."""

    orders: tuple[OrderBody, ...]


@attrs.frozen(kw_only=True)
class Decisions:
    """The newest first."""

    decisions: tuple[DecisionBody, ...]


@attrs.frozen(kw_only=True)
class Limits:
    """Each limit and how much of it is used."""

    limits: tuple[LimitBody, ...]


@attrs.frozen(kw_only=True)
class SeedMetrics:
    """The specification's metrics, for whoever asks with Accept: application/json."""

    trades_total: int
    trades_success: int
    trades_failed: int
    total_volume_usdt: Decimal


@attrs.frozen(kw_only=True)
class Health:
    """For people. ``status`` is ``ok`` when entries may be taken."""

    status: Literal["ok", "not-ready"]
    mode: Mode


@attrs.frozen(kw_only=True)
class Alive:
    """The process answers; nothing else was asked."""

    status: Literal["alive"]


@attrs.frozen(kw_only=True)
class Ready:
    """Whether entries may be taken, check by check; the words are told to those who may read, others hear ok or failing."""

    ready: bool
    checks: Mapping[str, str]
