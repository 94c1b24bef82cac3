"""Follows the durable journal with a book of its own: projects the audit log, and saves snapshots.

It stands in nobody's way: what it has not done yet it does after a restart, from its checkpoint.
"""

from petrosa_core.application.audit_document import of_denial, of_trade
from petrosa_core.application.history import entries_between
from petrosa_core.audit import GENESIS, Frame, Head, decode
from petrosa_core.audit.entries import Entry, Payload, SignalJudged, SignalRepeated
from petrosa_core.decision import Outcome
from petrosa_core.desk import FOLD_VERSION, Book, apply
from petrosa_core.desk.book import ENDED_KEPT
from petrosa_core.desk.snapshot import book_bytes
from petrosa_core.ports import AuditLog, Journal, Runtime, Signalled, SnapshotRecord, Unavailable
from petrosa_core.signal import Action
from petrosa_core.values import MILLISECOND, SECOND, Duration, SignalId

_READ_AT_ONCE = 100
_PAUSE: Duration = 20 * MILLISECOND
_WRITTEN_AT_ONCE = ENDED_KEPT // 2
"""Trades whose documents are written together: fewer than the book keeps at hand after they have ended."""
SNAPSHOT_EVERY = 5_000
"""Entries between two snapshots: folding these takes a start well under a second."""


class Follower:
    """One book behind the durable head."""

    def __init__(
        self,
        *,
        journal: Journal,
        audit_log: AuditLog,
        runtime: Runtime,
        book: Book,
        head: Head,
        snapshot_every: int = SNAPSHOT_EVERY,
    ) -> None:
        """``book`` is the fold up to ``head``, and the follower's own from now on."""
        self._journal = journal
        self._log = audit_log
        self._runtime = runtime
        self._every = snapshot_every
        self.book = book
        self.head = head
        self._saved_at = book.totals.seq
        self.more: Signalled = runtime.signalled()

    async def run(self) -> None:
        """Follow for ever."""
        while not await self._catch_the_log_up():
            await self._runtime.sleep(SECOND)
        while True:
            if await self._step():
                await self._runtime.sleep(_PAUSE)
            else:
                await self._runtime.first(self.more.wait(), within=SECOND)
                self.more.clear()

    async def rebuild(self) -> bool:
        """Empty the log and make it anew from the whole journal; False when a store failed before its end was reached."""
        if await self._log.clear() is not None:
            return False
        self.book, self.head = Book(), GENESIS
        while await self._step():
            pass
        head = await self._journal.head()
        complete = isinstance(head, Head) and head.number <= self.head.number
        return complete and await self._log.checkpoint() == self.book.totals.seq

    async def _catch_the_log_up(self) -> bool:
        """Entries between the log's checkpoint and our head: the newest state of what they touched is in the book."""
        checkpoint = await self._log.checkpoint()
        if isinstance(checkpoint, Unavailable):
            return False
        if checkpoint >= self.book.totals.seq:
            return True
        backlog = await entries_between(self._journal, checkpoint + 1, self.book.totals.seq, self.head.number)
        if len(backlog) < self.book.totals.seq - checkpoint:
            return False  # the store has shown a part only
        changes = _Changes()
        for seq, entry in backlog:
            changes.note(seq, entry)
        if any(self.book.trade(signal_id) is None for signal_id in changes.touched):
            # The book keeps only the trades that ended lately; a log that is further behind is built from the start.
            return await self.rebuild()
        return await self._write(changes)

    async def _step(self) -> bool:
        """Fold and project the next frames; False when there are none."""
        frames = await self._journal.read(self.head.number, _READ_AT_ONCE)
        if isinstance(frames, Unavailable) or not frames:
            return False
        changes = _Changes()
        for frame in frames:
            self._fold(frame, changes)
            if len(changes.touched) >= _WRITTEN_AT_ONCE:
                await self._write_until_it_stands(changes)
                changes = _Changes()
        await self._write_until_it_stands(changes)
        await self._save_when_due()
        return True

    async def _write_until_it_stands(self, changes: "_Changes") -> None:
        while not await self._write(changes):
            await self._runtime.sleep(SECOND)

    def _fold(self, frame: Frame, changes: "_Changes") -> None:
        payload = decode(frame.payload, Payload)
        for index, entry in enumerate(payload.entries):
            apply(self.book, entry)
            changes.note(payload.seq + index, entry)
        self.book.undo.keep(len(self.book.undo))
        self.head = frame.head

    async def _write(self, changes: "_Changes") -> bool:
        """Put the documents of what changed, then the checkpoint; False when the store failed: it comes again."""
        mode = self.book.totals.mode
        for seq, entry in changes.denials:
            signal_id = entry.signal.signal_id
            if self.book.trade(signal_id) is not None:
                continue  # an id reused by another signal: the trade's own document stands
            if await self._log.upsert(of_denial(entry, seq, mode), signal_id, seq) is not None:
                return False
        for signal_id in changes.touched:
            trade = self.book.trade(signal_id)
            if trade is None:
                continue
            seq = self.book.spans[signal_id][1]
            if await self._log.upsert(of_trade(trade, seq, mode), signal_id, seq) is not None:
                return False
        return await self._log.passed(self.book.totals.seq) is None

    async def _save_when_due(self) -> None:
        seq = self.book.totals.seq
        if seq - self._saved_at < self._every:
            return
        self._saved_at = seq
        state, digest = book_bytes(self.book)
        await self._journal.save_snapshot(
            SnapshotRecord(head=self.head, fold_version=FOLD_VERSION, digest=digest, state=state)
        )


class _Changes:
    """Which documents a run of entries changes."""

    def __init__(self) -> None:
        self.touched: dict[SignalId, None] = {}
        self.denials: list[tuple[int, SignalJudged]] = []

    def note(self, seq: int, entry: Entry) -> None:
        """Take in one entry."""
        if isinstance(entry, SignalJudged):
            if entry.outcome is Outcome.ACCEPTED:
                self.touched[entry.signal.signal_id] = None
            elif entry.outcome is Outcome.DENIED and entry.signal.action in {Action.BUY, Action.SELL}:
                self.denials.append((seq, entry))
            return
        signal_id = getattr(entry, "signal_id", None)
        if signal_id is not None and not isinstance(entry, SignalRepeated):
            self.touched[signal_id] = None
