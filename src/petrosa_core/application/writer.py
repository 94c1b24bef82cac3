"""The one pen of an account: inputs are stepped at once, and written down in groups.

1. Nothing is answered, announced or entered on what is not durable.
2. While a frame is on its way, inputs go on being stepped on the head that it will make; they share the next frame.
3. When another writer's frame stands first, every step that is not durable is undone, the new frames are folded, and the same
   inputs are stepped again, also those that were only answered; what was already sent at once is not sent again. The new
   frames are read before anything is undone: until the store shows them, exits go on being stepped on the old head.
4. When the outcome of a write is unknown, the same frame is issued again until it is known.
"""

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

import attrs

from petrosa_core.audit import GENESIS, Broken, Frame, Head, decode, encode, follow, seal
from petrosa_core.audit.entries import Alarmed, Entry, LeadershipTaken, Payload
from petrosa_core.desk import (
    FOLD_VERSION,
    Answer,
    Book,
    Command,
    Input,
    LookUp,
    Rules,
    Send,
    SendCancel,
    Stepped,
    apply,
    step,
)
from petrosa_core.desk.snapshot import book_from
from petrosa_core.ports import Appended, Conflict, Journal, JournalBroken, Runtime, Signalled, Unavailable
from petrosa_core.values import MILLISECOND, SECOND, Duration, SignalId

_RETRY_FIRST: Duration = 50 * MILLISECOND
_RETRY_MOST: Duration = 2 * SECOND
_READ_AT_ONCE = 500


class StoodDown(Exception):
    """Another replica leads the account now; this one may not write any more."""


class Reader(Protocol):
    """Who is told of what became of inputs."""

    def sent(self, commands: Sequence[Command]) -> None:
        """Carry these out."""
        ...

    def stepped(self, touched: frozenset[SignalId]) -> None:
        """These trades changed, perhaps not durably yet."""
        ...

    def alarmed(self, entry: Alarmed) -> None:
        """People have to be told of this at once; the store may be what is broken."""
        ...

    def durable(self, first_seq: int, entries: Sequence[Entry], head: Head) -> None:
        """These entries stand."""
        ...

    def rebased(self) -> None:
        """Another writer's entries were folded: every open trade has to be looked after."""
        ...

    def store_changed(self, trouble: str | None) -> None:
        """The store stopped taking writes, for this reason, or takes them again."""
        ...


class Ticket:
    """One input's way to the record."""

    def __init__(self, given: Input, attend: tuple[SignalId, ...]) -> None:
        """Not stepped yet."""
        self.given = given
        self.attend = attend
        self.stepped: Stepped | None = None
        self.sent: set[tuple[str, str]] = set()
        """What left at once, however often the input was stepped."""

    @property
    def answer(self) -> Answer:
        """The step's answer; to be told only when the batch is durable."""
        return self.stepped.answer if self.stepped else None


@attrs.define
class Batch:
    """Inputs whose entries go into one frame."""

    done: Signalled
    tickets: list[Ticket] = attrs.field(factory=list)
    failed: bool = False

    @property
    def entries(self) -> list[Entry]:
        """All entries of all inputs, in order."""
        return [entry for ticket in self.tickets if ticket.stepped for entry in ticket.stepped.entries]


