"""Spot order lists: two exits with one lock, and exits that wait for their entry."""

from decimal import Decimal
from typing import Any

import attrs
import pytest
from tests.unit.matching.pit import BUY, FOK, GTC, IOC, SELL, Pit, reports, statuses

from petrosa_core.execution import OrderStatus
from petrosa_core.matching import Rules
from petrosa_core.order import ListKind, OrderList
from petrosa_core.values import ClientOrderId, Market, OrderType, Symbol, TimeInForce

SPOT = Market.SPOT
OTOCO, OPOCO = ListKind.OTOCO, ListKind.OPOCO


def a_holder(**changes: Any) -> Pit:
    """A pit with 9.99 coins and 9000 USDT at a price of 100."""
    pit = Pit(SPOT, **changes)
    pit.send(pit.order(BUY, "10"))
    return pit


def legs(pit: Pit, listed: OrderList) -> list[str]:
    """The status of every leg, the entry first."""
    return [pit.status(order).value for order in listed.orders]


def test_an_oco_locks_its_coins_once():
    """given 9.99 coins, when an OCO for 9.99 comes, then it is taken, and nothing is left to sell."""
    pit = a_holder()
    listed = pit.oco("9.99", "110", "90")

    assert statuses(pit.send(listed).events) == ["limit new", "stop new"]
    assert pit.send(pit.order(SELL, "0.1")).refusal is not None


def test_a_buy_oco_locks_the_dearer_of_its_legs():
    """given 9000 USDT, when a buy OCO at 90 or 110 for 10 comes, then 1100 are locked, and freed by a cancel."""
    pit = a_holder()
    listed = pit.oco("10", "90", "110", BUY)
    pit.send(listed)

    assert pit.balance.free == 7900

    pit.cancel(listed.stop.client_order_id)

    assert pit.balance.free == 9000


@pytest.mark.parametrize(("price", "filled", "expired"), [("111", 0, 1), ("89", 1, 0)], ids=["target", "stop"])
def test_one_exit_expires_the_other(price: str, filled: int, expired: int):
    """given an OCO, when the price reaches one leg, then the other expires first and that one sells everything."""
    pit = a_holder()
    listed = pit.oco("9.99", "110", "90")
    pit.send(listed)
    told = reports(pit.price(price))

    assert legs(pit, listed)[filled] == "filled"
    assert legs(pit, listed)[expired] == "expired"
    assert told[0].client_order_id == listed.orders[expired].client_order_id
    assert pit.amount == 0


def test_a_partly_filled_target_has_no_stop_any_more():
    """given depth for 4, when the target trades 4 of 8, then the stop has expired and the target rests on."""
    pit = Pit(SPOT, rules=Rules(depth=Decimal(4)))
    for _ in range(3):
        pit.send(pit.order(BUY, "3"))
        pit.price("100")
    listed = pit.oco("8", "110", "90")
    pit.send(listed)
    pit.price("110")

    assert legs(pit, listed) == ["partially_filled", "expired"]

    pit.price("100")
    pit.cancel(listed.target.client_order_id)

    assert pit.send(pit.order(SELL, "4")).refusal is None


def test_a_target_with_a_trigger_is_a_conditional_order_too():
    """given an OCO with a take-profit, when the price rises to its trigger, then it wakes and the stop expires."""
    pit = a_holder()
    listed = pit.oco("1", "110", "90")
    target = pit.order(SELL, "1", type=OrderType.TAKE_PROFIT, trigger_price="110")
    listed = attrs.evolve(listed, target=target)
    pit.send(listed)
    pit.price("110")

    assert legs(pit, listed) == ["filled", "expired"]


