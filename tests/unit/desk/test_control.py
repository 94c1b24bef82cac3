"""What people ask for: anyone may make it safer, only an admin with a reason may loosen, and no last stop is taken away."""

import pytest
from tests.support.decisions import a_spot_instrument
from tests.support.desk import Desk, code, commanded

from petrosa_core.audit.entries import CancelIntended, ClosingBegun, StateSet
from petrosa_core.decision import Outcome, TradingState
from petrosa_core.desk import Stepped
from petrosa_core.desk.answers import Done, Refused
from petrosa_core.values import SignalId, Symbol

ACTIVE, REDUCING, HALTED, FLATTEN = TradingState


# --- trading states -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("before", TradingState)
@pytest.mark.parametrize("after", TradingState)
@pytest.mark.parametrize("admin", [False, True])
def test_anyone_may_tighten_and_only_an_admin_may_loosen(before: TradingState, after: TradingState, admin: bool):
    """given each state, when another is asked for, then only loosening needs an admin; the same state is no loosening."""
    desk = Desk()
    desk.set_state(before)

    answer = desk.set_state(after, admin=admin)

    loosens = list(TradingState).index(after) < list(TradingState).index(before)
    assert code(answer) == ("ADMIN_REQUIRED" if loosens and not admin else "done")
    assert desk.book.totals.state is (before if loosens and not admin else after)


def test_a_change_of_state_is_written_with_who_and_why():
    """given an active account, when ann halts it, then the record says so, and the answer says what it was."""
    desk = Desk()

    answer = desk.set_state(HALTED, reason="fire drill")

    entry = desk.entries[-1]
    assert isinstance(entry, StateSet)
    assert (entry.state, entry.actor, entry.reason, entry.at) == (HALTED, "ann", "fire drill", desk.now)
    assert answer == Done(detail={"state": "halted", "was": "active", "reason": "fire drill"})
    totals = desk.book.totals
    assert (totals.state_reason, totals.state_actor, totals.state_at) == ("fire drill", "ann", desk.now)


def test_a_refusal_to_loosen_names_both_states():
    """given a halted account, when somebody without the right resumes it, then it is told what it is and what was asked."""
    desk = Desk()
    desk.set_state(HALTED)

    answer = desk.set_state(ACTIVE)

    assert isinstance(answer, Refused)
    assert (answer.reason.value, answer.reason.limit) == ("halted", "active")


@pytest.mark.parametrize("reason", ["", "  ", "\n"])
def test_no_state_changes_without_a_reason(reason: str):
    """given no reason, when even an admin asks, then nothing changes: the reason is the record."""
    desk = Desk()

    assert code(desk.set_state(HALTED, admin=True, reason=reason)) == "REASON_REQUIRED"
    assert desk.book.totals.state is ACTIVE


@pytest.mark.parametrize(("state", "sent"), [(REDUCING, []), (HALTED, ["cancel e1"]), (FLATTEN, ["cancel e1"])])
def test_a_halt_cancels_resting_entries_at_once(state: TradingState, sent: list[str]):
    """given a resting entry, when the account is tightened, then from HALTED on the entry goes."""
    desk = Desk()
    desk.signal()
    desk.accepted("e1")
    before = len(desk.commands)

    desk.set_state(state)

    assert _sent(desk, before) == sent


@pytest.mark.parametrize(("state", "sent"), [(HALTED, []), (FLATTEN, ["send: close sell market 3 reduce_only"])])
def test_stops_stay_in_a_halt_and_positions_leave_in_a_flatten(state: TradingState, sent: list[str]):
    """given a protected trade, when the account is halted, then it stays; when it is flattened, it is closed."""
    desk = Desk().protected()
    before = len(desk.commands)

    desk.set_state(state)

    assert _sent(desk, before) == sent


def _sent(desk: Desk, since: int) -> list[str]:
    return commanded(Stepped((), tuple(desk.commands[since:])))


@pytest.mark.parametrize("state", [REDUCING, HALTED, FLATTEN])
def test_no_entry_is_taken_in_a_tightened_state(state: TradingState):
    """given a tightened account, when a good signal arrives, then it is denied; after an admin resumes, it is not."""
    desk = Desk()
    desk.set_state(state)
    assert desk.signal("s-1").outcome is Outcome.DENIED

    desk.set_state(ACTIVE, admin=True)

    assert desk.signal("s-2").outcome is Outcome.ACCEPTED


def test_resuming_accepts_the_drawdown():
    """given an equity far below its highest, when an admin resumes, then the high-water mark starts anew from here."""
    desk = Desk()
    desk.balance("5000")
    assert desk.book.totals.equity_high == 10_000
    assert "DRAWDOWN" in "".join(reason.code for reason in desk.signal("s-1").reasons)

    desk.set_state(ACTIVE, admin=True)

    assert desk.book.totals.equity_high == 5_000


