"""One symbol's prices, and the orders that wait for them: resting ones by price, sleeping ones by trigger.

1. An order stands in at most one ladder; each ladder is kept in order, so a price touches only the orders that it reaches.
2. Orders at one price have their turn in the order in which they came.
3. At most ``depth`` base units can be taken per side until the next price.
"""

from bisect import bisect_left, insort
from decimal import Decimal
from typing import TypeAlias

from petrosa_core.matching.working import WorkingOrder, is_rising, watches_mark
from petrosa_core.order import TradeOrder
from petrosa_core.values import Instrument, Price, Quote, Side

Rung: TypeAlias = tuple[Decimal, int, WorkingOrder]


class Ladder:
    """Orders by price, then by rank. Descending ladders hold the highest price first."""

    __slots__ = ("_rungs", "_sign")

    def __init__(self, *, descending: bool) -> None:
        """Begin empty."""
        self._sign = -1 if descending else 1
        self._rungs: list[Rung] = []

    def add(self, price: Decimal, order: WorkingOrder) -> None:
        """Put an order in its place; its rank is unique."""
        insort(self._rungs, (price * self._sign, order.rank, order))

    def remove(self, price: Decimal, order: WorkingOrder) -> None:
        """Take an order out that is in."""
        index = bisect_left(self._rungs, (price * self._sign, order.rank))
        assert self._rungs[index][2] is order, "an order stands where its price and rank say"
        del self._rungs[index]

    def reached(self, price: Decimal) -> WorkingOrder | None:
        """The first order whose price a market at ``price`` has reached or passed; None when there is none."""
        if not self._rungs or self._rungs[0][0] > price * self._sign:
            return None
        return self._rungs[0][2]


class Book:
    """One symbol at the exchange."""

    def __init__(self, instrument: Instrument, depth: Decimal | None) -> None:
        """Begin without a price. ``depth`` is in base units, None for any."""
        self.instrument = instrument
        self.quote: Quote | None = None
        self._depth = depth
        self._left: dict[Side, Decimal | None] = {Side.BUY: depth, Side.SELL: depth}
        self._resting = {Side.BUY: Ladder(descending=True), Side.SELL: Ladder(descending=False)}
        # By (on mark, rising): a rising price reaches the lowest trigger first.
        self._sleeping = {
            (mark, rising): Ladder(descending=not rising) for mark in (True, False) for rising in (True, False)
        }
        self.open: dict[int, WorkingOrder] = {}
        self.algo_orders = 0
        # Those that end with the position: closePosition orders, and reduce-only ones that rest.
        self.closers: dict[int, WorkingOrder] = {}
        self.reducers: dict[int, WorkingOrder] = {}

    # ------------------------------------------------------------ prices

    def update(self, quote: Quote) -> None:
        """Take a new price, and with it new depth."""
        self.quote = quote
        self._left = {Side.BUY: self._depth, Side.SELL: self._depth}

    @property
    def quoted(self) -> Quote:
        """The newest price of a book that has one."""
        assert self.quote is not None, "nothing gets as far as this without a price"
        return self.quote

    def best(self, side: Side) -> Price:
        """What an order on this side pays or receives at once: the ask for a buy, the bid for a sell."""
        return self.quoted.ask if side is Side.BUY else self.quoted.bid

    def crosses(self, side: Side, limit: Decimal | None) -> bool:
        """Whether an order with this limit (None: at any price) would trade at once."""
        if limit is None:
            return True
        return limit >= self.best(side) if side is Side.BUY else limit <= self.best(side)

    def available(self, side: Side, wanted: Decimal) -> Decimal:
        """How much of ``wanted`` an order on this side can still take at this price."""
        left = self._left[side]
        return wanted if left is None else min(wanted, left)

    def consume(self, side: Side, quantity: Decimal) -> None:
        """Take depth away."""
        left = self._left[side]
        if left is not None:
            self._left[side] = left - quantity

    @property
    def left(self) -> tuple[Decimal | None, Decimal | None]:
        """Depth that is left for (buys, sells), to be kept with the quote."""
        return self._left[Side.BUY], self._left[Side.SELL]

    def recall(self, quote: Quote | None, left: tuple[Decimal | None, Decimal | None]) -> None:
        """Put back what was kept."""
        self.quote = quote
        self._left = {Side.BUY: left[0], Side.SELL: left[1]}

    def is_through(self, order: TradeOrder) -> bool:
        """Whether the price has reached the order's trigger already."""
        trigger = order.trigger_price
        assert trigger is not None, "only orders with a trigger are asked"
        price = self._watched(mark=watches_mark(order, self.instrument.market))
        return price >= trigger if is_rising(order) else price <= trigger

    def _watched(self, *, mark: bool) -> Decimal:
        # The feeds give quotes, not trades: the last price is taken to be half way between bid and ask.
        return self.quoted.mark if mark else self.quoted.mid

    # ------------------------------------------------------------ orders

    def enter(self, order: WorkingOrder) -> None:
        """Count an order among the open ones."""
        self.open[order.order_id] = order
        self.algo_orders += order.order.type.has_trigger
        if order.order.close_position:
            self.closers[order.order_id] = order

    def leave(self, order: WorkingOrder) -> None:
        """Forget an open order."""
        self.lift(order)
        del self.open[order.order_id]
        self.algo_orders -= order.order.type.has_trigger
        self.closers.pop(order.order_id, None)

    def stand(self, order: WorkingOrder, rank: int) -> None:
        """Let an order rest at its limit, or sleep until its trigger."""
        order.rank = rank
        ladder, price = self._place_of(order)
        ladder.add(price, order)
        if order.order.reduce_only and not order.sleeps:
            self.reducers[order.order_id] = order

    def lift(self, order: WorkingOrder) -> None:
        """Take an order off its ladder, if it stands on one."""
        if order.rank:
            ladder, price = self._place_of(order)
            ladder.remove(price, order)
            order.rank = 0
            self.reducers.pop(order.order_id, None)

    def fillable(self) -> WorkingOrder | None:
        """The next resting order that the price has reached and that there is depth for."""
        for side in Side:
            # The counterpart of a resting sell is the bid.
            order = self._resting[side].reached(self.best(side.opposite))
            if order is not None and self.available(side, order.remaining) > 0:
                return order
        return None

    def triggered(self) -> WorkingOrder | None:
        """The next sleeping order whose trigger the price has reached."""
        for (mark, _), ladder in self._sleeping.items():
            order = ladder.reached(self._watched(mark=mark))
            if order is not None:
                return order
        return None

    def _place_of(self, order: WorkingOrder) -> tuple[Ladder, Decimal]:
        what = order.order
        if order.sleeps:
            assert what.trigger_price is not None, "it sleeps, so it has one"
            mark = watches_mark(what, self.instrument.market)
            return self._sleeping[mark, is_rising(what)], what.trigger_price
        assert what.price is not None, "only limit orders rest"
        return self._resting[what.side], what.price
