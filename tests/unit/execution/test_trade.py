"""A trade as a fold of facts: what is held, what of it is covered, and for how long it was not."""

from decimal import Decimal, localcontext

import attrs
import pytest
from tests.support.decisions import NOW, a_spot_instrument, an_instrument
from tests.support.trades import Tale, a_fill, a_plan, closing, name_of

from petrosa_core.decision import Plan
from petrosa_core.execution import (
    AwaitingEntry,
    Cancellation,
    Closed,
    Closing,
    Exposed,
    OrderState,
    OrderStatus,
    Protected,
    bracket_of,
)
from petrosa_core.values import SECOND, Amount, Leg, Moment, Money, OrderType, Price, Quantity, Side

CANCELLED, PENDING = OrderStatus.CANCELLED, OrderStatus.PENDING


def protected(plan: Plan | None = None, *, sole: bool = False) -> Tale:
    """A futures trade whose entry has filled, with its stop and target resting."""
    tale = Tale(plan=plan).given(sole=sole).accepted("e1").filled("e1")
    tale.meet()
    tale.accepted("s1").meet()
    return tale.accepted("t1")


def a_spot_tale(fee: str = "0.003") -> Tale:
    """A spot trade entered by a plain order that paid its fee in the base asset."""
    tale = Tale(a_spot_instrument(opoco_allowed=False)).accepted("e1")
    return tale.paid("e1", "3", fee, "ABC")


# --- what is held ---------------------------------------------------------------------------------------------------


def test_a_trade_is_named_and_found_by_its_orders():
    """given a protected trade, when its orders are asked for, then each is found by leg, attempt and id."""
    trade = protected().trade

    assert [order.leg for order in trade.orders] == [Leg.ENTRY, Leg.STOP, Leg.TARGET]
    assert trade.symbol == "ABCUSDT"
    assert (trade.entry, *trade.exits) == trade.orders
    assert trade.find(name_of("s1")) == trade.latest(Leg.STOP) == trade.legs(Leg.STOP)[0]
    assert trade.find(name_of("s2")) is None
    assert trade.latest(Leg.CLOSE) is None
    assert (trade.next_attempt(Leg.STOP), trade.next_attempt(Leg.CLOSE)) == (2, 1)


def test_what_is_held_is_what_came_in_less_what_went_out():
    """given 3 bought, when the target sells 1, then 2 are held."""
    tale = protected().filled("t1", "1", "105")

    assert (tale.trade.received, tale.trade.given, tale.trade.held) == (Decimal(3), Decimal(1), Decimal(2))


def test_what_left_by_another_hand_is_not_held():
    """given 3 held, when 2 are proven gone elsewhere, then 1 is held."""
    trade = attrs.evolve(protected().trade, closed_elsewhere=Decimal(2))

    assert (trade.given, trade.held) == (Decimal(2), Decimal(1))


def test_a_fee_in_the_base_asset_is_not_received():
    """given 3 bought on spot, when the fee is 0.003 of the base asset, then 2.997 are held."""
    assert a_spot_tale().trade.received == Decimal("2.997")


def test_a_fee_in_another_asset_takes_nothing_of_what_was_received():
    """given a fee in BNB, when 3 are bought on spot, then 3 are held."""
    tale = Tale(a_spot_instrument(opoco_allowed=False)).accepted("e1").paid("e1", "3", "0.01", "BNB")

    assert tale.trade.received == 3


def test_a_futures_fee_is_never_taken_from_the_position():
    """given a fee in an asset named like the base, when 3 are bought on futures, then 3 are held."""
    assert Tale().accepted("e1").paid("e1", "3", "0.003", "ABC").trade.received == 3


@pytest.mark.parametrize(
    ("fee", "sellable"),
    [("0.003", "2.997"), ("0.0005", "2.999"), ("2.9985", "0.001"), ("2.9995", "0")],
)
def test_what_can_be_sold_is_cut_to_the_step_and_dust_is_nothing(fee: str, sellable: str):
    """given a holding off the step, when it is rounded down, then what is below the smallest quantity is dust."""
    assert a_spot_tale(fee).trade.sellable == Decimal(sellable)


def test_below_the_smallest_quantity_nothing_can_be_sold():
    """given 0.9 held, when the venue's least is 1, then nothing can be sold; at 1, all of it."""
    instrument = an_instrument(quantity_min=Decimal(1))

    assert Tale(instrument).accepted("e1").filled("e1", "0.9").trade.sellable == 0
    assert Tale(instrument).accepted("e1").filled("e1", "1").trade.sellable == 1


