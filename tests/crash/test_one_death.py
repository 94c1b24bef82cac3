"""Kill the engine at every call that it makes, start it again, and look at what is left.

``HYPOTHESIS_PROFILE=nightly`` kills it at every stage of every call; else stages that nothing tells apart are told once.
"""

import pytest
from tests.support.scenarios import SCENARIOS, Scenario, deaths_of, play


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_a_story_without_a_death_leaves_nothing_amiss(scenario: Scenario):
    """Whatever the venue does in it, each story ends covered or flat, written down, and answered once."""
    assert play(scenario).findings == []


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_a_death_at_any_call_leaves_nothing_amiss(scenario: Scenario):
    """Given a story and the place of a death, when another engine takes over, then all that must be true is true."""
    calls = play(scenario).calls(0)

    amiss = {
        f"{death.stage.value} call {death.call} ({calls[death.call - 1]})": found
        for death in deaths_of(calls)
        if (found := play(scenario, death).findings)
    }

    assert amiss == {}
