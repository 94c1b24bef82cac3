"""An event loop without a clock: time jumps to the next timer when nothing else is left to do.

1. An hour takes as long as the work in it; nothing ever waits for real.
2. With a seed, tasks that could run in any order are run in an order drawn from it: the same seed gives the same run.
3. Nothing outside the loop can wake it (no sockets, no threads), so when nothing is left at all it raises Stalled.

It leans on three names of ``asyncio.BaseEventLoop`` that are not promised to stay: ``_ready``, ``_scheduled``, ``_run_once``.
"""

import asyncio
from asyncio import base_events
from collections import deque
from collections.abc import AsyncGenerator, Callable, Coroutine
from random import Random
from typing import Any, TypeVar, TypeVarTuple

from petrosa_adapters.system.mortality import born_into, in_process

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class Stalled(Exception):
    """Every task waits for something that nothing left in the loop will ever bring."""


class VirtualLoop(base_events.BaseEventLoop):
    """An event loop in virtual time, which begins at 0 seconds."""

    _ready: "deque[asyncio.Handle]"
    _scheduled: list[asyncio.TimerHandle]

    def __init__(self, seed: int | None = None) -> None:
        """Without a seed, what is ready runs in the order in which it became so, as in any asyncio loop."""
        super().__init__()
        self._virtual_now = 0.0
        # Where BaseEventLoop waits for sockets; here it is where time passes.
        self._selector = self
        # Timers that are due within this many seconds fire together. A real clock's nanosecond would be lost beside months.
        self._clock_resolution = 1e-7
        self.set_task_factory(born_into)
        self._random = None if seed is None else Random(seed)  # noqa: S311  a seeded schedule is not cryptography

    def time(self) -> float:
        """Virtual seconds since the loop was made."""
        return self._virtual_now

    def select(self, timeout: float | None) -> list[object]:
        """Let time pass as BaseEventLoop asks for it: not at all, until the next timer, or for ever."""
        if timeout is None:
            raise Stalled("every task waits, and no timer is set")
        if timeout > 0:
            # To the timer's own figure, not by the timeout: sums of floats would drift away from it.
            self._virtual_now = max(self._virtual_now, self._scheduled[0].when())
        return []

    def run_in_executor(
        self,
        executor: object,  # noqa: ARG002
        func: Callable[[*Ts], T],
        *args: *Ts,
    ) -> "asyncio.Future[T]":
        """Call it in a task, whatever the executor: a thread would run in real time, and in an order that no seed decides."""

        async def call() -> T:
            return func(*args)

        return self.create_task(call())

    def _run_once(self) -> None:
        if self._random is not None and len(self._ready) > 1:
            ready = list(self._ready)
            self._random.shuffle(ready)
            self._ready.clear()
            self._ready.extend(ready)
        super()._run_once()  # type: ignore[misc]

    def _asyncgen_firstiter_hook(self, agen: AsyncGenerator[object, object]) -> None:
        # The loop ends the generators that it knows; those of a process that may be killed are no business of its.
        if not in_process():
            super()._asyncgen_firstiter_hook(agen)  # type: ignore[misc]

    def _process_events(self, event_list: list[object]) -> None:
        """There are no sockets."""

    def _write_to_self(self) -> None:
        """There is nobody asleep to be woken."""


def run(main: Coroutine[Any, Any, T], *, seed: int | None = None) -> T:
    """Run to the end in virtual time, as ``asyncio.run`` does in real time."""
    with asyncio.Runner(loop_factory=lambda: VirtualLoop(seed)) as runner:
        return runner.run(main)
