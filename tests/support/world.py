"""A market, a store, a broker and engines that can be killed at any call of a port, all in virtual time.

The exchange, the store and the broker outlive every engine. A supervisor starts a new engine, under a new name, one second
after the last one has died; the broker delivers its message again until a verdict has come back.
"""

import json
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from typing import Any

import attrs
from tests.support.taps import Line, Outside, Stage, TappedJournal, TappedMarketData, TappedNotifier, TappedVenue
from tests.support.witness import Witness

from petrosa_adapters.memory import MemoryJournal, MemoryStore
from petrosa_adapters.memory.notifier import MemoryNotifier
from petrosa_adapters.memory.store import Weather
from petrosa_adapters.paper import Faults, PaperVenue
from petrosa_adapters.system import Killed, VirtualClock, VirtualRuntime
from petrosa_adapters.wire.signals import read_signal
from petrosa_core.application.api import NotReady
from petrosa_core.application.engine import Identity, TradeEngine
from petrosa_core.application.writer import StoodDown
from petrosa_core.decision import PositionSizer, RiskPolicy
from petrosa_core.desk import Arrival, Rules, Verdict
from petrosa_core.matching import Rules as ExchangeRules
from petrosa_core.signal import Signal
from petrosa_core.values import (
    MILLISECOND,
    SECOND,
    AccountId,
    Amount,
    Duration,
    Instrument,
    Market,
    Mode,
    Moment,
    Money,
    Price,
    Quote,
    Symbol,
)

ACCOUNT = AccountId("default")
SYMBOL = Symbol("ABCUSDT")
TAKEOVER: Duration = SECOND
_WAY: Duration = 5 * MILLISECOND
_DISK: Duration = 2 * MILLISECOND


def an_instrument(market: Market, **changes: Any) -> Instrument:
    """ABCUSDT: tick 0.01, step 0.001, least worth 5; on spot with a fee of a thousandth of what is bought."""
    rules: dict[str, Any] = {
        "symbol": SYMBOL,
        "base": "ABC",
        "quote": "USDT",
        "market": market,
        "tick": Decimal("0.01"),
        "step": Decimal("0.001"),
        "quantity_min": Decimal("0.001"),
        "quantity_max": Decimal(1000),
        "notional_min": Decimal(5),
    }
    return Instrument(**(rules | changes))


@attrs.frozen(kw_only=True)
class Setup:
    """What a world is made of. ``depth`` is what one price lets trade on each side; None: anything."""

    market: Market = Market.USDM
    instrument: Mapping[str, object] = attrs.field(factory=dict)
    depth: Decimal | None = None
    closing_orders_expire: bool = True
    price: str = "100"
    seed: int = 0


@attrs.frozen(kw_only=True)
class Death:
    """At which call of which life, and how far the call has come by then. Lives count from 0, calls from 1."""

    life: int = 0
    call: int
    stage: Stage


