"""A real disk in real trouble: full, read-only, and gone. Small file systems are mounted where the machine lets us."""

import asyncio
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from petrosa_adapters.sqlite import SqliteAuditLog, SqliteJournal
from petrosa_core.audit import GENESIS, Frame, Head, Verified, seal, verify
from petrosa_core.ports import Appended, JournalMismatch, Unavailable
from petrosa_core.values import AccountId, Market, Mode

ACCOUNT = AccountId("default")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of one mebibyte."""
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(tmp_path)], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip("file systems cannot be mounted here: run as root to see a full and a read-only disk")
    yield tmp_path
    subprocess.run(["umount", "--lazy", str(tmp_path)], check=True)


def remount(disk: Path, option: str) -> None:
    """Make the disk read-only (``ro``) or writable (``rw``)."""
    subprocess.run(["mount", "-o", f"remount,{option}", str(disk)], check=True)


def move_away(folder: Path) -> set[Path]:
    """Rename every file, as somebody who tidies up would."""
    return {path.rename(folder / f"moved-{path.name}") for path in list(folder.iterdir())}


def everything_in(folder: Path) -> set[Path]:
    """Its files."""
    return set(folder.iterdir())


async def a_journal(disk: Path) -> SqliteJournal:
    """The journal on the disk."""
    return await SqliteJournal.open(disk / "journal.db", account=ACCOUNT, market=Market.USDM, mode=Mode.SIMULATION)


def successor(head: Head) -> Frame:
    """A frame of some size behind the head."""
    return seal(ACCOUNT, head, f"n{head.number}", b"x" * 2_000)


async def until_unavailable(journal: SqliteJournal, head: Head) -> tuple[Head, Frame]:
    """Append until the store gives up: the last head that was Appended, and the frame that was not."""
    while True:
        frame = successor(head)
        outcome = await journal.append(frame)
        if not isinstance(outcome, Appended):
            assert isinstance(outcome, Unavailable)
            return head, frame
        head = outcome.head


@pytest.mark.parametrize("reopen", [False, True], ids=["same-process", "restarted"])
async def test_a_full_disk_loses_nothing_and_heals(disk: Path, reopen: bool):
    """Given a disk that fills up while frames are appended, when space returns, then the frame that failed goes in next."""
    ballast = disk / "ballast"
    ballast.write_bytes(b"x" * 500_000)
    journal = await a_journal(disk)
    head, refused = await until_unavailable(journal, GENESIS)
    assert isinstance(await journal.append(refused), Unavailable)
    if reopen:
        await journal.close()
        journal = await a_journal(disk)

    ballast.unlink()

    assert await journal.append(refused) == Appended(refused.head)
    frames = await journal.read(0, 10_000)
    assert not isinstance(frames, Unavailable)
    assert verify(frames) == Verified(refused.head)
    assert len(frames) == head.number + 1
    await journal.close()


async def test_what_fits_goes_in_although_a_neighbour_does_not(disk: Path):
    """Given a nearly full disk, when a frame and a huge document share a transaction, then the frame stands all the same."""
    journal = await a_journal(disk)
    log = SqliteAuditLog(journal.store)
    frame = successor(GENESIS)

    huge, outcome = await asyncio.gather(log.upsert({"text": "x" * 2_000_000}, "huge", 1), journal.append(frame))

    assert isinstance(huge, Unavailable)
    assert outcome == Appended(frame.head)
    await journal.close()


async def test_a_disk_that_turns_read_only_and_back(disk: Path):
    """Given a disk that is remounted read-only, then appends are Unavailable and reads go on; writable again, all works."""
    journal = await a_journal(disk)
    first = successor(GENESIS)
    await journal.append(first)
    # Linux does not remount read-only what is open for writing: let go first, as an engine that starts on such a disk.
    await journal.close()
    remount(disk, "ro")
    journal = await a_journal(disk)

    assert isinstance(await journal.append(successor(first.head)), Unavailable)

    remount(disk, "rw")
    assert await journal.append(successor(first.head)) == Appended(successor(first.head).head)
    assert await journal.head() == successor(first.head).head
    await journal.close()


async def test_a_disk_that_is_not_there_yet(tmp_path: Path):
    """Given a folder that does not exist, then the engine starts without a store, and has one once the folder is there."""
    folder = tmp_path / "later"
    journal = await a_journal(folder)
    frame = successor(GENESIS)
    assert isinstance(await journal.append(frame), Unavailable)
    assert isinstance(await journal.head(), Unavailable)

    folder.mkdir()

    assert await journal.append(frame) == Appended(frame.head)
    assert await journal.head() == frame.head
    await journal.close()


async def test_a_file_that_was_moved_away_is_not_replaced_by_an_empty_one(tmp_path: Path):
    """Given a journal whose file vanishes, when the store has to open it anew, then it is Unavailable, not empty."""
    journal = await a_journal(tmp_path)
    first = successor(GENESIS)
    await journal.append(first)
    moved = move_away(tmp_path)
    # A transaction that fails makes the store let go of its connection.
    await journal.store.write(lambda connection: connection.execute("no such statement"))

    outcome = await journal.append(successor(first.head))

    assert isinstance(outcome, Unavailable)
    assert everything_in(tmp_path) == moved
    await journal.close()


async def test_a_file_that_is_no_database_is_unavailable(tmp_path: Path):
    """Given a journal file that was overwritten with something else, then nothing is appended to it and nothing raises."""
    (tmp_path / "journal.db").write_bytes(b"this is no database, and it is long enough to be sure of that" * 20)
    journal = await a_journal(tmp_path)

    assert isinstance(await journal.append(successor(GENESIS)), Unavailable)
    await journal.close()


async def test_a_file_of_a_newer_engine_is_refused(tmp_path: Path):
    """Given a file whose schema this engine does not know, then it is not opened: what it means cannot be known."""
    journal = await a_journal(tmp_path)
    await journal.store.write(lambda connection: connection.execute("PRAGMA user_version = 99").fetchall())
    await journal.close()

    with pytest.raises(JournalMismatch, match="99"):
        await a_journal(tmp_path)
