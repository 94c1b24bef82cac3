"""The pen of an account: durable before told, grouped while the disk is busy, stepped again when another was first."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from decimal import Decimal
from typing import Any

import attrs
import pytest
from tests.support.decisions import NOW, a_balance, a_quote, a_signal, an_instrument
from tests.support.trades import a_report

from petrosa_adapters.memory import MemoryJournal, MemoryStore
from petrosa_adapters.system import VirtualRuntime, run
from petrosa_core.application.writer import StoodDown, Writer
from petrosa_core.audit import Head, seal
from petrosa_core.audit.entries import Alarmed, Entry
from petrosa_core.decision import Outcome, PositionSizer, RiskPolicy, TradingState
from petrosa_core.desk import Arrival, Command, Input, Rules, Send, Verdict
from petrosa_core.desk.inputs import (
    AccountLookedUp,
    BalanceTold,
    InstrumentsLookedUp,
    OrderTold,
    RequestSettled,
    SignalArrived,
    StateAsked,
    TakenOver,
    Ticked,
)
from petrosa_core.desk.snapshot import book_bytes, book_digest
from petrosa_core.execution import Accepted, AccountSnapshot, OrderStatus, Rejected
from petrosa_core.ports import JournalBroken, SnapshotRecord
from petrosa_core.signal import Identity
from petrosa_core.values import (
    MILLISECOND,
    SECOND,
    AccountId,
    ClientOrderId,
    Leg,
    Market,
    Mode,
    Moment,
    SignalId,
    Symbol,
    client_order_id,
)

ACCOUNT = AccountId("default")
RULES = Rules(policy=RiskPolicy(), sizer=PositionSizer())
STAMP: dict[str, Any] = {"at": NOW, "stamp": NOW}


def loud(name: str, error: BaseException) -> None:
    """No task may fail in these stories."""
    raise AssertionError(f"{name} failed") from error


class Listener:
    """A reader of the writer that remembers what it was told."""

    def __init__(self) -> None:
        """Nothing yet."""
        self.commands: list[Command] = []
        self.touched: list[SignalId] = []
        self.alarms: list[Alarmed] = []
        self.entries: list[Entry] = []
        self.frames: list[tuple[int, int]] = []
        self.rebases = 0
        self.troubles: list[str | None] = []

    def sent(self, commands: Sequence[Command]) -> None:
        """Keep."""
        self.commands.extend(commands)

    def stepped(self, touched: frozenset[SignalId]) -> None:
        """Keep."""
        self.touched.extend(touched)

    def alarmed(self, entry: Alarmed) -> None:
        """Keep."""
        self.alarms.append(entry)

    def durable(self, first_seq: int, entries: Sequence[Entry], head: Head) -> None:
        """Keep."""
        self.entries.extend(entries)
        self.frames.append((first_seq, head.number))

    def rebased(self) -> None:
        """Count."""
        self.rebases += 1

    def store_changed(self, trouble: str | None) -> None:
        """Keep."""
        self.troubles.append(trouble)


class Weather:
    """What befalls the store: how long each operation takes, and how often it fails."""

    def __init__(self) -> None:
        """Fair, and quick."""
        self.takes = 10 * MILLISECOND
        self.fails: dict[str, int] = {}
        self.fails_after: dict[str, int] = {}
        self.calls: list[str] = []

    async def __call__(self, operation: str, *, applied: bool) -> bool:
        """Let the time pass, then fail as often as was said."""
        if not applied:
            self.calls.append(operation)
            await asyncio.sleep(self.takes / SECOND)
        budget = self.fails_after if applied else self.fails
        left = budget.get(operation, 0)
        budget[operation] = max(0, left - 1)
        return left > 0


class Office:
    """A store, and writers on it."""

    def __init__(self) -> None:
        """An empty store."""
        self.store = MemoryStore()
        self.weather = Weather()
        self.runtime = VirtualRuntime(loud)

    def writer(self, replica: str = "r1") -> tuple[Writer, Listener]:
        """A writer that runs."""
        listener = Listener()
        journal = MemoryJournal(
            self.store, account=ACCOUNT, market=Market.USDM, mode=Mode.SIMULATION, weather=self.weather
        )
        writer = Writer(journal=journal, runtime=self.runtime, rules=RULES, replica=replica, reader=listener)
        self.runtime.spawn(f"writer {replica}", writer.run())
        return writer, listener

    async def leader(self, replica: str = "r1") -> tuple[Writer, Listener]:
        """A writer that has taken over an account with a balance, of which nothing is remembered but what comes now."""
        writer, listener = self.writer(replica)
        await writer.load()
        await writer.ask(taken_over(replica))
        await writer.ask(InstrumentsLookedUp(instruments=(an_instrument(),), **STAMP))
        await writer.ask(BalanceTold(balance=a_balance(), **STAMP))
        await writer.ask(Ticked(**STAMP))
        listener.frames.clear()
        listener.entries.clear()
        return writer, listener


def taken_over(replica: str) -> Input:
    """A replica begins to lead."""
    return TakenOver(
        account=ACCOUNT, market=Market.USDM, mode=Mode.SIMULATION, replica=replica, build="b", settings="s", **STAMP
    )


def arrived(name: str = "s-1") -> SignalArrived:
    """A good signal comes in."""
    arrival = Arrival(transport="nats", message_id=name, received_at=NOW)
    signal = a_signal(identities=(Identity("signal_id", name),))
    return SignalArrived(signal=signal, arrival=arrival, quote=a_quote(), **STAMP)


def halt(actor: str = "ann", state: TradingState = TradingState.HALTED) -> StateAsked:
    """Somebody tightens."""
    return StateAsked(state=state, actor=actor, reason="because", admin=True, **STAMP)


def trade_id(name: str = "s-1") -> SignalId:
    """The name of the trade that the signal causes."""
    return a_signal(identities=(Identity("signal_id", name),)).signal_id


def order(leg: Leg, attempt: int = 1, name: str = "s-1") -> ClientOrderId:
    """An order of it."""
    return client_order_id(ACCOUNT, trade_id(name), leg, attempt)


def accepted(leg: Leg, attempt: int = 1) -> RequestSettled:
    """The venue has an order."""
    return RequestSettled(
        signal_id=trade_id(),
        client_order_id=order(leg, attempt),
        outcome=Accepted(venue_order_id="v", at=NOW),
        **STAMP,
    )


def filled(writer: Writer) -> OrderTold:
    """The entry has filled."""
    known = writer.book.trades[trade_id()].entry.order
    assert known.quantity is not None
    report = a_report(known, OrderStatus.FILLED, executed=known.quantity, cost=known.quantity * 100)
    return OrderTold(report=report, **STAMP)


def sends(listener: Listener) -> list[str]:
    """The submissions that were commanded, by leg and attempt."""
    return [command.submission.client_order_id[29:] for command in listener.commands if isinstance(command, Send)]


Story = Callable[[Office], Awaitable[None]]


def tell(story: Story) -> None:
    """Let a story happen in virtual time."""

    async def whole() -> None:
        await story(Office())

    run(whole())


# --- durable, then told ---------------------------------------------------------------------------------------------


def test_an_answer_is_told_when_its_entries_are_durable():
    """given a store that takes 10 ms, when a signal is asked about, then the verdict comes after the frame stands."""

    async def story(office: Office) -> None:
        writer, listener = await office.leader()
        before = office.runtime.now()

        answer = await writer.ask(arrived())

        assert isinstance(answer, Verdict)
        assert answer.outcome is Outcome.ACCEPTED
        assert office.runtime.now() - before == 10 * MILLISECOND
        assert office.store.head == writer.head
        assert [type(entry).__name__ for entry in listener.entries] == ["SignalJudged", "EntryIntended"]
        assert listener.frames == [(answer.seq, writer.head.number)]

    tell(story)


def test_an_entry_leaves_after_its_write_ahead():
    """given a signal on its way to the store, when its frame is not there yet, then its entry has not left; then it does."""

    async def story(office: Office) -> None:
        writer, listener = await office.leader()
        _, batch = writer.post(arrived())
        assert sends(listener) == []
        assert batch is not None

        await batch.done.wait()

        assert sends(listener) == ["e1"]

    tell(story)


def test_an_exit_leaves_at_once():
    """given a store that is away, when an entry has filled, then its stop leaves at once; the record follows."""

    async def story(office: Office) -> None:
        writer, listener = await office.leader()
        await writer.ask(arrived())
        await writer.ask(accepted(Leg.ENTRY))
        office.weather.fails["append"] = 5
        writer.post(filled(writer))

        assert sends(listener) == ["e1", "s1"]
        assert listener.touched[-1] == trade_id()
        await writer.settle()
        assert sends(listener) == ["e1", "s1"]

    tell(story)


def test_inputs_that_come_while_a_frame_is_written_share_the_next():
    """given a frame on its way, when three inputs come, then they stand in one frame behind it."""

    async def story(office: Office) -> None:
        writer, listener = await office.leader()
        first = writer.head.number
        writer.post(halt("a"))
        await office.runtime.sleep(MILLISECOND)
        for actor in ("b", "c", "d"):
            writer.post(halt(actor))

        await writer.settle()

        assert writer.head.number == first + 2
        assert [getattr(entry, "actor", "") for entry in listener.entries] == ["a", "b", "c", "d"]
        assert [number for _, number in listener.frames] == [first + 1, first + 2]

    tell(story)


def test_an_answer_that_rests_on_what_is_not_durable_waits_for_it():
    """given a verdict on its way, when its message is delivered again, then the same answer comes no earlier than it stands."""

    async def story(office: Office) -> None:
        writer, _ = await office.leader()
        writer.post(arrived())
        again = attrs.evolve(arrived(), arrival=attrs.evolve(arrived().arrival, redelivered=True))
        _, waiting = writer.post(again)
        assert waiting is not None
        await office.runtime.sleep(MILLISECOND)
        _, flying = writer.post(again)
        assert flying is not None

        answer = await writer.ask(again)

        assert isinstance(answer, Verdict)
        assert office.store.head == writer.head
        assert writer.post(again)[1] is None

    tell(story)


def test_an_alarm_does_not_wait_for_the_store():
    """given a stop that is refused for good, when it is heard, then people are told before anything is durable."""

    async def story(office: Office) -> None:
        writer, listener = await office.leader()
        await writer.ask(arrived())
        await writer.ask(accepted(Leg.ENTRY))
        await writer.ask(filled(writer))
        frames = len(office.store.frames)

        writer.post(attrs.evolve(accepted(Leg.STOP), outcome=Rejected(code=-4509, message="no", at=NOW)))

        assert [alarm.name for alarm in listener.alarms] == ["position_unprotected.ABCUSDT"]
        assert len(office.store.frames) == frames
        await writer.settle()

    tell(story)


def test_settling_waits_for_everything():
    """given inputs on their way and waiting, when it settles, then all of them stand; settled already, it returns."""

    async def story(office: Office) -> None:
        writer, listener = await office.leader()
        writer.post(halt("a"))
        await office.runtime.sleep(MILLISECOND)
        writer.post(halt("b"))

        await writer.settle()
        await writer.settle()

        assert len(listener.entries) == 2

    tell(story)


# --- a store that is away -------------------------------------------------------------------------------------------


def test_a_write_whose_outcome_is_unknown_is_issued_again_until_it_is_known():
    """given a store that took the frame and did not say so, when it is issued again, then it stands once."""

    async def story(office: Office) -> None:
        writer, listener = await office.leader()
        number = writer.head.number
        office.weather.fails_after["append"] = 1

        await writer.ask(halt())

        assert writer.head.number == number + 1
        assert len(office.store.frames) == number + 1
        assert office.weather.calls[-2:] == ["append", "append"]
        assert listener.troubles == ["the store did not answer", None]
        assert writer.trouble is None

    tell(story)


def test_a_store_that_stays_away_is_asked_ever_more_slowly():
    """given a store that fails ten times, when it is back, then it was asked after 50, 100, ... ms, at most 2 s apart."""

    async def story(office: Office) -> None:
        writer, listener = await office.leader()
        office.weather.takes = 0
        office.weather.fails["append"] = 10
        before = office.runtime.now()

        await writer.ask(halt())

        pauses = [50, 100, 200, 400, 800, 1600, 2000, 2000, 2000, 2000]
        assert office.runtime.now() - before == sum(pauses) * MILLISECOND
        assert listener.troubles == ["the store could not be reached", None]

    tell(story)


# --- another writer -------------------------------------------------------------------------------------------------


async def _two(office: Office) -> tuple[Writer, Listener, Writer, Listener]:
    """A leader, and a replica that only reads and tightens."""
    leader, heard = await office.leader()
    other, theirs = office.writer("r9")
    await other.load()
    return leader, heard, other, theirs


def test_an_input_that_came_second_is_judged_again_on_what_came_first():
    """given a halt that stands first, when a signal was stepped ahead of it, then it is undone and denied; nothing leaves."""

    async def story(office: Office) -> None:
        leader, heard, other, _ = await _two(office)
        await other.ask(halt())

        answer = await leader.ask(arrived())

        assert isinstance(answer, Verdict)
        assert (answer.outcome, [reason.code for reason in answer.reasons]) == (Outcome.DENIED, ["TRADING_HALTED"])
        assert sends(heard) == []
        assert leader.book.trades == {}
        assert [type(entry).__name__ for entry in heard.entries] == ["StateSet", "SignalJudged"]
        assert heard.rebases == 1

    tell(story)


def test_what_was_sent_at_once_is_not_sent_again_when_it_is_stepped_again():
    """given a fill whose stop has left, when another's frame stands first, then the stop is written, and sent once."""

    async def story(office: Office) -> None:
        leader, heard, other, _ = await _two(office)
        await leader.ask(arrived())
        await leader.ask(accepted(Leg.ENTRY))
        await other.load()
        await other.ask(halt(state=TradingState.REDUCING))

        await leader.ask(filled(leader))

        assert sends(heard) == ["e1", "s1"]
        assert leader.book.trades[trade_id()].find(order(Leg.STOP)) is not None

    tell(story)


