"""What becomes of a message: every one gets exactly one recorded verdict.

The order: answered before? borrowed identity? hold, close, or a trade to decide on.
"""

from petrosa_core.audit.entries import (
    ClosingBegun,
    EntryIntended,
    MessageDeadLettered,
    SignalJudged,
    SignalRepeated,
)
from petrosa_core.decision import Approved, Outcome, Plan, Reason, View, decide
from petrosa_core.desk.answers import Verdict
from petrosa_core.desk.book import Book, SignalRecord, same_key
from petrosa_core.desk.fold import message_key
from petrosa_core.desk.inputs import BrokenArrived, SignalArrived
from petrosa_core.desk.step import Send, Step, Stepped
from petrosa_core.execution import Trade
from petrosa_core.order import entry_submission
from petrosa_core.signal import Action, Signal
from petrosa_core.values import ZERO, Market, Quantity, Side, SignalId


def judge_signal(step: Step, arrived: SignalArrived) -> Stepped:
    """One signal, one verdict."""
    known = _known(step.book, arrived.signal)
    if known is not None:
        if known.fields == arrived.signal.trading_fields:
            return _repeat(step, arrived, known)
        told = step.book.signals.get(message_key(arrived.arrival.transport, arrived.arrival.message_id))
        if told is not None and arrived.arrival.redelivered:
            return step.done(_from_record(told, ()))
        return step.done(_record(step, arrived, Outcome.DENIED, (_identity_reused(arrived.signal, known),)))
    match arrived.signal.action:
        case Action.HOLD:
            return step.done(_record(step, arrived, Outcome.HELD))
        case Action.CLOSE:
            return _close(step, arrived)
        case Action.SELL if step.book.totals.market is Market.SPOT and _closable(step.book, arrived.signal):
            # Spot cannot go short: a sell of what this strategy holds is its close.
            return _close(step, arrived)
        case Action.BUY | Action.SELL:
            return _decide(step, arrived)


def dead_letter(step: Step, arrived: BrokenArrived) -> Stepped:
    """A message that is no signal is kept whole, with the reason."""
    arrival, message = arrived.arrival, arrived.message
    known = step.book.signals.get(message_key(arrival.transport, arrival.message_id))
    reasons = (Reason(code=message.code, message=message.message, value=message.value, limit=None),)
    if known is not None:
        # The transport's name for a message is its own: it came before, whether or not its server remembers that.
        return step.done(_from_record(known, reasons))
    seq = step.emit(
        MessageDeadLettered(
            raw=message.raw,
            code=message.code,
            message=message.message,
            field=message.field,
            value=message.value,
            transport=arrival.transport,
            message_id=arrival.message_id,
            subject=arrival.subject,
            at=step.at,
        )
    )
    return step.done(Verdict(outcome=Outcome.MALFORMED, signal_id=None, reasons=reasons, seq=seq, at=step.at))


def view_of(step: Step, arrived: SignalArrived, side: Side) -> View:
    """Everything that the decision is judged with, read off the book."""
    book, signal, totals = step.book, arrived.signal, step.book.totals
    first = next((trade.signal_id for trade in book.on_symbol(signal.symbol)), None)
    foreign = book.foreign.get(signal.symbol)
    unknown = book.unknown.get(signal.symbol)
    day_pnl = totals.realised_today
    if totals.balance is not None and totals.day_start_equity is not None:
        day_pnl = min(day_pnl, totals.balance.equity - totals.day_start_equity)
    return View(
        now=step.at,
        mode=totals.mode,
        instrument=book.instruments.get(signal.symbol),
        quote=arrived.quote,
        balance=totals.balance,
        state=totals.state,
        state_reason=totals.state_reason,
        open_trades=len(book.trades),
        gross_exposure=totals.gross_exposure,
        reserved=totals.reserved,
        symbol_trade=first,
        symbol_opposed=_opposed(book, signal, side),
        symbol_exposure=book.symbol_exposure.get(signal.symbol, ZERO),
        symbol_unknown=unknown[0] if unknown else None,
        symbol_external=foreign.what if foreign else None,
        day_pnl=day_pnl,
        day_start_equity=totals.day_start_equity,
        equity_high=totals.equity_high,
        entries_last_minute=book.lately(step.at),
        entries_today=totals.entries_today,
        last_same_entry=book.last_same.get(same_key(signal.strategy_id, signal.symbol, side)),
        unhealthy=arrived.unhealthy,
    )


def _opposed(book: Book, signal: Signal, side: Side) -> SignalId | None:
    """A trade on a netted symbol that goes the other way: neither could be protected by orders that only reduce."""
    if book.totals.market is Market.SPOT:
        return None
    return next((trade.signal_id for trade in book.on_symbol(signal.symbol) if trade.plan.side is not side), None)


def _known(book: Book, signal: Signal) -> SignalRecord | None:
    return next((book.signals[alias] for alias in signal.aliases if alias in book.signals), None)


