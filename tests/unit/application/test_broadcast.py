"""Those who wait: callers for one trade, and listeners to the stream of durable entries."""

import asyncio
from collections.abc import Sequence

from tests.support.decisions import NOW

from petrosa_adapters.memory import MemoryJournal, MemoryStore
from petrosa_adapters.system import VirtualRuntime, run
from petrosa_core.application.broadcast import Broadcast
from petrosa_core.audit import encode, seal
from petrosa_core.audit.entries import Alarmed, Payload
from petrosa_core.values import MILLISECOND, SECOND, AccountId, Market, Mode, SignalId

ACCOUNT = AccountId("default")
TRADE = SignalId("sg-1")


def loud(name: str, error: BaseException) -> None:
    """No task may fail in these stories."""
    raise AssertionError(f"{name} failed") from error


class Room:
    """A journal that grows by hand, and the broadcast over it."""

    def __init__(self) -> None:
        """An empty journal."""
        self.runtime = VirtualRuntime(loud)
        self.store = MemoryStore()
        self.away = 0
        journal = MemoryJournal(
            self.store, account=ACCOUNT, market=Market.USDM, mode=Mode.SIMULATION, weather=self._weather
        )
        self.broadcast = Broadcast(self.runtime, journal)
        self.seq = 0

    async def _weather(self, operation: str, *, applied: bool) -> bool:
        await asyncio.sleep(0)
        if not applied and self.away:
            self.away -= 1
            return True
        return False

    def write(self, *names: str) -> None:
        """One frame of alarms stands, and is told."""
        entries = tuple(Alarmed(name=name, severity="info", message="m", at=NOW) for name in names)
        first = self.seq + 1
        frame = seal(ACCOUNT, self.store.head, "r1", encode(Payload(seq=first, entries=entries)))
        self.store.frames.append(frame)
        self.seq += len(names)
        self.broadcast.durable(first, entries, frame.head)

    async def heard(self, after: int | None, count: int) -> list[tuple[int, str]]:
        """The first so many events of a listener."""
        found: list[tuple[int, str]] = []
        async for event in self.broadcast.events(after):
            assert event.kind == "Alarmed"
            found.append((event.seq, str(event.body["name"])))
            if len(found) == count:
                break
        return found


def names(count: int) -> Sequence[str]:
    """So many names."""
    return [f"a{number}" for number in range(count)]


def test_a_listener_hears_everything_behind_its_number():
    """given five entries in two frames, when a listener comes behind the second, then it hears the last three."""

    async def story() -> None:
        room = Room()
        room.write("a", "b", "c")
        room.write("d", "e")

        assert await room.heard(2, 3) == [(3, "c"), (4, "d"), (5, "e")]

    run(story())


def test_a_listener_without_a_number_hears_what_comes_from_now_on():
    """given entries of before, when a listener comes without a number, then it hears only what is written after."""

    async def story() -> None:
        room = Room()
        room.write("before")
        listening = asyncio.ensure_future(room.heard(None, 2))
        await room.runtime.sleep(MILLISECOND)
        room.write("now")
        await room.runtime.sleep(MILLISECOND)
        room.write("then")

        assert await listening == [(2, "now"), (3, "then")]

    run(story())


def test_a_slow_listener_reads_the_journal_in_pieces():
    """given more frames than one reading brings, when a listener comes from the beginning, then it misses nothing."""

    async def story() -> None:
        room = Room()
        for name in names(450):
            room.write(name)

        assert [name for _, name in await room.heard(0, 450)] == names(450)

    run(story())


def test_a_store_that_is_away_is_asked_again():
    """given a store whose reads fail, when a listener waits, then it hears everything once the store is back."""

    async def story() -> None:
        room = Room()
        room.write("a")
        room.away = 3
        before = room.runtime.now()

        assert await room.heard(0, 1) == [(1, "a")]
        assert room.runtime.now() - before == 3 * SECOND

    run(story())


def test_a_listener_that_leaves_is_forgotten():
    """given a listener that has heard enough, when it closes its stream, then nobody is woken for it any more."""

    async def story() -> None:
        room = Room()
        room.write("a")
        stream = room.broadcast.events(0)
        await anext(stream)
        assert len(room.broadcast._listeners) == 1

        await stream.aclose()  # type: ignore[attr-defined]

        assert len(room.broadcast._listeners) == 0

    run(story())


def test_who_waits_for_a_trade_is_woken_when_it_changes():
    """given two that wait for one trade and one for another, when the first changes, then the two go on at once."""

    async def story() -> None:
        room = Room()
        start = room.runtime.now()
        ends: list[int] = []

        async def wait(trade: SignalId) -> None:
            await room.broadcast.changed(trade, within=10 * SECOND)
            ends.append(room.runtime.now() - start)

        waiting = [asyncio.ensure_future(wait(trade)) for trade in (TRADE, TRADE, SignalId("sg-2"))]
        await room.runtime.sleep(SECOND)
        room.broadcast.touch(TRADE)
        room.broadcast.touch(TRADE)
        await asyncio.gather(*waiting)

        assert ends == [SECOND, SECOND, 10 * SECOND]
        assert room.broadcast._waiters == {}

    run(story())


def test_who_has_waited_long_enough_leaves_the_others_waiting():
    """given one that waits a second and one that waits ten, when the trade changes after five, then the other hears it."""

    async def story() -> None:
        room = Room()
        start = room.runtime.now()
        short = asyncio.ensure_future(room.broadcast.changed(TRADE, within=SECOND))
        long = asyncio.ensure_future(room.broadcast.changed(TRADE, within=10 * SECOND))
        await short
        assert room.runtime.now() - start == SECOND
        await room.runtime.sleep(4 * SECOND)

        room.broadcast.touch(TRADE)
        await long

        assert room.runtime.now() - start == 5 * SECOND

    run(story())
