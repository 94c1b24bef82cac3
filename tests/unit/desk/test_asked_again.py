"""What comes a second time: a message under a borrowed id, and a close of all while a part is being closed."""

from decimal import Decimal

from tests.support.decisions import a_signal
from tests.support.desk import Desk, code

from petrosa_core.audit.entries import SignalJudged
from petrosa_core.decision import Outcome
from petrosa_core.desk import Arrival, Verdict
from petrosa_core.desk.inputs import SignalArrived
from petrosa_core.desk.snapshot import book_digest
from petrosa_core.signal import Action, Identity
from petrosa_core.values import Price, Quantity


def test_a_borrowed_id_that_is_delivered_again_is_judged_once():
    """Given a refusal under another signal's id, when its message is delivered again, then the record answers."""
    desk = Desk()
    desk.signal("s-1")
    other = a_signal(identities=(Identity("signal_id", "s-1"),), timestamp=desk.now, price=Price("101"))
    answers = []
    for redelivered in (False, True, True):
        arrival = Arrival(transport="nats", message_id="js:7", received_at=desk.now, redelivered=redelivered)
        given = SignalArrived(signal=other, arrival=arrival, quote=None, at=desk.now, stamp=desk.now)
        answer = desk.do(given).answer
        assert isinstance(answer, Verdict)
        answers.append((answer.outcome, answer.seq, [reason.code for reason in answer.reasons]))

    judged = [entry for entry in desk.entries if isinstance(entry, SignalJudged) and entry.message_id == "js:7"]
    assert len(judged) == 1
    assert answers == [answers[0]] * 3
    assert answers[0][0] is Outcome.DENIED
    assert answers[0][2] == ["IDENTITY_REUSED"]
    assert book_digest(desk.book) == book_digest(desk.again())


def test_a_borrowed_id_that_is_sent_again_is_refused_again():
    """Given a refusal under another signal's id, when it is sent anew, then it has a verdict of its own."""
    desk = Desk()
    desk.signal("s-1")
    first = desk.signal("s-1", price=Price("101"))
    second = desk.signal("s-1", price=Price("101"))

    assert (first.outcome, second.outcome) == (Outcome.DENIED, Outcome.DENIED)
    assert first.seq < second.seq


def test_a_close_of_all_takes_over_from_a_close_of_a_part():
    """Given a part that is being closed, when a signal closes all, then the rest is closed as well."""
    desk = Desk().protected()
    half = desk.trade.held / 2
    desk.close(f"{half:f}")
    desk.wait(1)

    verdict = desk.signal("s-2", action=Action.CLOSE)
    desk.filled("x1", f"{half:f}")

    assert verdict.outcome is Outcome.CLOSING
    assert desk.trade.leaving
    assert desk.order("x2").order.quantity == half


def test_a_person_may_close_all_while_a_part_is_being_closed():
    """Given a part whose close the venue has refused, when a person closes all, then all is sent."""
    desk = Desk().protected()
    held: Decimal = desk.trade.held
    desk.close(f"{held / 2:f}")
    desk.refused("x1", -4131)

    assert code(desk.close()) == "done"

    desk.wait(2).tick()
    assert desk.order("x2").order.quantity == held
    assert desk.trade.is_covered


def test_a_part_that_is_asked_for_twice_is_closed_once():
    """Given a part that is being closed, when a signal asks for a part again, then it is a duplicate."""
    desk = Desk().protected()
    desk.close(f"{desk.trade.held / 2:f}")
    desk.wait(1)

    verdict = desk.signal("s-2", action=Action.CLOSE, quantity=Quantity(desk.trade.held / 2))

    assert verdict.outcome is Outcome.DUPLICATE
    assert not desk.trade.leaving
