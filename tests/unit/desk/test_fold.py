"""What entries do to the book: running totals, days, what is kept and what is forgotten."""

from decimal import Decimal

import attrs
import pytest
from tests.support.decisions import NOW, a_balance, a_policy, a_spot_instrument, an_instrument
from tests.support.desk import ACCOUNT, SYMBOL, Desk
from tests.support.trades import a_fill

from petrosa_core.audit.entries import (
    Alarmed,
    BalanceRead,
    CancelAnswered,
    DayBegun,
    Entry,
    OrderReported,
    SignalRepeated,
    TradeEnded,
)
from petrosa_core.desk import Book, apply
from petrosa_core.desk.book import ENDED_KEPT, Totals, same_key
from petrosa_core.desk.fold import REMEMBERED
from petrosa_core.desk.snapshot import book_digest
from petrosa_core.execution import Cancellation, NotFound, OrderStatus
from petrosa_core.signal import Action
from petrosa_core.values import DAY, MINUTE, SECOND, Amount, Moment, Money, SignalId, StrategyId, trade_prefix

FILLED = OrderStatus.FILLED
UNLIMITED = a_policy(entries_per_day=100_000)


def a_day_of_trading() -> Desk:
    """A trade stopped out, a denial, a hold, a dead letter, a state and a foreign order."""
    desk = Desk().protected("s-1")
    desk.filled("s1", price="98", fee=Money(Amount("0.1"), "USDT"))
    desk.cancelled("t1")
    desk.signal("s-2", confidence=Decimal("0.1"))
    desk.signal("s-3", action=Action.HOLD)
    desk.broken()
    desk.wait(60).protected("s-4")
    return desk


def test_folding_everything_that_was_written_gives_the_same_book():
    """given a day of trading, when its entries are folded anew, then the book means the same."""
    desk = a_day_of_trading()

    assert book_digest(desk.again()) == book_digest(desk.book)


def test_every_kind_of_entry_counts_itself():
    """given entries of any kind, when they are folded, then the number of the last is their count."""
    desk = a_day_of_trading()

    assert desk.book.totals.seq == len(desk.entries)
    assert desk.book.totals.now == desk.now


def test_time_never_goes_back():
    """given an entry of an earlier moment, when it is folded, then the book's time stays."""
    desk = Desk().wait(10)
    desk.balance("1")
    desk.wait(-5).balance("2")

    assert desk.book.totals.now == NOW + 10 * SECOND


def test_an_alarm_changes_nothing_but_the_count():
    """given an alarm, when it is folded, then the book means what it meant."""
    desk = Desk()
    before = attrs.evolve(desk.book.totals)

    apply(desk.book, Alarmed(name="a", severity="info", message="m", at=desk.now))

    assert attrs.evolve(desk.book.totals, seq=before.seq) == before


# --- balance and days -----------------------------------------------------------------------------------------------


def test_an_older_balance_is_not_taken():
    """given a balance, when one read earlier comes late, then the newer one stays."""
    desk = Desk()
    late = attrs.evolve(a_balance("1"), as_of=Moment(NOW - 1))

    apply(desk.book, BalanceRead(balance=late, at=desk.now))

    assert desk.book.totals.balance == a_balance("10000")


def test_the_highest_equity_is_remembered():
    """given equities of 10000, 12000 and 11000, when they are read, then 12000 is the high-water mark."""
    desk = Desk()
    for equity in ("12000", "11000"):
        desk.wait(1).balance(equity)

    assert desk.book.totals.equity_high == 12_000


def test_what_the_venue_has_booked_is_no_longer_reserved():
    """given an entry that rests, when a balance of after its acceptance is read, then it is free of the reserve."""
    desk = Desk()
    desk.signal()
    assert desk.book.totals.reserved == 300
    desk.wait(1).balance("9990")
    assert desk.book.totals.reserved == 300, "its answer is not there yet"

    desk.accepted("e1")
    desk.balance("9980")
    assert desk.book.totals.reserved == 300, "the balance may be of a moment before"
    desk.wait(1).balance("9700")

    assert desk.book.totals.reserved == 0
    assert desk.book.reservations == {}


def test_a_refused_entry_reserves_nothing():
    """given an entry, when it is refused, then its trade ends and its reserve is free."""
    desk = Desk()
    desk.signal()
    desk.refused("e1")

    assert (desk.book.totals.reserved, desk.book.totals.gross_exposure) == (Decimal(0), Decimal(0))
    assert desk.book.symbol_exposure[SYMBOL] == 0


