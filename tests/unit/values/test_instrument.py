"""A symbol's rules: what is legal, and the nearest legal number in the direction that is asked for."""

from decimal import Decimal

import pytest
from tests.support.decisions import an_instrument

from petrosa_core.values import Price, Quantity, Ratio, Side


def test_prices_are_rounded_on_the_venues_ticks():
    """USD-M counts them from its lowest price."""
    rules = an_instrument(tick=Decimal("0.10"), price_origin=Decimal("556.85"))

    assert rules.floor_price(Decimal(600)) == Decimal("599.95")
    assert rules.ceil_price(Decimal(600)) == Decimal("600.05")


def test_quantities_are_rounded_down_on_the_venues_steps():
    """From the quantity's own origin."""
    rules = an_instrument(step=Decimal("0.1"), quantity_origin=Decimal("0.05"))

    assert rules.floor_quantity(Decimal("1.14")) == Decimal("1.05")


@pytest.mark.parametrize(
    ("market_step", "market", "floored"),
    [
        (None, True, "1.237"),
        (Decimal("0.05"), True, "1.20"),
        (Decimal("0.05"), False, "1.237"),
        (Decimal("0.001"), True, "1.237"),
        (Decimal("0.0001"), True, "1.237"),
    ],
)
def test_a_market_order_is_held_to_the_wider_step(market_step, market, floored):
    """Where the market lot has one of its own."""
    rules = an_instrument(market_step=market_step)

    assert rules.floor_quantity(Decimal("1.2379"), market=market) == Decimal(floored)


def test_market_steps_are_counted_from_the_same_origin():
    """Both grids begin at the smallest quantity."""
    rules = an_instrument(step=Decimal("0.1"), quantity_origin=Decimal("0.1"), market_step=Decimal("0.2"))

    assert rules.floor_quantity(Decimal("1.25"), market=True) == Decimal("1.1")


@pytest.mark.parametrize(
    ("own", "market", "smallest", "largest"),
    [
        ((None, None), True, "0.001", "1000"),
        (("0.01", "100"), True, "0.01", "100"),
        (("0.01", "100"), False, "0.001", "1000"),
        (("0.0001", "5000"), True, "0.001", "1000"),
    ],
)
def test_a_market_order_is_held_to_the_narrower_lot(own, market, smallest, largest):
    """LOT_SIZE counts for market orders as well."""
    low, high = (None if bound is None else Decimal(bound) for bound in own)
    rules = an_instrument(market_quantity_min=low, market_quantity_max=high)

    assert rules.smallest_quantity(market=market) == Decimal(smallest)
    assert rules.largest_quantity(market=market) == Decimal(largest)


def test_each_side_has_its_own_band():
    """Spot bounds buys and sells differently."""
    buy, sell = (Ratio("0.5"), Ratio("1.2")), (Ratio("0.8"), Ratio(2))
    rules = an_instrument(buy_band=buy, sell_band=sell)

    assert rules.band(Side.BUY) == buy
    assert rules.band(Side.SELL) == sell
    assert an_instrument().band(Side.BUY) is None


def test_a_notional_is_exact():
    """Twenty digits times twenty digits."""
    assert an_instrument().notional(Price("12345678901234567890"), Quantity("0.00000000012345678901")) == Decimal(
        "1524157875.29492467651425088890"
    )
