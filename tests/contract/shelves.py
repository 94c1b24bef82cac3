"""Where each adapter's journals stand: how they are opened, broken, mended, shared and killed."""

import asyncio
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import attrs

from petrosa_adapters.memory import MemoryAuditLog, MemoryJournal, MemoryLeadership, MemoryStore
from petrosa_adapters.sqlite import SqliteAuditLog, SqliteJournal, SqliteLeadership, SqliteStore
from petrosa_core.audit import GENESIS, Frame, Head, seal
from petrosa_core.ports import AuditLog, Clock, Journal, Leadership, Unavailable
from petrosa_core.values import AccountId, Duration, Market, Mode

ACCOUNT = AccountId("default")
APPENDER = Path(__file__).with_name("appender.py")


def frames_after(head: Head, *payloads: bytes, nonce: str = "n") -> list[Frame]:
    """A run of sealed frames."""
    frames = []
    for payload in payloads:
        frames.append(seal(ACCOUNT, head, nonce, payload))
        head = frames[-1].head
    return frames


def some_frames(count: int) -> list[Frame]:
    """The first frames of a journal."""
    return frames_after(GENESIS, *(b'{"entry":%d}' % number for number in range(count)))


async def whole(journal: Journal) -> list[Frame]:
    """Everything that a journal holds."""
    frames = await journal.read(0, 1_000_000)
    assert not isinstance(frames, Unavailable)
    return list(frames)


class Shelf(Protocol):
    """What the contract needs to know of an adapter beyond its port."""

    async def journal(
        self, account: AccountId = ACCOUNT, market: Market = Market.USDM, mode: Mode = Mode.SIMULATION
    ) -> Journal:
        """Open the one journal, once more each time, as another process would."""
        ...

    async def audit_log(self) -> AuditLog:
        """Open the one audit log."""
        ...

    async def leadership(self, clock: Clock, lease: Duration) -> Leadership:
        """One more replica."""
        ...

    @contextmanager
    def out_of_order(self) -> Iterator[None]:
        """Nothing can be written for a while."""
        ...

    def spoil_snapshots(self) -> None:
        """Change the head that the newest snapshot names, as a restored backup would."""
        ...

    async def killed_while_appending(self) -> list[Head]:
        """Have a writer killed in the middle of its appends; the heads that it was told are Appended."""
        ...

    async def crowd(self, writers: int, count: int) -> list[Head]:
        """Writers in as many processes, each appending so many frames; what they were told, all together."""
        ...

    async def close(self) -> None:
        """Close what was opened."""
        ...


@attrs.define
class MemoryShelf:
    """Journals in memory."""

    store: MemoryStore = attrs.Factory(MemoryStore)
    broken: bool = False

    async def weather(self, operation: str, *, applied: bool) -> bool:
        """What the store suffers from."""
        await asyncio.sleep(0)
        return self.broken and not applied and operation not in {"head", "read", "get", "recent", "checkpoint"}

    async def journal(
        self, account: AccountId = ACCOUNT, market: Market = Market.USDM, mode: Mode = Mode.SIMULATION
    ) -> Journal:
        """One more journal over the store."""
        return MemoryJournal(self.store, account=account, market=market, mode=mode, weather=self.weather)

    async def audit_log(self) -> AuditLog:
        """One more log over the store."""
        return MemoryAuditLog(self.store, weather=self.weather)

    async def leadership(self, clock: Clock, lease: Duration) -> Leadership:
        """One more replica over the store."""
        return MemoryLeadership(self.store, clock, lease=lease, weather=self.weather)

    @contextmanager
    def out_of_order(self) -> Iterator[None]:
        """Foul weather."""
        self.broken = True
        yield
        self.broken = False

    def spoil_snapshots(self) -> None:
        """Change the newest snapshot's head."""
        newest = self.store.snapshots[-1]
        self.store.snapshots[-1] = attrs.evolve(newest, head=Head(newest.head.number, "f" * 64))

    async def killed_while_appending(self) -> list[Head]:
        """Cancel a writer between the write and its answer."""
        told: list[Head] = []
        frames = some_frames(3)

        async def deadly(operation: str, *, applied: bool) -> bool:
            if applied and len(told) == 2:
                await asyncio.Event().wait()
            return False

        journal = MemoryJournal(self.store, account=ACCOUNT, market=Market.USDM, mode=Mode.SIMULATION, weather=deadly)

        async def writer() -> None:
            for frame in frames:
                await journal.append(frame)
                told.append(frame.head)

        task = asyncio.create_task(writer())
        await asyncio.wait([task], timeout=0.01)
        task.cancel()
        return told

    async def crowd(self, writers: int, count: int) -> list[Head]:
        """Tasks instead of processes: memory is not shared further."""
        told: list[Head] = []

        async def writer(name: str) -> None:
            journal = await self.journal()
            for number in range(count):
                while True:
                    head = await journal.head()
                    assert isinstance(head, Head)
                    frame = seal(ACCOUNT, head, f"{name}-{number}", b"{}")
                    if type(await journal.append(frame)).__name__ == "Appended":
                        told.append(frame.head)
                        break

        await asyncio.gather(*(writer(str(number)) for number in range(writers)))
        return told

    async def close(self) -> None:
        """Nothing is open."""


