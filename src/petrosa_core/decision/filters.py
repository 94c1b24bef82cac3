"""Whether the venue would take an order: its filters, each as a yes or no with the numbers.

Source: Binance spot ``filters.md`` and USD-M ``exchangeInfo``. Written apart from the rounding in ``Instrument``, so that
one can prove the other. The percent-price band is documented for prices; production refuses triggers by it as well.
"""

from collections.abc import Iterator
from decimal import Decimal
from enum import StrEnum

import attrs

from petrosa_core.values import EXACT, Instrument, OrderType, Price, Quantity, Side, is_multiple


class Filter(StrEnum):
    """The exchange's filters that a single order can break."""

    PRICE_MIN = "PRICE_FILTER.minPrice"
    PRICE_MAX = "PRICE_FILTER.maxPrice"
    TICK = "PRICE_FILTER.tickSize"
    BAND_LOW = "PERCENT_PRICE.multiplierDown"
    BAND_HIGH = "PERCENT_PRICE.multiplierUp"
    LOT_MIN = "LOT_SIZE.minQty"
    LOT_MAX = "LOT_SIZE.maxQty"
    STEP = "LOT_SIZE.stepSize"
    NOTIONAL_MIN = "NOTIONAL.minNotional"
    NOTIONAL_MAX = "NOTIONAL.maxNotional"


@attrs.frozen
class BrokenFilter:
    """One filter that the order breaks: what it says, what the order has, and the limit (for steps, the step)."""

    filter: Filter
    value: Decimal
    limit: Decimal


def broken_filters(
    instrument: Instrument,
    side: Side,
    order_type: OrderType,
    *,
    price: Price | None,
    trigger: Price | None,
    quantity: Quantity,
    reference: Price,
) -> tuple[BrokenFilter, ...]:
    """Every filter that the order breaks; none when the venue would take it. ``reference`` is the venue's price then."""
    return (
        *(
            broken
            for level in (price, trigger)
            if level is not None
            for broken in _price(instrument, side, level, reference)
        ),
        *_lot(instrument, quantity, market=not order_type.has_price),
        *_notional(instrument, price or trigger or reference, quantity, market=order_type is OrderType.MARKET),
    )


def range_broken(instrument: Instrument, side: Side, price: Decimal, reference: Decimal) -> BrokenFilter | None:
    """The absolute or percent-price bound that a price or trigger of this side is beyond, the first one."""
    if instrument.price_min is not None and price < instrument.price_min:
        return BrokenFilter(Filter.PRICE_MIN, price, instrument.price_min)
    if instrument.price_max is not None and price > instrument.price_max:
        return BrokenFilter(Filter.PRICE_MAX, price, instrument.price_max)
    band = instrument.band(side)
    if band is not None:
        lowest, highest = EXACT.multiply(reference, band[0]), EXACT.multiply(reference, band[1])
        if price < lowest:
            return BrokenFilter(Filter.BAND_LOW, price, lowest)
        if price > highest:
            return BrokenFilter(Filter.BAND_HIGH, price, highest)
    return None


def _price(instrument: Instrument, side: Side, price: Price, reference: Price) -> Iterator[BrokenFilter]:
    beyond = range_broken(instrument, side, price, reference)
    if beyond is not None:
        yield beyond
    if not is_multiple(price, instrument.tick, instrument.price_origin):
        yield BrokenFilter(Filter.TICK, price, instrument.tick)


def _lot(instrument: Instrument, quantity: Quantity, *, market: bool) -> Iterator[BrokenFilter]:
    smallest, largest = instrument.smallest_quantity(market=market), instrument.largest_quantity(market=market)
    if quantity < smallest:
        yield BrokenFilter(Filter.LOT_MIN, quantity, smallest)
    if quantity > largest:
        yield BrokenFilter(Filter.LOT_MAX, quantity, largest)
    for step in (instrument.step, instrument.market_step if market else None):
        if step and not is_multiple(quantity, step, instrument.quantity_origin):
            yield BrokenFilter(Filter.STEP, quantity, step)


def _notional(instrument: Instrument, price: Price, quantity: Quantity, *, market: bool) -> Iterator[BrokenFilter]:
    notional = EXACT.multiply(price, quantity)
    if notional < instrument.notional_min and (instrument.notional_min_for_market or not market):
        yield BrokenFilter(Filter.NOTIONAL_MIN, notional, instrument.notional_min)
    largest = instrument.notional_max
    if largest is not None and notional > largest and (instrument.notional_max_for_market or not market):
        yield BrokenFilter(Filter.NOTIONAL_MAX, notional, largest)
