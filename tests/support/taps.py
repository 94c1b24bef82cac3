"""Ports with a tap: every call is counted, and a process can be made to die at any of them.

What a call has set going at the other side goes on without the process that made it: a request that has left is not called back
by the death of its sender.
"""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextvars import copy_context
from enum import StrEnum
from typing import Any, Protocol, TypeVar

from petrosa_core.audit import Frame, Head
from petrosa_core.execution import AccountSnapshot, Cancellation, Found, SubmitOutcome, Unreadable
from petrosa_core.order import Submission
from petrosa_core.ports import (
    AppendOutcome,
    Journal,
    MarketData,
    Notifier,
    SnapshotRecord,
    Unavailable,
    Venue,
    VenueEvent,
)
from petrosa_core.signal import Undecodable
from petrosa_core.values import ClientOrderId, Duration, Instrument, Moment, Price, Quote, Symbol

T = TypeVar("T")


class Stage(StrEnum):
    """How far a call has come: not made yet; on its way; answered, and not yet heard."""

    BEFORE = "before"
    SENT = "sent"
    AFTER = "after"


class Tap(Protocol):
    """Told of every call of a port. A process that dies here takes nothing of what follows with it."""

    def begin(self, name: str) -> int:
        """A call is about to be made; its number."""
        ...

    async def reach(self, number: int, stage: Stage) -> None:
        """The call has come so far."""
        ...

    def touch(self, name: str) -> None:
        """A call that nobody awaits is made: it is over as soon as it is made."""
        ...


class Outside:
    """The world without the process: what is begun here does not belong to who began it."""

    def __init__(self) -> None:
        """Made outside of any process."""
        self._context = copy_context()
        self._tasks: set[asyncio.Task[Any]] = set()

    def begin(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Have it done, whoever lives."""
        task: asyncio.Task[T] = asyncio.get_running_loop().create_task(work, context=self._context.copy())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


class Line:
    """One process's line to the world: every call goes over it."""

    def __init__(self, tap: Tap, outside: Outside) -> None:
        """All calls go through the tap."""
        self.tap = tap
        self._outside = outside

    async def call(self, name: str, work: Coroutine[Any, Any, T]) -> T:
        """Make a call, stage by stage."""
        number = self.tap.begin(name)
        try:
            await self.tap.reach(number, Stage.BEFORE)
        except BaseException:
            work.close()
            raise
        task = self._outside.begin(work)
        await self.tap.reach(number, Stage.SENT)
        answer = await asyncio.shield(task)
        await self.tap.reach(number, Stage.AFTER)
        return answer


class TappedVenue:
    """A Venue at the far end of a line."""

    def __init__(self, venue: Venue, line: Line) -> None:
        """Nothing is changed on the way."""
        self._venue = venue
        self._line = line

    async def submit(self, submission: Submission, signed_at: Moment, recv_window: Duration) -> SubmitOutcome:
        """Send."""
        name = f"submit {submission.client_order_id.rpartition('-')[2]}"
        return await self._line.call(name, self._venue.submit(submission, signed_at, recv_window))

    async def cancel(self, symbol: Symbol, client_order_id: ClientOrderId) -> Cancellation:
        """Cancel."""
        name = f"cancel {client_order_id.rpartition('-')[2]}"
        return await self._line.call(name, self._venue.cancel(symbol, client_order_id))

    async def find(self, symbol: Symbol, client_order_id: ClientOrderId) -> Found:
        """Read one order."""
        name = f"find {client_order_id.rpartition('-')[2]}"
        return await self._line.call(name, self._venue.find(symbol, client_order_id))

    async def snapshot(self) -> AccountSnapshot | Unreadable:
        """Read the account."""
        return await self._line.call("snapshot", self._venue.snapshot())

    async def instruments(self) -> tuple[Instrument, ...] | Unreadable:
        """Read the rules."""
        return await self._line.call("instruments", self._venue.instruments())

    async def events(self) -> AsyncIterator[VenueEvent]:
        """The stream; an item is a call that is answered when the engine has taken it in."""
        async for event in self._venue.events():
            number = self._line.tap.begin(f"event {type(event).__name__}")
            await self._line.tap.reach(number, Stage.BEFORE)
            yield event
            await self._line.tap.reach(number, Stage.AFTER)

    def now(self) -> Moment:
        """The venue's clock, which nobody dies of reading."""
        return self._venue.now()


class TappedJournal:
    """A Journal at the far end of a line."""

    def __init__(self, journal: Journal, line: Line) -> None:
        """Nothing is changed on the way."""
        self._journal = journal
        self._line = line

    async def head(self) -> Head | Unavailable:
        """Read the head."""
        return await self._line.call("head", self._journal.head())

    async def append(self, frame: Frame) -> AppendOutcome:
        """Append."""
        return await self._line.call("append", self._journal.append(frame))

    async def read(self, after: int, limit: int) -> tuple[Frame, ...] | Unavailable:
        """Read frames."""
        return await self._line.call("read", self._journal.read(after, limit))

    async def save_snapshot(self, snapshot: SnapshotRecord) -> bool:
        """Keep a folded book."""
        return await self._line.call("save snapshot", self._journal.save_snapshot(snapshot))

    async def latest_snapshot(self) -> SnapshotRecord | None:
        """The newest folded book."""
        return await self._line.call("latest snapshot", self._journal.latest_snapshot())


class TappedMarketData:
    """MarketData at the far end of a line. These calls cannot be awaited: who dies of one ends at the next await."""

    def __init__(self, market_data: MarketData, line: Line) -> None:
        """Nothing is changed on the way."""
        self._market_data = market_data
        self._line = line

    def quote(self, symbol: Symbol) -> Quote | None:
        """The newest quote."""
        self._line.tap.touch("quote")
        return self._market_data.quote(symbol)

    def suggest(self, symbol: Symbol, price: Price) -> Quote | None:
        """The newest quote, or one made of this price."""
        self._line.tap.touch("suggest")
        return self._market_data.suggest(symbol, price)


class TappedNotifier:
    """A Notifier at the far end of a line. These calls cannot be awaited: who dies of one ends at the next await."""

    def __init__(self, notifier: Notifier, line: Line) -> None:
        """Nothing is changed on the way."""
        self._notifier = notifier
        self._line = line

    def execution(self, strategy: str, event: Mapping[str, object]) -> None:
        """Tell an execution."""
        self._line.tap.touch("execution")
        self._notifier.execution(strategy, event)

    def alert(self, name: str, severity: str, category: str, message: str, detail: Mapping[str, object]) -> None:
        """Tell an alert."""
        self._line.tap.touch("alert")
        self._notifier.alert(name, severity, category, message, detail)

    def dead_letter(self, letter: Undecodable, message_id: str, subject: str) -> None:
        """Tell a dead letter."""
        self._line.tap.touch("dead letter")
        self._notifier.dead_letter(letter, message_id, subject)

    def anchor(self, head: Head) -> None:
        """Tell the journal's head."""
        self._line.tap.touch("anchor")
        self._notifier.anchor(head)
