"""The account as the venue has it, against the book. Differences are heard, asked about, or named foreign; never assumed.

1. An order of ours that is open there and new to us is adopted; one that we hold for open and that is not there is read.
2. An order or position that is not ours is written down as foreign, counted in exposure, and blocks entries on its symbol.
3. A position that is smaller than our trades hold, with nothing of ours in question, twice: it left by another hand.
   An order that we hold for open and that is not there is in question; one that was refused has moved nothing.
4. An entry that was given up for absent is asked for again for a while: its events may be lost, and spot has no positions.
"""

from collections.abc import Iterator
from decimal import Decimal

from petrosa_core.audit.entries import Alarmed, BalanceRead, ClosedElsewhere, ForeignSeen
from petrosa_core.desk.hearing import hear, look_at
from petrosa_core.desk.inputs import AccountLookedUp
from petrosa_core.desk.step import Step, Stepped
from petrosa_core.execution import AccountSnapshot, LegOrder, OrderReport, OrderState, Trade, VenuePosition
from petrosa_core.values import EXACT, MINUTE, SECOND, ZERO, Balance, Market, Moment, Symbol

# What changed within this time before a reading may be in it or not.
_SETTLING = SECOND

# How long an abandoned entry is asked for: the venue accepts nothing so late, it can only have been slow to show it.
_APPEARING = 10 * MINUTE


def reconcile(step: Step, reading: AccountLookedUp) -> Stepped:
    """Take in one reading of the whole account."""
    snapshot = reading.snapshot
    if _is_news(step, snapshot.balance):
        step.emit(BalanceRead(balance=snapshot.balance, at=step.at))
    strangers: dict[Symbol, list[OrderReport]] = {}
    for report in snapshot.open_orders:
        if not hear(step, report):
            strangers.setdefault(report.symbol, []).append(report)
    _ask_for_the_missing(step, reading)
    _name_the_foreign(step, reading, strangers)
    return step.done()


def _is_news(step: Step, balance: Balance) -> bool:
    """Other amounts, or a newer reading while entries wait for one; an idle account writes nothing down."""
    known = step.book.totals.balance
    if known is None or balance.as_of <= known.as_of:
        return known is None
    return (balance.free, balance.equity) != (known.free, known.equity) or bool(step.book.reservations)


def _ask_for_the_missing(step: Step, reading: AccountLookedUp) -> None:
    there = {report.client_order_id for report in reading.snapshot.open_orders}
    for trade in step.book.open_trades():
        for order in trade.orders:
            settled = order.updated_at < reading.asked_at - _SETTLING
            if order.state.is_open and settled and order.client_order_id not in there:
                look_at(step, trade, order)
    for trade in _ended_since(step, Moment(reading.asked_at - _APPEARING)):
        if trade.entry.state is OrderState.ABANDONED:
            look_at(step, trade, trade.entry)


def _ended_since(step: Step, moment: Moment) -> Iterator[Trade]:
    """Trades that ended after the moment, the newest first."""
    ended = ((trade.ended.at, trade.signal_id) for trade in step.book.ended.values() if trade.ended is not None)
    for at, signal_id in sorted(ended, reverse=True):
        if at < moment:
            return
        yield step.book.ended[signal_id]


def _name_the_foreign(step: Step, reading: AccountLookedUp, strangers: dict[Symbol, list[OrderReport]]) -> None:
    snapshot = reading.snapshot
    positions = {position.symbol: position for position in snapshot.positions}
    watched = set(positions) | set(strangers) | set(step.book.foreign) | set(step.book.open_symbols())
    for symbol in sorted(watched):
        if not _quiet(step, symbol, reading):
            continue
        surplus = ZERO
        if step.book.totals.market is Market.USDM:
            surplus = EXACT.subtract(_amount(positions.get(symbol)), _held(step, symbol))
            trade = _short_of(step, symbol, surplus)
            if trade is not None:
                _believe_twice(step, trade, surplus, reading.before)
                surplus = ZERO
        _write_foreign(step, symbol, surplus, strangers.get(symbol, []), positions.get(symbol))


