"""Stories of one signal: what is sent, how the venue behaves, what the market does; told with or without deaths."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

import attrs
from tests.support.oracle import findings
from tests.support.taps import Stage
from tests.support.world import SYMBOL, Death, Setup, World

from petrosa_adapters.paper import Fate
from petrosa_adapters.paper.faults import FINE
from petrosa_adapters.system import bury, run
from petrosa_core.execution import Rejected
from petrosa_core.order import OrderList, Submission
from petrosa_core.values import MILLISECOND, SECOND, Duration, Leg, Market

THOROUGH = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"
"""Whether every schedule is to be told, or a choice of them."""

BUY: Mapping[str, object] = {
    "strategy_id": "momentum",
    "symbol": SYMBOL,
    "action": "buy",
    "confidence": 0.8,
    "price": 100,
    "quantity": 1,
    "order_type": "market",
}
LIMIT: Mapping[str, object] = {**BUY, "order_type": "limit"}

TO_TARGET = ((4 * SECOND, "104"), (6 * SECOND, "106"))
TO_STOP = ((4 * SECOND, "99"), (6 * SECOND, "97"))
NOWHERE: tuple[tuple[Duration, str], ...] = ()

CALM: Duration = 8 * SECOND
"""A story without silence is over by then."""
REST: Duration = 4 * SECOND
SILENT: Duration = 24 * SECOND
"""A story with an unanswered request: the venue's ten seconds, and the time until "not found" is believed."""


@attrs.frozen(kw_only=True)
class Scenario:
    """One story. ``fate`` is asked of each leg's n-th request (from 1); ``moves`` happen so long after the signal."""

    name: str
    setup: Setup
    body: Mapping[str, object] = attrs.field(factory=lambda: BUY)
    moves: Sequence[tuple[Duration, str]] = NOWHERE
    fate: Callable[[Leg, int], Fate] = lambda _leg, _time: FINE
    lasts: Duration = CALM
    heals: Duration = 40 * SECOND


def leg_named(submission: Submission) -> Leg:
    """What a request is for: a list with an entry is an entry, an exit list is a stop."""
    if isinstance(submission, OrderList):
        return Leg.STOP if submission.working is None else Leg.ENTRY
    return submission.leg


def first(leg: Leg, fate: Fate) -> Callable[[Leg, int], Fate]:
    """Something befalls the first request of one leg."""
    return lambda asked, time: fate if (asked, time) == (leg, 1) else FINE


def every(leg: Leg, fate: Fate) -> Callable[[Leg, int], Fate]:
    """Something befalls every request of one leg."""
    return lambda asked, _time: fate if asked is leg else FINE


def refused(code: int, *, would_trigger: bool = False) -> Fate:
    """The venue's no."""
    return Fate(refused=Rejected(code=code, message="refused by the test", at=_NEVER, would_trigger=would_trigger))


_NEVER: Any = 0

LOST = Fate(lost=True)
UNANSWERED = Fate(unanswered=True)
SLOW = Fate(delay=3 * SECOND, unanswered=True)
"""It lands three seconds after it was sent, and nobody is told."""

USDM = Setup(market=Market.USDM)
STICKY = Setup(market=Market.USDM, closing_orders_expire=False)
THIN = Setup(market=Market.USDM, depth=Decimal("0.4"))
SPOT = Setup(market=Market.SPOT)
THIN_SPOT = Setup(market=Market.SPOT, depth=Decimal("0.4"))
PLAIN_SPOT = Setup(market=Market.SPOT, instrument={"opoco_allowed": False})
THIN_PLAIN_SPOT = Setup(market=Market.SPOT, instrument={"opoco_allowed": False}, depth=Decimal("0.4"))

