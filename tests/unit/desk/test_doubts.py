"""What a reading of the account may not be taken for: news that are still on their way, and refusals that moved nothing."""

from tests.support.desk import Desk, commanded, written

from petrosa_core.execution import OrderStatus
from petrosa_core.values import OrderType


def test_a_fill_that_nobody_has_told_yet_is_not_foreign():
    """Given an entry that has filled unheard, when the account is read, then it is asked about, and nothing is foreign."""
    desk = Desk()
    desk.signal(order_type=OrderType.LIMIT)
    desk.accepted("e1").wait(60)
    held = f"{desk.order('e1').order.quantity:f}"

    stepped = desk.reconcile(desk.snapshot(position=held))

    assert set(written(stepped)) <= {"BalanceRead"}
    assert commanded(stepped) == ["look e1"]


def test_a_stop_that_filled_unheard_is_not_another_hand():
    """Given a stop that has filled unheard, when two readings show the account flat, then it is asked about, both times."""
    desk = Desk().protected()
    desk.wait(60)
    flat = desk.snapshot()
    assert set(written(desk.reconcile(flat))) <= {"BalanceRead"}
    desk.wait(60)

    stepped = desk.reconcile(desk.snapshot(), flat)

    assert set(written(stepped)) <= {"BalanceRead"}
    assert commanded(stepped) == ["look s1", "look t1"]


def test_refusals_of_what_has_nothing_to_reduce_hide_nothing():
    """Given a position that another hand closed, when every exit of ours is refused, then two readings end the trade."""
    desk = Desk().protected()
    desk.wait(60).heard("s1", OrderStatus.EXPIRED)
    desk.heard("t1", OrderStatus.EXPIRED)
    desk.wait(1.5).tick()
    desk.refused("s2", -4509)
    desk.refused("x1", -2022)
    flat = desk.snapshot()
    desk.reconcile(flat)
    desk.wait(1.2).tick()
    desk.refused("x2", -2022)
    desk.refused("s3", -4509)

    desk.reconcile(desk.snapshot(), flat)

    assert desk.ending == "closed-elsewhere"
