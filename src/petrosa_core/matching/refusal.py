"""Why an order is refused, and how Binance says so on each of its two markets: one table, one row per ground.

Sources: Binance spot ``errors.md`` and the USD-M error codes. Codes are the same everywhere, texts drift: branch on the code.
"""

from enum import Enum, auto

import attrs

from petrosa_core.values import Market


class Ground(Enum):
    """What is wrong with a request."""

    AHEAD_OF_TIME = auto()
    OUTSIDE_WINDOW = auto()
    WINDOW_TOO_LARGE = auto()
    UNKNOWN_SYMBOL = auto()
    NOT_TRADING = auto()
    BAD_CLIENT_ID = auto()
    DUPLICATE = auto()
    UNSUPPORTED_TYPE = auto()
    UNSUPPORTED_PARAMETER = auto()
    NO_QUANTITY = auto()
    NO_PRICES = auto()
    PRECISION = auto()
    PRICE_BELOW_MINIMUM = auto()
    PRICE_ABOVE_MAXIMUM = auto()
    PRICE_OFF_TICK = auto()
    QUANTITY_BELOW_MINIMUM = auto()
    QUANTITY_ABOVE_MAXIMUM = auto()
    QUANTITY_OFF_STEP = auto()
    MARKET_QUANTITY = auto()
    PRICE_ABOVE_BAND = auto()
    PRICE_BELOW_BAND = auto()
    COUNTERPARTY_OUTSIDE_BAND = auto()
    NOTIONAL_BELOW_MINIMUM = auto()
    NOTIONAL_ABOVE_MAXIMUM = auto()
    TOO_MANY_ORDERS = auto()
    TOO_MANY_ALGO_ORDERS = auto()
    NOTHING_TO_REDUCE = auto()
    NO_POSITION_TO_CLOSE = auto()
    ALREADY_CLOSING = auto()
    CLOSE_NEEDS_TRIGGER = auto()
    WOULD_TRIGGER = auto()
    WOULD_TAKE = auto()
    CANNOT_FILL_WHOLE = auto()
    INSUFFICIENT_FUNDS = auto()
    LISTS_UNKNOWN = auto()
    LIST_UNSUPPORTED = auto()
    LIST_LEG_TYPE = auto()
    LIST_SHAPE = auto()
    LIST_PRICES = auto()
    NOTHING_TO_CANCEL = auto()


@attrs.frozen
class Refusal:
    """A refusal in the exchange's words. ``ground`` is ours, for those who translate it further."""

    ground: Ground
    code: int
    message: str

    @property
    def duplicate(self) -> bool:
        """Whether an open order already carries the client id."""
        return self.ground is Ground.DUPLICATE

    @property
    def would_trigger(self) -> bool:
        """Whether the trigger price is already through."""
        return self.ground is Ground.WOULD_TRIGGER

    @property
    def retryable(self) -> bool:
        """Whether the same request may be sent again, signed anew: only the clock was wrong."""
        return self.ground in {Ground.AHEAD_OF_TIME, Ground.OUTSIDE_WINDOW}


_COMMON: dict[Ground, tuple[int, str]] = {
    Ground.AHEAD_OF_TIME: (-1021, "Timestamp for this request was 1000ms ahead of the server's time."),
    Ground.OUTSIDE_WINDOW: (-1021, "Timestamp for this request is outside of the recvWindow."),
    Ground.WINDOW_TOO_LARGE: (-1131, "recvWindow must be less than 60000."),
    Ground.UNKNOWN_SYMBOL: (-1121, "Invalid symbol."),
    Ground.NO_QUANTITY: (-1102, "Mandatory parameter 'quantity' was not sent, was empty/null, or malformed."),
    Ground.NO_PRICES: (-1112, "No orders on book for symbol."),
    Ground.UNSUPPORTED_TYPE: (-1116, "Invalid orderType."),
    Ground.NOTHING_TO_CANCEL: (-2011, "Unknown order sent."),
}

