"""Binance spot order lists: OCO, and OTOCO and OPOCO, whose exits wait for the entry.

1. The exits of a list lock their funds once; one of them to trade or to wake expires the other; cancelling one cancels all.
2. Exits of an entry are placed only when it has filled completely; until then, and after a cancel, they protect nothing.
3. The exits of an OPOCO sell what the entry received, less its fee, rounded down to the step. They meet the filters only
   then, and can still be rejected: what was bought then stands unprotected.
"""

from decimal import Decimal

from petrosa_core.execution import OrderStatus
from petrosa_core.matching.admission import inadmissible, no_slot, unusable_id, would_act_wrongly
from petrosa_core.matching.book import Book
from petrosa_core.matching.filters import broken_filter, broken_shape
from petrosa_core.matching.floor import Floor
from petrosa_core.matching.refusal import Ground, refusal
from petrosa_core.matching.working import WorkingList, WorkingOrder
from petrosa_core.order import ListKind, OrderList, TradeOrder
from petrosa_core.values import ZERO, Market, OrderType, Side

_TARGETS = {OrderType.LIMIT, OrderType.TAKE_PROFIT, OrderType.TAKE_PROFIT_LIMIT}
_STOPS = {OrderType.STOP, OrderType.STOP_LIMIT}


def inadmissible_list(floor: Floor, listed: OrderList) -> Ground | None:
    """Why a list may not enter, or None. Time, symbol and price have been looked at."""
    book = floor.books[listed.symbol]
    algo_orders = sum(order.type.has_trigger for order in listed.orders)
    return (
        _unsupported(listed, book)
        or _misshapen(listed)
        or _unusable_ids(floor, listed)
        or no_slot(floor, book, len(listed.orders), algo_orders)
        or (_exits_out_of_place(listed, book) if listed.working is None else _bad_entry(floor, listed, listed.working))
    )


def _unsupported(listed: OrderList, book: Book) -> Ground | None:
    instrument = book.instrument
    if instrument.market is Market.USDM:
        return Ground.LISTS_UNKNOWN
    allowed = {
        ListKind.OCO: instrument.oco_allowed,
        ListKind.OTOCO: instrument.otoco_allowed,
        ListKind.OPOCO: instrument.opoco_allowed,
    }
    if not allowed[listed.kind]:
        return Ground.LIST_UNSUPPORTED
    if not all(order.type in instrument.order_types for order in listed.orders):
        return Ground.UNSUPPORTED_TYPE
    return Ground.UNSUPPORTED_PARAMETER if any(order.reduces for order in listed.orders) else None


def _misshapen(listed: OrderList) -> Ground | None:
    target, stop, working = listed.target, listed.stop, listed.working
    if target.type not in _TARGETS or stop.type not in _STOPS:
        return Ground.LIST_LEG_TYPE
    if working is not None and working.type is not OrderType.LIMIT:
        return Ground.LIST_LEG_TYPE
    sized = listed.kind is not ListKind.OPOCO
    fits = (
        {order.symbol for order in listed.orders} == {listed.symbol}
        and target.side is stop.side
        and target.quantity == stop.quantity
        and (target.quantity is not None) == sized
        and (working is None or (working.side is target.side.opposite and working.quantity is not None))
        and (sized or target.side is Side.SELL)
    )
    return None if fits else Ground.LIST_SHAPE


def _unusable_ids(floor: Floor, listed: OrderList) -> Ground | None:
    names = [listed.client_order_id, *(order.client_order_id for order in listed.orders)]
    if len(set(names)) < len(names):
        return Ground.DUPLICATE
    return next((ground for name in names if (ground := unusable_id(floor, name))), None)


def _bad_entry(floor: Floor, listed: OrderList, working: TradeOrder) -> Ground | None:
    book = floor.books[listed.symbol]
    if ground := inadmissible(floor, working):
        return ground
    if listed.kind is ListKind.OPOCO:
        return None
    exits = (listed.target, listed.stop)
    return next((ground for leg in exits if (ground := broken_shape(leg, leg.quantity, book.instrument))), None)


