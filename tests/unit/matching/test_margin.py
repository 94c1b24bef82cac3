"""A USD-M account: one wallet, isolated margin, one net position per symbol."""

from decimal import Decimal
from typing import Any

import pytest
from tests.unit.matching.pit import BUY, SELL, Pit, fills, reports, statuses

from petrosa_core.execution import OrderStatus
from petrosa_core.matching import Rules
from petrosa_core.values import Amount, Market, Money, OrderType, Ratio

USDM = Market.USDM
FREE_OF_CHARGE: dict[str, Any] = {"maker_fee": Ratio(0), "taker_fee": Ratio(0)}


def test_a_position_takes_its_notional_divided_by_the_leverage():
    """given leverage 3, when 3 are bought at 100, then 100 are margin and the fee of 0.05 % is paid."""
    pit = Pit(USDM)
    (filled,) = fills(pit.send(pit.order(BUY, "3")).events)

    assert filled.fee == Money(Amount("0.15"), "USDT")
    assert pit.balance.free == 10000 - 100 - Decimal("0.15")
    assert pit.balance.equity == 10000 - Decimal("0.15")


def test_the_margin_is_rounded_up_and_given_back_whole():
    """given 1 bought at 100 with leverage 3, when it is sold, then nothing is left behind."""
    pit = Pit(USDM, **FREE_OF_CHARGE)
    pit.send(pit.order(BUY, "1"))

    assert pit.balance.free == Decimal("9966.66666666")

    pit.send(pit.order(SELL, "0.3"))
    pit.send(pit.order(SELL, "0.7"))

    assert pit.balance.free == 10000


@pytest.mark.parametrize(("side", "won"), [(BUY, 10), (SELL, -10)])
def test_a_result_is_realised_when_it_is_closed(side, won: int):
    """given a position of 1 at 100, when the price is 110, then 10 are won or lost: first on paper, then in the wallet."""
    pit = Pit(USDM, **FREE_OF_CHARGE)
    pit.send(pit.order(side, "1"))
    pit.price("110")

    assert pit.balance.equity == 10000 + won

    pit.send(pit.order(side.opposite, "1", reduce_only=True))

    assert pit.balance.equity == pit.balance.free == 10000 + won
    assert pit.amount == 0


def test_an_opposite_order_reverses_the_position():
    """given long 1 at 100, when 3 are sold at 110, then 10 are won and short 2 at 110 is held."""
    pit = Pit(USDM, **FREE_OF_CHARGE)
    pit.send(pit.order(BUY, "1"))
    pit.price("110")
    pit.send(pit.order(SELL, "3"))
    position = pit.exchange.snapshot(pit.now).positions[0]

    assert position.amount == -2
    assert position.entry_price == position.mark == 110
    assert pit.balance.equity == 10010


def test_adding_to_a_position_averages_its_entry():
    """given long 1 at 100, when 2 more are bought at 130, then 3 at 120 are held."""
    pit = Pit(USDM)
    pit.send(pit.order(BUY, "1"))
    pit.price("130")
    pit.send(pit.order(BUY, "2"))

    assert pit.exchange.snapshot(pit.now).positions[0].entry_price == 120


def test_a_resting_order_holds_margin_and_fee_until_it_is_done():
    """given a resting buy, when it is cancelled, then its margin and fee are free again."""
    pit = Pit(USDM)
    order = pit.limit(BUY, "3", "90")
    pit.send(order)

    assert pit.balance.free == 10000 - 90 - Decimal("0.135")

    pit.cancel(order.client_order_id)

    assert pit.balance.free == 10000


def test_a_sell_holds_margin_for_the_price_that_it_may_get():
    """given a bid of 100, when a sell limited to 90 comes, then it is reckoned at 100 and trades there."""
    pit = Pit(USDM, balance="33.3")

    assert pit.send(pit.limit(SELL, "1", "90")).refusal is not None
    assert Pit(USDM, balance="33.4").send(pit.limit(SELL, "1", "90")).refusal is None


def test_closing_needs_no_margin():
    """given a wallet that is all margin, when the position is closed or an equal opposite order comes, then both are taken."""
    pit = Pit(USDM, balance="100.2")
    pit.send(pit.order(BUY, "3"))

    assert pit.send(pit.order(SELL, "1")).refusal is None
    assert pit.send(pit.order(SELL, "2", reduce_only=True)).refusal is None


