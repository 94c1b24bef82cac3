"""The whole engine in this process over memory and the paper venue, in real time: for tests of what stands around it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import attrs

from petrosa_adapters.memory import MemoryJournal, MemoryStore
from petrosa_adapters.memory.notifier import MemoryNotifier
from petrosa_adapters.paper import PaperVenue, paper_instruments
from petrosa_adapters.system import AsyncioRuntime, SystemClock
from petrosa_core.application import Identity, LocalEngine, TradeEngine
from petrosa_core.decision import PositionSizer, RiskPolicy
from petrosa_core.desk import Rules
from petrosa_core.values import AccountId, Amount, Market, Mode, Money

ACCOUNT = AccountId("default")


@attrs.frozen(kw_only=True)
class House:
    """What a test may look at."""

    api: LocalEngine
    engine: TradeEngine
    venue: PaperVenue
    notifier: MemoryNotifier
    store: MemoryStore


@asynccontextmanager
async def a_house(*, market: Market = Market.USDM, balance: str = "10000") -> AsyncIterator[House]:
    """A fresh account with default settings; a task that dies of a bug fails the test."""
    clock, failures = SystemClock(), list[str]()
    runtime = AsyncioRuntime(clock, lambda name, error: failures.append(f"{name}: {error!r}"))
    venue = PaperVenue.open(
        market=market, instruments=paper_instruments(market), balance=Money(Amount(balance), "USDT"), clock=clock
    )
    store, notifier, policy = MemoryStore(), MemoryNotifier(), RiskPolicy()
    engine = TradeEngine(
        identity=Identity(account=ACCOUNT, market=market, mode=Mode.SIMULATION, replica="r1"),
        journal=MemoryJournal(store, account=ACCOUNT, market=market, mode=Mode.SIMULATION),
        venue=venue,
        market_data=venue,
        runtime=runtime,
        notifier=notifier,
        rules=Rules(policy=policy, sizer=PositionSizer()),
    )
    try:
        await engine.start()
        yield House(api=LocalEngine(engine, policy), engine=engine, venue=venue, notifier=notifier, store=store)
        await engine.stop()
    finally:
        await runtime.close()
        venue.close()
    assert not failures, failures
