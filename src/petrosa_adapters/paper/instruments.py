"""The symbols that can be traded on paper without asking any exchange for its rules.

Tick, step and smallest notional are Binance's of the second half of 2026 (its ``exchangeInfo``); largest quantities of symbols
other than BTC, ETH and SOL are round numbers of the same size as Binance's. USD-M prices may be a twentieth off the mark.
"""

from decimal import Decimal
from typing import Any

import attrs

from petrosa_core.values import Instrument, Market, Ratio, Symbol

_QUOTE = "USDT"


@attrs.frozen
class _Row:
    """One symbol's numbers: ``market_largest`` is None where a market order may be as large as any."""

    base: str
    tick: str
    step: str
    largest: str
    market_largest: str | None
    notional: str


_SPOT = (
    _Row("BTC", "0.01", "0.00001", "9000", "119.27356195", "5"),
    _Row("ETH", "0.01", "0.0001", "9000", "2446.53886333", "5"),
    _Row("SOL", "0.01", "0.001", "90000", "70751.52192083", "5"),
    _Row("ADA", "0.0001", "0.1", "900000", None, "5"),
    _Row("BNB", "0.01", "0.001", "900000", None, "5"),
    _Row("XRP", "0.0001", "0.1", "9000000", None, "5"),
    _Row("DOGE", "0.00001", "1", "9000000", None, "1"),
    _Row("LINK", "0.001", "0.01", "90000", None, "5"),
    _Row("NEAR", "0.001", "0.1", "900000", None, "5"),
    _Row("LTC", "0.01", "0.001", "90000", None, "5"),
    _Row("AVAX", "0.001", "0.01", "90000", None, "5"),
    _Row("DOT", "0.001", "0.01", "90000", None, "5"),
)

_USDM = (
    _Row("BTC", "0.10", "0.001", "1000", "120", "50"),
    _Row("ETH", "0.01", "0.001", "10000", "2000", "20"),
    _Row("SOL", "0.01", "0.01", "1000000", "50000", "5"),
    _Row("ADA", "0.0001", "1", "2000000", "300000", "5"),
    _Row("BNB", "0.01", "0.01", "100000", "2000", "5"),
    _Row("XRP", "0.0001", "0.1", "10000000", "2000000", "5"),
    _Row("DOGE", "0.00001", "1", "50000000", "30000000", "5"),
    _Row("LINK", "0.001", "0.01", "200000", "20000", "5"),
    _Row("NEAR", "0.001", "1", "5000000", "300000", "5"),
    _Row("LTC", "0.01", "0.001", "10000", "5000", "5"),
    _Row("AVAX", "0.001", "1", "100000", "20000", "5"),
    _Row("DOT", "0.0001", "0.1", "500000", "100000", "5"),
)

# Binance USD-M bounds one side of the book only: a buy from above, a sell from below.
_ANY = Ratio(1_000_000)


def paper_instruments(market: Market) -> tuple[Instrument, ...]:
    """The rules of every symbol of one market."""
    if market is Market.SPOT:
        return tuple(_spot(row) for row in _SPOT)
    return tuple(_usdm(row) for row in _USDM)


def _spot(row: _Row) -> Instrument:
    return Instrument(
        **_common(row),
        market=Market.SPOT,
        notional_max=Decimal(9_000_000),
        orders_max=200,
        algo_orders_max=5,
        buy_band=(Ratio("0.5"), Ratio("1.2")),
        sell_band=(Ratio("0.8"), Ratio(2)),
        maker_fee=Ratio("0.001"),
        taker_fee=Ratio("0.001"),
    )


def _usdm(row: _Row) -> Instrument:
    return Instrument(
        **_common(row),
        market=Market.USDM,
        orders_max=200,
        algo_orders_max=200,
        oco_allowed=False,
        otoco_allowed=False,
        opoco_allowed=False,
        buy_band=(Ratio(0), Ratio("1.05")),
        sell_band=(Ratio("0.95"), _ANY),
        maker_fee=Ratio("0.0002"),
        taker_fee=Ratio("0.0005"),
    )


def _common(row: _Row) -> dict[str, Any]:
    return {
        "symbol": Symbol(row.base + _QUOTE),
        "base": row.base,
        "quote": _QUOTE,
        "tick": Decimal(row.tick),
        "price_min": Decimal(row.tick),
        "step": Decimal(row.step),
        "quantity_min": Decimal(row.step),
        "quantity_max": Decimal(row.largest),
        "market_quantity_max": None if row.market_largest is None else Decimal(row.market_largest),
        "notional_min": Decimal(row.notional),
    }
