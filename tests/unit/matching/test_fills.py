"""How orders trade: takers at the other side's price, makers at their own, each piece told once."""

from decimal import Decimal

import attrs
import pytest
from tests.unit.matching.pit import BTC, BUY, FOK, GTC, GTX, IOC, SELL, Pit, fills, reports, statuses

from petrosa_core.execution import Accepted, Cancellation, OrderStatus, Rejected
from petrosa_core.matching import Rules, Tick
from petrosa_core.values import Amount, Balance, Market, Money, Symbol

SPOT, USDM = Market.SPOT, Market.USDM
BOTH = pytest.mark.parametrize("market", [SPOT, USDM])


@BOTH
def test_the_answer_comes_without_a_fill_and_new_comes_before_it(market: Market):
    """given a price, when a market order trades at once, then NEW is told first, then the fill, then the balance."""
    pit = Pit(market)
    answer = pit.send(pit.order(BUY, "1"))

    new, filled = reports(answer.events)
    assert answer.outcome.at == pit.now
    assert (new.status, new.fill) == (OrderStatus.NEW, None)
    assert filled.status is OrderStatus.FILLED
    assert [new.executed, filled.executed, filled.cost] == [0, 1, 100]
    assert filled.venue_order_id == new.venue_order_id == answer.order_id
    assert isinstance(answer.events[-1], Balance)


@BOTH
def test_a_taker_pays_the_other_side(market: Market):
    """given 99 to 101, when a buy and a sell come, then they trade at 101 and at 99, as takers."""
    pit = Pit(market)
    pit.price("99", "101")
    (bought,) = fills(pit.send(pit.order(BUY, "2")).events)
    (sold,) = fills(pit.send(pit.order(SELL, "1")).events)

    assert [bought.price, sold.price] == [101, 99]
    assert (bought.maker, sold.maker) == (False, False)


@BOTH
def test_a_limit_that_crosses_trades_at_the_better_price(market: Market):
    """given an ask of 100, when a buy limited to 105 comes, then it pays 100."""
    pit = Pit(market)

    assert fills(pit.send(pit.limit(BUY, "1", "105")).events)[0].price == 100


@BOTH
def test_a_resting_order_trades_at_its_limit_as_a_maker(market: Market):
    """given a buy that rests at 95, when the price falls to 90, then it trades at 95 and pays the maker's fee."""
    pit = Pit(market)
    order = pit.limit(BUY, "1", "95")

    assert statuses(pit.send(order).events) == ["limit new"]

    (fill,) = fills(pit.price("90"))

    assert pit.status(order) is OrderStatus.FILLED
    assert fill.price == 95
    assert fill.maker
    assert fill.fee == (Money(Amount("0.001"), "BTC") if market is SPOT else Money(Amount("0.019"), "USDT"))


@BOTH
def test_resting_orders_trade_by_price_then_by_arrival(market: Market):
    """given buys at 95, 96 and 95 again, when the price falls, then 96 trades first and the earlier 95 before the later."""
    pit = Pit(market)
    orders = [pit.limit(BUY, "1", price) for price in ("95", "96", "95")]
    for order in orders:
        pit.send(order)

    filled = [report.client_order_id for report in reports(pit.price("90"))]

    assert filled == [orders[1].client_order_id, orders[0].client_order_id, orders[2].client_order_id]


@BOTH
def test_a_price_that_reaches_nothing_changes_nothing(market: Market):
    """given a resting buy, when the price moves above it, then there is nothing to tell."""
    pit = Pit(market)
    pit.send(pit.limit(BUY, "1", "95"))

    assert pit.price("96") == ()


@BOTH
def test_depth_cuts_an_order_into_pieces(market: Market):
    """given depth for 4 per price, when a buy of 10 comes, then it fills 4 now, 4 at the next price and 2 after it."""
    pit = Pit(market, rules=Rules(depth=Decimal(4)))
    order = pit.limit(BUY, "10", "100")
    told = [reports(pit.send(order).events), reports(pit.price("100")), reports(pit.price("100"))]

    assert [[report.executed for report in batch] for batch in told] == [[0, 4], [8], [10]]
    assert [fills(batch)[0].quantity for batch in told] == [4, 4, 2]
    assert told[-1][-1].status is OrderStatus.FILLED
    found = pit.exchange.find(order.symbol, order.client_order_id)
    assert found is not None
    assert sum(fill.quantity for fill in found.fills) == Decimal(10)


@BOTH
def test_depth_is_shared_by_all_at_one_price(market: Market):
    """given depth for 4, when two buys of 3 come, then the second gets 1, and a third nothing until the next price."""
    pit = Pit(market, rules=Rules(depth=Decimal(4)))
    orders = [pit.limit(BUY, "3", "100") for _ in range(3)]
    for order in orders:
        pit.send(order)

    assert [pit.report(order).executed for order in orders] == [3, 1, 0]


@BOTH
def test_a_market_order_beyond_the_depth_expires(market: Market):
    """given depth for 4, when a market buy of 10 comes, then 4 are executed and it is EXPIRED: judge by what is executed."""
    pit = Pit(market, rules=Rules(depth=Decimal(4)))
    last = reports(pit.send(pit.order(BUY, "10")).events)[-1]

    assert last.status is OrderStatus.EXPIRED
    assert last.executed == 4
    assert pit.balance.free > 0