# --- what is covered ------------------------------------------------------------------------------------------------


def test_nothing_held_is_covered_and_not_exposed():
    """given no fill, when coverage is asked for, then there is nothing to cover."""
    tale = Tale().accepted("e1")

    assert tale.trade.is_covered
    assert not tale.trade.is_exposed


def test_only_a_resting_stop_covers():
    """given a fill, when the stop is on its way, unanswered, accepted, then only the last covers."""
    tale = Tale().accepted("e1").filled("e1")
    tale.meet()

    assert tale.trade.is_exposed
    assert tale.unanswered("s1").trade.is_exposed
    assert not tale.accepted("s1").trade.is_exposed


def test_a_target_covers_nothing():
    """given a fill, when only a target rests, then the trade is exposed."""
    tale = protected()
    tale.cancelled("s1")

    assert tale.trade.is_exposed
    assert not tale.trade.is_covered


def test_a_stop_covers_what_it_may_still_sell():
    """given a stop of 3 that has sold 1, when 2 are held, then its other 2 cover them."""
    tale = protected().filled("s1", "1", "98")

    assert tale.trade.held == 2
    assert tale.trade.is_covered


def test_a_stop_of_less_than_is_held_does_not_cover():
    """given a stop of 1 for the first fill, when 2 more fill, then the trade is exposed until another rests."""
    tale = Tale().given(sole=False).accepted("e1").filled("e1", "1")
    tale.meet()
    tale.accepted("s1")
    assert tale.trade.is_covered

    tale.filled("e1", "2")

    assert tale.trade.is_exposed
    tale.wait("0.1").meet()
    assert not tale.accepted("s2").trade.is_exposed


def test_a_stop_of_the_whole_position_covers_growth():
    """given closePosition, when the entry fills further, then it stays covered without another order."""
    tale = Tale().accepted("e1").filled("e1", "1")
    tale.meet()
    tale.accepted("s1").filled("e1", "2")

    assert tale.trade.is_covered


# --- the clock of nakedness -----------------------------------------------------------------------------------------


def test_the_clock_of_nakedness_runs_from_fill_to_stop():
    """given a fill, when the stop rests 1.5 s later, then 1.5 s were naked and the clock stands."""
    tale = Tale().accepted("e1").filled("e1")
    begun = tale.trade.exposed_since
    tale.meet()

    tale.wait("1.5").accepted("s1")

    assert begun == NOW
    assert tale.trade.exposed_since is None
    assert tale.trade.naked_us == 1_500_000


def test_more_fills_do_not_restart_the_clock():
    """given an exposed trade, when it fills further, then it is exposed since the first fill."""
    tale = Tale().accepted("e1").filled("e1", "1").wait(1).filled("e1", "1")

    assert tale.trade.exposed_since == NOW


def test_naked_times_add_up():
    """given 1 s naked once and 2 s later, when both are over, then 3 s are written."""
    tale = Tale().given(sole=False).accepted("e1").filled("e1", "1")
    tale.meet()
    tale.wait(1).accepted("s1").filled("e1", "2").meet()
    tale.wait(2).accepted("s2")

    assert tale.trade.naked_us == 3 * SECOND


def test_a_clock_that_went_back_makes_no_negative_nakedness():
    """given two clocks that differ, when the stop seems to rest before the fill, then nothing is subtracted."""
    tale = Tale().accepted("e1").wait(1).filled("e1")
    tale.meet()

    tale.wait(-2).accepted("s1")

    assert (tale.trade.exposed_since, tale.trade.naked_us) == (None, 0)


def test_an_order_proven_absent_is_a_fact_with_a_time():
    """given an exposed trade, when its unanswered stop is given up, then it is still exposed since the fill."""
    tale = Tale().accepted("e1").filled("e1")
    tale.meet()
    tale.unanswered("s1").wait(20).lost("s1")

    assert tale.order("s1").state is OrderState.ABANDONED
    assert tale.trade.exposed_since == NOW


# --- money ----------------------------------------------------------------------------------------------------------


