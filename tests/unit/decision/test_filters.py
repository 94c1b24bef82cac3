"""Whether the venue would take an order, filter by filter: at the bound yes, one step beyond no."""

from decimal import Decimal
from typing import Any

import pytest
from tests.support.decisions import an_instrument

from petrosa_core.decision import BrokenFilter, Filter, broken_filters
from petrosa_core.values import OrderType, Price, Quantity, Ratio, Side

RULES = an_instrument(
    price_min=Decimal(50),
    price_max=Decimal(200),
    market_quantity_min=Decimal("0.01"),
    market_quantity_max=Decimal(100),
    market_step=Decimal("0.01"),
    notional_max=Decimal(50000),
    buy_band=(Ratio("0.6"), Ratio("1.2")),
    sell_band=(Ratio("0.8"), Ratio("1.6")),
)


def broken(
    side=Side.BUY, order_type=OrderType.LIMIT, rules=RULES, **said: Any
) -> list[tuple[Filter, Decimal, Decimal]]:
    """What an order for 1 at 100 breaks, with the market at 100."""
    order: dict[str, Any] = {
        "price": Price(100) if order_type.has_price else None,
        "trigger": Price(100) if order_type.has_trigger else None,
        "quantity": Quantity(1),
        "reference": Price(100),
    }
    found = broken_filters(rules, side, order_type, **(order | said))
    assert all(isinstance(one, BrokenFilter) for one in found)
    return [(one.filter, one.value, one.limit) for one in found]


@pytest.mark.parametrize("order_type", list(OrderType))
def test_an_ordinary_order_breaks_nothing(order_type):
    """Of every type."""
    assert broken(order_type=order_type) == []
    assert broken(Side.SELL, order_type) == []


def test_without_bounds_any_price_on_the_tick_will_do():
    """What the venue does not set is not checked."""
    assert broken(rules=an_instrument(), price=Price(100000)) == []


@pytest.mark.parametrize(
    ("price", "reference", "found"),
    [
        ("50", "50", []),
        ("49.99", "50", [(Filter.PRICE_MIN, Decimal("49.99"), Decimal(50))]),
        ("200", "200", []),
        ("200.01", "200", [(Filter.PRICE_MAX, Decimal("200.01"), Decimal(200))]),
    ],
)
def test_the_price_range(price, reference, found):
    """PRICE_FILTER: minPrice and maxPrice pass."""
    assert broken(price=Price(price), reference=Price(reference)) == found


@pytest.mark.parametrize(
    ("side", "price", "found"),
    [
        (Side.BUY, "60", []),
        (Side.BUY, "59.99", [(Filter.BAND_LOW, Decimal("59.99"), Decimal(60))]),
        (Side.BUY, "120", []),
        (Side.BUY, "120.01", [(Filter.BAND_HIGH, Decimal("120.01"), Decimal(120))]),
        (Side.SELL, "80", []),
        (Side.SELL, "79.99", [(Filter.BAND_LOW, Decimal("79.99"), Decimal(80))]),
        (Side.SELL, "160", []),
        (Side.SELL, "160.01", [(Filter.BAND_HIGH, Decimal("160.01"), Decimal(160))]),
    ],
)
def test_the_percent_band(side, price, found):
    """PERCENT_PRICE_BY_SIDE: each side has its own multiples of the reference."""
    assert broken(side, price=Price(price)) == found


def test_triggers_are_held_to_range_band_and_tick_as_well():
    """The stop price counts like a price."""
    assert broken(order_type=OrderType.STOP, trigger=Price("120.015")) == [
        (Filter.BAND_HIGH, Decimal("120.015"), Decimal(120)),
        (Filter.TICK, Decimal("120.015"), Decimal("0.01")),
    ]


def test_the_tick_is_counted_from_the_origin():
    """USD-M counts from minPrice: 100.003 is a tick from 50.003, 100 is not."""
    rules = an_instrument(price_origin=Decimal("50.003"))

    assert broken(rules=rules, price=Price("100.003")) == []
    assert broken(rules=rules) == [(Filter.TICK, Decimal(100), Decimal("0.01"))]


