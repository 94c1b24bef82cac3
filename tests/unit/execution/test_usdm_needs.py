"""What a futures trade needs next, branch by branch: the stop first, and nothing that could leave the position naked."""

from decimal import Decimal

import attrs
import pytest
from tests.support.decisions import an_instrument
from tests.support.trades import Tale, a_plan

from petrosa_core.decision.plan import ExitRule, LevelSource
from petrosa_core.execution import OrderStatus, needs_of
from petrosa_core.values import Price, Quantity, Ratio, Side

STOP = "place stop sell stop whole when 98.00 on_mark"
TARGET = "place target sell take_profit whole when 105.00 on_mark"


def part(leg: str, quantity: str) -> str:
    """A reduce-only exit of so much."""
    if leg == "stop":
        return f"place stop sell stop {quantity} when 98.00 reduce_only on_mark"
    return f"place target sell take_profit {quantity} when 105.00 reduce_only on_mark"


def close(quantity: str) -> str:
    """A closing order of so much."""
    return f"place close sell market {quantity} reduce_only"


def filled(*, sole: bool = True) -> Tale:
    """A futures trade whose entry of 3 has just filled."""
    return Tale().given(sole=sole).accepted("e1").filled("e1")


def protected(*, sole: bool = True) -> Tale:
    """The same with stop and target resting."""
    tale = filled(sole=sole)
    tale.meet()
    tale.accepted("s1").meet()
    return tale.accepted("t1")


# --- the happy way --------------------------------------------------------------------------------------------------


def test_while_the_entry_may_fill_nothing_is_needed():
    """given an entry on its way, resting or unanswered, when nothing has filled, then there is nothing to do."""
    for tale in (Tale(), Tale().accepted("e1"), Tale().unanswered("e1")):
        assert tale.needs() == []


def test_the_stop_goes_first_and_the_target_follows_when_it_rests():
    """given a fill, when needs are met, then the stop goes; the target only after the stop was accepted."""
    tale = filled()
    assert tale.meet() == [STOP]
    assert tale.accepted("s1").meet() == [TARGET]
    assert tale.accepted("t1").meet() == []


def test_a_short_is_protected_on_the_other_side():
    """given a short at 100, when it fills, then its stop buys at 102 and its target at 95."""
    tale = Tale(plan=a_plan(side=Side.SELL)).accepted("e1").filled("e1")

    assert tale.meet() == ["place stop buy stop whole when 102.00 on_mark"]
    assert tale.accepted("s1").meet() == ["place target buy take_profit whole when 95.00 on_mark"]


def test_exits_are_anchored_to_the_average_fill():
    """given fills at 99 and 100.5, when the stop is placed, then it is 2 % below their average, rounded up."""
    tale = Tale(plan=a_plan(price=Price(101))).accepted("e1").filled("e1", "1", "99").filled("e1", "2", "100.5")

    assert tale.meet() == ["place stop sell stop whole when 98.00 on_mark"]


def test_an_ended_trade_needs_nothing():
    """given an ended trade, when it is asked, then there is nothing, whatever the time."""
    tale = Tale().refused("e1")
    assert tale.meet() == ["end: entry-rejected"]

    assert tale.wait(1000).given(flatten=True).needs() == []


# --- partial fills --------------------------------------------------------------------------------------------------


def test_a_stop_of_the_whole_position_needs_no_company_when_the_entry_grows():
    """given a sole position, when the entry fills in three parts, then one stop and one target are all."""
    tale = Tale().accepted("e1").filled("e1", "1")
    assert tale.meet() == [STOP]
    tale.accepted("s1").meet()

    tale.accepted("t1").filled("e1", "1").filled("e1", "1")

    assert tale.meet() == []


