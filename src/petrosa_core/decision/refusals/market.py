"""Refusals of what the market and the venue's rules do not allow: quotes, prices, levels and sizes."""

from decimal import Decimal
from typing import ClassVar

import attrs

from petrosa_core.decision.refusals.finding import Finding, Unit
from petrosa_core.values import Duration, Price, Ratio, Symbol


@attrs.frozen
class NoQuote(Finding):
    """There is no price of the symbol to judge the signal by."""

    code: ClassVar[str] = "NO_QUOTE"
    symbol: Symbol


@attrs.frozen
class StaleQuote(Finding):
    """The newest price of the symbol is too old to judge by."""

    code: ClassVar[str] = "STALE_QUOTE"
    unit: ClassVar[Unit] = Unit.SECONDS
    age: Duration
    maximum: Duration


@attrs.frozen
class PriceCollar(Finding):
    """The entry is priced too far from the market."""

    code: ClassVar[str] = "PRICE_COLLAR"
    unit: ClassVar[Unit] = Unit.FRACTION
    distance: Decimal
    maximum: Ratio
    price: Price
    reference: Price


@attrs.frozen
class SignalDrift(Finding):
    """The market has moved too far from the price that the signal saw."""

    code: ClassVar[str] = "SIGNAL_DRIFT"
    unit: ClassVar[Unit] = Unit.FRACTION
    distance: Decimal
    maximum: Ratio
    price: Price
    reference: Price


@attrs.frozen
class TriggerOnWrongSide(Finding):
    """The entry's trigger is already through: the order would not wait for it."""

    code: ClassVar[str] = "TRIGGER_ON_WRONG_SIDE"
    unit: ClassVar[Unit] = Unit.PRICE
    trigger: Price
    reference: Price


@attrs.frozen
class RatioOutOfRange(Finding):
    """A level was given as a fraction that is not above 0 and at most 1."""

    code: ClassVar[str] = "RATIO_OUT_OF_RANGE"
    unit: ClassVar[Unit] = Unit.FRACTION
    ratio: Decimal
    maximum: Ratio
    field: str


@attrs.frozen
class StopOnWrongSide(Finding):
    """The stop is not on the losing side of the entry and of the market."""

    code: ClassVar[str] = "STOP_ON_WRONG_SIDE"
    unit: ClassVar[Unit] = Unit.PRICE
    stop: Decimal
    entry: Price


@attrs.frozen
class TargetOnWrongSide(Finding):
    """The target is not on the winning side of the entry."""

    code: ClassVar[str] = "TARGET_ON_WRONG_SIDE"
    unit: ClassVar[Unit] = Unit.PRICE
    target: Decimal
    entry: Price


@attrs.frozen
class StopTooClose(Finding):
    """The stop, on the venue's tick, is so close that noise and fees would trigger it."""

    code: ClassVar[str] = "STOP_TOO_CLOSE"
    unit: ClassVar[Unit] = Unit.FRACTION
    distance: Decimal
    minimum: Ratio
    stop: Decimal
    entry: Price


@attrs.frozen
class StopTooFar(Finding):
    """The stop is so far away that it protects little."""

    code: ClassVar[str] = "STOP_TOO_FAR"
    unit: ClassVar[Unit] = Unit.FRACTION
    distance: Decimal
    maximum: Ratio
    stop: Decimal
    entry: Price


@attrs.frozen
class LevelOutOfBand(Finding):
    """A price of the bracket is outside the range in which the venue takes orders."""

    code: ClassVar[str] = "LEVEL_OUT_OF_BAND"
    unit: ClassVar[Unit] = Unit.PRICE
    level: Decimal
    limit: Decimal
    leg: str


@attrs.frozen
class QuantityMissing(Finding):
    """The signal's quantity is what sets the size here, and it has none."""

    code: ClassVar[str] = "QUANTITY_MISSING"
    mode: str


@attrs.frozen
class QuantityBelowMinimum(Finding):
    """The size comes to less than the venue's smallest quantity; it is never rounded up."""

    code: ClassVar[str] = "QUANTITY_BELOW_MINIMUM"
    unit: ClassVar[Unit] = Unit.BASE
    quantity: Decimal
    minimum: Decimal


@attrs.frozen
class NotionalBelowMinimum(Finding):
    """The order, or its exit, would be worth less than the venue accepts."""

    code: ClassVar[str] = "NOTIONAL_BELOW_MINIMUM"
    unit: ClassVar[Unit] = Unit.QUOTE
    notional: Decimal
    minimum: Decimal
    leg: str


@attrs.frozen
class NotionalAboveMaximum(Finding):
    """The order, or its exit, would be worth more than the venue accepts."""

    code: ClassVar[str] = "NOTIONAL_ABOVE_MAXIMUM"
    unit: ClassVar[Unit] = Unit.QUOTE
    notional: Decimal
    maximum: Decimal
    leg: str
