"""How an entry is priced: on the tick, never worse than asked, with a worst price even where the order has none."""

from decimal import Decimal

import pytest
from tests.support.decisions import a_quote, a_signal, a_spot_instrument, a_view, an_instrument, codes, plan, refusals

from petrosa_core.decision.entry import Entry, price_entry, reference_price
from petrosa_core.decision.refusals import LevelOutOfBand, PriceCollar, SignalDrift, TriggerOnWrongSide
from petrosa_core.signal import Action
from petrosa_core.values import Market, OrderType, Price, Ratio, Side, TimeInForce

SPREAD = a_quote("99.90", "100.10", "100.05")
CAP = Ratio("0.003")


def entry(quote=SPREAD, instrument=None, **said) -> Entry:
    """The priced entry of a signal, which has to be possible."""
    priced = price_entry(a_signal(**said), instrument or an_instrument(), quote, CAP)
    assert isinstance(priced, Entry)
    return priced


def test_the_reference_is_the_mid_on_spot_and_the_mark_on_futures():
    """Each market has its own idea of the price."""
    assert reference_price(SPREAD, Market.SPOT) == Price("100.00")
    assert reference_price(SPREAD, Market.USDM) == Price("100.05")


def test_a_limit_never_buys_above_the_signals_price():
    """A buy is rounded down to the tick."""
    priced = entry(price=Price("99.999"))

    assert (priced.price, priced.trigger, priced.worst) == (Price("99.99"), None, Price("99.99"))


def test_a_limit_never_sells_below_the_signals_price():
    """A sell is rounded up to the tick."""
    priced = entry(action=Action.SELL, price=Price("100.001"))

    assert (priced.price, priced.trigger, priced.worst) == (Price("100.01"), None, Price("100.01"))


@pytest.mark.parametrize(
    ("side", "price", "expected"),
    [
        (Action.BUY, "99", "99"),
        (Action.BUY, "101", "100.05"),
        (Action.SELL, "101", "101"),
        (Action.SELL, "99", "100.05"),
    ],
)
def test_a_limit_is_expected_to_fill_at_the_better_of_its_price_and_the_market(side, price, expected):
    """A resting limit fills at its price, a marketable one at the market."""
    assert entry(action=side, price=Price(price)).expected == Price(expected)


def test_a_market_buy_pays_at_most_the_ask_and_the_cap():
    """Given an ask of 100.10, then 0.3 % more is 100.4003: rounded down, the cap holds."""
    priced = entry(order_type=OrderType.MARKET)

    assert (priced.price, priced.trigger) == (None, None)
    assert (priced.expected, priced.worst) == (Price("100.05"), Price("100.40"))


def test_a_market_sell_gets_at_least_the_bid_less_the_cap():
    """Given a bid of 99.90, then 0.3 % less is 99.6003: rounded up, the cap holds."""
    priced = entry(action=Action.SELL, order_type=OrderType.MARKET)

    assert (priced.expected, priced.worst) == (Price("100.05"), Price("99.61"))


def test_a_market_order_is_expected_at_the_touch_when_the_mark_is_beyond_it():
    """A buy is judged from the lower of mark and ask, a sell from the higher of mark and bid."""
    assert entry(a_quote("99", "99.5", "100"), order_type=OrderType.MARKET).expected == Price("99.5")
    assert entry(a_quote("101", "101.5", "100"), action=Action.SELL, order_type=OrderType.MARKET).expected == Price(101)


@pytest.mark.parametrize(("side", "worst"), [(Action.BUY, Price("100.1")), (Action.SELL, Price("100.0"))])
def test_where_no_tick_lies_within_the_cap_the_next_one_is_taken(side, worst):
    """A price that is no tick itself, on a tick wider than the cap: the nearest tick that the order can fill at."""
    coarse = an_instrument(tick=Decimal("0.1"))
    priced = price_entry(a_signal(action=side, order_type=OrderType.MARKET), coarse, a_quote("100.05"), Ratio("0.0001"))

    assert isinstance(priced, Entry)
    assert priced.worst == worst


def test_with_a_tick_exactly_at_the_touch_the_cap_may_be_nothing():
    """Without slippage the worst price is the touch itself."""
    for side, worst in ((Action.BUY, "100.10"), (Action.SELL, "99.90")):
        priced = price_entry(a_signal(action=side, order_type=OrderType.MARKET), an_instrument(), SPREAD, Ratio(0))
        assert isinstance(priced, Entry)
        assert priced.worst == Price(worst)


