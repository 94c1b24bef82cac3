"""What durability costs, as ratios within one run: group commit against one inline transaction a frame (G9)."""

import asyncio
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from statistics import median

import pytest

from petrosa_adapters.sqlite import SqliteJournal
from petrosa_core.audit import GENESIS, Frame, seal
from petrosa_core.ports import Appended
from petrosa_core.values import AccountId, Market, Mode

ACCOUNT = AccountId("default")
FRAMES = 200
CALLERS = 100
EACH = 30
SYNCED = 150e-6
"""Seconds below which a commit has surely not waited for a disk."""

pytestmark = pytest.mark.slow


def frames() -> Iterator[Frame]:
    """A chain of half-kilobyte frames, without end."""
    head = GENESIS
    while True:
        frame = seal(ACCOUNT, head, "n", b"x" * 500)
        head = frame.head
        yield frame


def inline(path: Path) -> float:
    """Median seconds of a synced transaction a frame, with nothing in between."""
    seconds = []
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("CREATE TABLE frames (number INTEGER PRIMARY KEY, previous, nonce, hash, payload)")
        for _, frame in zip(range(FRAMES), frames(), strict=False):
            before = time.perf_counter()
            connection.execute("BEGIN IMMEDIATE")
            row = (frame.number, frame.previous, frame.nonce, frame.hash, frame.payload)
            connection.execute("INSERT INTO frames VALUES (?, ?, ?, ?, ?)", row)
            connection.execute("COMMIT")
            seconds.append(time.perf_counter() - before)
    return median(seconds)


async def alone(journal: SqliteJournal, chain: Iterator[Frame]) -> float:
    """Median seconds of an append when nobody else appends."""
    seconds = []
    for _, frame in zip(range(FRAMES), chain, strict=False):
        before = time.perf_counter()
        assert isinstance(await journal.append(frame), Appended)
        seconds.append(time.perf_counter() - before)
    return median(seconds)


async def together(journal: SqliteJournal, chain: Iterator[Frame]) -> float:
    """Seconds a frame when a hundred callers append, each waiting for its own."""

    async def caller() -> None:
        for _ in range(EACH):
            assert isinstance(await journal.append(next(chain)), Appended)

    before = time.perf_counter()
    await asyncio.gather(*(caller() for _ in range(CALLERS)))
    return (time.perf_counter() - before) / (CALLERS * EACH)


async def test_g9_group_commit_is_worth_its_thread(tmp_path: Path):
    """100 callers append at least 10 times as fast as inline commits do; one caller waits at most 1.5 times as long."""
    floor = inline(tmp_path / "inline.db")
    if floor < SYNCED:
        pytest.skip(f"this disk does not sync ({floor * 1e6:.0f} us a commit): there is nothing to compare with")
    chain = frames()
    journal = await SqliteJournal.open(
        tmp_path / "journal.db", account=ACCOUNT, market=Market.USDM, mode=Mode.SIMULATION
    )
    one = await alone(journal, chain)
    many = await together(journal, chain)
    await journal.close()

    assert one <= 1.5 * floor
    assert many <= floor / 10