def test_an_entry_that_may_fill_counts_in_full():
    """given a resting entry of 3 at 100, when 1 has filled, then 300 are exposed; once it is cancelled, 100."""
    tale = Tale().accepted("e1").filled("e1", "1")

    assert tale.trade.exposure == 300
    assert tale.cancelled("e1").trade.exposure == 100


def test_exposure_is_what_is_held_at_cost():
    """given 3 bought at 99, when 1 is sold at 105, then 198 are exposed; never less than nothing."""
    tale = Tale(plan=a_plan(price=Price(99))).given(sole=False).accepted("e1").filled("e1", price="99")
    tale.meet()
    tale.accepted("s1").meet()
    tale.accepted("t1").filled("t1", "1", "105")

    assert tale.trade.exposure == 198
    assert attrs.evolve(tale.trade, closed_elsewhere=Decimal(5)).exposure == 0


@pytest.mark.parametrize("fate", ["refused", "ended"])
def test_what_is_over_counts_for_nothing(fate: str):
    """given a refused entry, and an ended trade, when exposure is asked for, then it is zero."""
    tale = Tale().refused("e1")
    if fate == "ended":
        tale.meet()
        assert tale.trade.ended is not None

    assert tale.trade.exposure == 0


@pytest.mark.parametrize(("side", "out", "realised"), [(Side.BUY, "105", "10"), (Side.SELL, "95", "10")])
def test_realised_is_what_the_exits_brought_less_their_share_of_the_cost(side: Side, out: str, realised: str):
    """given 3 at 100, when 2 leave 5 better, then 10 are won, long or short."""
    tale = protected(a_plan(side=side)).filled("t1", "2", out)

    assert tale.trade.realised == Decimal(realised)


def test_a_loss_is_below_zero():
    """given 3 bought at 100, when the stop sells them at 97.9, then 6.3 are lost."""
    assert protected().filled("s1", price="97.9").trade.realised == Decimal("-6.3")


def test_without_a_fill_nothing_is_realised():
    """given a resting entry, when its result is asked for, then it is zero."""
    assert Tale().accepted("e1").trade.realised == 0


def test_fees_of_all_orders_are_summed_per_asset():
    """given fees of entry and stop, when one asset is asked for, then it is their sum, and zero for any other."""
    tale = Tale().given(sole=False).accepted("e1").paid("e1", "3", "0.15", "USDT")
    tale.meet()
    tale.accepted("s1").paid("s1", "1", "0.05", "USDT").paid("s1", "2", "0.001", "BNB")

    assert tale.trade.fees == (Money(Amount("0.20"), "USDT"), Money(Amount("0.001"), "BNB"))
    assert tale.trade.fees_in("USDT") == Decimal("0.20")
    assert tale.trade.fees_in("ETH") == 0


def test_the_application_around_us_cannot_make_a_trade_inexact():
    """given a host that rounds to three digits, when a trade is added up, then every digit is there."""
    quantity = Quantity("1234.567")
    tale = Tale(an_instrument(quantity_max=Decimal(10_000)), a_plan(quantity=quantity)).given(sole=False)
    tale.accepted("e1").filled("e1", "1000.567").meet()
    tale.accepted("s1").filled("e1", "234").meet()
    tale.accepted("s2").meet()
    tale.accepted("t1").filled("t1", "111.111", "105")
    trade = attrs.evolve(tale.trade, closed_elsewhere=Decimal("0.456"))

    with localcontext(prec=3):
        again = attrs.evolve(trade)
        seen = (again.given, again.held, again.is_covered, again.realised)

    assert seen == (Decimal("111.567"), Decimal("1123.000"), True, Decimal("555.555"))


# --- lists, cancels, closes -----------------------------------------------------------------------------------------


def test_an_answer_to_a_list_is_an_answer_to_every_leg():
    """given an OPOCO, when it is accepted, then the entry rests and its exits are held back."""
    tale = Tale(a_spot_instrument()).accepted("l1")

    states = [order.state for order in tale.trade.orders]
    assert states == [OrderState.NEW, OrderState.PENDING, OrderState.PENDING]
    assert {order.list_id for order in tale.trade.orders} == {name_of("l1")}


def test_the_exits_of_an_oco_are_awake_at_once():
    """given an OCO, when it is accepted, then both of its legs rest: nothing holds them back."""
    tale = a_spot_tale()
    tale.meet()
    tale.accepted("l1")

    assert [tale.order(leg).state for leg in ("t1", "s1")] == [OrderState.NEW, OrderState.NEW]


