"""Rows of exchangeInfo become Instruments, whatever Binance adds to them."""

from decimal import Decimal
from typing import Any

import pytest

from petrosa_adapters.wire.exchange_info import instrument_from_exchange_info
from petrosa_core.values import Market, OrderType, Ratio

BASIC = [
    {"filterType": "PRICE_FILTER", "minPrice": "0.5", "maxPrice": "0", "tickSize": "0.1"},
    {"filterType": "LOT_SIZE", "minQty": "0.01", "maxQty": "100", "stepSize": "0.01"},
]


def a_row(*filters: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A symbol with the filters that every symbol has, and these."""
    return {
        "symbol": "ABCUSDT",
        "status": "TRADING",
        "baseAsset": "ABC",
        "quoteAsset": "USDT",
        "orderTypes": ["LIMIT", "MARKET", "SOMETHING_NEW"],
        "filters": [*BASIC, *filters, {"filterType": "SOMETHING_NEW"}],
        **changes,
    }


def test_a_bare_spot_row():
    """given a row with the least, when it is read, then what is not said is not limited."""
    read = instrument_from_exchange_info(a_row(), Market.SPOT)

    assert [read.tick, read.price_origin, read.notional_min] == [Decimal("0.1"), 0, 0]
    assert {read.price_max, read.buy_band, read.sell_band, read.market_step, read.notional_max} == {None}
    assert (read.oco_allowed, read.otoco_allowed, read.opoco_allowed) == (False, False, False)
    assert read.order_types == {OrderType.LIMIT, OrderType.MARKET}


@pytest.mark.parametrize(
    ("flags", "lists"),
    [
        ({"ocoAllowed": True}, (True, False, False)),
        ({"ocoAllowed": True, "otoAllowed": True}, (True, True, False)),
        ({"ocoAllowed": True, "otoAllowed": True, "opoAllowed": True}, (True, True, True)),
        ({"otoAllowed": True, "opoAllowed": True}, (False, False, False)),
    ],
)
def test_a_list_needs_every_flag_that_it_is_made_of(flags: dict[str, bool], lists: tuple[bool, bool, bool]):
    """given a symbol's flags, when it is read, then OTOCO needs oto and oco, and OPOCO all three."""
    read = instrument_from_exchange_info(a_row(**flags), Market.SPOT)

    assert (read.oco_allowed, read.otoco_allowed, read.opoco_allowed) == lists


def test_older_spot_filters():
    """given the older forms of two filters, when they are read, then they mean the same."""
    read = instrument_from_exchange_info(
        a_row(
            {"filterType": "MIN_NOTIONAL", "minNotional": "10", "applyToMarket": False},
            {"filterType": "PERCENT_PRICE", "multiplierDown": "0.2", "multiplierUp": "5"},
        ),
        Market.SPOT,
    )

    assert (read.notional_min, read.notional_min_for_market) == (Decimal(10), False)
    assert read.buy_band == read.sell_band == (Ratio("0.2"), Ratio(5))


def test_usdm_counts_ticks_from_the_smallest_price():
    """given a USD-M row, when it is read, then ticks and steps count from its minimum, and lists do not exist."""
    read = instrument_from_exchange_info(a_row(status="SETTLING", orderTypes=["STOP", "STOP_MARKET"]), Market.USDM)

    assert (read.price_origin, read.quantity_origin, read.trading) == (Decimal("0.5"), Decimal("0.01"), False)
    assert read.order_types == {OrderType.STOP, OrderType.STOP_LIMIT}
    assert (read.buy_band, read.oco_allowed) == (None, False)


@pytest.mark.parametrize(
    "row",
    [
        a_row(filters=BASIC[:1]),
        a_row(filters=[BASIC[0], {**BASIC[1], "maxQty": "many"}]),
    ],
    ids=["no lot", "no number"],
)
@pytest.mark.parametrize("market", list(Market))
def test_a_row_that_cannot_be_read_is_refused_by_name(row: dict[str, Any], market: Market):
    """given a row without what every symbol has, when it is read, then the symbol is named."""
    with pytest.raises(ValueError, match="ABCUSDT"):
        instrument_from_exchange_info(row, market)
