"""What we know of one order: each fact counts once, whatever comes twice, late or in another order."""

from decimal import Decimal, localcontext
from itertools import permutations
from typing import Any

import attrs
import pytest
from tests.support.decisions import NOW
from tests.support.trades import Tale, a_fill, a_report, name_of

from petrosa_core.execution import Accepted, Cancellation, LegOrder, OrderState, OrderStatus, Rejected, Unanswered
from petrosa_core.execution.leg_order import add_fee, add_fees
from petrosa_core.values import EXACT, SECOND, ZERO, Amount, Moment, Money

NEW, PARTLY, FILLED, CANCELLED = (
    OrderStatus.NEW,
    OrderStatus.PARTIALLY_FILLED,
    OrderStatus.FILLED,
    OrderStatus.CANCELLED,
)
THREE = Decimal(3)
LATER = Moment(NOW + 3 * SECOND)


def an_order() -> LegOrder:
    """An entry of 3 at 100, on its way."""
    return Tale().order("e1")


def usdt(amount: str) -> Money:
    """So much in the quote asset."""
    return Money(Amount(amount), "USDT")


def bnb(amount: str) -> Money:
    """So much in an asset of neither side."""
    return Money(Amount(amount), "BNB")


def test_an_order_knows_its_name_and_its_leg():
    """given an entry, when it is asked, then it answers with the client id and the leg of what was sent."""
    assert (an_order().client_order_id, an_order().leg.value) == (name_of("e1"), "e")


def test_before_the_first_fill_there_is_no_average_price():
    """No fill is no price: neither zero nor the order's own."""
    assert an_order().average_price is None


def test_an_acceptance_says_nothing_of_fills():
    """given an order on its way, when it is accepted, then it rests with the venue's id, and nothing is executed."""
    order = an_order().answered(Accepted(venue_order_id="v1", at=LATER))

    assert (order.state, order.venue_order_id, order.executed, order.updated_at) == (OrderState.NEW, "v1", ZERO, LATER)
    assert order.resting
    assert order.may_live


def test_the_first_venue_id_stays():
    """given a stream that told the id first, when the answer comes with a list's id, then the order keeps its own."""
    order = an_order().reported(a_report(an_order().order, NEW, venue_order_id="v1"))

    assert order.answered(Accepted(venue_order_id="list-9", at=LATER)).venue_order_id == "v1"


def test_an_exit_of_a_list_is_held_back_until_the_venue_says_otherwise():
    """given a dormant leg, when its list is accepted, then it is pending and does not rest; NEW wakes it."""
    dormant = attrs.evolve(an_order(), dormant=True)

    held = dormant.answered(Accepted(venue_order_id="v1", at=LATER))
    still = held.reported(a_report(held.order, OrderStatus.PENDING))
    awake = still.reported(a_report(held.order, NEW))

    assert (held.state, held.resting, held.may_live) == (OrderState.PENDING, False, True)
    assert (still.state, still.dormant) == (OrderState.PENDING, True)
    assert (awake.state, awake.dormant, awake.resting) == (OrderState.NEW, False, True)


def test_the_refusal_of_the_only_request_ends_the_order():
    """given one send, when it is refused, then the order is rejected with the venue's own words."""
    refusal = Rejected(code=-2019, message="Margin is insufficient.", at=LATER)

    order = an_order().answered(refusal)

    assert (order.state, order.refusal, order.updated_at) == (OrderState.REJECTED, refusal, LATER)
    assert not order.may_live


@pytest.mark.parametrize("duplicate", [True, False])
def test_the_refusal_of_a_repeat_says_nothing_of_the_first_request(duplicate: bool):
    """given a second send, or a first one whose id is taken, when it is refused, then the order has to be read."""
    asked = an_order() if duplicate else an_order().resent(LATER)
    refusal = Rejected(code=-4116, message="ClientOrderId is duplicated", at=LATER, duplicate=duplicate)

    order = asked.answered(refusal)

    assert (order.state, order.refusal, order.updated_at) == (OrderState.UNKNOWN, refusal, LATER)


def test_silence_is_a_state_of_its_own():
    """given a request without an answer, when it is written down, then the order is unknown and may live."""
    order = an_order().answered(Unanswered(why="timeout", at=LATER))

    assert (order.state, order.may_live, order.resting, order.updated_at) == (OrderState.UNKNOWN, True, False, LATER)


