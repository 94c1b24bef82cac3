"""The limits and the policy: their defaults, and that no senseless or too loose one can be made."""

from typing import Any

import attrs
import pytest
from tests.support.decisions import a_policy

from petrosa_core.decision import HARD, Bound, Limits, RiskPolicy, Tighter, bounds
from petrosa_core.decision.policy import SLIPPAGE_HARD
from petrosa_core.values import HOUR, MINUTE, SECOND, Mode, Ratio

BOUNDS = {bound.field: bound for bound in bounds()}


def loosened(bound: Bound) -> Ratio | int:
    """One step looser than the hard limit."""
    sign = 1 if bound.tighter is Tighter.LOWER else -1
    return bound.hard + sign if isinstance(bound.hard, int) else Ratio(bound.hard + sign * Ratio("0.0001"))


@pytest.mark.parametrize(
    ("field", "default", "hard"),
    [
        ("confidence_min", Ratio("0.5"), Ratio(0)),
        ("signal_age_max", 300 * SECOND, HOUR),
        ("signal_ahead_max", 5 * SECOND, MINUTE),
        ("quote_age_max", 10 * SECOND, MINUTE),
        ("price_collar", Ratio("0.05"), Ratio("0.1")),
        ("signal_drift_max", Ratio("0.02"), Ratio("0.05")),
        ("stop_distance_min", Ratio("0.001"), Ratio("0.0002")),
        ("stop_distance_max", Ratio("0.2"), Ratio("0.5")),
        ("stop_notional_margin", Ratio("1.2"), Ratio(1)),
        ("balance_buffer", Ratio("0.05"), Ratio(0)),
        ("open_trades_max", 5, 20),
        ("exposure_max", Ratio(1), Ratio(2)),
        ("symbol_exposure_max", Ratio("0.1"), Ratio("0.2")),
        ("daily_loss_max", Ratio("0.03"), Ratio("0.05")),
        ("drawdown_max", Ratio("0.1"), Ratio("0.2")),
        ("entries_per_minute", 10, 30),
        ("entries_per_day", 200, 500),
        ("repeat_after_min", 0, 0),
    ],
)
def test_every_limit_has_its_default_and_its_hard_bound(field, default, hard):
    """A change of a number is a change of this table."""
    assert (getattr(RiskPolicy(), field), getattr(HARD, field)) == (default, hard)
    assert (BOUNDS[field].default, BOUNDS[field].hard) == (default, hard)


def test_the_table_above_is_complete():
    """A new limit is declared as one, with a setting of its own."""
    assert list(BOUNDS) == [field.name for field in attrs.fields(Limits)]
    assert len(BOUNDS) == 18
    assert len({bound.setting for bound in BOUNDS.values()}) == len(BOUNDS)


@pytest.mark.parametrize("field", [name for name in BOUNDS if BOUNDS[name].hard > 0])
def test_no_limit_may_be_looser_than_the_hard_one(field):
    """At the hard limit a policy can be made, a step beyond it cannot, unless the hard one is moved at the start."""
    bound = BOUNDS[field]
    at: dict[str, Any] = {field: bound.hard}
    beyond: dict[str, Any] = {field: loosened(bound)}

    assert getattr(RiskPolicy(**at), field) == bound.hard
    with pytest.raises(ValueError, match=field):
        RiskPolicy(**beyond)
    if field != "stop_notional_margin":
        assert getattr(a_policy(**beyond), field) == loosened(bound)


def test_all_that_is_too_loose_is_named():
    """In the order of the table."""
    with pytest.raises(ValueError, match="looser than the hard limit: price_collar, open_trades_max"):
        RiskPolicy(open_trades_max=21, price_collar=Ratio("0.11"))