def test_a_shared_position_is_covered_fill_by_fill():
    """given a position that is not wholly ours, when each part fills, then reduce-only exits grow with it."""
    tale = Tale().given(sole=False).accepted("e1").filled("e1", "1")
    assert tale.meet() == [part("stop", "1")]
    tale.accepted("s1")
    assert tale.meet() == [part("target", "1")]

    tale.accepted("t1").filled("e1", "2")

    assert tale.meet() == [part("stop", "2")]
    assert tale.accepted("s2").meet() == [part("target", "2")]
    assert tale.accepted("t2").meet() == []


def test_growth_does_not_wait_for_the_stop_before_to_be_answered():
    """given a stop on its way, when more fills, then the next stop goes at once: they are independent."""
    tale = Tale().given(sole=False).accepted("e1").filled("e1", "1")
    tale.meet()
    tale.filled("e1", "2")

    assert tale.meet() == [part("stop", "2")]


def test_what_no_lot_filter_lets_go_is_not_covered():
    """given 0.0004 more than a stop covers, when it is below the step, then nothing is sent for it."""
    tale = Tale(an_instrument(step=Decimal("0.0001"), market_step=Decimal("0.001"))).given(sole=False).accepted("e1")
    tale.filled("e1", "1")
    tale.meet()
    tale.accepted("s1").meet()
    tale.accepted("t1").filled("e1", "0.0004")

    assert tale.meet() == []


def test_growth_below_the_smallest_quantity_waits_for_more():
    """given a venue that takes no order below 1, when 0.5 more fills, then it waits, and goes with the next 0.5."""
    tale = Tale(an_instrument(quantity_min=Decimal(1))).given(sole=False).accepted("e1").filled("e1", "1")
    tale.meet()
    tale.accepted("s1").meet()
    tale.accepted("t1").filled("e1", "0.5")
    assert tale.meet() == []

    tale.filled("e1", "0.5")

    assert tale.meet() == [part("stop", "1")]


def test_an_exit_larger_than_the_venue_takes_is_split():
    """given 3 held and at most 2 in a market order, when they are covered, then by 2 and 1."""
    tale = Tale(an_instrument(market_quantity_max=Decimal(2))).given(sole=False).accepted("e1").filled("e1")

    assert tale.meet() == [part("stop", "2"), part("stop", "1")]


# --- the stop fails -------------------------------------------------------------------------------------------------


def test_a_stop_that_is_already_through_closes_at_once():
    """given -2021, when the stop is refused, then the position is closed now; the stop is still tried a second later."""
    tale = filled()
    tale.meet()
    tale.refused("s1", -2021, would_trigger=True)

    assert tale.meet() == ["close: stop-already-through", close("3")]
    assert tale.wait(1).meet() == [STOP]


def test_a_refused_stop_closes_at_once():
    """given a refusal for certain, when it is not worth a repeat, then the position is closed with its code."""
    tale = filled()
    tale.meet()

    assert tale.refused("s1", -4509).meet() == ["close: stop-refused:-4509", close("3")]


def test_a_refusal_that_may_pass_is_tried_again_after_a_pause():
    """given a throttled stop, when a second has passed, then the next attempt goes, and not before."""
    tale = filled()
    tale.meet()
    tale.refused("s1", -1003, retryable=True)

    assert tale.wait("0.999999").meet() == []
    assert tale.wait("0.000001").meet() == [STOP]


def test_a_position_without_a_stop_is_closed_after_three_seconds():
    """given refusals that may pass, when 3 s are over, then it is closed, and not a microsecond before."""
    tale = filled()
    tale.meet()
    tale.refused("s1", -1003, retryable=True).wait(1).meet()
    tale.refused("s2", -1003, retryable=True).wait("1.999999")

    assert "close: unprotected" not in tale.needs()
    assert tale.wait("0.000001").needs() == ["close: unprotected"]


def test_an_unanswered_stop_counts_as_none():
    """given a stop without an answer in a shared position, when 3 s are over, then the position is closed."""
    tale = filled(sole=False)
    tale.meet()
    tale.unanswered("s1")

    assert tale.wait("2.9").meet() == []
    assert tale.wait("0.1").meet() == ["close: unprotected", close("3")]


