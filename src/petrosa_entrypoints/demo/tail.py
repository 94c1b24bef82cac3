"""Reads a journal while another process writes it, entry by entry, and keeps the fold beside them."""

from collections.abc import AsyncIterator

import attrs

from petrosa_core.audit import GENESIS, Head, decode
from petrosa_core.audit.entries import Entry, Payload
from petrosa_core.desk import Book, apply
from petrosa_core.ports import Journal, Unavailable

_READ_AT_ONCE = 500


@attrs.frozen
class Numbered:
    """One entry with its number in the journal."""

    seq: int
    entry: Entry


class Tail:
    """``entries`` is everything so far, ``book`` what it folds to, ``head`` the frame that it ends with."""

    def __init__(self, journal: Journal) -> None:
        """Nothing is read yet."""
        self._journal = journal
        self.entries: list[Numbered] = []
        self.book = Book()
        self.head: Head = GENESIS

    async def more(self) -> AsyncIterator[Numbered]:
        """What has been appended since; when an entry is yielded, the book is folded up to it and no further.

        Nothing while the store cannot be read.
        """
        frames = await self._journal.read(self.head.number, _READ_AT_ONCE)
        if isinstance(frames, Unavailable):
            return
        for frame in frames:
            payload = decode(frame.payload, Payload)
            for index, entry in enumerate(payload.entries):
                apply(self.book, entry)
                numbered = Numbered(payload.seq + index, entry)
                self.entries.append(numbered)
                yield numbered
            self.head = frame.head
            self.book.undo.keep(len(self.book.undo))
