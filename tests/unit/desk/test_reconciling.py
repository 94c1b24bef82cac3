"""The account as the venue has it, against the book: heard, asked about, or named foreign; never assumed."""

from decimal import Decimal
from typing import Any

import attrs
import pytest
from tests.support.decisions import a_balance, a_policy, a_spot_instrument
from tests.support.desk import SYMBOL, Desk, commanded, written

from petrosa_core.audit.entries import Alarmed, ClosedElsewhere, ForeignSeen
from petrosa_core.decision import Outcome
from petrosa_core.desk import Stepped
from petrosa_core.execution import NotFound, OrderReport, OrderStatus
from petrosa_core.signal import Action
from petrosa_core.values import SECOND, ClientOrderId, Moment, Side

NEW = OrderStatus.NEW


def settled(**changes: Any) -> Desk:
    """A protected futures trade of 3, long ago."""
    return Desk(**changes).protected().wait(60)


def resting(desk: Desk) -> list[OrderReport]:
    """What the venue lists of ours: stop and target."""
    return [desk.report(short, NEW) for short in ("s1", "t1")]


def a_stranger(desk: Desk, name: str = "web_1") -> OrderReport:
    """An order that somebody made by hand."""
    return attrs.evolve(desk.report("e1", NEW), client_order_id=ClientOrderId(name))


def foreign(stepped: Stepped) -> list[tuple[str | None, Decimal]]:
    """What was written down as not ours."""
    return [(entry.what, entry.exposure) for entry in stepped.entries if isinstance(entry, ForeignSeen)]


def test_an_account_as_the_book_has_it_says_nothing():
    """given a protected trade, when the account is read and agrees, then nothing is written and nothing asked."""
    desk = settled()

    stepped = desk.reconcile(desk.snapshot(*resting(desk), position="3", balance=desk.book.totals.balance))

    assert (written(stepped), commanded(stepped)) == ([], [])


def test_a_balance_that_is_newer_is_taken():
    """given a balance, when a reading has another, then it is written, unless it is the older one."""
    desk = Desk().wait(10)
    old = attrs.evolve(a_balance("1"), as_of=Moment(desk.now - 20 * SECOND))

    assert written(desk.reconcile(desk.snapshot(balance=old))) == []
    assert written(desk.reconcile(desk.snapshot(balance=attrs.evolve(old, as_of=desk.now)))) == ["BalanceRead"]


def test_an_idle_account_writes_nothing_down():
    """given a balance, when a later reading has the same amounts and nothing waits for it, then it is no news."""
    desk = Desk().wait(10)
    same = attrs.evolve(a_balance("10000"), as_of=desk.now)

    assert written(desk.reconcile(desk.snapshot(balance=same))) == []


def test_a_reading_that_an_entry_waits_for_is_taken_though_it_says_the_same():
    """given an entry whose funds are reserved, when a newer reading comes, then the reserve can be held against it."""
    desk = Desk()
    desk.signal()
    desk.wait(10)
    same = attrs.evolve(a_balance("10000"), as_of=desk.now)

    assert "BalanceRead" in written(desk.reconcile(desk.snapshot(balance=same)))


def test_the_first_balance_is_always_taken():
    """given no balance yet, when the account is read, then it is known."""
    desk = Desk(opened=False)
    desk.take_over()

    assert "BalanceRead" in written(desk.reconcile(desk.snapshot()))


def test_what_the_stream_has_not_told_is_heard_from_the_reading():
    """given an entry without an answer, when the account lists it, then it rests; a reading is a report."""
    desk = Desk()
    desk.signal()
    desk.unanswered("e1")

    stepped = desk.reconcile(desk.snapshot(desk.report("e1", NEW)))

    assert "OrderReported" in written(stepped)
    assert desk.status("e1") == "new"


def test_an_order_that_is_not_there_any_more_is_read():
    """given a stop that rests for us and not for the venue, when the account is read, then the stop is looked up."""
    desk = settled()

    stepped = desk.reconcile(desk.snapshot(resting(desk)[1], position="3"))

    assert commanded(stepped) == ["look s1"]


def test_an_order_of_just_now_may_be_missing_from_a_reading():
    """given a stop that was accepted within the last second, when a reading lacks it, then nothing is asked."""
    desk = Desk().protected().wait(1)

    assert commanded(desk.reconcile(desk.snapshot(position="3"))) == []
    assert commanded(desk.wait(0.1).reconcile(desk.snapshot(position="3"))) == ["look s1", "look t1"]


# --- foreign --------------------------------------------------------------------------------------------------------


