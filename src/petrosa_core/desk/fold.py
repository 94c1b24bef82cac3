"""What each entry does to the book. Stable for ever: old journals must fold to what they folded to.

FOLD_VERSION names this meaning; a snapshot of another version is ignored, never the journal.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import attrs

from petrosa_core.audit.entries import (
    Alarmed,
    BalanceRead,
    CancelAnswered,
    CancelIntended,
    ClosedElsewhere,
    ClosingBegun,
    DayBegun,
    Entry,
    EntryIntended,
    ExitAdopted,
    ExitIntended,
    ExitResent,
    ForeignSeen,
    InstrumentsRead,
    JournalOpened,
    LeadershipTaken,
    MessageDeadLettered,
    OrderAbandoned,
    OrderMissing,
    OrderReported,
    RequestAnswered,
    SignalJudged,
    SignalRepeated,
    StateSet,
    TradeEnded,
)
from petrosa_core.decision import Outcome, TradingState
from petrosa_core.desk.book import ENDED_KEPT, Book, Foreign, SignalRecord, same_key
from petrosa_core.execution import Ended, OrderState, Trade
from petrosa_core.execution.trade import Closing
from petrosa_core.values import (
    DAY,
    EXACT,
    ZERO,
    Amount,
    Leg,
    SignalId,
    StrategyId,
    Symbol,
    derive_signal_id,
    trade_prefix,
)

FOLD_VERSION = 1

REMEMBERED = 30 * DAY
"""How long a signal's ids are kept, in journal time."""


def apply(book: Book, entry: Entry) -> None:
    """Fold one entry into the book."""
    totals = book.totals
    book.put("seq", totals.seq + 1)
    if entry.at > totals.now:
        book.put("now", entry.at)
    _FOLDS[type(entry)](book, entry)


def _set(book: Book, **changes: Any) -> None:
    for name, value in changes.items():
        book.put(name, value)


def _journal_opened(book: Book, entry: JournalOpened) -> None:
    _set(book, account=entry.account, market=entry.market, mode=entry.mode, opened=True)


def _leadership_taken(book: Book, entry: LeadershipTaken) -> None:
    _set(book, leader=entry.replica, build=entry.build, settings=entry.settings)


def _instruments_read(book: Book, entry: InstrumentsRead) -> None:
    for instrument in entry.instruments:
        book.instruments[instrument.symbol] = instrument
    for symbol in entry.gone:
        book.instruments.discard(symbol)


def _balance_read(book: Book, entry: BalanceRead) -> None:
    totals = book.totals
    if totals.balance is not None and entry.balance.as_of < totals.balance.as_of:
        return
    high = max(totals.equity_high, entry.balance.equity) if totals.equity_high is not None else entry.balance.equity
    _set(book, balance=entry.balance, equity_high=high)
    # What the venue has booked by now is in the balance; only entries that it may not have seen yet stay reserved.
    for signal_id in tuple(book.reservations):
        trade = book.trades.get(signal_id)
        if trade is None or not (trade.entry.state.is_unresolved or trade.entry.updated_at >= entry.balance.as_of):
            _release(book, signal_id)


def _release(book: Book, signal_id: SignalId) -> None:
    amount = book.reservations.get(signal_id)
    if amount is not None:
        del book.reservations[signal_id]
        _set(book, reserved=EXACT.subtract(book.totals.reserved, amount))


def _signal_judged(book: Book, entry: SignalJudged) -> None:
    signal = entry.signal
    record = SignalRecord(
        signal_id=signal.signal_id,
        strategy_id=signal.strategy_id,
        symbol=signal.symbol,
        action=signal.action.value,
        outcome=entry.outcome,
        codes=tuple(reason.code for reason in entry.reasons),
        fields=signal.trading_fields,
        trade_id=entry.trade_id,
        seq=book.totals.seq,
        at=entry.at,
    )
    for alias in signal.aliases:
        if alias not in book.signals:
            book.signals[alias] = record
    book.count(f"outcome:{entry.outcome.value}")
    for reason in entry.reasons:
        book.count(f"refusal:{reason.code}")
    if entry.outcome is Outcome.ACCEPTED and entry.plan is not None:
        _open_trade(book, entry)


