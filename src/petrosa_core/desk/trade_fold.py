"""What entries about one trade do to the book, and to the running totals.

1. A trade is replaced whole; its difference goes into the totals in the same breath, so that no total is ever found by a scan.
2. A trade that ended lives again when the venue proves it wrong: a late fill always counts.
"""

from collections.abc import Callable
from decimal import Decimal
from itertools import zip_longest
from typing import Any

from petrosa_core.audit.entries import (
    CancelAnswered,
    CancelIntended,
    ClosedElsewhere,
    ClosingBegun,
    EntryIntended,
    ExitAdopted,
    ExitIntended,
    ExitResent,
    OrderAbandoned,
    OrderMissing,
    OrderReported,
    RequestAnswered,
    TradeEnded,
)
from petrosa_core.desk.book import ENDED_KEPT, Book
from petrosa_core.execution import Ended, LegOrder, OrderState, Trade
from petrosa_core.execution.trade import Closing
from petrosa_core.values import EXACT, ZERO, SignalId, Symbol, evolve, total, trade_prefix


def release(book: Book, signal_id: SignalId) -> None:
    amount = book.reservations.get(signal_id)
    if amount is not None:
        del book.reservations[signal_id]
        book.put_all(reserved=EXACT.subtract(book.totals.reserved, amount))


def _entry_intended(book: Book, entry: EntryIntended) -> None:
    bare = book.trades[entry.signal_id]
    trade = bare.placed(entry.submission, entry.signed_at, entry.recv_window)
    totals = book.totals
    book.by_prefix[trade_prefix(totals.account, trade.signal_id)] = trade.signal_id
    book.opened(trade)
    reserve = trade.plan.notional
    book.reservations[trade.signal_id] = reserve
    book.put_all(
        recent_entries=totals.with_entry(entry.at),
        entries_today=totals.entries_today + 1,
        gross_exposure=EXACT.add(totals.gross_exposure, trade.exposure),
        reserved=EXACT.add(totals.reserved, reserve),
    )
    expose(book, trade.symbol, trade.exposure)
    book.trades[trade.signal_id] = trade
    _lengthen(book, trade.signal_id)


def _change(book: Book, signal_id: SignalId, change: Callable[[Trade], Trade]) -> None:
    """Put a changed trade back, and its difference into the totals; a trade that lives again is open again."""
    before = book.trades.get(signal_id)
    old = before or book.ended.get(signal_id)
    if old is None:
        return
    after = change(old)
    _lengthen(book, signal_id)
    if before is None:
        after = evolve(after, ended=None) if _lives_again(after) else after
        if after.ended is not None:
            book.ended[signal_id] = after
            _count(book, old, after)
            return
        del book.ended[signal_id]
        book.opened(after, again=True)
    book.trades[signal_id] = after
    _count(book, old, after)


def _lengthen(book: Book, signal_id: SignalId) -> None:
    """The trade's story goes on to this entry."""
    book.spans[signal_id] = (book.spans[signal_id][0], book.totals.seq)


def _lives_again(trade: Trade) -> bool:
    return trade.held > ZERO or any(order.may_live for order in trade.orders)


def _count(book: Book, old: Trade, new: Trade) -> None:
    """Put the difference that a change makes into the totals."""
    totals = book.totals
    exposed = EXACT.subtract(new.exposure, old.exposure)
    if exposed:
        book.put("gross_exposure", EXACT.add(totals.gross_exposure, exposed))
        expose(book, new.symbol, exposed)
    if new.naked_us > totals.naked_us_max:
        book.put("naked_us_max", new.naked_us)
    changed = _changed(old, new)
    _note_states(book, new.symbol, changed)
    if not any(after.cost is not (before.cost if before else ZERO) or after.fees for before, after in changed):
        return
    volume = EXACT.subtract(total(order.cost for order in new.orders), total(order.cost for order in old.orders))
    quote = new.instrument.quote
    fees = EXACT.subtract(new.fees_in(quote), old.fees_in(quote))
    if volume or fees:
        result = EXACT.subtract(EXACT.subtract(new.realised, old.realised), fees)
        book.put_all(
            realised_today=EXACT.add(totals.realised_today, result),
            volume=EXACT.add(totals.volume, volume),
            fees=EXACT.add(totals.fees, fees),
        )


def expose(book: Book, symbol: Symbol, change: Decimal) -> None:
    """Add to what counts as exposure on one symbol."""
    if change:
        book.symbol_exposure[symbol] = EXACT.add(book.symbol_exposure.get(symbol, ZERO), change)


def _changed(old: Trade, new: Trade) -> list[tuple[LegOrder | None, LegOrder]]:
    """The orders that are not what they were, with what they were: orders keep their places, new ones come last."""
    return [(before, after) for before, after in zip_longest(old.orders, new.orders) if before is not after]


