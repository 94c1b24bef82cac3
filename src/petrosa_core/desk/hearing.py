"""What the venue tells us: answers, reports, readings. Nothing it says is lost, and nothing it says twice counts twice."""

from petrosa_core.audit.entries import (
    BalanceRead,
    CancelAnswered,
    ExitAdopted,
    InstrumentsRead,
    OrderAbandoned,
    OrderMissing,
    OrderReported,
    RequestAnswered,
)
from petrosa_core.desk.inputs import (
    BalanceTold,
    CancelSettled,
    InstrumentsLookedUp,
    OrderLookedUp,
    OrderTold,
    RequestSettled,
)
from petrosa_core.desk.step import LookUp, Step, Stepped
from petrosa_core.execution import (
    Fill,
    LegOrder,
    NotFound,
    OrderHistory,
    OrderReport,
    OrderStatus,
    Trade,
    Unreadable,
)
from petrosa_core.order import TradeOrder
from petrosa_core.values import SECOND, ZERO, Leg, Price, Quantity, SignalId, TimeInForce, leg_of

# A client id is free again once its order is done: an order older than our send is somebody's earlier one under the same name.
_CLOCK_TOLERANCE = SECOND

_ADOPTED = {Leg.STOP, Leg.TARGET, Leg.CLOSE}


def answered(step: Step, settled: RequestSettled) -> Stepped:
    """A submission got its answer, or none."""
    trade = step.book.trade(settled.signal_id)
    if trade is None:
        return step.done()
    step.emit(
        RequestAnswered(
            signal_id=settled.signal_id,
            client_order_id=settled.client_order_id,
            outcome=settled.outcome,
            at=step.at,
        )
    )
    step.care(settled.signal_id)
    return step.done()


def cancel_answered(step: Step, settled: CancelSettled) -> Stepped:
    """A cancel got its answer; what became of the order is read, unless a report says it first."""
    if step.book.trade(settled.signal_id) is None:
        return step.done()
    step.emit(
        CancelAnswered(
            signal_id=settled.signal_id,
            client_order_id=settled.client_order_id,
            answer=settled.answer,
            at=step.at,
        )
    )
    step.care(settled.signal_id)
    return step.done()


def told(step: Step, event: OrderTold) -> Stepped:
    """The stream told of an order."""
    hear(step, event.report)
    return step.done()


def hear(step: Step, report: OrderReport) -> bool:
    """Take in one report; True when it is of a trade that we know."""
    trade = step.book.trade_of(report.client_order_id)
    if trade is None:
        return False
    if _write_down(step, trade, report):
        step.care(trade.signal_id)
    return True


def _write_down(step: Step, trade: Trade, report: OrderReport) -> bool:
    """Keep a report that says something new; an exit of ours that we do not know was sent just before a crash: adopt it."""
    known = trade.find(report.client_order_id)
    if known is not None:
        if known.knows(report):
            return False
        step.emit(OrderReported(signal_id=trade.signal_id, report=report, at=step.at))
        return True
    named = leg_of(report.client_order_id)
    if named is None or named[1] not in _ADOPTED:
        return False
    order = order_from(report, named[1])
    step.emit(ExitAdopted(signal_id=trade.signal_id, order=order, report=report, at=step.at))
    return True


def order_from(report: OrderReport, leg: Leg) -> TradeOrder:
    """The order that a report tells of; without a quantity it closes the whole position."""
    whole = report.quantity == ZERO
    priced = report.type.has_price
    return TradeOrder(
        client_order_id=report.client_order_id,
        leg=leg,
        symbol=report.symbol,
        side=report.side,
        type=report.type,
        quantity=None if whole else Quantity(report.quantity),
        price=Price(report.price) if priced and report.price else None,
        trigger_price=Price(report.trigger_price) if report.type.has_trigger and report.trigger_price else None,
        time_in_force=TimeInForce.GTC if priced else None,
        close_position=whole,
    )