def test_a_reserve_of_a_trade_that_is_gone_is_released_by_the_next_balance():
    """given a reservation without a trade, when a balance is read, then it is released."""
    desk = Desk()
    desk.signal()
    del desk.book.trades[desk.trade.signal_id]

    desk.wait(1).balance("9990")

    assert desk.book.totals.reserved == 0


def test_a_day_begins_with_nothing_realised_and_no_entries():
    """given a loss and an entry of yesterday, when the day begins, then both counts are zero, and the equity is taken."""
    desk = Desk().protected()
    desk.filled("s1", price="98")
    assert (desk.book.totals.realised_today, desk.book.totals.entries_today) == (Decimal(-6), 1)
    desk.balance("9994")

    desk.wait(86_400).tick()

    totals = desk.book.totals
    assert (totals.realised_today, totals.entries_today, totals.day_start_equity) == (Decimal(0), 0, Amount(9994))


def test_a_day_does_not_begin_before_there_is_an_account_with_a_balance():
    """given a journal that was just opened, when time goes by, then no day is written without an equity."""
    desk = Desk(opened=False)
    assert desk.tick().entries == ()
    desk.take_over()

    assert desk.wait(86_400).tick().entries == ()


# --- money ----------------------------------------------------------------------------------------------------------


def test_the_result_of_the_day_is_after_fees_in_the_quote_asset():
    """given a stop at 98 with fees of 0.2 and some BNB, when it fills, then 6.2 are lost today, and volume is turnover."""
    desk = Desk().protected()
    desk.filled("s1", "1", "98", fee=Money(Amount("0.2"), "USDT"))
    desk.filled("s1", "2", "98", fee=Money(Amount("0.001"), "BNB"))

    totals = desk.book.totals
    assert totals.realised_today == Decimal("-6.2")
    assert totals.volume == 300 + 294
    assert totals.fees == Decimal("0.2")


def test_an_entry_fee_is_part_of_the_days_result():
    """given an entry with a fee, when it fills, then the fee is lost already."""
    desk = Desk()
    desk.signal()
    desk.accepted("e1").filled("e1", fee=Money(Amount("0.15"), "USDT"))

    assert desk.book.totals.realised_today == Decimal("-0.15")


def test_a_fee_that_comes_after_the_end_counts_all_the_same():
    """given an ended trade whose last fill had no details, when they come late, then the fee counts; it stays ended."""
    desk = Desk().protected()
    desk.heard("s1", FILLED, executed=Decimal(3), cost=Decimal(294))
    desk.cancelled("t1")
    assert desk.ending == "stopped"
    report = desk.report("s1", FILLED, executed=Decimal(3), cost=Decimal(294))
    fill = a_fill("3", "98", "late", Money(Amount("0.2"), "USDT"), desk.now)

    desk.told(attrs.evolve(report, fill=fill))

    assert desk.ending == "stopped"
    assert desk.book.totals.realised_today == Decimal("-6.2")


def test_exposure_falls_with_what_is_sold():
    """given 3 bought at 100, when 1 is sold, then 200 are exposed, on the symbol and in all."""
    desk = Desk().protected()
    desk.filled("t1", "1", "105")

    assert desk.book.totals.gross_exposure == desk.book.symbol_exposure[SYMBOL] == 200


def test_the_longest_nakedness_is_remembered():
    """given one trade naked for 2 s and another for 1 s, when both are protected, then 2 s are the longest."""
    desk = Desk()
    desk.signal("a")
    desk.accepted("e1").filled("e1")
    desk.wait(2).accepted("s1")
    desk.filled("s1", price="98")
    desk.cancelled("t1")
    assert desk.book.totals.naked_us_max == 2 * SECOND
    desk.wait(60).signal("b")
    desk.accepted("e1").filled("e1")

    desk.wait(1).accepted("s1")

    assert desk.book.totals.naked_us_max == 2 * SECOND


# --- rates ----------------------------------------------------------------------------------------------------------


def test_entries_of_the_last_minute_are_counted_by_the_second():
    """given entries at 0, 0, 1 and 30 s, when a minute later is asked, then those of its last 60 s count."""
    totals = Totals()
    for second in (0, 0, 1, 30):
        totals = attrs.evolve(totals, recent_entries=totals.with_entry(Moment(second * SECOND)))

    assert totals.recent_entries == ((0, 2), (1, 1), (30, 1))
    assert [totals.entries_since(Moment((now - 60) * SECOND)) for now in (59, 60, 61, 62, 90, 91)] == [4, 2, 1, 1, 0, 0]