def test_an_exit_is_sent_once_however_often_its_input_is_stepped():
    """given a stop that has left, when two conflicts follow each other, then it is still sent once."""

    async def story(office: Office) -> None:
        leader, heard, other, _ = await _two(office)
        await leader.ask(arrived())
        await leader.ask(accepted(Leg.ENTRY))
        await other.load()
        await other.ask(halt(state=TradingState.REDUCING))
        leader.post(filled(leader))
        await office.runtime.sleep(15 * MILLISECOND)
        await other.ask(halt(state=TradingState.HALTED))

        await leader.settle()

        assert heard.rebases == 2
        assert sends(heard) == ["e1", "s1"]

    tell(story)


def test_inputs_that_come_during_a_rebase_are_stepped_at_once_and_again_after_it():
    """given a conflict that is being resolved, when more inputs come, then none waits, and they stand in order behind it."""

    async def story(office: Office) -> None:
        leader, heard, other, _ = await _two(office)
        await other.ask(halt("first"))
        leader.post(halt("second"))
        await office.runtime.sleep(15 * MILLISECOND)
        ticket, batch = leader.post(halt("third"))
        speculative = ticket.answer  # not told to anybody before the batch is done
        assert batch is not None

        await batch.done.wait()

        assert speculative is not None
        assert ticket.answer is not None
        assert [getattr(entry, "actor", "") for entry in heard.entries] == ["first", "second", "third"]

    tell(story)


