"""What an approval says to do: the whole bracket, sized, priced and explained, before anything is sent."""

from decimal import Decimal
from functools import cached_property
from typing import Final

import attrs

from petrosa_core.values import (
    EXACT,
    Instrument,
    Moment,
    OrderType,
    Price,
    Quantity,
    Ratio,
    Side,
    Symbol,
    TimeInForce,
    Word,
)

STOP_LIMIT_ROOM: Final = Ratio("0.01")
"""How far beyond its trigger a spot stop may still sell, where the symbol has stop-limit orders only: a fraction of it."""


class LevelSource(Word):
    """Where an exit's level came from, in order of precedence."""

    PRICE = "price"
    RATIO = "ratio"
    ATR = "atr"
    DEFAULT = "default"


@attrs.frozen(kw_only=True)
class ExitRule:
    """Where an exit goes: a price, or a distance from the entry that becomes a price when the entry fills.

    Exactly one of ``price`` and ``distance`` is set; a distance is in quote units per base unit when ``absolute``
    (ATR), else a fraction of the entry price. ``overridden`` names the fields of the signal that lost to this one.
    """

    source: LevelSource
    price: Price | None = None
    distance: Ratio | None = None
    absolute: bool = False
    overridden: tuple[str, ...] = ()

    def __attrs_post_init__(self) -> None:
        """Hold the rule to exactly one way of saying where."""
        if (self.price is None) == (self.distance is None):
            raise ValueError("ExitRule: exactly one of price and distance")

    def level(self, entry: Decimal, side: Side, *, losing: bool) -> Decimal:
        """The unrounded level for a position entered on ``side`` at ``entry``; it may be out of the market's range."""
        if self.price is not None:
            return self.price
        assert self.distance is not None, "one of the two is set"
        away = self.distance if self.absolute else EXACT.multiply(self.distance, entry)
        sign = -side.sign if losing else side.sign
        return EXACT.add(entry, EXACT.multiply(Decimal(sign), away))

    def legal_level(self, entry: Decimal, side: Side, instrument: Instrument, *, losing: bool) -> Price:
        """The level on the tick, rounded towards the market so that it fires earlier: a long's exits round as its stop does.

        Raises ValueError when the level is not above zero.
        """
        level = self.level(entry, side, losing=losing)
        towards_up = (side is Side.BUY) == losing
        return Price(instrument.ceil_price(level) if towards_up else instrument.floor_price(level))


@attrs.frozen(kw_only=True)
class Sizing:
    """How the quantity came about: the mode, its budget in quote units, and what cut it down, in words."""

    mode: str
    budget: Decimal
    wanted: Decimal
    """Base units before ceilings and rounding."""
    ceilings: tuple[str, ...] = ()
    """Each ceiling that bound, as ``name:limit``."""


@attrs.frozen(kw_only=True)
class Plan:
    """One bracket: entry, stop and target.

    ``price`` is the entry's limit (None for market types), ``trigger_price`` its trigger (None unless the type has one).
    ``worst_price`` is the worst price at which the entry may fill: limit, or quote and slippage cap. ``expires_at`` is when
    a resting entry is cancelled. ``stop`` and ``target`` are rules until the fill; ``stop_price`` and ``target_price`` are
    what they come to at ``worst_price``, solved against the venue's filters before anything is sent.
    """

    symbol: Symbol
    side: Side
    quantity: Quantity
    order_type: OrderType
    price: Price | None = None
    trigger_price: Price | None = None
    time_in_force: TimeInForce | None = None
    worst_price: Price
    stop: ExitRule
    stop_price: Price
    target: ExitRule
    target_price: Price
    sizing: Sizing
    expires_at: Moment

    @cached_property
    def notional(self) -> Decimal:
        """Quote units at the worst admissible price: what the entry counts for in every limit."""
        return EXACT.multiply(self.worst_price, self.quantity)
