"""A USD-M account: one wallet, isolated margin, one net position per symbol (one-way mode).

1. ``wallet = deposited + realised results - fees``; nothing else moves it.
2. A position's margin is its cost at entry divided by the leverage; it is freed in proportion as the position shrinks.
3. An order that may grow a position has its margin and fee held until it is done; one that only reduces needs none.
4. With ``sign`` as the position's, ``wallet - deposited = sum(-side * price * quantity) - fees + sign * cost`` exactly.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal

import attrs

from petrosa_core.execution import VenuePosition
from petrosa_core.matching.book import Book
from petrosa_core.matching.working import WorkingOrder
from petrosa_core.values import ZERO, Amount, Balance, Moment, Money, Side, Symbol, ceil_to, floor_to

# Binance keeps money to eight decimals.
_CENT = Decimal("0.00000001")


@attrs.define(kw_only=True, eq=False)
class Position:
    """A net position: ``amount`` signed base units, ``cost`` quote units paid or received for them, ``margin`` quote units."""

    amount: Decimal = ZERO
    cost: Decimal = ZERO
    margin: Decimal = ZERO

    @property
    def sign(self) -> int:
        """+1 long, -1 short, 0 flat."""
        return (self.amount > ZERO) - (self.amount < ZERO)

    def unrealised(self, mark: Decimal) -> Decimal:
        """What closing at the mark would realise."""
        return self.amount * mark - self.sign * self.cost

    def entry_price(self) -> Decimal:
        """The average price of what is open, to eight decimals."""
        return floor_to(self.cost / abs(self.amount), _CENT)

    def bankruptcy_price(self) -> Decimal:
        """Where the loss comes to the whole margin."""
        return (self.cost - self.sign * self.margin) / abs(self.amount)


@attrs.define(kw_only=True, eq=False)
class MarginAccount:
    """The wallet and positions of a USD-M account. Positions are keyed by symbol; hedge mode would key them by side as well."""

    asset: str
    leverage: Decimal
    wallet: Decimal
    positions_by_symbol: dict[str, Position] = attrs.field(factory=dict)
    holds: dict[str, Decimal] = attrs.field(factory=dict)
    held: Decimal = ZERO
    margin: Decimal = ZERO
    changes: int = 0

    @property
    def free(self) -> Decimal:
        """What new orders may use; negative after losses larger than what was left."""
        return self.wallet - self.margin - self.held

    def position(self, symbol: Symbol) -> Position:
        """The symbol's position, flat when there is none."""
        return self.positions_by_symbol.get(symbol) or Position()

    def reducible(self, symbol: Symbol, side: Side) -> Decimal:
        """How many base units an order on this side can close."""
        amount = self.position(symbol).amount
        return abs(amount) if amount * side.sign < ZERO else ZERO

    # ------------------------------------------------------------ margin

    def hold(self, key: str, orders: Iterable[WorkingOrder], book: Book) -> bool:
        """Hold what the orders may use, each for itself; False, and nothing held, when it is not free."""
        need = sum((self._need(order, order.remaining, _worst(order, book), book) for order in orders), ZERO)
        # What needs nothing is never refused: after a loss there may be less than nothing free.
        if need > max(self.free, ZERO):
            return False
        self._set(key, need)
        return True

    def release(self, key: str) -> None:
        """Give back what is held under the key, if anything is."""
        self._set(key, ZERO)

    def _set(self, key: str, amount: Decimal) -> None:
        before = self.holds.pop(key, ZERO)
        if amount:
            self.holds[key] = amount
        if amount != before:
            self.held += amount - before
            self.changes += 1

    def _need(self, order: WorkingOrder, quantity: Decimal, price: Decimal, book: Book) -> Decimal:
        if order.order.reduces:
            return ZERO
        instrument = book.instrument
        growth = quantity - min(quantity, self.reducible(instrument.symbol, order.order.side))
        return self._margin_of(price * growth) + price * quantity * instrument.taker_fee if growth else ZERO

    def _margin_of(self, notional: Decimal) -> Decimal:
        return ceil_to(notional / self.leverage, _CENT)

    # ------------------------------------------------------------ trading

    def fillable(self, key: str, order: WorkingOrder, price: Decimal, quantity: Decimal, book: Book) -> Decimal:
        """How much of ``quantity`` the account can settle: what it closes always, what it opens only with margin."""
        closing = min(quantity, self.reducible(book.instrument.symbol, order.order.side))
        if order.order.reduces or closing == quantity:
            return closing
        need = self._need(order, quantity, price, book)
        return quantity if need <= self.free + self.holds.get(key, ZERO) else closing

    def settle(
        self, key: str, order: WorkingOrder, price: Decimal, quantity: Decimal, book: Book, *, fee: Decimal
    ) -> Money:
        """Move the position and the wallet. ``fee`` is a fraction of the value. Called before the fill is counted."""
        symbol, side = book.instrument.symbol, order.order.side
        position = self.positions_by_symbol.setdefault(symbol, Position())
        closing = min(quantity, self.reducible(symbol, side))
        if closing:
            self._close(position, price, closing)
        if quantity > closing:
            self._open(position, price, quantity - closing, side)
        if not position.amount:
            del self.positions_by_symbol[symbol]
        paid = Money(Amount(price * quantity * fee), self.asset)
        self.wallet -= paid.amount
        self.changes += 1
        if key in self.holds:
            rest = self._need(order, order.remaining - quantity, _worst(order, book), book)
            self._set(key, min(self.holds[key], rest))
        return paid

    def _close(self, position: Position, price: Decimal, quantity: Decimal) -> None:
        sign, size = position.sign, abs(position.amount)
        whole = quantity == size
        cost = position.cost if whole else floor_to(position.cost * quantity / size, _CENT)
        margin = position.margin if whole else floor_to(position.margin * quantity / size, _CENT)
        self.wallet += sign * (price * quantity - cost)
        self.margin -= margin
        position.amount -= sign * quantity
        position.cost -= cost
        position.margin -= margin

    def _open(self, position: Position, price: Decimal, quantity: Decimal, side: Side) -> None:
        margin = self._margin_of(price * quantity)
        self.margin += margin
        position.amount += side.sign * quantity
        position.cost += price * quantity
        position.margin += margin

    def is_exhausted(self, book: Book, maintenance: Decimal) -> bool:
        """Whether the position's margin, at the mark, has fallen to what has to be maintained: it is liquidated then."""
        position = self.position(book.instrument.symbol)
        mark = book.quoted.mark
        left = position.margin + position.unrealised(mark)
        return position.amount != ZERO and left <= abs(position.amount) * mark * maintenance

    # ------------------------------------------------------------ reading

    def balance(self, books: Mapping[Symbol, Book], at: Moment) -> Balance:
        """What is free, and the wallet with the unrealised result at the newest marks."""
        unrealised = sum(
            (held.unrealised(books[Symbol(symbol)].quoted.mark) for symbol, held in self.positions_by_symbol.items()),
            ZERO,
        )
        return Balance(asset=self.asset, free=Amount(self.free), equity=Amount(self.wallet + unrealised), as_of=at)

    def positions(self, books: Mapping[Symbol, Book]) -> tuple[VenuePosition, ...]:
        """Every position that is not flat."""
        return tuple(
            VenuePosition(
                symbol=Symbol(symbol),
                amount=held.amount,
                entry_price=held.entry_price(),
                mark=books[Symbol(symbol)].quoted.mark,
            )
            for symbol, held in self.positions_by_symbol.items()
        )


def _worst(order: WorkingOrder, book: Book) -> Decimal:
    """The price that the order's margin is reckoned with: it may trade at its limit or, when that is better for it, now."""
    limit = order.order.price
    now = book.best(order.order.side)
    if limit is None:
        return now
    return limit if order.order.side is Side.BUY else max(limit, now)
