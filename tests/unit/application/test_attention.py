"""Who has to be asked again when: the rest cost nothing."""

from tests.support.desk import Desk

from petrosa_core.application.attention import Attention
from petrosa_core.values import SECOND, Moment, SignalId


def test_a_trade_is_due_at_its_moment_and_not_before():
    """given a resting entry, when its end comes, then it is due; until then nobody is."""
    desk, attention = Desk(), Attention()
    desk.signal()
    desk.accepted("e1")

    attention.look_at(desk.book, desk.rules, desk.trade.signal_id, desk.now)

    assert len(attention) == 1
    assert attention.at(Moment(desk.now + 300 * SECOND - 1)) == ()
    assert attention.at(Moment(desk.now + 300 * SECOND)) == (desk.trade.signal_id,)


def test_a_trade_that_needs_nothing_any_more_is_let_go():
    """given a trade that was due, when it is protected, then nobody waits; looking again is harmless."""
    desk, attention = Desk(), Attention()
    desk.signal()
    desk.accepted("e1").filled("e1")
    attention.look_at(desk.book, desk.rules, desk.trade.signal_id, desk.now)
    assert len(attention) == 1

    desk.accepted("s1", "t1")
    for _ in range(2):
        attention.look_at(desk.book, desk.rules, desk.trade.signal_id, desk.now)

    assert len(attention) == 0


def test_a_trade_that_is_not_open_is_never_due():
    """given no such trade, when it is looked at, then nobody waits."""
    desk, attention = Desk(), Attention()

    attention.look_at(desk.book, desk.rules, SignalId("sg-nobody"), desk.now)

    assert len(attention) == 0
