"""What durable entries tell the world: executions in the shape that the neighbours consume, alerts, dead letters.

Our own refusals are ``denied``, never ``rejected``: a governor upstream pauses everything when more than
5 % are rejected.
"""

from collections.abc import Mapping
from decimal import Decimal

from petrosa_core.audit.entries import (
    Alarmed,
    Entry,
    MessageDeadLettered,
    OrderReported,
    RequestAnswered,
    SignalJudged,
)
from petrosa_core.decision import Outcome
from petrosa_core.desk import Book, Plain
from petrosa_core.execution import Accepted, LegOrder, OrderReport, Rejected, Trade, Unanswered
from petrosa_core.ports import Notifier
from petrosa_core.signal import Undecodable
from petrosa_core.values import ZERO, Leg, Moment, iso


def announce(entry: Entry, book: Book, notifier: Notifier) -> None:
    """Tell what this entry means to others; most mean nothing."""
    match entry:
        case SignalJudged(outcome=Outcome.DENIED):
            notifier.execution(entry.signal.strategy_id, denied(entry))
        case RequestAnswered(outcome=Accepted() | Rejected()):
            _answered(entry, book, notifier)
        case OrderReported() if entry.report.fill is not None:
            _filled(entry, book, notifier)
        case MessageDeadLettered():
            letter = Undecodable(
                raw=entry.raw, code=entry.code, message=entry.message, field=entry.field, value=entry.value
            )
            notifier.dead_letter(letter, entry.message_id, entry.subject)
        case _:
            pass


def alarm(entry: Alarmed, notifier: Notifier) -> None:
    """Tell an alarm; it does not wait for the store."""
    detail: dict[str, Plain] = {"signal_id": entry.signal_id} if entry.signal_id else {}
    notifier.alert(entry.name, entry.severity, "trading", entry.message, detail)


def denied(entry: SignalJudged) -> Mapping[str, Plain]:
    """A refusal of ours, with its first reason in the words of the old consumers and all reasons in ours."""
    signal = entry.signal
    first = entry.reasons[0] if entry.reasons else None
    return {
        "decision_id": _decision_id(entry),
        "strategy_id": signal.strategy_id,
        "order_id": "",
        "event_type": "denied",
        "timestamp": iso(entry.at),
        "reason": first.code if first else "",
        "symbol": signal.symbol,
        "side": signal.action.value,
        "denial_reasons": [
            {"code": r.code, "message": r.message, "value": r.value, "limit": r.limit} for r in entry.reasons
        ],
        "denied_at": iso(entry.at),
    }


def _decision_id(entry: SignalJudged) -> str:
    given = next((i.value for i in entry.signal.identities if i.kind == "decision_id"), None)
    return given or entry.signal.signal_id


def _answered(entry: RequestAnswered, book: Book, notifier: Notifier) -> None:
    trade = book.trade(entry.signal_id)
    order = trade.find(entry.client_order_id) if trade else None
    if trade is None or order is None:
        return
    match entry.outcome:
        case Accepted(venue_order_id=venue_id):
            body = _base(trade, order, "placed", "accepted", entry.at)
            # The consumers join on these keys; an acknowledgement fills nothing, so they say what has filled by now.
            filled: dict[str, Plain] = {"fill_qty": order.executed, "fill_quantity": order.executed, "fee": ZERO}
            order_id = venue_id or order.client_order_id
            notifier.execution(trade.strategy_id, {**body, **filled, "order_id": order_id})
        case Rejected(code=code, message=message):
            why = f"APIError(code={code}): {message}"
            body = _base(trade, order, "rejected", f"exchange_failed: {why}", entry.at)
            rejection: dict[str, Plain] = {
                "rejection_source": "exchange",
                "rejection_reason": why,
                "rejected_at": iso(entry.at),
            }
            notifier.execution(trade.strategy_id, {**body, **rejection})
        case Unanswered():
            """Silence is not an event: what became of the order is told when it is known."""


def _filled(entry: OrderReported, book: Book, notifier: Notifier) -> None:
    trade = book.trade(entry.signal_id)
    order = trade.find(entry.report.client_order_id) if trade else None
    if trade is None or order is None:
        return
    report, fill = entry.report, entry.report.fill
    assert fill is not None, "asked only of reports with a fill"
    kind = "filled" if _complete(report) else "partial_fill"
    body = _base(trade, order, kind, f"venue_{kind}", entry.at)
    notifier.execution(
        trade.strategy_id,
        {
            **body,
            "fill_qty": Decimal(fill.quantity),
            "fill_quantity": Decimal(fill.quantity),
            "fill_price": Decimal(fill.price),
            "price": Decimal(fill.price),
            "fill_time": iso(fill.at),
            "fee": Decimal(fill.fee.amount) if fill.fee else ZERO,
            "fee_asset": fill.fee.asset if fill.fee else None,
        },
    )


def _complete(report: OrderReport) -> bool:
    return not report.status.is_open


def _base(trade: Trade, order: LegOrder, kind: str, reason: str, at: Moment) -> dict[str, Plain]:
    quantity = order.order.quantity
    return {
        "decision_id": trade.decision_id or trade.signal_id,
        "strategy_id": trade.strategy_id,
        "order_id": order.venue_order_id or order.client_order_id,
        "event_type": kind,
        "timestamp": iso(at),
        "reason": reason,
        "symbol": trade.symbol,
        "side": order.order.side.value,
        "leg": {Leg.ENTRY: "entry", Leg.STOP: "stop", Leg.TARGET: "target"}.get(order.leg, "close"),
        "qty": Decimal(quantity) if quantity is not None else trade.held,
    }
