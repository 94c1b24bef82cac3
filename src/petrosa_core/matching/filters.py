"""The filters that an order has to pass, as Binance applies them. Nothing is ever rounded into fitting.

Source: spot ``filters.md``, USD-M ``exchangeInfo``. The reference price is the mark on USD-M; on spot the middle of bid and
ask stands for the average price that Binance takes.
"""

from decimal import Decimal

from petrosa_core.matching.refusal import Ground
from petrosa_core.order import OrderType, TradeOrder
from petrosa_core.values import ZERO, Instrument, Market, Quote, is_multiple

_SPOT_DECIMALS = 8


def broken_filter(order: TradeOrder, quantity: Decimal | None, instrument: Instrument, quote: Quote) -> Ground | None:
    """The first filter that the order breaks; ``quantity`` is None for closePosition, which is sized when it triggers."""
    for price in (order.price, order.trigger_price):
        if price is not None and (ground := _broken_price(price, instrument)):
            return ground
    if order.price is not None and (ground := _outside_band(order, order.price, instrument, quote)):
        return ground
    if order.type is OrderType.MARKET and (ground := _counterparty_outside_band(order, instrument, quote)):
        return ground
    if quantity is None:
        return None
    return _broken_lot(order, quantity, instrument) or _broken_notional(order, quantity, instrument, quote)


def broken_shape(order: TradeOrder, quantity: Decimal | None, instrument: Instrument) -> Ground | None:
    """The price and lot filters alone: what can be said of an exit before its entry has filled."""
    for price in (order.price, order.trigger_price):
        if price is not None and (ground := _broken_price(price, instrument)):
            return ground
    return None if quantity is None else _broken_lot(order, quantity, instrument)


def _decimals(value: Decimal) -> int:
    exponent = value.normalize().as_tuple().exponent
    assert isinstance(exponent, int), "finite numbers only"
    return max(0, -exponent)


def _too_precise(value: Decimal, unit: Decimal, instrument: Instrument) -> bool:
    allowed = _SPOT_DECIMALS if instrument.market is Market.SPOT else _decimals(unit)
    return _decimals(value) > allowed


def _broken_price(price: Decimal, instrument: Instrument) -> Ground | None:
    if instrument.price_min is not None and price < instrument.price_min:
        return Ground.PRICE_BELOW_MINIMUM
    if instrument.price_max is not None and price > instrument.price_max:
        return Ground.PRICE_ABOVE_MAXIMUM
    if is_multiple(price, instrument.tick, instrument.price_origin):
        return None
    return Ground.PRECISION if _too_precise(price, instrument.tick, instrument) else Ground.PRICE_OFF_TICK


def _broken_lot(order: TradeOrder, quantity: Decimal, instrument: Instrument) -> Ground | None:
    if quantity < instrument.quantity_min:
        return Ground.QUANTITY_BELOW_MINIMUM
    if quantity > instrument.quantity_max:
        return Ground.QUANTITY_ABOVE_MAXIMUM
    if not is_multiple(quantity, instrument.step, instrument.quantity_origin):
        return Ground.PRECISION if _too_precise(quantity, instrument.step, instrument) else Ground.QUANTITY_OFF_STEP
    if order.type is OrderType.MARKET and not _fits_the_market_lot(quantity, instrument):
        return Ground.MARKET_QUANTITY
    return None


def _fits_the_market_lot(quantity: Decimal, instrument: Instrument) -> bool:
    if not instrument.smallest_quantity(market=True) <= quantity <= instrument.largest_quantity(market=True):
        return False
    return not instrument.market_step or is_multiple(quantity, instrument.market_step, instrument.quantity_origin)


def _outside_band(order: TradeOrder, price: Decimal, instrument: Instrument, quote: Quote) -> Ground | None:
    band = instrument.band(order.side)
    if band is None:
        return None
    reference = _reference(instrument, quote)
    if price < reference * band[0]:
        return Ground.PRICE_BELOW_BAND
    return Ground.PRICE_ABOVE_BAND if price > reference * band[1] else None


def _counterparty_outside_band(order: TradeOrder, instrument: Instrument, quote: Quote) -> Ground | None:
    # On spot a market order has no price to compare; USD-M looks at whom it would trade with.
    best = quote.ask if order.side.sign > 0 else quote.bid
    if instrument.market is Market.USDM and _outside_band(order, best, instrument, quote):
        return Ground.COUNTERPARTY_OUTSIDE_BAND
    return None


def _broken_notional(order: TradeOrder, quantity: Decimal, instrument: Instrument, quote: Quote) -> Ground | None:
    if order.reduces:
        return None
    if order.price is not None:
        notional = order.price * quantity
    elif order.trigger_price is not None:
        notional = order.trigger_price * quantity
    else:
        notional = _reference(instrument, quote) * quantity
    has_price = order.type.has_price
    if notional < instrument.notional_min and (has_price or instrument.notional_min_for_market):
        return Ground.NOTIONAL_BELOW_MINIMUM
    highest = instrument.notional_max
    if highest is not None and notional > highest > ZERO and (has_price or instrument.notional_max_for_market):
        return Ground.NOTIONAL_ABOVE_MAXIMUM
    return None


def _reference(instrument: Instrument, quote: Quote) -> Decimal:
    return quote.mark if instrument.market is Market.USDM else quote.mid