def test_an_input_that_turns_out_to_say_nothing_is_answered_all_the_same():
    """given a duplicate that was stepped as the first, when the other's verdict stands first, then it is answered by it."""

    async def story(office: Office) -> None:
        leader, _, other, _ = await _two(office)
        first = await other.ask(arrived())
        again = attrs.evolve(arrived(), arrival=attrs.evolve(arrived().arrival, redelivered=True))

        answer = await leader.ask(again)

        assert isinstance(first, Verdict)
        assert answer == attrs.evolve(first, replayed=True, original=Outcome.ACCEPTED)

    tell(story)


def test_a_new_leader_makes_the_old_one_stand_down():
    """given another replica that has taken over, when the old leader writes, then it stands down, and its input is lost."""

    async def story(office: Office) -> None:
        old, _ = await office.leader("r1")
        new, _ = office.writer("r2")
        await new.load()
        await new.ask(taken_over("r2"))

        waiting = asyncio.ensure_future(old.ask(arrived()))
        await office.runtime.sleep(15 * MILLISECOND)
        late = asyncio.ensure_future(old.ask(halt()))
        for asked in (waiting, late):
            with pytest.raises(StoodDown):
                await asked

        assert old.stood_down
        with pytest.raises(StoodDown):
            old.post(halt())
        assert old.book.trades == {}

    tell(story)


