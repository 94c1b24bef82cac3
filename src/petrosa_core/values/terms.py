"""The words that an order is made of."""

from petrosa_core.values.word import Word


class Side(Word):
    """Which way an order trades; for a position, the way it was entered."""

    BUY = "buy"
    SELL = "sell"

    @property
    def opposite(self) -> "Side":
        """The side that undoes this one."""
        return Side.SELL if self is Side.BUY else Side.BUY

    @property
    def sign(self) -> int:
        """+1 for buy, -1 for sell."""
        return 1 if self is Side.BUY else -1


class OrderType(Word):
    """The six order types of the specification."""

    MARKET = "market"
    LIMIT = "limit"
    STOP = "stop"
    STOP_LIMIT = "stop_limit"
    TAKE_PROFIT = "take_profit"
    TAKE_PROFIT_LIMIT = "take_profit_limit"

    @property
    def has_price(self) -> bool:
        """Whether it rests, or may rest, at a limit price."""
        return self in _PRICED

    @property
    def has_trigger(self) -> bool:
        """Whether it sleeps until a trigger price is reached (an algo order at Binance USD-M)."""
        return self is not OrderType.MARKET and self is not OrderType.LIMIT

    @property
    def is_stop(self) -> bool:
        """Whether the trigger lies on the losing side of a position that it closes."""
        return self is OrderType.STOP or self is OrderType.STOP_LIMIT


_PRICED = frozenset({OrderType.LIMIT, OrderType.STOP_LIMIT, OrderType.TAKE_PROFIT_LIMIT})


class TimeInForce(Word):
    """How long an order works."""

    GTC = "GTC"
    IOC = "IOC"
    FOK = "FOK"
    GTX = "GTX"