def _open_trade(book: Book, entry: SignalJudged) -> None:
    signal, plan = entry.signal, entry.plan
    assert plan is not None, "accepted comes with a plan"
    decision_id = next((i.value for i in signal.identities if i.kind == "decision_id"), None)
    trade = Trade(
        signal_id=signal.signal_id,
        strategy_id=signal.strategy_id,
        plan=plan,
        instrument=book.instruments[plan.symbol],
        opened_at=entry.at,
        signal_at=signal.timestamp,
        decision_id=decision_id,
    )
    book.spans[trade.signal_id] = (book.totals.seq, book.totals.seq)
    # Counted only once its orders are written down, which is the very next entry of the same frame.
    book.trades[trade.signal_id] = trade
    book.last_same[same_key(signal.strategy_id, signal.symbol, plan.side)] = entry.at


def _signal_repeated(book: Book, entry: SignalRepeated) -> None:
    known = book.signals.get(entry.signal_id)
    if known is not None:
        for alias in entry.aliases:
            if alias not in book.signals:
                book.signals[alias] = known
    book.count(f"outcome:{Outcome.DUPLICATE.value}")


def message_key(transport: str, message_id: str) -> SignalId:
    """The registry key of a message that has no signal's identity."""
    return derive_signal_id("", transport, message_id)


def _message_dead_lettered(book: Book, entry: MessageDeadLettered) -> None:
    book.signals[message_key(entry.transport, entry.message_id)] = SignalRecord(
        signal_id=None,
        strategy_id=StrategyId(""),
        symbol=Symbol(""),
        action="",
        outcome=Outcome.MALFORMED,
        codes=(entry.code,),
        fields="",
        seq=book.totals.seq,
        at=entry.at,
    )
    book.count(f"outcome:{Outcome.MALFORMED.value}")
    book.count(f"refusal:{entry.code}")