def test_a_waiting_batch_fails_with_the_one_before_it():
    """given inputs in two batches, when another replica has taken over, then both are told so."""

    async def story(office: Office) -> None:
        old, heard = await office.leader("r1")
        new, _ = office.writer("r2")
        await new.load()
        await new.ask(taken_over("r2"))
        _, flying = old.post(halt("a"))
        await office.runtime.sleep(MILLISECOND)
        _, waiting = old.post(halt("b"))
        assert flying is not None
        assert waiting is not None
        assert flying is not waiting

        await flying.done.wait()
        await waiting.done.wait()

        assert (flying.failed, waiting.failed) == (True, True)
        assert heard.rebases == 0

    tell(story)


# --- catching up ----------------------------------------------------------------------------------------------------


def test_an_idle_leader_carries_out_what_another_replica_wrote():
    """given a halt by another replica, when the idle leader catches up, then it is in force, and announced."""

    async def story(office: Office) -> None:
        leader, heard, other, _ = await _two(office)
        await other.ask(halt())

        await leader.catch_up()
        await office.runtime.sleep(SECOND)

        assert leader.book.totals.state is TradingState.HALTED
        assert (heard.rebases, leader.head) == (1, other.head)
        assert [type(entry).__name__ for entry in heard.entries] == ["StateSet"]

    tell(story)