@pytest.mark.parametrize("which", ["target", "stop", "list"])
def test_cancelling_a_leg_cancels_the_list(which: str):
    """given an OCO, when either leg or the list is cancelled, then both legs are, and the coins are free."""
    pit = a_holder()
    listed = pit.oco("9.99", "110", "90")
    pit.send(listed)
    names = {
        "target": listed.target.client_order_id,
        "stop": listed.stop.client_order_id,
        "list": listed.client_order_id,
    }
    answer = pit.cancel(names[which])

    assert statuses(answer.events) == ["limit cancelled", "stop cancelled"]
    assert pit.send(pit.order(SELL, "9.99")).refusal is None
    assert pit.cancel(listed.client_order_id).refusal is not None


def test_a_list_is_cancelled_on_its_own_symbol_only():
    """given an OCO, when a cancel names it on another symbol, then nothing is there to cancel."""
    pit = a_holder()
    listed = pit.oco("1", "110", "90")
    pit.send(listed)

    assert pit.cancel(listed.client_order_id, Symbol("ETHUSDT")).refusal is not None
    assert legs(pit, listed) == ["new", "new"]


def test_exits_wait_for_the_whole_entry():
    """given an OTOCO whose entry fills in two pieces, when the first has come, then the exits are pending; later new."""
    pit = Pit(SPOT, rules=Rules(depth=Decimal(1)))
    listed = pit.bracket(OTOCO, pit.limit(BUY, "2", "100"), "110", "90", "1.9")

    assert statuses(pit.send(listed).events) == ["limit new", "limit pending", "stop pending", "limit partially_filled"]
    assert statuses(pit.price("100")) == ["limit filled", "limit new", "stop new"]
    assert legs(pit, listed) == ["filled", "new", "new"]


def test_pending_exits_do_not_trade():
    """given a resting entry, when the price passes the target, then nothing happens."""
    pit = Pit(SPOT)
    listed = pit.bracket(OTOCO, pit.limit(BUY, "2", "99"), "110", "90", "1.9")
    pit.send(listed)

    assert pit.price("111") == ()
    assert legs(pit, listed) == ["new", "pending", "pending"]


def test_the_exits_of_an_opoco_sell_what_was_received():
    """given 0.1 % in coins, when 2 are bought, then the exits are for 1.998, rounded down to the step."""
    pit = Pit(SPOT)
    listed = pit.bracket(OPOCO, pit.limit(BUY, "2.005", "100", FOK), "110", "90")
    told = reports(pit.send(listed).events)

    assert statuses(told) == ["limit new", "limit pending", "stop pending", "limit filled", "limit new", "stop new"]
    assert [report.quantity for report in told[-2:]] == [Decimal("2.002"), Decimal("2.002")]
    pit.price("89")
    assert legs(pit, listed) == ["filled", "expired", "filled"]


def test_an_entry_that_cannot_be_filled_takes_its_exits_along():
    """given a fill-or-kill below the market, when it expires, then its exits expire and nothing is locked."""
    pit = Pit(SPOT)
    listed = pit.bracket(OPOCO, pit.limit(BUY, "2", "99", FOK), "110", "90")
    pit.send(listed)

    assert legs(pit, listed) == ["expired", "expired", "expired"]
    assert pit.balance.free == 10000


@pytest.mark.parametrize("leg", [0, 1, 2])
def test_cancelling_before_the_whole_entry_has_filled_leaves_a_part_without_exits(leg: int):
    """given half an entry, when any leg is cancelled, then all are, and what was bought stays, unprotected."""
    pit = Pit(SPOT, rules=Rules(depth=Decimal(1)))
    listed = pit.bracket(OPOCO, pit.limit(BUY, "2", "100"), "110", "90")
    pit.send(listed)
    pit.cancel(listed.orders[leg].client_order_id)

    assert legs(pit, listed) == ["cancelled", "cancelled", "cancelled"]
    assert pit.amount == Decimal("0.999")
    assert pit.balance.free == 9900


