"""What the venue tells: nothing is lost, nothing counts twice, and an absence is believed only when it can be."""

from decimal import Decimal
from typing import Any

import attrs
import pytest
from tests.support.decisions import NOW, a_policy, a_spot_instrument
from tests.support.desk import ACCOUNT, Desk, commanded, written
from tests.support.trades import a_fill, a_report

from petrosa_core.audit.entries import ExitAdopted
from petrosa_core.desk import Stepped
from petrosa_core.desk.inputs import CancelSettled, InstrumentsLookedUp, OrderLookedUp, OrderTold, RequestSettled
from petrosa_core.execution import (
    Accepted,
    Cancellation,
    Fill,
    NotFound,
    OrderHistory,
    OrderReport,
    OrderState,
    OrderStatus,
    Patience,
    Unreadable,
)
from petrosa_core.order import TradeOrder
from petrosa_core.values import (
    MILLISECOND,
    SECOND,
    ZERO,
    ClientOrderId,
    Duration,
    Instrument,
    Leg,
    Moment,
    OrderType,
    Price,
    Quantity,
    Side,
    SignalId,
    StrategyId,
    TimeInForce,
    client_order_id,
)

NEW, FILLED, CANCELLED = OrderStatus.NEW, OrderStatus.FILLED, OrderStatus.CANCELLED
ENTRY_BOUND: Duration = 5 * SECOND + 12 * SECOND
EXIT_BOUND: Duration = 5 * SECOND + 2 * SECOND


def entered() -> Desk:
    """A desk whose entry is on its way."""
    desk = Desk()
    desk.signal()
    return desk


def not_found(desk: Desk, short: str) -> list[str]:
    """A read does not find the order; what is written."""
    return written(desk.look(short, NotFound(at=desk.now)))


# --- answers --------------------------------------------------------------------------------------------------------


def test_an_answer_is_written_down_and_what_follows_is_done():
    """given a stop that is accepted, when it is heard, then the target goes at once."""
    desk = entered()
    desk.accepted("e1").filled("e1")

    stepped = desk.settle("s1", Accepted(venue_order_id="v", at=desk.now))

    assert written(stepped) == ["RequestAnswered", "ExitIntended"]
    assert commanded(stepped) == ["send: target sell take_profit whole when 105.00 on_mark"]
    assert stepped.touched == {desk.trade.signal_id}


def test_what_is_told_of_a_trade_that_we_do_not_know_is_left_alone():
    """given an answer, a cancel's answer and a reading of a forgotten trade, when they come, then nothing is written."""
    desk = Desk()
    nobody = SignalId("sg-nobody")
    name = client_order_id(ACCOUNT, nobody, Leg.STOP, 1)
    when: dict[str, Any] = {"signal_id": nobody, "client_order_id": name, "at": desk.now, "stamp": desk.now}
    accepted = Accepted(venue_order_id="v", at=desk.now)

    assert desk.do(RequestSettled(outcome=accepted, **when)).entries == ()
    assert desk.do(CancelSettled(answer=Cancellation.GONE, **when)).entries == ()
    assert desk.do(OrderLookedUp(found=NotFound(at=desk.now), asked_at=desk.now, **when)).entries == ()


def test_a_report_that_says_nothing_new_is_not_written_down():
    """given a fill that was heard, when the stream tells of it again, then nothing happens."""
    desk = entered()
    desk.accepted("e1")
    report = desk.report("e1", FILLED, executed=Decimal(3), cost=Decimal(300))
    assert written(desk.told(report)) == ["OrderReported", "ExitIntended"]

    assert desk.told(attrs.evolve(report, at=Moment(desk.now + 1))).entries == ()


def test_a_foreign_order_on_the_stream_is_not_ours():
    """given an order that somebody made by hand, when the stream tells of it, then nothing is written."""
    desk = entered()
    report = attrs.evolve(desk.report("e1", NEW), client_order_id=ClientOrderId("web_123"))

    assert desk.told(report).entries == ()