def test_a_loss_beyond_the_wallet_still_lets_reducing_orders_in():
    """given less than nothing free after a loss, when a reduce-only order comes, then it is taken, and an entry is not."""
    pit = Pit(USDM, balance="101", rules=Rules(maintenance=Ratio(0)))
    pit.send(pit.order(BUY, "3"))
    pit.price("60", "60", "100")
    pit.send(pit.order(SELL, "1", reduce_only=True))

    assert pit.balance.free < 0
    assert pit.send(pit.order(BUY, "1")).refusal is not None
    assert pit.send(pit.order(SELL, "2", reduce_only=True)).refusal is None


def test_reduce_only_executes_no_more_than_the_position():
    """given long 1, when a reduce-only sell of 5 comes, then 1 is executed and the rest expires."""
    pit = Pit(USDM)
    pit.send(pit.order(BUY, "1"))
    last = reports(pit.send(pit.order(SELL, "5", reduce_only=True)).events)[-1]

    assert last.status is OrderStatus.EXPIRED
    assert last.executed == 1
    assert pit.amount == 0


def test_a_resting_reduce_only_order_ends_with_the_position():
    """given a reduce-only target that rests, when the position is closed otherwise, then it expires."""
    pit = Pit(USDM)
    pit.send(pit.order(BUY, "1"))
    target = pit.limit(SELL, "1", "110", reduce_only=True)
    pit.send(target)

    assert statuses(pit.send(pit.order(SELL, "1")).events) == ["market new", "market filled", "limit expired"]
    assert pit.status(target) is OrderStatus.EXPIRED


def test_a_resting_reduce_only_order_is_cut_to_what_is_left():
    """given a reduce-only target of 2, when the position has shrunk to 1, then 1 is executed and the rest expires."""
    pit = Pit(USDM)
    pit.send(pit.order(BUY, "2"))
    target = pit.limit(SELL, "2", "110", reduce_only=True)
    pit.send(target)
    pit.send(pit.order(SELL, "1"))
    pit.price("110")

    assert pit.status(target) is OrderStatus.EXPIRED
    assert pit.report(target).executed == 1
    assert pit.amount == 0


def test_a_resting_order_without_margin_left_expires_when_its_turn_comes():
    """given two sells that both count on closing one long, when the second would open a short unpaid for, then it expires."""
    pit = Pit(USDM, balance="70")
    pit.send(pit.order(BUY, "1.5"))
    pit.price("98")
    orders = [pit.limit(SELL, "1.5", "99"), pit.limit(SELL, "2.09", "99.1")]
    for order in orders:
        assert pit.send(order).refusal is None

    pit.price("100")

    assert [pit.status(order) for order in orders] == [OrderStatus.FILLED, OrderStatus.EXPIRED]
    assert pit.report(orders[1]).executed == 0


def test_conditional_orders_need_no_margin_before_they_wake():
    """given no money for it, when a buy stop comes, then it is taken, and rejected when it wakes."""
    pit = Pit(USDM, balance="10")
    order = pit.stop(BUY, "3", "110")

    assert pit.send(order).refusal is None
    assert pit.balance.free == 10
    assert statuses(pit.price("111")) == ["stop new", "stop rejected"]
    assert pit.report(order).reason == "Margin is insufficient."


def test_a_conditional_entry_opens_a_position_when_it_wakes():
    """given money for it, when a buy stop wakes, then it buys at the ask."""
    pit = Pit(USDM)
    pit.send(pit.stop(BUY, "3", "110"))
    pit.price("111", "112")

    assert pit.amount == 3
    assert pit.exchange.snapshot(pit.now).positions[0].entry_price == 112


def test_a_stop_on_the_mark_ignores_the_last_price():
    """given stops on mark and on last price, when the last price alone falls, then only that one wakes."""
    pit = Pit(USDM)
    pit.send(pit.order(BUY, "2"))
    on_mark = pit.stop(SELL, "1", "90", reduce_only=True, on_mark=True)
    on_last = pit.stop(SELL, "1", "90", reduce_only=True)
    pit.send(on_mark)
    pit.send(on_last)
    pit.price("89", "89", "100")

    assert [pit.status(on_mark), pit.status(on_last)] == [OrderStatus.NEW, OrderStatus.FILLED]

    pit.price("95", "95", "90")

    assert pit.status(on_mark) is OrderStatus.FILLED


