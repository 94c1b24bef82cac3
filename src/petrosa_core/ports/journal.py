"""The one ordered record of an account."""

from typing import Protocol, TypeAlias

import attrs

from petrosa_core.audit import Frame, Head


@attrs.frozen
class Appended:
    """The frame is durable and is the new head."""

    head: Head


@attrs.frozen
class Conflict:
    """Another writer's frame stands at that number; ``head`` is the journal's now."""

    head: Head


@attrs.frozen
class Unavailable:
    """The store did not confirm the write: it may or may not be there. Issue the same frame again. ``why`` is for people."""

    why: str


AppendOutcome: TypeAlias = Appended | Conflict | Unavailable


@attrs.frozen
class SnapshotRecord:
    """A folded book: up to which head, by which version of the fold, and its encoded state with a digest over it."""

    head: Head
    fold_version: int
    digest: str
    state: bytes


class Journal(Protocol):
    """Compare-and-append, and read. Contract: tests/contract/test_journal.py.

    J1  ``append`` of a frame numbered head + 1 on the head's hash is durable before Appended is returned.
    J2  A frame at a number that is taken by another nonce, or sealed on another frame than the one before its number, is
        Conflict, and changes nothing. One that leaves a gap is Unavailable: nothing contradicts it, and it cannot stand yet.
    J3  A frame issued again (same number, same nonce, same hash) is Appended, and stands once.
    J4  Of concurrent appends at one number exactly one is Appended.
    J5  ``read`` returns frames in order, without gaps, exactly as they were appended, byte for byte.
    J6  A frame is there whole or not at all, whatever is killed when.
    J7  A store that cannot write answers Unavailable, never raises, and works again by itself when it can.
    J8  A journal is stamped with account, market and mode, and refuses to be opened under another (JournalMismatch).
    J9  A snapshot is a convenience: one that does not fit the journal is not returned.
    J10 Many appenders and readers may have it open at once, in several processes.
    """

    async def head(self) -> Head | Unavailable:
        """The newest frame's number and hash; number 0 and the genesis hash when empty."""
        ...

    async def append(self, frame: Frame) -> AppendOutcome:
        """Append one sealed frame."""
        ...

    async def read(self, after: int, limit: int) -> tuple[Frame, ...] | Unavailable:
        """At most ``limit`` frames with numbers above ``after``, in order."""
        ...

    async def save_snapshot(self, snapshot: SnapshotRecord) -> bool:
        """Keep a folded book; False when the store could not."""
        ...

    async def latest_snapshot(self) -> SnapshotRecord | None:
        """The newest snapshot whose head is in the journal, or None."""
        ...


class JournalBroken(Exception):
    """The journal is not what was written: no engine may go on from it. The message names the first bad frame."""


class JournalMismatch(Exception):
    """The journal belongs to another account, market or mode: nothing may be opened on it."""