# --- close ----------------------------------------------------------------------------------------------------------


def test_a_trade_is_closed_on_request():
    """given a protected trade, when ann closes it, then a reduce-only market order goes, and her name is in the record."""
    desk = Desk().protected()
    before = len(desk.commands)

    answer = desk.close()

    assert answer == Done(detail={"trade_id": desk.trade.signal_id, "state": "closing", "reason": "enough"})
    assert _sent(desk, before) == ["send: close sell market 3 reduce_only"]
    begun = next(entry for entry in desk.entries if isinstance(entry, ClosingBegun))
    assert (begun.why, begun.actor, begun.quantity) == ("asked", "ann", None)


def test_a_part_of_a_trade_is_closed_on_request():
    """given a protected trade of 3, when 1 is to be closed, then 1 goes."""
    desk = Desk().protected()
    before = len(desk.commands)
    desk.close("1")

    assert _sent(desk, before) == ["send: close sell market 1 reduce_only"]


def test_closing_what_is_closing_changes_nothing():
    """given a trade that is closing, when it is closed again, then the answer is the same and nothing is sent."""
    desk = Desk().protected()
    first = desk.close()
    written = len(desk.entries)

    assert desk.close() == first
    assert len(desk.entries) == written


def test_there_has_to_be_an_open_trade_to_close():
    """given an unknown and an ended trade, when they are closed, then one is not found and the other not open."""
    desk = Desk()
    assert code(desk.close(signal_id=SignalId("sg-nobody"))) == "NOT_FOUND"

    desk.signal()
    desk.refused("e1")

    assert desk.ending == "entry-rejected"
    assert code(desk.close()) == "NOT_OPEN"


# --- cancel ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", ["client id", "venue id"])
def test_an_entry_is_cancelled_on_request(by: str):
    """given a resting entry, when it is cancelled by either of its ids, then it goes, with who and why."""
    desk = Desk()
    desk.signal()
    desk.accepted("e1")

    answer = desk.cancel(desk.name("e1") if by == "client id" else "v-e1")

    assert answer == Done(detail={"order_id": desk.name("e1"), "trade_id": desk.trade.signal_id, "state": "cancelling"})
    intended = next(entry for entry in desk.entries if isinstance(entry, CancelIntended))
    assert (intended.why, intended.actor) == ("asked:mine", "ann")


def test_a_target_may_be_cancelled():
    """given a protected trade, when its target is cancelled, then it goes: the stop alone protects."""
    desk = Desk().protected()

    assert code(desk.cancel(desk.name("t1"))) == "done"


def test_the_last_stop_of_an_open_trade_may_not():
    """given a protected trade, when its stop is to be cancelled, then it is refused."""
    desk = Desk().protected()

    assert code(desk.cancel(desk.name("s1"))) == "LAST_STOP"
    assert desk.order("s1").cancelling is None


def test_a_stop_may_not_go_while_its_entry_may_fill():
    """given a stop of a partial fill that was sold, when the entry still rests, then the stop stays."""
    desk = Desk([a_spot_instrument()])
    desk.signal()
    desk.accepted("l1")

    for leg in ("s1", "t1"):
        assert code(desk.cancel(desk.name(leg))) == "LAST_STOP"
    assert code(desk.cancel(desk.name("e1"))) == "done"


def test_a_stop_that_protects_nothing_may_go():
    """given everything sold and a stop that still rests, when it is cancelled on request, then it goes."""
    desk = Desk().protected()
    desk.filled("t1", price="105")

    assert code(desk.cancel(desk.name("s1"))) == "done"


def test_an_exit_of_an_oco_is_the_stops_fate_as_well():
    """given a spot holding under an OCO, when its target is to be cancelled, then it is refused: the stop would go too."""
    desk = Desk([a_spot_instrument(opoco_allowed=False)])
    desk.signal()
    desk.accepted("e1").filled("e1")
    desk.accepted("l1")

    assert code(desk.cancel(desk.name("t1"))) == "LAST_STOP"


def test_only_an_order_of_ours_on_that_symbol_can_be_cancelled():
    """given a resting entry, when another id or symbol is named, then there is no such order."""
    desk = Desk()
    desk.signal()
    desk.accepted("e1")

    assert code(desk.cancel("web_1")) == "NOT_FOUND"
    assert code(desk.cancel(desk.name("e1"), Symbol("XYZUSDT"))) == "NOT_FOUND"


def test_an_order_that_is_over_cannot_be_cancelled():
    """given a filled entry, when it is cancelled, then it is not open, in words."""
    desk = Desk().protected()
    answer = desk.cancel(desk.name("e1"))

    assert isinstance(answer, Refused)
    assert (answer.reason.code, answer.reason.message) == ("NOT_OPEN", "the order is filled")
