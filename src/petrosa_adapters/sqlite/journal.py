"""The journal in SQLite: table ``trade_journal``, and the newest snapshots beside it."""

import sqlite3
from pathlib import Path
from typing import Self

from petrosa_adapters.sqlite.store import SqliteStore
from petrosa_core.audit import GENESIS, Frame, Head
from petrosa_core.ports import Appended, AppendOutcome, Conflict, SnapshotRecord, Unavailable
from petrosa_core.values import AccountId, Market, Mode

SNAPSHOTS_KEPT = 2


class SqliteJournal:
    """A Journal over a store that it may share with the audit log and the lease."""

    def __init__(self, store: SqliteStore) -> None:
        """Use an open store."""
        self.store = store

    @classmethod
    async def open(cls, path: Path, *, account: AccountId, market: Market, mode: Mode) -> Self:
        """Open a store for this journal. Raises JournalMismatch when the file is another's."""
        return cls(await SqliteStore.open(path, account=account, market=market, mode=mode))

    async def close(self) -> None:
        """Close the store."""
        await self.store.close()

    async def head(self) -> Head | Unavailable:
        """The newest frame's number and hash."""
        return await self.store.read(_head)

    async def append(self, frame: Frame) -> AppendOutcome:
        """Append one sealed frame; those that are appended at the same time share a transaction."""
        if frame.account != self.store.account:
            raise ValueError(f"frame: sealed for account {frame.account!r}, the journal is of {self.store.account!r}")
        return await self.store.write(lambda connection: _append(connection, frame))

    async def read(self, after: int, limit: int) -> tuple[Frame, ...] | Unavailable:
        """At most ``limit`` frames with numbers above ``after``, in order."""
        return await self.store.read(lambda connection: _read(connection, after, max(limit, 0)))

    async def save_snapshot(self, snapshot: SnapshotRecord) -> bool:
        """Keep a folded book; the file keeps the last two."""
        saved = await self.store.write(lambda connection: _save(connection, snapshot))
        return not isinstance(saved, Unavailable)

    async def latest_snapshot(self) -> SnapshotRecord | None:
        """The newest snapshot whose head is in the journal, or None."""
        found = await self.store.read(_latest)
        return None if isinstance(found, Unavailable) else found


def _head(connection: sqlite3.Connection) -> Head:
    row = connection.execute("SELECT frame, hash FROM trade_journal ORDER BY frame DESC LIMIT 1").fetchone()
    return GENESIS if row is None else Head(*row)


def _append(connection: sqlite3.Connection, frame: Frame) -> AppendOutcome:
    head = _head(connection)
    if frame.number > head.number + 1:
        return Unavailable(f"frame {frame.number} cannot stand: the journal ends at frame {head.number}")
    if frame.number == head.number + 1 and frame.previous == head.hash:
        connection.execute(
            "INSERT INTO trade_journal (frame, account, previous, nonce, hash, payload) VALUES (?, ?, ?, ?, ?, ?)",
            (frame.number, frame.account, frame.previous, frame.nonce, frame.hash, frame.payload),
        )
        return Appended(frame.head)
    # The hash covers the nonce, so an equal hash is this very frame, issued again.
    there = connection.execute("SELECT hash FROM trade_journal WHERE frame = ?", (frame.number,)).fetchone()
    return Appended(frame.head) if there == (frame.hash,) else Conflict(head)


def _read(connection: sqlite3.Connection, after: int, limit: int) -> tuple[Frame, ...]:
    rows = connection.execute(
        "SELECT account, frame, previous, nonce, payload, hash FROM trade_journal WHERE frame > ? ORDER BY frame LIMIT ?",
        (after, limit),
    )
    return tuple(
        Frame(account=account, number=number, previous=previous, nonce=nonce, payload=payload, hash=digest)
        for account, number, previous, nonce, payload, digest in rows
    )


def _save(connection: sqlite3.Connection, snapshot: SnapshotRecord) -> None:
    connection.execute(
        "INSERT OR REPLACE INTO snapshots (frame, hash, fold_version, digest, state) VALUES (?, ?, ?, ?, ?)",
        (snapshot.head.number, snapshot.head.hash, snapshot.fold_version, snapshot.digest, snapshot.state),
    )
    connection.execute(
        "DELETE FROM snapshots WHERE frame NOT IN (SELECT frame FROM snapshots ORDER BY frame DESC LIMIT ?)",
        (SNAPSHOTS_KEPT,),
    )


def _latest(connection: sqlite3.Connection) -> SnapshotRecord | None:
    row = connection.execute(
        "SELECT frame, hash, fold_version, digest, state FROM snapshots JOIN trade_journal USING (frame, hash)"
        " ORDER BY frame DESC LIMIT 1"
    ).fetchone()
    if row is None:
        return None
    number, head_hash, fold_version, digest, state = row
    return SnapshotRecord(head=Head(number, head_hash), fold_version=fold_version, digest=digest, state=state)