@pytest.mark.parametrize(
    ("side", "kind", "trigger"),
    [
        (Action.BUY, OrderType.STOP, "101.01"),
        (Action.SELL, OrderType.STOP, "101.00"),
        (Action.BUY, OrderType.TAKE_PROFIT, "101.00"),
        (Action.SELL, OrderType.TAKE_PROFIT, "101.01"),
    ],
)
def test_a_trigger_never_fires_before_the_signals(side, kind, trigger):
    """It is rounded away from the market that comes towards it."""
    assert entry(action=side, order_type=kind, trigger_price=Price("101.005")).trigger == Price(trigger)


def test_a_trigger_is_the_signals_price_when_none_is_given():
    """A stop order with one price means that price."""
    priced = entry(order_type=OrderType.STOP, price=Price(101))

    assert (priced.price, priced.trigger, priced.expected) == (None, Price(101), Price(101))
    assert priced.worst == Price("101.30")


def test_a_triggered_sell_slips_downwards_from_its_trigger():
    """0.3 % below 99 is 98.703: rounded up, the cap holds."""
    priced = entry(action=Action.SELL, order_type=OrderType.STOP, price=Price(99))

    assert (priced.expected, priced.worst) == (Price(99), Price("98.71"))


def test_a_stop_limit_has_both_prices():
    """Its worst price is its limit, and the market of now is none of its business."""
    priced = entry(order_type=OrderType.STOP_LIMIT, price=Price(103), trigger_price=Price(102))

    assert (priced.price, priced.trigger) == (Price(103), Price(102))
    assert (priced.expected, priced.worst) == (Price(102), Price(103))


def test_costliest_and_cheapest_are_the_ends_of_where_it_may_fill():
    """For a buy the worst price is the costliest, for a sell the cheapest."""
    buy = entry(order_type=OrderType.MARKET)
    sell = entry(action=Action.SELL, order_type=OrderType.MARKET)

    assert (buy.side, buy.cheapest, buy.costliest) == (Side.BUY, Price("100.05"), Price("100.40"))
    assert (sell.side, sell.cheapest, sell.costliest) == (Side.SELL, Price("99.61"), Price("100.05"))


def test_a_price_that_is_nothing_on_the_tick_is_denied():
    """Given a price below one tick, when it is rounded down, then nothing is left to bid."""
    view = a_view(quote=a_quote("0.004"))
    signal = a_signal(price=Price("0.004"), current_price=Price("0.004"))

    assert refusals(signal, view) == (LevelOutOfBand(Decimal("0.00"), Decimal("0.01"), "entry"),)


def test_an_entry_within_the_collar_passes():
    """105 is 5 % above 100: exactly at the collar."""
    assert codes(a_signal(price=Price(105), stop_loss=Price(98), take_profit=Price(120))) == ()
    assert codes(a_signal(price=Price(95))) == ()


@pytest.mark.parametrize(("price", "distance"), [("105.01", "0.0501"), ("94.99", "0.0501")])
def test_an_entry_beyond_the_collar_is_denied(price, distance):
    """One tick beyond 5 % on either side is a fat finger."""
    found = refusals(a_signal(price=Price(price), stop_loss=Price(90), take_profit=Price(120)))

    assert found == (PriceCollar(Decimal(distance), Ratio("0.05"), Price(price), Price(100)),)


def test_the_collar_holds_for_triggers_and_is_reported_once():
    """Price and trigger far away are one finding; a trigger alone is enough."""
    both = a_signal(order_type=OrderType.STOP_LIMIT, price=Price(107), trigger_price=Price(106), stop_loss=Price(99))
    alone = a_signal(order_type=OrderType.STOP, price=Price(106), stop_loss=Price(99))

    assert codes(both) == ("PRICE_COLLAR",)
    assert codes(alone) == ("PRICE_COLLAR",)


def test_a_market_order_knows_no_collar():
    """Its price is the market's, whatever the signal says; only what the signal saw may not have drifted."""
    signal = a_signal(order_type=OrderType.MARKET, price=Price(200))

    assert codes(signal) == ()


@pytest.mark.parametrize("seen", ["102", "98"])
def test_a_market_that_moved_two_per_cent_still_serves(seen):
    """At the limit of the drift it passes."""
    assert codes(a_signal(current_price=Price(seen))) == ()


@pytest.mark.parametrize(("seen", "distance"), [("102.01", "0.0201"), ("97.99", "0.0201")])
def test_a_market_that_moved_further_is_denied(seen, distance):
    """A tick more than 2 % is another market than the signal saw."""
    assert refusals(a_signal(current_price=Price(seen))) == (
        SignalDrift(Decimal(distance), Ratio("0.02"), Price(seen), Price(100)),
    )


