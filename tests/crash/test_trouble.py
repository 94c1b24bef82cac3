"""Trouble that kills nobody, beginning at every call in turn: a halt, a second leader, a store or a venue that is away."""

from collections.abc import Callable
from typing import Any

import attrs
import pytest

from petrosa_adapters.system import bury, run
from petrosa_core.audit.entries import SignalJudged, StateSet
from petrosa_core.decision import Outcome, TradingState
from petrosa_core.values import SECOND, Duration, Leg
from tests.support.oracle import NAKED_MAX, entries_of, findings
from tests.support.scenarios import LIMIT, LOST, SCENARIOS, THIN, THOROUGH, Scenario, play, tell
from tests.support.world import SYMBOL, Replica, World

AWAY: Duration = 15 * SECOND
ANSWER: Duration = 10 * SECOND
"""How long the venue leaves a lost request without an answer."""

RESTING = Scenario(name="usdm-rests-filled-in-part", setup=THIN, body={**LIMIT, "quantity": 3}, moves=((SECOND, "100.1"),))
CALM = {"usdm-to-target", "usdm-fills-in-pieces", "spot-list-to-target", "spot-list-filled-in-part", "spot-plain-then-oco"}
STORIES = [*(scenario for scenario in SCENARIOS if scenario.name in CALM), RESTING]

Trouble = Callable[[World, Replica], None]
Verify = Callable[[World], list[str]]


def amiss_when(scenario: Scenario, trouble: Trouble, verify: Verify = findings) -> dict[str, list[str]]:
    """What is wrong after trouble that begins at each call in turn (every second one, when in haste)."""
    calls = play(scenario).calls(0)
    lasting = attrs.evolve(scenario, lasts=scenario.lasts + AWAY)
    amiss = {}
    for at in range(1, len(calls) + 1, 1 if THOROUGH else 2):
        if found := _troubled(lasting, at, trouble, verify):
            amiss[f"from call {at} ({calls[at - 1]}) on"] = found
    return amiss


def _troubled(scenario: Scenario, at: int, trouble: Trouble, verify: Verify) -> list[str]:
    async def story() -> list[str]:
        world = World(scenario.setup)

        def strike(replica: Replica, number: int, _name: str) -> None:
            if replica.life == 0 and number == at:
                trouble(world, replica)

        world.on_call = strike
        await tell(scenario, world)
        return verify(world)

    try:
        return run(story(), seed=scenario.setup.seed)
    finally:
        bury()


def every_story(test: Any) -> Any:
    """Tell it with each story."""
    return pytest.mark.parametrize("scenario", STORIES, ids=lambda scenario: scenario.name)(test)


@every_story
def test_a_halt_at_any_call_cancels_the_entry_and_keeps_the_stops(scenario: Scenario):
    """Given a halt at any step, then no entry is judged good or rests after it, and what is held stays covered."""

    def halt(world: World, replica: Replica) -> None:
        async def ask() -> None:
            await replica.do(
                replica.engine.set_state(TradingState.HALTED, actor="operator", reason="drill", admin=False)
            )

        world.begin(ask())

    def verify(world: World) -> list[str]:
        found = findings(world)
        entries = entries_of(world)
        halted = next((at for at, entry in enumerate(entries) if isinstance(entry, StateSet)), None)
        if halted is None:
            return [*found, "halt: it is not in the journal"]
        for entry in entries[halted:]:
            if isinstance(entry, SignalJudged) and entry.outcome is Outcome.ACCEPTED:
                found.append("halt: a signal was accepted after it")
        resting = [o for o in world.witness.live(SYMBOL) if o.client_order_id in world.witness.accepted(Leg.ENTRY)]
        return [*found, *(f"halt: {order.client_order_id} rests" for order in resting)]

    assert amiss_when(scenario, halt, verify) == {}


@every_story
def test_a_second_leader_at_any_call_makes_the_first_stand_down(scenario: Scenario):
    """Given an engine that is not dead, when another takes over, then the first one stands down, and nothing is done twice."""

    def second(world: World, replica: Replica) -> None:
        world.begin(world.start())

    def verify(world: World) -> list[str]:
        first = world.replicas[0]
        still = [] if first.engine.stood_down else ["leader: the first one leads still"]
        return [*findings(world), *still]

    assert amiss_when(scenario, second, verify) == {}


@pytest.mark.parametrize("applied", [False, True], ids=["writes-are-lost", "writes-stand-unanswered"])
@every_story
def test_a_store_that_is_away_from_any_call_on_stops_no_exit(scenario: Scenario, applied: bool):
    """Given a store that fails for a while, then exits go out on time, nothing is entered on what may not be written, and
    the record is whole when it is back."""

    def fail(world: World, replica: Replica) -> None:
        async def away() -> None:
            world.store_fails = applied
            await world.clock.sleep(AWAY)
            world.store_fails = None

        world.begin(away())

    assert amiss_when(scenario, fail) == {}


@every_story
def test_a_venue_that_is_away_from_any_call_on_is_dealt_with_when_it_is_back(scenario: Scenario):
    """Given a venue that takes nothing in for a while, then positions are covered or closed soon after it is back."""

    def fail(world: World, replica: Replica) -> None:
        async def away() -> None:
            faults = world.faults
            submit, cancel, read = faults.on_submit, faults.on_cancel, faults.on_read
            faults.on_submit = faults.on_cancel = faults.on_read = lambda _request: LOST
            await world.clock.sleep(AWAY)
            faults.on_submit, faults.on_cancel, faults.on_read = submit, cancel, read

        world.begin(away())

    def verify(world: World) -> list[str]:
        return findings(world, naked_max=AWAY + ANSWER + NAKED_MAX)

    assert amiss_when(scenario, fail, verify) == {}