def test_the_answer_to_a_cancel_ends_nothing():
    """given a cancelled entry, when the venue says done, then the order is read: only a report ends it."""
    desk = entered()
    desk.accepted("e1").wait(300).tick()

    stepped = desk.cancel_settled("e1", Cancellation.DONE)

    assert written(stepped) == ["CancelAnswered"]
    assert desk.order("e1").state is OrderState.NEW
    assert [order.client_order_id for order in desk.trade.unresolved] == [desk.name("e1")]


# --- readings -------------------------------------------------------------------------------------------------------


def test_a_reading_that_failed_is_no_answer():
    """given an unanswered entry, when a read fails, then nothing is written, and nothing is concluded."""
    desk = entered()
    desk.unanswered("e1")

    assert desk.wait(60).look("e1", Unreadable(why="timeout")).entries == ()


def test_a_history_brings_every_fill_and_then_the_state():
    """given an unanswered entry, when a read finds it filled in two parts, then both are counted, with their fees."""
    desk = entered()
    desk.unanswered("e1")
    fills = (a_fill("1", "99", "f1"), a_fill("2", "100", "f2"))
    report = desk.report("e1", FILLED, executed=Decimal(3), cost=Decimal(299))

    stepped = desk.look("e1", OrderHistory(report=report, fills=fills))

    assert written(stepped).count("OrderReported") == 3
    assert (desk.order("e1").fill_ids, desk.order("e1").state) == (("f1", "f2"), OrderState.FILLED)
    assert desk.trade.entry.average_price is not None
    assert commanded(stepped)[0].startswith("send: stop sell stop whole")


def test_a_history_of_an_older_order_under_the_same_name_is_not_ours():
    """given a name that Binance has freed, when a read finds an order from before our send, then it is an absence."""
    desk = entered()
    desk.unanswered("e1")
    desk.now = Moment(NOW + ENTRY_BOUND)
    older = desk.report("e1", FILLED, executed=Decimal(3), created_at=Moment(NOW - SECOND - 1))

    assert written(desk.look("e1", OrderHistory(report=older))) == ["OrderMissing"]
    ours = attrs.evolve(older, created_at=Moment(NOW - SECOND))
    assert "OrderReported" in written(desk.look("e1", OrderHistory(report=ours)))


@pytest.mark.parametrize("early", [0, 5 * SECOND, ENTRY_BOUND - 1])
def test_an_absence_within_the_bound_says_nothing(early: Duration):
    """given an unanswered entry, when a read within 17 s of its stamp does not find it, then nothing is believed."""
    desk = entered()
    desk.unanswered("e1")
    desk.now = Moment(NOW + early)

    assert not_found(desk, "e1") == []


def test_an_absence_is_believed_when_it_was_asked_after_the_bound_and_twice():
    """given an unanswered entry, when two reads after the bound miss it, then it is abandoned, and its trade ends."""
    desk = entered()
    desk.unanswered("e1")
    desk.now = Moment(NOW + ENTRY_BOUND)

    assert not_found(desk, "e1") == ["OrderMissing"]
    assert desk.ending == ""
    assert not_found(desk, "e1") == ["OrderMissing", "OrderAbandoned", "TradeEnded"]
    assert desk.ending == "entry-abandoned"
    assert desk.book.totals.gross_exposure == 0


def test_a_read_that_was_asked_too_early_is_not_believed_however_late_it_comes():
    """given a read that was asked within the bound, when its answer comes after it, then it says nothing."""
    desk = entered()
    desk.unanswered("e1")
    desk.now = Moment(NOW + 2 * ENTRY_BOUND)

    assert written(desk.look("e1", NotFound(at=desk.now), asked_at=Moment(NOW + ENTRY_BOUND - 1))) == []


def test_an_exit_is_given_up_earlier_than_an_entry():
    """given an unanswered close in question, when two reads 7 s after its stamp miss it, then the next attempt goes."""
    desk = Desk([a_spot_instrument(opoco_allowed=False)])
    desk.signal()
    desk.accepted("e1").filled("e1")
    desk.close()
    desk.refused("l1", -1003, retryable=True)
    desk.wait(1).tick()
    desk.unanswered("x1")
    desk.now = Moment(desk.order("x1").signed_at + EXIT_BOUND)

    assert not_found(desk, "x1") == ["OrderMissing"]
    assert not_found(desk, "x1") == ["OrderMissing", "OrderAbandoned"]
    assert commanded(desk.wait(1).tick()) == ["send: close sell market 3"]