def _exits_out_of_place(listed: OrderList, book: Book, quantity: Decimal | None = None) -> Ground | None:
    """Filters of both exits, and target and stop on their sides of the last price."""
    for leg in (listed.target, listed.stop):
        size = leg.quantity or quantity or ZERO
        if ground := broken_filter(leg, size, book.instrument, book.quoted):
            return ground
    # Through the stop: said as for a single stop, since there is only one thing to do about it.
    if ground := would_act_wrongly(listed.stop, ZERO, book):
        return ground
    level = listed.target.price if listed.target.type is OrderType.LIMIT else listed.target.trigger_price
    assert level is not None, "a target has one of the two"
    last = book.quoted.mid
    beyond = level > last if listed.target.side is Side.SELL else level < last
    return None if beyond else Ground.LIST_PRICES


# ---------------------------------------------------------------- life


def place(floor: Floor, listed: OrderList) -> tuple[Ground | None, int]:
    """Place an admissible list: (why not, the list's number)."""
    list_id = floor.next_id()
    if listed.working is None:
        return _place_exits(floor, listed, list_id), list_id
    working = floor.create(listed.working, listed.working.quantity or ZERO, list_id)
    exits = [floor.create(leg, leg.quantity or ZERO, list_id) for leg in (listed.target, listed.stop)]
    record = WorkingList(
        list_id=list_id,
        client_order_id=listed.client_order_id,
        kind=listed.kind,
        working_id=working.order_id,
        target_id=exits[0].order_id,
        stop_id=exits[1].order_id,
    )
    _register(floor, record)
    if not floor.account.hold(floor.hold_key(working), (working,), floor.books[listed.symbol]):
        _unregister(floor, record)
        return Ground.INSUFFICIENT_FUNDS, list_id
    floor.accept(working)
    for leg in exits:
        floor.accept(leg, OrderStatus.PENDING)
    floor.start(working)
    return None, list_id


def _place_exits(floor: Floor, listed: OrderList, list_id: int) -> Ground | None:
    exits = [floor.create(leg, leg.quantity or ZERO, list_id) for leg in (listed.target, listed.stop)]
    record = WorkingList(
        list_id=list_id,
        client_order_id=listed.client_order_id,
        kind=listed.kind,
        working_id=0,
        target_id=exits[0].order_id,
        stop_id=exits[1].order_id,
    )
    _register(floor, record)
    if not floor.account.hold(floor.hold_key(exits[0]), exits, floor.books[listed.symbol]):
        _unregister(floor, record)
        return Ground.INSUFFICIENT_FUNDS
    for leg in exits:
        floor.accept(leg)
    for leg in exits:
        floor.start(leg)
    return None


def _register(floor: Floor, record: WorkingList) -> None:
    floor.lists[record.list_id] = record
    floor.list_ids[record.client_order_id] = record.list_id


def _unregister(floor: Floor, record: WorkingList) -> None:
    del floor.lists[record.list_id]
    del floor.list_ids[record.client_order_id]


def place_waiting_exits(floor: Floor) -> None:
    """Place the exits of every list whose entry has filled since the last call."""
    while floor.filled_entries:
        entry = floor.filled_entries.pop(0)
        record = floor.lists[entry.list_id]
        target, stop = floor.open[record.target_id], floor.open[record.stop_id]
        if record.kind is ListKind.OPOCO:
            target.quantity = stop.quantity = _received(entry, floor.books[entry.order.symbol])
        _wake_exits(floor, record, target, stop)


def _wake_exits(floor: Floor, record: WorkingList, target: WorkingOrder, stop: WorkingOrder) -> None:
    book = floor.books[target.order.symbol]
    pair = OrderList(
        client_order_id=record.client_order_id,
        kind=ListKind.OCO,
        working=None,
        target=target.order,
        stop=stop.order,
    )
    ground = _exits_out_of_place(pair, book, target.quantity)
    if ground is None and not floor.account.hold(floor.hold_key(target), (target, stop), book):
        ground = Ground.INSUFFICIENT_FUNDS
    if ground is not None:
        why = refusal(book.instrument.market, ground).message
        for leg in (target, stop):
            floor.finish(leg, OrderStatus.REJECTED, why)
        return
    for leg in (target, stop):
        leg.status = OrderStatus.NEW
        floor.tell(leg)
    for leg in (target, stop):
        floor.start(leg)


def _received(entry: WorkingOrder, book: Book) -> Decimal:
    fees = sum((fill.fee.amount for fill in entry.fills if fill.fee and fill.fee.asset == book.instrument.base), ZERO)
    return book.instrument.floor_quantity(entry.executed - fees)
