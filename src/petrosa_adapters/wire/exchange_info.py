"""A row of Binance's ``exchangeInfo`` (spot or USD-M) to the Instrument it describes.

Filters and order types that we do not know are ignored, as Binance adds some every year. A limit of 0 switches a spot rule off.
Source: spot ``filters.md`` and ``enums.md``; USD-M ``exchangeInfo``.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from petrosa_core.values import Instrument, Market, OrderType, Ratio, Symbol

_SPOT_TYPES = {
    "MARKET": OrderType.MARKET,
    "LIMIT": OrderType.LIMIT,
    "STOP_LOSS": OrderType.STOP,
    "STOP_LOSS_LIMIT": OrderType.STOP_LIMIT,
    "TAKE_PROFIT": OrderType.TAKE_PROFIT,
    "TAKE_PROFIT_LIMIT": OrderType.TAKE_PROFIT_LIMIT,
}
_USDM_TYPES = {
    "MARKET": OrderType.MARKET,
    "LIMIT": OrderType.LIMIT,
    "STOP_MARKET": OrderType.STOP,
    "STOP": OrderType.STOP_LIMIT,
    "TAKE_PROFIT_MARKET": OrderType.TAKE_PROFIT,
    "TAKE_PROFIT": OrderType.TAKE_PROFIT_LIMIT,
}
# USD-M bounds a buy from above and a sell from below only.
_NONE_BELOW, _NONE_ABOVE = Ratio(0), Ratio(1_000_000)
# Since December 2025 USD-M counts conditional orders per account instead of per symbol.
_USDM_ALGO_ORDERS = 200

Row = Mapping[str, Any]


def instrument_from_exchange_info(row: Row, market: Market) -> Instrument:
    """Read one symbol. Fees are the market's standard ones: an account's own are told elsewhere.

    Raises ValueError for a row without the filters that every symbol has, or with something other than numbers in them.
    """
    filters = {str(rule["filterType"]): rule for rule in row["filters"]}
    try:
        return _spot(row, filters) if market is Market.SPOT else _usdm(row, filters)
    except KeyError as error:
        raise ValueError(f"exchangeInfo of {row.get('symbol')}: {error} is missing") from None
    except ArithmeticError:
        raise ValueError(f"exchangeInfo of {row.get('symbol')}: a filter holds no number") from None


def _spot(row: Row, filters: Mapping[str, Row]) -> Instrument:
    notional = filters.get("NOTIONAL") or filters.get("MIN_NOTIONAL") or {}
    band = filters.get("PERCENT_PRICE_BY_SIDE")
    both = filters.get("PERCENT_PRICE")
    buy = sell = None
    if band:
        buy = (Ratio(band["bidMultiplierDown"]), Ratio(band["bidMultiplierUp"]))
        sell = (Ratio(band["askMultiplierDown"]), Ratio(band["askMultiplierUp"]))
    elif both:
        buy = sell = (Ratio(both["multiplierDown"]), Ratio(both["multiplierUp"]))
    otoco = bool(row.get("otoAllowed")) and bool(row.get("ocoAllowed"))
    return Instrument(
        **_common(row, filters, Market.SPOT),
        order_types=_types(row, _SPOT_TYPES),
        notional_min=Decimal(notional.get("minNotional", 0)),
        notional_max=_limit(notional, "maxNotional"),
        notional_min_for_market=bool(notional.get("applyMinToMarket", notional.get("applyToMarket", True))),
        notional_max_for_market=bool(notional.get("applyMaxToMarket", False)),
        buy_band=buy,
        sell_band=sell,
        orders_max=int(filters.get("MAX_NUM_ORDERS", {}).get("maxNumOrders", 200)),
        algo_orders_max=int(filters.get("MAX_NUM_ALGO_ORDERS", {}).get("maxNumAlgoOrders", 5)),
        oco_allowed=bool(row.get("ocoAllowed")),
        otoco_allowed=otoco,
        opoco_allowed=otoco and bool(row.get("opoAllowed")),
        maker_fee=Ratio("0.001"),
        taker_fee=Ratio("0.001"),
    )


def _usdm(row: Row, filters: Mapping[str, Row]) -> Instrument:
    price, lot = filters["PRICE_FILTER"], filters["LOT_SIZE"]
    band = filters.get("PERCENT_PRICE")
    return Instrument(
        **_common(row, filters, Market.USDM),
        price_origin=Decimal(price["minPrice"]),
        quantity_origin=Decimal(lot["minQty"]),
        order_types=_types(row, _USDM_TYPES),
        notional_min=Decimal(filters.get("MIN_NOTIONAL", {}).get("notional", 0)),
        buy_band=(_NONE_BELOW, Ratio(band["multiplierUp"])) if band else None,
        sell_band=(Ratio(band["multiplierDown"]), _NONE_ABOVE) if band else None,
        orders_max=int(filters.get("MAX_NUM_ORDERS", {}).get("limit", 200)),
        algo_orders_max=_USDM_ALGO_ORDERS,
        oco_allowed=False,
        otoco_allowed=False,
        opoco_allowed=False,
    )


def _common(row: Row, filters: Mapping[str, Row], market: Market) -> dict[str, Any]:
    price, lot = filters["PRICE_FILTER"], filters["LOT_SIZE"]
    market_lot = filters.get("MARKET_LOT_SIZE", {})
    return {
        "symbol": Symbol(row["symbol"]),
        "base": row["baseAsset"],
        "quote": row["quoteAsset"],
        "market": market,
        "trading": row["status"] == "TRADING",
        "tick": Decimal(price["tickSize"]),
        "price_min": _limit(price, "minPrice"),
        "price_max": _limit(price, "maxPrice"),
        "step": Decimal(lot["stepSize"]),
        "quantity_min": Decimal(lot["minQty"]),
        "quantity_max": Decimal(lot["maxQty"]),
        "market_step": _limit(market_lot, "stepSize"),
        "market_quantity_min": _limit(market_lot, "minQty"),
        "market_quantity_max": _limit(market_lot, "maxQty"),
    }


def _limit(rule: Row, name: str) -> Decimal | None:
    """A limit that 0, or absence, switches off."""
    value = Decimal(rule.get(name, 0))
    return value or None


def _types(row: Row, known: Mapping[str, OrderType]) -> frozenset[OrderType]:
    return frozenset(known[name] for name in row["orderTypes"] if name in known)
