"""Measuring on a machine that does other things as well: side by side, in turns, and only ratios are kept.

1. In every round each candidate runs once, one after the other, and the next round begins with another: what disturbs one
   disturbs the others.
2. A ratio is taken within a round; the median over all rounds is reported.
3. Pure work is measured in processor seconds of this process; what waits for a disk or a server, in seconds on the wall.
"""

import gc
import time
from collections.abc import Callable, Mapping
from statistics import median

import attrs


@attrs.frozen(kw_only=True)
class Result:
    """One line of the table. ``goal`` and ``reached`` are None where a number is told for orientation only."""

    what: str
    measured: str
    goal: str | None = None
    reached: bool | None = None
    note: str = ""


Rounds = dict[str, list[float]]
"""By candidate: what each round measured, in seconds."""


def in_turns(candidates: Mapping[str, Callable[[], float]], rounds: int) -> Rounds:
    """Let every candidate measure itself once a round; the first round only warms up."""
    names = list(candidates)
    seconds: Rounds = {name: [] for name in names}
    for number in range(rounds + 1):
        for name in names[number % len(names) :] + names[: number % len(names)]:
            measured = candidates[name]()
            if number > 0:
                seconds[name].append(measured)
    return seconds


def ratio(rounds: Rounds, ours: str, floor: str) -> float:
    """How many times the floor's seconds ours took, in the middle round."""
    return median(mine / theirs for mine, theirs in zip(rounds[ours], rounds[floor], strict=True))


def processor_seconds(work: Callable[[int], object], count: int) -> float:
    """Processor seconds of one of ``count`` calls. What earlier work left to the garbage collector is not counted."""
    gc.collect()
    before = time.process_time()
    for index in range(count):
        work(index)
    return (time.process_time() - before) / count


def at_most(what: str, measured: float, goal: float, *, unit: str = "x", note: str = "") -> Result:
    """A line for what should be small."""
    return Result(
        what=what,
        measured=f"{measured:.2f}{unit}",
        goal=f"<= {goal:g}{unit}",
        reached=measured <= goal,
        note=note,
    )


def at_least(what: str, measured: float, goal: float, *, unit: str = "x", note: str = "") -> Result:
    """A line for what should be large."""
    return Result(
        what=what,
        measured=f"{measured:.2f}{unit}",
        goal=f">= {goal:g}{unit}",
        reached=measured >= goal,
        note=note,
    )


def told(what: str, measured: str, note: str = "") -> Result:
    """A line without a goal."""
    return Result(what=what, measured=measured, note=note)
