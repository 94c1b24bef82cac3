"""What a spot trade needs next, branch by branch: a balance is locked once, and nothing there is reduce-only."""

from decimal import Decimal

import attrs
import pytest
from tests.support.decisions import a_spot_instrument
from tests.support.trades import Tale, a_plan, name_of

from petrosa_core.decision.plan import ExitRule, LevelSource
from petrosa_core.execution import OrderStatus
from petrosa_core.values import Instrument, OrderType, Quantity, Ratio

NEW = OrderStatus.NEW


def oco(quantity: str) -> str:
    """The exits of so much."""
    return f"place oco[target sell limit {quantity} at 105.00 GTX; stop sell stop {quantity} when 98.00]"


def close(quantity: str) -> str:
    """A closing order of so much."""
    return f"place close sell market {quantity}"


def listed(instrument: Instrument | None = None) -> Tale:
    """A trade whose entry rests in a list that arms its exits itself."""
    return Tale(instrument or a_spot_instrument()).accepted("l1")


def plainly(quantity: str = "3") -> Tale:
    """A trade that was entered by a plain order, filled without a fee."""
    tale = Tale(a_spot_instrument(opoco_allowed=False), a_plan(quantity=Quantity(quantity))).accepted("e1")
    return tale.filled("e1")


def protected(quantity: str = "3") -> Tale:
    """The same with its OCO resting."""
    tale = plainly(quantity)
    assert tale.meet() == [oco(quantity)]
    return tale.accepted("l1")


# --- entered by a list ----------------------------------------------------------------------------------------------


def test_a_list_arms_its_exits_itself():
    """given a list, when its entry fills and the venue wakes its exits, then there is nothing to do."""
    tale = listed()
    assert tale.needs() == []

    tale.filled("e1").heard("t1", NEW).heard("s1", NEW)

    assert tale.needs() == []
    assert tale.trade.is_covered


def test_exits_that_the_venue_never_wakes_close_the_trade():
    """given a filled list whose exits stay held back, when 3 s are over, then they are cancelled and all is sold."""
    tale = listed().filled("e1").wait("2.999999")
    assert tale.needs() == []

    assert tale.wait("0.000001").meet() == ["close: unprotected", "cancel t1: closing:unprotected"]
    assert tale.cancelled("t1", "s1").meet() == [close("3")]


def test_a_partial_fill_is_taken_out_of_its_list_after_a_second():
    """given a list filled in part, when a second has passed, then it is cancelled, and what was received gets an OCO."""
    tale = listed().filled("e1", "2")
    assert tale.wait("0.999999").needs() == []

    assert tale.wait("0.000001").meet() == ["cancel e1: partly-filled"]
    assert tale.cancelled("e1", "t1", "s1").meet() == [oco("2")]


def test_the_new_exits_have_names_of_their_own():
    """given the exits of the list, when they are replaced, then by the second attempt at each leg."""
    tale = listed().filled("e1", "2").wait(1)
    tale.meet()
    tale.cancelled("e1", "t1", "s1").meet()

    assert (tale.order("s2").attempt, tale.order("t2").attempt) == (2, 2)


def test_a_list_that_completes_before_its_cancel_keeps_its_own_exits():
    """given a cancel that came too late, when the entry turns out filled and its exits awake, then nothing is placed."""
    tale = listed().filled("e1", "2").wait(1)
    tale.meet()
    tale.filled("e1", "1").heard("t1", NEW).heard("s1", NEW)

    assert tale.meet() == []


def test_exits_of_the_list_that_may_still_live_stand_in_the_way_of_an_oco():
    """given a cancelled entry, when its exits are not known to be gone, then no second lock is tried."""
    tale = listed().filled("e1", "2").wait(1)
    tale.meet()

    assert tale.cancelled("e1").meet() == []
    assert tale.cancelled("t1").meet() == []
    assert tale.cancelled("s1").meet() == [oco("2")]


def test_a_refused_list_ends_its_trade():
    """given a list that is refused, when it is known, then the trade ends: nothing was sold or bought."""
    assert Tale(a_spot_instrument()).refused("l1").meet() == ["end: entry-rejected"]


def test_an_expired_list_ends_its_trade():
    """given a FOK that found no counterpart, when the list is over, then so is the trade."""
    tale = listed().heard("e1", OrderStatus.EXPIRED)
    for leg in ("t1", "s1"):
        tale.heard(leg, OrderStatus.EXPIRED)

    assert tale.meet() == ["end: entry-expired"]


