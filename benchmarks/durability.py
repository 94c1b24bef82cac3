"""What durability costs (G9): group commit against one inline transaction a frame, on the same disk."""

import asyncio
import sqlite3
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from statistics import median

from benchmarks.desk import ACCOUNT
from benchmarks.measure import Result, at_least, at_most, told
from petrosa_adapters.sqlite import SqliteJournal
from petrosa_core.audit import GENESIS, Frame, seal
from petrosa_core.ports import Appended
from petrosa_core.values import Market, Mode

_CALLERS = 100
_SYNCED = 150e-6
"""Seconds below which a commit has surely not waited for a disk."""


def measure(effort: int) -> Iterator[Result]:
    """``effort`` scales the number of frames: 10 is a whole run."""
    with tempfile.TemporaryDirectory() as folder:
        yield from asyncio.run(_measure(Path(folder), 10 * effort))


async def _measure(folder: Path, count: int) -> list[Result]:
    lone, grouped, floors = [], [], []
    for number in range(5):
        floor = _inline(folder / f"inline-{number}.db", count)
        async with _journal(folder / f"alone-{number}.db") as journal:
            chain = _frames()
            lone.append(await _alone(journal, chain, count) / floor)
            grouped.append(floor / await _together(journal, chain, count // 3))
        floors.append(floor)
    commit = median(floors)
    return [
        at_most("durable append, one caller, over an inline commit", median(lone), 1.5),
        at_least(f"durable appends per second, {_CALLERS} callers, over inline commits", median(grouped), 10),
        told(
            "one inline commit",
            f"{commit * 1e6:.0f} us",
            "this disk does not sync: the two lines above mean nothing" if commit < _SYNCED else "",
        ),
    ]


@asynccontextmanager
async def _journal(path: Path) -> AsyncIterator[SqliteJournal]:
    journal = await SqliteJournal.open(path, account=ACCOUNT, market=Market.USDM, mode=Mode.SIMULATION)
    yield journal
    await journal.close()


def _frames() -> Iterator[Frame]:
    """A chain of half-kilobyte frames, without end."""
    head = GENESIS
    while True:
        frame = seal(ACCOUNT, head, "n", b"x" * 500)
        head = frame.head
        yield frame


def _inline(path: Path, count: int) -> float:
    """Median seconds of a synced transaction a frame, with nothing in between."""
    seconds = []
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("CREATE TABLE frames (number INTEGER PRIMARY KEY, previous, nonce, hash, payload)")
        for _, frame in zip(range(count), _frames(), strict=False):
            before = time.perf_counter()
            connection.execute("BEGIN IMMEDIATE")
            row = (frame.number, frame.previous, frame.nonce, frame.hash, frame.payload)
            connection.execute("INSERT INTO frames VALUES (?, ?, ?, ?, ?)", row)
            connection.execute("COMMIT")
            seconds.append(time.perf_counter() - before)
    return median(seconds)


async def _alone(journal: SqliteJournal, chain: Iterator[Frame], count: int) -> float:
    """Median seconds of an append when nobody else appends."""
    seconds = []
    for _, frame in zip(range(count), chain, strict=False):
        before = time.perf_counter()
        assert isinstance(await journal.append(frame), Appended)
        seconds.append(time.perf_counter() - before)
    return median(seconds)


async def _together(journal: SqliteJournal, chain: Iterator[Frame], each: int) -> float:
    """Seconds a frame when many callers append, each waiting for its own."""

    async def caller() -> None:
        for _ in range(each):
            assert isinstance(await journal.append(next(chain)), Appended)

    before = time.perf_counter()
    await asyncio.gather(*(caller() for _ in range(_CALLERS)))
    return (time.perf_counter() - before) / (_CALLERS * each)
