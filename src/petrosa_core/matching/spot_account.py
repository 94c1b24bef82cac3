"""A spot account: what is held of each asset, and what of it is locked for open orders.

1. An asset's total changes by fills alone; what is locked is part of the total and never above it.
2. A buy pays its fee from the base asset it receives, a sell from the quote asset.
3. What is locked for an order, or once for both exits of a list, is named by a key and given back under it.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal

import attrs

from petrosa_core.execution import VenuePosition
from petrosa_core.matching.book import Book
from petrosa_core.matching.working import WorkingOrder
from petrosa_core.order import TradeOrder
from petrosa_core.values import ZERO, Amount, Balance, Instrument, Moment, Money, Quote, Side, Symbol


@attrs.frozen
class Hold:
    """An amount of one asset that is locked."""

    asset: str
    amount: Decimal


@attrs.define(kw_only=True, eq=False)
class SpotAccount:
    """The balances of a spot account. ``asset`` is the quote asset that the account is counted in."""

    asset: str
    totals: dict[str, Decimal]
    locked: dict[str, Decimal] = attrs.field(factory=dict)
    holds: dict[str, Hold] = attrs.field(factory=dict)
    changes: int = 0

    def free(self, asset: str) -> Decimal:
        """What may be spent now."""
        return self.totals.get(asset, ZERO) - self.locked.get(asset, ZERO)

    # ------------------------------------------------------------ locking

    def hold(self, key: str, orders: Iterable[WorkingOrder], book: Book) -> bool:
        """Lock the most that any one of the orders can need; False, and nothing locked, when it is not free."""
        needs = [_need(order.order, order.quantity, book) for order in orders]
        need = max(needs, key=lambda hold: hold.amount)
        if need.amount > self.free(need.asset):
            return False
        self._set(key, need)
        return True

    def release(self, key: str) -> None:
        """Give back what is locked under the key, if anything is."""
        hold = self.holds.pop(key, None)
        if hold is not None:
            self.locked[hold.asset] -= hold.amount
            self.changes += 1

    def _set(self, key: str, hold: Hold) -> None:
        self.release(key)
        self.holds[key] = hold
        self.locked[hold.asset] = self.locked.get(hold.asset, ZERO) + hold.amount
        self.changes += 1

    # ------------------------------------------------------------ trading

    def fillable(self, key: str, order: WorkingOrder, price: Decimal, quantity: Decimal, book: Book) -> Decimal:
        """How much of ``quantity`` the account can settle: all or nothing. A triggered buy may cost more than was locked."""
        if order.order.side is Side.SELL:
            return quantity
        spendable = self.free(book.instrument.quote) + self.holds[key].amount
        return quantity if price * quantity <= spendable else ZERO

    def settle(
        self, key: str, order: WorkingOrder, price: Decimal, quantity: Decimal, book: Book, *, fee: Decimal
    ) -> Money:
        """Exchange the two assets, and keep locked what the rest of the order needs. ``fee`` is a fraction of the value.

        Called before the fill is counted on the order.
        """
        base, quote = book.instrument.base, book.instrument.quote
        rest = order.remaining - quantity
        value = price * quantity
        if order.order.side is Side.BUY:
            paid = Money(Amount(quantity * fee), base)
            self._move(base, quantity - paid.amount)
            self._move(quote, -value)
        else:
            paid = Money(Amount(value * fee), quote)
            self._move(base, -quantity)
            self._move(quote, value - paid.amount)
        hold = self.holds[key]
        self._set(key, Hold(hold.asset, min(hold.amount, _unit(order.order, book) * rest)))
        return paid

    def _move(self, asset: str, amount: Decimal) -> None:
        self.totals[asset] = self.totals.get(asset, ZERO) + amount
        self.changes += 1

    # ------------------------------------------------------------ reading

    def balance(self, books: Mapping[Symbol, Book], at: Moment) -> Balance:
        """What is free in the quote asset, and what everything is worth in it at the newest prices."""
        worth = self.totals.get(self.asset, ZERO)
        for book in books.values():
            held = self.totals.get(book.instrument.base, ZERO)
            if held and book.quote is not None and book.instrument.quote == self.asset:
                worth += held * book.quote.mid
        return Balance(asset=self.asset, free=Amount(self.free(self.asset)), equity=Amount(worth), as_of=at)

    def positions(self, books: Mapping[Symbol, Book]) -> tuple[VenuePosition, ...]:
        """Every base asset that is held."""
        return tuple(
            VenuePosition(symbol=book.instrument.symbol, amount=held, mark=_mid(book.quote))
            for book in books.values()
            if (held := self.totals.get(book.instrument.base, ZERO))
        )


def _mid(quote: Quote | None) -> Decimal | None:
    return None if quote is None else quote.mid


def _need(order: TradeOrder, quantity: Decimal, book: Book) -> Hold:
    instrument: Instrument = book.instrument
    asset = instrument.quote if order.side is Side.BUY else instrument.base
    return Hold(asset, _unit(order, book) * quantity)


def _unit(order: TradeOrder, book: Book) -> Decimal:
    """What one base unit needs locked."""
    if order.side is Side.SELL:
        return Decimal(1)
    return order.price or order.trigger_price or book.best(Side.BUY)