def _entry_intended(book: Book, entry: EntryIntended) -> None:
    bare = book.trades[entry.signal_id]
    trade = bare.placed(entry.submission, entry.signed_at, entry.recv_window)
    totals = book.totals
    book.by_prefix[trade_prefix(totals.account, trade.signal_id)] = trade.signal_id
    book.open_on(trade.symbol)[trade.signal_id] = None
    reserve = trade.plan.notional
    book.reservations[trade.signal_id] = reserve
    _set(
        book,
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
        after = attrs.evolve(after, ended=None) if _lives_again(after) else after
        if after.ended is not None:
            book.ended[signal_id] = after
            return
        del book.ended[signal_id]
        book.open_on(after.symbol)[signal_id] = None
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
    if new.orders is old.orders:
        return
    _note_states(book, old, new)
    volume = sum((o.cost for o in new.orders), ZERO) - sum((o.cost for o in old.orders), ZERO)
    quote = new.instrument.quote
    fees = EXACT.subtract(new.fees_in(quote), old.fees_in(quote))
    if volume or fees:
        result = EXACT.subtract(EXACT.subtract(new.realised, old.realised), fees)
        _set(
            book,
            realised_today=EXACT.add(totals.realised_today, result),
            volume=EXACT.add(totals.volume, volume),
            fees=EXACT.add(totals.fees, fees),
        )


def expose(book: Book, symbol: Symbol, change: Decimal) -> None:
    """Add to what counts as exposure on one symbol."""
    if change:
        book.symbol_exposure[symbol] = EXACT.add(book.symbol_exposure.get(symbol, ZERO), change)


def _note_states(book: Book, old: Trade, new: Trade) -> None:
    """Count orders that ended, and keep the list of unanswered ones."""
    states = {order.client_order_id: order.state for order in old.orders}
    for order in new.orders:
        before = states.get(order.client_order_id)
        if before is order.state:
            continue
        if order.state.is_over:
            book.count(f"order:{order.state.value}")
        if OrderState.UNKNOWN in {before, order.state}:
            others = tuple(o for o in book.unknown.get(new.symbol, ()) if o != order.client_order_id)
            now = (*others, order.client_order_id) if order.state is OrderState.UNKNOWN else others
            if now:
                book.unknown[new.symbol] = now
            else:
                book.unknown.discard(new.symbol)


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
        before = sum((order.executed for order in trade.legs(Leg.CLOSE)), ZERO)
        closing = Closing(why=entry.why, quantity=entry.quantity, before=before, at=entry.at, actor=entry.actor)
        return attrs.evolve(trade, closing=closing)

    _change(book, entry.signal_id, begin)


def _closed_elsewhere(book: Book, entry: ClosedElsewhere) -> None:
    def take(trade: Trade) -> Trade:
        return attrs.evolve(trade, closed_elsewhere=trade.closed_elsewhere + entry.quantity).timed(entry.at)

    _change(book, entry.signal_id, take)


def _trade_ended(book: Book, entry: TradeEnded) -> None:
    signal_id = entry.signal_id
    old = book.trades.get(signal_id)
    if old is None:
        return
    ended = Ended(why=entry.why, at=entry.at, pnl=entry.pnl)
    after = attrs.evolve(old, ended=ended)
    _lengthen(book, signal_id)
    _count(book, old, after)
    _release(book, signal_id)
    del book.trades[signal_id]
    book.open_on(after.symbol).discard(signal_id)
    book.ended[signal_id] = after
    _forget_ended(book)
    book.count("trade:success" if after.entry.executed else "trade:failed")


def _forget_ended(book: Book) -> None:
    """Keep the newest, and what was abandoned: that may still appear."""
    if len(book.ended) <= ENDED_KEPT:
        return
    for signal_id, trade in tuple(book.ended.items())[: len(book.ended) - ENDED_KEPT]:
        if trade.entry.state is not OrderState.ABANDONED:
            del book.ended[signal_id]
            book.spans.discard(signal_id)
            book.by_prefix.discard(trade_prefix(book.totals.account, signal_id))


def _state_set(book: Book, entry: StateSet) -> None:
    totals = book.totals
    changes: dict[str, Any] = {
        "state": entry.state,
        "state_reason": entry.reason,
        "state_actor": entry.actor,
        "state_at": entry.at,
    }
    if entry.state is TradingState.ACTIVE and totals.balance is not None:
        # An admin who resumes accepts the drawdown: the high-water mark starts anew.
        changes["equity_high"] = totals.balance.equity
    _set(book, **changes)


def _foreign_seen(book: Book, entry: ForeignSeen) -> None:
    old = book.foreign.get(entry.symbol)
    before = old.exposure if old else ZERO
    if entry.what is None:
        book.foreign.discard(entry.symbol)
    else:
        book.foreign[entry.symbol] = Foreign(what=entry.what, exposure=entry.exposure)
    after = ZERO if entry.what is None else entry.exposure
    change = EXACT.subtract(after, before)
    _set(book, gross_exposure=EXACT.add(book.totals.gross_exposure, change))
    expose(book, entry.symbol, change)


def _day_begun(book: Book, entry: DayBegun) -> None:
    _set(book, day=entry.day, day_start_equity=Amount(entry.equity), realised_today=Decimal(0), entries_today=0)
    oldest = entry.at - REMEMBERED
    for alias, record in tuple(book.signals.items()):
        if record.at >= oldest:
            break
        del book.signals[alias]
    for key, moment in tuple(book.last_same.items()):
        if moment < entry.at - DAY:
            del book.last_same[key]
    for signal_id, trade in tuple(book.ended.items()):
        if trade.ended is not None and trade.ended.at < oldest:
            del book.ended[signal_id]
            book.spans.discard(signal_id)
            book.by_prefix.discard(trade_prefix(book.totals.account, signal_id))


def _alarmed(book: Book, entry: Alarmed) -> None:
    """An alarm is told, and changes nothing."""


_FOLDS: dict[type[Any], Callable[[Book, Any], None]] = {
    JournalOpened: _journal_opened,
    LeadershipTaken: _leadership_taken,
    InstrumentsRead: _instruments_read,
    BalanceRead: _balance_read,
    SignalJudged: _signal_judged,
    SignalRepeated: _signal_repeated,
    MessageDeadLettered: _message_dead_lettered,
    EntryIntended: _entry_intended,
    ExitIntended: _exit_intended,
    ExitResent: _exit_resent,
    ExitAdopted: _exit_adopted,
    RequestAnswered: _request_answered,
    OrderReported: _order_reported,
    OrderMissing: _order_missing,
    OrderAbandoned: _order_abandoned,
    CancelIntended: _cancel_intended,
    CancelAnswered: _cancel_answered,
    ClosingBegun: _closing_begun,
    ClosedElsewhere: _closed_elsewhere,
    TradeEnded: _trade_ended,
    StateSet: _state_set,
    ForeignSeen: _foreign_seen,
    DayBegun: _day_begun,
    Alarmed: _alarmed,
}


__all__ = ["FOLD_VERSION", "REMEMBERED", "apply", "message_key"]
