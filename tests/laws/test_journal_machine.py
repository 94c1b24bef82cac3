"""Journals against a model that is a plain list: whatever is appended, opened and read in any order, they agree."""

import asyncio
import tempfile
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from petrosa_adapters.memory import MemoryJournal, MemoryStore
from petrosa_adapters.sqlite import SqliteJournal
from petrosa_adapters.system import VirtualLoop
from petrosa_core.audit import GENESIS, Frame, Head, Verified, seal, verify
from petrosa_core.ports import Appended, Conflict, Journal, SnapshotRecord, Unavailable
from petrosa_core.values import AccountId, Market, Mode

T = TypeVar("T")
ACCOUNT = AccountId("default")
PAYLOADS = st.binary(max_size=12)
NONCES = st.sampled_from(["a", "b", "c"])


class JournalMachine(RuleBasedStateMachine):
    """The model is the list of frames that stand, and of the snapshots that were saved."""

    def __init__(self) -> None:
        """Nothing is open; the loop is virtual, so that nothing waits and nothing runs in a thread."""
        super().__init__()
        self.runner = asyncio.Runner(loop_factory=VirtualLoop)
        self.frames: list[Frame] = []
        self.snapshots: dict[int, SnapshotRecord] = {}
        self.journals: list[Journal] = []

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Await it."""
        return self.runner.run(work)

    async def open(self) -> Journal:
        """One more journal over the same store."""
        raise NotImplementedError

    @property
    def head(self) -> Head:
        """The model's head."""
        return self.frames[-1].head if self.frames else GENESIS

    def head_before(self, number: int) -> Head:
        """What a frame of that number has to stand on."""
        return self.frames[number - 2].head if number > 1 else GENESIS

    @initialize()
    def two_openers(self) -> None:
        """There are always two, as of two processes."""
        self.journals = [self.run(self.open()), self.run(self.open())]

    @rule(who=st.integers(0, 1))
    def reopen(self, who: int) -> None:
        """A process ends and another begins."""
        self.run(self.close(self.journals[who]))
        self.journals[who] = self.run(self.open())

    async def close(self, journal: Journal) -> None:
        """Close what can be closed."""

    @rule(who=st.integers(0, 1), nonce=NONCES, payload=PAYLOADS)
    def append_next(self, who: int, nonce: str, payload: bytes) -> None:
        """A frame on the head is Appended."""
        frame = seal(ACCOUNT, self.head, nonce, payload)

        assert self.run(self.journals[who].append(frame)) == Appended(frame.head)
        self.frames.append(frame)

    @rule(who=st.integers(0, 1), back=st.integers(0, 3))
    def append_again(self, who: int, back: int) -> None:
        """A frame that stands is Appended again, and stands once."""
        if back < len(self.frames):
            frame = self.frames[-1 - back]
            assert self.run(self.journals[who].append(frame)) == Appended(frame.head)

    @rule(who=st.integers(0, 1), back=st.integers(0, 3), nonce=NONCES, payload=PAYLOADS)
    def append_behind(self, who: int, back: int, nonce: str, payload: bytes) -> None:
        """A rival of a frame that stands is a Conflict, unless it is that very frame."""
        if back < len(self.frames):
            there = self.frames[-1 - back]
            rival = seal(ACCOUNT, self.head_before(there.number), nonce, payload)
            expected = Appended(there.head) if rival == there else Conflict(self.head)
            assert self.run(self.journals[who].append(rival)) == expected

    @rule(who=st.integers(0, 1), ahead=st.integers(1, 3))
    def append_ahead(self, who: int, ahead: int) -> None:
        """A frame that leaves a gap cannot stand."""
        frame = seal(ACCOUNT, Head(self.head.number + ahead, "f" * 64), "a", b"")
        assert isinstance(self.run(self.journals[who].append(frame)), Unavailable)

    @rule(who=st.integers(0, 1))
    def append_on_a_stranger(self, who: int) -> None:
        """A frame of the right number on another predecessor is a Conflict."""
        frame = seal(ACCOUNT, Head(self.head.number, "f" * 64), "a", b"")
        assert self.run(self.journals[who].append(frame)) == Conflict(self.head)

    @rule(payloads=st.lists(PAYLOADS, min_size=2, max_size=5), rivals=st.integers(0, 2))
    def append_at_once(self, payloads: list[bytes], rivals: int) -> None:
        """A speculative run against rivals for its first number: the run stands whole, or one rival does."""
        run, head = [], self.head
        for payload in payloads:
            run.append(seal(ACCOUNT, head, "run", payload))
            head = run[-1].head
        others = [seal(ACCOUNT, self.head, f"rival-{number}", b"") for number in range(rivals)]

        async def together() -> list[object]:
            mine = [self.journals[0].append(frame) for frame in run]
            theirs = [self.journals[1].append(frame) for frame in others]
            return list(await asyncio.gather(*theirs, *mine))

        outcomes = self.run(together())
        winners = [
            frame for frame, outcome in zip([*others, *run], outcomes, strict=True) if isinstance(outcome, Appended)
        ]
        assert winners == run or (len(winners) == 1 and winners[0] in others)
        self.frames.extend(winners)

    @rule(who=st.integers(0, 1), after=st.integers(0, 12), limit=st.integers(0, 12))
    def read(self, who: int, after: int, limit: int) -> None:
        """A page is a slice of the model."""
        assert self.run(self.journals[who].read(after, limit)) == tuple(self.frames[after : after + limit])

    @rule(who=st.integers(0, 1), back=st.integers(0, 4), version=st.integers(1, 2), state=PAYLOADS)
    def snapshot(self, who: int, back: int, version: int, state: bytes) -> None:
        """A snapshot at a head of the past is kept if it is one of the two newest."""
        if back < len(self.frames):
            head = self.frames[-1 - back].head
            record = SnapshotRecord(head=head, fold_version=version, digest="d", state=state)
            assert self.run(self.journals[who].save_snapshot(record)) is True
            self.snapshots[head.number] = record
            self.snapshots = dict(sorted(self.snapshots.items())[-2:])

    @invariant()
    def they_agree(self) -> None:
        """Head, newest snapshot and chain are the model's, whoever is asked."""
        newest = self.snapshots[max(self.snapshots)] if self.snapshots else None
        for journal in self.journals:
            assert self.run(journal.head()) == self.head
            assert self.run(journal.latest_snapshot()) == newest

    def teardown(self) -> None:
        """What stands is a sound chain; then everything is closed."""
        for journal in self.journals:
            frames = self.run(journal.read(0, 1_000_000))
            assert not isinstance(frames, Unavailable)
            assert verify(frames) == Verified(self.head)
            self.run(self.close(journal))
        self.runner.close()


