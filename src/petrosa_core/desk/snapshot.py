"""A folded book as bytes, and back: what saves a start the folding of a long journal. A convenience, never the truth."""

from collections.abc import Hashable
from decimal import Decimal
from typing import TypeVar

import attrs

from petrosa_core.audit import decode, digest, encode
from petrosa_core.desk.book import Book, Foreign, SignalRecord, Totals
from petrosa_core.desk.table import Table
from petrosa_core.desk.trade_fold import expose
from petrosa_core.execution import OrderState, Trade
from petrosa_core.values import Instrument, Moment, SignalId, Symbol

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


@attrs.frozen(kw_only=True)
class BookState:
    """Everything that a book holds; tables keep their order."""

    totals: Totals
    spans: tuple[tuple[SignalId, tuple[int, int]], ...]
    instruments: tuple[Instrument, ...]
    signals: tuple[tuple[SignalId, SignalRecord], ...]
    trades: tuple[Trade, ...]
    ended: tuple[Trade, ...]
    by_prefix: tuple[tuple[str, SignalId], ...]
    foreign: tuple[tuple[Symbol, Foreign], ...]
    reservations: tuple[tuple[SignalId, Decimal], ...]
    last_same: tuple[tuple[str, Moment], ...]
    counts: tuple[tuple[str, int], ...]


def state_of(book: Book) -> BookState:
    """Take a book's state."""
    return BookState(
        totals=attrs.evolve(book.totals),
        spans=tuple(book.spans.items()),
        instruments=tuple(book.instruments.values()),
        signals=tuple(book.signals.items()),
        trades=tuple(book.trades.values()),
        ended=tuple(book.ended.values()),
        by_prefix=tuple(book.by_prefix.items()),
        foreign=tuple(book.foreign.items()),
        reservations=tuple(book.reservations.items()),
        last_same=tuple(book.last_same.items()),
        counts=tuple(sorted(book.counts.items())),
    )


def book_bytes(book: Book) -> tuple[bytes, str]:
    """A book as bytes, and the digest over what it means."""
    return encode(state_of(book)), book_digest(book)


def book_digest(book: Book) -> str:
    """The same for two books that mean the same, whatever order their tables were filled in."""
    state = state_of(book)
    return digest(
        attrs.evolve(
            state,
            instruments=tuple(sorted(state.instruments, key=lambda instrument: instrument.symbol)),
            signals=tuple(sorted(state.signals, key=lambda item: item[0])),
            trades=tuple(sorted(state.trades, key=lambda trade: trade.signal_id)),
            ended=tuple(sorted(state.ended, key=lambda trade: trade.signal_id)),
            by_prefix=tuple(sorted(state.by_prefix)),
            spans=tuple(sorted(state.spans)),
            foreign=tuple(sorted(state.foreign, key=lambda item: item[0])),
            reservations=tuple(sorted(state.reservations)),
            last_same=tuple(sorted(state.last_same)),
        )
    )


def book_from(data: bytes, expected: str) -> Book | None:
    """The book that the bytes hold, or None when they do not hold what the digest says."""
    try:
        book = book_of(decode(data, BookState))
    except ValueError:
        return None
    return book if book_digest(book) == expected else None


def book_of(state: BookState) -> Book:
    """A book with this state, and nothing to undo."""
    book = Book()
    book.totals = attrs.evolve(state.totals)
    # Trades carry their instrument; one object per symbol is kept for all of them.
    shared = {instrument.symbol: instrument for instrument in state.instruments}
    _fill(book.instruments, shared)
    _fill(book.signals, dict(state.signals))
    _fill(book.trades, {trade.signal_id: _sharing(trade, shared) for trade in state.trades})
    _fill(book.ended, {trade.signal_id: _sharing(trade, shared) for trade in state.ended})
    _fill(book.by_prefix, dict(state.by_prefix))
    _fill(book.spans, dict(state.spans))
    for trade in book.open_trades():
        book.opened(trade)
        expose(book, trade.symbol, trade.exposure)
        unknown = tuple(order.client_order_id for order in trade.orders if order.state is OrderState.UNKNOWN)
        if unknown:
            book.unknown[trade.symbol] = (*book.unknown.get(trade.symbol, ()), *unknown)
    for symbol, foreign in state.foreign:
        expose(book, symbol, foreign.exposure)
    _fill(book.foreign, dict(state.foreign))
    _fill(book.last_same, dict(state.last_same))
    _fill(book.counts, dict(state.counts))
    _fill(book.reservations, dict(state.reservations))
    book.undo.keep(len(book.undo))
    return book


def _fill(table: Table[K, V], content: dict[K, V]) -> None:
    for key, value in content.items():
        table[key] = value


def _sharing(trade: Trade, shared: dict[Symbol, Instrument]) -> Trade:
    same = shared.get(trade.symbol)
    return attrs.evolve(trade, instrument=same) if same == trade.instrument and same is not None else trade