def test_an_order_that_is_not_ours_is_named_and_blocks_its_symbol():
    """given somebody's order, when it is seen, then it is written once, people are told, and no entry is taken there."""
    desk = Desk()
    desk.signal("gone")
    desk.refused("e1")
    desk.wait(60)

    stepped = desk.reconcile(desk.snapshot(a_stranger(desk)))

    assert foreign(stepped) == [("order web_1", Decimal(0))]
    alarm = stepped.entries[-1]
    assert isinstance(alarm, Alarmed)
    assert (alarm.name, alarm.severity) == ("foreign.ABCUSDT", "warning")
    assert foreign(desk.reconcile(desk.snapshot(a_stranger(desk)))) == []
    assert [reason.code for reason in desk.signal("s-2").reasons] == ["FOREIGN_POSITION"]


def test_what_is_not_ours_any_more_is_forgotten():
    """given a foreign order, when a reading lacks it, then its symbol is free again."""
    desk = Desk()
    desk.signal("gone")
    desk.refused("e1")
    desk.wait(60).reconcile(desk.snapshot(a_stranger(desk)))

    assert foreign(desk.reconcile(desk.snapshot())) == [(None, Decimal(0))]
    assert desk.signal("s-2").outcome is Outcome.ACCEPTED


def test_a_position_that_is_not_ours_counts_in_exposure():
    """given 2 held by another hand at 110, when they are seen, then 220 are exposed; when they are gone, nothing is."""
    desk = Desk()

    stepped = desk.reconcile(desk.snapshot(position="2", mark="110"))

    assert foreign(stepped) == [("position 2", Decimal(220))]
    assert desk.book.totals.gross_exposure == 220
    desk.reconcile(desk.snapshot())
    assert desk.book.totals.gross_exposure == 0


def test_a_short_of_another_hand_is_exposure_too():
    """given -2 held by another hand, when they are seen, then 200 are exposed, and without a price nothing is known."""
    assert foreign(Desk().reconcile(Desk().snapshot(position="-2"))) == [("position -2", Decimal(200))]
    assert foreign(Desk().reconcile(Desk().snapshot(position="2", mark=None))) == [("position 2", Decimal(0))]


def test_a_foreign_position_beside_ours_takes_the_whole_position_stop_away():
    """given our 3 and 2 of another hand, when they are seen, then our exits become reduce-only."""
    desk = settled()

    stepped = desk.reconcile(desk.snapshot(*resting(desk), position="5"))

    assert foreign(stepped) == [("position 2.000", Decimal("200.000"))]
    assert commanded(stepped) == [
        "send: stop sell stop 3 when 98.00 reduce_only on_mark",
        "send: target sell take_profit 3 when 105.00 reduce_only on_mark",
    ]


def test_while_anything_of_ours_is_in_question_nothing_is_called_foreign():
    """given an entry without an answer, when a position is seen, then it may be ours, and is not called foreign."""
    desk = Desk()
    desk.signal()
    desk.unanswered("e1")

    assert foreign(desk.wait(60).reconcile(desk.snapshot(position="3"))) == []


def test_what_changed_just_now_is_not_called_foreign():
    """given a fill of a moment ago, when a reading lacks it, then it is not believed yet."""
    desk = Desk().protected()

    assert foreign(desk.wait(1).reconcile(desk.snapshot(*resting(desk), position="2"))) == []


def test_a_spot_balance_is_nobodys_position():
    """given a spot account that holds coins, when it is read, then holdings are not called foreign, orders are."""
    desk = Desk([a_spot_instrument()])
    desk.signal("gone")
    desk.refused("l1")
    desk.wait(60)

    assert foreign(desk.reconcile(desk.snapshot(position="7"))) == []
    assert foreign(desk.reconcile(desk.snapshot(a_stranger(desk), position="7"))) == [("order web_1", Decimal(0))]


def test_two_foreign_things_are_named_together():
    """given a position and two orders of another hand, when they are seen, then all are named, and a change is told."""
    desk = Desk()
    desk.signal("gone")
    desk.refused("e1")
    desk.wait(60)
    seen = desk.snapshot(a_stranger(desk, "web_1"), a_stranger(desk, "web_2"), position="2")

    assert foreign(desk.reconcile(seen)) == [("position 2, order web_1, order web_2", Decimal(200))]
    assert foreign(desk.reconcile(desk.snapshot(a_stranger(desk), position="2"))) == [
        ("position 2, order web_1", Decimal(200))
    ]