def test_an_absence_of_what_has_an_answer_says_nothing():
    """given an accepted entry, when a read does not find it, then that is the read's fault."""
    desk = entered()
    desk.accepted("e1").wait(60)

    assert not_found(desk, "e1") == []


def test_an_absence_of_an_order_that_was_never_placed_says_nothing():
    """given no second stop, when a read after a crash does not find one, then nothing is written."""
    desk = Desk().protected()
    name = client_order_id(ACCOUNT, desk.trade.signal_id, Leg.STOP, 2)

    stepped = desk.do(_looked(desk, name, NotFound(at=desk.now)))

    assert stepped.entries == ()


def _looked(desk: Desk, name: ClientOrderId, found: OrderHistory | NotFound) -> OrderLookedUp:
    return OrderLookedUp(
        signal_id=desk.trade.signal_id,
        client_order_id=name,
        found=found,
        asked_at=desk.now,
        at=desk.now,
        stamp=desk.now,
    )


def test_a_list_that_was_never_there_is_given_up_as_a_whole():
    """given an unanswered OPOCO, when two reads miss its entry, then all three legs are abandoned, and the trade ends."""
    desk = Desk([a_spot_instrument()])
    desk.signal()
    desk.unanswered("l1")
    desk.now = Moment(NOW + ENTRY_BOUND)
    not_found(desk, "e1")

    assert not_found(desk, "e1") == ["OrderMissing", "OrderAbandoned", "OrderAbandoned", "OrderAbandoned", "TradeEnded"]


def test_an_exit_of_a_list_waits_as_long_as_its_entry():
    """given an unanswered OPOCO, when its stop is missed 7 s after the stamp, then nothing is believed yet."""
    desk = Desk([a_spot_instrument()])
    desk.signal()
    desk.unanswered("l1")
    desk.now = Moment(NOW + EXIT_BOUND)

    assert not_found(desk, "s1") == []


def test_an_oco_without_an_answer_is_given_up_without_its_entry():
    """given an unanswered OCO after a plain entry, when two reads miss its stop, then both legs are, the entry is not."""
    desk = Desk([a_spot_instrument(opoco_allowed=False)])
    desk.signal()
    desk.accepted("e1").filled("e1")
    desk.unanswered("l1")
    desk.now = Moment(NOW + EXIT_BOUND)
    not_found(desk, "s1")

    assert not_found(desk, "s1").count("OrderAbandoned") == 2
    assert desk.order("e1").state is OrderState.FILLED


def test_a_held_back_exit_that_is_missed_twice_is_given_up_alone():
    """given a filled list, when two reads miss its held-back stop, then it protects nothing, and its target is untouched."""
    desk = Desk([a_spot_instrument()])
    desk.signal()
    desk.accepted("l1")
    desk.filled("e1")
    desk.now = Moment(NOW + ENTRY_BOUND)

    assert not_found(desk, "s1")[:1] == ["OrderMissing"]
    assert not_found(desk, "s1")[:2] == ["OrderMissing", "OrderAbandoned"]
    assert desk.order("s1").state is OrderState.ABANDONED
    assert desk.order("t1").state is OrderState.PENDING


def test_a_resting_stop_that_no_read_finds_any_more_is_replaced():
    """given a stop that the venue has forgotten, when two reads miss it one after the other, then a new one is sent."""
    desk = Desk().protected()
    desk.wait(60)

    assert not_found(desk, "s1") == ["OrderMissing"]
    desk.heard("s1", OrderStatus.NEW)
    assert not_found(desk, "s1") == ["OrderMissing"]
    assert not_found(desk, "s1")[:2] == ["OrderMissing", "OrderAbandoned"]
    desk.wait(1).tick()
    assert desk.order("s2").order.close_position


