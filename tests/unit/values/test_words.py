"""Times, quotes, sides and order types: the words that everything else is said with."""

from decimal import localcontext

import pytest
from tests.support.decisions import a_quote

from petrosa_core.values import (
    DAY,
    HOUR,
    MILLISECOND,
    MINUTE,
    SECOND,
    Amount,
    Mode,
    Moment,
    Money,
    OrderType,
    Side,
    TimeInForce,
    iso,
    utc_day,
)


def test_durations_are_microseconds():
    """Each is made of the smaller one."""
    assert (MILLISECOND, SECOND, MINUTE, HOUR, DAY) == (10**3, 10**6, 60 * 10**6, 3600 * 10**6, 86400 * 10**6)


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (0, "1970-01-01T00:00:00.000000Z"),
        (1_787_313_601_000_000, "2026-08-21T12:00:01.000000Z"),
        (1_787_313_601_000_001, "2026-08-21T12:00:01.000001Z"),
        (-1, "1969-12-31T23:59:59.999999Z"),
    ],
)
def test_a_moment_is_written_in_utc_to_the_microsecond(moment, text):
    """No float comes between."""
    assert iso(Moment(moment)) == text


@pytest.mark.parametrize(("moment", "day"), [(0, 0), (DAY - 1, 0), (DAY, 1), (1_787_313_601_000_000, 20686), (-1, -1)])
def test_a_day_begins_at_midnight_utc(moment, day):
    """The daily limits turn over with it."""
    assert utc_day(Moment(moment)) == day


def test_the_mid_is_half_way_and_exact():
    """Whatever the host's decimal context is."""
    with localcontext() as context:
        context.prec = 2
        assert str(a_quote("99.901", "100.102").mid) == "100.0015"


def test_money_of_two_assets_is_not_the_same():
    """A number without its asset says nothing."""
    assert Money(Amount(1), "USDT") == Money(Amount("1.0"), "USDT")
    assert Money(Amount(1), "USDT") != Money(Amount(1), "BNB")


def test_sides_are_opposites():
    """What undoes a buy is a sell, and back."""
    assert (Side.BUY.opposite, Side.SELL.opposite) == (Side.SELL, Side.BUY)
    assert (Side.BUY.sign, Side.SELL.sign) == (1, -1)


@pytest.mark.parametrize(
    ("order_type", "has_price", "has_trigger", "is_stop"),
    [
        (OrderType.MARKET, False, False, False),
        (OrderType.LIMIT, True, False, False),
        (OrderType.STOP, False, True, True),
        (OrderType.STOP_LIMIT, True, True, True),
        (OrderType.TAKE_PROFIT, False, True, False),
        (OrderType.TAKE_PROFIT_LIMIT, True, True, False),
    ],
)
def test_what_each_order_type_needs(order_type, has_price, has_trigger, is_stop):
    """Price, trigger, and on which side of a position it stands."""
    assert (order_type.has_price, order_type.has_trigger, order_type.is_stop) == (has_price, has_trigger, is_stop)


def test_words_are_written_as_the_interfaces_have_them():
    """They are in signals, journals and answers."""
    assert [side.value for side in Side] == ["buy", "sell"]
    assert [order_type.value for order_type in OrderType] == [
        "market",
        "limit",
        "stop",
        "stop_limit",
        "take_profit",
        "take_profit_limit",
    ]
    assert [time_in_force.value for time_in_force in TimeInForce] == ["GTC", "IOC", "FOK", "GTX"]
    assert [mode.value for mode in Mode] == ["simulation", "testnet", "live"]