def test_stops_that_vanish_again_and_again_close_the_trade():
    """given three stops cancelled by another hand, when the fourth goes as well, then the trade is closed."""
    tale = protected()
    for attempt in (1, 2, 3):
        tale.cancelled(f"s{attempt}")
        assert tale.meet() == []
        assert tale.wait(1).meet() == [STOP]
        tale.accepted(f"s{attempt + 1}")

    assert tale.cancelled("s4").meet() == ["close: stop-lost", close("3")]


def test_a_stop_that_we_have_replaced_is_not_lost():
    """given four partial closes, each of which replaces the stop, when all is done, then nothing is closed for it."""
    tale = Tale(plan=a_plan(quantity=Quantity(9))).given(sole=False).accepted("e1").filled("e1")
    tale.meet()
    tale.accepted("s1").meet()
    tale.accepted("t1")
    for attempt in range(1, 6):
        tale.closing(quantity="1").meet()
        tale.accepted(f"x{attempt}").filled(f"x{attempt}", price="101").meet()
        tale.accepted(f"s{attempt + 1}").meet()
        tale.cancelled(f"s{attempt}").meet()
        tale.accepted(f"t{attempt + 1}").meet()
        assert tale.cancelled(f"t{attempt}").meet() == []

    assert tale.trade.closing is None
    assert tale.trade.held == 4


def test_a_stop_has_to_be_legal_or_the_trade_is_closed():
    """given a stop so far below that it falls under zero, when the entry has filled, then it is closed, once."""
    rule = ExitRule(source=LevelSource.ATR, distance=Ratio(120), absolute=True)
    tale = Tale(plan=a_plan(stop=rule)).accepted("e1").filled("e1")

    assert tale.meet() == ["close: no-legal-stop", close("3")]
    assert tale.wait(1).meet() == []


# --- repeats --------------------------------------------------------------------------------------------------------


def test_an_unanswered_stop_of_a_sole_position_is_repeated_under_its_own_name():
    """given no answer, when half a second has passed, then the same order goes again, and again half a second later."""
    tale = filled()
    tale.meet()
    tale.unanswered("s1")

    assert tale.wait("0.499999").meet() == []
    assert tale.wait("0.000001").meet() == ["resend s1"]
    assert tale.wait("0.4").meet() == []
    assert tale.wait("0.1").meet() == ["resend s1"]


def test_in_a_shared_position_nothing_is_repeated():
    """given a position of which another part is not ours, when an exit has no answer, then it is read, not repeated."""
    tale = filled(sole=False)
    tale.meet()
    tale.unanswered("s1")

    assert tale.wait(1).meet() == []


def test_an_unanswered_target_is_repeated_too():
    """given no answer to the target, when half a second has passed, then it goes again; the stop rests."""
    tale = filled()
    tale.meet()
    tale.accepted("s1").meet()
    tale.unanswered("t1")

    assert tale.wait("0.5").meet() == ["resend t1"]


def test_an_unanswered_close_is_repeated_where_it_can_only_reduce():
    """given a sole position, when the close has no answer, then it goes again under its name; never a second one."""
    tale = protected().closing()
    tale.meet()
    tale.unanswered("x1")

    assert tale.needs() == []
    assert tale.wait("0.5").meet() == ["resend x1"]


def test_an_unanswered_close_of_a_shared_position_is_read_first():
    """given a shared position, when the close has no answer, then nothing is sent until it is known."""
    tale = protected(sole=False).closing()
    tale.meet()
    tale.unanswered("x1")

    assert tale.wait(10).needs() == []
    assert tale.lost("x1").wait(1).needs() == [close("3")]


def test_an_entry_is_never_repeated():
    """given an entry without an answer, when an hour passes, then nothing is sent."""
    assert Tale().unanswered("e1").wait(3600).needs() == []


# --- the target fails -----------------------------------------------------------------------------------------------