def test_an_entry_that_was_to_go_and_is_not_found_any_more_is_over():
    """given a resting entry that a cancel did not find, when two reads miss it too, then its trade ends."""
    desk = entered()
    desk.accepted("e1").wait(60)
    desk.cancel(desk.name("e1"))
    desk.cancel_settled("e1", Cancellation.GONE)
    not_found(desk, "e1")

    assert not_found(desk, "e1")[-1:] == ["TradeEnded"]


def test_an_abandoned_entry_that_appears_is_cared_for():
    """given an entry that was given up, when it turns out to have filled, then its trade is open again and protected."""
    desk = entered()
    desk.unanswered("e1")
    desk.now = Moment(NOW + ENTRY_BOUND)
    not_found(desk, "e1")
    not_found(desk, "e1")
    assert desk.ending == "entry-abandoned"

    stepped = desk.filled("e1")

    assert desk.ending == ""
    assert commanded(stepped) == ["send: stop sell stop whole when 98.00 on_mark"]
    assert list(desk.book.on_symbol(desk.trade.symbol)) == [desk.trade]
    assert desk.book.totals.gross_exposure == 300


def test_an_abandoned_entry_that_appears_at_rest_is_cancelled():
    """given an entry that was given up, when it turns out to rest, then it is cancelled at once."""
    desk = entered()
    desk.unanswered("e1")
    desk.now = Moment(NOW + ENTRY_BOUND)
    not_found(desk, "e1")
    not_found(desk, "e1")

    assert commanded(desk.heard("e1", NEW)) == ["cancel e1"]


# --- adoption -------------------------------------------------------------------------------------------------------


def report_of(desk: Desk, leg: Leg, attempt: int, **changes: Any) -> OrderReport:
    """The venue's word on an order of the newest trade that the journal has not heard of."""
    order = TradeOrder(
        client_order_id=client_order_id(ACCOUNT, desk.trade.signal_id, leg, attempt),
        leg=leg,
        symbol=desk.trade.symbol,
        side=Side.SELL,
        type=OrderType.STOP,
        quantity=None,
        trigger_price=Price(98),
        close_position=True,
    )
    return attrs.evolve(a_report(order, NEW, at=desk.now, created_at=desk.now), **changes)


def adopted(desk: Desk, report: OrderReport) -> TradeOrder:
    """What an unknown order of ours is taken for."""
    stepped = desk.told(report)
    entry = next(entry for entry in stepped.entries if isinstance(entry, ExitAdopted))
    return entry.order


def test_an_exit_that_left_just_before_a_crash_is_adopted():
    """given a fill whose stop was sent but not written down, when the venue tells of the stop, then it is ours."""
    desk = entered()
    desk.accepted("e1")
    desk.rules = attrs.evolve(desk.rules, caring=False)
    desk.filled("e1")
    desk.rules = attrs.evolve(desk.rules, caring=True)

    stepped = desk.told(report_of(desk, Leg.STOP, 1))

    assert written(stepped)[0] == "ExitAdopted"
    assert desk.order("s1").resting
    assert desk.trade.is_covered
    assert desk.order("s1").placed_at == desk.now


def test_an_adopted_exit_has_the_venues_numbers():
    """given orders of each kind, when they are adopted, then quantity, prices and lifetime are those of the report."""
    desk = Desk().protected()

    whole = adopted(desk, report_of(desk, Leg.STOP, 2))
    assert (whole.quantity, whole.close_position, whole.trigger_price) == (None, True, Price(98))

    part = adopted(desk, report_of(desk, Leg.STOP, 3, quantity=Decimal(2)))
    assert (part.quantity, part.close_position) == (Quantity(2), False)

    limit = adopted(
        desk,
        report_of(
            desk, Leg.TARGET, 2, type=OrderType.LIMIT, quantity=Decimal(2), price=Decimal(105), trigger_price=ZERO
        ),
    )
    assert (limit.price, limit.trigger_price, limit.time_in_force) == (Price(105), None, TimeInForce.GTC)

    market = adopted(
        desk,
        report_of(desk, Leg.CLOSE, 1, type=OrderType.MARKET, quantity=Decimal(2), price=ZERO, trigger_price=None),
    )
    assert (market.price, market.trigger_price, market.time_in_force) == (None, None, None)
    assert market.leg is Leg.CLOSE


