"""The golden matrix: for each market, side, order type and time in force, exactly the orders that are sent."""

from decimal import Decimal
from typing import Any

import pytest
from tests.support.decisions import a_spot_instrument, an_instrument
from tests.support.trades import ACCOUNT, SIGNAL, a_plan, name_of, shown

from petrosa_core.decision import Approved
from petrosa_core.decision.plan import ExitRule, LevelSource
from petrosa_core.order import (
    OrderList,
    Ticket,
    close_order,
    entry_submission,
    exit_list,
    stop_level,
    stop_order,
    target_level,
    target_order,
)
from petrosa_core.values import Instrument, OrderType, Price, Quantity, Ratio, Side, TimeInForce

NO_STOP_MARKET = frozenset(OrderType) - {OrderType.STOP}
FOK, GTC, GTX, IOC = TimeInForce.FOK, TimeInForce.GTC, TimeInForce.GTX, TimeInForce.IOC

LIST_EXITS = "target sell limit received at 105.00 GTX; stop sell stop received when 98.00"


def a_ticket(instrument: Instrument | None = None, **changes: Any) -> Ticket:
    """What exits are made with."""
    return Ticket(account=ACCOUNT, signal_id=SIGNAL, plan=a_plan(**changes), instrument=instrument or an_instrument())


def entered(instrument: Instrument, **changes: Any) -> str:
    """What is sent to enter."""
    return shown(entry_submission(Approved(a_plan(**changes)), ACCOUNT, SIGNAL, instrument))


@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize("tif", TimeInForce)
@pytest.mark.parametrize(
    ("order_type", "expected"),
    [
        (OrderType.MARKET, "entry {side} market 3"),
        (OrderType.LIMIT, "entry {side} limit 3 at 100 {tif}"),
        (OrderType.STOP, "entry {side} stop 3 when 100"),
        (OrderType.STOP_LIMIT, "entry {side} stop_limit 3 at 100 when 100 {tif}"),
        (OrderType.TAKE_PROFIT, "entry {side} take_profit 3 when 100"),
        (OrderType.TAKE_PROFIT_LIMIT, "entry {side} take_profit_limit 3 at 100 when 100 {tif}"),
    ],
)
def test_a_futures_entry_is_one_plain_order(order_type: OrderType, expected: str, tif: TimeInForce, side: Side):
    """On USD-M the entry goes alone, exactly as planned; its exits follow the fill."""
    made = entered(an_instrument(), side=side, order_type=order_type, time_in_force=tif)

    assert made == expected.format(side=side, tif=tif)


@pytest.mark.parametrize("tif", TimeInForce)
@pytest.mark.parametrize(
    ("order_type", "expected"),
    [
        (OrderType.MARKET, f"opoco[entry buy limit 3 at 100 FOK; {LIST_EXITS}]"),
        (OrderType.LIMIT, f"opoco[entry buy limit 3 at 100 {{tif}}; {LIST_EXITS}]"),
        (OrderType.STOP, "entry buy stop 3 when 100"),
        (OrderType.STOP_LIMIT, "entry buy stop_limit 3 at 100 when 100 {tif}"),
        (OrderType.TAKE_PROFIT, "entry buy take_profit 3 when 100"),
        (OrderType.TAKE_PROFIT_LIMIT, "entry buy take_profit_limit 3 at 100 when 100 {tif}"),
    ],
)
def test_a_spot_entry_that_fits_a_list_brings_its_exits_along(order_type: OrderType, expected: str, tif: TimeInForce):
    """A market or limit buy goes as an OPOCO, the market one as a limit at the worst price, all of it or nothing."""
    made = entered(a_spot_instrument(), order_type=order_type, time_in_force=tif)

    assert made == expected.format(tif=tif)


@pytest.mark.parametrize("order_type", [OrderType.MARKET, OrderType.LIMIT])
def test_a_spot_symbol_without_lists_is_entered_plainly(order_type: OrderType):
    """given a symbol without OPOCO, when it is entered, then the plain order goes and its exits follow the fill."""
    made = entered(a_spot_instrument(opoco_allowed=False), order_type=order_type)

    assert made == {
        OrderType.MARKET: "entry buy market 3",
        OrderType.LIMIT: "entry buy limit 3 at 100 GTC",
    }.get(order_type)


@pytest.mark.parametrize("order_type", [OrderType.MARKET, OrderType.LIMIT])
def test_a_spot_sell_never_goes_as_a_list(order_type: OrderType):
    """An OPOCO sells what a buy received: a sell has no list."""
    made = entered(a_spot_instrument(), side=Side.SELL, order_type=order_type)

    assert made.startswith(f"entry sell {order_type} 3")


def test_the_exits_of_a_list_are_anchored_to_the_worst_price():
    """The venue arms them before we know the fill, so only the worst admissible price is sure to have legal exits."""
    made = entered(a_spot_instrument(), order_type=OrderType.MARKET, worst_price=Price("100.30"))

    assert made == (
        "opoco[entry buy limit 3 at 100.30 FOK; target sell limit received at 105.31 GTX; "
        "stop sell stop received when 98.30]"
    )


