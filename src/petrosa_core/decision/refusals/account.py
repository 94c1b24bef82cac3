"""Refusals of what the account, its limits and its state do not allow."""

from decimal import Decimal
from typing import ClassVar

import attrs

from petrosa_core.decision.refusals.finding import Finding, Unit
from petrosa_core.decision.view import TradingState
from petrosa_core.values import ClientOrderId, Duration, SignalId


@attrs.frozen
class NoBalance(Finding):
    """The account's balance in the symbol's quote asset is not known."""

    code: ClassVar[str] = "NO_BALANCE"
    asset: str


@attrs.frozen
class BalanceInsufficient(Finding):
    """The free balance, less what entries on their way will take, does not cover the order and its buffer."""

    code: ClassVar[str] = "BALANCE_INSUFFICIENT"
    unit: ClassVar[Unit] = Unit.QUOTE
    available: Decimal
    needed: Decimal


@attrs.frozen
class TradeOpenOnSymbol(Finding):
    """One trade per symbol: another one is open or on its way."""

    code: ClassVar[str] = "TRADE_OPEN_ON_SYMBOL"
    trade: SignalId


@attrs.frozen
class TooManyOpenTrades(Finding):
    """There would be more open trades than allowed, entries on their way included."""

    code: ClassVar[str] = "TOO_MANY_OPEN_TRADES"
    unit: ClassVar[Unit] = Unit.COUNT
    trades: int
    maximum: int


@attrs.frozen
class ExposureLimit(Finding):
    """All open trades and this one would be worth more than allowed."""

    code: ClassVar[str] = "EXPOSURE_LIMIT"
    unit: ClassVar[Unit] = Unit.QUOTE
    exposure: Decimal
    maximum: Decimal


@attrs.frozen
class SymbolExposureLimit(Finding):
    """The symbol's open trades and this one would be worth more than allowed."""

    code: ClassVar[str] = "SYMBOL_EXPOSURE_LIMIT"
    unit: ClassVar[Unit] = Unit.QUOTE
    exposure: Decimal
    maximum: Decimal


@attrs.frozen
class DailyLoss(Finding):
    """The account has lost more since midnight UTC than a day may cost."""

    code: ClassVar[str] = "DAILY_LOSS"
    unit: ClassVar[Unit] = Unit.QUOTE
    loss: Decimal
    maximum: Decimal


@attrs.frozen
class Drawdown(Finding):
    """The account is too far below its highest equity."""

    code: ClassVar[str] = "DRAWDOWN"
    unit: ClassVar[Unit] = Unit.QUOTE
    drawdown: Decimal
    maximum: Decimal


@attrs.frozen
class OrderRate(Finding):
    """More entries than allowed in the window: a strategy may be running away."""

    code: ClassVar[str] = "ORDER_RATE"
    unit: ClassVar[Unit] = Unit.COUNT
    entries: int
    maximum: int
    window: str


@attrs.frozen
class RepeatedEntry(Finding):
    """The same strategy has just entered the same symbol on the same side."""

    code: ClassVar[str] = "REPEATED_ENTRY"
    unit: ClassVar[Unit] = Unit.SECONDS
    ago: Duration
    minimum: Duration


@attrs.frozen
class OrderUnknownPending(Finding):
    """An order on the symbol was never answered and may be live; nothing is added until that is settled."""

    code: ClassVar[str] = "ORDER_UNKNOWN_PENDING"
    order: ClientOrderId


@attrs.frozen
class ForeignPosition(Finding):
    """The symbol has an order or a position that is not ours."""

    code: ClassVar[str] = "FOREIGN_POSITION"
    found: str


@attrs.frozen
class TradingHalted(Finding):
    """Trading is reduced or halted: nothing may increase the exposure."""

    code: ClassVar[str] = "TRADING_HALTED"
    state: TradingState
    needed: TradingState
    why: str


@attrs.frozen
class EngineNotReady(Finding):
    """The engine cannot enter safely at the moment."""

    code: ClassVar[str] = "ENGINE_NOT_READY"
    why: str