@pytest.mark.parametrize("leg", [Leg.ENTRY, Leg.LIST])
def test_a_second_entry_under_our_name_is_never_adopted(leg: Leg):
    """given an order named like another entry, or a list, when the venue tells of it, then it is no exit of ours."""
    desk = Desk().protected()

    assert desk.told(report_of(desk, leg, 2)).entries == ()


def test_a_history_of_an_unwritten_exit_is_adopted_with_its_fills():
    """given a close that was sent but not written down, when a read finds it filled, then the trade is out."""
    desk = Desk().protected()
    name = client_order_id(ACCOUNT, desk.trade.signal_id, Leg.CLOSE, 1)
    fill: Fill = a_fill("3", "101", "f")
    report = report_of(
        desk,
        Leg.CLOSE,
        1,
        type=OrderType.MARKET,
        quantity=Decimal(3),
        trigger_price=None,
        status=FILLED,
        executed=Decimal(3),
        cost=Decimal(303),
    )

    stepped = desk.do(_looked(desk, name, OrderHistory(report=report, fills=(fill,))))

    assert written(stepped) == ["ExitAdopted", "OrderReported", "CancelIntended", "CancelIntended"]
    assert desk.trade.held == 0
    assert commanded(stepped) == ["cancel s1", "cancel t1"]


# --- balance, rules, days, leaders ----------------------------------------------------------------------------------


def test_a_balance_is_written_when_it_is_news():
    """given a balance, when the same comes again, then nothing; another is written."""
    desk = Desk()

    assert written(desk.balance("10000")) == []
    assert written(desk.balance("9000")) == ["BalanceRead"]


def test_only_what_changed_in_the_rules_is_written():
    """given the venue's rules, when they are read again, then nothing; a change and a symbol that is gone are written."""
    desk = Desk([a_spot_instrument(), a_spot_instrument(symbol="XYZUSDT")])

    assert written(_instruments(desk, *desk.instruments)) == []
    assert written(_instruments(desk, a_spot_instrument(tick=Decimal("0.1")))) == ["InstrumentsRead"]
    assert list(desk.book.instruments) == ["ABCUSDT"]
    assert desk.book.instruments[desk.instruments[0].symbol].tick == Decimal("0.1")


def _instruments(desk: Desk, *instruments: Instrument) -> Stepped:
    return desk.do(InstrumentsLookedUp(instruments=instruments, at=desk.now, stamp=desk.now))


def test_a_day_begins_with_the_first_input_after_midnight():
    """given a balance of yesterday, when anything is stepped today, then the day begins first, with its equity, once."""
    desk = Desk().wait(86_400)

    assert written(desk.tick()) == ["DayBegun"]
    assert desk.tick().entries == ()
    assert desk.book.totals.day == desk.now // (86_400 * SECOND)
    assert desk.book.totals.day_start_equity == 10_000


def test_a_new_leader_holds_what_was_on_its_way_for_unanswered():
    """given an entry on its way and a stop on its way, when another replica takes over, then both have to be read."""
    desk = entered()
    desk.accepted("e1").filled("e1")
    assert desk.order("s1").state is OrderState.INTENDED

    stepped = desk.take_over("r2")

    assert written(stepped) == ["LeadershipTaken", "RequestAnswered"]
    assert desk.order("s1").state is OrderState.UNKNOWN
    assert (desk.book.totals.leader, desk.book.totals.build, desk.book.totals.settings) == ("r2", "b", "s")


def test_a_new_journal_says_whose_it_is_first():
    """given an empty journal, when it is taken over, then its first entry names the account, once."""
    desk = Desk(opened=False)

    assert written(desk.take_over()) == ["JournalOpened", "LeadershipTaken"]
    assert written(desk.take_over("r2")) == ["LeadershipTaken"]
    assert (desk.book.totals.account, desk.book.totals.market.value) == (ACCOUNT, "usdm")


