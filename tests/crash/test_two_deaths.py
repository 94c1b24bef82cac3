"""Kill the engine, and kill the engine that recovers from it.

``HYPOTHESIS_PROFILE=nightly`` tells every pair of deaths; else so many of them as are drawn, from the same seed every time.
"""

from collections.abc import Iterator
from random import Random

import pytest
from tests.support.scenarios import SCENARIOS, THOROUGH, Scenario, deaths_of, play
from tests.support.taps import Stage
from tests.support.world import Death

NAMES = {
    "usdm-to-target",
    "usdm-entry-executed-unanswered",
    "usdm-stop-unanswered",
    "spot-list-to-target",
    "spot-list-unanswered",
    "spot-plain-then-oco",
}
TWICE = [scenario for scenario in SCENARIOS if scenario.name in NAMES]
DRAWN = 60
RECOVERY_CALLS = 45
"""More than a recovery makes before its trade is settled again."""


def every_pair(scenario: Scenario) -> Iterator[tuple[Death, Death]]:
    """Each death of the first engine, and each of the one that follows it."""
    for first in deaths_of(play(scenario).calls(0), thorough=True):
        for second in deaths_of(play(scenario, first).calls(1), life=1, thorough=True):
            yield first, second


def some_pairs(scenario: Scenario) -> Iterator[tuple[Death, Death]]:
    """So many as are drawn."""
    draw = Random(scenario.name)
    firsts = list(deaths_of(play(scenario).calls(0), thorough=True))
    for first in draw.sample(firsts, min(DRAWN, len(firsts))):
        yield first, Death(life=1, call=draw.randint(1, RECOVERY_CALLS), stage=draw.choice(list(Stage)))


@pytest.mark.parametrize("scenario", TWICE, ids=lambda scenario: scenario.name)
def test_a_death_within_the_recovery_leaves_nothing_amiss(scenario: Scenario):
    """Given a death, when the engine that takes over dies on its way as well, then the third one puts everything right."""
    pairs = every_pair(scenario) if THOROUGH else some_pairs(scenario)

    amiss = {str(pair): found for pair in pairs if (found := play(scenario, *pair).findings)}

    assert amiss == {}
