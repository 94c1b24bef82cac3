"""The clock on the wall, made fit for ordering things."""

import asyncio
import time
from collections.abc import Callable

from petrosa_core.values import SECOND, Duration, Moment


class SystemClock:
    """A Clock over the system's.

    When the system's clock is set back, this one neither follows nor stands still (ages and deadlines would stand still with
    it): it goes on at half speed until UTC has caught up. A step forward is followed at once.
    """

    def __init__(
        self, *, wall_ns: Callable[[], int] = time.time_ns, steady_ns: Callable[[], int] = time.monotonic_ns
    ) -> None:
        """Start with the system's time. The sources are nanoseconds, UTC since the epoch and since whenever."""
        self._wall_ns = wall_ns
        self._steady_ns = steady_ns
        # The last time at which UTC was believed, on both clocks.
        self._believed = wall_ns()
        self._steady_then = steady_ns()

    def now(self) -> Moment:
        """UTC, never going back."""
        wall, steady = self._wall_ns(), self._steady_ns()
        least = self._believed + (steady - self._steady_then) // 2
        if wall >= least:
            self._believed, self._steady_then = wall, steady
        return Moment(max(wall, least) // 1_000)

    async def sleep(self, duration: Duration) -> None:
        """Wait, by the loop's clock, which no one can set."""
        await sleep(duration)


async def sleep(duration: Duration) -> None:
    """Wait on the running loop, no less than asked: a timer may fire early, within the resolution of the loop's clock."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + duration / SECOND
    left = duration / SECOND
    while True:
        await asyncio.sleep(left)
        left = deadline - loop.time()
        if left <= 0:
            return