class Replica:
    """One start of the engine: a process, its line to the world, and the tap on it."""

    def __init__(self, world: "World", life: int) -> None:
        """Wire it; nothing runs yet."""
        self.world = world
        self.life = life
        self.name = f"replica-{life}"
        self.born = world.clock.now()
        self.died: Moment | None = None
        self.calls: list[str] = []
        self.runtime = VirtualRuntime(self._failed)
        line = Line(self, world.outside)
        journal = MemoryJournal(
            world.store, account=ACCOUNT, market=world.market, mode=Mode.SIMULATION, weather=world.weather
        )
        self.engine = world.build(
            identity=Identity(account=ACCOUNT, market=world.market, mode=Mode.SIMULATION, replica=self.name),
            journal=TappedJournal(journal, line),
            venue=TappedVenue(world.venue, line),
            market_data=TappedMarketData(world.venue, line),
            runtime=self.runtime,
            notifier=TappedNotifier(world.notifier, line),
            rules=world.rules,
        )

    @property
    def alive(self) -> bool:
        """Whether it has not been killed."""
        return self.runtime.alive

    def _failed(self, task: str, error: BaseException) -> None:
        # What a composition root does: an engine that has lost a task is no engine any more.
        self.world.failures.append(f"{self.name}: task {task!r} died of {error!r}")
        if self.alive:
            self.kill()

    # --- the tap -----------------------------------------------------------------------------------------------------

    def begin(self, name: str) -> int:
        """Count a call."""
        if not self.world.healing:
            self.calls.append(name)
        number = 0 if self.world.healing else len(self.calls)
        if number:
            self.world.on_call(self, number, name)
        return number

    async def reach(self, number: int, stage: Stage) -> None:
        """Die here, if this is where it was to die."""
        if self._is_due(number, stage):
            self.kill()
            await self.runtime.die()

    def touch(self, name: str) -> None:
        """Count a call that is over at once; who dies of it ends at its next await."""
        if self._is_due(self.begin(name), Stage.BEFORE):
            self.kill()

    def _is_due(self, number: int, stage: Stage) -> bool:
        return self.alive and Death(life=self.life, call=number, stage=stage) in self.world.deaths

    def kill(self) -> None:
        """Kill it as by SIGKILL; the supervisor will hear of it."""
        self.died = self.world.clock.now()
        self.runtime.kill()
        self.world.begin(self.world.start_later())

    # --- from outside ------------------------------------------------------------------------------------------------

    async def do(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Have the process do something; None when it dies of it."""
        try:
            return await self.runtime.within(work)
        except Killed:
            return None


class World:
    """Everything around the engines, and the engines. Made within a running virtual loop."""

    def __init__(
        self,
        setup: Setup,
        *,
        deaths: Sequence[Death] = (),
        build: Callable[..., TradeEngine] = TradeEngine,
        rules: Rules | None = None,
    ) -> None:
        """The market is open; no engine runs yet. ``build`` makes engines, mutants among them."""
        self.setup = setup
        self.market = setup.market
        self.clock = VirtualClock()
        self.outside = Outside()
        self.store = MemoryStore()
        self.notifier = MemoryNotifier(room=10_000)
        self.faults = Faults()
        self.instrument = an_instrument(setup.market, **setup.instrument)
        self.witness = Witness([self.instrument])
        self.faults.on_events = self.witness.watch(self.faults.on_events)
        self.venue = PaperVenue.open(
            market=setup.market,
            instruments=[self.instrument],
            balance=Money(Amount(10_000), "USDT"),
            clock=self.clock,
            rules=ExchangeRules(depth=setup.depth, closing_orders_expire=setup.closing_orders_expire),
            faults=self.faults,
            latency=lambda: _WAY,
        )
        self.rules = rules or Rules(policy=RiskPolicy(), sizer=PositionSizer())
        self.build = build
        self.deaths = frozenset(deaths)
        self.replicas: list[Replica] = []
        self.stands_since: dict[int, Moment] = {}
        """When each frame came to stand in the journal."""
        self.verdicts: dict[str, Verdict] = {}
        self.failures: list[str] = []
        self.healing = False
        self.store_fails: bool | None = None
        """None while the store works; else whether what it is asked to write is written before it fails."""
        self.reads_fail = False
        """Whether the store shows no frames, while it takes them."""
        self.on_call: Callable[[Replica, int, str], None] = lambda _replica, _number, _name: None
        self.weather: Weather = self._weather
        self.set_price(setup.price)

    async def _weather(self, operation: str, *, applied: bool) -> bool:
        if not applied:
            await self.clock.sleep(_DISK)
        elif operation == "append":
            self.stands_since.setdefault(self.store.head.number, self.clock.now())
        return self.store_fails is applied or (operation == "read" and self.reads_fail)

    def begin(self, work: Coroutine[Any, Any, object]) -> None:
        """Have something done outside of any engine."""
        self.outside.begin(work)

    # --- the market --------------------------------------------------------------------------------------------------

    def set_price(self, price: str) -> None:
        """The market moves: bid, ask and mark."""
        at = Price(price)
        self.venue.price(Quote(symbol=SYMBOL, bid=at, ask=at, mark=at, as_of=self.clock.now()))

    async def keep_quoting(self) -> None:
        """A feed says the price again and again, so that no quote grows old; what rests may fill in pieces."""
        while True:
            await self.clock.sleep(SECOND)
            quote = self.venue.quote(SYMBOL)
            assert quote is not None, "the market has opened"
            self.venue.price(attrs.evolve(quote, as_of=self.clock.now()))

    # --- the engines -------------------------------------------------------------------------------------------------

    @property
    def leader(self) -> Replica:
        """The newest engine."""
        return self.replicas[-1]

    @property
    def at_rest(self) -> bool:
        """Whether an engine is up, and nothing is in question, on its way out, or without a stop."""
        engine = self.leader.engine
        return (
            self.leader.alive
            and engine.readiness().ready
            and not any(
                trade.closing or trade.exposed_since or any(order.state.is_unresolved for order in trade.orders)
                for trade in engine.book.trades.values()
            )
        )

    async def start(self) -> None:
        """Start an engine, and return when it is up, or dead."""
        replica = Replica(self, len(self.replicas))
        self.replicas.append(replica)
        with suppress(StoodDown):  # another engine has taken over while this one was starting
            await replica.do(replica.engine.start())

    async def start_later(self) -> None:
        """What a supervisor does about a death."""
        await self.clock.sleep(TAKEOVER)
        await self.start()

    # --- the broker --------------------------------------------------------------------------------------------------

    def signal(self, body: Mapping[str, object], message_id: str) -> Signal:
        """A message as it is read at intake."""
        given = {"timestamp": self.clock.now() // MILLISECOND, "id": message_id, **body}
        signal = read_signal(json.dumps(given).encode(), received_at=self.clock.now(), fallback=message_id)
        assert isinstance(signal, Signal), signal
        return signal

    async def deliver(self, body: Mapping[str, object], message_id: str = "m-1") -> Verdict:
        """Deliver a message, again and again, until its verdict has come back."""
        signal = self.signal(body, message_id)
        redelivered = False
        while True:
            replica = self.leader
            arrival = Arrival(
                transport="nats", message_id=message_id, received_at=self.clock.now(), redelivered=redelivered
            )
            answer = await replica.do(replica.engine.receive(signal, arrival)) if replica.alive else None
            if isinstance(answer, Verdict):
                self.verdicts[message_id] = answer
                return answer
            await self.clock.sleep(answer.retry_after if isinstance(answer, NotReady) else SECOND // 2)
            # A request that never reached an engine was not delivered; the broker cannot know, and says so all the same.
            redelivered = True
