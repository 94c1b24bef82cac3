"""Refusals of what the signal asks for, and when it asks."""

from decimal import Decimal
from typing import ClassVar

import attrs

from petrosa_core.decision.refusals.finding import Finding, Unit
from petrosa_core.values import Duration, Market, OrderType, Ratio, StrategyId, Symbol


@attrs.frozen
class IdentityReused(Finding):
    """The signal carries the id of an earlier one, but asks for another trade."""

    code: ClassVar[str] = "IDENTITY_REUSED"
    identity: str


@attrs.frozen
class ZeroQuantity(Finding):
    """The quantity is 0, which from this source means: do not trade."""

    code: ClassVar[str] = "ZERO_QUANTITY"
    source: str


@attrs.frozen
class ConfidenceOutOfRange(Finding):
    """The confidence is not between 0 and 1."""

    code: ClassVar[str] = "CONFIDENCE_OUT_OF_RANGE"
    unit: ClassVar[Unit] = Unit.FRACTION
    confidence: Decimal
    nearest: Decimal


@attrs.frozen
class ConfidenceTooLow(Finding):
    """The strategy is less confident than we ask for."""

    code: ClassVar[str] = "CONFIDENCE_TOO_LOW"
    unit: ClassVar[Unit] = Unit.FRACTION
    confidence: Decimal
    minimum: Ratio


@attrs.frozen
class UnknownSymbol(Finding):
    """The venue does not know the symbol."""

    code: ClassVar[str] = "UNKNOWN_SYMBOL"
    symbol: Symbol


@attrs.frozen
class SymbolNotTrading(Finding):
    """The venue does not trade the symbol at the moment."""

    code: ClassVar[str] = "SYMBOL_NOT_TRADING"
    symbol: Symbol


@attrs.frozen
class SymbolNotAllowed(Finding):
    """The symbol is not on the list of those that may be traded."""

    code: ClassVar[str] = "SYMBOL_NOT_ALLOWED"
    symbol: Symbol


@attrs.frozen
class StrategyNotAllowed(Finding):
    """The strategy may alert, not trade."""

    code: ClassVar[str] = "STRATEGY_NOT_ALLOWED"
    strategy: StrategyId


@attrs.frozen
class OrderTypeNotSupported(Finding):
    """The venue does not take orders of this type on the symbol."""

    code: ClassVar[str] = "ORDER_TYPE_NOT_SUPPORTED"
    order_type: OrderType


@attrs.frozen
class ShortOnSpot(Finding):
    """Spot can only sell what it holds, and no trade of ours holds the symbol."""

    code: ClassVar[str] = "SHORT_ON_SPOT"
    market: Market


@attrs.frozen
class TimestampRequired(Finding):
    """Where money is at stake, a signal has to say when it was made."""

    code: ClassVar[str] = "TIMESTAMP_REQUIRED"


@attrs.frozen
class SignalFromFuture(Finding):
    """The signal's timestamp is ahead of the clock by more than clocks differ."""

    code: ClassVar[str] = "SIGNAL_FROM_FUTURE"
    unit: ClassVar[Unit] = Unit.SECONDS
    ahead: Duration
    maximum: Duration


@attrs.frozen
class StaleSignal(Finding):
    """The signal is too old to act on."""

    code: ClassVar[str] = "STALE_SIGNAL"
    unit: ClassVar[Unit] = Unit.SECONDS
    age: Duration
    maximum: Duration


@attrs.frozen
class EntryExpired(Finding):
    """The signal's own expiry has passed."""

    code: ClassVar[str] = "ENTRY_EXPIRED"
    unit: ClassVar[Unit] = Unit.SECONDS
    late: Duration