def test_a_target_that_fails_never_costs_the_stop():
    """given three refused targets, when each has been tried after its pause, then the stop stays and nothing else goes."""
    tale = filled()
    tale.meet()
    tale.accepted("s1").meet()
    for attempt in (1, 2):
        tale.refused(f"t{attempt}", -2011)
        assert tale.meet() == []
        assert tale.wait(1).meet() == [TARGET]

    tale.refused("t3", -2011)

    assert tale.wait(3600).needs() == []
    assert tale.order("s1").resting


def test_a_target_that_is_already_through_takes_the_profit():
    """given a target refused as already through, when it is known, then the trade is closed at the market."""
    tale = filled()
    tale.meet()
    tale.accepted("s1").meet()

    assert tale.refused("t1", -2021, would_trigger=True).meet() == ["close: target-already-through", close("3")]


def test_a_repeated_target_that_is_through_but_may_rest_is_read_first():
    """given a repeat refused as through, when the first send may have arrived, then nothing is closed for it."""
    tale = filled()
    tale.meet()
    tale.accepted("s1").meet()
    tale.unanswered("t1").wait("0.5").meet()

    tale.refused("t1", -2021, would_trigger=True)

    assert tale.meet() == []


def test_a_target_that_cannot_be_priced_is_left_out():
    """given a short whose target lies below zero, when the stop rests, then it is protected without a target."""
    rule = ExitRule(source=LevelSource.ATR, distance=Ratio(200), absolute=True)
    tale = Tale(plan=a_plan(side=Side.SELL, target=rule)).accepted("e1").filled("e1")
    tale.meet()

    assert tale.accepted("s1").meet() == []


# --- too much rests -------------------------------------------------------------------------------------------------


def test_a_stop_shrinks_by_make_before_break():
    """given a shared position of which 1 was closed, when the stop is too large, then the smaller one rests first."""
    tale = protected(sole=False).closing(quantity="1")
    assert tale.meet() == [close("1")]
    tale.accepted("x1").filled("x1", price="101")

    assert tale.meet() == [part("stop", "2"), part("target", "2")]
    assert tale.accepted("s2").meet() == ["cancel s1: replaced"]
    assert tale.accepted("t2").meet() == ["cancel t1: replaced"]
    assert tale.cancelled("s1", "t1").meet() == []


def test_a_replaced_stop_is_not_cancelled_before_the_new_one_rests():
    """given a smaller stop without an answer, when time passes, then the larger one stays."""
    tale = protected(sole=False).closing(quantity="1")
    tale.meet()
    tale.accepted("x1").filled("x1", price="101").meet()

    assert tale.unanswered("s2").wait(1).needs() == []
    assert tale.order("s1").resting


def test_a_cancel_of_the_replaced_stop_that_was_lost_is_asked_again():
    """given a cancel without an answer, when 2 s have passed and the order still rests, then it is asked again."""
    tale = protected(sole=False).closing(quantity="1")
    tale.meet()
    tale.accepted("x1").filled("x1", price="101").meet()
    tale.accepted("s2").meet()

    assert tale.wait("1.9").needs() == []
    assert tale.wait("0.1").needs() == ["cancel s1: replaced"]


def test_a_stop_that_is_being_cancelled_is_not_taken_for_the_fitting_one():
    """given a stop of 3 being replaced by one of 2, when another 1 leaves, then a stop of 1 goes, and both others go."""
    tale = protected(sole=False).closing(quantity="1")
    tale.meet()
    tale.accepted("x1").filled("x1", price="101").meet()
    tale.accepted("s2").meet()
    tale.closing(quantity="1").meet()
    tale.accepted("x2").filled("x2", price="101")

    assert tale.meet() == [part("stop", "1")]
    assert tale.accepted("s3").meet() == ["cancel s2: replaced"]


