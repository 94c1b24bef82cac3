"""The refusals as an interface: stable codes, one meaning each, their numbers as text, and a page that is never stale."""

import re
from decimal import Decimal
from pathlib import Path

import pytest

from petrosa_core.decision import CONTROLS, Reason, bounds, reference, refusals
from petrosa_core.decision.refusals import (
    REFUSALS,
    ConfidenceTooLow,
    DailyLoss,
    Finding,
    IdentityReused,
    LevelOutOfBand,
    OrderRate,
    StaleSignal,
    TimestampRequired,
    seconds,
)
from petrosa_core.values import Ratio

CODES = [
    "IDENTITY_REUSED",
    "ZERO_QUANTITY",
    "CONFIDENCE_OUT_OF_RANGE",
    "CONFIDENCE_TOO_LOW",
    "UNKNOWN_SYMBOL",
    "SYMBOL_NOT_TRADING",
    "SYMBOL_NOT_ALLOWED",
    "STRATEGY_NOT_ALLOWED",
    "ORDER_TYPE_NOT_SUPPORTED",
    "SHORT_ON_SPOT",
    "TIMESTAMP_REQUIRED",
    "SIGNAL_FROM_FUTURE",
    "STALE_SIGNAL",
    "ENTRY_EXPIRED",
    "NO_QUOTE",
    "STALE_QUOTE",
    "PRICE_COLLAR",
    "SIGNAL_DRIFT",
    "TRIGGER_ON_WRONG_SIDE",
    "RATIO_OUT_OF_RANGE",
    "STOP_ON_WRONG_SIDE",
    "TARGET_ON_WRONG_SIDE",
    "STOP_TOO_CLOSE",
    "STOP_TOO_FAR",
    "LEVEL_OUT_OF_BAND",
    "QUANTITY_MISSING",
    "QUANTITY_BELOW_MINIMUM",
    "NOTIONAL_BELOW_MINIMUM",
    "NOTIONAL_ABOVE_MAXIMUM",
    "NO_BALANCE",
    "BALANCE_INSUFFICIENT",
    "TRADE_OPEN_ON_SYMBOL",
    "TOO_MANY_OPEN_TRADES",
    "EXPOSURE_LIMIT",
    "SYMBOL_EXPOSURE_LIMIT",
    "DAILY_LOSS",
    "DRAWDOWN",
    "ORDER_RATE",
    "REPEATED_ENTRY",
    "ORDER_UNKNOWN_PENDING",
    "FOREIGN_POSITION",
    "TRADING_HALTED",
    "ENGINE_NOT_READY",
]


def test_codes_are_an_interface():
    """A code may be added here; none may be renamed or go away."""
    assert [refusal.code for refusal in REFUSALS] == CODES


def test_a_code_is_its_class_in_capitals():
    """Whoever sees the one finds the other."""
    for refusal in REFUSALS:
        assert re.sub(r"(?<=[a-z])(?=[A-Z])", "_", refusal.__name__).upper() == refusal.code


def test_every_refusal_is_in_the_union():
    """A class that is not in the union would be a reason that nobody has to handle."""
    ours = {cls.__name__ for cls in Finding.__subclasses__() if cls.__module__.startswith("petrosa_core.")}

    assert ours == {refusal.__name__ for refusal in REFUSALS}
    assert {refusal.__name__ for refusal in REFUSALS} <= set(refusals.__all__)


def test_every_refusal_has_a_meaning_of_one_sentence():
    """It is shown to people."""
    for refusal in REFUSALS:
        assert re.fullmatch(r"[A-Z][^|\n]{20,110}\.", refusal.meaning()), refusal


def test_a_refusal_without_its_docstring_means_its_code():
    """Optimised bytecode has no docstrings."""

    class Bare(Finding):
        code = "BARE"

    Bare.__doc__ = None
    assert Bare.meaning() == "BARE"


def test_only_the_first_line_is_the_meaning():
    """What follows is for readers of the code."""

    class Longer(Finding):
        """The meaning.

        And more about it.
        """

        code = "LONGER"

    assert Longer.meaning() == "The meaning."


@pytest.mark.parametrize(
    ("refusal", "recorded"),
    [
        (
            ConfidenceTooLow(Decimal("0.4"), Ratio("0.5")),
            Reason(
                code="CONFIDENCE_TOO_LOW",
                message="The strategy is less confident than we ask for: confidence 0.4, minimum 0.5",
                value="0.4",
                limit="0.5",
            ),
        ),
        (
            StaleSignal(421_500_000, 300_000_000),
            Reason(
                code="STALE_SIGNAL",
                message="The signal is too old to act on: age 421.5, maximum 300",
                value="421.5",
                limit="300",
            ),
        ),
        (
            OrderRate(11, 10, "minute"),
            Reason(
                code="ORDER_RATE",
                message=(
                    "More entries than allowed in the window: a strategy may be running away:"
                    " entries 11, maximum 10, window minute"
                ),
                value="11",
                limit="10",
            ),
        ),
        (
            IdentityReused("signal_id=x"),
            Reason(
                code="IDENTITY_REUSED",
                message=(
                    "The signal carries the id of an earlier one, but asks for another trade: identity signal_id=x"
                ),
                value="signal_id=x",
            ),
        ),
        (
            TimestampRequired(),
            Reason(
                code="TIMESTAMP_REQUIRED",
                message="Where money is at stake, a signal has to say when it was made",
            ),
        ),
    ],
)
def test_a_record_has_the_sentence_the_value_and_the_limit(refusal, recorded):
    """The first field is the value, the second the limit, and all of them are in the message."""
    assert refusal.record == recorded


def test_a_record_writes_numbers_as_people_do():
    """No exponent, whatever the Decimal thinks of itself."""
    assert DailyLoss(Decimal("1E+3"), Decimal("3E-7")).record.value == "1000"
    assert LevelOutOfBand(Decimal("1E-8"), Decimal("2E-8"), "stop").record.limit == "0.00000002"


@pytest.mark.parametrize(
    ("duration", "text"),
    [(0, "0"), (1, "0.000001"), (1_000_000, "1"), (10_000_000, "10"), (1_500_000, "1.5"), (61_000_010, "61.00001")],
)
def test_seconds_are_exact(duration, text):
    """Microseconds without needless zeros."""
    assert seconds(duration) == text


def test_every_limit_stands_behind_a_control():
    """A limit that no refusal names could not be explained to whoever ran into it."""
    assert [control.code for control in CONTROLS] == CODES
    named = [bound.field for control in CONTROLS for bound in control.bounds]
    assert sorted(named) == sorted(bound.field for bound in bounds())


def test_the_reference_page_is_written_from_the_table(root: Path):
    """A stale page is written anew, and has to be committed."""
    page = root / "docs" / "reference" / "refusals.md"
    written = page.read_text("utf-8") if page.exists() else ""
    if written != reference():
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(reference(), "utf-8")

    assert written == reference(), "docs/reference/refusals.md was stale and has been written anew: commit it"


def test_the_page_names_every_code_and_setting():
    """Nothing is left out on the way."""
    page = reference()

    assert all(f"| `{code}` |" in page for code in CODES)
    assert all(f"| `{bound.setting}` |" in page for bound in bounds())
    assert (
        "| `STALE_SIGNAL` | The signal is too old to act on. | `SIGNAL_MAX_AGE_SECONDS` | 300 seconds | 3600 | lower |"
        in page
    )
    assert "|  |  | `MAX_ENTRIES_PER_DAY` | 200 | 500 | lower |" in page
    assert "| `CONFIDENCE_MIN` | 0.5 fraction of one | 0 | higher |" in page
