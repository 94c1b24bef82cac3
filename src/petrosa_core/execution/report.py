"""What a venue tells of an order and of the account, by stream or when asked."""

from decimal import Decimal
from typing import TypeAlias

import attrs

from petrosa_core.values import (
    ZERO,
    Balance,
    ClientOrderId,
    Moment,
    Money,
    OrderType,
    Price,
    Quantity,
    Side,
    Symbol,
    Word,
)


class OrderStatus(Word):
    """Where an order stands at the venue. PENDING is an exit of a list whose entry has not filled yet."""

    PENDING = "pending"
    NEW = "new"
    PARTIALLY_FILLED = "partially_filled"
    FILLED = "filled"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    REJECTED = "rejected"

    @property
    def is_open(self) -> bool:
        """Whether it can still trade."""
        return self in _OPEN


_OPEN = frozenset({OrderStatus.PENDING, OrderStatus.NEW, OrderStatus.PARTIALLY_FILLED})


@attrs.frozen(kw_only=True)
class Fill:
    """One execution. ``trade_id`` is the venue's, unique per symbol; fees may be in any asset."""

    trade_id: str
    price: Price
    quantity: Quantity
    fee: Money | None
    at: Moment
    maker: bool = False


@attrs.frozen(kw_only=True)
class OrderReport:
    """The venue's word on one order. ``executed`` is cumulative; ``cost`` the quote units it came to, cumulative.

    ``fill`` is the execution that this report tells of, if it tells of one. ``reason`` is the venue's, for people.
    A triggered algo order reports its child's executions under its own client id, as Binance's ``c`` does.
    """

    client_order_id: ClientOrderId
    symbol: Symbol
    side: Side
    type: OrderType
    status: OrderStatus
    quantity: Decimal = ZERO
    price: Decimal | None = None
    trigger_price: Decimal | None = None
    executed: Decimal = ZERO
    cost: Decimal = ZERO
    venue_order_id: str = ""
    created_at: Moment
    at: Moment
    fill: Fill | None = None
    triggered: bool = False
    reason: str = ""


@attrs.frozen(kw_only=True)
class OrderHistory:
    """An order as found by asking: its report, and every fill of it (the report's own ``fill`` is None)."""

    report: OrderReport
    fills: tuple[Fill, ...] = ()


@attrs.frozen(kw_only=True)
class NotFound:
    """The venue knows no such order now; whether that may be believed is a question of time."""

    at: Moment


@attrs.frozen(kw_only=True)
class Unreadable:
    """The read failed. It is not an empty answer."""

    why: str


Found: TypeAlias = OrderHistory | NotFound | Unreadable


@attrs.frozen(kw_only=True)
class VenuePosition:
    """What the venue says we hold. ``amount`` is signed base units; on spot, the free and locked base asset."""

    symbol: Symbol
    amount: Decimal
    entry_price: Decimal | None = None
    mark: Decimal | None = None


@attrs.frozen(kw_only=True)
class AccountSnapshot:
    """One consistent reading of the account: balance, positions, and every open order of every book."""

    balance: Balance
    positions: tuple[VenuePosition, ...]
    open_orders: tuple[OrderReport, ...]
    at: Moment
