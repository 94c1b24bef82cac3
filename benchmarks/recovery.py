"""(e) A start on a long journal: read from SQLite, verified, decoded and folded; and the same from a snapshot."""

import asyncio
import json
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path
from statistics import median

from benchmarks.desk import ACCOUNT, Desk, twin
from benchmarks.measure import Result, at_most, told
from petrosa_adapters.sqlite import SqliteJournal
from petrosa_adapters.system import AsyncioRuntime, SystemClock
from petrosa_core.application.writer import Writer
from petrosa_core.audit import GENESIS, Head, encode, seal
from petrosa_core.audit.entries import Alarmed, Entry, Payload
from petrosa_core.desk import FOLD_VERSION, Book, Command
from petrosa_core.desk.snapshot import book_bytes
from petrosa_core.ports import Appended, SnapshotRecord
from petrosa_core.values import Market, Mode, SignalId

_FRAME = 24
"""Entries in one frame: a busy minute's group commits, written by about two signals at a time."""
_OPEN = 0.01
"""The share of trades that are still open at the end."""


class _Nobody:
    """A Reader that does nothing: what is measured is the way to the book."""

    def sent(self, commands: Sequence[Command]) -> None: ...
    def stepped(self, touched: frozenset[SignalId]) -> None: ...
    def alarmed(self, entry: Alarmed) -> None: ...
    def durable(self, first_seq: int, entries: Sequence[Entry], head: Head) -> None: ...
    def rebased(self) -> None: ...
    def store_changed(self, trouble: str | None) -> None: ...


def measure(effort: int) -> Iterator[Result]:
    """``effort`` scales the journal: 10 is 100,000 entries."""
    with tempfile.TemporaryDirectory() as folder:
        yield from asyncio.run(_measure(Path(folder), 10_000 * effort))


async def _measure(folder: Path, count: int) -> list[Result]:
    desk = _history(count)
    entries = desk.entries[:count]
    journal = await SqliteJournal.open(folder / "journal.db", account=ACCOUNT, market=Market.USDM, mode=Mode.SIMULATION)
    head = await _write(journal, entries)
    bare = await _middle(3, lambda: _read_bare(journal))
    folded = await _middle(3, lambda: _load(journal, head))
    book = await _load(journal, head)
    before = time.perf_counter()
    state, digest = book_bytes(book)
    taken = time.perf_counter() - before
    await journal.save_snapshot(SnapshotRecord(head=head, fold_version=FOLD_VERSION, digest=digest, state=state))
    from_snapshot = await _middle(3, lambda: _load(journal, head))
    await journal.close()
    whole = f"(e) a start on {count:,} entries, with"
    return [
        at_most(f"{whole} the newest snapshot", from_snapshot, 3, unit=" s"),
        at_most(f"{whole}out any snapshot", folded, 3, unit=" s"),
        at_most("(e) the same without a snapshot, over reading it as bare JSON", folded / bare, 3),
        told("taking that snapshot", f"{taken:.2f} s", f"{len(state) / 1e6:.1f} MB"),
    ]


def _history(count: int) -> Desk:
    """Trades one after another until so many entries are written; one in a hundred stays open."""
    desk = Desk(symbols=1 + int(count * _OPEN))
    number = still_open = 0
    while len(desk.entries) < count:
        number += 1
        stays = number % int(1 / _OPEN) == 0
        still_open += stays
        name = f"{number:032d}"
        signal_id = desk.open_trade(name, twin(still_open if stays else 0))
        if not stays:
            desk.stop_out(signal_id, name)
    return desk


async def _write(journal: SqliteJournal, entries: list[Entry]) -> Head:
    head = GENESIS
    frames = []
    for first in range(0, len(entries), _FRAME):
        payload = encode(Payload(seq=first + 1, entries=tuple(entries[first : first + _FRAME])))
        frame = seal(ACCOUNT, head, "benchmark", payload)
        frames.append(frame)
        head = frame.head
    for outcome in await asyncio.gather(*(journal.append(frame) for frame in frames)):
        assert isinstance(outcome, Appended), outcome
    return head


async def _middle(times: int, work: Callable[[], Awaitable[object]]) -> float:
    seconds = []
    for _ in range(times):
        before = time.perf_counter()
        await work()
        seconds.append(time.perf_counter() - before)
    return median(seconds)


async def _read_bare(journal: SqliteJournal) -> None:
    after = 0
    while frames := await journal.read(after, 500):
        assert isinstance(frames, tuple), frames
        for frame in frames:
            json.loads(frame.payload)
        after = frames[-1].number


async def _load(journal: SqliteJournal, head: Head) -> Book:
    """As the engine does it; the writer goes no further."""

    def failed(_: str, error: BaseException) -> None:
        raise error

    runtime = AsyncioRuntime(SystemClock(), failed)
    rules = Desk(symbols=1).rules
    writer = Writer(journal=journal, runtime=runtime, rules=rules, replica="benchmark", reader=_Nobody())
    await writer.load()
    assert writer.head == head, "all of it"
    return writer.book