def test_a_leader_that_is_not_behind_reads_nothing():
    """given the newest head, when it catches up, then nothing is folded; a head that cannot be read changes nothing."""

    async def story(office: Office) -> None:
        leader, heard, _, _ = await _two(office)
        await leader.catch_up()
        office.weather.fails["head"] = 1
        await leader.catch_up()
        await office.runtime.sleep(SECOND)

        assert heard.rebases == 0

    tell(story)


def test_a_busy_leader_does_not_ask():
    """given a frame on its way, when it is told to catch up, then the store is not asked: a conflict would tell."""

    async def story(office: Office) -> None:
        leader, _, _, _ = await _two(office)
        office.weather.calls.clear()
        leader.post(halt())
        await leader.catch_up()

        assert office.weather.calls == []
        await leader.settle()

    tell(story)


def test_a_tail_that_cannot_be_read_is_read_until_it_can():
    """given a store whose reads fail, when the leader catches up, then it is in trouble until a read succeeds."""

    async def story(office: Office) -> None:
        leader, heard, other, _ = await _two(office)
        await other.ask(halt())
        office.weather.fails["read"] = 2

        await leader.catch_up()
        await office.runtime.sleep(SECOND)

        assert heard.troubles == ["the store could not be read", None]
        assert leader.trouble is None
        assert leader.book.totals.state is TradingState.HALTED

    tell(story)


# --- the past -------------------------------------------------------------------------------------------------------


def test_the_leaders_of_before_are_history():
    """given a journal of another replica, when it is loaded, then the book is the same, nothing is announced, and it writes."""

    async def story(office: Office) -> None:
        old, _ = await office.leader("r1")
        await old.ask(arrived())
        new, heard = office.writer("r2")

        await new.load()

        assert not new.stood_down
        assert (heard.entries, heard.rebases) == ([], 0)
        assert book_digest(new.book) == book_digest(old.book)
        assert new.head == old.head
        await new.ask(taken_over("r2"))

    tell(story)


@pytest.mark.parametrize("damage", ["none", "version", "digest"])
def test_a_snapshot_saves_the_folding_and_is_never_believed_blindly(damage: str):
    """given a snapshot, when it is sound, then only the tail is read; when it is not, the journal is folded."""

    async def story(office: Office) -> None:
        old, _ = await office.leader("r1")
        state, digest = book_bytes(old.book)
        snapshot = SnapshotRecord(head=old.head, fold_version=1, digest=digest, state=state)
        if damage == "version":
            snapshot = attrs.evolve(snapshot, fold_version=0)
        if damage == "digest":
            snapshot = attrs.evolve(snapshot, digest="0" * 64)
        office.store.snapshots.append(snapshot)
        await old.ask(arrived())
        new, _ = office.writer("r2")

        await new.load()

        assert book_digest(new.book) == book_digest(old.book)
        assert new.head == old.head

    tell(story)


