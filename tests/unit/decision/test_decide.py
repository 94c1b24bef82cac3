"""The decision as a whole: approved with a plan, or denied with every reason in order."""

from decimal import Decimal

import attrs
import pytest
from tests.support.decisions import (
    NOW,
    POLICY,
    SIZER,
    a_balance,
    a_policy,
    a_quote,
    a_signal,
    a_spot_instrument,
    a_view,
    an_instrument,
    codes,
    plan,
)

from petrosa_core.decision import (
    Approved,
    Denied,
    ExitRule,
    LevelSource,
    Plan,
    PositionSizer,
    Sizing,
    SizingMode,
    decide,
)
from petrosa_core.decision.refusals import NoQuote, StaleSignal
from petrosa_core.signal import Action
from petrosa_core.values import (
    HOUR,
    SECOND,
    Amount,
    Moment,
    OrderType,
    Price,
    Quantity,
    Ratio,
    Side,
    Symbol,
    TimeInForce,
)


def test_a_sound_signal_is_approved_with_its_whole_bracket():
    """Given the plain signal, when it is judged, then everything that will be sent is in the plan."""
    assert decide(a_signal(), a_view(), POLICY, SIZER) == Approved(
        Plan(
            symbol=Symbol("ABCUSDT"),
            side=Side.BUY,
            quantity=Quantity(2),
            order_type=OrderType.LIMIT,
            price=Price(100),
            time_in_force=TimeInForce.GTC,
            worst_price=Price(100),
            stop=ExitRule(source=LevelSource.DEFAULT, distance=Ratio("0.02")),
            stop_price=Price(98),
            target=ExitRule(source=LevelSource.DEFAULT, distance=Ratio("0.05")),
            target_price=Price(105),
            sizing=Sizing(mode="confidence", budget=Decimal(200), wanted=Decimal(2)),
            expires_at=Moment(NOW + 300 * SECOND),
        )
    )


def test_a_denial_has_at_least_one_reason():
    """A refusal without one cannot be made."""
    with pytest.raises(ValueError, match=r"^reasons: a denial has at least one$"):
        Denied(())


def test_a_denial_is_recorded_reason_by_reason():
    """In the same order."""
    denied = Denied((NoQuote(Symbol("ABCUSDT")), StaleSignal(2, 1)))

    assert [reason.code for reason in denied.records] == ["NO_QUOTE", "STALE_SIGNAL"]


def test_every_stage_reports_in_its_turn():
    """Given one fault in each stage, then request, market, levels and account follow each other."""
    signal = a_signal(
        confidence=Decimal("0.1"),
        timestamp=NOW - HOUR,
        current_price=Price(110),
        price=Price(106),
        stop_loss=Price(120),
        take_profit=Price(90),
    )
    view = a_view(quote=a_quote(as_of=NOW - HOUR), unhealthy=("store down",), open_trades=50)

    assert codes(signal, view) == (
        "CONFIDENCE_TOO_LOW",
        "STALE_SIGNAL",
        "STALE_QUOTE",
        "PRICE_COLLAR",
        "SIGNAL_DRIFT",
        "STOP_ON_WRONG_SIDE",
        "TARGET_ON_WRONG_SIDE",
        "TOO_MANY_OPEN_TRADES",
        "ENGINE_NOT_READY",
    )


def test_a_size_that_is_too_small_comes_before_the_account():
    """And the limits that need no plan are still judged."""
    assert codes(a_signal(quantity=Quantity("0.0001")), a_view(open_trades=50)) == (
        "QUANTITY_BELOW_MINIMUM",
        "TOO_MANY_OPEN_TRADES",
    )


def test_a_market_fault_does_not_hide_a_size_that_is_too_small():
    """Both are found."""
    assert codes(a_signal(quantity=Quantity("0.0001"), current_price=Price(110))) == (
        "SIGNAL_DRIFT",
        "QUANTITY_BELOW_MINIMUM",
    )


def test_a_market_fault_does_not_hide_a_missing_balance():
    """Both are found."""
    assert codes(a_signal(current_price=Price(110)), a_view(balance=None)) == ("SIGNAL_DRIFT", "NO_BALANCE")


def test_a_broken_plan_is_still_held_to_the_limits():
    """Given a notional below the minimum and no room for it either, then both are said."""
    view = a_view(gross_exposure=Decimal(10000))

    assert codes(a_signal(quantity=Quantity("0.04")), view) == ("NOTIONAL_BELOW_MINIMUM", "EXPOSURE_LIMIT")