def test_a_cancel_of_one_leg_is_a_cancel_of_the_list():
    """given an OPOCO, when its entry is cancelled, then all legs are being cancelled, and all hear the answer."""
    tale = Tale(a_spot_instrument()).accepted("l1").wait(301)
    assert tale.meet() == ["cancel e1: expired"]

    tale.answered_cancel("e1")

    assert [order.cancelling.answer for order in tale.trade.orders if order.cancelling] == [Cancellation.DONE] * 3


def test_a_cancel_of_an_order_without_a_list_is_its_own():
    """given stop and target, when the target is cancelled, then nothing happens to the stop."""
    tale = protected()
    tale.trade = tale.trade.cancel_asked(name_of("t1"), tale.now)

    assert (tale.order("t1").cancelling is None, tale.order("s1").cancelling) == (False, None)


def test_a_fact_about_an_order_that_we_do_not_know_changes_nothing():
    """given a name of no order of the trade, when something is told of it, then the trade is the same."""
    tale = Tale().accepted("e1")

    assert tale.trade.cancel_asked(name_of("s7"), NOW) == tale.trade
    assert tale.trade.missing(name_of("s7"), NOW) == tale.trade


def test_a_partial_close_is_over_when_so_much_has_left():
    """given 3 held and 2 to be closed, when 1 and then 1 more leave, then the closing is over after the second."""
    tale = protected().closing(quantity="2")
    tale.meet()
    tale.accepted("x1")

    assert tale.filled("x1", "1", "101").trade.closing is not None
    assert tale.filled("x1", "1", "101").trade.closing is None


def test_a_second_partial_close_does_not_count_what_the_first_has_closed():
    """given 1 closed before, when 1 more is to be closed, then it is over when another 1 has left, not at once."""
    tale = protected().closing(quantity="1")
    tale.meet()
    tale.accepted("x1").filled("x1", price="101").closing(quantity="1")

    assert tale.heard("t1", OrderStatus.NEW).trade.closing is not None
    tale.meet()
    assert tale.accepted("x2").filled("x2", price="101").trade.closing is None


def test_a_whole_close_is_never_over_before_the_end():
    """given everything to be closed, when 2 of 3 have left, then the closing goes on."""
    tale = protected().closing()
    tale.meet()

    assert tale.accepted("x1").filled("x1", "2", "101").trade.closing is not None


# --- what has to be read --------------------------------------------------------------------------------------------


def unresolved(tale: Tale) -> list[str]:
    """The orders that have to be read, in short."""
    return [order.client_order_id[29:] for order in tale.trade.unresolved]


def test_an_unanswered_order_has_to_be_read():
    """given no answer, when it is asked what to read, then that order; while it is on its way, nothing."""
    assert unresolved(Tale()) == []
    assert unresolved(Tale().unanswered("e1")) == ["e1"]


def test_an_order_whose_cancel_was_answered_has_to_be_read_until_it_ends():
    """given a cancel, when the venue answers it, then the final quantity is read, until a report tells it."""
    tale = Tale().accepted("e1").wait(301)
    tale.meet()
    assert unresolved(tale) == []

    tale.answered_cancel("e1")

    assert unresolved(tale) == ["e1"]
    assert unresolved(tale.cancelled("e1")) == []


def test_a_held_back_exit_has_to_be_read_once_its_entry_is_over():
    """given a list whose entry has filled, when its exits still seem held back, then they are read."""
    tale = Tale(a_spot_instrument()).accepted("l1")
    assert unresolved(tale) == []

    tale.filled("e1")

    assert unresolved(tale) == ["t1", "s1"]
    assert unresolved(tale.heard("t1", OrderStatus.NEW).heard("s1", OrderStatus.NEW)) == []


def test_a_trade_without_orders_has_nothing_to_be_read():
    """given a trade that was just judged, when nothing of it is written down yet, then nothing is in question."""
    assert attrs.evolve(Tale().trade, orders=()).unresolved == ()


# --- where it stands ------------------------------------------------------------------------------------------------


