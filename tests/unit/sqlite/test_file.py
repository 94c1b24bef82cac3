"""The SQLite file itself: who may read it, who may change it, and when it says that it has something."""

import asyncio
import sqlite3
import stat

import pytest
from tests.contract.shelves import SqliteShelf, some_frames

from petrosa_adapters.sqlite import SqliteAuditLog, SqliteJournal
from petrosa_core.ports import Appended, Journal, Unavailable


async def append(journal: Journal, count: int) -> None:
    """Put so many frames into the journal."""
    for frame in some_frames(count):
        assert await journal.append(frame) == Appended(frame.head)


async def test_the_file_is_its_owners_alone(tmp_path):
    """Given a new journal, then neither it nor its companions can be read by others."""
    shelf = SqliteShelf(tmp_path / "journal.db")
    await append(await shelf.journal(), 1)

    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    await shelf.close()

    assert modes == dict.fromkeys(["journal.db", "journal.db-wal", "journal.db-shm"], 0o600)


async def test_no_client_can_change_a_frame(tmp_path):
    """Given a journal, when somebody updates or deletes a frame with SQL, then the file itself refuses."""
    shelf = SqliteShelf(tmp_path / "journal.db")
    await append(await shelf.journal(), 2)
    await shelf.close()
    connection = sqlite3.connect(shelf.path)

    for statement in ("UPDATE trade_journal SET nonce = 'x'", "DELETE FROM trade_journal WHERE frame = 2"):
        with pytest.raises(sqlite3.IntegrityError, match="never"):
            connection.execute(statement)
    connection.close()


async def test_what_is_acknowledged_was_synced(tmp_path):
    """Given the writing connection, then it is in WAL mode with synchronous FULL: a commit returns after the disk has it."""
    shelf = SqliteShelf(tmp_path / "journal.db")
    store = await shelf.store()

    def settings(connection: sqlite3.Connection) -> tuple[object, ...]:
        names = ("journal_mode", "synchronous", "fullfsync")
        return tuple(connection.execute(f"PRAGMA {name}").fetchone()[0] for name in names)

    found = await store.write(settings)
    await shelf.close()

    assert found == ("wal", 2, 1)


async def test_a_closed_store_answers_unavailable(tmp_path):
    """Given a journal that was closed, then nothing hangs and nothing raises."""
    shelf = SqliteShelf(tmp_path / "journal.db")
    journal = await shelf.journal()
    await shelf.close()

    assert isinstance(await journal.append(some_frames(1)[0]), Unavailable)
    assert isinstance(await journal.head(), Unavailable)


async def test_a_mistake_in_one_job_fails_that_job_alone(tmp_path):
    """Given jobs that share a transaction, when one of them is a mistake, then it is raised there and the others stand."""
    shelf = SqliteShelf(tmp_path / "journal.db")
    store = await shelf.store()
    journal, log = SqliteJournal(store), SqliteAuditLog(store)
    (frame,) = some_frames(1)

    mistake = asyncio.create_task(store.write(lambda connection: connection.execute("SELECT ?", (2**70,)).fetchone()))
    outcomes = await asyncio.gather(journal.append(frame), log.upsert({}, "t", 1))
    with pytest.raises(OverflowError):
        await mistake
    await shelf.close()

    assert list(outcomes) == [Appended(frame.head), None]