def _repeat(step: Step, arrived: SignalArrived, known: SignalRecord) -> Stepped:
    assert known.signal_id is not None, "dead letters are registered under their message, not under a signal"
    if arrived.arrival.redelivered:
        return step.done(_from_record(known, ()))
    seq = step.emit(
        SignalRepeated(
            signal_id=known.signal_id,
            strategy_id=known.strategy_id,
            aliases=tuple(alias for alias in arrived.signal.aliases if alias not in step.book.signals),
            transport=arrived.arrival.transport,
            message_id=arrived.arrival.message_id,
            at=step.at,
        )
    )
    return step.done(
        Verdict(
            outcome=Outcome.DUPLICATE,
            signal_id=known.signal_id,
            reasons=_codes(known),
            seq=seq,
            at=step.at,
            trade_id=known.trade_id,
            replayed=True,
            original=known.outcome,
        )
    )


def _from_record(known: SignalRecord, reasons: tuple[Reason, ...]) -> Verdict:
    return Verdict(
        outcome=known.outcome,
        signal_id=known.signal_id,
        reasons=reasons or _codes(known),
        seq=known.seq,
        at=known.at,
        trade_id=known.trade_id,
        replayed=True,
        original=known.outcome,
    )


def _codes(known: SignalRecord) -> tuple[Reason, ...]:
    return tuple(Reason(code=code, message="as recorded when it was judged") for code in known.codes)


def _identity_reused(signal: Signal, known: SignalRecord) -> Reason:
    return Reason(
        code="IDENTITY_REUSED",
        message="another signal with other trading fields was judged under this id",
        value=", ".join(f"{identity.kind}={identity.value}" for identity in signal.identities),
        limit=f"entry {known.seq}",
    )


def _record(
    step: Step,
    arrived: SignalArrived,
    outcome: Outcome,
    reasons: tuple[Reason, ...] = (),
    *,
    plan: Plan | None = None,
    trade_id: SignalId | None = None,
) -> Verdict:
    signal, arrival = arrived.signal, arrived.arrival
    seq = step.emit(
        SignalJudged(
            signal=signal,
            quote=arrived.quote,
            balance=step.book.totals.balance,
            unhealthy=arrived.unhealthy,
            outcome=outcome,
            reasons=reasons,
            plan=plan,
            trade_id=trade_id,
            transport=arrival.transport,
            message_id=arrival.message_id,
            received_at=arrival.received_at,
            at=step.at,
        )
    )
    return Verdict(outcome=outcome, signal_id=signal.signal_id, reasons=reasons, seq=seq, at=step.at, trade_id=trade_id)


def _decide(step: Step, arrived: SignalArrived) -> Stepped:
    signal, book, rules = arrived.signal, step.book, step.rules
    view = view_of(step, arrived, signal.side)
    decision = decide(signal, view, rules.policy, rules.sizer)
    if not isinstance(decision, Approved):
        reasons = tuple(refusal.record for refusal in decision.reasons)
        return step.done(_record(step, arrived, Outcome.DENIED, reasons))
    signal_id = signal.signal_id
    submission = entry_submission(decision, book.totals.account, signal_id, book.instruments[signal.symbol])
    verdict = _record(step, arrived, Outcome.ACCEPTED, plan=decision.plan, trade_id=signal_id)
    step.emit(
        EntryIntended(
            signal_id=signal_id,
            submission=submission,
            signed_at=step.stamp,
            recv_window=rules.recv_window,
            at=step.at,
        )
    )
    step.command(
        Send(
            signal_id=signal_id,
            submission=submission,
            signed_at=step.stamp,
            recv_window=rules.recv_window,
            after_append=True,
        )
    )
    if len(book.open_on(signal.symbol)) == 2:
        # The position of the one that was alone so far is not wholly its own any more.
        step.care_on(signal.symbol)
    return step.done(verdict)


def _closable(book: Book, signal: Signal) -> Trade | None:
    """That strategy's trade on that symbol which was opened by a signal not younger than this one."""
    return next(
        (
            trade
            for trade in book.on_symbol(signal.symbol)
            if trade.strategy_id == signal.strategy_id and trade.signal_at <= signal.timestamp
        ),
        None,
    )


def _close(step: Step, arrived: SignalArrived) -> Stepped:
    signal = arrived.signal
    trade = _closable(step.book, signal)
    if trade is None:
        return step.done(_record(step, arrived, Outcome.NOTHING_TO_CLOSE))
    part = part_of(trade, signal.quantity)
    if not closes_more(trade, part):
        return step.done(_record(step, arrived, Outcome.DUPLICATE, trade_id=trade.signal_id))
    verdict = _record(step, arrived, Outcome.CLOSING, trade_id=trade.signal_id)
    step.emit(
        ClosingBegun(
            signal_id=trade.signal_id,
            why="signal",
            quantity=part,
            actor=f"signal:{signal.signal_id}",
            at=step.at,
        )
    )
    step.care(trade.signal_id)
    return step.done(verdict)


def closes_more(trade: Trade, part: Quantity | None) -> bool:
    """Whether a close of this part, None for all of it, is more than what is being closed already."""
    return trade.closing is None or (part is None and not trade.leaving)


def part_of(trade: Trade, quantity: Quantity | None) -> Quantity | None:
    """A partial close as it can be sold, or None for all: also when the rest could not be sold any more."""
    if quantity is None or trade.received <= ZERO:
        return None
    instrument = trade.instrument
    part = instrument.floor_quantity(quantity, market=True)
    rest = instrument.floor_quantity(trade.held - part, market=True)
    smallest = instrument.smallest_quantity(market=True)
    if part < smallest or rest < smallest:
        return None
    return Quantity(part)
