"""Tasks on asyncio: kept while they run, and heard when they fail."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeAlias, TypeVar

from petrosa_core.ports import Clock, Signalled
from petrosa_core.values import SECOND, Duration, Moment

T = TypeVar("T")

Failed: TypeAlias = Callable[[str, BaseException], None]
"""Told of a task's name and what it died of, once, when it dies."""


class AsyncioRuntime:
    """A Runtime on the running event loop."""

    def __init__(self, clock: Clock, failed: Failed) -> None:
        """``failed`` is called on the loop, and should make the process end or start over: the task stays dead."""
        self._clock = clock
        self._failed = failed
        # The loop itself holds tasks weakly; without this they could be collected in mid-air.
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False

    def now(self) -> Moment:
        """The time here."""
        return self._clock.now()

    async def sleep(self, duration: Duration) -> None:
        """Wait."""
        await self._clock.sleep(duration)

    def spawn(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        """Run beside everything else; after ``close`` nothing is run any more."""
        if self._closed:
            work.close()
            return
        task = self._start(name, work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def signalled(self) -> Signalled:
        """A new flag, lowered."""
        return asyncio.Event()

    async def first(self, *work: Awaitable[object], within: Duration) -> bool:
        """Wait until one of these is done; its exception is raised here. What is not done is cancelled, and has ended."""
        tasks = [asyncio.ensure_future(each) for each in work]
        try:
            await asyncio.wait(tasks, timeout=within / SECOND, return_when=asyncio.FIRST_COMPLETED)
            done = [task for task in tasks if task.done()]
        finally:
            pending = [task for task in tasks if not task.done()]
            for task in pending:
                task.cancel()
            if pending:
                await asyncio.wait(pending)
        for task in done:
            task.result()
        return bool(done)

    async def close(self) -> None:
        """Cancel what runs and wait for its end; a failure on the way is reported as any other."""
        self._closed = True
        tasks = sorted(self._tasks, key=asyncio.Task.get_name)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    def _start(self, name: str, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        return asyncio.get_running_loop().create_task(work, name=name)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if task.cancelled():
            return
        error = task.exception()
        if error is not None:
            self._failed(task.get_name(), error)