_SPOT: dict[Ground, tuple[int, str]] = {
    Ground.NOT_TRADING: (-2010, "Market is closed."),
    Ground.BAD_CLIENT_ID: (
        -1100,
        "Illegal characters found in parameter 'newClientOrderId'; legal range is '^[a-zA-Z0-9-_]{1,36}$'.",
    ),
    Ground.DUPLICATE: (-2010, "Duplicate order sent."),
    Ground.UNSUPPORTED_PARAMETER: (-1104, "Not all sent parameters were read."),
    Ground.PRECISION: (-1111, "Parameter has too much precision."),
    Ground.PRICE_BELOW_MINIMUM: (-1013, "Filter failure: PRICE_FILTER"),
    Ground.PRICE_ABOVE_MAXIMUM: (-1013, "Filter failure: PRICE_FILTER"),
    Ground.PRICE_OFF_TICK: (-1013, "Filter failure: PRICE_FILTER"),
    Ground.QUANTITY_BELOW_MINIMUM: (-1013, "Filter failure: LOT_SIZE"),
    Ground.QUANTITY_ABOVE_MAXIMUM: (-1013, "Filter failure: LOT_SIZE"),
    Ground.QUANTITY_OFF_STEP: (-1013, "Filter failure: LOT_SIZE"),
    Ground.MARKET_QUANTITY: (-1013, "Filter failure: MARKET_LOT_SIZE"),
    Ground.PRICE_ABOVE_BAND: (-1013, "Filter failure: PERCENT_PRICE_BY_SIDE"),
    Ground.PRICE_BELOW_BAND: (-1013, "Filter failure: PERCENT_PRICE_BY_SIDE"),
    Ground.NOTIONAL_BELOW_MINIMUM: (-1013, "Filter failure: NOTIONAL"),
    Ground.NOTIONAL_ABOVE_MAXIMUM: (-1013, "Filter failure: NOTIONAL"),
    Ground.TOO_MANY_ORDERS: (-1013, "Filter failure: MAX_NUM_ORDERS"),
    Ground.TOO_MANY_ALGO_ORDERS: (-1013, "Filter failure: MAX_NUM_ALGO_ORDERS"),
    Ground.WOULD_TRIGGER: (-2010, "Order would trigger immediately."),
    Ground.WOULD_TAKE: (-2010, "Order would immediately match and take."),
    Ground.INSUFFICIENT_FUNDS: (-2010, "Account has insufficient balance for requested action."),
    Ground.LIST_UNSUPPORTED: (-2010, "Order lists of this kind are not supported for this symbol."),
    Ground.LIST_LEG_TYPE: (-1158, "An order of this type is not supported in an order list."),
    Ground.LIST_SHAPE: (-1014, "Unsupported order combination."),
    Ground.LIST_PRICES: (-2010, "The relationship of the prices for the orders is not correct."),
}

_USDM: dict[Ground, tuple[int, str]] = {
    Ground.NOT_TRADING: (-4140, "Invalid symbol status for opening position."),
    Ground.BAD_CLIENT_ID: (-4015, "Client order id is not valid."),
    Ground.DUPLICATE: (-4116, "ClientOrderId is duplicated."),
    Ground.PRECISION: (-1111, "Precision is over the maximum defined for this asset."),
    Ground.PRICE_BELOW_MINIMUM: (-4013, "Price less than min price."),
    Ground.PRICE_ABOVE_MAXIMUM: (-4002, "Price greater than max price."),
    Ground.PRICE_OFF_TICK: (-4014, "Price not increased by tick size."),
    Ground.QUANTITY_BELOW_MINIMUM: (-4004, "Quantity less than min quantity."),
    Ground.QUANTITY_ABOVE_MAXIMUM: (-4005, "Quantity greater than max quantity."),
    Ground.QUANTITY_OFF_STEP: (-4023, "Qty not increased by step size."),
    Ground.MARKET_QUANTITY: (-4005, "Quantity greater than max quantity."),
    Ground.PRICE_ABOVE_BAND: (-4016, "Limit price can't be higher than the upper limit."),
    Ground.PRICE_BELOW_BAND: (-4024, "Limit price can't be lower than the lower limit."),
    Ground.COUNTERPARTY_OUTSIDE_BAND: (
        -4131,
        "The counterparty's best price does not meet the PERCENT_PRICE filter limit.",
    ),
    Ground.NOTIONAL_BELOW_MINIMUM: (
        -4164,
        "Order's notional must be no smaller than 5.0 (unless you choose reduce only).",
    ),
    Ground.NOTIONAL_ABOVE_MAXIMUM: (-2027, "Exceeded the maximum allowable position at current leverage."),
    Ground.TOO_MANY_ORDERS: (-2025, "Reach max open order limit."),
    Ground.TOO_MANY_ALGO_ORDERS: (-4045, "Reach max stop order limit."),
    Ground.NOTHING_TO_REDUCE: (-2022, "ReduceOnly Order is rejected."),
    Ground.NO_POSITION_TO_CLOSE: (
        -4509,
        "Time in Force (TIF) GTE can only be used with open positions. Please ensure that positions are available.",
    ),
    Ground.ALREADY_CLOSING: (
        -4130,
        "An open stop or take profit order with GTE and closePosition in the direction is existing.",
    ),
    Ground.CLOSE_NEEDS_TRIGGER: (-4136, "Target strategy invalid for orderType, closePosition."),
    Ground.WOULD_TRIGGER: (-2021, "Order would immediately trigger."),
    Ground.WOULD_TAKE: (
        -5022,
        "Due to the order could not be executed as maker, the Post Only order will be rejected.",
    ),
    Ground.CANNOT_FILL_WHOLE: (
        -5021,
        "Due to the order could not be filled immediately, the FOK order has been rejected.",
    ),
    Ground.INSUFFICIENT_FUNDS: (-2019, "Margin is insufficient."),
    Ground.LISTS_UNKNOWN: (-5000, "Path /fapi/v1/orderList, Method POST is invalid."),
}

_TABLES = {Market.SPOT: {**_COMMON, **_SPOT}, Market.USDM: {**_COMMON, **_USDM}}


def refusal(market: Market, ground: Ground) -> Refusal:
    """The market's words for a ground. Raises KeyError for a ground that cannot arise on that market."""
    code, message = _TABLES[market][ground]
    return Refusal(ground, code, message)