def test_a_repeat_keeps_the_stamp_of_the_first_request():
    """An order of this name that is older than ``placed_at`` is another's; the window counts from the last send."""
    order = an_order().resent(LATER)

    assert (order.placed_at, order.signed_at, order.sends, order.updated_at) == (NOW, LATER, 2, LATER)


FILLS: tuple[dict[str, Any], ...] = (
    {"executed": Decimal(1), "cost": Decimal(100), "fill": a_fill("1", "100", "f1", usdt("0.05")), "status": PARTLY},
    {
        "executed": Decimal("2.5"),
        "cost": Decimal("250.3"),
        "fill": a_fill("1.5", "100.2", "f2", bnb("0.001")),
        "status": PARTLY,
    },
    {
        "executed": Decimal(3),
        "cost": Decimal("300.35"),
        "fill": a_fill("0.5", "100.1", "f3", usdt("0.02")),
        "status": FILLED,
    },
)


@pytest.mark.parametrize("order_of_arrival", list(permutations(range(3))))
def test_fills_come_to_the_same_in_whatever_order_they_arrive(order_of_arrival: tuple[int, ...]):
    """given three fills, when they come shuffled and each twice, then quantity, cost and fees are counted once."""
    order = an_order()
    for index in (*order_of_arrival, *order_of_arrival):
        order = order.reported(a_report(order.order, **FILLS[index]))

    assert (order.state, order.executed, order.cost) == (OrderState.FILLED, THREE, Decimal("300.35"))
    assert order.average_price == EXACT.divide(Decimal("300.35"), Decimal(3))
    assert sorted(order.fees, key=lambda fee: fee.asset) == [bnb("0.001"), usdt("0.07")]
    assert sorted(order.fill_ids) == ["f1", "f2", "f3"]


def test_what_is_executed_never_falls():
    """given a report of 3, when an older one of 1 comes late, then 3 are executed and the order stays filled."""
    order = an_order().reported(a_report(an_order().order, FILLED, executed=Decimal(3), cost=Decimal(300)))

    late = order.reported(a_report(order.order, PARTLY, executed=Decimal(1), cost=Decimal(100)))

    assert (late.state, late.executed, late.cost) == (OrderState.FILLED, THREE, Decimal(300))


def test_a_cumulative_report_counts_what_its_lost_fills_came_to():
    """given a gap in the stream, when a report tells of 3 for 303, then that is the cost though no fill was heard."""
    order = an_order().reported(
        a_report(an_order().order, PARTLY, **{k: v for k, v in FILLS[0].items() if k != "status"})
    )

    after = order.reported(a_report(order.order, FILLED, executed=Decimal(3), cost=Decimal(303)))

    assert (after.executed, after.cost, after.fills_quantity) == (THREE, Decimal(303), Decimal(1))
    assert after.average_price == 101


def test_fills_are_the_better_word_on_cost_once_all_are_there():
    """given a cumulative cost that the venue has rounded, when every fill is known, then their sum is the cost."""
    order = an_order()
    for said in FILLS:
        order = order.reported(a_report(order.order, **(said | {"cost": Decimal(301)})))

    assert order.cost == Decimal("300.35")


def test_a_history_without_a_cost_does_not_make_the_cost_zero():
    """given 3 filled for 300, when the same is reported without a cost, then the cost stays."""
    order = an_order().reported(a_report(an_order().order, FILLED, executed=Decimal(3), cost=Decimal(300)))

    assert order.reported(a_report(order.order, FILLED, executed=Decimal(3))).cost == 300


def test_a_fill_that_is_told_with_an_older_status_opens_the_order():
    """given a history, when its first fill is told as of a NEW order, then the order is partially filled."""
    order = an_order().reported(a_report(an_order().order, NEW, fill=a_fill("1", "100", "f1")))

    assert (order.state, order.executed, order.cost) == (OrderState.PARTIALLY_FILLED, Decimal(1), Decimal(100))


def test_the_first_fill_sets_the_clock_once():
    """given a fill, when another comes later, then the moment of the first one stays."""
    first = an_order().reported(a_report(an_order().order, **FILLS[0]))

    assert an_order().reported(a_report(an_order().order, NEW, at=LATER)).first_fill_at is None
    assert first.reported(a_report(first.order, **FILLS[1], at=LATER)).first_fill_at == NOW