def test_while_the_entry_may_still_fill_nothing_shrinks():
    """given a partly closed trade whose entry still rests, when too much is covered, then it stays: more may fill."""
    tale = Tale().given(sole=False).accepted("e1").filled("e1", "2")
    tale.meet()
    tale.accepted("s1").meet()
    tale.accepted("t1").filled("t1", "1", "105")

    assert tale.meet() == ["cancel e1: exit-filled"]
    assert tale.cancelled("e1").meet() == [part("stop", "1")]


def test_a_whole_position_exit_gives_way_when_the_position_is_shared():
    """given closePosition exits, when another trade shares the position, then reduce-only ones replace them."""
    tale = protected().given(sole=False)

    assert tale.meet() == [part("stop", "3"), part("target", "3")]
    assert tale.accepted("s2").meet() == ["cancel s1: replaced"]
    assert tale.accepted("t2").meet() == ["cancel t1: replaced"]
    assert tale.cancelled("s1", "t1").meet() == []
    assert tale.given(sole=True).meet() == []


def test_a_position_that_is_ours_alone_again_keeps_its_whole_position_stop():
    """given a stop being replaced, when the other trade is gone before it is cancelled, then the replacement goes."""
    tale = protected().given(sole=False)
    tale.meet()
    tale.given(sole=True)
    assert tale.needs() == []

    tale.accepted("s2", "t2")

    assert tale.meet() == ["cancel s2: replaced", "cancel t2: replaced"]


def test_a_whole_position_stop_whose_answer_is_awaited_replaces_nothing():
    """given a whole-position stop without an answer, when a smaller one rests beside it, then that one stays."""
    tale = filled()
    tale.meet()
    tale.unanswered("s1").given(sole=False).meet()
    tale.accepted("s2").given(sole=True)

    assert tale.needs() == [TARGET]
    assert tale.wait("0.5").meet() == ["resend s1", TARGET]


def test_several_exits_that_come_to_the_right_size_are_kept():
    """given a shared position covered by 1 and 2, when a whole-position stop rests beside them, then only that goes."""
    tale = Tale().accepted("e1").filled("e1", "1")
    tale.meet()
    tale.accepted("s1").given(sole=False)
    assert tale.meet() == [part("stop", "1"), part("target", "1")]
    tale.filled("e1", "2")
    assert tale.meet() == [part("stop", "2"), part("target", "2")]

    assert tale.accepted("s2").meet() == []
    assert tale.accepted("s3").meet() == ["cancel s1: replaced"]


# --- the way out ----------------------------------------------------------------------------------------------------


def test_a_close_leaves_the_stop_where_it_is():
    """given a protected trade, when it is to be closed, then a reduce-only market order goes, and nothing is cancelled."""
    tale = protected().closing()

    assert tale.meet() == [close("3")]
    assert tale.accepted("x1").meet() == []


def test_what_rests_is_cleared_away_when_nothing_is_held():
    """given a closed position, when its exits still rest, then they are cancelled, and only then the trade ends."""
    tale = protected().closing("signal")
    tale.meet()
    tale.accepted("x1").filled("x1", price="101")

    assert tale.meet() == ["cancel s1: trade-closed", "cancel t1: trade-closed"]
    tale.cancelled("s1")
    assert tale.meet() == []
    assert tale.cancelled("t1").meet() == ["end: closed:signal"]


def test_a_refused_close_is_tried_again_after_a_second():
    """given a refused close, when a second has passed, then the next attempt goes."""
    tale = protected().closing()
    tale.meet()
    tale.refused("x1", -1001)

    assert tale.wait("0.9").meet() == []
    assert tale.wait("0.1").meet() == [close("3")]


@pytest.mark.parametrize("code", [-2022, -4118])
def test_a_close_that_an_exit_stands_in_the_way_of_cancels_the_target_never_the_stop(code: int):
    """given a close refused because exits fill the position, when it is tried again, then the target goes first."""
    tale = protected().closing()
    tale.meet()
    tale.refused("x1", code)

    assert tale.wait(1).meet() == ["cancel t1: in-the-way", close("3")]
    assert tale.order("s1").cancelling is None