def test_looser_is_a_matter_of_direction():
    """A maximum is looser when it is higher, a minimum when it is lower; equal is not looser."""
    assert Limits().looser_than(Limits()) == ()
    assert Limits(open_trades_max=6).looser_than(Limits()) == ("open_trades_max",)
    assert Limits(open_trades_max=4).looser_than(Limits()) == ()
    assert Limits(confidence_min=Ratio("0.4")).looser_than(Limits()) == ("confidence_min",)
    assert Limits(confidence_min=Ratio("0.6")).looser_than(Limits()) == ()


@pytest.mark.parametrize("field", [bound.field for bound in BOUNDS.values() if isinstance(bound.default, int)])
def test_a_limit_below_zero_means_nothing(field):
    """Zero is a limit, less is a mistake."""
    nothing: dict[str, Any] = {field: 0}
    less: dict[str, Any] = {field: -1}

    assert getattr(Limits(**nothing), field) == 0
    with pytest.raises(ValueError, match=f"{field}: must not be negative, was -1"):
        Limits(**less)


def test_stop_distances_have_to_leave_a_stop_legal():
    """A minimum at or above the maximum would deny every signal; a maximum of one would allow a stop at nothing."""
    assert Limits(stop_distance_min=Ratio("0.1"), stop_distance_max=Ratio("0.1001")).stop_distance_min == Ratio("0.1")
    with pytest.raises(ValueError, match=r"no stop would be legal between 0\.1 and 0\.1"):
        Limits(stop_distance_min=Ratio("0.1"), stop_distance_max=Ratio("0.1"))
    assert Limits(stop_distance_max=Ratio("0.9999")).stop_distance_max == Ratio("0.9999")
    with pytest.raises(ValueError, match="stop_distance_max"):
        Limits(stop_distance_max=Ratio(1))


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ({"stop_default": Ratio("0.2001")}, {"stop_default": Ratio("0.2")}),
        ({"stop_default": Ratio("0.0009")}, {"stop_default": Ratio("0.001")}),
        ({"target_default": Ratio("1.0001")}, {"target_default": Ratio(1)}),
        ({"target_default": Ratio(0)}, {"target_default": Ratio("0.0001")}),
        ({"stop_atr": Ratio(0)}, {"stop_atr": Ratio("0.01")}),
        ({"target_atr": Ratio(0)}, {"target_atr": Ratio("0.01")}),
        ({"slippage_max": Ratio("0.0101")}, {"slippage_max": Ratio("0.01")}),
        ({"entry_age_max": 0}, {"entry_age_max": 1}),
    ],
)
def test_terms_that_could_not_work_are_refused(wrong, right):
    """What would deny, or lose, every trade is found at the start; at the bound it works."""
    with pytest.raises(ValueError, match=next(iter(wrong))):
        RiskPolicy(**wrong)
    assert RiskPolicy(**right).looser_than(HARD) == ()


def test_a_default_stop_outside_of_the_limits_says_between_which():
    """The operator sees both limits and the value."""
    with pytest.raises(ValueError, match=r"^stop_default: must be between 0\.001 and 0\.2, was 0\.3$"):
        RiskPolicy(stop_default=Ratio("0.3"))


def test_the_terms_have_the_specifications_defaults():
    """Stop 2 %, target 5 %, and the design's word on the rest."""
    policy = RiskPolicy()

    assert (policy.stop_default, policy.target_default) == (Ratio("0.02"), Ratio("0.05"))
    assert (policy.stop_atr, policy.target_atr) == (Ratio(2), Ratio(5))
    assert (policy.slippage_max, SLIPPAGE_HARD) == (Ratio("0.003"), Ratio("0.01"))
    assert policy.entry_age_max == 300 * SECOND
    assert policy.one_trade_per_symbol
    assert policy.symbols_allowed is None
    assert policy.strategies_denied == {"bollinger_squeeze_alert"}
    assert policy.zero_quantity_refused_sources == {"petrosa-cio"}
    assert policy.timestamp_required == {Mode.LIVE}
    assert policy.hard == HARD
