"""The floor of the flow: the same way as the engine's, written by hand for speed, with nothing that is not on it.

Consume from JetStream, decode, size, write the intent down durably (SQLite FULL, grouped, in a thread of its own), fill in
process, write the result down, acknowledge. No refusal has a reason, nothing is told apart, no order is protected, and what
a crash leaves behind is somebody else's to find out.
"""

import asyncio
import json
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import ROUND_DOWN, Decimal
from pathlib import Path

from nats.aio.client import Client
from nats.aio.msg import Msg

from benchmarks.decoder import BareSignal, bare_signal

_STEP = Decimal("0.001")
_SHARE = Decimal("0.02")
_BALANCE = Decimal(100_000)
_IN_FLIGHT = 64
_ALL = 1_000_000
_FOR_GOOD = 600 * 10**9
"""Nanoseconds."""


class GroupedStore:
    """A table of rows; everything that waits goes into one synced transaction."""

    def __init__(self, path: Path) -> None:
        """Make the file."""
        self._thread = ThreadPoolExecutor(1)
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.execute("CREATE TABLE rows (number INTEGER PRIMARY KEY, row TEXT)")
        self._waiting: list[tuple[str, asyncio.Future[None]]] = []
        self._writing = False

    async def write(self, row: str) -> None:
        """Return when the row is on the disk."""
        done = asyncio.get_running_loop().create_future()
        self._waiting.append((row, done))
        if not self._writing:
            self._writing = True
            await self._drain()
        await done

    async def _drain(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            batch, self._waiting = self._waiting, []
            await loop.run_in_executor(self._thread, self._commit, [row for row, _ in batch])
            for _, done in batch:
                done.set_result(None)
        self._writing = False

    def _commit(self, rows: list[str]) -> None:
        self._connection.execute("BEGIN")
        self._connection.executemany("INSERT INTO rows (row) VALUES (?)", [(row,) for row in rows])
        self._connection.execute("COMMIT")

    def close(self) -> None:
        """Give the file up."""
        self._thread.shutdown()
        self._connection.close()


class Floor:
    """Takes signals until it is cancelled. ``sent`` is called with a signal's name when its order reaches the exchange."""

    def __init__(self, store: GroupedStore, *, sent: Callable[[str], None], done: Callable[[str], None]) -> None:
        """``done`` is called with it when its message is acknowledged."""
        self._store = store
        self._sent = sent
        self._done = done
        self._room = asyncio.Semaphore(_IN_FLIGHT)

    async def run(self, client: Client, stream: str, durable: str) -> None:
        """One request for messages stays open for good; as many are in hand at once as in the engine."""
        inbox = client.new_inbox()
        tasks: set[asyncio.Task[None]] = set()

        async def arrived(message: Msg) -> None:
            # Without an acknowledgement's subject it is a heartbeat or a status.
            if message.reply:
                task = asyncio.create_task(self._handle(message))
                tasks.add(task)
                task.add_done_callback(tasks.discard)

        await client.subscribe(inbox, cb=arrived)
        request = {"batch": _ALL, "expires": _FOR_GOOD}
        await client.publish(f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{durable}", json.dumps(request).encode(), reply=inbox)
        await asyncio.Event().wait()

    async def _handle(self, message: Msg) -> None:
        async with self._room:
            await self._trade(message)

    async def _trade(self, message: Msg) -> None:
        signal = bare_signal(message.data)
        quantity = _sized(signal)
        await self._store.write(
            f"intent {signal.decision_id} {signal.symbol} {signal.action} {quantity} {signal.price}"
        )
        self._sent(signal.decision_id)
        filled = f"filled {signal.decision_id} {quantity} {signal.current_price}"
        await self._store.write(filled)
        await message.ack()
        self._done(signal.decision_id)


def _sized(signal: BareSignal) -> Decimal:
    wanted = min(_BALANCE * _SHARE * signal.confidence / signal.price, signal.quantity)
    return wanted.quantize(_STEP, rounding=ROUND_DOWN)
