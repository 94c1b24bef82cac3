"""What decisions are made with, as settings: the core's own limits, policy and sizer, named and bounded for an environment.

Nothing is repeated here: a limit's name, default and bounds are read from the core's table, every other default from the class
that it is a field of. What this page adds is the sentence that says what a setting is for.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final, TypeAlias

import attrs

from petrosa_core.decision import Bound, PositionSizer, RiskPolicy, SizingMode, Tighter, bounds
from petrosa_core.decision.policy import SLIPPAGE_HARD
from petrosa_core.decision.refusals import Unit
from petrosa_core.values import SECOND, plain
from petrosa_entrypoints.settings.kinds import Kind, amount, choice, flag, percent, ratio, seconds, whole, words
from petrosa_entrypoints.settings.row import Row

Declared: TypeAlias = Mapping[str, tuple[str, Kind[Any], str]]
"""By field: the setting's name, its kind, and its meaning."""

_MOST: Final = MappingProxyType(
    {Unit.FRACTION: 1, Unit.MULTIPLE: 10, Unit.COUNT: 1_000_000, Unit.SECONDS: 86_400 * SECOND}
)
"""Where a minimum has no bound of its own, because stricter is always allowed: the largest value that makes sense."""

LIMITS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "confidence_min": "Least confidence of a signal that may trade.",
        "signal_age_max": "A signal older than this is stale, at the intake and again just before the send.",
        "signal_ahead_max": "How far a signal's timestamp may lie in the future.",
        "quote_age_max": "A price of the venue older than this is no price.",
        "price_collar": "How far a limit price may lie from the venue's price.",
        "signal_drift_max": "How far the market may have moved away from the price that the signal saw.",
        "stop_distance_min": "A stop nearer to the entry than this is refused.",
        "stop_distance_max": "A stop farther from the entry than this is refused.",
        "stop_notional_margin": "On spot, what a position must be worth at its stop, in multiples of the venue's minimum.",
        "balance_buffer": "Part of the free balance that no entry may spend.",
        "open_trades_max": "Trades that may be open at once.",
        "exposure_max": "All positions together, as a fraction of the equity.",
        "symbol_exposure_max": "The positions on one symbol, as a fraction of the equity.",
        "daily_loss_max": "Loss of a UTC day, as a fraction of the equity it began with, from which nothing is entered.",
        "drawdown_max": "Fall of the equity from its highest, from which nothing is entered.",
        "entries_per_minute": "Entries in any minute.",
        "entries_per_day": "Entries in a UTC day.",
        "repeat_after_min": "Time between entries of one strategy on one symbol and side; 0 is off.",
    }
)
"""What each of the core's limits is for."""

POLICY: Final[Declared] = MappingProxyType(
    {
        "stop_default": ("STOP_LOSS_DEFAULT", percent("0.02", "50"), "Stop distance where a signal names none."),
        "target_default": ("TAKE_PROFIT_DEFAULT", percent("0.02", "100"), "Target distance where a signal names none."),
        "stop_atr": ("STOP_ATR_MULTIPLE", ratio("multiples of the ATR", "0.1", "100"), "Stop distance by the signal's ATR."),
        "target_atr": (
            "TARGET_ATR_MULTIPLE",
            ratio("multiples of the ATR", "0.1", "100"),
            "Target distance by the signal's ATR.",
        ),
        "slippage_max": (
            "MAX_SLIPPAGE",
            ratio("fraction of one", "0", plain(SLIPPAGE_HARD)),
            "How much worse than the quote a market-like entry may fill.",
        ),
        "entry_age_max": ("ENTRY_MAX_AGE_SECONDS", seconds("1", "86400"), "A resting entry is cancelled after this."),
        "one_trade_per_symbol": ("ONE_TRADE_PER_SYMBOL", flag(), "Whether a symbol may carry one open trade only."),
        "symbols_allowed": (
            "SYMBOLS_ALLOWED",
            words(r"[A-Z0-9]{5,20}", "symbols parted by commas", upper=True, many=False),
            "Symbols that may be traded; without it all that the venue trades.",
        ),
        "strategies_denied": (
            "STRATEGIES_DENIED",
            words(r".+", "strategies parted by commas"),
            "Strategies that may not trade.",
        ),
        "zero_quantity_refused_sources": (
            "ZERO_QUANTITY_REFUSED_SOURCES",
            words(r".+", "sources parted by commas"),
            "Sources whose quantity 0 means that there shall be no trade.",
        ),
    }
)  # fmt: skip
"""The fields of the policy that are no limits."""

SIZER: Final[Declared] = MappingProxyType(
    {
        "mode": ("SIZING_MODE", choice(SizingMode), "What sets the size before the ceilings."),
        "free_share": (
            "POSITION_FRACTION",
            ratio("fraction of one", "0.0001", "1"),
            "Free balance that a wholly confident signal spends (mode confidence).",
        ),
        "risk_share": (
            "RISK_FRACTION",
            ratio("fraction of one", "0.0001", "1"),
            "Equity that a trade loses at its stop, fees and slippage included (mode risk).",
        ),
        "stop_slippage": (
            "STOP_SLIPPAGE",
            ratio("fraction of one", "0", "0.1"),
            "How much worse than its level a stop is taken to fill (mode risk).",
        ),
        "notional": (
            "POSITION_NOTIONAL",
            amount("quote units", "1", "1000000000"),
            "Worth of every trade (mode notional).",
        ),
        "notional_max": ("MAX_POSITION_NOTIONAL", amount("quote units", "1", "1000000000"), "No trade is worth more."),
    }
)
"""The fields of the sizer."""


def _kind_of(bound: Bound) -> Kind[Any]:
    at_most = bound.tighter is Tighter.LOWER
    low, high = (0, bound.hard) if at_most else (bound.hard, _MOST[bound.unit])
    if bound.unit is Unit.COUNT:
        return whole("", int(low), int(high))
    if bound.unit is Unit.SECONDS:
        return seconds(plain(Decimal(low) / SECOND), plain(Decimal(high) / SECOND))
    return ratio(bound.unit.value, plain(Decimal(low)), plain(Decimal(high)))


def _with_default(owner: type[attrs.AttrsInstance], row: Row) -> Row:
    """The row with the default that its field has in the core."""
    default = attrs.fields_dict(owner)[row.field].default
    return attrs.evolve(row, default=None if default is None else row.kind.show(default))


def policy_rows(group: str) -> Iterator[Row]:
    """The settings of the risk policy: what an operator thinks of first, then every limit in the order of the checks."""
    for field, (name, kind, meaning) in POLICY.items():
        yield _with_default(
            RiskPolicy, Row(name=name, kind=kind, default=None, meaning=meaning, group=group, field=field)
        )
    for bound in bounds():
        kind, meaning = _kind_of(bound), LIMITS[bound.field]
        row = Row(name=bound.setting, kind=kind, default=None, meaning=meaning, group=group, field=bound.field)
        yield _with_default(RiskPolicy, row)


def sizer_rows(group: str) -> Iterator[Row]:
    """The settings of the position sizer."""
    for field, (name, kind, meaning) in SIZER.items():
        yield _with_default(
            PositionSizer, Row(name=name, kind=kind, default=None, meaning=meaning, group=group, field=field)
        )