@BOTH
def test_immediate_or_cancel_takes_what_there_is(market: Market):
    """given depth for 4, when an IOC for 10 comes, then 4 are executed and the rest expires; away from it, all expires."""
    pit = Pit(market, rules=Rules(depth=Decimal(4)))
    order, away = pit.limit(BUY, "10", "100", IOC), pit.limit(BUY, "1", "99", IOC)

    assert statuses(pit.send(order).events) == ["limit new", "limit partially_filled", "limit expired"]
    assert statuses(pit.send(away).events) == ["limit new", "limit expired"]
    assert pit.report(order).executed == 4


@pytest.mark.parametrize(("quantity", "price"), [("6", "100"), ("1", "99")], ids=["too much", "too cheap"])
def test_fill_or_kill_that_cannot_fill_expires_on_spot(quantity: str, price: str):
    """given depth for 5, when a fill-or-kill cannot fill whole on spot, then it is accepted and expires unfilled."""
    pit = Pit(SPOT, rules=Rules(depth=Decimal(5)))

    assert statuses(pit.send(pit.limit(BUY, quantity, price, FOK)).events) == ["limit new", "limit expired"]
    assert pit.balance.free == 10000


@BOTH
def test_fill_or_kill_fills_whole(market: Market):
    """given enough depth, when a fill-or-kill comes at the price, then it is filled at once."""
    pit = Pit(market, rules=Rules(depth=Decimal(5)))

    assert statuses(pit.send(pit.limit(BUY, "5", "100", FOK)).events)[-1] == "limit filled"


@BOTH
def test_post_only_rests(market: Market):
    """given a price of 100, when a post-only buy at 99 comes, then it rests, and trades later as a maker."""
    pit = Pit(market)

    assert statuses(pit.send(pit.limit(BUY, "1", "99", GTX)).events) == ["limit new"]
    assert fills(pit.price("99"))[0].maker


@BOTH
def test_a_self_quoted_price_moves_no_order_that_is_there(market: Market):
    """given a resting buy and a sleeping stop, when a self-quoted price passes both, then only a new order trades."""
    pit = Pit(market)
    pit.send(pit.order(BUY, "1"))
    orders = [pit.limit(BUY, "1", "95", GTC), pit.stop(SELL, "0.5", "96")]
    for order in orders:
        pit.send(order)

    assert pit.price("90", self_quoted=True) == ()
    assert [pit.status(order) for order in orders] == [OrderStatus.NEW, OrderStatus.NEW]
    assert fills(pit.send(pit.order(BUY, "1")).events)[0].price == 90


@BOTH
def test_a_cancelled_order_keeps_what_it_executed(market: Market):
    """given a buy that has filled 4 of 10, when it is cancelled, then it ends with 4, and its funds are free."""
    pit = Pit(market, rules=Rules(depth=Decimal(4), leverage=Decimal(1)))
    order = pit.limit(BUY, "10", "100")
    pit.send(order)
    answer = pit.cancel(order.client_order_id)

    assert statuses(answer.events) == ["limit cancelled"]
    assert reports(answer.events)[0].executed == 4
    assert pit.balance.free == (9600 if market is SPOT else Decimal("9599.8"))
    assert pit.amount == (Decimal("3.996") if market is SPOT else 4)


@BOTH
def test_trades_are_numbered_and_orders_too(market: Market):
    """given several orders, when they trade, then no number is given twice."""
    pit = Pit(market)
    told = [reports(pit.send(pit.order(BUY, "1")).events)[-1] for _ in range(5)]

    assert len({report.fill.trade_id for report in told if report.fill}) == 5
    assert len({report.venue_order_id for report in told}) == 5


@BOTH
def test_old_orders_are_forgotten(market: Market):
    """given room for two finished orders, when three have finished, then the first cannot be found any more."""
    pit = Pit(market, rules=Rules(history=2))
    orders = [pit.order(BUY, "1") for _ in range(3)]
    for order in orders:
        pit.send(order)

    found = [pit.exchange.find(order.symbol, order.client_order_id) is not None for order in orders]

    assert found == [False, True, True]


@BOTH
def test_of_two_orders_with_one_id_the_newer_is_found(market: Market):
    """given an id that was used twice, when it is asked for, then the later order answers."""
    pit = Pit(market)
    first = pit.limit(BUY, "1", "99")
    pit.send(first)
    pit.cancel(first.client_order_id)
    pit.send(pit.limit(BUY, "2", "99", client_order_id=first.client_order_id))

    assert pit.report(first).quantity == 2


def test_an_unknown_symbol_has_no_price():
    """given one symbol, when another is priced or asked for, then there is nothing."""
    pit = Pit(SPOT)
    ether = Symbol("ETHUSDT")
    quote = pit.exchange.quote(BTC)
    assert quote is not None
    answer = pit.exchange.apply(Tick(attrs.evolve(quote, symbol=ether)))

    assert answer.refusal is not None
    assert pit.exchange.quote(ether) is None
    assert pit.exchange.instruments == (pit.instrument,)


@BOTH
def test_an_answer_reads_as_the_port_says_it(market: Market):
    """given answers, when they are put in the port's words, then nothing is lost."""
    pit = Pit(market)
    order = pit.limit(BUY, "1", "99")
    accepted, refused = pit.send(order), pit.send(order)
    cancelled, gone = pit.cancel(order.client_order_id), pit.cancel(order.client_order_id)

    assert accepted.outcome == Accepted(venue_order_id=accepted.order_id, at=accepted.at)
    assert isinstance(refused.outcome, Rejected)
    assert (refused.outcome.duplicate, refused.outcome.would_trigger, refused.outcome.retryable) == (True, False, False)
    assert (cancelled.cancellation, gone.cancellation) == (Cancellation.DONE, Cancellation.GONE)