def _note_states(book: Book, symbol: Symbol, changed: list[tuple[LegOrder | None, LegOrder]]) -> None:
    """Count orders that ended, and keep the list of unanswered ones."""
    for known, order in changed:
        before = None if known is None else known.state
        if before is order.state:
            continue
        if order.state.is_over:
            book.count(f"order:{order.state.value}")
        if before is OrderState.UNKNOWN or order.state is OrderState.UNKNOWN:
            others = tuple(o for o in book.unknown.get(symbol, ()) if o != order.client_order_id)
            now = (*others, order.client_order_id) if order.state is OrderState.UNKNOWN else others
            if now:
                book.unknown[symbol] = now
            else:
                book.unknown.discard(symbol)


def _exit_intended(book: Book, entry: ExitIntended) -> None:
    _change(book, entry.signal_id, lambda t: t.placed(entry.submission, entry.signed_at, entry.recv_window))


def _exit_resent(book: Book, entry: ExitResent) -> None:
    _change(book, entry.signal_id, lambda t: t.resent(entry.client_order_id, entry.signed_at))


def _exit_adopted(book: Book, entry: ExitAdopted) -> None:
    report = entry.report
    _change(book, entry.signal_id, lambda t: t.placed(entry.order, report.created_at, 0).reported(report))


def _request_answered(book: Book, entry: RequestAnswered) -> None:
    _change(book, entry.signal_id, lambda t: t.answered(entry.client_order_id, entry.outcome))


def _order_reported(book: Book, entry: OrderReported) -> None:
    _change(book, entry.signal_id, lambda t: t.reported(entry.report))


def _order_missing(book: Book, entry: OrderMissing) -> None:
    _change(book, entry.signal_id, lambda t: t.missing(entry.client_order_id, entry.at))


def _order_abandoned(book: Book, entry: OrderAbandoned) -> None:
    _change(book, entry.signal_id, lambda t: t.proven_absent(entry.client_order_id, entry.at))


def _cancel_intended(book: Book, entry: CancelIntended) -> None:
    _change(book, entry.signal_id, lambda t: t.cancel_asked(entry.client_order_id, entry.at))


def _cancel_answered(book: Book, entry: CancelAnswered) -> None:
    _change(book, entry.signal_id, lambda t: t.cancel_answered(entry.client_order_id, entry.answer, entry.at))


def _closing_begun(book: Book, entry: ClosingBegun) -> None:
    def begin(trade: Trade) -> Trade:
        closing = Closing(why=entry.why, quantity=entry.quantity, before=trade.closed, at=entry.at, actor=entry.actor)
        return evolve(trade, closing=closing)

    _change(book, entry.signal_id, begin)


def _closed_elsewhere(book: Book, entry: ClosedElsewhere) -> None:
    def take(trade: Trade) -> Trade:
        gone = EXACT.add(trade.closed_elsewhere, entry.quantity)
        return evolve(trade, closed_elsewhere=gone).timed(entry.at)

    _change(book, entry.signal_id, take)


def _trade_ended(book: Book, entry: TradeEnded) -> None:
    signal_id = entry.signal_id
    old = book.trades.get(signal_id)
    if old is None:
        return
    ended = Ended(why=entry.why, at=entry.at, pnl=entry.pnl)
    after = evolve(old, ended=ended)
    _lengthen(book, signal_id)
    _count(book, old, after)
    release(book, signal_id)
    del book.trades[signal_id]
    book.closed(after)
    book.ended[signal_id] = after
    _forget_ended(book)
    book.count("trade:success" if after.entry.executed else "trade:failed")


def _forget_ended(book: Book) -> None:
    """Keep the newest, and what was abandoned: that may still appear."""
    if len(book.ended) <= ENDED_KEPT:
        return
    # Not as the table has them: an undo puts a key back at the end, and the same entries must forget the same trades.
    oldest_first = sorted(book.ended.items(), key=lambda item: book.spans[item[0]][1])
    for signal_id, trade in oldest_first[: len(book.ended) - ENDED_KEPT]:
        if trade.entry.state is not OrderState.ABANDONED:
            del book.ended[signal_id]
            book.spans.discard(signal_id)
            book.by_prefix.discard(trade_prefix(book.totals.account, signal_id))


TRADE_FOLDS: dict[type[Any], Callable[[Book, Any], None]] = {
    CancelAnswered: _cancel_answered,
    CancelIntended: _cancel_intended,
    ClosedElsewhere: _closed_elsewhere,
    ClosingBegun: _closing_begun,
    EntryIntended: _entry_intended,
    ExitAdopted: _exit_adopted,
    ExitIntended: _exit_intended,
    ExitResent: _exit_resent,
    OrderAbandoned: _order_abandoned,
    OrderMissing: _order_missing,
    OrderReported: _order_reported,
    RequestAnswered: _request_answered,
    TradeEnded: _trade_ended,
}
