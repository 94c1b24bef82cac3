"""What we will send: orders, order lists, and the bracket that a plan becomes."""

from petrosa_core.order.bracket import (
    Ticket,
    close_order,
    entry_submission,
    exit_list,
    stop_level,
    stop_order,
    target_level,
    target_order,
)
from petrosa_core.order.order import ListKind, OrderList, Submission, TradeOrder
from petrosa_core.values import Leg, OrderType, Side, TimeInForce

__all__ = [
    "Leg",
    "ListKind",
    "OrderList",
    "OrderType",
    "Side",
    "Submission",
    "Ticket",
    "TimeInForce",
    "TradeOrder",
    "close_order",
    "entry_submission",
    "exit_list",
    "stop_level",
    "stop_order",
    "target_level",
    "target_order",
]
