"""Whether a single order may enter: every check before funds, in the order in which the exchange makes them."""

import re
from decimal import Decimal

from petrosa_core.matching.book import Book
from petrosa_core.matching.filters import broken_filter
from petrosa_core.matching.floor import Floor
from petrosa_core.matching.refusal import Ground
from petrosa_core.matching.working import rests_as_maker_only
from petrosa_core.order import TradeOrder
from petrosa_core.values import (
    MINUTE,
    SECOND,
    ZERO,
    ClientOrderId,
    Duration,
    Market,
    Moment,
    OrderType,
    Symbol,
    TimeInForce,
)

_CLIENT_ID = re.compile(r"[A-Za-z0-9_-]{1,36}")


def untimely(at: Moment, signed_at: Moment, recv_window: Duration) -> Ground | None:
    """Binance takes a request when ``signed_at < at + 1 s`` and ``at - signed_at <= recv_window``."""
    if recv_window > MINUTE:
        return Ground.WINDOW_TOO_LARGE
    if signed_at >= at + SECOND:
        return Ground.AHEAD_OF_TIME
    return Ground.OUTSIDE_WINDOW if at - signed_at > recv_window else None


def unknown_or_closed(floor: Floor, symbol: Symbol) -> Ground | None:
    """Whether the symbol exists and trades, at some price."""
    book = floor.books.get(symbol)
    if book is None:
        return Ground.UNKNOWN_SYMBOL
    if not book.instrument.trading:
        return Ground.NOT_TRADING
    return Ground.NO_PRICES if book.quote is None else None


def unusable_id(floor: Floor, client_id: ClientOrderId) -> Ground | None:
    """A client id must be well formed and not that of an open order or list; of a finished one it is free again."""
    if not _CLIENT_ID.fullmatch(client_id):
        return Ground.BAD_CLIENT_ID
    return Ground.DUPLICATE if client_id in floor.open_ids or client_id in floor.list_ids else None


def no_slot(floor: Floor, book: Book, orders: int, algo_orders: int) -> Ground | None:
    """Whether so many more orders, so many of them with triggers, fit the symbol's and the account's limits."""
    instrument = book.instrument
    if len(book.open) + orders > instrument.orders_max:
        return Ground.TOO_MANY_ORDERS
    if instrument.market is Market.SPOT:
        full = book.algo_orders + algo_orders > instrument.algo_orders_max
    else:
        full = floor.algo_orders + algo_orders > floor.rules.algo_orders_max
    return Ground.TOO_MANY_ALGO_ORDERS if algo_orders and full else None


def inadmissible(floor: Floor, order: TradeOrder) -> Ground | None:
    """Why a single order may not enter, or None. Time, symbol and price have been looked at."""
    book = floor.books[order.symbol]
    return (
        unusable_id(floor, order.client_order_id)
        or _unsupported(order, book)
        or broken_filter(order, order.quantity, book.instrument, book.quoted)
        or no_slot(floor, book, 1, order.type.has_trigger)
        or _cannot_reduce(floor, order, book)
        or would_act_wrongly(order, order.quantity or ZERO, book)
    )


def would_act_wrongly(order: TradeOrder, quantity: Decimal, book: Book) -> Ground | None:
    """Whether it would do at once what it must not: wake, take, or fill only in part."""
    if order.type.has_trigger:
        return Ground.WOULD_TRIGGER if book.is_through(order) else None
    if rests_as_maker_only(order) and book.crosses(order.side, order.price):
        return Ground.WOULD_TAKE
    if order.time_in_force is TimeInForce.FOK and book.instrument.market is Market.USDM:
        whole = book.crosses(order.side, order.price) and book.available(order.side, quantity) == quantity
        return None if whole else Ground.CANNOT_FILL_WHOLE
    return None


def _unsupported(order: TradeOrder, book: Book) -> Ground | None:
    if order.type not in book.instrument.order_types:
        return Ground.UNSUPPORTED_TYPE
    if order.reduces and book.instrument.market is Market.SPOT:
        return Ground.UNSUPPORTED_PARAMETER
    if order.close_position:
        sleeps_at_market = order.type in {OrderType.STOP, OrderType.TAKE_PROFIT}
        return None if sleeps_at_market else Ground.CLOSE_NEEDS_TRIGGER
    return Ground.NO_QUANTITY if order.quantity is None else None


def _cannot_reduce(floor: Floor, order: TradeOrder, book: Book) -> Ground | None:
    if not order.reduces:
        return None
    open_amount = floor.reducible(order.symbol, order.side)
    if order.close_position:
        if not open_amount:
            return Ground.NO_POSITION_TO_CLOSE
        alike = any(
            other.order.side is order.side and other.order.type is order.type for other in book.closers.values()
        )
        return Ground.ALREADY_CLOSING if alike else None
    # Reduce-only orders that rest already have their claim on the position; sleeping ones have none yet.
    claims = [other.remaining for other in book.reducers.values() if other.order.side is order.side]
    spoken_for = ZERO if order.type.has_trigger else sum(claims, ZERO)
    return Ground.NOTHING_TO_REDUCE if open_amount <= spoken_for else None
