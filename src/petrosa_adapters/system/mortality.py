"""Death without last words, for tasks: what SIGKILL does to a process.

1. A task belongs to the process within which it was started, through whatever library; it is known by the context it inherits.
2. Once the process is killed, none of its coroutines takes another step, not even when its task is cancelled: no ``except``,
   no ``finally``, no ``__aexit__``.
3. A dropped coroutine would run its ``finally`` when it is collected, so the dead are kept, until ``bury``.
"""

import asyncio
import atexit
from collections.abc import Coroutine, Generator
from contextlib import suppress
from contextvars import Context, ContextVar, copy_context
from inspect import CORO_CLOSED, getcoroutinestate
from types import TracebackType
from typing import Any, TypeVar

T = TypeVar("T")
Work = Coroutine[Any, Any, T]

_graveyard: list[Work[Any]] = []


class Process:
    """A group of tasks that live and die together."""

    def __init__(self) -> None:
        """Alive, with nothing to do."""
        self.alive = True
        self._works: dict[Work[Any], None] = {}

    def context(self) -> Context:
        """A copy of the current context in which whatever is started belongs to this process."""
        context = copy_context()
        context.run(_process.set, self)
        return context

    def kill(self) -> None:
        """Stop everything where it stands. The caller, if it is one of them, stops at its next ``await``."""
        self.alive = False
        _graveyard.extend(self._works)
        self._works.clear()

    def bear(self, loop: asyncio.AbstractEventLoop, work: Work[T], **options: Any) -> "asyncio.Task[T]":
        """Start a task of this process."""
        task = asyncio.Task(_Mortal(work, self, loop), loop=loop, **options)
        if not self.alive:
            # Killed by a call that it cannot await, it goes on to its next await, and may start this on the way.
            _graveyard.append(work)
            return task
        self._works[work] = None
        task.add_done_callback(lambda _: self._works.pop(work, None))
        return task


_process: ContextVar[Process | None] = ContextVar("process", default=None)


def in_process() -> bool:
    """Whether the running code belongs to a process that may be killed."""
    return _process.get() is not None


def born_into(loop: asyncio.AbstractEventLoop, work: Any, **options: Any) -> "asyncio.Task[Any]":
    """A task factory: the new task belongs to the process of its context."""
    context = options.get("context")
    process = _process.get() if context is None else context.get(_process)
    if process is None:
        return asyncio.Task(work, loop=loop, **options)
    return process.bear(loop, work, **options)


@atexit.register
def bury() -> None:
    """Let go of the dead, once nobody looks any more at what their last words could still change."""
    while _graveyard:
        work = _graveyard.pop()
        # Whatever they say or raise now is of no interest; one that clings to life with await in a loop is closed in time.
        for _ in range(100):
            if getcoroutinestate(work) == CORO_CLOSED:
                break
            with suppress(Exception):
                work.close()


class _Mortal(Coroutine[Any, Any, T]):
    """A coroutine that takes steps only while its process lives."""

    __slots__ = ("_loop", "_process", "_work")

    def __init__(self, work: Work[T], process: Process, loop: asyncio.AbstractEventLoop) -> None:
        self._work = work
        self._process = process
        self._loop = loop

    def send(self, value: Any) -> Any:
        """One step, or a wait without end."""
        if self._process.alive:
            return self._work.send(value)
        never = self._loop.create_future()
        # What ``await never`` would do: without it the task takes the future for a stray value.
        never._asyncio_future_blocking = True  # noqa: SLF001
        return never

    def throw(self, typ: Any, val: Any = None, tb: TracebackType | None = None) -> Any:
        """An exception for the work, or straight out again: the dead do not clean up."""
        if self._process.alive:
            return self._work.throw(typ) if val is None else self._work.throw(typ, val, tb)
        raise typ

    def close(self) -> None:
        """End the work, if it may still take notice."""
        if self._process.alive:
            self._work.close()

    def __await__(self) -> Generator[Any, Any, T]:
        return self._work.__await__()
