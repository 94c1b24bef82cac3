"""The line between an engine and the world: it sees every call, and a process dies on it exactly where it was told to."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from tests.support.scenarios import SCENARIOS, tell
from tests.support.taps import Stage, TappedJournal, TappedMarketData, TappedNotifier, TappedVenue
from tests.support.world import Death, World

from petrosa_adapters.memory.store import Weather
from petrosa_adapters.system import bury, run
from petrosa_core.ports import Journal, MarketData, Notifier, Venue
from petrosa_core.values import SECOND, Leg

STORY = next(scenario for scenario in SCENARIOS if scenario.name == "usdm-to-stop-exits-stay")


@pytest.mark.parametrize(
    ("port", "tapped"),
    [
        (Venue, TappedVenue),
        (Journal, TappedJournal),
        (MarketData, TappedMarketData),
        (Notifier, TappedNotifier),
    ],
    ids=["venue", "journal", "market-data", "notifier"],
)
def test_every_promise_of_a_port_goes_over_the_line(port: type, tapped: type):
    """A method that a port has and the line has not would be a call that nobody counts."""
    promised = {name for name, value in vars(port).items() if callable(value) and not name.startswith("_")}

    assert promised
    assert {name for name in promised if name not in vars(tapped)} == set()


def test_every_call_that_reaches_the_world_was_counted():
    """Given a story, then the world was asked for exactly what the line says, no more and no less."""
    arrived: Counter[str] = Counter()

    async def story() -> Counter[str]:
        world = World(STORY.setup)
        world.weather = counting(world.weather, arrived)
        world.faults.on_cancel = noting("cancel", world.faults.on_cancel, arrived)
        world.faults.on_read = noting(None, world.faults.on_read, arrived)
        await tell(STORY, world)
        return Counter(name.split()[0] for name in world.replicas[0].calls)

    try:
        counted = run(story())
    finally:
        bury()

    names = {"cancel", "find", "snapshot", "instruments", "append", "read"}
    assert {name: counted[name] for name in names} == {name: arrived[name] for name in names}
    assert counted["append"] > 5
    assert counted["event"] > 5


def counting(weather: Weather, arrived: Counter[str]) -> Weather:
    """Count what a store is asked for."""

    async def count(operation: str, *, applied: bool) -> bool:
        arrived[operation] += not applied
        return await weather(operation, applied=applied)

    return count


def noting(name: str | None, hook: Callable[[Any], Any], arrived: Counter[str]) -> Callable[[Any], Any]:
    """Count what a venue is asked for, under this name or the request's own."""

    def note(request: Any) -> Any:
        arrived[name or request] += 1
        return hook(request)

    return note


@pytest.mark.parametrize(("stage", "arrives"), [(Stage.BEFORE, False), (Stage.SENT, True), (Stage.AFTER, True)])
def test_a_request_that_has_left_arrives_whoever_dies(stage: Stage, arrives: bool):
    """Given a death at the entry's call, then the entry is at the venue exactly when it had left, and nothing else is done."""

    async def story() -> int:
        calm = World(STORY.setup)
        await tell(STORY, calm)
        at = calm.replicas[0].calls.index("submit e1") + 1
        world = World(STORY.setup, deaths=[Death(call=at, stage=stage)])
        world.begin(world.keep_quoting())
        await world.start()
        world.begin(world.deliver(STORY.body))
        await world.clock.sleep(SECOND // 2)
        assert not world.replicas[0].alive
        assert world.replicas[0].calls[at:] == [] or stage is Stage.AFTER
        return len(world.witness.accepted(Leg.ENTRY))

    try:
        assert run(story()) == arrives
    finally:
        bury()


def test_the_same_story_is_told_the_same_way_twice():
    """Given the same scenario and death, then the journals are equal to the byte: what is found can be found again."""

    async def journal() -> list[bytes]:
        world = World(STORY.setup, deaths=[Death(call=20, stage=Stage.AFTER)])
        await tell(STORY, world)
        return [frame.payload for frame in world.store.frames]

    try:
        assert run(journal()) == run(journal())
    finally:
        bury()
