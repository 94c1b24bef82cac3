"""Time and concurrency, handed in so that tests own both."""

from collections.abc import Awaitable, Coroutine
from typing import Any, Protocol

from petrosa_core.values import Duration, Moment


class Signalled(Protocol):
    """A flag that tasks can wait for."""

    def set(self) -> None:
        """Raise the flag and wake every waiter."""
        ...

    def clear(self) -> None:
        """Lower the flag."""
        ...

    async def wait(self) -> object:
        """Return when the flag is up."""
        ...


class Clock(Protocol):
    """Contract: tests/contract/test_runtime.py.

    C1  ``now`` is UTC and never goes back within one process.
    C2  ``sleep`` returns no earlier than asked.
    """

    def now(self) -> Moment:
        """The time here."""
        ...

    async def sleep(self, duration: Duration) -> None:
        """Wait."""
        ...


class Runtime(Clock, Protocol):
    """What runs the engine's tasks.

    R1  A task that dies of an exception is reported to ``failed`` at once; it is never lost in silence.
    R2  ``spawn`` keeps the task alive until it ends or the runtime closes.
    """

    def spawn(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        """Run beside everything else."""
        ...

    def signalled(self) -> Signalled:
        """A new flag, lowered."""
        ...

    async def first(self, *work: Awaitable[object], within: Duration) -> bool:
        """Wait until one of these is done; False when the time ran out. What is not done is cancelled."""
        ...