def test_a_list_names_itself_and_each_of_its_legs():
    """A list has a client id of its own, beside those of its legs."""
    made = entry_submission(Approved(a_plan()), ACCOUNT, SIGNAL, a_spot_instrument())

    assert isinstance(made, OrderList)
    assert made.client_order_id == name_of("l1")
    assert [order.client_order_id for order in made.orders] == [name_of("e1"), name_of("t1"), name_of("s1")]


@pytest.mark.parametrize(
    ("side", "quantity", "stop", "target"),
    [
        (
            Side.BUY,
            None,
            "stop sell stop whole when 98.00 on_mark",
            "target sell take_profit whole when 105.00 on_mark",
        ),
        (
            Side.BUY,
            Quantity(2),
            "stop sell stop 2 when 98.00 reduce_only on_mark",
            "target sell take_profit 2 when 105.00 reduce_only on_mark",
        ),
        (
            Side.SELL,
            None,
            "stop buy stop whole when 102.00 on_mark",
            "target buy take_profit whole when 95.00 on_mark",
        ),
        (
            Side.SELL,
            Quantity(2),
            "stop buy stop 2 when 102.00 reduce_only on_mark",
            "target buy take_profit 2 when 95.00 reduce_only on_mark",
        ),
    ],
)
def test_a_futures_exit_takes_the_whole_position_or_only_reduces(
    side: Side, quantity: Quantity | None, stop: str, target: str
):
    """Without a quantity it closes the position; with one it is reduce-only; both watch the mark price."""
    ticket = a_ticket(side=side)

    assert shown(stop_order(ticket, 1, quantity, Decimal(100))) == stop
    assert shown(target_order(ticket, 1, quantity, Decimal(100))) == target


@pytest.mark.parametrize(
    ("instrument", "side", "expected"),
    [
        (an_instrument(), Side.BUY, "close sell market 2 reduce_only"),
        (an_instrument(), Side.SELL, "close buy market 2 reduce_only"),
        (a_spot_instrument(), Side.BUY, "close sell market 2"),
    ],
)
def test_a_close_is_a_market_order_that_only_reduces_where_the_venue_can_promise_it(
    instrument: Instrument, side: Side, expected: str
):
    """Spot knows no reduce-only; futures closes always carry it."""
    assert shown(close_order(a_ticket(instrument, side=side), 1, Quantity(2))) == expected


def test_the_spot_exits_of_what_was_received_are_one_oco():
    """The balance can be locked once: target above and stop below share it."""
    made = exit_list(a_ticket(a_spot_instrument()), 4, Quantity("2.997"), Decimal("100.5"))

    assert shown(made) == ("oco[target sell limit 2.997 at 105.52 GTX; stop sell stop 2.997 when 98.49]")
    assert made.client_order_id == name_of("l4")
    assert [order.client_order_id for order in made.orders] == [name_of("t4"), name_of("s4")]


def test_a_spot_symbol_without_stop_market_orders_gets_a_stop_limit_with_room():
    """given no STOP_LOSS on the symbol, when the exits are made, then the stop may sell 1 % below its trigger."""
    ticket = a_ticket(a_spot_instrument(order_types=NO_STOP_MARKET))

    made = exit_list(ticket, 1, Quantity(3), Decimal(100))

    assert shown(made.stop) == "stop sell stop_limit 3 at 97.02 when 98.00 GTC"


def test_the_room_of_a_stop_limit_is_rounded_to_more_room():
    """given a level whose 99 % is no tick, when the stop-limit is made, then its price is the tick below."""
    ticket = a_ticket(a_spot_instrument(order_types=NO_STOP_MARKET))

    made = exit_list(ticket, 1, Quantity(3), Decimal("100.01"))

    assert shown(made.stop) == "stop sell stop_limit 3 at 97.02 when 98.01 GTC"


@pytest.mark.parametrize(("side", "stop", "target"), [(Side.BUY, "98.02", "105.01"), (Side.SELL, "102.01", "95.02")])
def test_levels_round_towards_the_market(side: Side, stop: str, target: str):
    """given a fill at 100.011, when the levels (98.01078 and 105.01155 of a long) are made, then each fires earlier."""
    ticket = a_ticket(side=side)

    assert stop_level(ticket, Decimal("100.011")) == Price(stop)
    assert target_level(ticket, Decimal("100.011")) == Price(target)


def test_an_absolute_level_does_not_move_with_the_fill():
    """given a stop at a price, when the entry fills elsewhere, then the stop stays where the signal put it."""
    rule = ExitRule(source=LevelSource.PRICE, price=Price("97.5"))

    assert stop_level(a_ticket(stop=rule), Decimal(100)) == stop_level(a_ticket(stop=rule), Decimal(101))


def test_a_level_below_zero_is_no_level():
    """given a short whose target is further away than its price, when the order is made, then there is none."""
    rule = ExitRule(source=LevelSource.ATR, distance=Ratio(200), absolute=True)

    with pytest.raises(ValueError, match="Price"):
        target_order(a_ticket(side=Side.SELL, target=rule), 1, None, Decimal(100))