def test_a_fill_that_beats_the_cancel_counts():
    """given a cancelled order, when its fill comes late, then it is filled."""
    cancelled = an_order().reported(a_report(an_order().order, CANCELLED))

    assert cancelled.reported(a_report(cancelled.order, FILLED, executed=Decimal(3))).state is OrderState.FILLED


def test_a_late_new_revives_nothing():
    """given a filled order, when its NEW comes late, then nothing changes."""
    filled = an_order().reported(a_report(an_order().order, **FILLS[2]))

    assert filled.knows(a_report(filled.order, NEW))


def test_an_order_knows_what_it_has_heard_however_late_it_is_told_again():
    """The time of a report is no news: only what it says is."""
    heard = a_report(an_order().order, PARTLY, executed=Decimal(1), cost=Decimal(100))
    order = an_order().reported(heard)

    assert order.knows(attrs.evolve(heard, at=LATER))
    assert not order.knows(attrs.evolve(heard, executed=Decimal(2)))
    assert not order.knows(attrs.evolve(heard, triggered=True))
    assert not order.knows(attrs.evolve(heard, venue_order_id="v9"))


def test_what_was_triggered_and_named_stays_so():
    """given a triggered order with an id, when a report says neither, then both stay; time never goes back."""
    order = an_order().reported(a_report(an_order().order, NEW, triggered=True, venue_order_id="v1", at=LATER))

    after = order.reported(a_report(order.order, NEW, at=NOW))

    assert (after.triggered, after.venue_order_id, after.updated_at) == (True, "v1", LATER)


def test_absences_are_counted_and_proof_gives_up():
    """given an unanswered order, when two reads miss it and it is given up, then it is abandoned, and over."""
    order = an_order().answered(Unanswered(why="timeout", at=NOW)).missing(NOW).missing(LATER)

    assert (order.absences, order.state, order.updated_at) == (2, OrderState.UNKNOWN, LATER)
    assert order.proven_absent(LATER).state is OrderState.ABANDONED


def test_each_cancel_is_counted_and_its_answer_kept():
    """given two cancels, when the second is answered, then the count, the last moment and the answer are there."""
    once = an_order().cancel_asked(NOW)
    twice = once.cancel_answered(Cancellation.UNANSWERED, NOW).cancel_asked(LATER)
    done = twice.cancel_answered(Cancellation.DONE, LATER)

    assert once.cancelling is not None
    assert (once.cancelling.asked_at, once.cancelling.times, once.cancelling.answer) == (NOW, 1, None)
    assert twice.cancelling is not None
    assert (twice.cancelling.asked_at, twice.cancelling.times, twice.cancelling.answer) == (LATER, 2, None)
    assert done.cancelling is not None
    assert done.cancelling.answer is Cancellation.DONE
    assert done.state is OrderState.INTENDED


def test_an_answer_to_no_cancel_changes_nothing():
    """An answer that comes after a restart may have lost its question."""
    assert an_order().cancel_answered(Cancellation.GONE, LATER) == an_order()


def test_fees_are_summed_per_asset_never_across():
    """given fees in two assets, when they are added, then each asset has its own sum; none and zero add nothing."""
    total = add_fees([(usdt("0.05"),), (bnb("0.001"), usdt("0.02")), ()])

    assert total == (usdt("0.07"), bnb("0.001"))
    assert add_fee(total, None) == total
    assert add_fee(total, bnb("0")) == total
    assert add_fee(total, bnb("0.002")) == (usdt("0.07"), bnb("0.003"))


def test_a_rebate_is_a_fee_below_zero():
    """given a maker's rebate, when it is added, then the sum falls."""
    assert add_fee((usdt("0.05"),), usdt("-0.02")) == (usdt("0.03"),)


def test_the_application_around_us_cannot_make_sums_inexact():
    """given a host that rounds to three digits, when fills are added, then every digit is there."""
    with localcontext(prec=3):
        order = an_order().reported(a_report(an_order().order, PARTLY, fill=a_fill("1.00001", "100.001", "f1")))

    assert (order.executed, order.cost) == (Decimal("1.00001"), Decimal("100.00200001"))