def test_cancelling_an_exit_after_the_entry_cancels_both_exits():
    """given an entry that has filled, when one exit is cancelled, then both are, and the entry stays filled."""
    pit = Pit(SPOT)
    listed = pit.bracket(OPOCO, pit.limit(BUY, "2", "100", FOK), "110", "90")
    pit.send(listed)
    pit.cancel(listed.target.client_order_id)

    assert legs(pit, listed) == ["filled", "cancelled", "cancelled"]


def test_an_immediate_entry_that_fills_in_part_takes_its_exits_along():
    """given depth for 1, when an IOC entry for 2 gets 1, then its exits expire: the part is unprotected."""
    pit = Pit(SPOT, rules=Rules(depth=Decimal(1)))
    listed = pit.bracket(OPOCO, pit.limit(BUY, "2", "100", IOC), "110", "90")
    pit.send(listed)

    assert legs(pit, listed) == ["expired", "expired", "expired"]
    assert pit.amount == Decimal("0.999")


def test_exits_for_more_than_was_received_are_rejected():
    """given an OTOCO with exits as large as the entry, when the fee was taken in coins, then they cannot be paid: naked."""
    pit = Pit(SPOT)
    listed = pit.bracket(OTOCO, pit.limit(BUY, "2", "100", FOK), "110", "90", "2")
    pit.send(listed)

    assert legs(pit, listed) == ["filled", "rejected", "rejected"]
    assert pit.report(listed.stop).reason == "Account has insufficient balance for requested action."


@pytest.mark.parametrize(
    ("target", "stop", "reason"),
    [
        ("110.05", "90", "Filter failure: PRICE_FILTER"),
        ("110", "100", "Order would trigger immediately."),
        ("99.5", "90", "The relationship of the prices for the orders is not correct."),
    ],
)
def test_exits_of_an_opoco_meet_their_rules_only_after_the_entry(target: str, stop: str, reason: str):
    """given exits that break a rule, when the entry has filled, then they are rejected, with the reason."""
    pit = Pit(SPOT)
    listed = pit.bracket(OPOCO, pit.limit(BUY, "2", "100", FOK), target, stop)
    pit.send(listed)

    assert legs(pit, listed) == ["filled", "rejected", "rejected"]
    assert pit.report(listed.target).reason == reason


def test_the_ids_of_a_list_are_free_once_it_is_done():
    """given a list that was cancelled, when all its ids come again, then they are taken."""
    pit = a_holder()
    listed = pit.oco("1", "110", "90")
    pit.send(listed)
    pit.cancel(listed.client_order_id)

    assert pit.send(listed).refusal is None


def test_a_stop_limit_exit_may_be_jumped_over():
    """given an OCO with a stop-limit, when the price jumps below its limit, then it rests there and the target is gone."""
    pit = a_holder()
    listed = pit.oco("1", "110", "90")
    stop = pit.order(SELL, "1", type=OrderType.STOP_LIMIT, trigger_price="90", price="89", time_in_force=GTC)
    listed = attrs.evolve(listed, stop=stop)
    pit.send(listed)
    pit.price("80")

    assert legs(pit, listed) == ["expired", "new"]

    pit.price("89")

    assert legs(pit, listed) == ["expired", "filled"]


def test_a_post_only_stop_limit_that_would_take_expires():
    """given a stop-limit that may only add to the book, when it wakes where it would take, then it expires."""
    pit = a_holder()
    order = pit.order(
        SELL, "1", type=OrderType.STOP_LIMIT, trigger_price="90", price="85", time_in_force=TimeInForce.GTX
    )
    pit.send(order)
    pit.price("89")

    assert pit.status(order) is OrderStatus.EXPIRED


def test_a_list_can_be_found_by_its_legs_only():
    """given a list, when its own id is asked for as an order, then there is none."""
    pit = a_holder()
    listed = pit.oco("1", "110", "90")
    pit.send(listed)

    assert pit.exchange.find(listed.symbol, ClientOrderId(listed.client_order_id)) is None
