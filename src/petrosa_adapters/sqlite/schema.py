"""The file: how it is made, opened and stamped.

1. A new file is readable by its owner alone; SQLite gives its companions (``-wal``, ``-shm``) the same mode.
2. WAL with synchronous FULL: a commit is on the disk before it returns, and readers never wait.
3. The stamp (schema, account, market, mode) is written with the tables, in one transaction, and never changed.
4. Frames are append-only for every client: triggers refuse to update or delete one.
"""

import os
import sqlite3
from contextlib import suppress
from pathlib import Path

import attrs

from petrosa_core.ports import JournalMismatch
from petrosa_core.values import AccountId, Market, Mode

VERSION = 1
BUSY_SECONDS = 5
"""How long a writer waits for the writers of other processes before it says Unavailable."""

TABLES = """
CREATE TABLE stamp (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE trade_journal (
    frame INTEGER PRIMARY KEY CHECK (frame > 0),
    account TEXT NOT NULL,
    previous TEXT NOT NULL,
    nonce TEXT NOT NULL,
    hash TEXT NOT NULL,
    payload BLOB NOT NULL
) STRICT;
CREATE TRIGGER trade_journal_keeps BEFORE UPDATE ON trade_journal BEGIN SELECT RAISE(ABORT, 'frames are never changed'); END;
CREATE TRIGGER trade_journal_holds BEFORE DELETE ON trade_journal BEGIN SELECT RAISE(ABORT, 'frames are never removed'); END;
CREATE TABLE snapshots (
    frame INTEGER PRIMARY KEY,
    hash TEXT NOT NULL,
    fold_version INTEGER NOT NULL,
    digest TEXT NOT NULL,
    state BLOB NOT NULL
) STRICT;
CREATE TABLE trade_audit_log (trade_id TEXT PRIMARY KEY, journal_seq INTEGER NOT NULL, document TEXT NOT NULL) STRICT;
CREATE INDEX trade_audit_log_newest ON trade_audit_log (journal_seq, trade_id);
CREATE TABLE projection (name TEXT PRIMARY KEY, checkpoint INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE lease (name TEXT PRIMARY KEY, replica TEXT NOT NULL, until INTEGER NOT NULL) STRICT, WITHOUT ROWID;
"""


@attrs.frozen(kw_only=True)
class Stamp:
    """Whose journal it is."""

    account: AccountId
    market: Market
    mode: Mode

    def __str__(self) -> str:
        """As people are told of it."""
        return f"account {self.account!r}, market {self.market.value}, mode {self.mode.value}"


def connect(path: Path, stamp: Stamp, *, create: bool) -> sqlite3.Connection:
    """A connection for the one thread that writes.

    Raises:
        JournalMismatch: the file belongs to another account, market or mode, or was written by a newer version.
        sqlite3.Error, OSError: it cannot be opened now.
    """
    if create:
        _create(path)
    connection = _open(path)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA fullfsync = ON")
        connection.execute("BEGIN IMMEDIATE")
        _prepare(connection, stamp)
        connection.execute("COMMIT")
        # A writer that was killed may have left frames which nobody has synced: a checkpoint syncs them before they are read.
        connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
    except (sqlite3.Error, JournalMismatch):
        close(connection)
        raise
    return connection


def connect_reader(path: Path) -> sqlite3.Connection:
    """A connection for a thread that only reads. Raises sqlite3.Error when the file cannot be opened now."""
    connection = _open(path)
    connection.execute("PRAGMA query_only = ON")
    return connection


def close(connection: sqlite3.Connection) -> None:
    """Let go of a connection, whatever state it is in; what it had not committed is rolled back."""
    with suppress(sqlite3.Error):
        connection.close()


def _create(path: Path) -> None:
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))


def _open(path: Path) -> sqlite3.Connection:
    # mode=rw never creates: a file that was moved away must not be replaced by an empty journal.
    return sqlite3.connect(
        f"{path.resolve().as_uri()}?mode=rw",
        uri=True,
        timeout=BUSY_SECONDS,
        isolation_level=None,
        check_same_thread=False,
    )


def _prepare(connection: sqlite3.Connection, stamp: Stamp) -> None:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version == 0:
        for statement in _statements(TABLES):
            connection.execute(statement)
        values = (("account", stamp.account), ("market", stamp.market.value), ("mode", stamp.mode.value))
        connection.executemany("INSERT INTO stamp VALUES (?, ?)", values)
        connection.execute(f"PRAGMA user_version = {VERSION}")
    elif version > VERSION:
        raise JournalMismatch(f"the file has schema {version}, and this engine knows schemas up to {VERSION}")
    found = dict(connection.execute("SELECT name, value FROM stamp"))
    there = Stamp(account=AccountId(found["account"]), market=Market(found["market"]), mode=Mode(found["mode"]))
    if there != stamp:
        raise JournalMismatch(f"the journal is of {there}, and was to be opened as {stamp}")


def _statements(script: str) -> list[str]:
    """One statement at a time: ``executescript`` would commit the transaction that makes the tables appear at once."""
    statements, begun = [], ""
    for line in script.strip().splitlines():
        begun += line + "\n"
        if sqlite3.complete_statement(begun):
            statements.append(begun)
            begun = ""
    return statements
