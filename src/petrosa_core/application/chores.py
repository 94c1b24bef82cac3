"""What the engine does without being asked: hears the venue, ticks, reads on, reconciles, refreshes, anchors.

Each is one loop, alive as long as this replica leads; a loop that dies of a bug is reported by the runtime, never lost.
"""

from collections.abc import Callable, Coroutine, Mapping
from typing import Any, Protocol

from petrosa_core.application.attention import Attention
from petrosa_core.application.pace import Pace
from petrosa_core.application.writer import Writer
from petrosa_core.desk import Input
from petrosa_core.desk.inputs import AccountLookedUp, BalanceTold, InstrumentsLookedUp, OrderTold, Ticked
from petrosa_core.execution import AccountSnapshot, OrderReport, Unreadable
from petrosa_core.ports import Notifier, Runtime, StreamGap, Venue
from petrosa_core.values import SECOND, Balance, Duration, Moment, utc_day

_DOUBTS_APART: Duration = 10 * SECOND


class Post(Protocol):
    """How what was heard comes to the desk."""

    def __call__(self, given: Input) -> None:
        """Step an input that nobody waits for."""
        ...


class Chores:
    """The engine's loops."""

    def __init__(
        self,
        *,
        venue: Venue,
        runtime: Runtime,
        notifier: Notifier,
        writer: Writer,
        attention: Attention,
        pace: Pace,
        post: Post,
    ) -> None:
        """None runs yet."""
        self._venue = venue
        self._runtime = runtime
        self._notifier = notifier
        self._writer = writer
        self._attention = attention
        self._pace = pace
        self._post = post
        self._gap = runtime.signalled()
        self._read_at = Moment(0)
        self.snapshot: AccountSnapshot | None = None

    def loops(self) -> Mapping[str, Callable[[], Coroutine[Any, Any, None]]]:
        """Everything that runs beside the engine once its gate is open, by name."""
        return {
            "ticks": self._tick,
            "tail": self._tail,
            "reconciliation": self._reconcile,
            "instruments": self._refresh_instruments,
            "anchor": self._anchor,
        }

    def read_soon(self) -> None:
        """Have the account read before it is time, but not for every doubt: it costs much of what a venue lets us ask."""
        if self._runtime.now() - self._read_at >= _DOUBTS_APART:
            self._gap.set()

    async def hear(self) -> None:
        """Take in the user stream, for ever; it begins before the account is read, so that nothing falls between."""
        async for event in self._venue.events():
            at, stamp = self._runtime.now(), self._venue.now()
            match event:
                case OrderReport():
                    self._post(OrderTold(report=event, at=at, stamp=stamp))
                case Balance():
                    self._post(BalanceTold(balance=event, at=at, stamp=stamp))
                case StreamGap():
                    self._gap.set()

    async def _tick(self) -> None:
        while not self._writer.stood_down:
            await self._runtime.sleep(self._pace.tick)
            now = self._runtime.now()
            attend = self._attention.at(now)
            if (attend or utc_day(now) != self._writer.book.totals.day) and not self._writer.stood_down:
                self._writer.post(Ticked(at=now, stamp=self._venue.now()), attend)

    async def _tail(self) -> None:
        while not self._writer.stood_down:
            await self._runtime.sleep(self._pace.tail)
            await self._writer.catch_up()

    async def _reconcile(self) -> None:
        while not self._writer.stood_down:
            await self._runtime.first(self._gap.wait(), within=self._pace.reconcile)
            self._gap.clear()
            await self.reconcile_once()

    async def reconcile_once(self) -> bool:
        """Read the account and compare; False when it could not be read."""
        asked_at = self._venue.now()
        self._read_at = self._runtime.now()
        snapshot = await self._venue.snapshot()
        if isinstance(snapshot, Unreadable):
            self._gap.set()
            await self._runtime.sleep(SECOND)
            return False
        before, self.snapshot = self.snapshot, snapshot
        self._post(
            AccountLookedUp(
                snapshot=snapshot, before=before, asked_at=asked_at, at=self._runtime.now(), stamp=self._venue.now()
            )
        )
        return True

    async def _refresh_instruments(self) -> None:
        while not self._writer.stood_down:
            await self._runtime.sleep(self._pace.instruments)
            instruments = await self._venue.instruments()
            if not isinstance(instruments, Unreadable):
                at, stamp = self._runtime.now(), self._venue.now()
                self._post(InstrumentsLookedUp(instruments=instruments, at=at, stamp=stamp))

    async def _anchor(self) -> None:
        while not self._writer.stood_down:
            await self._runtime.sleep(self._pace.anchor)
            self._notifier.anchor(self._writer.head)
