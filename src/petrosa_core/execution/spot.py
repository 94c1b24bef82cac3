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
    must_close,
)
from petrosa_core.execution.trade import Trade
from petrosa_core.order import close_order, exit_list
from petrosa_core.values import EXACT, ZERO, Leg, Quantity


def spot_needs(trade: Trade, situation: Situation) -> tuple[Need, ...]:
    """What a spot trade needs next, the most urgent first."""
    needs: list[Need] = []
    if trade.sellable > ZERO:
        why = must_close(trade, situation)
        if why is not None:
            return (BeginClosing(why),)
        if trade.closing is not None:
            needs.extend(_closing(trade, situation))
        elif not trade.entry.may_live:
            needs.extend(_protection(trade, situation))
    else:
        needs.extend(ending(trade, situation))
    cancel = entry_cancel(trade, situation)
    if cancel is not None:
        needs.append(cancel)
    return tuple(needs)


def _protection(trade: Trade, situation: Situation) -> tuple[Need, ...]:
    """One OCO over all that is held, when no exit may live, and when it is known what the fees left of it."""
    if trade.unheard or any(order.may_live for order in trade.exits):
        return ()
    if not may_retry(trade.latest(Leg.STOP), situation):
        return ()
    anchor = trade.entry.average_price
    assert anchor is not None, "something is held, so something was filled"
    attempt = max(trade.next_attempt(Leg.STOP), trade.next_attempt(Leg.TARGET))
    try:
        exits = exit_list(situation.ticket(trade), attempt, Quantity(trade.sellable), anchor)
    except ValueError:
        return (BeginClosing("no-legal-stop"),)
    return (PlaceExit(exits),)


def _closing(trade: Trade, situation: Situation) -> tuple[Need, ...]:
    """Free the balance from the exit list, then sell; each step only when the one before it is settled."""
    closing = trade.closing
    assert closing is not None, "asked only while closing"
    if trade.entry.may_live and trade.entry.list_id is not None:
        return ()  # the entry's cancel takes the list away, and its executed quantity is read first
    resting = exit_cancels(trade, situation, f"closing:{closing.why}", {Leg.STOP, Leg.TARGET})
    if resting:
        return resting
    if any(order.may_live for order in trade.exits):
        return ()
    if not may_retry(trade.latest(Leg.CLOSE), situation):
        return ()
    instrument = situation.instrument
    # Fills that were not heard of may have paid their fee in what is to be sold: selling more than is there is refused.
    fee = EXACT.multiply(trade.unheard, instrument.taker_fee)
    floored = instrument.floor_quantity(EXACT.subtract(trade.left_to_close, fee), market=True)
    floored = min(floored, instrument.largest_quantity(market=True))
    if floored < instrument.smallest_quantity(market=True):
        return ()
    order = close_order(situation.ticket(trade), trade.next_attempt(Leg.CLOSE), Quantity(floored))
    return (PlaceExit(order),)