def test_a_closing_stop_sells_whatever_there_is():
    """given a closing stop, when the position has grown before it wakes, then all of it is sold."""
    pit = Pit(USDM)
    pit.send(pit.order(BUY, "1"))
    stop = pit.stop(SELL, None, "90", close_position=True, on_mark=True)
    pit.send(stop)
    pit.send(pit.order(BUY, "1.5"))
    pit.price("89")

    assert pit.amount == 0
    assert pit.report(stop).executed == Decimal("2.5")


def test_closing_orders_end_with_the_position_and_sleeping_reduce_only_ones_stay():
    """given all kinds of exits, when the position is closed, then closing ones expire; a reduce-only stop is an orphan."""
    pit = Pit(USDM)
    pit.send(pit.order(BUY, "1"))
    closing = pit.stop(SELL, None, "90", close_position=True)
    target = pit.stop(SELL, None, "120", close_position=True, type=OrderType.TAKE_PROFIT)
    reducing = pit.stop(SELL, "1", "91", reduce_only=True)
    for order in (closing, target, reducing):
        pit.send(order)
    pit.send(pit.order(SELL, "1", reduce_only=True))

    assert [pit.status(order).value for order in (closing, target, reducing)] == ["expired", "expired", "new"]


def test_an_orphan_is_rejected_when_it_wakes():
    """given a reduce-only stop without its position, when the price reaches it, then it is rejected and opens nothing."""
    pit = Pit(USDM)
    pit.send(pit.order(BUY, "1"))
    orphan = pit.stop(SELL, "1", "91", reduce_only=True)
    pit.send(orphan)
    pit.send(pit.order(SELL, "1"))
    pit.price("90")

    assert pit.status(orphan) is OrderStatus.REJECTED
    assert pit.amount == 0


def test_closing_orders_may_outlive_the_position_where_the_rules_say_so():
    """given rules without GTE, when a position ends, then its closing stop sleeps on, and is rejected when it wakes."""
    pit = Pit(USDM, rules=Rules(closing_orders_expire=False))
    pit.send(pit.order(BUY, "1"))
    stop = pit.stop(SELL, None, "90", close_position=True)
    pit.send(stop)
    pit.send(pit.order(SELL, "1"))

    assert pit.status(stop) is OrderStatus.NEW

    pit.price("89")

    assert pit.status(stop) is OrderStatus.REJECTED


def test_a_reversal_ends_what_would_have_closed_the_old_side():
    """given a closing stop of a long, when the position turns short, then the stop expires."""
    pit = Pit(USDM)
    pit.send(pit.order(BUY, "1"))
    stop = pit.stop(SELL, None, "90", close_position=True)
    pit.send(stop)
    pit.send(pit.order(SELL, "2"))

    assert pit.status(stop) is OrderStatus.EXPIRED


@pytest.mark.parametrize(("side", "mark"), [(BUY, "67"), (SELL, "131")])
def test_a_position_without_margin_left_is_liquidated(side, mark: str):
    """given leverage 3, when the mark has moved by a third, then the exchange closes the position and the rest is safe."""
    pit = Pit(USDM, **FREE_OF_CHARGE)
    pit.send(pit.order(side, "3"))
    told = reports(pit.price(mark))

    assert [report.client_order_id.startswith("autoclose-") for report in told] == [True, True]
    assert pit.amount == 0
    assert pit.balance.free == 10000 - 3 * abs(100 - int(mark))


@pytest.mark.parametrize(("side", "price"), [(BUY, "10"), (SELL, "190")])
def test_a_liquidation_costs_no_more_than_the_margin(side, price: str):
    """given a margin of 100, when the price jumps far beyond it, then 100 are lost and not more."""
    pit = Pit(USDM, **FREE_OF_CHARGE)
    pit.send(pit.order(side, "3"))
    pit.price(price)

    assert 9900 <= pit.balance.free < Decimal("9900.4")


def test_a_stop_that_no_longer_has_a_position_does_not_reopen_it():
    """given a closing stop and a liquidation in one price, when it comes, then the position is closed once."""
    pit = Pit(USDM)
    pit.send(pit.order(BUY, "3"))
    stop = pit.stop(SELL, None, "90", close_position=True)
    pit.send(stop)
    pit.price("60")

    assert pit.amount == 0
    assert pit.status(stop) is OrderStatus.EXPIRED
