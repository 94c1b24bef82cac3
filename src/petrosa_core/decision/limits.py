"""The limits that a decision may not cross: name, default, hard bound, unit and direction of each, in one place.

1. A field *is* its row: what the documents and the settings say of a limit is read from it.
2. A limit only ever denies. Nothing here changes a plan, so a tighter limit can never let a signal through.
3. The soft limit may be changed while the engine runs, but never beyond the hard one, which is fixed when it starts.
"""

# ruff: noqa: RUF009  (a call of ``limit`` is the declaration of a field, as attrs.field is)

from collections.abc import Iterator
from enum import StrEnum
from typing import Any, Final, TypeVar

import attrs

from petrosa_core.decision.refusals import Unit
from petrosa_core.values import HOUR, MINUTE, SECOND, Duration, Ratio

T = TypeVar("T", bound="Ratio | int")
_BOUND: Final = "bound"


class Tighter(StrEnum):
    """Which way a limit becomes stricter."""

    LOWER = "maximum"
    HIGHER = "minimum"


@attrs.frozen(kw_only=True)
class Bound:
    """What there is to know of one limit: its setting's name, default and hard bound, unit, and stricter direction."""

    field: str = ""
    setting: str
    default: Ratio | int
    hard: Ratio | int
    unit: Unit
    tighter: Tighter

    def is_looser(self, value: Ratio | int, than: Ratio | int) -> bool:
        """Whether ``value`` allows more than the other."""
        return value > than if self.tighter is Tighter.LOWER else value < than


def at_most(default: T, *, hard: T, setting: str, unit: Unit) -> T:
    """Declare a maximum as a field of an attrs class."""
    bound = Bound(setting=setting, default=default, hard=hard, unit=unit, tighter=Tighter.LOWER)
    return attrs.field(default=default, metadata={_BOUND: bound})


def at_least(default: T, *, hard: T, setting: str, unit: Unit) -> T:
    """Declare a minimum as a field of an attrs class."""
    bound = Bound(setting=setting, default=default, hard=hard, unit=unit, tighter=Tighter.HIGHER)
    return attrs.field(default=default, metadata={_BOUND: bound})


@attrs.frozen(kw_only=True)
class Limits:
    """Every number that a signal, the market, the plan or the account is held to.

    Ratios are fractions of one (2 % is 0.02), times are microseconds. Being exactly at a limit is allowed.
    Exposures and losses are fractions of the account's equity; losses of the day, of the equity that it began with.

    Raises ValueError for a limit below zero, and for stop distances that leave no stop legal.
    """

    confidence_min: Ratio = at_least(Ratio("0.5"), hard=Ratio(0), setting="CONFIDENCE_MIN", unit=Unit.FRACTION)
    signal_age_max: Duration = at_most(300 * SECOND, hard=HOUR, setting="SIGNAL_MAX_AGE_SECONDS", unit=Unit.SECONDS)
    signal_ahead_max: Duration = at_most(5 * SECOND, hard=MINUTE, setting="SIGNAL_MAX_AHEAD_SECONDS", unit=Unit.SECONDS)
    quote_age_max: Duration = at_most(10 * SECOND, hard=MINUTE, setting="QUOTE_MAX_AGE_SECONDS", unit=Unit.SECONDS)
    price_collar: Ratio = at_most(Ratio("0.05"), hard=Ratio("0.1"), setting="PRICE_COLLAR", unit=Unit.FRACTION)
    signal_drift_max: Ratio = at_most(Ratio("0.02"), hard=Ratio("0.05"), setting="SIGNAL_DRIFT_MAX", unit=Unit.FRACTION)
    stop_distance_min: Ratio = at_least(
        Ratio("0.001"), hard=Ratio("0.0002"), setting="STOP_DISTANCE_MIN", unit=Unit.FRACTION
    )
    stop_distance_max: Ratio = at_most(Ratio("0.2"), hard=Ratio("0.5"), setting="STOP_DISTANCE_MAX", unit=Unit.FRACTION)
    stop_notional_margin: Ratio = at_least(
        Ratio("1.2"), hard=Ratio(1), setting="STOP_NOTIONAL_MARGIN", unit=Unit.MULTIPLE
    )
    balance_buffer: Ratio = at_least(Ratio("0.05"), hard=Ratio(0), setting="BALANCE_BUFFER", unit=Unit.FRACTION)
    open_trades_max: int = at_most(5, hard=20, setting="MAX_OPEN_TRADES", unit=Unit.COUNT)
    exposure_max: Ratio = at_most(Ratio(1), hard=Ratio(2), setting="MAX_EXPOSURE", unit=Unit.FRACTION)
    symbol_exposure_max: Ratio = at_most(
        Ratio("0.1"), hard=Ratio("0.2"), setting="MAX_SYMBOL_EXPOSURE", unit=Unit.FRACTION
    )
    daily_loss_max: Ratio = at_most(Ratio("0.03"), hard=Ratio("0.05"), setting="MAX_DAILY_LOSS", unit=Unit.FRACTION)
    drawdown_max: Ratio = at_most(Ratio("0.1"), hard=Ratio("0.2"), setting="MAX_DRAWDOWN", unit=Unit.FRACTION)
    entries_per_minute: int = at_most(10, hard=30, setting="MAX_ENTRIES_PER_MINUTE", unit=Unit.COUNT)
    entries_per_day: int = at_most(200, hard=500, setting="MAX_ENTRIES_PER_DAY", unit=Unit.COUNT)
    repeat_after_min: Duration = at_least(0, hard=0, setting="REPEAT_AFTER_SECONDS", unit=Unit.SECONDS)

    def __attrs_post_init__(self) -> None:
        """Refuse limits that mean nothing, or that contradict each other."""
        for bound in bounds():
            if getattr(self, bound.field) < 0:
                raise ValueError(f"{bound.field}: must not be negative, was {getattr(self, bound.field)}")
        if self.stop_distance_max >= 1:
            raise ValueError(f"stop_distance_max: a stop has a price only below 1, was {self.stop_distance_max}")
        if self.stop_distance_min >= self.stop_distance_max:
            between = f"{self.stop_distance_min} and {self.stop_distance_max}"
            raise ValueError(f"stop_distance_min: no stop would be legal between {between}")

    def looser_than(self, outer: "Limits") -> tuple[str, ...]:
        """The names of the limits that allow more here than in ``outer``."""
        return tuple(
            bound.field
            for bound in bounds()
            if bound.is_looser(getattr(self, bound.field), getattr(outer, bound.field))
        )


def bounds() -> Iterator[Bound]:
    """Every limit, in order."""
    for field in attrs.fields(Limits):
        yield attrs.evolve(field.metadata[_BOUND], field=field.name)


def _hardest() -> Limits:
    hard: dict[str, Any] = {bound.field: bound.hard for bound in bounds()}
    return Limits(**hard)


HARD: Final = _hardest()
"""The hard limits that hold where none are given."""
