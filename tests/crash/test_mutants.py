"""The test of the tests: engines with one thing wrong each are caught, and it is said by what."""

from collections.abc import Callable, Iterator

import pytest
from tests.support import mutants
from tests.support.scenarios import SCENARIOS, Scenario, deaths_of, play
from tests.support.troubles import Trouble, another_leader, store_away, troubled

from petrosa_core.application.engine import TradeEngine

Build = Callable[..., TradeEngine]
Hunt = Callable[[Build], Iterator[list[str]]]

STORIES = {scenario.name: scenario for scenario in SCENARIOS}


def killed(*names: str) -> Hunt:
    """These stories without a death, and with one at every call."""

    def hunt(build: Build) -> Iterator[list[str]]:
        for scenario in (STORIES[name] for name in names):
            whole = play(scenario, build=build)
            yield whole.findings
            for death in deaths_of(whole.calls(0)):
                yield play(scenario, death, build=build).findings

    return hunt


def under(trouble: Trouble, name: str) -> Hunt:
    """This story, with trouble that begins at every call."""

    def hunt(build: Build) -> Iterator[list[str]]:
        scenario: Scenario = STORIES[name]
        for at in range(1, len(play(scenario).calls(0)) + 1):
            yield troubled(scenario, at, trouble, build=build)

    return hunt


@pytest.mark.parametrize(
    ("mutant", "hunt", "check"),
    [
        (mutants.stamps_late, under(store_away(applied=True), "usdm-to-target"), "entered-late"),
        (mutants.believes_at_once, killed("usdm-entry-late-unanswered"), "given-up"),
        (mutants.sends_again, killed("usdm-entry-executed-unanswered"), "entered-twice"),
        (mutants.answers_early, killed("usdm-to-target"), "verdict"),
        (mutants.enters_unwritten, under(store_away(applied=False), "usdm-to-target"), "entered-unwritten"),
        (mutants.lets_go, killed("usdm-target-refused"), "let-go"),
        (mutants.ignores_conflict, under(another_leader, "usdm-to-target"), "fold"),
        (mutants.waits_for_the_store, under(store_away(applied=False), "usdm-to-target"), "naked"),
        (mutants.never_minds_the_naked, killed("usdm-stop-lost"), "naked"),
    ],
    ids=lambda value: getattr(value, "__name__", None) if value in vars(mutants).values() else None,
)
def test_an_engine_with_one_thing_wrong_is_caught(mutant: Build, hunt: Hunt, check: str):
    """Given the mutant, when the stories of the suite are told with it, then this check finds something."""
    assert any(finding.startswith(f"{check}: ") for found in hunt(mutant) for finding in found)
