"""An account's book without its engine: for reading, and for control entries that any process may append.

A control entry is re-based on the head that a conflict returns; the leader folds it within its tail interval and acts on it.
"""

from petrosa_core.audit import GENESIS, Head, decode, encode, seal
from petrosa_core.audit.entries import Payload
from petrosa_core.desk import FOLD_VERSION, Answer, Book, Input, Rules, apply, step
from petrosa_core.desk.snapshot import book_from
from petrosa_core.ports import Appended, Journal, Unavailable

_READ_AT_ONCE = 500
_TRIES = 50


class StoreUnavailable(Exception):
    """The journal could not be read or written; ``why`` is for people."""

    def __init__(self, why: str) -> None:
        """Keep the reason."""
        super().__init__(why)
        self.why = why


class OfflineDesk:
    """The fold of a journal, as far as it was read."""

    def __init__(self, journal: Journal) -> None:
        """Nothing is read yet; use ``open_desk``."""
        self.journal = journal
        self.book = Book()
        self.head: Head = GENESIS

    async def read(self) -> None:
        """Fold what was appended since. Raises StoreUnavailable."""
        while True:
            frames = await self.journal.read(self.head.number, _READ_AT_ONCE)
            if isinstance(frames, Unavailable):
                raise StoreUnavailable(frames.why)
            for frame in frames:
                for entry in decode(frame.payload, Payload).entries:
                    apply(self.book, entry)
                self.head = frame.head
            self.book.undo.keep(len(self.book.undo))
            if len(frames) < _READ_AT_ONCE:
                return

    async def write(self, given: Input, rules: Rules, nonce: str, *, commit: bool) -> Answer:
        """Step a control input and append what it says; with ``commit`` False only the answer is worked out.

        ``rules.caring`` must be False: what follows from a control entry is the leader's to do. Raises StoreUnavailable.
        """
        assert not rules.caring, "only the leader acts"
        for _ in range(_TRIES):
            stepped = step(self.book, given, rules)
            entries = stepped.entries
            if not commit or not entries:
                self.book.undo.undo()
                return stepped.answer
            first = self.book.totals.seq - len(entries) + 1
            frame = seal(self.book.totals.account, self.head, nonce, encode(Payload(seq=first, entries=entries)))
            outcome = await self.journal.append(frame)
            if isinstance(outcome, Appended):
                self.book.undo.keep(len(self.book.undo))
                self.head = frame.head
                return stepped.answer
            self.book.undo.undo()
            if isinstance(outcome, Unavailable):
                raise StoreUnavailable(outcome.why)
            await self.read()
        raise StoreUnavailable(f"{_TRIES} other writers were faster")


async def open_desk(journal: Journal) -> OfflineDesk:
    """Fold a journal, from its newest snapshot where there is one. Raises StoreUnavailable."""
    desk = OfflineDesk(journal)
    snapshot = await journal.latest_snapshot()
    if snapshot is not None and snapshot.fold_version == FOLD_VERSION:
        book = book_from(snapshot.state, snapshot.digest)
        if book is not None:
            desk.book, desk.head = book, snapshot.head
    await desk.read()
    return desk
