"""A whole exchange for one account: inputs in, answers and events out, nothing else.

1. Deterministic: the same inputs in the same order give the same answers and events; time is an input, ids are counted.
2. An answer never speaks of fills; they are events, after the order's NEW.
3. What is refused changes nothing.
4. ``restore(state())`` goes on exactly where ``state()`` was taken.

After Binance, with the differences that are documented where they are made: spot, and USD-M in one-way mode with isolated
margin and conditional orders in a book of their own.
"""

from collections import OrderedDict
from collections.abc import Iterable
from decimal import Decimal, localcontext

import attrs

from petrosa_core.execution import AccountSnapshot, OrderHistory, OrderStatus
from petrosa_core.matching.admission import inadmissible, unknown_or_closed, untimely
from petrosa_core.matching.book import Book
from petrosa_core.matching.floor import Account, Floor
from petrosa_core.matching.inputs import Answer, Cancel, Event, Input, Submit, Tick
from petrosa_core.matching.margin_account import MarginAccount
from petrosa_core.matching.order_lists import inadmissible_list, place, place_waiting_exits
from petrosa_core.matching.refusal import Ground, refusal
from petrosa_core.matching.rules import Rules
from petrosa_core.matching.spot_account import SpotAccount
from petrosa_core.matching.working import WorkingList, WorkingOrder
from petrosa_core.order import OrderList, Submission, TradeOrder
from petrosa_core.values import EXACT, ZERO, Amount, ClientOrderId, Instrument, Market, Moment, Money, Quote, Symbol


@attrs.frozen(kw_only=True)
class BookState:
    """One symbol's newest quote, and the depth that is left at it for buys and sells (None: any)."""

    quote: Quote
    left: tuple[Decimal | None, Decimal | None]


@attrs.frozen(kw_only=True)
class ExchangeState:
    """Everything that an exchange knows; it shares its orders with the exchange, so it is to be written, not kept."""

    market: Market
    now: Moment
    last_id: int
    last_trade: int
    account: SpotAccount | MarginAccount
    books: tuple[BookState, ...]
    open: tuple[WorkingOrder, ...]
    done: tuple[WorkingOrder, ...]
    lists: tuple[WorkingList, ...]