@attrs.define
class SqliteShelf:
    """Journals in one file."""

    path: Path
    stores: list[SqliteStore] = attrs.Factory(list)

    async def store(
        self, account: AccountId = ACCOUNT, market: Market = Market.USDM, mode: Mode = Mode.SIMULATION
    ) -> SqliteStore:
        """One more store, with connections and threads of its own."""
        store = await SqliteStore.open(self.path, account=account, market=market, mode=mode)
        self.stores.append(store)
        return store

    async def journal(
        self, account: AccountId = ACCOUNT, market: Market = Market.USDM, mode: Mode = Mode.SIMULATION
    ) -> Journal:
        """One more journal on the file."""
        return SqliteJournal(await self.store(account, market, mode))

    async def audit_log(self) -> AuditLog:
        """One more log on the file."""
        return SqliteAuditLog(await self.store())

    async def leadership(self, clock: Clock, lease: Duration) -> Leadership:
        """One more replica on the file."""
        return SqliteLeadership(await self.store(), clock, lease=lease)

    @contextmanager
    def out_of_order(self) -> Iterator[None]:
        """The kernel refuses every write to a file, as a full disk would."""
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    def spoil_snapshots(self) -> None:
        """Change the newest snapshot's head."""
        import sqlite3
        from contextlib import closing

        with closing(sqlite3.connect(self.path)) as connection, connection:
            connection.execute(
                "UPDATE snapshots SET hash = ? WHERE frame = (SELECT max(frame) FROM snapshots)", ("f" * 64,)
            )

    async def killed_while_appending(self) -> list[Head]:
        """SIGKILL a process that appends in many lanes, when it has told of some frames."""
        with self._process("victim", 10_000, lanes=20) as process:
            assert process.stdout is not None
            lines = [await asyncio.to_thread(process.stdout.readline) for _ in range(50)]
            process.kill()
            rest, _ = await asyncio.to_thread(process.communicate)
        # The last line may be half written: then it was not told.
        return _told("".join(lines) + rest)

    async def crowd(self, writers: int, count: int) -> list[Head]:
        """As many processes."""
        processes = [self._process(f"writer-{number}", count, lanes=2) for number in range(writers)]
        told = []
        for process in processes:
            with process:
                output, _ = await asyncio.to_thread(process.communicate)
                assert process.returncode == 0
                told.extend(_told(output))
        return told

    def _process(self, name: str, count: int, lanes: int) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, str(APPENDER), str(self.path), name, str(count), str(lanes)],
            stdout=subprocess.PIPE,
            text=True,
        )

    async def close(self) -> None:
        """Close every store."""
        for store in self.stores:
            await store.close()


def _told(output: str) -> list[Head]:
    lines = output[: output.rfind("\n") + 1].splitlines()
    return [Head(int(number), digest) for number, digest, _ in (line.split() for line in lines)]
