"""Protection on spot: order lists, because a balance can be locked only once and nothing there is reduce-only.

A list arms its exits when its entry has filled completely. A partial fill is taken out of its list within a second, and what
was received net of fees gets an OCO. A spot sell without an answer counts as sold until it is settled. Source: Binance
spot, Order Lists.
"""

from petrosa_core.execution.needs import (
    BeginClosing,
    Need,
    PlaceExit,
    Situation,
    ending,
    entry_cancel,
    exit_cancels,
    may_retry,
)
from petrosa_core.execution.trade import Trade
from petrosa_core.order import close_order, exit_list
from petrosa_core.values import ZERO, Leg, Quantity


def spot_needs(trade: Trade, situation: Situation) -> tuple[Need, ...]:
    """What a spot trade needs next, the most urgent first."""
    needs: list[Need] = []
    if trade.sellable > ZERO:
        if trade.closing is not None:
            needs.extend(_closing(trade, situation))
        elif (why := _must_close(trade, situation)) is not None:
            return (BeginClosing(why),)
        elif not trade.entry.may_live or trade.entry.list_id is None:
            needs.extend(_protection(trade, situation))
    elif not trade.entry.may_live:
        needs.extend(ending(trade, situation))
    cancel = entry_cancel(trade, situation)
    if cancel is not None:
        needs.append(cancel)
    return tuple(needs)


def _must_close(trade: Trade, situation: Situation) -> str | None:
    if situation.flatten:
        return "flatten"
    stop = trade.latest(Leg.STOP)
    if stop is not None and stop.refusal is not None and not stop.may_live and not trade.is_covered:
        if stop.refusal.would_trigger:
            return "stop-already-through"
        if not stop.refusal.retryable:
            return f"stop-refused:{stop.refusal.code}"
    armed = [order for order in trade.legs(Leg.STOP) if not order.may_live and not order.executed]
    if len(armed) > situation.patience.attempts:
        return "stop-lost"
    since = trade.exposed_since
    if since is not None and situation.now - since >= situation.patience.naked:
        return "unprotected"
    return None


def _protection(trade: Trade, situation: Situation) -> tuple[Need, ...]:
    """One OCO over all that is held, when no exit may live."""
    if any(order.may_live for order in trade.exits):
        return ()
    if not may_retry(trade.latest(Leg.STOP), situation):
        return ()
    anchor = trade.entry.average_price
    assert anchor is not None, "something is held, so something was filled"
    attempt = max(trade.next_attempt(Leg.STOP), trade.next_attempt(Leg.TARGET), trade.next_attempt(Leg.LIST))
    quantity = Quantity(trade.sellable)
    return (PlaceExit(exit_list(situation.ticket(trade), attempt, quantity, anchor)),)


def _closing(trade: Trade, situation: Situation) -> tuple[Need, ...]:
    """Free the balance from the exit list, then sell; each step only when the one before it is settled."""
    closing = trade.closing
    assert closing is not None, "asked only while closing"
    if trade.entry.may_live and trade.entry.list_id is not None:
        return ()  # the entry's cancel takes the list away, and its executed quantity is read first
    resting = exit_cancels(trade, situation, f"closing:{closing.why}")
    if resting:
        return resting
    if any(order.may_live for order in trade.exits):
        return ()
    if not may_retry(trade.latest(Leg.CLOSE), situation):
        return ()
    wanted = trade.sellable
    if closing.quantity is not None:
        closed = sum((order.executed for order in trade.legs(Leg.CLOSE)), ZERO) - closing.before
        wanted = min(wanted, closing.quantity - closed)
    floored = situation.instrument.floor_quantity(wanted, market=True)
    floored = min(floored, situation.instrument.largest_quantity(market=True))
    if floored < situation.instrument.smallest_quantity(market=True):
        return ()
    order = close_order(situation.ticket(trade), trade.next_attempt(Leg.CLOSE), Quantity(floored))
    return (PlaceExit(order),)
