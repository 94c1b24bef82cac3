"""The one table of controls: every refusal with its meaning, its setting, its default and hard limit, and their unit.

It is made of the refusals and the limits themselves, so that it cannot say anything else than the program does; the
reference page is written from it. The order is the order of precedence.
"""

from typing import Final

import attrs

from petrosa_core.decision.limits import Bound, Tighter, bounds
from petrosa_core.decision.policy import SLIPPAGE_HARD, RiskPolicy
from petrosa_core.decision.refusals import (
    REFUSALS,
    BalanceInsufficient,
    ConfidenceTooLow,
    DailyLoss,
    Drawdown,
    ExposureLimit,
    Finding,
    NotionalBelowMinimum,
    OrderRate,
    PriceCollar,
    RepeatedEntry,
    SignalDrift,
    SignalFromFuture,
    StaleQuote,
    StaleSignal,
    StopTooClose,
    StopTooFar,
    SymbolExposureLimit,
    TooManyOpenTrades,
    Unit,
    seconds,
)
from petrosa_core.values import Ratio, plain

_LIMITED_BY: Final[dict[type[Finding], tuple[str, ...]]] = {
    ConfidenceTooLow: ("confidence_min",),
    SignalFromFuture: ("signal_ahead_max",),
    StaleSignal: ("signal_age_max",),
    StaleQuote: ("quote_age_max",),
    PriceCollar: ("price_collar",),
    SignalDrift: ("signal_drift_max",),
    StopTooClose: ("stop_distance_min",),
    StopTooFar: ("stop_distance_max",),
    NotionalBelowMinimum: ("stop_notional_margin",),
    BalanceInsufficient: ("balance_buffer",),
    TooManyOpenTrades: ("open_trades_max",),
    ExposureLimit: ("exposure_max",),
    SymbolExposureLimit: ("symbol_exposure_max",),
    DailyLoss: ("daily_loss_max",),
    Drawdown: ("drawdown_max",),
    OrderRate: ("entries_per_minute", "entries_per_day"),
    RepeatedEntry: ("repeat_after_min",),
}


@attrs.frozen(kw_only=True)
class Control:
    """One refusal, and the limits behind it; a refusal without one is a matter of fact, or of a list in the policy."""

    code: str
    meaning: str
    bounds: tuple[Bound, ...]


def _table() -> tuple[Control, ...]:
    by_field = {bound.field: bound for bound in bounds()}
    return tuple(
        Control(
            code=refusal.code,
            meaning=refusal.meaning(),
            bounds=tuple(by_field[field] for field in _LIMITED_BY.get(refusal, ())),
        )
        for refusal in REFUSALS
    )


CONTROLS: Final = _table()
"""Every control, in order of precedence."""


_OPENING: Final = f"""\
# Refusals and limits

Every reason for which a signal is denied, in order of precedence: all that apply are reported, the first one is shown first.
This page is written from the program (`petrosa_core.decision.controls`); a test fails when it is stale.

Each limit can be changed while the engine runs, but never beyond its hard one, which is fixed at the start.
Being exactly at a limit is allowed.
Numbers are as the program has them, a fraction of one being 0.02 for 2 %; a setting may be written in another unit.
Exposures are multiples of the equity, the drawdown is a fraction of the highest equity, the daily loss of the day's first.
A market order may fill at most {RiskPolicy().slippage_max} of the quote away from it; the hard limit is {SLIPPAGE_HARD}.

| code | meaning | setting | default | hard | stricter is |
|---|---|---|---|---|---|"""


def reference() -> str:
    """The reference page, in Markdown."""
    lines = [_OPENING]
    for control in CONTROLS:
        rows = [_cells(bound) for bound in control.bounds] or [("", "", "", "")]
        for number, cells in enumerate(rows):
            code, meaning = (f"`{control.code}`", control.meaning) if number == 0 else ("", "")
            lines.append(f"| {' | '.join((code, meaning, *cells))} |")
    return "\n".join(lines) + "\n"


def _cells(bound: Bound) -> tuple[str, str, str, str]:
    unit = "" if bound.unit is Unit.COUNT else f" {bound.unit}"
    return (
        f"`{bound.setting}`",
        f"{_shown(bound.default, bound.unit)}{unit}",
        _shown(bound.hard, bound.unit),
        "lower" if bound.tighter is Tighter.LOWER else "higher",
    )


def _shown(value: Ratio | int, unit: Unit) -> str:
    if isinstance(value, int):
        return seconds(value) if unit is Unit.SECONDS else str(value)
    return plain(value)
