"""Protection on USD-M futures: entry, then a stop on the first fill, then a target; all exits are the venue's own algo orders.

``close_position`` exits are used while the net position is wholly one trade's: they cover growth by themselves, and cannot
turn it. Otherwise exits carry a quantity and ``reduce_only``. Source: Binance USD-M, New Algo Order.
"""

from decimal import Decimal

from petrosa_core.execution.leg_order import LegOrder
from petrosa_core.execution.needs import (
    BeginClosing,
    CancelOrder,
    Need,
    PlaceExit,
    Resend,
    Situation,
    ending,
    entry_cancel,
    exit_cancels,
    may_ask_cancel,
    may_retry,
)
from petrosa_core.execution.order_state import OrderState
from petrosa_core.execution.trade import Trade
from petrosa_core.order import close_order, stop_order, target_order
from petrosa_core.values import ZERO, Leg, Quantity

# "ReduceOnly Order is rejected" and "reduceOnly order failed the margin check": another exit stands in the way.
_EXIT_IN_THE_WAY = {-2022, -4118}


def usdm_needs(trade: Trade, situation: Situation) -> tuple[Need, ...]:
    """What a futures trade needs next, the most urgent first."""
    needs: list[Need] = []
    if trade.sellable > ZERO:
        if trade.closing is not None:
            needs.extend(_closing(trade, situation))
        elif (why := _must_close(trade, situation)) is not None:
            return (BeginClosing(why),)
        needs.extend(_protection(trade, situation))
    elif trade.held <= ZERO or not trade.entry.may_live:
        needs.extend(ending(trade, situation))
    cancel = entry_cancel(trade, situation)
    if cancel is not None:
        needs.append(cancel)
    return tuple(needs)


def _must_close(trade: Trade, situation: Situation) -> str | None:
    if situation.flatten:
        return "flatten"
    stop = trade.latest(Leg.STOP)
    if stop is not None and stop.refusal is not None and not trade.is_covered:
        if stop.refusal.would_trigger:
            return "stop-already-through"
        if stop.state is OrderState.REJECTED and not stop.refusal.retryable:
            return f"stop-refused:{stop.refusal.code}"
    lost = sum(1 for order in trade.legs(Leg.STOP) if not order.may_live and not order.executed)
    if lost > situation.patience.attempts:
        return "stop-lost"
    target = trade.latest(Leg.TARGET)
    if target is not None and target.refusal is not None and target.refusal.would_trigger and not target.may_live:
        return "target-already-through"
    since = trade.exposed_since
    if since is not None and situation.now - since >= situation.patience.naked:
        return "unprotected"
    return None


def _protection(trade: Trade, situation: Situation) -> tuple[Need, ...]:
    stop = _cover(trade, situation, Leg.STOP)
    if stop:
        return stop
    if not trade.is_covered or trade.closing is not None:
        return ()
    refused = sum(1 for order in trade.legs(Leg.TARGET) if order.state is OrderState.REJECTED)
    return () if refused >= situation.patience.attempts else _cover(trade, situation, Leg.TARGET)


def _cover(trade: Trade, situation: Situation, leg: Leg) -> tuple[Need, ...]:
    """Bring the resting orders of one leg to what is held; make before break."""
    orders = trade.legs(leg)
    for order in orders:
        if order.state is OrderState.UNKNOWN and _may_resend(trade, order, situation):
            return (Resend(order.client_order_id),)
    live = [order for order in orders if order.may_live]
    whole = [order for order in live if order.order.close_position]
    if whole and situation.sole:
        return ()
    covered = sum((_open_quantity(order) for order in live), ZERO)
    missing = trade.sellable - covered
    if missing > ZERO:
        return _place(trade, situation, leg, missing, nothing_rests=not live)
    if whole and not missing:
        return _give_up_whole(live, whole, situation)
    if missing < ZERO and not trade.entry.may_live:
        return _shrink(trade, situation, leg, live)
    return ()