def test_entries_older_than_a_minute_are_dropped_with_the_next():
    """given an entry at 0 s, when one comes at 59 s, then both are kept; when one comes at 60 s, the first is dropped."""
    first = attrs.evolve(Totals(), recent_entries=Totals().with_entry(Moment(0)))

    assert first.with_entry(Moment(59 * SECOND)) == ((0, 1), (59, 1))
    assert first.with_entry(Moment(60 * SECOND)) == ((60, 1),)


def test_the_book_counts_the_entries_of_the_minute_before():
    """given an entry, when it is asked within and after a minute, then it counts once and not any more."""
    desk = Desk()
    desk.signal()

    assert desk.book.lately(desk.now) == 1
    assert desk.book.lately(Moment(desk.now + MINUTE + SECOND)) == 0


def test_the_last_entry_of_a_kind_is_remembered_for_a_day():
    """given an entry of yesterday, when a day has begun since, then it is remembered; two days later it is not."""
    desk = Desk()
    desk.signal()
    key = same_key("momentum", SYMBOL, "buy")
    assert desk.book.last_same == {key: NOW}

    apply(desk.book, DayBegun(day=1, equity=Decimal(1), at=Moment(NOW + DAY)))
    assert key in desk.book.last_same
    apply(desk.book, DayBegun(day=2, equity=Decimal(1), at=Moment(NOW + DAY + 1)))
    assert key not in desk.book.last_same


# --- what is kept and forgotten -------------------------------------------------------------------------------------


def ended(desk: Desk, count: int) -> list[SignalId]:
    """So many trades whose entries were refused, one after another."""
    names = []
    for number in range(count):
        desk.signal(f"n-{desk.number}-{number}")
        names.append(desk.trade.signal_id)
        desk.refused("e1")
        desk.wait(61)
    return names


def test_only_the_newest_ended_trades_stay_at_hand():
    """given one more ended trade than is kept, when it has ended, then the oldest is forgotten with all of its names."""
    desk = Desk(policy=UNLIMITED)
    names = ended(desk, ENDED_KEPT)
    assert len(desk.book.ended) == ENDED_KEPT

    ended(desk, 1)

    assert names[0] not in desk.book.ended
    assert names[1] in desk.book.ended
    assert len(desk.book.ended) == ENDED_KEPT
    assert trade_prefix(ACCOUNT, names[0]) not in desk.book.by_prefix
    assert names[0] not in desk.book.spans


def test_what_was_abandoned_stays_at_hand():
    """given an abandoned entry, when many trades have ended since, then it is still known: it may appear."""
    desk = Desk(policy=UNLIMITED)
    desk.signal("ghost")
    ghost = desk.trade.signal_id
    desk.unanswered("e1")
    desk.wait(17)
    desk.look("e1", NotFound(at=desk.now))
    desk.look("e1", NotFound(at=desk.now))

    ended(desk, ENDED_KEPT)

    assert ghost in desk.book.ended


def test_ended_trades_are_forgotten_after_thirty_days():
    """given a trade that ended 30 days ago, when a day begins after that, then it is forgotten."""
    desk = Desk()
    (name,) = ended(desk, 1)
    last = desk.trade.ended
    assert last is not None

    apply(desk.book, DayBegun(day=1, equity=Decimal(1), at=Moment(last.at + REMEMBERED)))
    assert name in desk.book.ended
    apply(desk.book, DayBegun(day=2, equity=Decimal(1), at=Moment(last.at + REMEMBERED + 1)))

    assert name not in desk.book.ended
    assert desk.book.trade(name) is None
    assert trade_prefix(ACCOUNT, name) not in desk.book.by_prefix


def test_facts_about_a_trade_that_is_not_known_change_nothing():
    """given entries that name a forgotten trade, when they are folded, then only the count goes on."""
    book = Book()
    nobody = SignalId("sg-nobody")
    report = Desk().protected().report("e1", FILLED)
    entries: list[Entry] = [
        CancelAnswered(signal_id=nobody, client_order_id=report.client_order_id, answer=Cancellation.GONE, at=NOW),
        OrderReported(signal_id=nobody, report=report, at=NOW),
        TradeEnded(signal_id=nobody, why="?", pnl=Decimal(1), at=NOW),
        SignalRepeated(
            signal_id=nobody, strategy_id=StrategyId("s"), aliases=(nobody,), transport="t", message_id="m", at=NOW
        ),
    ]
    for entry in entries:
        apply(book, entry)

    assert (book.trades, book.ended, book.signals) == ({}, {}, {})
    assert book.totals.seq == 4


