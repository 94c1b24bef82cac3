"""Spot: an entry that executed more than the fills that were heard of; their fees may come off what was received."""

from decimal import Decimal

from tests.support.decisions import a_spot_instrument
from tests.support.trades import Tale, a_fill

from petrosa_core.execution import OrderStatus
from petrosa_core.values import Amount, Leg, Money


def told_without_fills() -> Tale:
    """A cancel, a read or a lost event told of 3 executed, and of no fill."""
    tale = Tale(a_spot_instrument(opoco_allowed=False)).accepted("e1")
    return tale.heard("e1", OrderStatus.FILLED, executed=Decimal(3), cost=Decimal(300))


def test_nothing_is_sold_before_it_is_known_what_the_fees_left():
    """given an execution without its fills, when it is asked what is needed, then the fills are read first."""
    tale = told_without_fills()

    assert tale.needs() == []
    assert [order.leg for order in tale.trade.unresolved] == [Leg.ENTRY]


def test_once_the_fill_is_heard_the_exits_cover_what_was_received():
    """given the fill and its fee in the base asset, when they are heard late, then the OCO is for the net."""
    tale = told_without_fills()
    fee = Money(Amount("0.003"), tale.instrument.base)

    tale.heard("e1", OrderStatus.FILLED, executed=Decimal(3), fill=a_fill("3", "100", "f1", fee))

    assert tale.trade.unresolved == ()
    assert tale.trade.received == Decimal("2.997")
    covered = tale.instrument.floor_quantity(Decimal("2.997")).normalize()
    assert tale.meet() == [f"place oco[target sell limit {covered} at 105.00 GTX; stop sell stop {covered} when 98.00]"]


def test_a_position_that_stays_in_doubt_is_sold_less_the_highest_fee():
    """given fills that are never heard of, when patience ends, then no more is sold than can be there."""
    tale = told_without_fills().wait(3)
    least = 3 - 3 * tale.instrument.taker_fee

    assert tale.meet()[0] == "close: unprotected"
    sold = tale.order("x1").order.quantity
    assert sold == tale.instrument.floor_quantity(least, market=True)
