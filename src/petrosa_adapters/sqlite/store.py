"""One file, one writing thread, one reading thread.

1. Group commit: whatever was asked for while a transaction was on its way to the disk goes into the next one together.
2. A job's answer is given after its transaction is on the disk, never before.
3. A transaction that fails is tried again job by job: a job that cannot be done, or is a mistake, does not fail the others.
4. After a failure the connection is opened anew, so the store works again by itself as soon as the disk does.
"""

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Self, TypeAlias, TypeVar

from petrosa_adapters.sqlite.schema import Stamp, close, connect, connect_reader
from petrosa_core.ports import JournalMismatch, Unavailable
from petrosa_core.values import AccountId, Market, Mode

T = TypeVar("T")
Job: TypeAlias = Callable[[sqlite3.Connection], T]
"""Work on a connection. It may be done again after a failure, so doing it twice must come to the same as doing it once."""

CLOSED = Unavailable("the store was closed")


class SqliteStore:
    """The file behind the journal, the audit log and the lease. It serves one event loop; processes may share the file."""

    def __init__(self, path: Path, stamp: Stamp) -> None:
        """Nothing is opened yet; see ``open``."""
        self.account = stamp.account
        self._path = path
        self._stamp = stamp
        self._create = True
        self._writing: sqlite3.Connection | None = None
        self._reading: sqlite3.Connection | None = None
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="journal-writer")
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="journal-reader")
        self._queue: list[tuple[Job[Any], asyncio.Future[Any]]] = []
        self._carrying: asyncio.Task[None] | None = None
        self._closed = False

    @classmethod
    async def open(cls, path: Path, *, account: AccountId, market: Market, mode: Mode) -> Self:
        """Open the file, and make and stamp it when it is new.

        A disk that cannot be used now is no reason to fail here: the store answers Unavailable until it can.
        Raises JournalMismatch, naming both stamps, for the file of another account, market or mode.
        """
        store = cls(path, Stamp(account=account, market=market, mode=mode))
        try:
            await asyncio.get_running_loop().run_in_executor(store._writer, store._probe)
        except JournalMismatch:
            await store.close()
            raise
        # A reader that is there from the start keeps the log's index alive when a failed writer lets go, so reading goes on.
        await store.read(_touch)
        return store

    async def write(self, job: Job[T]) -> T | Unavailable:
        """Do the job in a transaction; its result is durable. A mistake in the job itself is raised here."""
        if self._closed:
            return CLOSED
        future: asyncio.Future[T | Unavailable] = asyncio.get_running_loop().create_future()
        self._queue.append((job, future))
        if self._carrying is None or self._carrying.done():
            self._carrying = asyncio.create_task(self._carry(), name="journal-writer")
        return await future

    async def read(self, job: Job[T]) -> T | Unavailable:
        """Do the job on what is durable now, beside whatever is being written."""
        if self._closed:
            return CLOSED
        return await asyncio.get_running_loop().run_in_executor(self._reader, self._look, job)

    async def close(self) -> None:
        """Finish what was asked for, and let go of the file."""
        self._closed = True
        while self._carrying is not None and not self._carrying.done():
            await asyncio.wait([self._carrying])
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._reader, self._drop_reading)
        await loop.run_in_executor(self._writer, self._drop_writing)
        self._reader.shutdown()
        self._writer.shutdown()

    async def _carry(self) -> None:
        """Take everything that has queued to the disk, again and again, until nothing is left."""
        while self._queue:
            batch, self._queue = self._queue, []
            await self._settle(batch)

    async def _settle(self, batch: "list[tuple[Job[Any], asyncio.Future[Any]]]") -> None:
        commit = asyncio.get_running_loop().run_in_executor(self._writer, self._commit, [job for job, _ in batch])
        await asyncio.wait([commit])
        mistake = commit.exception()
        if mistake is not None and len(batch) > 1:
            for one in batch:
                await self._settle([one])
            return
        for index, (_, future) in enumerate(batch):
            if future.done():
                continue  # whoever asked has been cancelled meanwhile
            if mistake is not None:
                future.set_exception(mistake)
            else:
                future.set_result(commit.result()[index])

    # ------------------------------------------------------------ in the writing thread

    def _probe(self) -> None:
        try:
            self._connected()
        except (sqlite3.Error, OSError):
            self._drop_writing()

    def _connected(self) -> sqlite3.Connection:
        if self._writing is None:
            self._writing = connect(self._path, self._stamp, create=self._create)
            self._create = False
        return self._writing

    def _commit(self, jobs: list[Job[Any]]) -> list[Any]:
        try:
            connection = self._connected()
            connection.execute("BEGIN IMMEDIATE")
        except (sqlite3.Error, OSError, JournalMismatch) as error:
            self._drop_writing()
            return [Unavailable(str(error))] * len(jobs)
        try:
            results = [job(connection) for job in jobs]
            connection.execute("COMMIT")
        except (sqlite3.Error, OSError) as error:
            self._drop_writing()
            if len(jobs) == 1:
                return [Unavailable(str(error))]
            return [result for job in jobs for result in self._commit([job])]
        finally:
            # A mistake in a job is on its way out: nothing of its transaction may stay.
            if self._writing is not None and self._writing.in_transaction:
                self._drop_writing()
        return results

    def _drop_writing(self) -> None:
        if self._writing is not None:
            close(self._writing)
            self._writing = None

    # ------------------------------------------------------------ in the reading thread

    def _look(self, job: Job[T]) -> T | Unavailable:
        try:
            if self._reading is None:
                self._reading = connect_reader(self._path)
            return job(self._reading)
        except sqlite3.Error as error:
            self._drop_reading()
            return Unavailable(str(error))

    def _drop_reading(self) -> None:
        if self._reading is not None:
            close(self._reading)
            self._reading = None


def _touch(connection: sqlite3.Connection) -> None:
    connection.execute("SELECT name FROM stamp").fetchall()
