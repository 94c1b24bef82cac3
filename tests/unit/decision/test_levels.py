"""Where the exits go: by precedence, towards the market, on the right side, and never repaired."""

from decimal import Decimal

import pytest
from tests.support.decisions import (
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

from petrosa_core.decision import ExitRule, LevelSource
from petrosa_core.decision.refusals import (
    LevelOutOfBand,
    RatioOutOfRange,
    StopOnWrongSide,
    StopTooClose,
    StopTooFar,
    TargetOnWrongSide,
)
from petrosa_core.signal import Action
from petrosa_core.values import OrderType, Price, Ratio, Side

SPOT = a_view(instrument=a_spot_instrument())
MARKET = OrderType.MARKET


def test_a_price_wins_and_names_what_it_overrode():
    """Given a price, a fraction and an ATR, then the price is the level and the others are on record."""
    found = plan(
        a_signal(
            stop_loss=Price(97),
            stop_loss_pct=Decimal("0.01"),
            take_profit=Price(110),
            take_profit_pct=Decimal("0.02"),
            atr=Price(2),
        )
    )

    assert found.stop == ExitRule(source=LevelSource.PRICE, price=Price(97), overridden=("stop_loss_pct", "atr"))
    assert found.target == ExitRule(source=LevelSource.PRICE, price=Price(110), overridden=("take_profit_pct", "atr"))
    assert (found.stop_price, found.target_price) == (Price(97), Price(110))


def test_a_fraction_wins_over_the_atr():
    """Given a fraction and an ATR, then the level is a fraction of the entry."""
    found = plan(a_signal(stop_loss_pct=Decimal("0.03"), take_profit_pct=Decimal("0.04"), atr=Price(2)))

    assert found.stop == ExitRule(source=LevelSource.RATIO, distance=Ratio("0.03"), overridden=("atr",))
    assert found.target == ExitRule(source=LevelSource.RATIO, distance=Ratio("0.04"), overridden=("atr",))
    assert (found.stop_price, found.target_price) == (Price(97), Price(104))


def test_the_atr_wins_over_the_defaults():
    """Given an ATR of 1.5, then the stop is two of it away and the target five."""
    found = plan(a_signal(atr=Price("1.5")))

    assert found.stop == ExitRule(source=LevelSource.ATR, distance=Ratio(3), absolute=True)
    assert found.target == ExitRule(source=LevelSource.ATR, distance=Ratio("7.5"), absolute=True)
    assert (found.stop_price, found.target_price) == (Price(97), Price("107.5"))


def test_the_defaults_are_two_and_five_per_cent():
    """Given nothing, then the specification's distances hold."""
    found = plan(a_signal())

    assert found.stop == ExitRule(source=LevelSource.DEFAULT, distance=Ratio("0.02"))
    assert found.target == ExitRule(source=LevelSource.DEFAULT, distance=Ratio("0.05"))
    assert (found.stop_price, found.target_price) == (Price(98), Price(105))


def test_each_exit_has_its_own_source():
    """A price for the stop says nothing about the target."""
    found = plan(a_signal(stop_loss=Price(97), take_profit_pct=Decimal("0.5")))

    assert (found.stop.source, found.target.source) == (LevelSource.PRICE, LevelSource.RATIO)
    assert (found.stop.overridden, found.target_price) == ((), Price(150))


def test_a_short_has_its_stop_above_and_its_target_below():
    """The mirror image of a long."""
    found = plan(a_signal(action=Action.SELL))

    assert (found.side, found.stop_price, found.target_price) == (Side.SELL, Price(102), Price(95))


@pytest.mark.parametrize(
    ("side", "stop", "target", "legal"),
    [
        (Action.BUY, "97.001", "104.009", ("97.01", "104.00")),
        (Action.SELL, "103.009", "96.001", ("103.00", "96.01")),
    ],
)
def test_exits_are_rounded_towards_the_market(side, stop, target, legal):
    """They fire early rather than late."""
    found = plan(a_signal(action=side, stop_loss=Price(stop), take_profit=Price(target)))

    assert (found.stop_price, found.target_price) == (Price(legal[0]), Price(legal[1]))


@pytest.mark.parametrize("ratio", ["0", "-0.01", "1.000001", "2"])
def test_a_fraction_outside_of_zero_to_one_is_denied(ratio):
    """2 was meant as per cent, and nobody guesses that here."""
    signal = a_signal(stop_loss_pct=Decimal(ratio), take_profit_pct=Decimal(ratio))

    assert refusals(signal) == (
        RatioOutOfRange(Decimal(ratio), Ratio(1), "stop_loss_pct"),
        RatioOutOfRange(Decimal(ratio), Ratio(1), "take_profit_pct"),
    )


def test_a_fraction_that_is_not_used_is_not_judged():
    """An absolute price wins over any fraction, a senseless one too; it is on record as overridden."""
    found = plan(a_signal(stop_loss=Price(98), stop_loss_pct=Decimal(7)))

    assert found.stop.overridden == ("stop_loss_pct",)


def test_a_fraction_of_one_is_in_range():
    """A long may aim at double the price."""
    assert plan(a_signal(take_profit_pct=Decimal(1))).target_price == Price(200)


@pytest.mark.parametrize(
    ("side", "stop"), [(Action.BUY, "100"), (Action.BUY, "101"), (Action.SELL, "100"), (Action.SELL, "99")]
)
def test_a_stop_on_the_wrong_side_is_denied(side, stop):
    """It is neither mirrored nor replaced by the fraction that is there as well."""
    signal = a_signal(action=side, stop_loss=Price(stop), stop_loss_pct=Decimal("0.02"))

    assert refusals(signal) == (StopOnWrongSide(Price(stop), Price(100)),)


@pytest.mark.parametrize(
    ("side", "entry", "stop", "judged_by"),
    [
        (Action.BUY, "102", "101", "100"),
        (Action.BUY, "98", "99", "98"),
        (Action.SELL, "98", "99", "100"),
        (Action.SELL, "102", "101", "102"),
    ],
)
def test_a_stop_has_to_be_right_of_the_entry_and_of_the_market(side, entry, stop, judged_by):
    """Given a market at 100, then a stop between it and the entry's price is wrong from one of the two."""
    target = Price(120) if side is Action.BUY else Price(80)
    signal = a_signal(action=side, price=Price(entry), stop_loss=Price(stop), take_profit=target)

    assert refusals(signal) == (StopOnWrongSide(Price(stop), Price(judged_by)),)


@pytest.mark.parametrize(
    ("side", "target"), [(Action.BUY, "100"), (Action.BUY, "99"), (Action.SELL, "100"), (Action.SELL, "101")]
)
def test_a_target_on_the_wrong_side_is_denied(side, target):
    """A target that is no win is a mistake."""
    assert refusals(a_signal(action=side, take_profit=Price(target))) == (TargetOnWrongSide(Price(target), Price(100)),)


def test_a_target_that_the_tick_pulls_onto_the_entry_is_denied():
    """Given a tick as wide as the distance, then the legal level is no win."""
    view = a_view(instrument=an_instrument(tick=Decimal(1)))

    assert refusals(a_signal(take_profit=Price("100.9")), view) == (TargetOnWrongSide(Decimal(100), Price(100)),)


def test_a_target_has_to_be_a_win_at_the_worst_price():
    """Given a market buy that may pay 100.30, then a fixed target at 100.30 wins nothing."""
    assert refusals(a_signal(order_type=MARKET, take_profit=Price("100.30"))) == (
        TargetOnWrongSide(Price("100.30"), Price("100.30")),
    )
    assert codes(a_signal(order_type=MARKET, take_profit=Price("100.31"))) == ()


def test_stop_and_target_are_both_reported():
    """All that is broken is said at once."""
    assert codes(a_signal(stop_loss=Price(105), take_profit=Price(95))) == (
        "STOP_ON_WRONG_SIDE",
        "TARGET_ON_WRONG_SIDE",
    )


@pytest.mark.parametrize(("side", "at", "beyond"), [(Action.BUY, "99.9", "99.91"), (Action.SELL, "100.1", "100.09")])
def test_a_stop_within_the_noise_is_denied(side, at, beyond):
    """0.1 % passes, a tick closer does not."""
    assert codes(a_signal(action=side, stop_loss=Price(at))) == ()
    assert refusals(a_signal(action=side, stop_loss=Price(beyond))) == (
        StopTooClose(Decimal("0.0009"), Ratio("0.001"), Price(beyond), Price(100)),
    )


def test_closeness_is_judged_on_the_tick():
    """Given a stop on the right side whose legal level is the entry, then it is too close, not wrong."""
    assert refusals(a_signal(stop_loss=Price("99.9999"))) == (
        StopTooClose(Decimal(0), Ratio("0.001"), Decimal("100.00"), Price(100)),
    )


def test_without_a_minimum_the_stop_still_may_not_be_the_entry():
    """A stop at the entry would trigger at once, whatever the policy says."""
    policy = a_policy(stop_distance_min=Ratio(0))

    assert codes(a_signal(stop_loss=Price("99.9999")), policy=policy) == ("STOP_TOO_CLOSE",)
    assert codes(a_signal(stop_loss=Price("99.99")), policy=policy) == ()


@pytest.mark.parametrize(("side", "at", "beyond"), [(Action.BUY, "80", "79.99"), (Action.SELL, "120", "120.01")])
def test_a_stop_that_protects_little_is_denied(side, at, beyond):
    """20 % passes, a tick further does not."""
    assert codes(a_signal(action=side, stop_loss=Price(at))) == ()
    assert refusals(a_signal(action=side, stop_loss=Price(beyond))) == (
        StopTooFar(Decimal("0.2001"), Ratio("0.2"), Price(beyond), Price(100)),
    )


def test_a_stop_below_zero_is_too_far():
    """An ATR of half the price puts the stop at nothing, and one of more below it."""
    assert refusals(a_signal(atr=Price(60)))[0] == StopTooFar(
        Decimal("1.2"), Ratio("0.2"), Decimal("-20.00"), Price(100)
    )


def test_a_short_that_aims_at_nothing_is_denied():
    """A fraction of one below the entry is no price."""
    assert refusals(a_signal(action=Action.SELL, take_profit_pct=Decimal(1))) == (
        LevelOutOfBand(Decimal("0.00"), Decimal("0.01"), "target"),
    )


def test_on_futures_derived_levels_hang_on_the_fill():
    """Given a market buy expected at 100 and at worst at 100.30, then the stop is judged at 100 and planned from 100.30."""
    found = plan(a_signal(order_type=MARKET, stop_loss_pct=Decimal("0.001")))

    assert found.stop == ExitRule(source=LevelSource.RATIO, distance=Ratio("0.001"))
    assert found.target == ExitRule(source=LevelSource.DEFAULT, distance=Ratio("0.05"))
    assert found.stop_price == Price("100.20")
    assert found.target_price == Price("105.31")


def test_a_short_on_futures_hangs_on_its_fill_as_well():
    """Given a market sell at worst at 99.70, then its exits are planned from there: 101.694 down, 94.715 up."""
    found = plan(a_signal(action=Action.SELL, order_type=MARKET))

    assert (found.worst_price, found.stop_price, found.target_price) == (
        Price("99.70"),
        Price("101.69"),
        Price("94.72"),
    )


def test_on_spot_derived_levels_hang_on_the_worst_price():
    """The venue arms them before the fill is known: 0.3 % below 100.30 is 99.9991, too close to a market at 100."""
    signal = a_signal(order_type=MARKET, stop_loss_pct=Decimal("0.003"))

    assert refusals(signal, SPOT) == (StopTooClose(Decimal(0), Ratio("0.001"), Decimal("100.00"), Price(100)),)
    assert plan(a_signal(order_type=MARKET), SPOT).stop_price == Price("98.30")


def test_on_spot_a_derived_stop_may_come_to_lie_above_the_market():
    """0.2 % below 100.30 is 100.0994: on the wrong side of a market at 100."""
    signal = a_signal(order_type=MARKET, stop_loss_pct=Decimal("0.002"))

    assert refusals(signal, SPOT) == (StopOnWrongSide(Decimal("100.09940"), Price(100)),)


def test_a_sleeping_entry_is_judged_from_its_trigger():
    """Given a buy stop at 104, then a stop at 102 is right although the market is at 100."""
    found = plan(a_signal(order_type=OrderType.STOP, price=Price(104), stop_loss=Price(102)))

    assert found.stop_price == Price(102)


@pytest.mark.parametrize(
    ("side", "band", "level", "limit"),
    [
        (Action.BUY, {"sell_band": (Ratio("0.95"), Ratio(9))}, "94.99", "95.00"),
        (Action.SELL, {"buy_band": (Ratio(0), Ratio("1.05"))}, "105.01", "105.00"),
    ],
)
def test_a_stop_outside_of_the_venues_band_is_denied(side, band, level, limit):
    """What could not be protected is not entered; at the band it can be."""
    view = a_view(instrument=an_instrument(**band))

    assert codes(a_signal(action=side, stop_loss=Price(limit)), view) == ()
    assert refusals(a_signal(action=side, stop_loss=Price(level)), view) == (
        LevelOutOfBand(Decimal(level), Decimal(limit), "stop"),
    )


def test_the_band_is_judged_at_the_worst_fill_too():
    """95 % of 100 is legal now, and no longer when the market has gone to 100.30."""
    view = a_view(instrument=an_instrument(sell_band=(Ratio("0.95"), Ratio(9))))

    assert refusals(a_signal(order_type=MARKET, stop_loss=Price(95)), view) == (
        LevelOutOfBand(Decimal(95), Decimal("95.2850"), "stop"),
    )


def test_a_shorts_exits_are_judged_at_the_worst_and_at_the_expected_fill():
    """Given a market sell from 100 down to 99.70, then a stop at 105 is too high from 99.70, and a target at 94.90 too low
    from 100."""
    view = a_view(instrument=an_instrument(buy_band=(Ratio("0.95"), Ratio("1.05"))))
    signal = a_signal(action=Action.SELL, order_type=MARKET, stop_loss=Price(105), take_profit=Price("94.90"))

    assert refusals(signal, view) == (
        LevelOutOfBand(Decimal(105), Decimal("104.6850"), "stop"),
        LevelOutOfBand(Decimal("94.90"), Decimal(95), "target"),
    )


def test_a_target_outside_of_the_venues_band_is_denied():
    """Spot takes no sell above twice the price."""
    view = a_view(instrument=a_spot_instrument(sell_band=(Ratio("0.8"), Ratio(2))))

    assert codes(a_signal(take_profit=Price(200)), view) == ()
    assert refusals(a_signal(take_profit=Price("200.01")), view) == (
        LevelOutOfBand(Decimal("200.01"), Decimal(200), "target"),
    )


def test_a_resting_entry_has_its_exits_judged_where_it_fills():
    """Given a bid at 96, then a stop at 93 is judged when the market is at 96, not now."""
    view = a_view(instrument=an_instrument(sell_band=(Ratio("0.95"), Ratio(9))))

    assert codes(a_signal(price=Price(96), stop_loss=Price(93)), view) == ()


def test_where_spot_has_no_stop_market_the_stop_limits_price_is_judged():
    """Given stop-limit orders only, then 1 % below the trigger has to be inside the band: 80.81 is, 80.80 is not."""
    kinds = frozenset({OrderType.LIMIT, OrderType.STOP_LIMIT})
    band = (Ratio("0.8"), Ratio(2))
    without = a_view(instrument=a_spot_instrument(sell_band=band, order_types=kinds))
    within = a_view(instrument=a_spot_instrument(sell_band=band))

    assert codes(a_signal(stop_loss=Price("80.81")), without) == ()
    assert refusals(a_signal(stop_loss=Price("80.80")), without) == (
        LevelOutOfBand(Decimal("79.99"), Decimal("80.0"), "stop"),
    )
    assert codes(a_signal(stop_loss=Price("80.80")), within) == ()


def test_futures_need_no_stop_limit():
    """Their stops are algo orders, whatever the regular book takes."""
    kinds = frozenset({OrderType.LIMIT})
    view = a_view(instrument=an_instrument(sell_band=(Ratio("0.95"), Ratio(9)), order_types=kinds))

    assert codes(a_signal(stop_loss=Price(95)), view) == ()


def test_wrong_levels_do_not_hide_a_wrong_entry():
    """Given a bad stop and an entry outside of the band, then both are said."""
    view = a_view(instrument=an_instrument(price_max=Decimal(99)), quote=a_quote("100"))

    assert codes(a_signal(stop_loss=Price(105)), view) == ("STOP_ON_WRONG_SIDE", "LEVEL_OUT_OF_BAND")
