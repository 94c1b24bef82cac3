"""(b) Signals per second, and (c) from publishing to the order, through JetStream, a durable journal and the paper venue.

The engine does all of its work: verdict, write-ahead, entry, fill, stop, target, every answer and report on record. It is done
when its last target rests; the floor, when its last message is acknowledged. Both keep their files on the same disk, and take
their messages from the same server, which writes every one of them through.
"""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from pathlib import Path
from statistics import median, quantiles
from typing import TypeAlias

import attrs
import nats
from nats.aio.client import Client

from benchmarks.desk import ACCOUNT, ethers, roomy_rules, twin
from benchmarks.floor import Floor, GroupedStore
from benchmarks.measure import Result, at_least, at_most, told
from benchmarks.signals import STRATEGY, body
from petrosa_adapters.memory.notifier import MemoryNotifier
from petrosa_adapters.nats import EmbeddedNatsServer, IntakeSettings, JetStreamIntake, NatsLink
from petrosa_adapters.nats.topology import ensure
from petrosa_adapters.paper import PaperVenue
from petrosa_adapters.sqlite import SqliteJournal
from petrosa_adapters.system import AsyncioRuntime, SystemClock
from petrosa_core.application import Identity, TradeEngine
from petrosa_core.execution import SubmitOutcome
from petrosa_core.matching import Rules as ExchangeRules
from petrosa_core.order import Submission
from petrosa_core.values import (
    Amount,
    Duration,
    Leg,
    Market,
    Mode,
    Moment,
    Money,
    derive_signal_id,
    iso,
    leg_of,
    trade_prefix,
)

_SYMBOLS = 12
"""As many as the paper venue lists; several trades share each."""
_RATE = 150
"""Signals a second while latency is measured: far from saturation, as a busy market would be."""
_PATIENCE = 60.0
"""Seconds within which everything that was published has to be done."""


class Watch:
    """Sees when each signal's order leaves, and when all is done. Names are the signals' own ids."""

    def __init__(self, names: list[str]) -> None:
        """Nothing has been done for these yet."""
        self._by_prefix = {
            trade_prefix(ACCOUNT, derive_signal_id(STRATEGY, "decision_id", name)): name for name in names
        }
        self._left = set(names)
        self.sent_at: dict[str, float] = {}
        self.complete = asyncio.Event()

    def sent(self, name: str) -> None:
        """This signal's entry has reached the exchange."""
        self.sent_at.setdefault(name, time.perf_counter())

    def done(self, name: str) -> None:
        """Nothing is left to do for this signal."""
        self._left.discard(name)
        if not self._left:
            self.complete.set()

    def submitted(self, client_order_id: str) -> None:
        """The engine's order has reached the exchange."""
        named = leg_of(client_order_id)
        assert named is not None, "the engine names its own orders"
        prefix, leg, _ = named
        if leg is Leg.ENTRY:
            self.sent(self._by_prefix[prefix])
        elif leg is Leg.TARGET:
            self.done(self._by_prefix[prefix])


class WatchedVenue(PaperVenue):
    """The paper venue, seen at its door."""

    watch: Watch

    async def submit(self, submission: Submission, signed_at: Moment, recv_window: Duration) -> SubmitOutcome:
        """Note the time, and go on."""
        self.watch.submitted(submission.client_order_id)
        return await super().submit(submission, signed_at, recv_window)


Consumer: TypeAlias = Callable[[], None]
Way: TypeAlias = Callable[[str, Path, IntakeSettings, Watch], AbstractAsyncContextManager[Consumer]]
"""Opens everything that one of the two needs; what it yields is called to begin to consume."""


@asynccontextmanager
async def _engine(url: str, folder: Path, settings: IntakeSettings, watch: Watch) -> AsyncIterator[Consumer]:
    clock = SystemClock()

    def failed(_: str, error: BaseException) -> None:
        raise error

    async with AsyncExitStack() as stack:
        journal = await SqliteJournal.open(
            folder / "journal.db", account=ACCOUNT, market=Market.USDM, mode=Mode.SIMULATION
        )
        stack.push_async_callback(journal.close)
        venue = WatchedVenue.open(
            market=Market.USDM,
            instruments=ethers(_SYMBOLS),
            balance=Money(Amount(10**9), "USDT"),
            clock=clock,
            directory=folder / "paper",
            rules=ExchangeRules(algo_orders_max=10**9),
        )
        assert isinstance(venue, WatchedVenue), "open makes what it is called on"
        venue.watch = watch
        stack.callback(venue.close)
        link = await stack.enter_async_context(NatsLink(url))
        runtime = AsyncioRuntime(clock, failed)
        stack.push_async_callback(runtime.close)
        engine = TradeEngine(
            identity=Identity(account=ACCOUNT, market=Market.USDM, mode=Mode.SIMULATION, replica="benchmark"),
            journal=journal,
            venue=venue,
            market_data=venue,
            runtime=runtime,
            notifier=MemoryNotifier(),
            rules=roomy_rules(one_trade_per_symbol=False),
        )
        await engine.start()
        stack.push_async_callback(engine.stop)
        intake = JetStreamIntake(link, settings, receive=engine.receive)
        yield lambda: runtime.spawn("intake", intake.run())
        await intake.stop()


