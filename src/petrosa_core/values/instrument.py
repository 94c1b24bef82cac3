"""A symbol's rules at one venue: the filters that an order must pass.

Source: Binance spot ``filters.md`` and USD-M ``exchangeInfo``; a rule that the venue does not set is None.
"""

from decimal import Decimal

import attrs

from petrosa_core.values.decimals import EXACT, ZERO, Price, Quantity, Ratio, ceil_to, floor_to
from petrosa_core.values.identifiers import Symbol
from petrosa_core.values.terms import OrderType, Side
from petrosa_core.values.word import Word


class Market(Word):
    """Which of Binance's two markets an account trades."""

    SPOT = "spot"
    USDM = "usdm"


@attrs.frozen(kw_only=True)
class Instrument:
    """The trading rules of one symbol.

    ``price_origin`` is subtracted before a price is compared with the tick (USD-M counts ticks from minPrice, spot from 0);
    the same for ``quantity_origin``. ``notional_min`` is in quote units. Percent bands are multiples of the reference price.
    """

    symbol: Symbol
    base: str
    quote: str
    market: Market
    trading: bool = True
    tick: Decimal
    price_origin: Decimal = ZERO
    price_min: Decimal | None = None
    price_max: Decimal | None = None
    step: Decimal
    quantity_origin: Decimal = ZERO
    quantity_min: Decimal
    quantity_max: Decimal
    market_step: Decimal | None = None
    market_quantity_min: Decimal | None = None
    market_quantity_max: Decimal | None = None
    notional_min: Decimal = ZERO
    notional_max: Decimal | None = None
    notional_min_for_market: bool = True
    notional_max_for_market: bool = False
    buy_band: tuple[Ratio, Ratio] | None = None
    """(lowest, highest) multiple of the reference price that a buy may be priced at; None when unbounded."""
    sell_band: tuple[Ratio, Ratio] | None = None
    orders_max: int = 200
    algo_orders_max: int = 5
    order_types: frozenset[OrderType] = frozenset(OrderType)
    oco_allowed: bool = True
    otoco_allowed: bool = True
    opoco_allowed: bool = True
    maker_fee: Ratio = Ratio("0.0002")
    taker_fee: Ratio = Ratio("0.0005")

    def floor_quantity(self, quantity: Decimal, *, market: bool = False) -> Decimal:
        """The largest quantity not above this one that the lot filters allow; 0 or less when none is."""
        floored = floor_to(quantity, self.step, self.quantity_origin)
        if market and self.market_step is not None and self.market_step > self.step:
            floored = floor_to(floored, self.market_step, self.quantity_origin)
        return floored

    def floor_price(self, price: Decimal) -> Decimal:
        """The highest legal price not above this one."""
        return floor_to(price, self.tick, self.price_origin)

    def ceil_price(self, price: Decimal) -> Decimal:
        """The lowest legal price not below this one."""
        return ceil_to(price, self.tick, self.price_origin)

    def largest_quantity(self, *, market: bool) -> Decimal:
        """The lot filters' ceiling."""
        if market and self.market_quantity_max:
            return min(self.quantity_max, self.market_quantity_max)
        return self.quantity_max

    def smallest_quantity(self, *, market: bool) -> Decimal:
        """The lot filters' floor."""
        if market and self.market_quantity_min:
            return max(self.quantity_min, self.market_quantity_min)
        return self.quantity_min

    def band(self, side: Side) -> tuple[Ratio, Ratio] | None:
        """The percent-price band of one side."""
        return self.buy_band if side is Side.BUY else self.sell_band

    def notional(self, price: Price, quantity: Quantity) -> Decimal:
        """Quote units that the quantity is worth at the price."""
        return EXACT.multiply(price, quantity)
