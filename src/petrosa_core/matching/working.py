"""What the exchange knows of one order, and of one order list, while they live and after."""

from decimal import Decimal

import attrs

from petrosa_core.execution import Fill, OrderHistory, OrderReport, OrderStatus
from petrosa_core.order import ListKind, TradeOrder
from petrosa_core.values import ZERO, ClientOrderId, Market, Moment, TimeInForce


@attrs.define(kw_only=True, eq=False)
class WorkingOrder:
    """One order at the exchange.

    ``quantity`` is in base units and ZERO while it is not known (closePosition before its trigger, a pending leg that will be
    sized by what the entry received). ``rank`` is its turn among orders at the same price; 0 while it neither rests nor
    waits for a trigger. ``list_id`` is 0 outside lists. ``cost`` is in quote units.
    """

    order: TradeOrder
    order_id: int
    created_at: Moment
    updated_at: Moment
    quantity: Decimal
    status: OrderStatus = OrderStatus.NEW
    executed: Decimal = ZERO
    cost: Decimal = ZERO
    triggered: bool = False
    rank: int = 0
    list_id: int = 0
    reason: str = ""
    fills: list[Fill] = attrs.field(factory=list)

    @property
    def remaining(self) -> Decimal:
        """Base units that are not executed yet."""
        return self.quantity - self.executed

    @property
    def sleeps(self) -> bool:
        """Whether it still waits for its trigger."""
        return self.order.type.has_trigger and not self.triggered

    def report(self, fill: Fill | None = None) -> OrderReport:
        """The exchange's word on it now."""
        order = self.order
        return OrderReport(
            client_order_id=order.client_order_id,
            symbol=order.symbol,
            side=order.side,
            type=order.type,
            status=self.status,
            quantity=self.quantity,
            price=order.price,
            trigger_price=order.trigger_price,
            executed=self.executed,
            cost=self.cost,
            venue_order_id=str(self.order_id),
            created_at=self.created_at,
            at=self.updated_at,
            fill=fill,
            triggered=self.triggered,
            reason=self.reason,
        )

    def history(self) -> OrderHistory:
        """What asking for the order answers."""
        return OrderHistory(report=self.report(), fills=tuple(self.fills))

    def take(self, fill: Fill) -> None:
        """Count one execution."""
        self.fills.append(fill)
        self.executed += fill.quantity
        self.cost += fill.price * fill.quantity
        self.status = OrderStatus.FILLED if self.executed == self.quantity else OrderStatus.PARTIALLY_FILLED
        self.updated_at = fill.at


@attrs.define(kw_only=True, eq=False)
class WorkingList:
    """One order list: ``working_id`` is 0 for an OCO; ids are those of the orders."""

    list_id: int
    client_order_id: ClientOrderId
    kind: ListKind
    working_id: int
    target_id: int
    stop_id: int

    @property
    def order_ids(self) -> tuple[int, ...]:
        """All legs, the working one first."""
        exits = (self.target_id, self.stop_id)
        return (self.working_id, *exits) if self.working_id else exits


def watches_mark(order: TradeOrder, market: Market) -> bool:
    """Whether the trigger compares with the mark price; spot knows only the last price."""
    return order.on_mark and market is Market.USDM


def is_rising(order: TradeOrder) -> bool:
    """Whether the price has to rise to the trigger: a buy stop or a sell target."""
    return (order.side.sign > 0) == order.type.is_stop


def rests_as_maker_only(order: TradeOrder) -> bool:
    """Whether it may only add to the book (spot LIMIT_MAKER, USD-M GTX)."""
    return order.time_in_force is TimeInForce.GTX
