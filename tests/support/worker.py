"""``petrosa worker`` as a real process: started, killed with SIGKILL, stopped, and its leavings read."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from petrosa_adapters.sqlite import SqliteJournal
from petrosa_core.application import OfflineDesk, open_desk
from petrosa_core.values import AccountId, Market, Mode

STARTS_WITHIN = 30.0
"""Seconds; a start is two, on a machine that does nothing else."""


class Worker:
    """One engine process over a data directory and a NATS server."""

    def __init__(self, data: Path, nats_url: str, settings: Mapping[str, str]) -> None:
        """Nothing runs yet; ``settings`` are environment variables beside those that every worker needs."""
        self._data = data
        self._environment = {
            "PATH": os.environ["PATH"],
            "DATA_DIR": str(data),
            "NATS_URL": nats_url,
            "HTTP_PORT": "0",
            **settings,
        }
        self._process: Process | None = None
        self._log = data.with_suffix(".log")
        self.url = ""

    async def start(self) -> None:
        """Start it, and return when it has recovered and serves."""
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "petrosa_entrypoints", "worker", env=self._environment, stdout=PIPE, stderr=log
            )
        assert self._process.stdout is not None
        async with asyncio.timeout(STARTS_WITHIN):
            while not self.url:
                line = await self._process.stdout.readline()
                if not line:
                    end = await self._process.wait()
                    raise AssertionError(f"the worker ended with {end} before it served: {self._last_words()}")
                if line.startswith(b"serving on "):
                    self.url = line.removeprefix(b"serving on ").decode().strip()

    def _last_words(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace")[-2000:]

    async def kill(self) -> None:
        """SIGKILL: nothing of it runs any more."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> int:
        """SIGTERM: it drains and ends; its exit code is returned."""
        return await self._end(signal.SIGTERM)

    async def _end(self, number: signal.Signals) -> int:
        process, self._process, self.url = self._process, None, ""
        if process is None:
            return 0
        if process.returncode is None:
            process.send_signal(number)
        async with asyncio.timeout(STARTS_WITHIN):
            await process.communicate()
        assert process.returncode is not None
        return process.returncode


@asynccontextmanager
async def a_worker(data: Path, nats_url: str, **settings: str) -> AsyncIterator[Worker]:
    """A worker that is dead at the end, whatever happened."""
    worker = Worker(data, nats_url, settings)
    try:
        yield worker
    finally:
        await worker.kill()


@asynccontextmanager
async def the_record(data: Path, market: Market = Market.USDM) -> AsyncIterator[OfflineDesk]:
    """What a dead worker has written down, folded."""
    path = data / "default" / "journal.db"
    journal = await SqliteJournal.open(path, account=AccountId("default"), market=market, mode=Mode.SIMULATION)
    try:
        yield await open_desk(journal)
    finally:
        await journal.close()
