"""The plan's own arithmetic: exit rules that become prices, notionals, and how states compare."""

from decimal import Decimal

import pytest
from tests.support.decisions import a_signal, an_instrument, plan

from petrosa_core.decision import ExitRule, LevelSource, TradingState
from petrosa_core.values import OrderType, Price, Ratio, Side

FRACTION = ExitRule(source=LevelSource.RATIO, distance=Ratio("0.02"))
ABSOLUTE = ExitRule(source=LevelSource.ATR, distance=Ratio(3), absolute=True)
FIXED = ExitRule(source=LevelSource.PRICE, price=Price(97))


@pytest.mark.parametrize("said", [{}, {"price": Price(97), "distance": Ratio("0.02")}])
def test_an_exit_is_said_in_exactly_one_way(said):
    """Both, or neither, would leave the place open."""
    with pytest.raises(ValueError, match=r"^ExitRule: exactly one of price and distance$"):
        ExitRule(source=LevelSource.PRICE, **said)


@pytest.mark.parametrize(
    ("rule", "side", "losing", "level"),
    [
        (FRACTION, Side.BUY, True, "196"),
        (FRACTION, Side.BUY, False, "204"),
        (FRACTION, Side.SELL, True, "204"),
        (FRACTION, Side.SELL, False, "196"),
        (ABSOLUTE, Side.BUY, True, "197"),
        (ABSOLUTE, Side.SELL, True, "203"),
        (FIXED, Side.BUY, True, "97"),
        (FIXED, Side.SELL, False, "97"),
    ],
)
def test_a_rule_becomes_a_level_at_an_entry(rule, side, losing, level):
    """A fraction of the entry, a distance from it, or a price of its own."""
    assert rule.level(Decimal(200), side, losing=losing) == Decimal(level)


@pytest.mark.parametrize(
    ("side", "losing", "level"),
    [
        (Side.BUY, True, "98.05"),
        (Side.BUY, False, "102.04"),
        (Side.SELL, True, "102.04"),
        (Side.SELL, False, "98.05"),
    ],
)
def test_a_legal_level_is_rounded_towards_the_market(side, losing, level):
    """From an entry at 100.0441 the raw levels are 98.043218 and 102.044982."""
    assert FRACTION.legal_level(Decimal("100.0441"), side, an_instrument(), losing=losing) == Price(level)


def test_a_level_that_is_no_price_is_an_error():
    """Whoever asks has checked before."""
    with pytest.raises(ValueError, match="above zero"):
        ABSOLUTE.legal_level(Decimal(3), Side.BUY, an_instrument(), losing=True)


def test_a_plan_is_worth_its_quantity_at_the_worst_price():
    """What the entry counts for in every limit."""
    found = plan(a_signal(order_type=OrderType.MARKET))

    assert found.notional == found.worst_price * found.quantity == Decimal("199.9982")


def test_each_state_forbids_more_than_the_one_before():
    """Tightening raises the severity."""
    assert [state.severity for state in TradingState] == [0, 1, 2, 3]
    assert max(TradingState, key=lambda state: state.severity) is TradingState.FLATTEN