def _give_up_whole(live: list[LegOrder], whole: list[LegOrder], situation: Situation) -> tuple[Need, ...]:
    """The position is not this trade's alone any more: once its own quantity rests, what would close all of it goes."""
    if any(order.state.is_unresolved for order in live):
        return ()
    return tuple(CancelOrder(order.client_order_id, "replaced") for order in whole if may_ask_cancel(order, situation))


def _place(trade: Trade, situation: Situation, leg: Leg, missing: Decimal, *, nothing_rests: bool) -> tuple[Need, ...]:
    latest = trade.latest(leg)
    if latest is not None and not latest.may_live and not may_retry(latest, situation):
        return ()
    anchor = trade.entry.average_price
    assert anchor is not None, "something is held, so something was filled"
    whole = situation.sole and nothing_rests
    quantity = None if whole else _legal(situation, missing)
    if not whole and quantity is None:
        return ()
    build = stop_order if leg is Leg.STOP else target_order
    try:
        order = build(situation.ticket(trade), trade.next_attempt(leg), quantity, anchor)
    except ValueError:
        # The level fell out of the price range (a target below zero): there is no such order, the stop alone stays.
        return () if leg is Leg.TARGET else (BeginClosing("no-legal-stop"),)
    return (PlaceExit(order),)


def _shrink(trade: Trade, situation: Situation, leg: Leg, live: list[LegOrder]) -> tuple[Need, ...]:
    """Too much rests: once an order of the right size rests, the others go."""
    if any(order.state.is_unresolved or order.cancelling for order in live):
        return ()
    fitting = next((order for order in live if _open_quantity(order) == trade.sellable), None)
    if fitting is not None:
        return tuple(
            CancelOrder(order.client_order_id, "replaced")
            for order in live
            if order is not fitting and may_ask_cancel(order, situation)
        )
    return _place(trade, situation, leg, trade.sellable, nothing_rests=False)


def _open_quantity(order: LegOrder) -> Decimal:
    return ZERO if order.order.quantity is None else order.order.quantity - order.executed


def _legal(situation: Situation, quantity: Decimal) -> Quantity | None:
    floored = min(
        situation.instrument.floor_quantity(quantity, market=True), situation.instrument.largest_quantity(market=True)
    )
    return Quantity(floored) if floored >= situation.instrument.smallest_quantity(market=True) else None


def _may_resend(trade: Trade, order: LegOrder, situation: Situation) -> bool:
    """Only what can do nothing but reduce may be repeated: the whole position, or a part of one that is wholly ours."""
    harmless = order.order.close_position or (order.order.reduce_only and situation.sole)
    return harmless and trade.sellable > ZERO and situation.now - order.signed_at >= situation.patience.resend


def _closing(trade: Trade, situation: Situation) -> tuple[Need, ...]:
    closing = trade.closing
    assert closing is not None, "asked only while closing"
    closes = trade.legs(Leg.CLOSE)
    for order in closes:
        if order.state is OrderState.UNKNOWN:
            return (Resend(order.client_order_id),) if _may_resend(trade, order, situation) else ()
        if order.may_live:
            return ()
    latest = trade.latest(Leg.CLOSE)
    if not may_retry(latest, situation):
        return ()
    wanted = trade.sellable
    if closing.quantity is not None:
        closed = sum((order.executed for order in closes), ZERO) - closing.before
        wanted = min(wanted, closing.quantity - closed)
    quantity = _legal(situation, wanted)
    if quantity is None:
        return ()
    needs: list[Need] = []
    if latest is not None and latest.refusal is not None and latest.refusal.code in _EXIT_IN_THE_WAY:
        needs.extend(cancel for cancel in exit_cancels(trade, situation, "in-the-way") if _is_target(trade, cancel))
    needs.append(PlaceExit(close_order(situation.ticket(trade), trade.next_attempt(Leg.CLOSE), quantity)))
    return tuple(needs)


def _is_target(trade: Trade, cancel: CancelOrder) -> bool:
    order = trade.find(cancel.client_order_id)
    return order is not None and order.leg is Leg.TARGET