def test_a_close_that_filled_in_part_goes_on_at_once():
    """given a close that expired after 1 of 3, when the rest is held, then it goes without a pause."""
    tale = protected().closing()
    tale.meet()
    tale.accepted("x1").filled("x1", "1", "101")
    tale.heard("x1", OrderStatus.EXPIRED, executed=Decimal(1), cost=Decimal(101))

    assert tale.meet()[0] == close("2")


def test_a_partial_close_sells_its_part_and_the_rest_is_protected_again():
    """given 3 held by a sole trade, when 1 is to be closed, then 1 goes and the whole-position exits stay."""
    tale = protected().closing(quantity="1")

    assert tale.meet() == [close("1")]
    assert tale.accepted("x1").filled("x1", price="101").meet() == []
    assert tale.trade.closing is None


def test_a_partial_close_in_two_goes_sells_no_more_than_its_part():
    """given 2 to be closed, when the first close fills 1 only, then the next one is of 1."""
    tale = protected().closing(quantity="2")
    tale.meet()
    tale.accepted("x1").filled("x1", "1", "101")
    tale.heard("x1", OrderStatus.EXPIRED, executed=Decimal(1), cost=Decimal(101))

    assert tale.meet() == [close("1")]


def test_a_partial_close_whose_rest_cannot_be_sold_is_over():
    """given a thin book that leaves less than the venue's least of a partial close, when it is known, then it is done."""
    tale = Tale(an_instrument(quantity_min=Decimal(1)), a_plan(quantity=Quantity(6))).accepted("e1").filled("e1")
    tale.meet()
    tale.accepted("s1").meet()
    tale.accepted("t1").closing(quantity="2").meet()
    tale.accepted("x1").filled("x1", "1.5", "101")
    tale.heard("x1", OrderStatus.EXPIRED, executed=Decimal("1.5"), cost=Decimal("151.5"))

    assert tale.trade.closing is None
    assert tale.meet() == []


def test_a_partial_close_gives_way_to_flatten():
    """given a partial close without an answer, when everything is to be flattened, then the whole trade is closing."""
    tale = protected().closing(quantity="1")
    tale.meet()
    tale.accepted("x1").given(flatten=True)

    assert tale.meet() == ["close: flatten"]
    assert tale.trade.leaving
    assert tale.filled("x1", price="101").meet() == [close("2")]


def test_a_partial_close_gives_way_to_a_lost_stop():
    """given a partial close on its way, when the stop is lost and refused, then all of it is closed."""
    tale = protected().closing(quantity="1")
    tale.meet()
    tale.cancelled("s1").wait(1).meet()

    assert tale.refused("s2", -4509).meet() == ["close: stop-refused:-4509"]


def test_flatten_closes_what_is_held_and_cancels_what_may_fill():
    """given a partly filled entry, when everything is flattened, then it is closed at the market and the entry goes."""
    tale = Tale().accepted("e1").filled("e1", "1")
    tale.meet()
    tale.accepted("s1").meet()
    tale.accepted("t1").given(flatten=True, entries_may_rest=False)

    assert tale.meet() == ["close: flatten", close("1"), "cancel e1: closing:flatten"]


def test_an_exit_larger_than_the_venue_takes_leaves_in_pieces():
    """given 3 held and at most 2 in a market order, when they are closed, then 2 go, and then 1."""
    tale = Tale(an_instrument(market_quantity_max=Decimal(2))).accepted("e1").filled("e1")
    tale.meet()
    tale.accepted("s1").meet()
    tale.accepted("t1").closing()

    assert tale.meet() == [close("2")]
    assert tale.accepted("x1").filled("x1", price="101").meet() == [close("1")]


# --- the entry ------------------------------------------------------------------------------------------------------


def test_an_entry_expires():
    """given a resting entry, when its time is over, then it is cancelled; its end is the trade's."""
    tale = Tale().accepted("e1")

    assert tale.wait("299.999999").needs() == []
    assert tale.wait("0.000001").meet() == ["cancel e1: expired"]
    assert tale.cancelled("e1").meet() == ["end: entry-cancelled"]