class Writer:
    """Steps inputs and makes their entries durable."""

    def __init__(self, *, journal: Journal, runtime: Runtime, rules: Rules, replica: str, reader: Reader) -> None:
        """``replica`` is unique to this start of this process: it is the frames' nonce."""
        self._journal = journal
        self._runtime = runtime
        self._reader = reader
        self._replica = replica
        self.rules = rules
        self.book = Book()
        self.head = GENESIS
        self.trouble: str | None = None
        self.stood_down = False
        self._open = Batch(runtime.signalled())
        self._flying: Batch | None = None
        self._wake = runtime.signalled()
        self._behind = False
        self._history = False

    # --- inputs ----------------------------------------------------------------------------------------------------

    def post(self, given: Input, attend: tuple[SignalId, ...] = ()) -> tuple[Ticket, Batch | None]:
        """Step one input now. The batch tells when its answer may be told; None when it may be told at once."""
        ticket = Ticket(given, attend)
        if self.stood_down:
            raise StoodDown
        return ticket, self._take(ticket, frozenset())

    async def ask(self, given: Input, attend: tuple[SignalId, ...] = ()) -> Answer:
        """Step one input and wait until its entries, or those that its answer rests on, are durable."""
        ticket, batch = self.post(given, attend)
        if batch is not None:
            await batch.done.wait()
            if batch.failed:
                raise StoodDown
        return ticket.answer

    def _take(self, ticket: Ticket, already: frozenset[tuple[str, str]]) -> Batch | None:
        stepped = step(self.book, ticket.given, self.rules, ticket.attend)
        ticket.stepped = stepped
        for entry in stepped.entries:
            if isinstance(entry, Alarmed):
                self._reader.alarmed(entry)
        urgent = [c for c in stepped.commands if not _waits(c) and _key(c) not in already]
        if urgent:
            ticket.sent.update(map(_key, urgent))
            self._reader.sent(urgent)
        if stepped.touched:
            self._reader.stepped(stepped.touched)
        not_durable = self._open if self._open.tickets else self._flying
        if stepped.entries or (stepped.answer is not None and not_durable is not None):
            # An answer that rests on what may be undone would have to be given anew: it goes the same way.
            self._open.tickets.append(ticket)
            self._wake.set()
            return self._open
        return not_durable

    async def settle(self) -> None:
        """Wait until everything that was posted is durable."""
        while self._open.tickets or self._flying is not None:
            await (self._flying or self._open).done.wait()

    # --- frames ----------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Write batches for ever; ends when another replica has taken over."""
        while not self.stood_down:
            await self._wake.wait()
            self._wake.clear()
            if self._behind and not self.stood_down:
                await self._rebase(None)
            while self._open.tickets and not self.stood_down:
                await self._flush()

    async def _flush(self) -> None:
        batch, self._open = self._open, Batch(self._runtime.signalled())
        self._flying = batch
        entries = batch.entries
        if not entries:
            self._land(batch)
            return
        changes = len(self.book.undo)
        first_seq = self.book.totals.seq - len(entries) + 1
        frame = seal(
            self.book.totals.account, self.head, self._replica, encode(Payload(seq=first_seq, entries=tuple(entries)))
        )
        outcome = await self._append(frame)
        if isinstance(outcome, Conflict):
            await self._rebase(batch)
            return
        self.head = frame.head
        self.book.undo.keep(changes)
        self._reader.durable(first_seq, entries, frame.head)
        self._reader.sent([c for t in batch.tickets if t.stepped for c in t.stepped.commands if _waits(c)])
        self._land(batch)

    def _land(self, batch: Batch) -> None:
        self._flying = None
        batch.done.set()

    async def _append(self, frame: Frame) -> Appended | Conflict:
        pause = _RETRY_FIRST
        while True:
            outcome = await self._journal.append(frame)
            if not isinstance(outcome, Unavailable):
                self._trouble(None)
                return outcome
            self._trouble(outcome.why)
            await self._runtime.sleep(pause)
            pause = min(2 * pause, _RETRY_MOST)

    def _trouble(self, why: str | None) -> None:
        if why != self.trouble:
            self.trouble = why
            self._reader.store_changed(why)

    # --- other writers ---------------------------------------------------------------------------------------------

    async def catch_up(self) -> None:
        """Fold what other writers have appended, when nothing of ours is on its way (a conflict does it otherwise)."""
        if self._flying is not None or self._open.tickets or self._behind:
            return
        head = await self._journal.head()
        if isinstance(head, Head) and head.number > self.head.number:
            # Only the writing task changes heads: two that fold at once would fold twice.
            self._behind = True
            self._wake.set()

    async def _rebase(self, batch: Batch | None) -> None:
        """Undo what is not durable, fold the new frames, step the same inputs again."""
        tail = [frame async for frames in self._tail() for frame in frames]
        self.book.undo.undo()
        before = self.head
        for frame in tail:
            if not self.stood_down:
                self._fold(frame)
        if batch is not None and self.head == before and not self.stood_down:
            # Somebody's frame stands at our number, and yet none follows our head: the journal was exchanged beneath us.
            self._stand_down(f"frame {self.head.number} of the journal is not the one that this engine wrote on")
        self._behind = False
        self._flying = None
        again = [*(batch.tickets if batch else ()), *self._open.tickets]
        waiting, self._open = self._open, Batch(self._runtime.signalled())
        if self.stood_down:
            for lost in (batch, waiting):
                if lost is not None:
                    lost.failed = True
                    lost.done.set()
            return
        self._step_again(again)
        follower = self._open
        if follower.tickets:
            self._wake.set()
        # Who waited for the old batches waits for the new one.
        for old in (batch, waiting):
            if old is not None:
                self._runtime.spawn("batch-follower", self._follow(old, follower))
        self._reader.rebased()

    def _step_again(self, tickets: Sequence[Ticket]) -> None:
        sent = frozenset(key for ticket in tickets for key in ticket.sent)
        for ticket in tickets:
            self._take(ticket, sent)

    async def _follow(self, old: Batch, new: Batch) -> None:
        if new.tickets:
            await new.done.wait()
        old.failed = new.failed
        old.done.set()

    async def _tail(self) -> AsyncIterator[tuple[Frame, ...]]:
        """The frames behind our head, in portions; a store that cannot be read is waited for."""
        after = self.head.number
        while True:
            frames = await self._journal.read(after, _READ_AT_ONCE)
            if isinstance(frames, Unavailable):
                self._trouble(frames.why)
                await self._runtime.sleep(_RETRY_FIRST)
                continue
            self._trouble(None)
            yield frames
            if len(frames) < _READ_AT_ONCE:
                return
            after = frames[-1].number

    def _stand_down(self, why: str) -> None:
        self.stood_down = True
        self._trouble(why)

    def _fold(self, frame: Frame) -> None:
        sound = follow(self.head, frame, frame.account)
        if isinstance(sound, Broken):
            if self._history:
                raise JournalBroken(f"frame {sound.number}: {sound.why}")
            self._stand_down(f"frame {sound.number} of the journal: {sound.why}")
            return
        payload = decode(frame.payload, Payload)
        first = payload.seq
        for entry in payload.entries:
            apply(self.book, entry)
            if isinstance(entry, LeadershipTaken) and entry.replica != self._replica and not self._history:
                self.stood_down = True
        self.head = frame.head
        self.book.undo.keep(len(self.book.undo))
        if not self._history:
            self._reader.durable(first, payload.entries, frame.head)

    async def load(self) -> None:
        """Fold the whole journal from where the book is; the leaders of before are history here.

        Raises JournalBroken when a frame does not follow the one before it.
        """
        self._history = True
        snapshot = await self._journal.latest_snapshot()
        if snapshot is not None and snapshot.fold_version == FOLD_VERSION:
            book = book_from(snapshot.state, snapshot.digest)
            if book is not None:
                self.book, self.head = book, snapshot.head
        async for frames in self._tail():
            for frame in frames:
                self._fold(frame)
        self._history = False


def _waits(command: Command) -> bool:
    return isinstance(command, Send) and command.after_append


def _key(command: Command) -> tuple[str, str]:
    match command:
        case Send():
            return ("send", command.submission.client_order_id)
        case SendCancel():
            return ("cancel", command.client_order_id)
        case LookUp():
            return ("look", command.client_order_id)