def test_a_trade_stands_in_exactly_one_of_five_states():
    """given a life from entry to end, when each fact has come, then the state is the one that it should be."""
    tale = Tale().accepted("e1")
    assert bracket_of(tale.trade) == AwaitingEntry()

    tale.filled("e1", price="100")
    assert bracket_of(tale.trade) == Exposed(since=NOW, quantity=Decimal(3))

    tale.meet()
    tale.accepted("s1")
    assert bracket_of(tale.trade) == Protected(quantity=Decimal(3))

    tale.closing("asked")
    assert bracket_of(tale.trade) == Closing(why="asked", quantity=Decimal(3), covered=True)

    tale.meet()
    tale.accepted("x1").filled("x1", price="101").meet()
    tale.cancelled("s1")
    if tale.trade.latest(Leg.TARGET):
        tale.cancelled("t1")
    tale.meet()
    assert bracket_of(tale.trade) == Closed(why="closed:asked")


def test_a_market_entry_is_judged_like_any_other():
    """given a market entry, when it fills in two parts, then both are held, at their average price."""
    tale = (
        Tale(plan=a_plan(order_type=OrderType.MARKET))
        .accepted("e1")
        .filled("e1", "1", "100")
        .filled("e1", "2", "101.5")
    )

    assert tale.trade.entry.average_price == 101
    assert tale.trade.received == 3


def test_a_fill_is_remembered_by_its_id():
    """given a fill, when the same comes again within another report, then it is held once."""
    tale = Tale().accepted("e1")
    fill = a_fill("1", "100", "once")
    for _ in range(2):
        tale.heard("e1", OrderStatus.NEW, fill=fill)

    assert tale.trade.held == 1


def test_closing_remembers_what_was_closed_before():
    """given 2 closed, when another closing begins, then it counts from there."""
    tale = protected().closing(quantity="2")
    tale.meet()
    tale.accepted("x1").filled("x1", price="101")

    begun = closing(tale.trade, "asked", Moment(NOW + SECOND), "1").closing

    assert begun is not None
    assert (begun.before, begun.quantity, begun.at) == (Decimal(2), Quantity(1), NOW + SECOND)


def test_a_trade_that_is_not_closing_has_nothing_left_to_close():
    """given a protected trade of 3, when it is not closing, closing in part, or altogether, then 0, 2 and 3 are left."""
    tale = protected()

    assert tale.trade.left_to_close == 0
    assert tale.closing(quantity="2").trade.left_to_close == 2
    assert tale.closing().trade.left_to_close == 3


def test_what_can_be_sold_is_held_to_the_filters_of_market_orders():
    """given market orders of whole units from 2 on, when 2.5 and 1.5 are held, then 2 can be sold, and nothing."""
    instrument = an_instrument(market_step=Decimal(1), market_quantity_min=Decimal(2))

    assert Tale(instrument).accepted("e1").filled("e1", "2.5").trade.sellable == 2
    assert Tale(instrument).accepted("e1").filled("e1", "1.5").trade.sellable == 0


@pytest.mark.parametrize(("part", "goes_on"), [("2.5", True), ("2.4", False)])
def test_a_part_is_over_when_its_rest_is_less_than_a_market_order_may_be(part: str, goes_on: bool):
    """given market orders from 1 on, when 1.5 of a part have left, then a rest of 1 goes on, and one of 0.9 does not."""
    tale = Tale(an_instrument(market_quantity_min=Decimal(1)), a_plan(quantity=Quantity(9))).accepted("e1").filled("e1")
    tale.meet()
    tale.accepted("s1").meet()
    tale.closing(quantity=part).meet()
    tale.accepted("x1").filled("x1", "1.5", "101")

    assert (tale.trade.closing is not None) is goes_on


def test_a_part_is_over_at_a_venue_without_a_smallest_quantity():
    """given a venue that sells any quantity, when the part has left to the last of it, then the closing is over."""
    tale = Tale(an_instrument(quantity_min=Decimal(0))).accepted("e1").filled("e1").closing(quantity="1")
    tale.meet()

    assert tale.accepted("x1").filled("x1", price="101").trade.closing is None


def test_while_closing_an_exit_whose_answer_is_awaited_is_read_as_well():
    """given a stop on its way, when the trade begins to close, then the stop is read: what it sells cannot be sold twice."""
    tale = Tale().accepted("e1").filled("e1")
    tale.meet()
    assert unresolved(tale) == []

    assert unresolved(tale.closing()) == ["s1"]


def test_an_entry_whose_answer_is_awaited_is_not_read_for_a_close():
    """given an entry on its way, when the trade is to be closed, then its answer is awaited."""
    assert unresolved(Tale().closing()) == []
