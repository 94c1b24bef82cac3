"""How much: what each mode wants, what cuts it down, and that nothing ever raises it."""

from decimal import Decimal
from typing import Any

import pytest
from tests.support.decisions import (
    a_balance,
    a_policy,
    a_quote,
    a_signal,
    a_spot_instrument,
    a_view,
    an_instrument,
    codes,
    plan,
    refusals,
)

from petrosa_core.decision import PositionSizer, Sized, Sizing, SizingMode
from petrosa_core.decision.refusals import (
    BalanceInsufficient,
    NotionalAboveMaximum,
    NotionalBelowMinimum,
    QuantityBelowMinimum,
    QuantityMissing,
)
from petrosa_core.values import Amount, OrderType, Price, Quantity, Ratio

FEELESS = an_instrument(taker_fee=Ratio(0))


def size(sizer=None, **given: Any):
    """The size for a long at 100 with its stop at 98 and 10000 on the account."""
    asked: dict[str, Any] = {
        "instrument": an_instrument(),
        "balance": a_balance(),
        "price": Price(100),
        "stop_price": Price(98),
    }
    return (sizer or PositionSizer()).size(**(asked | given))


def sized(sizer=None, **given: Any) -> Sized:
    """The same, where there has to be one."""
    found = size(sizer, **given)
    assert isinstance(found, Sized), found
    return found


def test_confidence_spends_two_per_cent_of_what_is_free_times_the_confidence():
    """Given 10000 free and a confidence of 0.85, then 170 buys 1.7 at 100: the specification's formula."""
    found = sized(confidence=Decimal("0.85"))

    assert found.quantity == Quantity("1.7")
    assert found.sizing == Sizing(mode="confidence", budget=Decimal(170), wanted=Decimal("1.7"))


def test_confidence_counts_what_is_free_not_what_is_owned():
    """Equity that is bound elsewhere buys nothing."""
    assert sized(balance=a_balance("5000", "90000")).quantity == Quantity(1)


def test_what_is_reserved_is_not_free():
    """Given 4000 of 10000 spoken for, then the budget is 2 % of the rest."""
    assert sized(reserved=Decimal(4000)).sizing.budget == Decimal(120)


def test_more_than_wholly_confident_is_wholly_confident():
    """Nobody gets more than the share."""
    assert sized(confidence=Decimal(7)).quantity == sized(confidence=Decimal(1)).quantity == Quantity(2)


@pytest.mark.parametrize("confidence", ["0", "-1"])
def test_without_confidence_there_is_no_size(confidence):
    """Nothing is too little, and less than nothing too."""
    assert isinstance(size(confidence=Decimal(confidence)), QuantityBelowMinimum)


def test_with_nothing_free_there_is_no_size():
    """The reason is the balance, not the quantity."""
    assert size(balance=a_balance("0", "10000")) == BalanceInsufficient(Decimal(0), Decimal(5))
    assert isinstance(size(balance=a_balance("0.01", "1"), reserved=Decimal("0.02")), BalanceInsufficient)


def test_risk_loses_its_share_of_the_equity_at_the_stop():
    """Given 1 % of 10000 and a stop 2 away, without fees or slippage, then 50 units lose 100."""
    sizer = PositionSizer(mode=SizingMode.RISK, stop_slippage=Ratio(0), notional_max=Amount(10**9))
    found = sized(sizer, instrument=FEELESS, balance=a_balance("1", "10000"))

    assert found.quantity == Quantity(50)
    assert found.sizing == Sizing(mode="risk", budget=Decimal(100), wanted=Decimal(50))


def test_risk_counts_fees_both_ways_and_the_slippage_of_the_stop():
    """2 of distance, 0.98 of slippage and a thousandth of 100 + 98.98 lose 3.17898 a unit: 100 buys 31.456."""
    sizer = PositionSizer(mode=SizingMode.RISK, stop_slippage=Ratio("0.01"), notional_max=Amount(10**9))
    found = sized(sizer, instrument=an_instrument(taker_fee=Ratio("0.001")))

    assert found.quantity == Quantity("31.456")
    assert found.sizing.wanted == Decimal("31.456630743194357938")


def test_risk_takes_the_widest_gap_that_it_is_told():
    """The stop may be further from the entry than the two prices say."""
    sizer = PositionSizer(mode=SizingMode.RISK, stop_slippage=Ratio(0), notional_max=Amount(10**9))

    assert sized(sizer, instrument=FEELESS, gap=Decimal(4)).quantity == Quantity(25)


