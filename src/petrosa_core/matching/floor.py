"""The trading floor: what happens to orders once they are accepted, and when prices move.

1. An order is reported NEW before any fill; its executed quantity never falls; the fills add up to it.
2. A taker trades at the other side's best price, a maker at its own limit.
3. A price from a feed fills resting orders and wakes sleeping ones; a self-quoted price does neither.
4. An order that may only reduce never opens or grows a position; what it cannot execute expires.
5. The exits of a list share one hold; the first of them to trade or to wake expires the other.
"""

from collections import OrderedDict
from decimal import Decimal
from typing import TypeAlias

from petrosa_core.execution import Fill, OrderReport, OrderStatus
from petrosa_core.matching.book import Book
from petrosa_core.matching.margin_account import MarginAccount
from petrosa_core.matching.rules import Rules
from petrosa_core.matching.spot_account import SpotAccount
from petrosa_core.matching.working import WorkingList, WorkingOrder, rests_as_maker_only
from petrosa_core.order import OrderType, TradeOrder
from petrosa_core.values import (
    ZERO,
    ClientOrderId,
    Leg,
    Moment,
    Price,
    Quantity,
    Quote,
    Ratio,
    Side,
    Symbol,
    TimeInForce,
)

Account: TypeAlias = SpotAccount | MarginAccount


