"""What a number or a name means."""

from petrosa_core.values.decimals import (
    EXACT,
    ZERO,
    Amount,
    Price,
    Quantity,
    Ratio,
    ceil_to,
    divide_down,
    floor_to,
    is_multiple,
    plain,
    same_number,
    shown,
    total,
)
from petrosa_core.values.evolve import evolve
from petrosa_core.values.identifiers import (
    AccountId,
    ClientOrderId,
    Leg,
    SignalId,
    StrategyId,
    Symbol,
    client_order_id,
    derive_signal_id,
    leg_of,
    trade_prefix,
)
from petrosa_core.values.instrument import Instrument, Market
from petrosa_core.values.mode import Mode
from petrosa_core.values.moments import DAY, HOUR, MILLISECOND, MINUTE, SECOND, Duration, Moment, iso, utc_day
from petrosa_core.values.money import Balance, Money, Quote
from petrosa_core.values.terms import OrderType, Side, TimeInForce
from petrosa_core.values.word import Word

__all__ = [
    "DAY",
    "EXACT",
    "HOUR",
    "MILLISECOND",
    "MINUTE",
    "SECOND",
    "ZERO",
    "AccountId",
    "Amount",
    "Balance",
    "ClientOrderId",
    "Duration",
    "Instrument",
    "Leg",
    "Market",
    "Mode",
    "Moment",
    "Money",
    "OrderType",
    "Price",
    "Quantity",
    "Quote",
    "Ratio",
    "Side",
    "SignalId",
    "StrategyId",
    "Symbol",
    "TimeInForce",
    "Word",
    "ceil_to",
    "client_order_id",
    "derive_signal_id",
    "divide_down",
    "evolve",
    "floor_to",
    "is_multiple",
    "iso",
    "leg_of",
    "plain",
    "same_number",
    "shown",
    "total",
    "trade_prefix",
    "utc_day",
]