def looked_up(step: Step, look: OrderLookedUp) -> Stepped:
    """A read by client id came back."""
    trade = step.book.trade(look.signal_id)
    if trade is None:
        return step.done()
    order = trade.find(look.client_order_id)
    match look.found:
        case Unreadable():
            return step.done()
        case OrderHistory(report=report) if order is None or report.created_at >= order.placed_at - _CLOCK_TOLERANCE:
            _take_history(step, trade.signal_id, look.found)
        case OrderHistory() | NotFound():
            if order is not None:
                _miss(step, trade, order, look)
    step.care(trade.signal_id)
    return step.done()


def _take_history(step: Step, signal_id: SignalId, history: OrderHistory) -> None:
    """All of it, before anything is done about it: what is needed after the first fill may not be after the last."""
    for report in (*(_fill_report(history.report, fill) for fill in history.fills), history.report):
        trade = step.book.trade(signal_id)
        assert trade is not None, "what is written down about a trade does not make it forgotten"
        _write_down(step, trade, report)


def _fill_report(report: OrderReport, fill: Fill) -> OrderReport:
    """One of a history's fills, as if the stream had told of it; the order's state comes with the last word."""
    return OrderReport(
        client_order_id=report.client_order_id,
        symbol=report.symbol,
        side=report.side,
        type=report.type,
        status=OrderStatus.NEW,
        quantity=report.quantity,
        price=report.price,
        trigger_price=report.trigger_price,
        executed=ZERO,
        venue_order_id=report.venue_order_id,
        created_at=report.created_at,
        at=fill.at,
        fill=fill,
        triggered=report.triggered,
    )


def _miss(step: Step, trade: Trade, order: LegOrder, look: OrderLookedUp) -> None:
    """Not found counts only when the venue can no longer accept it, and twice; before that it says nothing."""
    if not order.state.is_unresolved and not _should_be_there(order):
        return
    patience = step.rules.patience
    with_entry = order.leg is Leg.ENTRY or (order.list_id is not None and order.list_id == trade.entry.list_id)
    absence = patience.absence if with_entry else patience.exit_absence
    if look.asked_at < order.signed_at + order.recv_window + absence:
        return
    step.emit(OrderMissing(signal_id=trade.signal_id, client_order_id=order.client_order_id, at=step.at))
    if order.absences + 1 < patience.absences:
        return
    for leg in trade.orders:
        # A list that was never accepted takes all its legs with it.
        same_list = order.list_id is not None and leg.list_id == order.list_id and order.state.is_unresolved
        if leg is order or (same_list and leg.state.is_unresolved):
            step.emit(OrderAbandoned(signal_id=trade.signal_id, client_order_id=leg.client_order_id, at=step.at))


def _should_be_there(order: LegOrder) -> bool:
    """Whether its absence says something although it was accepted: a stop that no read finds protects nothing.

    Venues forget what was cancelled long ago. An entry is given up so only when it is not to be there any more.
    """
    is_entry = order.leg is Leg.ENTRY
    return order.state.is_open and (not is_entry or order.cancelling is not None)


def balance_told(step: Step, event: BalanceTold) -> Stepped:
    """The balance changed."""
    if step.book.totals.balance != event.balance:
        step.emit(BalanceRead(balance=event.balance, at=step.at))
    return step.done()


def instruments_told(step: Step, event: InstrumentsLookedUp) -> Stepped:
    """The rules as they are now: what is new, what changed, what is gone."""
    known = step.book.instruments
    changed = tuple(i for i in event.instruments if known.get(i.symbol) != i)
    there = {instrument.symbol for instrument in event.instruments}
    gone = tuple(symbol for symbol in known if symbol not in there)
    if changed or gone:
        step.emit(InstrumentsRead(instruments=changed, gone=gone, at=step.at))
    return step.done()


def look_at(step: Step, trade: Trade, order: LegOrder) -> None:
    """Have an order read."""
    step.command(LookUp(signal_id=trade.signal_id, symbol=trade.symbol, client_order_id=order.client_order_id))
