"""The audit log in SQLite: table ``trade_audit_log``, one JSON document a trade, numbers exact."""

import json
import sqlite3
from decimal import Decimal

from petrosa_adapters.sqlite.store import SqliteStore
from petrosa_adapters.wire import dumps
from petrosa_core.ports import Document, Logged, Unavailable

_PROJECTION = "trade_audit_log"


class SqliteAuditLog:
    """An AuditLog over the journal's own store."""

    def __init__(self, store: SqliteStore) -> None:
        """Use an open store."""
        self._store = store

    async def upsert(self, document: Document, trade_id: str, seq: int) -> Unavailable | None:
        """Put the document of one trade, when it is newer than what is there."""
        text = dumps(document).decode("ascii")
        return await self._store.write(lambda connection: _upsert(connection, trade_id, seq, text))

    async def passed(self, seq: int) -> Unavailable | None:
        """Move the checkpoint, never back."""
        return await self._store.write(lambda connection: _passed(connection, seq))

    async def checkpoint(self) -> int | Unavailable:
        """Where a projector goes on."""
        return await self._store.read(_checkpoint)

    async def get(self, trade_id: str) -> Logged | Unavailable | None:
        """One trade's document."""
        return await self._store.read(lambda connection: _get(connection, trade_id))

    async def recent(self, limit: int, before: Logged | None = None) -> tuple[Logged, ...] | Unavailable:
        """The newest documents, a page at a time."""
        return await self._store.read(lambda connection: _recent(connection, max(limit, 0), before))

    async def clear(self) -> Unavailable | None:
        """Forget every document and the checkpoint, in one transaction."""
        return await self._store.write(_clear)


def _upsert(connection: sqlite3.Connection, trade_id: str, seq: int, document: str) -> None:
    connection.execute(
        "INSERT INTO trade_audit_log (trade_id, journal_seq, document) VALUES (?, ?, ?)"
        " ON CONFLICT (trade_id) DO UPDATE SET journal_seq = excluded.journal_seq, document = excluded.document"
        " WHERE excluded.journal_seq > trade_audit_log.journal_seq",
        (trade_id, seq, document),
    )


def _passed(connection: sqlite3.Connection, seq: int) -> None:
    connection.execute(
        "INSERT INTO projection (name, checkpoint) VALUES (?, ?)"
        " ON CONFLICT (name) DO UPDATE SET checkpoint = max(checkpoint, excluded.checkpoint)",
        (_PROJECTION, seq),
    )


def _checkpoint(connection: sqlite3.Connection) -> int:
    row = connection.execute("SELECT checkpoint FROM projection WHERE name = ?", (_PROJECTION,)).fetchone()
    return 0 if row is None else int(row[0])


def _get(connection: sqlite3.Connection, trade_id: str) -> Logged | None:
    row = connection.execute(
        "SELECT trade_id, journal_seq, document FROM trade_audit_log WHERE trade_id = ?", (trade_id,)
    ).fetchone()
    return None if row is None else _logged(*row)


def _recent(connection: sqlite3.Connection, limit: int, before: Logged | None) -> tuple[Logged, ...]:
    columns = "SELECT trade_id, journal_seq, document FROM trade_audit_log"
    newest = "ORDER BY journal_seq DESC, trade_id DESC LIMIT ?"
    if before is None:
        rows = connection.execute(f"{columns} {newest}", (limit,))
    else:
        below = "WHERE (journal_seq, trade_id) < (?, ?)"
        rows = connection.execute(f"{columns} {below} {newest}", (before.seq, before.trade_id, limit))
    return tuple(_logged(*row) for row in rows)


def _clear(connection: sqlite3.Connection) -> None:
    connection.execute("DELETE FROM trade_audit_log")
    connection.execute("DELETE FROM projection WHERE name = ?", (_PROJECTION,))


def _logged(trade_id: str, seq: int, document: str) -> Logged:
    return Logged(trade_id=trade_id, seq=seq, document=json.loads(document, parse_float=Decimal))