class MemoryMachine(JournalMachine):
    """Over one MemoryStore."""

    def __init__(self) -> None:
        """A new store."""
        super().__init__()
        self.store = MemoryStore()

    async def open(self) -> Journal:
        """Over the store."""
        return MemoryJournal(self.store, account=ACCOUNT, market=Market.USDM, mode=Mode.SIMULATION)


class SqliteMachine(JournalMachine):
    """Over one file."""

    def __init__(self) -> None:
        """A new folder."""
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()

    async def open(self) -> Journal:
        """On the file."""
        path = Path(self.folder.name) / "journal.db"
        return await SqliteJournal.open(path, account=ACCOUNT, market=Market.USDM, mode=Mode.SIMULATION)

    async def close(self, journal: Journal) -> None:
        """Close the file."""
        assert isinstance(journal, SqliteJournal)
        await journal.close()

    def teardown(self) -> None:
        """And remove it."""
        super().teardown()
        self.folder.cleanup()


TestMemoryJournalAgainstItsModel = MemoryMachine.TestCase
TestSqliteJournalAgainstItsModel = SqliteMachine.TestCase
# Every step of it is a real file, synced: a tenth of what memory gets.
TestSqliteJournalAgainstItsModel.settings = settings(max_examples=max(5, settings().max_examples // 10))