SCENARIOS = (
    Scenario(name="usdm-to-target", setup=USDM, moves=TO_TARGET),
    Scenario(name="usdm-to-stop-exits-stay", setup=STICKY, moves=TO_STOP),
    Scenario(name="usdm-fills-in-pieces", setup=THIN, body=LIMIT, moves=TO_TARGET),
    Scenario(name="usdm-market-filled-in-part", setup=THIN),
    Scenario(name="usdm-entry-executed-unanswered", setup=USDM, fate=first(Leg.ENTRY, UNANSWERED), lasts=SILENT),
    Scenario(name="usdm-entry-late-unanswered", setup=USDM, fate=first(Leg.ENTRY, SLOW), lasts=SILENT),
    Scenario(name="usdm-entry-lost", setup=USDM, fate=first(Leg.ENTRY, LOST), lasts=SILENT),
    Scenario(name="usdm-stop-unanswered", setup=USDM, fate=first(Leg.STOP, UNANSWERED), lasts=14 * SECOND),
    Scenario(name="usdm-stop-late", setup=USDM, fate=first(Leg.STOP, SLOW), lasts=14 * SECOND),
    Scenario(name="usdm-stop-lost", setup=USDM, fate=first(Leg.STOP, LOST), lasts=14 * SECOND),
    Scenario(name="usdm-stop-would-trigger", setup=USDM, fate=every(Leg.STOP, refused(-2021, would_trigger=True))),
    Scenario(name="usdm-stop-refused", setup=USDM, fate=every(Leg.STOP, refused(-4045))),
    Scenario(name="usdm-target-refused", setup=USDM, fate=every(Leg.TARGET, refused(-4045)), moves=TO_STOP),
    Scenario(name="spot-list-to-target", setup=SPOT, moves=TO_TARGET),
    Scenario(name="spot-list-to-stop", setup=SPOT, moves=TO_STOP),
    Scenario(name="spot-list-unanswered", setup=SPOT, fate=first(Leg.ENTRY, UNANSWERED), lasts=SILENT),
    Scenario(name="spot-list-late", setup=SPOT, fate=first(Leg.ENTRY, SLOW), lasts=SILENT),
    Scenario(name="spot-list-lost", setup=SPOT, fate=first(Leg.ENTRY, LOST), lasts=SILENT),
    Scenario(name="spot-list-filled-in-part", setup=THIN_SPOT, body=LIMIT, lasts=6 * SECOND),
    Scenario(name="spot-plain-then-oco", setup=PLAIN_SPOT, moves=TO_TARGET),
    Scenario(name="spot-plain-filled-in-part", setup=THIN_PLAIN_SPOT, moves=TO_STOP),
    Scenario(name="spot-oco-unanswered", setup=PLAIN_SPOT, fate=first(Leg.STOP, UNANSWERED), lasts=14 * SECOND),
    Scenario(name="spot-oco-late", setup=PLAIN_SPOT, fate=first(Leg.STOP, SLOW), lasts=14 * SECOND),
    Scenario(name="spot-oco-lost", setup=PLAIN_SPOT, fate=first(Leg.STOP, LOST), lasts=14 * SECOND),
    Scenario(name="spot-oco-would-trigger", setup=PLAIN_SPOT, fate=every(Leg.STOP, refused(-2010, would_trigger=True))),
)
"""Futures: entry, then its exits. Spot: entry lists, resting lists filled in part, and plain entries with an exit list."""


@attrs.frozen
class Told:
    """How a story went: the calls of each life while it lasted, and what is wrong in the end."""

    world: World
    findings: list[str]

    def calls(self, life: int) -> list[str]:
        """The calls that an engine made while the story lasted, in order."""
        return self.world.replicas[life].calls if life < len(self.world.replicas) else []


async def tell(scenario: Scenario, world: World) -> None:
    """The signal arrives, the market moves, and in the end everything has had time to heal."""
    times: dict[Leg, int] = {}

    def fate(submission: Submission) -> Fate:
        leg = leg_named(submission)
        times[leg] = times.get(leg, 0) + 1
        return scenario.fate(leg, times[leg])

    async def move() -> None:
        passed = 0
        for after, price in scenario.moves:
            await world.clock.sleep(after - passed)
            passed = after
            world.set_price(price)

    world.faults.on_submit = fate
    world.begin(world.keep_quoting())
    await world.start()
    world.begin(move())
    begun = world.clock.now()
    await world.deliver(scenario.body)
    await world.clock.sleep(max(MILLISECOND, scenario.lasts - (world.clock.now() - begun)))
    world.healing = True
    await _heal(world, scenario.heals)


async def _heal(world: World, most: Duration) -> None:
    """Give the world time until nothing has been in question for a while: what comes later still must be seen."""
    deadline, rested = world.clock.now() + most, 0
    while rested < REST and world.clock.now() < deadline:
        await world.clock.sleep(SECOND)
        rested = rested + SECOND if world.at_rest else 0


def deaths_of(calls: Sequence[str], *, life: int = 0, thorough: bool = THOROUGH) -> Iterator[Death]:
    """Where an engine that made these calls can die.

    Thorough: at every stage of every call. Else at every stage of a call that changes something outside, and once at one
    that only reads or hears. Reading the head in idle time is told once.
    """
    heads = 0
    for number, name in enumerate(calls, start=1):
        changes = name.split()[0] in {"submit", "cancel", "append"}
        heads += name == "head"
        if name == "head" and heads > 1 and not thorough:
            continue
        for stage in Stage if changes or thorough else (Stage.BEFORE,):
            yield Death(life=life, call=number, stage=stage)


def play(scenario: Scenario, *deaths: Death, **world: Any) -> Told:
    """Tell a story from its beginning to its end, and look at what is left."""

    async def story() -> Told:
        around = World(scenario.setup, deaths=deaths, **world)
        await tell(scenario, around)
        return Told(around, findings(around))

    try:
        return run(story(), seed=scenario.setup.seed)
    finally:
        bury()