class Exchange:
    """One account at one exchange."""

    def __init__(self, *, market: Market, instruments: Iterable[Instrument], balance: Money, rules: Rules) -> None:
        """Open with a balance in the quote asset, without orders and prices."""
        account: Account
        if market is Market.SPOT:
            account = SpotAccount(asset=balance.asset, totals={balance.asset: balance.amount})
        else:
            account = MarginAccount(asset=balance.asset, leverage=rules.leverage, wallet=balance.amount)
        books = {instrument.symbol: Book(instrument, rules.depth) for instrument in instruments}
        strays = [book.instrument.symbol for book in books.values() if book.instrument.market is not market]
        if strays:
            raise ValueError(f"instruments: not of the {market} market: {', '.join(strays)}")
        self.market = market
        self._floor = Floor(books, account, rules)

    # ------------------------------------------------------------ inputs

    def apply(self, step: Input) -> Answer:
        """Take one input."""
        floor = self._floor
        before = (floor.now, floor.last_id, floor.account.changes)
        with localcontext(EXACT):
            ground, number = self._take(step)
            place_waiting_exits(floor)
            at = floor.now
            events: list[Event] = [*floor.reports]
            floor.reports.clear()
            if floor.account.changes != before[2]:
                events.append(floor.account.balance(floor.books, at))
        if ground is None:
            return Answer(refusal=None, order_id=str(number), events=tuple(events), at=at)
        floor.now, floor.last_id = before[:2]
        return Answer(refusal=refusal(self.market, ground), order_id="", events=(), at=at)

    def _take(self, step: Input) -> tuple[Ground | None, int]:
        floor = self._floor
        floor.now = max(floor.now, step.quote.as_of if isinstance(step, Tick) else step.at)
        if isinstance(step, Submit):
            return self._submit(step)
        if isinstance(step, Cancel):
            return self._cancel(step)
        return self._tick(step.quote), 0

    def _submit(self, request: Submit) -> tuple[Ground | None, int]:
        submission = request.submission
        ground = untimely(request.at, request.signed_at, request.recv_window)
        ground = ground or unknown_or_closed(self._floor, submission.symbol)
        if ground is None:
            ground = self._inadmissible(submission)
        if ground is not None:
            return ground, 0
        if isinstance(submission, OrderList):
            return place(self._floor, submission)
        return self._place(submission)

    def _inadmissible(self, submission: Submission) -> Ground | None:
        if isinstance(submission, OrderList):
            return inadmissible_list(self._floor, submission)
        return inadmissible(self._floor, submission)

    def _place(self, order: TradeOrder) -> tuple[Ground | None, int]:
        floor = self._floor
        working = floor.create(order, order.quantity or ZERO)
        # A USD-M conditional order is not looked at for margin before it wakes.
        if self.market is Market.SPOT or not working.sleeps:
            book = floor.books[order.symbol]
            if not floor.account.hold(floor.hold_key(working), (working,), book):
                return Ground.INSUFFICIENT_FUNDS, 0
        floor.accept(working)
        floor.start(working)
        return None, working.order_id

    def _cancel(self, request: Cancel) -> tuple[Ground | None, int]:
        floor = self._floor
        number = floor.open_ids.get(request.client_order_id, 0)
        list_id = floor.open[number].list_id if number else floor.list_ids.get(request.client_order_id, 0)
        numbers = floor.lists[list_id].order_ids if list_id else (number,)
        orders = [floor.open[leg] for leg in numbers if leg in floor.open]
        if not orders or orders[0].order.symbol != request.symbol:
            return Ground.NOTHING_TO_CANCEL, 0
        for order in orders:
            if order.status.is_open:  # an entry takes its exits along; what it has executed stays as it is
                floor.finish(order, OrderStatus.CANCELLED)
        return None, number or list_id

    def _tick(self, quote: Quote) -> Ground | None:
        if quote.symbol not in self._floor.books:
            return Ground.UNKNOWN_SYMBOL
        self._floor.price(quote)
        return None

    # ------------------------------------------------------------ reading

    @property
    def now(self) -> Moment:
        """When the newest input arrived."""
        return self._floor.now

    @property
    def instruments(self) -> tuple[Instrument, ...]:
        """The rules of every symbol."""
        return tuple(book.instrument for book in self._floor.books.values())

    def quote(self, symbol: Symbol) -> Quote | None:
        """The newest price of a symbol."""
        book = self._floor.books.get(symbol)
        return None if book is None else book.quote

    def find(self, symbol: Symbol, client_order_id: ClientOrderId) -> OrderHistory | None:
        """The open order under the id, else the newest finished one; None when there is none on that symbol."""
        floor = self._floor
        number = floor.open_ids.get(client_order_id)
        working = floor.done.get(client_order_id) if number is None else floor.open[number]
        return None if working is None or working.order.symbol != symbol else working.history()

    def snapshot(self, at: Moment) -> AccountSnapshot:
        """The account: balance, positions, open orders of every book."""
        with localcontext(EXACT):
            floor = self._floor
            return AccountSnapshot(
                balance=floor.account.balance(floor.books, at),
                positions=floor.account.positions(floor.books),
                open_orders=tuple(order.report() for order in floor.open.values()),
                at=at,
            )

    # ------------------------------------------------------------ keeping

    def state(self) -> ExchangeState:
        """Everything, to be written down."""
        floor = self._floor
        return ExchangeState(
            market=self.market,
            now=floor.now,
            last_id=floor.last_id,
            last_trade=floor.last_trade,
            account=floor.account,
            books=tuple(
                BookState(quote=book.quote, left=book.left) for book in floor.books.values() if book.quote is not None
            ),
            open=tuple(floor.open.values()),
            done=tuple(floor.done.values()),
            lists=tuple(floor.lists.values()),
        )

    @classmethod
    def restore(cls, state: ExchangeState, *, instruments: Iterable[Instrument], rules: Rules) -> "Exchange":
        """Go on from what was written down. Raises ValueError when a symbol with orders or a position is no longer known."""
        exchange = cls(
            market=state.market, instruments=instruments, balance=Money(Amount(0), state.account.asset), rules=rules
        )
        floor = exchange._floor
        held = state.account.positions_by_symbol.keys() if isinstance(state.account, MarginAccount) else ()
        needed = {order.order.symbol for order in state.open}.union(map(Symbol, held))
        missing = sorted(needed - floor.books.keys())
        if missing:
            raise ValueError(f"instruments: orders or positions are open on {', '.join(missing)}")
        floor.account = state.account
        floor.now, floor.last_id, floor.last_trade = state.now, state.last_id, state.last_trade
        for kept in state.books:
            if kept.quote.symbol in floor.books:
                floor.books[kept.quote.symbol].recall(kept.quote, kept.left)
        for record in state.lists:
            floor.lists[record.list_id] = record
            floor.list_ids[record.client_order_id] = record.list_id
        for order in state.open:
            floor.reopen(order)
        floor.done = OrderedDict((order.order.client_order_id, order) for order in state.done)
        return exchange
