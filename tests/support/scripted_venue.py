"""A venue for one trade, as simple as can be, whose every answer, fill and loss is chosen by the test.

It is written apart from ``petrosa_core.matching``: what it knows is what Binance promises of reduce-only orders, whole-position
orders and order lists. Reports wait until they are delivered, in any order and as often as the test likes.
"""

from decimal import Decimal

import attrs
from tests.support.trades import a_fill, a_report, orders_of

from petrosa_core.execution import Fill, OrderHistory, OrderReport, OrderStatus
from petrosa_core.order import OrderList, Submission, TradeOrder
from petrosa_core.values import (
    ZERO,
    Amount,
    ClientOrderId,
    Leg,
    Market,
    Moment,
    Money,
    OrderType,
    Price,
    Quantity,
    Side,
)

OPEN = {OrderStatus.PENDING, OrderStatus.NEW, OrderStatus.PARTIALLY_FILLED}


@attrs.define
class Held:
    """One order as the venue has it."""

    order: TradeOrder
    list_id: ClientOrderId | None
    status: OrderStatus
    created_at: Moment
    executed: Decimal = ZERO
    fills: list[Fill] = attrs.Factory(list)


class ScriptedVenue:
    """Orders, and what they came to. ``mine`` is what the trade holds here, in base units of either sign."""

    def __init__(self, market: Market, base: str, side: Side, fee: Decimal) -> None:
        """``fee`` is the fraction of every spot buy that is taken in the base asset."""
        self.market = market
        self.base = base
        self.side = side
        self.fee = fee
        self.orders: dict[ClientOrderId, Held] = {}
        self.reports: list[OrderReport] = []
        self.mine = ZERO
        self.entered = ZERO

    # --- requests --------------------------------------------------------------------------------------------------

    def arrive(self, submission: Submission, now: Moment) -> bool:
        """Take the orders; False when one of their names is taken."""
        orders = orders_of(submission)
        if any(order.client_order_id in self.orders for order in orders):
            return False
        for order in orders:
            listed = isinstance(submission, OrderList)
            dormant = isinstance(submission, OrderList) and submission.working not in {None, order}
            held = Held(
                order=order,
                list_id=submission.client_order_id if listed else None,
                status=OrderStatus.PENDING if dormant else OrderStatus.NEW,
                created_at=now,
            )
            self.orders[order.client_order_id] = held
            self._tell(held, now)
        return True

    def cancel(self, name: ClientOrderId, now: Moment) -> bool:
        """Cancel an order, and its whole list; False when there is nothing open under the name."""
        held = self.orders.get(name)
        if held is None or held.status not in OPEN:
            return False
        for each in self._with_siblings(held):
            self._over(each, OrderStatus.CANCELLED, now)
        return True

    def find(self, name: ClientOrderId, now: Moment) -> OrderHistory | None:
        """What a read by client id answers."""
        held = self.orders.get(name)
        return None if held is None else OrderHistory(report=self._report(held, now), fills=tuple(held.fills))

    # --- what happens there ----------------------------------------------------------------------------------------

    def fillable(self) -> list[ClientOrderId]:
        """Orders that could trade now."""
        return [name for name, held in self.orders.items() if self.can_fill(held) > ZERO]

    def can_fill(self, held: Held) -> Decimal:
        """How much of the order can trade: what is left of it, and of an exit no more than the trade holds where it reduces."""
        if held.status not in {OrderStatus.NEW, OrderStatus.PARTIALLY_FILLED}:
            return ZERO
        if held.order.leg is Leg.ENTRY:
            assert held.order.quantity is not None, "entries have a quantity"
            return held.order.quantity - held.executed
        position = abs(self.mine)
        if held.order.quantity is None:
            return position if self.market is Market.USDM else self._received_of_list() - held.executed
        left = held.order.quantity - held.executed
        return min(left, position) if held.order.reduces else left

    def fill(self, name: ClientOrderId, share: Decimal, now: Moment) -> None:
        """Trade a share of what can trade, whole steps of 0.001."""
        held = self.orders[name]
        possible = self.can_fill(held)
        quantity = max((possible * share).quantize(Decimal("0.001")), Decimal("0.001"))
        quantity = min(quantity, possible)
        held.executed += quantity
        taken = quantity * self.fee if held.order.leg is Leg.ENTRY and self.market is Market.SPOT else ZERO
        fee = Money(Amount(taken), self.base) if taken else None
        price = held.order.price or held.order.trigger_price or Price(100)
        fill = a_fill(Quantity(quantity), price, f"{name[29:]}-{len(held.fills)}", fee, now)
        held.fills.append(fill)
        self.mine += held.order.side.sign * (quantity - taken)
        full = held.executed >= held.order.quantity if held.order.quantity is not None else quantity == possible
        held.status = OrderStatus.FILLED if full else OrderStatus.PARTIALLY_FILLED
        if held.order.leg is Leg.ENTRY:
            self.entered += quantity - taken
        self._tell(held, now, fill)
        self._affect_siblings(held, now)

    def lose(self, name: ClientOrderId, now: Moment) -> None:
        """Another hand cancels an order, or the venue expires it."""
        for each in self._with_siblings(self.orders[name]):
            self._over(each, OrderStatus.EXPIRED, now)

    def open_names(self) -> list[ClientOrderId]:
        """Everything of the trade that rests here."""
        return [name for name, held in self.orders.items() if held.status in OPEN]

    # --- inside ----------------------------------------------------------------------------------------------------

    def _received_of_list(self) -> Decimal:
        return self.entered.quantize(Decimal("0.001"), rounding="ROUND_DOWN")

    def _with_siblings(self, held: Held) -> list[Held]:
        if held.list_id is None:
            return [held]
        return [each for each in self.orders.values() if each.list_id == held.list_id]

    def _affect_siblings(self, held: Held, now: Moment) -> None:
        siblings = [each for each in self._with_siblings(held) if each is not held]
        if held.order.leg is not Leg.ENTRY:
            # One leg of an OCO that trades, be it in part, is the end of the other.
            for each in siblings:
                self._over(each, OrderStatus.EXPIRED, now)
        elif held.status is OrderStatus.FILLED:
            for each in siblings:
                if each.status is OrderStatus.PENDING:
                    each.status = OrderStatus.NEW
                    self._tell(each, now)

    def _over(self, held: Held, status: OrderStatus, now: Moment) -> None:
        if held.status in OPEN:
            held.status = status
            self._tell(held, now)

    def _report(self, held: Held, now: Moment, fill: Fill | None = None) -> OrderReport:
        cost = sum((each.price * each.quantity for each in held.fills), ZERO)
        return a_report(
            held.order,
            held.status,
            executed=held.executed,
            cost=cost,
            created_at=held.created_at,
            at=now,
            fill=fill,
            triggered=held.order.type is OrderType.STOP and bool(held.executed),
        )

    def _tell(self, held: Held, now: Moment, fill: Fill | None = None) -> None:
        self.reports.append(self._report(held, now, fill))