def test_while_recovery_asks_the_venue_nothing_is_sent():
    """given a desk that does not care yet, when a fill is told, then it is written, and nothing is sent until it cares."""
    desk = entered()
    desk.accepted("e1")
    desk.rules = attrs.evolve(desk.rules, caring=False)
    assert desk.filled("e1").commands == ()
    assert desk.wait(10).tick().commands == ()

    desk.rules = attrs.evolve(desk.rules, caring=True)

    assert desk.tick().commands


def test_an_unprotected_position_is_closed_and_people_are_told():
    """given a stop without an answer in a shared position, when 3 s are over, then it is closed with a critical alarm."""
    desk = entered()
    desk.accepted("e1").filled("e1")
    desk.refused("s1", -1003, retryable=True)

    stepped = desk.wait(3).tick()

    assert written(stepped)[:2] == ["ClosingBegun", "Alarmed"]
    alarm = stepped.entries[1]
    assert getattr(alarm, "name", "") == "position_unprotected.ABCUSDT"
    assert getattr(alarm, "severity", "") == "critical"
    assert (
        getattr(alarm, "message", "") == "ABCUSDT: 3.000 held without a live stop (unprotected); closing at the market"
    )
    assert getattr(alarm, "signal_id", "") == desk.trade.signal_id


def test_an_unanswered_stop_is_sent_again_under_its_name():
    """given a stop without an answer, when half a second has passed, then the same order goes with a new stamp."""
    desk = entered()
    desk.accepted("e1").filled("e1")
    desk.unanswered("s1")

    stepped = desk.wait(0.5).tick()

    assert written(stepped) == ["ExitResent"]
    assert commanded(stepped) == ["send: stop sell stop whole when 98.00 on_mark"]
    assert (desk.order("s1").signed_at, desk.order("s1").sends) == (desk.now, 2)


def test_an_ended_trade_leaves_with_its_result():
    """given a trade stopped out, when its exits are gone, then it ends, its exposure is gone, and its result is counted."""
    desk = Desk().protected()
    desk.filled("s1", price="98")
    desk.cancelled("t1")

    assert desk.trade.ended is not None
    assert (desk.trade.ended.why, desk.trade.ended.pnl) == ("stopped", Decimal(-6))
    assert desk.book.trades == {}
    assert desk.book.totals.gross_exposure == 0
    assert desk.book.totals.realised_today == -6
    assert desk.book.counted("trade") == {"success": 1}


def test_a_late_stamp_is_kept_apart_from_the_time():
    """given a venue whose clock is 40 ms behind, when an exit is placed, then it is signed with the venue's time."""
    desk = entered()
    desk.accepted("e1")
    report = desk.report("e1", FILLED, executed=Decimal(3), cost=Decimal(300))

    desk.do(OrderTold(report=report, at=desk.now, stamp=Moment(desk.now - 40 * MILLISECOND)))

    assert desk.order("s1").signed_at == desk.now - 40 * MILLISECOND


def test_who_is_left_alone_on_a_symbol_is_looked_at_again():
    """given two trades on a symbol, when one ends, then the other's next moment may have changed."""
    desk = Desk(policy=a_policy(one_trade_per_symbol=False)).protected("a")
    left = desk.trade.signal_id
    desk.wait(60).signal("b", strategy_id=StrategyId("other"))

    stepped = desk.refused("e1")

    assert desk.ending == "entry-rejected"
    assert stepped.touched == {left, desk.trade.signal_id}


def test_needs_that_never_rest_are_a_bug_and_said_so():
    """given a patience that asks for a cancel at every look, when an entry expires, then the step fails instead of hanging."""
    desk = entered()
    desk.accepted("e1")
    desk.rules = attrs.evolve(desk.rules, patience=Patience(recancel=0))

    with pytest.raises(AssertionError, match="do not come to rest"):
        desk.wait(300).tick()