def test_risk_of_a_short_counts_its_distance_as_well():
    """A stop above the entry is as far as one below."""
    sizer = PositionSizer(mode=SizingMode.RISK, stop_slippage=Ratio(0), notional_max=Amount(10**9))

    assert sized(sizer, instrument=FEELESS, stop_price=Price(102)).quantity == Quantity(50)


def test_notional_buys_the_same_worth_every_time():
    """Given 150 quote units, then 1.5 at 100."""
    found = sized(PositionSizer(mode=SizingMode.NOTIONAL, notional=Amount(150)), confidence=Decimal("0.5"))

    assert found.quantity == Quantity("1.5")
    assert found.sizing == Sizing(mode="notional", budget=Amount(150), wanted=Decimal("1.5"))


def test_signal_takes_the_signals_quantity():
    """Its budget is what that costs."""
    found = sized(PositionSizer(mode=SizingMode.SIGNAL), quantity=Quantity("3.0007"))

    assert found.quantity == Quantity("3.000")
    assert found.sizing == Sizing(mode="signal", budget=Decimal("300.07"), wanted=Quantity("3.0007"))


def test_signal_without_a_quantity_has_no_size():
    """Nothing is put in its place."""
    sizer = PositionSizer(mode=SizingMode.SIGNAL)

    assert refusals(sizer=sizer) == (QuantityMissing("signal"),)


def test_the_signals_quantity_is_a_ceiling_in_every_mode():
    """Given 2 wanted and 1.5 allowed, then 1.5, and the record says what bound."""
    found = sized(quantity=Quantity("1.5"))

    assert found.quantity == Quantity("1.5")
    assert found.sizing.ceilings == ("signal:1.5",)
    assert found.sizing.wanted == Decimal(2)


def test_a_ceiling_that_does_not_bind_is_not_recorded():
    """Equal is not less."""
    assert sized(quantity=Quantity(2)).sizing.ceilings == ()


def test_a_position_is_never_worth_more_than_its_ceiling():
    """Given 100 million free, then 1000 quote units at 100 are 10 units."""
    found = sized(balance=a_balance("100000000"))

    assert found.quantity == Quantity(10)
    assert found.sizing.ceilings == ("notional:10",)


def test_the_venues_largest_quantity_is_a_ceiling():
    """The market lot counts for every entry, because its stop is a market order."""
    lot = an_instrument(quantity_max=Decimal(9), market_quantity_max=Decimal("0.5"))
    found = sized(instrument=lot)

    assert found.quantity == Quantity("0.5")
    assert found.sizing.ceilings == ("venue quantity:0.5",)


def test_the_venues_largest_worth_is_a_ceiling():
    """Given 55.55 at most, then 0.555 at 100."""
    found = sized(instrument=an_instrument(notional_max=Decimal("55.55")))

    assert found.quantity == Quantity("0.555")
    assert found.sizing.ceilings == ("venue notional:0.5555",)


def test_every_ceiling_that_bound_is_recorded_in_turn():
    """Each one that cut the size further is named with its limit."""
    lot = an_instrument(quantity_max=Decimal(3), notional_max=Decimal(100))
    found = sized(balance=a_balance("1000000"), quantity=Quantity(20), instrument=lot)

    assert found.sizing.ceilings == ("signal:20", "notional:10", "venue quantity:3", "venue notional:1")


def test_a_size_is_floored_to_the_wider_of_lot_and_market_lot():
    """Given a market step of 0.05, then 1.37 wanted is 1.35."""
    lot = an_instrument(market_step=Decimal("0.05"))

    assert sized(instrument=lot, quantity=Quantity("1.37")).quantity == Quantity("1.35")


def test_exactly_the_smallest_quantity_passes():
    """At the minimum it is an order."""
    assert sized(quantity=Quantity("0.001")).quantity == Quantity("0.001")


def test_less_than_the_smallest_quantity_is_never_rounded_up():
    """A hair below the minimum is denied with what was wanted."""
    assert size(quantity=Quantity("0.0009999")) == QuantityBelowMinimum(Decimal("0.0009999"), Decimal("0.001"))


def test_a_minimum_of_nothing_still_asks_for_something():
    """Where the venue sets no minimum, a size of zero is none."""
    lot = an_instrument(quantity_min=Decimal(0), market_quantity_min=Decimal(0))

    assert size(instrument=lot, quantity=Quantity("0.0009")) == QuantityBelowMinimum(Decimal("0.0009"), Decimal(0))


