"""A Runtime that stands for one process in a VirtualLoop: it can be killed, and another can be started beside it."""

import asyncio
from collections.abc import Coroutine
from typing import Any, NoReturn, TypeVar

from petrosa_adapters.system.clock import sleep
from petrosa_adapters.system.mortality import Process
from petrosa_adapters.system.runtime import AsyncioRuntime, Failed
from petrosa_core.values import SECOND, Duration, Moment

T = TypeVar("T")

START = Moment(1_787_313_601_000_000)
"""2026-08-21T12:00:01Z, the clock of the shared examples."""


class Killed(Exception):
    """The process was killed while somebody outside waited for it."""


class VirtualClock:
    """UTC in a VirtualLoop."""

    def __init__(self, start: Moment = START) -> None:
        """``start`` is the moment at the loop's 0 seconds."""
        self._start = start

    def now(self) -> Moment:
        """The start and the loop's time; only within a running loop."""
        return Moment(self._start + round(asyncio.get_running_loop().time() * SECOND))

    async def sleep(self, duration: Duration) -> None:
        """Let virtual time pass."""
        await sleep(duration)


class VirtualRuntime(AsyncioRuntime):
    """A Runtime whose tasks can all be killed at once, as by SIGKILL."""

    def __init__(self, failed: Failed, *, start: Moment = START) -> None:
        """``start`` is this process's idea of the time at the loop's 0 seconds: its clock may be wrong."""
        super().__init__(VirtualClock(start), failed)
        self._process = Process()
        self._death = asyncio.Event()

    @property
    def alive(self) -> bool:
        """Whether it has not been killed."""
        return self._process.alive

    def kill(self) -> None:
        """Stop every task for ever, where it stands. From within, use ``die``: the caller would go on to its next await."""
        self._process.kill()
        self._closed = True
        self._death.set()

    async def die(self) -> NoReturn:
        """Be killed here: nothing of this process runs after this line."""
        self.kill()
        while True:
            await asyncio.get_running_loop().create_future()

    async def within(self, work: Coroutine[Any, Any, T]) -> T:
        """Run work as part of this process and return its result to somebody outside. Raises Killed when it dies first."""
        if not self.alive:
            work.close()
            raise Killed
        task = self._start("within", work)
        death = asyncio.ensure_future(self._death.wait())
        try:
            await asyncio.wait((task, death), return_when=asyncio.FIRST_COMPLETED)
        finally:
            death.cancel()
            if not task.done():
                task.cancel()
        if not task.done():
            raise Killed
        return task.result()

    def _start(self, name: str, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        return asyncio.get_running_loop().create_task(work, name=name, context=self._process.context())