# --- closed elsewhere -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("left", ["0", "1"])
def test_a_position_that_another_hand_closed_is_believed_at_the_second_reading(left: str):
    """given our 3, when two readings agree on less, then so much has left, people are told, and exits follow."""
    desk = settled()
    first = desk.snapshot(*resting(desk), position=left)
    assert foreign(desk.reconcile(first)) == []
    assert desk.trade.closed_elsewhere == 0

    stepped = desk.wait(30).reconcile(desk.snapshot(*resting(desk), position=left), first)

    gone = [entry.quantity for entry in stepped.entries if isinstance(entry, ClosedElsewhere)]
    assert gone == [3 - Decimal(left)]
    assert desk.trade.held == Decimal(left)
    assert [entry.name for entry in stepped.entries if isinstance(entry, Alarmed)] == ["foreign.ABCUSDT"]
    assert commanded(stepped) == (["cancel s1", "cancel t1"] if left == "0" else [])


def test_a_position_that_is_gone_from_the_list_is_flat():
    """given our 3, when two readings list no position at all, then all of it has left."""
    desk = settled()
    first = desk.snapshot(*resting(desk))
    desk.reconcile(first)

    desk.wait(30).reconcile(desk.snapshot(*resting(desk)), first)

    assert desk.trade.held == 0


def test_a_short_that_another_hand_closed_is_believed_too():
    """given our short of 3, when two readings agree on -1, then 2 have left."""
    desk = Desk().protected(action=Action.SELL).wait(60)
    first = desk.snapshot(*resting(desk), position="-1")
    desk.reconcile(first)

    desk.wait(30).reconcile(desk.snapshot(*resting(desk), position="-1"), first)

    assert desk.trade.plan.side is Side.SELL
    assert desk.trade.closed_elsewhere == 2


def test_two_readings_that_disagree_prove_nothing():
    """given our 3, when one reading says 1 and the next says 2, then nothing has left for certain."""
    desk = settled()
    first = desk.snapshot(*resting(desk), position="1")
    desk.reconcile(first)

    desk.wait(30).reconcile(desk.snapshot(*resting(desk), position="2"), first)

    assert desk.trade.closed_elsewhere == 0


def test_a_change_since_the_reading_before_proves_nothing():
    """given a fill between two readings, when both say 1, then the first was of another position."""
    desk = Desk().protected()
    first = desk.snapshot(*resting(desk), position="1")

    desk.wait(60).reconcile(desk.snapshot(*resting(desk), position="1"), first)

    assert desk.trade.closed_elsewhere == 0


def test_more_than_we_hold_cannot_have_left():
    """given our 3, when two readings say -2, then 3 and a foreign short are not told apart: it is called foreign."""
    desk = settled()
    first = desk.snapshot(*resting(desk), position="-2")
    desk.reconcile(first)

    stepped = desk.wait(30).reconcile(desk.snapshot(*resting(desk), position="-2"), first)

    assert desk.trade.closed_elsewhere == 0
    assert desk.book.foreign[SYMBOL].what == "position -5.000"
    assert foreign(stepped) == []


def test_with_two_trades_on_the_symbol_nobody_knows_whose_part_left():
    """given two trades on a symbol, when less is held than both have, then it is called foreign, and no trade loses any."""
    desk = Desk(policy=a_policy(one_trade_per_symbol=False)).protected("a")
    one = desk.trade
    desk.wait(60).signal("b")
    desk.accepted("e1").filled("e1")
    desk.wait(60)
    seen = desk.snapshot(position="3")
    desk.reconcile(seen)

    desk.wait(60).reconcile(desk.snapshot(position="3"), seen)

    assert desk.trade.closed_elsewhere == one.closed_elsewhere == 0


def test_an_entry_that_was_given_up_just_now_is_read_once_more():
    """given an abandoned entry, when the account is read, then it is looked up; long after its end, it is not."""
    desk = Desk()
    desk.signal()
    desk.unanswered("e1")
    desk.wait(17)
    desk.look("e1", NotFound(at=desk.now))
    desk.look("e1", NotFound(at=desk.now))
    assert desk.ending == "entry-abandoned"

    assert commanded(desk.wait(30).reconcile(desk.snapshot())) == ["look e1"]
    assert commanded(desk.wait(86_400).reconcile(desk.snapshot())) == []


def test_a_trade_that_ended_otherwise_is_not_read_again():
    """given a refused entry, when the account is read, then nothing is asked about it."""
    desk = Desk()
    desk.signal()
    desk.refused("e1")

    assert commanded(desk.wait(30).reconcile(desk.snapshot())) == []