def test_held_back_exits_of_a_dead_entry_are_cleared_away_once():
    """given an expired entry whose exits seem held back, when they are cleared, then by one cancel for the list."""
    assert listed().heard("e1", OrderStatus.EXPIRED).meet() == ["cancel t1: trade-closed"]


def test_a_close_of_a_list_that_is_filling_takes_the_list_away_first():
    """given a list filled in part, when it is to be closed, then it is cancelled, its rest read, and that is sold."""
    tale = listed().filled("e1", "2").closing("signal")

    assert tale.meet() == ["cancel e1: closing:signal"]
    assert tale.cancelled("e1").meet() == []
    assert tale.cancelled("t1", "s1").meet() == [close("2")]


# --- entered plainly ------------------------------------------------------------------------------------------------


def test_a_plain_entry_gets_an_oco_for_what_it_received_net_of_fees():
    """given a fee in the base asset, when a plain entry has filled, then the OCO is of what is left, on the step."""
    tale = Tale(a_spot_instrument(opoco_allowed=False)).accepted("e1").paid("e1", "3", "0.0031", "ABC")

    assert tale.meet() == [oco("2.996")]
    assert tale.accepted("l1").meet() == []


@pytest.mark.parametrize("order_type", [OrderType.LIMIT, OrderType.STOP, OrderType.MARKET])
def test_a_plain_entry_that_fills_in_parts_gets_one_oco_for_all_of_it(order_type: OrderType):
    """given fills within a second, when the last has come, then one OCO covers them; a balance can be locked once."""
    tale = Tale(a_spot_instrument(opoco_allowed=False), a_plan(order_type=order_type)).accepted("e1")
    assert tale.filled("e1", "1").meet() == []
    assert tale.wait("0.5").filled("e1", "1").meet() == []

    assert tale.filled("e1", "1").meet() == [oco("3")]


def test_a_plain_entry_that_stays_partly_filled_is_cancelled_after_a_second():
    """given 1 of 3 filled, when a second has passed, then the rest is cancelled and the 1 gets its OCO."""
    tale = Tale(a_spot_instrument(opoco_allowed=False)).accepted("e1").filled("e1", "1")

    assert tale.wait("0.999999").meet() == []
    assert tale.wait("0.000001").meet() == ["cancel e1: partly-filled"]
    assert tale.cancelled("e1").meet() == [oco("1")]


def test_an_oco_that_is_already_through_closes_at_once():
    """given a price below the stop, when the OCO is refused for it, then what is held is sold."""
    tale = plainly()
    tale.meet()

    assert tale.refused("l1", -2010, would_trigger=True).meet() == ["close: stop-already-through", close("3")]


def test_a_refused_oco_closes_at_once():
    """given a refusal for certain, when it is not worth a repeat, then what is held is sold."""
    tale = plainly()
    tale.meet()

    assert tale.refused("l1", -1013).meet() == ["close: stop-refused:-1013", close("3")]


def test_an_oco_that_was_throttled_is_tried_again():
    """given a refusal that may pass, when a second has passed, then the next attempt goes, and not before."""
    tale = plainly()
    tale.meet()
    tale.refused("l1", -1003, retryable=True)

    assert tale.wait("0.999999").meet() == []
    assert tale.wait("0.000001").meet() == [oco("3")]


def test_an_unanswered_oco_is_never_repeated_and_nothing_is_sold_beside_it():
    """given an OCO without an answer, when 3 s are over, then the trade is closing, but sells nothing it may have locked."""
    tale = plainly()
    tale.meet()
    tale.unanswered("l1")

    assert tale.wait("2.9").meet() == []
    assert tale.wait("0.1").meet() == ["close: unprotected"]
    assert tale.lost("t1").lost("s1").wait(1).meet() == [close("3")]


def test_stops_that_vanish_again_and_again_close_the_trade():
    """given three lists cancelled by another hand, when the fourth goes as well, then the trade is closed."""
    tale = protected()
    for attempt in (1, 2, 3):
        tale.cancelled(f"t{attempt}", f"s{attempt}")
        assert tale.meet() == []
        assert tale.wait(1).meet() == [oco("3")]
        tale.accepted(f"s{attempt + 1}", f"t{attempt + 1}")

    assert tale.cancelled("t4", "s4").meet() == ["close: stop-lost", close("3")]


