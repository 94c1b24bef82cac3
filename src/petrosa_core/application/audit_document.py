"""The document of ``trade_audit_log``: the specification's fields, of one signal that asked for a trade.

A function of the fold alone, so that rebuilding the collection from the journal gives the equal collection.
"""

from decimal import Decimal

from petrosa_core.application.bodies import average, order_body
from petrosa_core.audit.entries import SignalJudged
from petrosa_core.desk import Plain
from petrosa_core.execution import OrderState, Trade
from petrosa_core.values import ZERO, Mode, iso, shown

_STATUS = {
    OrderState.INTENDED: "new",
    OrderState.UNKNOWN: "new",
    OrderState.PENDING: "new",
    OrderState.NEW: "new",
    OrderState.PARTIALLY_FILLED: "partially_filled",
    OrderState.FILLED: "filled",
    OrderState.CANCELLED: "cancelled",
    OrderState.EXPIRED: "expired",
    OrderState.REJECTED: "rejected",
    OrderState.ABANDONED: "error",
}


def of_trade(trade: Trade, seq: int, mode: Mode) -> dict[str, Plain]:
    """The document of a signal that was accepted; ``seq`` is the last entry that changed it."""
    entry = trade.entry
    quote_fees = sum((fee.amount for fee in trade.fees if fee.asset == trade.instrument.quote), ZERO)
    return {
        "_id": trade.signal_id,
        "signal_id": trade.signal_id,
        "strategy_id": trade.strategy_id,
        "symbol": trade.symbol,
        "side": trade.plan.side.value,
        "order_type": trade.plan.order_type.value,
        "quantity": Decimal(trade.plan.quantity),
        "price": None if trade.plan.price is None else Decimal(trade.plan.price),
        "stop_loss": Decimal(trade.plan.stop_price),
        "take_profit": Decimal(trade.plan.target_price),
        "binance_order_id": entry.venue_order_id or None,
        "status": _STATUS[entry.state],
        "fill_price": average(entry.average_price),
        "fees": quote_fees,
        "timestamp": iso(trade.opened_at),
        "simulation_mode": mode is Mode.SIMULATION,
        "metadata": {
            "journal_seq": seq,
            "decision_id": trade.decision_id,
            "sizing_mode": trade.plan.sizing.mode,
            "sizing_budget": trade.plan.sizing.budget,
            "sizing_ceilings": list(trade.plan.sizing.ceilings),
            "stop_source": trade.plan.stop.source.value,
            "target_source": trade.plan.target.source.value,
            "overridden": [*trade.plan.stop.overridden, *trade.plan.target.overridden],
            "fees_by_asset": {fee.asset: Decimal(fee.amount) for fee in trade.fees},
            "realised_pnl": shown(trade.realised),
            "naked_microseconds": trade.naked_us,
            "ended": None if trade.ended is None else trade.ended.why,
            "error": _error(trade),
            "orders": [order_body(trade, order) for order in trade.orders],
        },
    }


def _error(trade: Trade) -> str | None:
    refusal = trade.entry.refusal
    if refusal is not None:
        return f"{refusal.code}: {refusal.message}"
    return (
        "the entry was never answered, and is not at the venue" if trade.entry.state is OrderState.ABANDONED else None
    )


def of_denial(entry: SignalJudged, seq: int, mode: Mode) -> dict[str, Plain]:
    """The document of a signal that was denied; ``seq`` is its entry's number."""
    signal = entry.signal
    return {
        "_id": signal.signal_id,
        "signal_id": signal.signal_id,
        "strategy_id": signal.strategy_id,
        "symbol": signal.symbol,
        "side": signal.action.value,
        "order_type": signal.order_type.value,
        "quantity": None if signal.quantity is None else Decimal(signal.quantity),
        "price": Decimal(signal.price),
        "stop_loss": None if signal.stop_loss is None else Decimal(signal.stop_loss),
        "take_profit": None if signal.take_profit is None else Decimal(signal.take_profit),
        "binance_order_id": None,
        "status": "denied",
        "fill_price": None,
        "fees": ZERO,
        "timestamp": iso(entry.at),
        "simulation_mode": mode is Mode.SIMULATION,
        "metadata": {
            "journal_seq": seq,
            "reasons": [
                {"code": r.code, "message": r.message, "value": r.value, "limit": r.limit} for r in entry.reasons
            ],
        },
    }
