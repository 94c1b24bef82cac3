"""What people ask for: states, closes, cancels. Anyone may make it safer; only an admin, with a reason, may loosen."""

from petrosa_core.audit.entries import ClosingBegun, StateSet
from petrosa_core.decision import Reason, TradingState
from petrosa_core.desk.answers import Done, Refused
from petrosa_core.desk.inputs import CancelAsked, CloseAsked, StateAsked
from petrosa_core.desk.intake import closes_more, part_of
from petrosa_core.desk.step import Step, Stepped
from petrosa_core.execution import LegOrder, Trade
from petrosa_core.values import ZERO, Leg


def set_state(step: Step, asked: StateAsked) -> Stepped:
    """Tighten or loosen the trading state."""
    now = step.book.totals.state
    if not asked.reason.strip():
        return _refuse(step, "REASON_REQUIRED", "say why: the reason is recorded")
    if asked.state.severity < now.severity and not asked.admin:
        return _refuse(
            step, "ADMIN_REQUIRED", "only an admin may loosen the trading state", now.value, asked.state.value
        )
    step.emit(StateSet(state=asked.state, actor=asked.actor, reason=asked.reason, at=step.at))
    if asked.state.severity >= TradingState.HALTED.severity:
        for trade in step.book.open_trades():
            step.care(trade.signal_id)
    return step.done(Done(detail={"state": asked.state.value, "was": now.value, "reason": asked.reason}))


def close_trade(step: Step, asked: CloseAsked) -> Stepped:
    """Leave one trade at the market."""
    trade = step.book.trades.get(asked.signal_id)
    if trade is None:
        known = step.book.ended.get(asked.signal_id)
        if known is None:
            return _refuse(step, "NOT_FOUND", "there is no such trade", asked.signal_id)
        return _refuse(step, "NOT_OPEN", "the trade has ended", asked.signal_id)
    quantity = part_of(trade, asked.quantity)
    if closes_more(trade, quantity):
        step.emit(
            ClosingBegun(signal_id=trade.signal_id, why="asked", quantity=quantity, actor=asked.actor, at=step.at)
        )
        step.care(trade.signal_id)
    return step.done(Done(detail={"trade_id": trade.signal_id, "state": "closing", "reason": asked.reason}))


def cancel_order(step: Step, asked: CancelAsked) -> Stepped:
    """Cancel one order of ours, but never the last stop of a trade that holds something."""
    found = find_order(step, asked)
    if found is None:
        return _refuse(step, "NOT_FOUND", "no order of ours has this id on this symbol", asked.order_id)
    trade, order = found
    if not order.may_live:
        return _refuse(step, "NOT_OPEN", f"the order is {order.state.value}", asked.order_id)
    guards = order.leg is Leg.STOP or (order.list_id is not None and order.leg is not Leg.ENTRY)
    if guards and (trade.held > ZERO or trade.entry.may_live):
        return _refuse(step, "LAST_STOP", "it protects an open trade; close the trade instead", asked.order_id)
    step.cancel(trade, order.client_order_id, f"asked:{asked.reason}", asked.actor)
    step.care(trade.signal_id)
    return step.done(
        Done(detail={"order_id": order.client_order_id, "trade_id": trade.signal_id, "state": "cancelling"})
    )


def find_order(step: Step, asked: CancelAsked) -> tuple[Trade, LegOrder] | None:
    """An order by its client id, or by the venue's."""
    for trade in step.book.on_symbol(asked.symbol):
        for order in trade.orders:
            if asked.order_id in {order.client_order_id, order.venue_order_id}:
                return trade, order
    return None


def _refuse(step: Step, code: str, message: str, value: str | None = None, limit: str | None = None) -> Stepped:
    return step.done(Refused(reason=Reason(code=code, message=message, value=value, limit=limit)))