def test_a_long_journal_is_read_in_pieces():
    """given more frames than one reading brings, when it is loaded, then all of them are folded."""

    async def story(office: Office) -> None:
        office.weather.takes = 0
        old, _ = await office.leader("r1")
        for number in range(510):
            await old.ask(halt(f"a{number}"))
        new, _ = office.writer("r2")

        await new.load()

        assert new.book.totals.state_actor == "a509"
        assert new.head == old.head

    tell(story)


def test_a_journal_that_does_not_follow_itself_is_not_opened():
    """given a frame that was changed in the store, when the journal is loaded, then the engine refuses to start on it."""

    async def story(office: Office) -> None:
        old, _ = await office.leader("r1")
        await old.ask(halt())
        frames = office.store.frames
        frames[1] = seal(ACCOUNT, frames[0].head, "forger", frames[1].payload)
        new, _ = office.writer("r2")

        with pytest.raises(JournalBroken):
            await new.load()

    tell(story)


def test_a_journal_that_was_exchanged_beneath_the_engine_ends_its_writing():
    """given a store whose newest frame is another one, when the leader writes, then it stands down and says why."""

    async def story(office: Office) -> None:
        leader, heard = await office.leader("r1")
        frames = office.store.frames
        frames[-1] = seal(ACCOUNT, frames[-2].head, "forger", frames[-1].payload)

        with pytest.raises(StoodDown):
            await leader.ask(halt("b"))

        assert leader.stood_down
        assert heard.troubles[-1] is not None
        assert "is not the one that this engine wrote on" in heard.troubles[-1]

    tell(story)


def test_a_forged_tail_ends_the_leaders_writing():
    """given a frame of another chain behind the head, when the leader folds it, then it stands down and says which."""

    async def story(office: Office) -> None:
        leader, heard = await office.leader("r1")
        frames = office.store.frames
        forged = seal(ACCOUNT, Head(leader.head.number, "f" * 64), "forger", frames[-1].payload)
        frames.append(forged)

        with pytest.raises(StoodDown):
            await leader.ask(halt("b"))

        assert heard.troubles[-1] is not None
        assert f"frame {forged.number} of the journal" in heard.troubles[-1]
        assert leader.book.totals.state is TradingState.ACTIVE

    tell(story)


def test_reads_and_cancels_are_told_apart_by_what_they_are_for():
    """given a sole order that is cancelled and read in one step, when it is stepped again, then neither goes twice."""

    async def story(office: Office) -> None:
        leader, heard, other, _ = await _two(office)
        await leader.ask(arrived())
        await leader.ask(accepted(Leg.ENTRY))
        await other.load()
        await other.ask(halt("ann", TradingState.REDUCING))

        await leader.ask(halt("bob"))

        cancels = [command for command in heard.commands if not isinstance(command, Send)]
        assert len(cancels) == 1
        assert Symbol("ABCUSDT") == getattr(cancels[0], "symbol", None)
        assert leader.book.totals.gross_exposure > Decimal(0)

    tell(story)


def test_a_reading_is_commanded_once_however_often_it_is_stepped():
    """given an order that the account lacks, when its reading is stepped again on another head, then it goes out once."""

    async def story(office: Office) -> None:
        leader, heard, other, _ = await _two(office)
        await leader.ask(arrived())
        await leader.ask(accepted(Leg.ENTRY))
        await other.load()
        await other.ask(halt("ann", TradingState.REDUCING))
        later = Moment(NOW + 60 * SECOND)
        snapshot = AccountSnapshot(
            balance=attrs.evolve(a_balance("1"), as_of=later), positions=(), open_orders=(), at=later
        )
        reading = AccountLookedUp(snapshot=snapshot, before=None, asked_at=later, at=later, stamp=later)

        await leader.ask(reading)

        assert heard.rebases == 1
        assert [type(command).__name__ for command in heard.commands] == ["Send", "LookUp"]

    tell(story)