def test_a_lost_cancel_of_an_entry_is_asked_again():
    """given a cancel without an answer, when 2 s have passed, then it is asked again."""
    tale = Tale().accepted("e1").wait(300)
    tale.meet()

    assert tale.wait("1.999999").needs() == []
    assert tale.wait("0.000001").needs() == ["cancel e1: expired"]


def test_a_halt_cancels_entries_and_leaves_stops():
    """given a partly filled entry, when trading is halted, then the entry goes and the stop stays."""
    tale = Tale().accepted("e1").filled("e1", "1")
    tale.meet()
    tale.accepted("s1").meet()
    tale.accepted("t1").given(entries_may_rest=False)

    assert tale.meet() == ["cancel e1: halted"]


def test_an_entry_that_was_never_answered_is_not_cancelled_blindly():
    """given an unanswered entry, when trading is halted, then it is read first: there is nothing known to cancel."""
    assert Tale().unanswered("e1").given(entries_may_rest=False).needs() == []


def test_a_close_of_a_resting_entry_is_its_cancel():
    """given nothing filled, when the trade is to be closed, then the entry is cancelled."""
    tale = Tale().accepted("e1").closing("signal")

    assert tale.meet() == ["cancel e1: closing:signal"]


def test_a_partial_close_leaves_the_entry_alone():
    """given a partly filled entry, when 1 is to be closed, then the entry goes on resting."""
    tale = Tale(plan=a_plan(quantity=Quantity(9))).accepted("e1").filled("e1", "3")
    tale.meet()
    tale.accepted("s1").meet()

    assert tale.accepted("t1").closing(quantity="1").meet() == [close("1")]


def test_an_abandoned_entry_that_appears_is_cancelled():
    """given an entry that was given up, when the venue tells that it rests, then it is cancelled at once."""
    tale = Tale().unanswered("e1")
    tale.trade = tale.trade.missing(tale.order("e1").client_order_id, tale.now)
    tale.lost("e1")

    assert tale.heard("e1", OrderStatus.NEW).meet() == ["cancel e1: appeared-late"]


def test_an_abandoned_entry_that_appears_filled_is_protected():
    """given an entry that was given up, when it turns out to have filled, then it gets its stop."""
    tale = Tale().unanswered("e1").lost("e1").filled("e1")

    assert tale.meet() == [STOP]


@pytest.mark.parametrize(
    ("status", "why"),
    [
        (OrderStatus.CANCELLED, "entry-cancelled"),
        (OrderStatus.EXPIRED, "entry-expired"),
        (OrderStatus.REJECTED, "entry-rejected"),
    ],
)
def test_an_entry_without_a_fill_ends_its_trade(status: OrderStatus, why: str):
    """given nothing filled, when the entry is over, then the trade ends by the way it ended."""
    assert Tale().accepted("e1").heard("e1", status).meet() == [f"end: {why}"]


def test_an_abandoned_entry_ends_its_trade():
    """given an entry that was never accepted, when it is given up, then the trade ends."""
    assert Tale().unanswered("e1").lost("e1").meet() == ["end: entry-abandoned"]


def test_a_trade_does_not_end_while_its_entry_may_fill():
    """given everything sold again, when the entry still rests, then it is cancelled first."""
    tale = Tale().accepted("e1").filled("e1", "1")
    tale.meet()
    tale.accepted("s1").meet()
    tale.accepted("t1").filled("s1", "1", "98")

    assert tale.meet() == ["cancel e1: exit-filled"]
    assert tale.cancelled("e1").meet() == ["cancel t1: trade-closed"]
    assert tale.cancelled("t1").meet() == ["end: stopped"]


