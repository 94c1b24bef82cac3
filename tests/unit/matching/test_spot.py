"""A spot account: what is locked, what is paid, what is received."""

from decimal import Decimal

from tests.unit.matching.pit import BUY, GTC, SELL, Pit, fills, reports, statuses

from petrosa_core.execution import OrderStatus
from petrosa_core.matching import Rules
from petrosa_core.values import Amount, Market, Money, OrderType

SPOT = Market.SPOT


def test_a_buy_pays_its_fee_in_what_it_buys_and_a_sell_in_what_it_gets():
    """given 0.1 %, when 1 is bought and 0.5 sold at 100, then 0.001 coins and 0.05 USDT are paid."""
    pit = Pit(SPOT)
    bought = fills(pit.send(pit.order(BUY, "1")).events)[0]
    sold = fills(pit.send(pit.order(SELL, "0.5")).events)[0]

    assert (bought.fee, sold.fee) == (Money(Amount("0.001"), "BTC"), Money(Amount("0.05"), "USDT"))
    assert pit.amount == Decimal("0.499")
    assert pit.balance.free == Decimal("9949.95")


def test_what_was_bought_cannot_be_sold_whole():
    """given 1 bought, when 1 is to be sold, then the fee is missing and it is refused."""
    pit = Pit(SPOT)
    pit.send(pit.order(BUY, "1"))

    assert pit.send(pit.order(SELL, "1")).refusal is not None
    assert pit.send(pit.order(SELL, "0.999")).refusal is None


def test_a_resting_order_locks_what_it_may_need():
    """given a buy and a sell that rest, when both are cancelled, then what was locked is free again."""
    pit = Pit(SPOT)
    pit.send(pit.order(BUY, "1"))
    free = pit.balance.free
    buy, sell = pit.limit(BUY, "2", "90"), pit.limit(SELL, "0.9", "110")
    pit.send(buy)
    pit.send(sell)

    assert pit.balance.free == free - 180
    assert pit.send(pit.order(SELL, "0.2")).refusal is not None

    pit.cancel(buy.client_order_id)
    pit.cancel(sell.client_order_id)

    assert pit.balance.free == free
    assert pit.send(pit.order(SELL, "0.2")).refusal is None


def test_a_buy_that_trades_below_its_limit_gets_the_rest_back():
    """given an ask of 100, when 4 of 10 trade of a buy limited to 105, then 600 are paid or locked, not more."""
    pit = Pit(SPOT, rules=Rules(depth=Decimal(4)))
    pit.send(pit.limit(BUY, "10", "105"))

    assert pit.balance.free == 10000 - 400 - 6 * 105


def test_equity_counts_the_coins_at_the_newest_price():
    """given 1 coin less its fee, when the price is 200, then equity is the money and the coin's worth."""
    pit = Pit(SPOT)
    pit.send(pit.order(BUY, "1"))
    pit.price("200")

    assert pit.balance.equity == 9900 + Decimal("0.999") * 200


def test_a_stop_locks_at_its_trigger_and_sells_when_it_wakes():
    """given a coin, when the price falls through a stop, then it wakes, is told, and sells at the bid."""
    pit = Pit(SPOT)
    pit.send(pit.order(BUY, "1"))
    pit.send(pit.stop(SELL, "0.999", "95"))

    assert pit.price("95.1") == ()

    told = reports(pit.price("94"))

    assert statuses(told) == ["stop new", "stop filled"]
    assert [report.triggered for report in told] == [True, True]
    assert fills(told)[0].price == 94
    assert pit.amount == 0


def test_a_buy_stop_that_gaps_beyond_the_money_expires():
    """given 1000 USDT locked by a buy stop at 100 for all of it, when the price opens at 120, then it cannot be paid."""
    pit = Pit(SPOT, balance="1000", price="90")
    order = pit.stop(BUY, "10", "100")
    pit.send(order)

    assert statuses(pit.price("120")) == ["stop new", "stop expired"]
    assert pit.balance.free == 1000


def test_a_buy_stop_may_use_free_money_when_it_gaps():
    """given money beside what a buy stop locked, when the price opens above the trigger, then it trades."""
    pit = Pit(SPOT, balance="2000", price="90")
    pit.send(pit.stop(BUY, "10", "100"))

    assert statuses(pit.price("120")) == ["stop new", "stop filled"]
    assert pit.balance.free == 800


def test_a_stop_limit_that_is_jumped_over_rests():
    """given a stop at 95 limited to 94, when the price falls to 90, then it rests at 94 and trades on the way back."""
    pit = Pit(SPOT)
    pit.send(pit.order(BUY, "1"))
    order = pit.order(SELL, "0.9", type=OrderType.STOP_LIMIT, trigger_price="95", price="94", time_in_force=GTC)
    pit.send(order)

    assert statuses(pit.price("90")) == ["stop_limit new"]
    assert pit.report(order).triggered

    pit.price("94")

    assert pit.status(order) is OrderStatus.FILLED


def test_the_mark_means_nothing_on_spot():
    """given a stop on the mark, when the mark alone falls, then it sleeps on: spot watches the last price."""
    pit = Pit(SPOT)
    pit.send(pit.order(BUY, "1"))
    pit.send(pit.stop(SELL, "0.9", "95", on_mark=True))

    assert pit.price("100", "100", "90") == ()


def test_a_position_without_a_price_has_no_mark():
    """given a new spot account, when it is read, then it holds its money and nothing else."""
    pit = Pit(SPOT, price=None)
    snapshot = pit.exchange.snapshot(pit.now)

    assert snapshot.positions == ()
    assert snapshot.balance.free == snapshot.balance.equity == 10000
