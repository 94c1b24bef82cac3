"""What each entry does to the book. Stable for ever: old journals must fold to what they folded to.

FOLD_VERSION names this meaning; a snapshot of another version is ignored, never the journal.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from petrosa_core.audit.entries import (
    Alarmed,
    BalanceRead,
    DayBegun,
    Entry,
    ForeignSeen,
    InstrumentsRead,
    JournalOpened,
    LeadershipTaken,
    MessageDeadLettered,
    SignalJudged,
    SignalRepeated,
    StateSet,
)
from petrosa_core.decision import Outcome, TradingState
from petrosa_core.desk.book import Book, Foreign, SignalRecord, same_key
from petrosa_core.desk.trade_fold import TRADE_FOLDS, expose, release
from petrosa_core.execution import Trade
from petrosa_core.values import (
    DAY,
    EXACT,
    ZERO,
    Amount,
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


def _journal_opened(book: Book, entry: JournalOpened) -> None:
    book.put_all(account=entry.account, market=entry.market, mode=entry.mode, opened=True)


def _leadership_taken(book: Book, entry: LeadershipTaken) -> None:
    book.put_all(leader=entry.replica, build=entry.build, settings=entry.settings)


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
    book.put_all(balance=entry.balance, equity_high=high)
    # What the venue has booked by now is in the balance; only entries that it may not have seen yet stay reserved.
    for signal_id in tuple(book.reservations):
        trade = book.trades.get(signal_id)
        if trade is None or not (trade.entry.state.is_unresolved or trade.entry.updated_at >= entry.balance.as_of):
            release(book, signal_id)


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
    fresh = [alias for alias in signal.aliases if alias not in book.signals]
    for alias in fresh:
        book.signals[alias] = record
    if len(fresh) < len(signal.aliases):
        # Under a borrowed id the lender is found: this one is known again by its transport's name for it.
        book.signals[message_key(entry.transport, entry.message_id)] = record
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
    book.put_all(**changes)


def _foreign_seen(book: Book, entry: ForeignSeen) -> None:
    old = book.foreign.get(entry.symbol)
    before = old.exposure if old else ZERO
    if entry.what is None:
        book.foreign.discard(entry.symbol)
    else:
        book.foreign[entry.symbol] = Foreign(what=entry.what, exposure=entry.exposure)
    after = ZERO if entry.what is None else entry.exposure
    change = EXACT.subtract(after, before)
    book.put_all(gross_exposure=EXACT.add(book.totals.gross_exposure, change))
    expose(book, entry.symbol, change)


def _day_begun(book: Book, entry: DayBegun) -> None:
    book.put_all(day=entry.day, day_start_equity=Amount(entry.equity), realised_today=Decimal(0), entries_today=0)
    oldest = entry.at - REMEMBERED
    for alias, record in tuple(book.signals.items()):
        if record.at < oldest:
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
    **TRADE_FOLDS,
    JournalOpened: _journal_opened,
    LeadershipTaken: _leadership_taken,
    InstrumentsRead: _instruments_read,
    BalanceRead: _balance_read,
    SignalJudged: _signal_judged,
    SignalRepeated: _signal_repeated,
    MessageDeadLettered: _message_dead_lettered,
    StateSet: _state_set,
    ForeignSeen: _foreign_seen,
    DayBegun: _day_begun,
    Alarmed: _alarmed,
}


__all__ = ["FOLD_VERSION", "REMEMBERED", "apply", "message_key"]