def test_a_trade_that_lives_again_is_open_again():
    """given a cancelled entry whose trade has ended, when its fill comes late, then it is open, exposed, and counted."""
    desk = Desk()
    desk.signal()
    desk.accepted("e1").cancelled("e1")
    assert desk.ending == "entry-cancelled"

    desk.filled("e1")

    assert desk.ending == ""
    assert list(desk.book.trades) == [desk.trade.signal_id]
    assert desk.book.totals.gross_exposure == 300
    assert desk.book.sole(desk.trade)


def test_several_trades_are_asked_the_oldest_first():
    """given trades on two symbols, when one lives again and steps are undone, then the oldest is still the first."""
    desk = Desk([an_instrument(), an_instrument(symbol="XYZUSDT", base="XYZ")])
    desk.signal("a")
    desk.signal("b", symbol="XYZUSDT", strategy_id=StrategyId("other"))
    desk.book.undo.keep(len(desk.book.undo))
    first, second = desk.book.open_trades()
    del desk.book.trades[first.signal_id]
    desk.book.undo.undo()

    assert [trade.signal_id for trade in desk.book.trades.values()] == [second.signal_id, first.signal_id]
    assert tuple(desk.book.open_trades()) == (first, second)


def test_unanswered_orders_are_listed_by_symbol():
    """given a list without an answer, when its legs are heard one by one, then those still in question are listed."""
    desk = Desk([a_spot_instrument()])
    desk.signal()
    desk.unanswered("l1")
    assert desk.book.unknown[SYMBOL] == tuple(desk.name(leg) for leg in ("e1", "t1", "s1"))

    desk.heard("t1", OrderStatus.PENDING)
    assert desk.book.unknown[SYMBOL] == (desk.name("e1"), desk.name("s1"))
    desk.heard("e1", OrderStatus.NEW)
    desk.heard("s1", OrderStatus.PENDING)

    assert SYMBOL not in desk.book.unknown


def test_orders_are_counted_when_they_are_over():
    """given a trade stopped out, when its orders are over, then each end is counted once."""
    desk = Desk().protected()
    desk.filled("s1", price="98")
    desk.cancelled("t1")

    assert desk.book.counted("order") == {"filled": 2, "cancelled": 1}
    assert desk.book.counted("trade") == {"success": 1}


def test_a_trade_without_a_fill_is_no_success():
    """given a refused entry, when its trade ends, then it is counted as failed."""
    desk = Desk()
    ended(desk, 1)

    assert desk.book.counted("trade") == {"failed": 1}


@pytest.mark.parametrize("foreign", [False, True])
def test_a_position_is_wholly_a_trades_when_nothing_else_is_on_the_symbol(foreign: bool):
    """given one trade on a symbol, when something foreign is there too, then the position is not wholly its own."""
    desk = Desk().protected().wait(60)
    stops = [desk.report(leg, OrderStatus.NEW) for leg in ("s1", "t1")]

    desk.reconcile(desk.snapshot(*stops, position="5" if foreign else "3"))

    assert desk.book.sole(desk.trade) is not foreign


def test_only_names_of_ours_lead_to_a_trade():
    """given client ids of ours and of others, when their trade is asked for, then only ours have one."""
    desk = Desk().protected()

    assert desk.book.trade_of(desk.name("s1")) == desk.trade
    assert desk.book.trade_of("web_123") is None
    assert desk.book.trade_of(desk.name("s1").replace("pt1-", "pt1-a")[:-1]) is None
    assert Book().trade_of(desk.name("s1")) is None


def test_an_id_stays_with_the_signal_that_had_it_first():
    """given two signals, when a repeat of one claims the other's id, then that id still leads to the other."""
    desk = Desk()
    first = desk.signal("a", action=Action.HOLD).signal_id
    second = desk.signal("b", action=Action.HOLD).signal_id
    assert first is not None
    assert second is not None
    claim = SignalRepeated(
        signal_id=first,
        strategy_id=StrategyId("momentum"),
        aliases=(second,),
        transport="t",
        message_id="m",
        at=desk.now,
    )

    apply(desk.book, claim)

    assert desk.book.signals[second].signal_id == second
