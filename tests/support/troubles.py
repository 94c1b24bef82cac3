"""Trouble that kills nobody, and stories that it befalls from one call on."""

from collections.abc import Callable
from typing import Any, TypeAlias

import attrs
from tests.support.oracle import findings
from tests.support.scenarios import LOST, Scenario, tell
from tests.support.world import Replica, World

from petrosa_adapters.paper import Fate
from petrosa_adapters.system import bury, run
from petrosa_core.application.api import NotReady
from petrosa_core.decision import TradingState
from petrosa_core.values import SECOND, Duration

AWAY: Duration = 15 * SECOND
"""How long a store or a venue stays away."""

Trouble: TypeAlias = Callable[[World, Replica], None]
Verify: TypeAlias = Callable[[World], list[str]]


def troubled(
    scenario: Scenario, at: int, trouble: Trouble, verify: Verify = findings, *, life: int = 0, **world: Any
) -> list[str]:
    """Tell a story in which the trouble begins at this call of this engine, and say what is wrong after it."""
    lasting = attrs.evolve(scenario, lasts=scenario.lasts + AWAY)

    async def story() -> list[str]:
        around = World(lasting.setup, **world)

        def strike(replica: Replica, number: int, _name: str) -> None:
            if (replica.life, number) == (life, at):
                trouble(around, replica)

        around.on_call = strike
        await tell(lasting, around)
        return verify(around)

    try:
        return run(story(), seed=lasting.setup.seed)
    finally:
        bury()


def halt(world: World, replica: Replica) -> None:
    """An operator halts trading, and asks again as long as he is told to."""

    async def ask() -> None:
        while replica.alive:
            halting = replica.engine.set_state(TradingState.HALTED, actor="operator", reason="drill", admin=False)
            answer = await replica.do(halting)
            if not isinstance(answer, NotReady):
                return
            await world.clock.sleep(answer.retry_after)

    world.begin(ask())


def another_leader(world: World, replica: Replica) -> None:
    """Another engine takes over from one that is not dead."""
    world.begin(world.start())


def store_away(*, applied: bool) -> Trouble:
    """The store fails for a while; what it is asked to write is written all the same, or not."""

    def fail(world: World, replica: Replica) -> None:
        async def away() -> None:
            world.store_fails = applied
            await world.clock.sleep(AWAY)
            world.store_fails = None

        world.begin(away())

    return fail


def _lost(_request: object) -> Fate:
    return LOST


def venue_away(world: World, replica: Replica) -> None:
    """Every request to the venue is lost for a while."""

    async def away() -> None:
        faults = world.faults
        submit, cancel, read = faults.on_submit, faults.on_cancel, faults.on_read
        faults.on_submit = faults.on_cancel = faults.on_read = _lost
        await world.clock.sleep(AWAY)
        faults.on_submit, faults.on_cancel, faults.on_read = submit, cancel, read

    world.begin(away())