def _quiet(step: Step, symbol: Symbol, reading: AccountLookedUp) -> bool:
    """Whether nothing of ours is in question on the symbol, nor changed just before the reading."""
    since = Moment(reading.asked_at - _SETTLING)
    there = {report.client_order_id for report in reading.snapshot.open_orders}
    ended = (trade for trade in _ended_since(step, Moment(reading.asked_at - MINUTE)) if trade.symbol == symbol)
    for trade in (*step.book.on_symbol(symbol), *ended):
        if _changed_since(trade, since):
            return False
        for order in trade.orders:
            if order.state.is_unresolved or (order.state.is_open and order.client_order_id not in there):
                return False
    return True


def _amount(position: VenuePosition | None) -> Decimal:
    return ZERO if position is None else position.amount


def _held(step: Step, symbol: Symbol) -> Decimal:
    """Signed base units of all our open trades on the symbol."""
    return sum((trade.plan.side.sign * trade.held for trade in step.book.on_symbol(symbol)), ZERO)


def _short_of(step: Step, symbol: Symbol, surplus: Decimal) -> Trade | None:
    """The trade that is alone on the symbol and of which the venue holds less than we do, or nothing: that is not foreign."""
    trades = tuple(step.book.on_symbol(symbol))
    if len(trades) != 1:
        return None
    return trades[0] if ZERO < -surplus * trades[0].plan.side.sign <= trades[0].held else None


def _believe_twice(step: Step, trade: Trade, surplus: Decimal, before: AccountSnapshot | None) -> None:
    """What is missing left by another hand, when the reading before says the same and nothing has changed since."""
    if before is None or _changed_since(trade, Moment(before.at - _SETTLING)):
        return
    earlier = next((p.amount for p in before.positions if p.symbol == trade.symbol), ZERO)
    if EXACT.subtract(earlier, _held(step, trade.symbol)) != surplus:
        return
    missing = abs(surplus)
    step.emit(ClosedElsewhere(signal_id=trade.signal_id, quantity=missing, at=step.at))
    _alarm(step, trade.symbol, f"{missing:f} {trade.instrument.base} of a trade left the account by another hand")
    step.care(trade.signal_id)


def _changed_since(trade: Trade, moment: Moment) -> bool:
    """Whether anything may have moved its position; the refusals of what has nothing to reduce follow one another for ever."""
    return any(order.updated_at >= moment and not _moved_nothing(order) for order in trade.orders)


def _moved_nothing(order: LegOrder) -> bool:
    return order.state is OrderState.REJECTED and not order.executed


def _write_foreign(
    step: Step, symbol: Symbol, surplus: Decimal, orders: list[OrderReport], position: VenuePosition | None
) -> None:
    known = step.book.foreign.get(symbol)
    if not surplus and not orders:
        if known is not None:
            step.emit(ForeignSeen(symbol=symbol, what=None, exposure=ZERO, at=step.at))
        return
    words: list[str] = []
    exposure = ZERO
    if surplus:
        words.append(f"position {surplus:f}")
        mark = position.mark if position and position.mark else None
        exposure = abs(surplus) * (mark or ZERO)
    words.extend(f"order {order.client_order_id}" for order in orders)
    what = ", ".join(words)
    if known is None or known.what != what:
        step.emit(ForeignSeen(symbol=symbol, what=what, exposure=exposure, at=step.at))
        _alarm(step, symbol, f"{symbol}: not ours at the venue: {what}; no entries there")
        for trade in step.book.on_symbol(symbol):
            step.care(trade.signal_id)


def _alarm(step: Step, symbol: Symbol, message: str) -> None:
    step.emit(Alarmed(name=f"foreign.{symbol}", severity="warning", message=message, at=step.at))