class Floor:
    """Books, accounts and orders of one exchange, and the moves between them."""

    def __init__(self, books: dict[Symbol, Book], account: Account, rules: Rules) -> None:
        """Begin without orders."""
        self.books = books
        self.account = account
        self.rules = rules
        self.now = Moment(0)
        self.last_id = 0
        self.last_trade = 0
        self.open: dict[int, WorkingOrder] = {}
        self.open_ids: dict[ClientOrderId, int] = {}
        self.done: OrderedDict[ClientOrderId, WorkingOrder] = OrderedDict()
        self.lists: dict[int, WorkingList] = {}
        self.list_ids: dict[ClientOrderId, int] = {}
        self.algo_orders = 0
        self.reports: list[OrderReport] = []
        self.filled_entries: list[WorkingOrder] = []
        """Entries of lists that have just filled completely: their exits are to be placed."""

    def next_id(self) -> int:
        """A number that orders, lists and turns in a queue are known by."""
        self.last_id += 1
        return self.last_id

    # ------------------------------------------------------------ birth

    def create(self, order: TradeOrder, quantity: Decimal, list_id: int = 0) -> WorkingOrder:
        """An order that has passed every check, not yet open. ``quantity`` is ZERO while it is not known."""
        return WorkingOrder(
            order=order,
            order_id=self.next_id(),
            created_at=self.now,
            updated_at=self.now,
            quantity=quantity,
            list_id=list_id,
        )

    def accept(self, order: WorkingOrder, status: OrderStatus = OrderStatus.NEW) -> None:
        """Open an order, and say so."""
        order.status = status
        self._enter(order)
        self.tell(order)

    def reopen(self, order: WorkingOrder) -> None:
        """Put an order that was open before back where it stood, in silence."""
        self._enter(order)
        if order.rank:
            self._book(order).stand(order, order.rank)

    def _enter(self, order: WorkingOrder) -> None:
        self.open[order.order_id] = order
        self.open_ids[order.order.client_order_id] = order.order_id
        self.algo_orders += order.order.type.has_trigger
        self._book(order).enter(order)

    def tell(self, order: WorkingOrder) -> None:
        """Report where an order stands."""
        order.updated_at = self.now
        self.reports.append(order.report())

    def hold_key(self, order: WorkingOrder) -> str:
        """Under which name the order's funds are held: the exits of a list have one together."""
        listed = self.lists.get(order.list_id)
        is_exit = listed is not None and listed.working_id != order.order_id
        return f"list-{order.list_id}" if is_exit else f"order-{order.order_id}"

    # ------------------------------------------------------------ work

    def start(self, order: WorkingOrder) -> None:
        """Let an accepted order trade, rest, or sleep until its trigger."""
        if order.sleeps:
            self._book(order).stand(order, self.next_id())
        else:
            self._work(order)

    def _work(self, order: WorkingOrder) -> None:
        what, book = order.order, self._book(order)
        if book.crosses(what.side, what.price):
            if rests_as_maker_only(what):
                return self.finish(order, OrderStatus.EXPIRED, "it would have taken")
            if what.time_in_force is TimeInForce.FOK and book.available(what.side, order.remaining) < order.remaining:
                return self.finish(order, OrderStatus.EXPIRED, "it could not be filled at once")
            self._trade(order, book.best(what.side), maker=False)
        if not order.status.is_open:
            return None
        if what.type.has_price and what.time_in_force in {TimeInForce.GTC, TimeInForce.GTX}:
            return book.stand(order, self.next_id())
        return self.finish(order, OrderStatus.EXPIRED, "what was not filled at once has expired")

    def _trade(self, order: WorkingOrder, price: Decimal, *, maker: bool) -> None:
        book = self._book(order)
        side = order.order.side
        wanted = book.available(side, order.remaining)
        quantity = self.account.fillable(self.hold_key(order), order, price, wanted, book)
        if quantity > ZERO:
            book.consume(side, quantity)
            instrument = book.instrument
            self.fill(order, price, quantity, instrument.maker_fee if maker else instrument.taker_fee, maker=maker)
        if order.status.is_open and quantity < wanted:
            self.finish(order, OrderStatus.EXPIRED, "the account cannot settle more of it")

    def fill(self, order: WorkingOrder, price: Decimal, quantity: Decimal, rate: Ratio, *, maker: bool) -> None:
        """Execute one piece of an order, and whatever follows from it."""
        book = self._book(order)
        held = self._direction(book)
        self._expire_sibling(order)
        fee = self.account.settle(self.hold_key(order), order, price, quantity, book, fee=rate)
        self.last_trade += 1
        fill = Fill(
            trade_id=str(self.last_trade),
            price=Price(price),
            quantity=Quantity(quantity),
            fee=fee,
            at=self.now,
            maker=maker,
        )
        order.take(fill)
        if order.status is OrderStatus.FILLED:
            self._note_filled_entry(order)
            self._close(order)
        self.reports.append(order.report(fill))
        if held and self._direction(book) != held:
            self._expire_closing_orders(book)

    def _note_filled_entry(self, order: WorkingOrder) -> None:
        listed = self.lists.get(order.list_id)
        if listed is not None and listed.working_id == order.order_id:
            self.filled_entries.append(order)

    def reducible(self, symbol: Symbol, side: Side) -> Decimal:
        """How many base units of a position an order on this side can close; spot has no positions."""
        account = self.account
        return account.reducible(symbol, side) if isinstance(account, MarginAccount) else ZERO

    def _direction(self, book: Book) -> int:
        """Which way the symbol's position points; 0 when flat, and always on spot."""
        account = self.account
        return account.position(book.instrument.symbol).sign if isinstance(account, MarginAccount) else 0

    # ------------------------------------------------------------ death

    def finish(self, order: WorkingOrder, status: OrderStatus, reason: str = "") -> None:
        """End an order that will not fill any further, and with an entry the exits that wait for it."""
        order.status, order.reason, order.updated_at = status, reason, self.now
        self._close(order)
        self.reports.append(order.report())
        listed = self.lists.get(order.list_id)
        if listed is not None and order.order_id == listed.working_id:
            for leg in (listed.target_id, listed.stop_id):
                self.finish(self.open[leg], status, "the entry did not fill")

    def _close(self, order: WorkingOrder) -> None:
        client_id = order.order.client_order_id
        self._book(order).leave(order)
        del self.open[order.order_id]
        del self.open_ids[client_id]
        self.algo_orders -= order.order.type.has_trigger
        self._release(order)
        self.done.pop(client_id, None)
        self.done[client_id] = order
        if len(self.done) > self.rules.history:
            self.done.popitem(last=False)

    def _release(self, order: WorkingOrder) -> None:
        """Free what was held for an order, unless another leg still needs it; forget a list without open legs."""
        listed = self.lists.get(order.list_id)
        if listed is None:
            return self.account.release(self.hold_key(order))
        exits_open = listed.target_id in self.open or listed.stop_id in self.open
        if order.order_id == listed.working_id or not exits_open:
            self.account.release(self.hold_key(order))
        if not exits_open and listed.working_id not in self.open:
            del self.lists[order.list_id]
            del self.list_ids[listed.client_order_id]
        return None

    def _expire_sibling(self, order: WorkingOrder) -> None:
        listed = self.lists.get(order.list_id)
        if listed is None or order.order_id == listed.working_id:
            return
        other = self.open.get(listed.stop_id if order.order_id == listed.target_id else listed.target_id)
        if other is not None:
            self.finish(other, OrderStatus.EXPIRED, "the other exit of the list has triggered")

    def _expire_closing_orders(self, book: Book) -> None:
        """With a position end the orders that were there to close it; sleeping reduce-only ones stay, as at Binance."""
        closers = book.closers.values() if self.rules.closing_orders_expire else ()
        for order in [*closers, *book.reducers.values()]:
            self.finish(order, OrderStatus.EXPIRED, "there is no position left to reduce")

    # ------------------------------------------------------------ prices

    def price(self, quote: Quote) -> None:
        """Take a new price, and what follows from it."""
        book = self.books[quote.symbol]
        book.update(quote)
        if quote.self_quoted:
            return
        if isinstance(self.account, MarginAccount) and self.account.is_exhausted(book, self.rules.maintenance):
            self._liquidate(book, self.account)
        while (order := book.fillable()) is not None:
            price = order.order.price
            assert price is not None, "only limit orders rest"
            self._trade(order, price, maker=True)
        while (order := book.triggered()) is not None:
            self._trigger(order)

    def _trigger(self, order: WorkingOrder) -> None:
        book = self._book(order)
        book.lift(order)
        order.triggered = True
        self._expire_sibling(order)
        if order.order.close_position:
            order.quantity = self.reducible(order.order.symbol, order.order.side)
        self.tell(order)
        if isinstance(self.account, MarginAccount):
            if order.order.reduces and not self.reducible(order.order.symbol, order.order.side):
                return self.finish(order, OrderStatus.REJECTED, "ReduceOnly Order is rejected.")
            if not self.account.hold(self.hold_key(order), (order,), book):
                return self.finish(order, OrderStatus.REJECTED, "Margin is insufficient.")
        return self._work(order)

    def _liquidate(self, book: Book, account: MarginAccount) -> None:
        """Close a position whose margin is used up, at the market but no worse than where its margin ends."""
        symbol = book.instrument.symbol
        position = account.position(symbol)
        side = Side.SELL if position.sign > 0 else Side.BUY
        bankrupt = position.bankruptcy_price()
        best = book.best(side)
        long = position.sign > 0
        price = (
            max(best, book.instrument.ceil_price(bankrupt))
            if long
            else min(best, book.instrument.floor_price(bankrupt))
        )
        order = TradeOrder(
            client_order_id=ClientOrderId(f"autoclose-{self.last_id + 1}"),
            leg=Leg.CLOSE,
            symbol=symbol,
            side=side,
            type=OrderType.MARKET,
            quantity=Quantity(abs(position.amount)),
            reduce_only=True,
        )
        working = self.create(order, abs(position.amount))
        self.accept(working)
        self.fill(working, price, working.quantity, Ratio(0), maker=False)

    def _book(self, order: WorkingOrder) -> Book:
        return self.books[order.order.symbol]