def test_a_target_that_fills_in_part_and_kills_its_stop_closes_the_rest():
    """given an OCO, when its target fills in part and its stop is gone, then the rest is sold within 3 s."""
    tale = protected().filled("t1", "1", "105").heard("s1", OrderStatus.EXPIRED)
    assert tale.meet() == []

    assert tale.wait(3).meet() == ["close: unprotected", "cancel t1: closing:unprotected"]
    tale.heard("t1", OrderStatus.CANCELLED, executed=Decimal(1), cost=Decimal(105))
    assert tale.meet() == [close("2")]


def test_a_stop_has_to_be_legal_or_the_trade_is_closed():
    """given a stop so far below that it falls under zero, when the entry has filled, then it is closed."""
    rule = ExitRule(source=LevelSource.ATR, distance=Ratio(120), absolute=True)
    tale = Tale(a_spot_instrument(opoco_allowed=False), a_plan(stop=rule)).accepted("e1").filled("e1")

    assert tale.meet() == ["close: no-legal-stop", close("3")]


# --- the way out ----------------------------------------------------------------------------------------------------


def test_a_close_frees_the_balance_before_it_sells():
    """given a protected trade, when it is to be closed, then its list is cancelled, and only then it is sold."""
    tale = protected().closing("signal")

    assert tale.meet() == ["cancel t1: closing:signal"]
    assert tale.cancelled("t1").meet() == []
    assert tale.cancelled("s1").meet() == [close("3")]
    assert tale.accepted("x1").meet() == []
    assert tale.filled("x1", price="101").meet() == ["end: closed:signal"]


def test_a_lost_cancel_is_asked_again_before_anything_is_sold():
    """given a cancel without an answer, when 2 s have passed, then it is asked again; nothing is sold meanwhile."""
    tale = protected().closing("signal")
    tale.meet()

    assert tale.wait("1.999999").needs() == []
    assert tale.wait("0.000001").needs() == ["cancel t1: closing:signal"]


def test_an_unanswered_sell_counts_as_sold_until_it_is_known():
    """given a close without an answer, when time passes, then nothing more is sold; once it is proven absent, it is."""
    tale = protected().closing()
    tale.meet()
    tale.cancelled("t1", "s1").meet()
    tale.unanswered("x1")

    assert tale.wait(60).needs() == []
    assert tale.lost("x1").wait(1).meet() == [close("3")]


def test_a_refused_close_is_tried_again_after_a_second():
    """given a refused sell, when a second has passed, then the next attempt goes."""
    tale = protected().closing()
    tale.meet()
    tale.cancelled("t1", "s1").meet()
    tale.refused("x1", -2010)

    assert tale.wait("0.999999").needs() == []
    assert tale.wait("0.000001").meet() == [close("3")]


def test_a_partial_close_sells_its_part_and_the_rest_gets_new_exits_at_once():
    """given 3 held, when 1 is to be closed, then the list goes, 1 is sold, and an OCO of 2 rests without a pause."""
    tale = protected().closing(quantity="1")
    tale.meet()
    assert tale.cancelled("t1", "s1").meet() == [close("1")]

    assert tale.accepted("x1").filled("x1", price="101").meet() == [oco("2")]
    assert tale.trade.closing is None


def test_exits_that_we_have_replaced_are_not_lost():
    """given five partial closes, each of which replaces the list, when all is done, then nothing is closed for it."""
    tale = protected("9")
    for attempt in range(1, 6):
        tale.closing(quantity="1").meet()
        tale.cancelled(f"t{attempt}", f"s{attempt}").meet()
        tale.accepted(f"x{attempt}").filled(f"x{attempt}", price="101")
        assert tale.meet() == [oco(str(9 - attempt))]
        tale.accepted(f"t{attempt + 1}", f"s{attempt + 1}")

    assert tale.trade.held == 4


def test_a_sale_larger_than_the_venue_takes_leaves_in_pieces():
    """given 3 held and at most 2 in a market order, when they are sold, then 2 go, and then 1."""
    instrument = a_spot_instrument(opoco_allowed=False, market_quantity_max=Decimal(2))
    tale = Tale(instrument).accepted("e1").filled("e1")
    tale.meet()
    tale.accepted("l1").closing().meet()

    assert tale.cancelled("t1", "s1").meet() == [close("2")]
    assert tale.accepted("x1").filled("x1", price="101").meet() == [close("1")]


