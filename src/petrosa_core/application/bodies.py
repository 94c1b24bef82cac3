"""Trades, orders and verdicts as plain values: the bodies that HTTP, the CLI and the audit log share.

Amounts are Decimals, times ISO 8601 in UTC, statuses from the closed set ``new``, ``partially_filled``, ``filled``,
``cancelled``, ``expired``, ``rejected``, ``unknown``.
"""

from decimal import Decimal

from petrosa_core.desk import Plain, SignalRecord
from petrosa_core.execution import (
    AwaitingEntry,
    Closed,
    Closing,
    Exposed,
    LegOrder,
    OrderState,
    Protected,
    Trade,
    bracket_of,
)
from petrosa_core.values import ZERO, Leg, Money, Price, iso, shown

_STATUS = {
    OrderState.INTENDED: "unknown",
    OrderState.UNKNOWN: "unknown",
    OrderState.ABANDONED: "unknown",
    OrderState.PENDING: "new",
    OrderState.NEW: "new",
    OrderState.PARTIALLY_FILLED: "partially_filled",
    OrderState.FILLED: "filled",
    OrderState.CANCELLED: "cancelled",
    OrderState.EXPIRED: "expired",
    OrderState.REJECTED: "rejected",
}

_LEGS = {
    Leg.ENTRY: "entry",
    Leg.STOP: "stop",
    Leg.TARGET: "target",
    Leg.CLOSE: "close",
    Leg.LIST: "list",
}


def status_of(order: LegOrder) -> str:
    """The order's state in the public words."""
    return _STATUS[order.state]


def _fees(fees: tuple[Money, ...]) -> list[Plain]:
    return [{"asset": fee.asset, "amount": Decimal(fee.amount)} for fee in fees]


def _plain(price: Price | Decimal | None) -> Decimal | None:
    return None if price is None else Decimal(price)


def average(price: Decimal | None) -> Decimal | None:
    """An average price for people; None before the first fill."""
    return None if price is None else shown(price)


def result_of(trade: Trade) -> dict[str, Plain]:
    """The seed's result of a trade: its entry order."""
    entry = trade.entry
    return {
        "order_id": entry.venue_order_id or entry.client_order_id,
        "client_order_id": entry.client_order_id,
        "status": status_of(entry),
        "fill_price": average(entry.average_price),
        "quantity": entry.executed or Decimal(trade.plan.quantity),
        "fees": sum((fee.amount for fee in entry.fees if fee.asset == trade.instrument.quote), ZERO),
        "fees_by_asset": _fees(entry.fees),
        "protected": trade.is_covered if trade.held else None,
    }


def order_body(trade: Trade, order: LegOrder) -> dict[str, Plain]:
    """One order, with what it is for."""
    sent = order.order
    return {
        "order_id": order.venue_order_id or order.client_order_id,
        "client_order_id": order.client_order_id,
        "list_id": order.list_id,
        "trade_id": trade.signal_id,
        "strategy_id": trade.strategy_id,
        "symbol": sent.symbol,
        "leg": _LEGS[order.leg],
        "attempt": order.attempt,
        "side": sent.side.value,
        "type": sent.type.value,
        "status": status_of(order),
        "state": order.state.value,
        "quantity": _plain(sent.quantity),
        "price": _plain(sent.price),
        "trigger_price": _plain(sent.trigger_price),
        "close_position": sent.close_position,
        "reduce_only": sent.reduce_only,
        "executed_quantity": order.executed,
        "fill_price": average(order.average_price),
        "fees": _fees(order.fees),
        "refusal": None if order.refusal is None else {"code": order.refusal.code, "message": order.refusal.message},
        "updated_at": iso(order.updated_at),
    }


def bracket_body(trade: Trade) -> dict[str, Plain]:
    """Where the trade stands."""
    match bracket_of(trade):
        case AwaitingEntry():
            return {"state": "awaiting_entry"}
        case Exposed(since=since, quantity=quantity):
            return {"state": "exposed", "since": iso(since), "quantity": quantity}
        case Protected(quantity=quantity):
            return {"state": "protected", "quantity": quantity}
        case Closing(why=why, quantity=quantity, covered=covered):
            return {"state": "closing", "why": why, "quantity": quantity, "covered": covered}
        case Closed(why=why):
            return {"state": "closed", "why": why}


def trade_body(trade: Trade) -> dict[str, Plain]:
    """One trade with all its orders."""
    stop, target = trade.latest(Leg.STOP), trade.latest(Leg.TARGET)
    return {
        "trade_id": trade.signal_id,
        "strategy_id": trade.strategy_id,
        "symbol": trade.symbol,
        "side": trade.plan.side.value,
        "bracket": bracket_body(trade),
        "quantity": Decimal(trade.plan.quantity),
        "held": trade.held,
        "entry_price": average(trade.entry.average_price),
        "stop_price": Decimal(stop.order.trigger_price if stop and stop.order.trigger_price else trade.plan.stop_price),
        "target_price": Decimal(
            (target.order.trigger_price or target.order.price or trade.plan.target_price)
            if target
            else trade.plan.target_price
        ),
        "opened_at": iso(trade.opened_at),
        "ended_at": iso(trade.ended.at) if trade.ended else None,
        "realised_pnl": shown(trade.realised),
        "fees": _fees(trade.fees),
        "naked_seconds": Decimal(trade.naked_us) / 1_000_000,
        "result": result_of(trade),
        "orders": [order_body(trade, order) for order in trade.orders],
    }


def decision_body(record: SignalRecord) -> dict[str, Plain]:
    """One verdict in brief."""
    return {
        "seq": record.seq,
        "at": iso(record.at),
        "signal_id": record.signal_id,
        "strategy_id": record.strategy_id,
        "symbol": record.symbol,
        "action": record.action,
        "outcome": record.outcome.value,
        "codes": list(record.codes),
        "trade_id": record.trade_id,
    }
