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
    gives_up_target,
    may_ask_cancel,
    may_repeat,
    may_retry,
    must_close,
)
from petrosa_core.execution.trade import Trade
from petrosa_core.order import close_order, stop_order, target_order
from petrosa_core.values import EXACT, ZERO, Leg, Quantity, total

# "ReduceOnly Order is rejected" and "reduceOnly order failed the margin check": another exit stands in the way.
_EXIT_IN_THE_WAY = {-2022, -4118}


def usdm_needs(trade: Trade, situation: Situation) -> tuple[Need, ...]:
    """What a futures trade needs next, the most urgent first."""
    needs: list[Need] = []
    if trade.sellable > ZERO:
        why = must_close(trade, situation)
        if why is not None:
            return (BeginClosing(why),)
        if trade.closing is not None:
            needs.extend(_closing(trade, situation))
        needs.extend(_protection(trade, situation))
    else:
        needs.extend(ending(trade, situation))
    cancel = entry_cancel(trade, situation)
    if cancel is not None:
        needs.append(cancel)
    return tuple(needs)


def _protection(trade: Trade, situation: Situation) -> tuple[Need, ...]:
    stop = _cover(trade, situation, Leg.STOP)
    if stop:
        return stop
    if not trade.is_covered or trade.closing is not None:
        return ()
    return () if gives_up_target(trade, situation) else _cover(trade, situation, Leg.TARGET)


def _cover(trade: Trade, situation: Situation, leg: Leg) -> tuple[Need, ...]:
    """Bring the resting orders of one leg to what is held; make before break."""
    orders = trade.legs(leg)
    for order in orders:
        if _may_resend(order, situation):
            return (Resend(order.client_order_id),)
    live = [order for order in orders if order.may_live]
    whole = [order for order in live if order.order.close_position]
    staying = [order for order in whole if order.cancelling is None][:1]
    if staying and situation.sole:
        return _keep_only(staying, live, situation)
    missing = EXACT.subtract(trade.sellable, total(map(_open_quantity, live)))
    if missing > ZERO:
        return _place(trade, situation, leg, missing, nothing_rests=not live)
    if whole or (missing < ZERO and not trade.entry.may_live):
        return _replace(trade, situation, leg, live)
    return ()


def _place(trade: Trade, situation: Situation, leg: Leg, missing: Decimal, *, nothing_rests: bool) -> tuple[Need, ...]:
    if not may_retry(trade.latest(leg), situation):
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
        return () if leg is Leg.TARGET or trade.leaving else (BeginClosing("no-legal-stop"),)
    return (PlaceExit(order),)


def _replace(trade: Trade, situation: Situation, leg: Leg, live: list[LegOrder]) -> tuple[Need, ...]:
    """Too much rests, or it would take more than this trade's part: once orders of the right size rest, the others go."""
    if any(order.state.is_unresolved for order in live):
        return ()
    kept = [order for order in live if not order.order.close_position and order.cancelling is None]
    if total(map(_open_quantity, kept)) != trade.sellable:
        kept = [order for order in kept if _open_quantity(order) == trade.sellable][:1]
    if not kept:
        return _place(trade, situation, leg, trade.sellable, nothing_rests=False)
    return _keep_only(kept, live, situation)


def _keep_only(kept: list[LegOrder], live: list[LegOrder], situation: Situation) -> tuple[Need, ...]:
    if not all(order.resting for order in kept):
        return ()
    return tuple(
        CancelOrder(order.client_order_id, "replaced")
        for order in live
        if order not in kept and order.state.is_open and may_ask_cancel(order, situation)
    )


def _open_quantity(order: LegOrder) -> Decimal:
    return ZERO if order.order.quantity is None else EXACT.subtract(order.order.quantity, order.executed)


def _legal(situation: Situation, quantity: Decimal) -> Quantity | None:
    floored = min(
        situation.instrument.floor_quantity(quantity, market=True), situation.instrument.largest_quantity(market=True)
    )
    return Quantity(floored) if floored >= situation.instrument.smallest_quantity(market=True) else None


def _may_resend(order: LegOrder, situation: Situation) -> bool:
    """Only what can do nothing but reduce may be repeated: the whole position, or a part of one that is wholly ours."""
    harmless = situation.sole and order.order.reduces
    return harmless and may_repeat(order) and situation.now - order.signed_at >= situation.patience.resend


def _closing(trade: Trade, situation: Situation) -> tuple[Need, ...]:
    for order in trade.legs(Leg.CLOSE):
        if _may_resend(order, situation):
            return (Resend(order.client_order_id),)
        if order.may_live:
            return ()
    latest = trade.latest(Leg.CLOSE)
    quantity = _legal(situation, trade.left_to_close)
    if quantity is None or not may_retry(latest, situation):
        return ()
    needs: list[Need] = []
    if latest is not None and latest.refusal is not None and latest.refusal.code in _EXIT_IN_THE_WAY:
        needs.extend(exit_cancels(trade, situation, "in-the-way", {Leg.TARGET}))
    needs.append(PlaceExit(close_order(situation.ticket(trade), trade.next_attempt(Leg.CLOSE), quantity)))
    return tuple(needs)