def test_a_part_that_is_too_small_to_sell_is_not_sold():
    """given 0.5 to be closed where the venue sells no less than 1, when it is asked, then nothing is sent."""
    instrument = a_spot_instrument(opoco_allowed=False, market_quantity_min=Decimal(1))
    tale = Tale(instrument).accepted("e1").filled("e1").closing(quantity="0.5")

    assert tale.needs() == []


def test_flatten_sells_everything():
    """given a protected trade, when everything is flattened, then its list goes and all is sold."""
    tale = protected().given(flatten=True, entries_may_rest=False)

    assert tale.meet() == ["close: flatten", "cancel t1: closing:flatten"]
    assert tale.cancelled("t1", "s1").meet() == [close("3")]


def test_a_halt_cancels_the_list_of_an_entry_and_leaves_an_oco():
    """given one entry that rests and one trade that is protected, when trading is halted, then only the entry goes."""
    assert listed().given(entries_may_rest=False).meet() == ["cancel e1: halted"]
    assert protected().given(entries_may_rest=False).meet() == []


@pytest.mark.parametrize(("exit_", "other", "why"), [("t1", "s1", "target"), ("s1", "t1", "stopped")])
def test_a_filled_exit_ends_the_trade_when_its_sibling_is_gone(exit_: str, other: str, why: str):
    """given an OCO, when one leg fills and the venue drops the other, then the trade ends by that leg."""
    tale = protected().filled(exit_)
    assert tale.meet() == [f"cancel {other}: trade-closed"]

    assert tale.heard(other, OrderStatus.EXPIRED).meet() == [f"end: {why}"]


def test_what_the_fee_leaves_below_the_step_is_dust():
    """given a fee in the base asset, when the exits have sold all that can be sold, then the rest is dust and it ends."""
    tale = Tale(a_spot_instrument(opoco_allowed=False)).accepted("e1").paid("e1", "3", "0.0031", "ABC")
    tale.meet()
    tale.accepted("l1").filled("t1").heard("s1", OrderStatus.EXPIRED)

    assert tale.meet() == ["end: target+dust"]
    assert tale.trade.held == Decimal("0.0009")


def test_a_sell_of_all_that_was_held_ends_as_closed():
    """given a trade without a reason to close, when its close had been adopted after a crash, then it ends as closed."""
    tale = protected().closing("signal")
    tale.meet()
    tale.cancelled("t1", "s1").meet()
    tale.accepted("x1").filled("x1", price="101")
    tale.trade = tale.trade.timed(tale.now)

    assert tale.meet() == ["end: closed:signal"]


def test_attempts_that_differ_go_on_from_the_higher_one():
    """given a second stop that was found after a crash, when exits are placed again, then both legs are the third."""
    tale = plainly()
    tale.meet()
    lone = attrs.evolve(tale.order("s1").order, client_order_id=name_of("s2"))
    tale.cancelled("t1", "s1")
    tale.trade = tale.trade.placed(lone, tale.now, 0)

    tale.cancelled("s2").wait(1).meet()

    assert (tale.order("s3").attempt, tale.order("t3").attempt) == (3, 3)


def test_the_smallest_sale_that_the_venue_takes_is_made():
    """given a venue that sells no less than 3, when 3 are held and to be closed, then they are sold."""
    instrument = a_spot_instrument(opoco_allowed=False, market_quantity_min=Decimal(3))

    assert Tale(instrument).accepted("e1").filled("e1").closing().needs() == [close("3")]


def test_a_part_is_sold_in_the_steps_of_market_orders():
    """given market orders of whole units, when 1.5 are to be closed, then 1 is sold."""
    instrument = a_spot_instrument(opoco_allowed=False, market_step=Decimal(1))

    assert Tale(instrument).accepted("e1").filled("e1").closing(quantity="1.5").needs() == [close("1")]


def test_an_entry_that_brought_less_than_can_be_sold_ends_as_dust():
    """given an entry that was cancelled after next to nothing, when no exit could ever sell it, then dust is the reason."""
    tale = Tale(a_spot_instrument(opoco_allowed=False)).accepted("e1").paid("e1", "0.001", "0.0002", "ABC")

    assert tale.cancelled("e1").meet() == ["end: dust"]