@pytest.mark.parametrize("action", [Action.HOLD, Action.CLOSE])
def test_a_hold_and_a_close_are_not_for_this_court(action):
    """They have no side; the desk handles them."""
    with pytest.raises(ValueError, match=action.value):
        decide(a_signal(action=action), a_view(), POLICY, SIZER)


@pytest.mark.parametrize(
    "view",
    [
        a_view(instrument=an_instrument(symbol=Symbol("XYZUSDT"))),
        a_view(quote=a_quote(symbol=Symbol("XYZUSDT"))),
    ],
)
def test_a_view_of_another_symbol_is_a_bug(view):
    """No signal is judged by another symbol's rules or price."""
    with pytest.raises(ValueError, match="ABCUSDT cannot be judged by XYZUSDT"):
        decide(a_signal(), view, POLICY, SIZER)


@pytest.mark.parametrize(
    ("said", "lives"),
    [
        ({}, 300 * SECOND),
        ({"expires_at": NOW + 60 * SECOND}, 60 * SECOND),
        ({"expires_at": NOW + HOUR}, 300 * SECOND),
        ({"expires_at": NOW + HOUR, "time_in_force": TimeInForce.IOC}, 300 * SECOND),
        ({"expires_at": NOW + HOUR, "time_in_force": TimeInForce.GTC}, HOUR),
        ({"expires_at": NOW + 60 * SECOND, "time_in_force": TimeInForce.GTC}, 60 * SECOND),
        ({"time_in_force": TimeInForce.GTC}, 300 * SECOND),
    ],
)
def test_an_entry_ends(said, lives):
    """After 300 seconds or the signal's own end; a GTC that names a later end lives until then."""
    assert plan(a_signal(**said)).expires_at == NOW + lives


def test_the_age_of_entries_is_a_term_of_the_policy():
    """The operator may be more patient."""
    assert plan(policy=a_policy(entry_age_max=HOUR)).expires_at == NOW + HOUR


def test_the_slippage_cap_is_a_term_of_the_policy():
    """1 % of slippage makes a market buy at 100 cost 101 at worst."""
    signal = a_signal(order_type=OrderType.MARKET)

    assert plan(signal, policy=a_policy(slippage_max=Ratio("0.01"))).worst_price == Price(101)


def test_a_spot_buy_is_judged_by_the_mid():
    """Given a mark far away, which spot does not have, then it plays no part."""
    view = a_view(instrument=a_spot_instrument(), quote=a_quote("99.9", "100.1", "150"))

    assert codes(a_signal(), view) == ()


def test_a_decision_is_a_value():
    """The same inputs give an equal decision, and nothing in it can be changed."""
    first, second = (decide(a_signal(), a_view(), POLICY, SIZER) for _ in range(2))

    assert first == second
    assert isinstance(first, Approved)
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        first.plan = None  # type: ignore[misc, assignment]


def test_the_signals_confidence_sets_the_size():
    """Half as confident, half as much."""
    assert plan(a_signal(confidence=Decimal("0.5"))).quantity == Quantity(1)


def test_a_short_is_sized_by_the_widest_that_its_stop_can_be_away():
    """Given a market sell expected at 100 and at worst at 99.70, then the stop is 2 above the one and 1.99 above the other:
    100 USDT of risk over 2, without fees and slippage, are 50 units; from 100 to the planned 101.69 it would be more."""
    view = a_view(instrument=an_instrument(taker_fee=Ratio(0)), balance=a_balance("10000"))
    sizer = PositionSizer(mode=SizingMode.RISK, stop_slippage=Ratio(0), notional_max=Amount(10**6))
    signal = a_signal(action=Action.SELL, order_type=OrderType.MARKET)
    found = plan(signal, view, a_policy(symbol_exposure_max=Ratio(1)), sizer)

    assert (found.stop_price, found.quantity) == (Price("101.69"), Quantity(50))


def test_a_long_is_sized_by_its_stop_at_the_worst_price():
    """Given a fixed stop at 98 and a market buy at worst at 100.30, then 2.30 are at risk: 43.478 units."""
    view = a_view(instrument=an_instrument(taker_fee=Ratio(0)))
    sizer = PositionSizer(mode=SizingMode.RISK, stop_slippage=Ratio(0), notional_max=Amount(10**6))
    signal = a_signal(order_type=OrderType.MARKET, stop_loss=Price(98))

    assert plan(signal, view, a_policy(symbol_exposure_max=Ratio(1)), sizer).quantity == Quantity("43.478")
