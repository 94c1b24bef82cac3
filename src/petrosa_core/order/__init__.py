"""What we will send: orders, order lists, and the bracket that a plan becomes."""

from petrosa_core.order.order import ListKind, OrderList, Submission, TradeOrder
from petrosa_core.values import Leg, OrderType, Side, TimeInForce

__all__ = ["Leg", "ListKind", "OrderList", "OrderType", "Side", "Submission", "TimeInForce", "TradeOrder"]
