"""Trouble that kills nobody, beginning at every call in turn: a halt, a second leader, a store or a venue that is away.

``HYPOTHESIS_PROFILE=nightly`` lets it begin at every call, else at every second one.
"""

from typing import Any

import pytest
from tests.support.oracle import NAKED_MAX, entries_of, findings
from tests.support.scenarios import LIMIT, SCENARIOS, THIN, THOROUGH, Scenario, play
from tests.support.taps import Stage
from tests.support.troubles import AWAY, Trouble, Verify, another_leader, halt, store_away, troubled, venue_away
from tests.support.world import SYMBOL, Death, World

from petrosa_core.audit.entries import SignalJudged, StateSet
from petrosa_core.decision import Outcome
from petrosa_core.values import SECOND, Duration, Leg

ANSWER: Duration = 10 * SECOND
"""How long the venue leaves a lost request without an answer."""

RECOVERY = 16
"""As many calls as a recovery makes before the gate is open."""

RESTING = Scenario(
    name="usdm-rests-filled-in-part", setup=THIN, body={**LIMIT, "quantity": 3}, moves=((SECOND, "100.1"),)
)
CALM = {
    "usdm-to-target",
    "usdm-fills-in-pieces",
    "spot-list-to-target",
    "spot-list-filled-in-part",
    "spot-plain-then-oco",
}
STORIES = [*(scenario for scenario in SCENARIOS if scenario.name in CALM), RESTING]


def amiss_when(scenario: Scenario, trouble: Trouble, verify: Verify = findings) -> dict[str, list[str]]:
    """What is wrong after trouble that begins at each call in turn."""
    calls = play(scenario).calls(0)
    return {
        f"from call {at} ({calls[at - 1]}) on": found
        for at in range(1, len(calls) + 1, 1 if THOROUGH else 2)
        if (found := troubled(scenario, at, trouble, verify))
    }


def every_story(test: Any) -> Any:
    """Tell it with each story."""
    return pytest.mark.parametrize("scenario", STORIES, ids=lambda scenario: scenario.name)(test)


def halted(world: World) -> list[str]:
    """What is wrong after a halt."""
    entries = entries_of(world)
    since = next((at for at, entry in enumerate(entries) if isinstance(entry, StateSet)), None)
    if since is None:
        return [*findings(world), "halt: it is not in the journal"]
    late = [e for e in entries[since:] if isinstance(e, SignalJudged) and e.outcome is Outcome.ACCEPTED]
    resting = [o for o in world.witness.live(SYMBOL) if o.client_order_id in world.witness.accepted(Leg.ENTRY)]
    return [
        *findings(world),
        *(f"halt: {entry.message_id} was accepted after it" for entry in late),
        *(f"halt: {order.client_order_id} rests" for order in resting),
    ]


@every_story
def test_a_halt_at_any_call_cancels_the_entry_and_keeps_the_stops(scenario: Scenario):
    """Given a halt at any step, then no entry is judged good or rests after it, and what is held stays covered."""
    assert amiss_when(scenario, halt, halted) == {}


@every_story
def test_a_halt_at_any_call_of_a_recovery_is_as_good(scenario: Scenario):
    """Given a halt while an engine is still reading the journal and the venue, then nothing is stepped on half a book."""
    calls = play(scenario).calls(0)
    entered = next(number for number, name in enumerate(calls, start=1) if name.startswith("submit"))
    death = Death(call=entered + 2, stage=Stage.AFTER)
    recovery = play(scenario, death).calls(1)

    amiss = {
        f"at call {at} ({recovery[at - 1]})": found
        for at in range(1, min(len(recovery), RECOVERY) + 1)
        if (found := troubled(scenario, at, halt, halted, life=1, deaths=[death]))
    }

    assert amiss == {}


@every_story
def test_a_second_leader_at_any_call_makes_the_first_stand_down(scenario: Scenario):
    """Given an engine that is not dead, when another takes over, then the first one stands down, and nothing is done twice."""

    def verify(world: World) -> list[str]:
        still = [] if world.replicas[0].engine.stood_down else ["leader: the first one leads still"]
        return [*findings(world), *still]

    assert amiss_when(scenario, another_leader, verify) == {}


@pytest.mark.parametrize("applied", [False, True], ids=["writes-are-lost", "writes-stand-unanswered"])
@every_story
def test_a_store_that_is_away_from_any_call_on_stops_no_exit(scenario: Scenario, applied: bool):
    """Given a store that fails for a while, then exits go out on time, no entry goes out unwritten or late, and the record is
    whole when the store is back."""
    assert amiss_when(scenario, store_away(applied=applied)) == {}


@every_story
def test_a_venue_that_is_away_from_any_call_on_is_dealt_with_when_it_is_back(scenario: Scenario):
    """Given a venue that takes nothing in for a while, then positions are covered or closed soon after it is back."""

    def verify(world: World) -> list[str]:
        return findings(world, naked_max=AWAY + ANSWER + NAKED_MAX)

    assert amiss_when(scenario, venue_away, verify) == {}
