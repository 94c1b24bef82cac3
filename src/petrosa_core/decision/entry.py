"""How an entry is priced: what it is sent at, where it should fill, and the worst that it may fill at.

1. A limit never buys above, nor sells below, the signal's price: a buy is rounded down to the tick, a sell up.
2. A trigger never fires before the signal's: it is rounded away from the market.
3. A market-like entry has a worst price too, the quote (or the trigger) and the slippage cap: all is sized and judged at it.
"""

from decimal import Decimal

import attrs

from petrosa_core.decision.refusals import LevelOutOfBand
from petrosa_core.signal import Signal
from petrosa_core.values import EXACT, ZERO, Instrument, Market, Price, Quote, Ratio, Side

_ONE = Decimal(1)


@attrs.frozen(kw_only=True)
class Entry:
    """An entry's prices, in quote units per base unit.

    ``reference`` is the venue's price now. ``expected`` is the price nearest to the stop at which the entry could fill as
    things stand: the better one of its own price and the market's; for a sleeping order, of its trigger and price.
    ``worst`` is the worst admissible fill. A buy fills between ``expected`` and ``worst`` at or above it, a sell below.
    """

    side: Side
    price: Price | None
    trigger: Price | None
    reference: Price
    expected: Price
    worst: Price

    @property
    def costliest(self) -> Price:
        """The highest of the prices at which it may fill: what a base unit is sized and paid for at."""
        return max(self.worst, self.expected)

    @property
    def cheapest(self) -> Price:
        """The lowest of them: what its notional is compared with minima at."""
        return min(self.expected, self.worst)


def reference_price(quote: Quote, market: Market) -> Price:
    """The venue's price now: half way between bid and ask on spot, the mark price on USD-M futures."""
    return Price(quote.mid) if market is Market.SPOT else quote.mark


def price_entry(signal: Signal, instrument: Instrument, quote: Quote, slippage_max: Ratio) -> Entry | LevelOutOfBand:
    """The entry that the signal asks for, on the venue's ticks; refused where a price comes to nothing on them."""
    side, kind = signal.side, signal.order_type
    buys = side is Side.BUY
    reference = reference_price(quote, instrument.market)
    price = trigger = None
    fills: list[Decimal] = [reference, quote.ask if buys else quote.bid]
    if kind.has_price:
        price = instrument.floor_price(signal.price) if buys else instrument.ceil_price(signal.price)
    if kind.has_trigger:
        asked = signal.trigger_price or signal.price
        trigger = instrument.ceil_price(asked) if buys is kind.is_stop else instrument.floor_price(asked)
        fills = [trigger]  # it sleeps: what the market is now says nothing of where it fills
    worst = price if price is not None else _slipped(fills[-1], instrument, slippage_max, buys=buys)
    lowest = min(worst, *fills)
    if lowest <= ZERO:
        return LevelOutOfBand(lowest, instrument.tick, "entry")
    limit = None if price is None else Price(price)
    return Entry(
        side=side,
        price=limit,
        trigger=None if trigger is None else Price(trigger),
        reference=reference,
        expected=Price(lowest if buys else max(worst, *fills)),
        worst=limit or Price(worst),
    )


def _slipped(start: Decimal, instrument: Instrument, slippage_max: Ratio, *, buys: bool) -> Decimal:
    # Inside the cap where a tick lies there; else the next tick, which only a price that is no tick itself can need.
    if buys:
        cap = instrument.floor_price(EXACT.multiply(start, EXACT.add(_ONE, slippage_max)))
        return cap if cap >= start else instrument.ceil_price(start)
    cap = instrument.ceil_price(EXACT.multiply(start, EXACT.subtract(_ONE, slippage_max)))
    return cap if cap <= start else instrument.floor_price(start)