@pytest.mark.parametrize(
    ("side", "kind", "waits", "through"),
    [
        (Action.BUY, OrderType.STOP, "100.01", "100"),
        (Action.SELL, OrderType.STOP, "99.99", "100"),
        (Action.BUY, OrderType.TAKE_PROFIT, "99.99", "100"),
        (Action.SELL, OrderType.TAKE_PROFIT, "100.01", "100"),
        (Action.BUY, OrderType.STOP_LIMIT, "100.01", "100"),
        (Action.SELL, OrderType.TAKE_PROFIT_LIMIT, "100.01", "100"),
    ],
)
def test_a_trigger_has_to_be_waited_for(side, kind, waits, through):
    """One tick away it waits; at the market it is through already."""
    assert codes(a_signal(action=side, order_type=kind, price=Price(waits))) == ()
    assert refusals(a_signal(action=side, order_type=kind, price=Price(through))) == (
        TriggerOnWrongSide(Price(through), Price(100)),
    )


def test_the_plan_carries_the_entrys_prices():
    """What was priced is what will be sent."""
    stop_limit = plan(a_signal(order_type=OrderType.STOP_LIMIT, price=Price(103), trigger_price=Price(102)))
    market = plan(a_signal(order_type=OrderType.MARKET, time_in_force=TimeInForce.GTC))

    assert (stop_limit.price, stop_limit.trigger_price, stop_limit.worst_price) == (Price(103), Price(102), Price(103))
    assert (market.price, market.trigger_price, market.worst_price) == (None, None, Price("100.30"))


@pytest.mark.parametrize(
    ("asked", "sent"), [(None, TimeInForce.GTC), (TimeInForce.GTX, TimeInForce.GTX), (TimeInForce.FOK, TimeInForce.FOK)]
)
def test_a_limit_works_as_long_as_the_signal_says(asked, sent):
    """Until cancelled, unless it asks for something else."""
    assert plan(a_signal(time_in_force=asked)).time_in_force is sent


@pytest.mark.parametrize("kind", [OrderType.MARKET, OrderType.STOP, OrderType.TAKE_PROFIT])
def test_an_order_without_a_price_has_no_time_in_force(kind):
    """A GTC beside a market order is noise from the producer."""
    price = Price(99) if kind is OrderType.TAKE_PROFIT else Price(101)

    assert plan(a_signal(order_type=kind, price=price, time_in_force=TimeInForce.GTC)).time_in_force is None


@pytest.mark.parametrize(
    ("side", "price", "band", "limit"),
    [
        (Action.BUY, "101.01", (Ratio("0.5"), Ratio("1.01")), "101.00"),
        (Action.BUY, "98.99", (Ratio("0.99"), Ratio(2)), "99.00"),
    ],
)
def test_an_entry_outside_of_the_percent_band_is_denied(side, price, band, limit):
    """The venue would refuse it, so it is not sent; at the band it is."""
    view = a_view(instrument=an_instrument(buy_band=band))

    assert codes(a_signal(action=side, price=Price(limit)), view) == ()
    assert refusals(a_signal(action=side, price=Price(price)), view) == (
        LevelOutOfBand(Decimal(price), Decimal(limit), "entry"),
    )


def test_every_leg_outside_of_the_price_range_is_named():
    """Entry and target above the venue's highest price are two findings; the stop below it is none."""
    view = a_view(instrument=an_instrument(price_max=Decimal("103.99")))

    assert refusals(a_signal(price=Price(104)), view) == (
        LevelOutOfBand(Decimal("104.00"), Decimal("103.99"), "entry"),
        LevelOutOfBand(Decimal("109.20"), Decimal("103.99"), "target"),
    )


def test_a_market_entry_is_held_to_the_band_at_its_worst_price():
    """On spot it is sent as a limit at that price."""
    view = a_view(instrument=a_spot_instrument(buy_band=(Ratio("0.5"), Ratio("1.002"))))

    assert refusals(a_signal(order_type=OrderType.MARKET), view) == (
        LevelOutOfBand(Decimal("100.30"), Decimal("100.200"), "entry"),
    )


def test_a_trigger_outside_of_the_band_is_denied_too():
    """The limit is inside, the trigger is not: one finding."""
    view = a_view(instrument=an_instrument(buy_band=(Ratio("0.5"), Ratio("1.02"))))
    signal = a_signal(order_type=OrderType.STOP_LIMIT, price=Price(102), trigger_price=Price("102.01"))

    assert refusals(signal, view) == (LevelOutOfBand(Decimal("102.01"), Decimal("102.00"), "entry"),)