# --- the end --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("exit_", "other", "why"), [("s1", "t1", "stopped"), ("t1", "s1", "target")])
def test_the_exit_that_took_the_last_of_it_names_the_end(exit_: str, other: str, why: str):
    """given stop and target, when one of them fills, then the other is cleared away and the end has its name."""
    tale = protected().filled(exit_)

    assert tale.meet() == [f"cancel {other}: trade-closed"]
    assert tale.cancelled(other).meet() == [f"end: {why}"]


def test_an_exit_without_an_answer_holds_the_end():
    """given a target without an answer, when the stop has filled, then the trade waits until the target is known."""
    tale = filled()
    tale.meet()
    tale.accepted("s1").meet()
    tale.unanswered("t1").filled("s1")

    assert tale.wait(60).needs() == []
    assert tale.lost("t1").meet() == ["end: stopped"]


def test_what_is_too_little_to_sell_is_dust():
    """given a stop that leaves 0.0004, when no order could sell it, then the trade ends as dust."""
    tale = (
        Tale(an_instrument(step=Decimal("0.0001"), market_step=Decimal("0.001"))).accepted("e1").filled("e1", "2.0004")
    )
    tale.meet()
    tale.accepted("s1").meet()
    tale.accepted("t1").cancelled("e1").filled("s1", "2", "98")
    tale.heard("s1", OrderStatus.EXPIRED, executed=Decimal(2), cost=Decimal(196))
    tale.meet()

    assert tale.cancelled("t1").meet() == ["end: stopped+dust"]


def test_what_left_by_another_hand_ends_as_such():
    """given a position that was closed by hand, when it is proven gone, then exits are cleared and the end says so."""
    tale = protected()
    tale.trade = attrs.evolve(tale.trade, closed_elsewhere=Decimal(3))

    assert tale.meet() == ["cancel s1: trade-closed", "cancel t1: trade-closed"]
    assert tale.cancelled("s1", "t1").meet() == ["end: closed-elsewhere"]


def test_needs_do_not_change_the_trade():
    """given any trade, when it is asked twice, then the answer is the same: asking is free."""
    tale = filled()

    assert needs_of(tale.trade, tale.situation()) == needs_of(tale.trade, tale.situation())


def test_the_last_exit_to_trade_names_the_end():
    """given a target that sold 1 and a stop that later sold the other 2, when the trade ends, then it was stopped."""
    tale = protected().filled("t1", "1", "105").wait(1).filled("s1", "2", "98").cancelled("s1", "t1")

    assert tale.meet() == ["end: stopped"]


def test_a_position_that_was_shared_shrinks_by_quantity():
    """given reduce-only exits of a time when the position was shared, when 1 is closed, then they shrink to 2, not to all."""
    tale = protected(sole=False).given(sole=True).closing(quantity="1")
    tale.meet()
    tale.accepted("x1").filled("x1", price="101")

    assert tale.meet() == [part("stop", "2"), part("target", "2")]


def test_growth_is_held_to_the_filters_of_market_orders():
    """given market orders of whole units from 2 on, when 1 and then 2.5 more fill, then nothing goes, and then 3."""
    instrument = an_instrument(step=Decimal("0.1"), market_step=Decimal(1), market_quantity_min=Decimal(2))
    tale = Tale(instrument, a_plan(quantity=Quantity(9))).given(sole=False).accepted("e1").filled("e1", "3")
    tale.meet()
    tale.accepted("s1").meet()
    assert tale.accepted("t1").filled("e1", "1").meet() == []

    assert tale.filled("e1", "2.5").meet() == [part("stop", "3")]


def test_what_a_stop_has_left_uncovered_is_covered_in_whole_steps():
    """given market orders of whole units and a stop that sold 0.5, when 2 more fill, then 1 is placed for the 1.5."""
    instrument = an_instrument(step=Decimal("0.1"), market_step=Decimal(1))
    tale = Tale(instrument, a_plan(quantity=Quantity(9))).given(sole=False).accepted("e1").filled("e1", "3")
    tale.meet()
    tale.accepted("s1").filled("s1", "0.5", "98").filled("e1", "2")

    assert part("stop", "1") in tale.needs()
