"""What makes an order, and what makes an order list."""

from typing import Any

import pytest
from tests.support.trades import Tale, name_of

from petrosa_core.order import ListKind, OrderList, TradeOrder, close_order, exit_list
from petrosa_core.values import Leg, OrderType, Price, Quantity, Side, Symbol, TimeInForce


def an_order(**changes: Any) -> TradeOrder:
    """Buy 3 at 100."""
    fields: dict[str, Any] = {
        "client_order_id": name_of("e1"),
        "leg": Leg.ENTRY,
        "symbol": Symbol("ABCUSDT"),
        "side": Side.BUY,
        "type": OrderType.LIMIT,
        "quantity": Quantity(3),
        "price": Price(100),
        "time_in_force": TimeInForce.GTC,
    }
    return TradeOrder(**(fields | changes))


@pytest.mark.parametrize("order_type", OrderType)
def test_an_order_has_exactly_the_prices_of_its_type(order_type: OrderType):
    """Limit types have a price and a time in force, conditional types a trigger, and no other has."""
    price = Price(100) if order_type.has_price else None
    trigger = Price(99) if order_type.has_trigger else None
    good = {"type": order_type, "price": price, "trigger_price": trigger}

    an_order(**good)
    with pytest.raises(ValueError, match=f"^price: {order_type} {'needs one' if price else 'has none'}, was"):
        an_order(**(good | {"price": None if price else Price(100)}))
    with pytest.raises(ValueError, match=f"^trigger_price: {order_type} {'needs one' if trigger else 'has none'}, was"):
        an_order(**(good | {"trigger_price": None if trigger else Price(99)}))


@pytest.mark.parametrize("order_type", [each for each in OrderType if each.has_price])
def test_an_order_that_may_rest_says_for_how_long(order_type: OrderType):
    """A limit price without a time in force is no order."""
    with pytest.raises(ValueError, match=f"^time_in_force: {order_type} needs one$"):
        an_order(type=order_type, trigger_price=Price(99) if order_type.has_trigger else None, time_in_force=None)


@pytest.mark.parametrize("other", [{"reduce_only": True}, {"quantity": Quantity(1)}])
def test_closing_the_whole_position_goes_without_a_quantity_and_reduce_only(other: dict[str, Any]):
    """Binance refuses closePosition together with either of them (-4136)."""
    whole = {"type": OrderType.STOP, "price": None, "trigger_price": Price(98), "quantity": None}

    an_order(**whole, close_position=True)
    with pytest.raises(ValueError, match=r"^close_position: goes without"):
        an_order(**(whole | other), close_position=True)


@pytest.mark.parametrize(
    ("fields", "reduces"),
    [
        ({}, False),
        ({"reduce_only": True}, True),
        ({"quantity": None, "close_position": True}, True),
    ],
)
def test_only_the_venue_can_promise_that_an_order_reduces(fields: dict[str, Any], reduces: bool):
    """``reduces`` is what the venue guarantees: reduce-only, or the whole position."""
    assert an_order(**fields).reduces is reduces


@pytest.mark.parametrize("kind", ListKind)
def test_only_a_list_with_an_entry_has_a_working_order(kind: ListKind):
    """given each kind of list, when its working order is there or not, then only the right one of the two is a list."""
    tale = Tale()
    ticket = tale.situation().ticket(tale.trade)
    oco = exit_list(ticket, 1, Quantity(3), Price(100))
    right, wrong = (None, an_order()) if kind is ListKind.OCO else (an_order(), None)

    def made(working: TradeOrder | None) -> OrderList:
        return OrderList(client_order_id=name_of("l1"), kind=kind, working=working, target=oco.target, stop=oco.stop)

    assert made(right).orders == ((right, oco.target, oco.stop) if right else (oco.target, oco.stop))
    assert made(right).symbol == "ABCUSDT"
    with pytest.raises(ValueError, match=f"^working: {kind} {'has none' if kind is ListKind.OCO else 'needs one'}$"):
        made(wrong)


def test_every_attempt_at_a_leg_has_a_name_of_its_own():
    """Client ids are derived from account, signal, leg and attempt, so a restarted engine finds its orders."""
    tale = Tale()
    ticket = tale.situation().ticket(tale.trade)

    names = [close_order(ticket, attempt, Quantity(1)).client_order_id for attempt in (1, 2, 1)]

    assert names == [name_of("x1"), name_of("x2"), name_of("x1")]