def test_the_market_lots_minimum_counts():
    """The stop of a smaller position could not be sent."""
    lot = an_instrument(market_quantity_min=Decimal("0.01"))

    assert size(instrument=lot, quantity=Quantity("0.009")) == QuantityBelowMinimum(Decimal("0.009"), Decimal("0.01"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"free_share": Ratio(0)},
        {"free_share": Ratio("1.01")},
        {"risk_share": Ratio(0)},
        {"risk_share": Ratio("1.01")},
        {"notional": Amount(0)},
        {"notional_max": Amount(0)},
        {"notional_max": Amount(-1)},
    ],
)
def test_a_sizer_that_cannot_size_is_refused(wrong):
    """A share of more than all, and a budget of nothing, are mistakes of the operator."""
    with pytest.raises(ValueError, match=next(iter(wrong))):
        PositionSizer(**wrong)


def test_all_of_the_balance_is_a_legal_share():
    """One is the end of the range, and belongs to it."""
    assert PositionSizer(free_share=Ratio(1), risk_share=Ratio(1)).free_share == 1


def test_a_market_buy_is_sized_at_its_worst_price():
    """Given 200 to spend and 100.30 to pay at worst, then 1.994 units."""
    assert plan(a_signal(order_type=OrderType.MARKET)).quantity == Quantity("1.994")


def test_an_order_below_the_venues_worth_is_denied_with_both_amounts():
    """Given a quantity of 0.049, then 4.90 is refused against 5; 0.05 passes."""
    assert codes(a_signal(quantity=Quantity("0.05"))) == ()
    assert refusals(a_signal(quantity=Quantity("0.049"))) == (
        NotionalBelowMinimum(Decimal("4.900"), Decimal(5), "entry"),
    )


def test_on_spot_the_exit_has_to_be_worth_the_minimum_with_a_margin():
    """At the stop of 98, 0.062 is worth 6.076 and passes 6; 0.061 is worth 5.978 and does not."""
    view = a_view(instrument=a_spot_instrument())

    assert codes(a_signal(quantity=Quantity("0.062")), view) == ()
    assert refusals(a_signal(quantity=Quantity("0.061")), view) == (
        NotionalBelowMinimum(Decimal("5.97800"), Decimal("6.0"), "stop"),
    )


def test_on_spot_exactly_the_margin_passes():
    """Given a stop at 96 and 0.0625 units, then the exit is worth exactly 6."""
    view = a_view(instrument=a_spot_instrument(step=Decimal("0.0001"), quantity_min=Decimal("0.0001")))

    assert codes(a_signal(quantity=Quantity("0.0625"), stop_loss=Price(96)), view) == ()


def test_on_spot_entry_and_exit_can_both_be_too_small():
    """Both legs are named."""
    view = a_view(instrument=a_spot_instrument())

    assert [refusal.record.value for refusal in refusals(a_signal(quantity=Quantity("0.04")), view)] == [
        "4.00000",
        "3.92000",
    ]


def test_the_margin_at_the_stop_is_a_limit():
    """Asking for twice the minimum denies what 1.2 times lets through."""
    view = a_view(instrument=a_spot_instrument())
    signal = a_signal(quantity=Quantity("0.062"))

    assert codes(signal, view, a_policy(stop_notional_margin=Ratio(2))) == ("NOTIONAL_BELOW_MINIMUM",)


def test_on_spot_the_target_may_not_be_worth_more_than_the_venue_takes():
    """Given 204 at most, then 2 units are worth 200 now and 210 at the target; at 102 they pass."""
    view = a_view(instrument=a_spot_instrument(notional_max=Decimal(204)))

    assert codes(a_signal(take_profit=Price(102)), view) == ()
    assert refusals(a_signal(), view) == (NotionalAboveMaximum(Decimal("210.00000"), Decimal(204), "target"),)


def test_on_futures_exits_are_free_of_notional_rules():
    """They reduce a position."""
    view = a_view(instrument=an_instrument(notional_max=Decimal(204)))

    assert codes(a_signal(), view) == ()
    assert codes(a_signal(quantity=Quantity("0.05"), stop_loss=Price(90)), view) == ()


def test_the_incident_of_the_order_that_rounding_made_too_small():
    """ETHUSDT at 3918.96 with 0.005 wanted is worth 19.5948: below 20, and said so with both numbers."""
    eth = an_instrument(step=Decimal("0.001"), notional_min=Decimal(20))
    signal = a_signal(price=Price("3918.96"), current_price=Price("3918.96"), quantity=Quantity("0.0051"))
    view = a_view(instrument=eth, quote=a_quote("3918.96"))

    assert refusals(signal, view) == (NotionalBelowMinimum(Decimal("19.59480"), Decimal(20), "entry"),)
