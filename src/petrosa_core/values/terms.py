"""The words that an order is made of."""

from enum import StrEnum


class Side(StrEnum):
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


class OrderType(StrEnum):
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
        return self in {OrderType.LIMIT, OrderType.STOP_LIMIT, OrderType.TAKE_PROFIT_LIMIT}

    @property
    def has_trigger(self) -> bool:
        """Whether it sleeps until a trigger price is reached (an algo order at Binance USD-M)."""
        return self not in {OrderType.MARKET, OrderType.LIMIT}

    @property
    def is_stop(self) -> bool:
        """Whether the trigger lies on the losing side of a position that it closes."""
        return self in {OrderType.STOP, OrderType.STOP_LIMIT}


class TimeInForce(StrEnum):
    """How long an order works."""

    GTC = "GTC"
    IOC = "IOC"
    FOK = "FOK"
    GTX = "GTX"