@asynccontextmanager
async def _floor(url: str, folder: Path, settings: IntakeSettings, watch: Watch) -> AsyncIterator[Consumer]:
    client = await nats.connect(url)
    store = GroupedStore(folder / "floor.db")
    floor = Floor(store, sent=watch.sent, done=watch.done)
    tasks: list[asyncio.Task[None]] = []

    def consume() -> None:
        tasks.append(asyncio.create_task(floor.run(client, settings.stream, settings.durable)))

    yield consume
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    store.close()
    await client.close()


@attrs.define
class _Course:
    """A server, and a stream of its own for every run."""

    url: str
    folder: Path
    client: Client
    runs: int = 0

    async def prepare(self) -> tuple[Path, IntakeSettings]:
        self.runs += 1
        settings = IntakeSettings(subject=f"run{self.runs}.trading", stream=f"RUN{self.runs}")
        await ensure(self.client.jetstream(), settings)
        folder = self.folder / str(self.runs)
        folder.mkdir()
        return folder, settings

    async def publish(self, settings: IntakeSettings, index: int, name: str) -> None:
        now = iso(SystemClock().now())
        message = body(name, symbol=twin(index % _SYMBOLS), timestamp=now)
        await self.client.jetstream().publish(settings.subject, message)

    async def drain(self, way: Way, count: int) -> float:
        """Signals per second, out of a backlog of so many."""
        names = [f"{index:032d}" for index in range(count)]
        folder, settings = await self.prepare()
        for first in range(0, count, 64):
            chunk = enumerate(names[first : first + 64], first)
            await asyncio.gather(*(self.publish(settings, index, name) for index, name in chunk))
        watch = Watch(names)
        async with way(self.url, folder, settings, watch) as consume:
            before = time.perf_counter()
            consume()
            async with asyncio.timeout(_PATIENCE):
                await watch.complete.wait()
            return count / (time.perf_counter() - before)

    async def latencies(self, way: Way, count: int) -> list[float]:
        """Seconds from just before publishing to the order at the exchange, signal by signal."""
        names = [f"{index:032d}" for index in range(count)]
        folder, settings = await self.prepare()
        watch = Watch(names)
        published_at = {}
        async with way(self.url, folder, settings, watch) as consume:
            consume()
            await asyncio.sleep(0.5)  # both are subscribed by then
            for index, name in enumerate(names):
                published_at[name] = time.perf_counter()
                await self.publish(settings, index, name)
                await asyncio.sleep(max(0, published_at[name] + 1 / _RATE - time.perf_counter()))
            async with asyncio.timeout(_PATIENCE):
                await watch.complete.wait()
        return [watch.sent_at[name] - published_at[name] for name in names]


def measure(effort: int) -> Iterator[Result]:
    """``effort`` scales the number of signals: 10 is a whole run."""
    with tempfile.TemporaryDirectory() as folder:
        yield from asyncio.run(_measure(Path(folder), effort))


async def _measure(folder: Path, effort: int) -> list[Result]:
    async with EmbeddedNatsServer(folder / "nats") as server:
        client = await nats.connect(server.url)
        course = _Course(server.url, folder, client)
        rates: list[tuple[float, float]] = []
        middles: list[float] = []
        tails: list[float] = []
        for _ in range(3):
            rates.append((await course.drain(_engine, 150 * effort), await course.drain(_floor, 150 * effort)))
            ours = await course.latencies(_engine, 45 * effort)
            theirs = await course.latencies(_floor, 45 * effort)
            middles.append(median(ours) / median(theirs))
            tails.append(quantiles(ours, n=100)[98] / quantiles(theirs, n=100)[98])
        await client.close()
    return [
        at_least(
            "(b) signals per second through JetStream, durable journal and paper venue, over the floor",
            median(ours / floor for ours, floor in rates),
            0.5,
            note="a signal is 3 orders and 8 durable entries here, 1 order and 2 rows there",
        ),
        at_most(f"(c) from publishing to the order, {_RATE}/s, p50, over the floor", median(middles), 1.5),
        told("the same, p99", f"{median(tails):.2f}x"),
    ]