@pytest.mark.parametrize(
    ("order_type", "quantity", "found"),
    [
        (OrderType.LIMIT, "0.05", [(Filter.NOTIONAL_MIN, Decimal(5), Decimal("5.01"))]),
        (OrderType.LIMIT, "1000.001", [(Filter.LOT_MAX, Decimal("1000.001"), Decimal(1000))]),
        (OrderType.LIMIT, "1000", []),
        (OrderType.LIMIT, "1.0005", [(Filter.STEP, Decimal("1.0005"), Decimal("0.001"))]),
        (OrderType.MARKET, "1.005", [(Filter.STEP, Decimal("1.005"), Decimal("0.01"))]),
        (OrderType.MARKET, "100", []),
        (OrderType.STOP, "100.01", [(Filter.LOT_MAX, Decimal("100.01"), Decimal(100))]),
        (OrderType.STOP_LIMIT, "100.001", []),
    ],
)
def test_lots_and_market_lots(order_type, quantity, found):
    """LOT_SIZE holds for all, MARKET_LOT_SIZE for what executes as a market order."""
    rules = an_instrument(market_quantity_max=Decimal(100), market_step=Decimal("0.01"), notional_min=Decimal("5.01"))

    assert broken(order_type=order_type, rules=rules, quantity=Quantity(quantity)) == found


@pytest.mark.parametrize(
    ("order_type", "quantity", "breaks"),
    [
        (OrderType.LIMIT, "0.1", False),
        (OrderType.LIMIT, "0.099", True),
        (OrderType.MARKET, "0.2", False),
        (OrderType.MARKET, "0.199", True),
    ],
)
def test_the_smallest_lot(order_type, quantity, breaks):
    """minQty passes, of the lot or of the market lot, whichever counts."""
    rules = an_instrument(quantity_min=Decimal("0.1"), market_quantity_min=Decimal("0.2"))

    least = Decimal("0.1") if order_type.has_price else Decimal("0.2")

    found = broken(order_type=order_type, rules=rules, quantity=Quantity(quantity))
    assert found == ([(Filter.LOT_MIN, Decimal(quantity), least)] if breaks else [])


def test_the_quantity_is_counted_from_its_origin():
    """USD-M counts from minQty."""
    rules = an_instrument(quantity_origin=Decimal("0.0005"))

    assert broken(rules=rules, quantity=Quantity("1.0005")) == []
    assert broken(rules=rules) == [(Filter.STEP, Decimal(1), Decimal("0.001"))]


def test_the_least_worth():
    """minNotional passes; a market order may be exempt, and is worth the reference."""
    exempt = an_instrument(notional_min_for_market=False)

    assert broken(quantity=Quantity("0.05")) == []
    assert broken(quantity=Quantity("0.049")) == [(Filter.NOTIONAL_MIN, Decimal("4.900"), Decimal(5))]
    assert broken(order_type=OrderType.MARKET, rules=exempt, quantity=Quantity("0.01")) == []
    assert broken(rules=exempt, quantity=Quantity("0.01")) == [(Filter.NOTIONAL_MIN, Decimal("1.00"), Decimal(5))]


def test_the_greatest_worth():
    """maxNotional passes; a market order is exempt unless the venue says otherwise."""
    limited = an_instrument(notional_max=Decimal(200))
    strict = an_instrument(notional_max=Decimal(200), notional_max_for_market=True)

    assert broken(rules=limited, quantity=Quantity(2)) == []
    assert broken(rules=limited, quantity=Quantity("2.001")) == [
        (Filter.NOTIONAL_MAX, Decimal("200.100"), Decimal(200))
    ]
    assert broken(order_type=OrderType.MARKET, rules=limited, quantity=Quantity(3)) == []
    assert broken(order_type=OrderType.MARKET, rules=strict, quantity=Quantity(3)) == [
        (Filter.NOTIONAL_MAX, Decimal(300), Decimal(200))
    ]


def test_an_order_is_worth_its_price_else_its_trigger_else_the_reference():
    """The notional of a stop is taken at its trigger."""
    rules = an_instrument(notional_min=Decimal(90))

    assert broken(rules=rules, price=Price(80)) == [(Filter.NOTIONAL_MIN, Decimal(80), Decimal(90))]
    assert broken(order_type=OrderType.STOP, rules=rules, trigger=Price(80)) == [
        (Filter.NOTIONAL_MIN, Decimal(80), Decimal(90))
    ]
    assert broken(order_type=OrderType.STOP_LIMIT, rules=rules, price=Price(95), trigger=Price(80)) == []
    assert broken(order_type=OrderType.MARKET, rules=rules, reference=Price(80)) == [
        (Filter.NOTIONAL_MIN, Decimal(80), Decimal(90))
    ]
