"""One step of the machine: an input becomes entries, already folded in, and commands for the shell to carry out.

1. Deterministic: the same book and input give the same entries and commands, byte for byte.
2. An entry order is commanded only with ``after_append``: it may not leave before its write-ahead is durable.
3. Whatever reduces risk is commanded at once: no store, gate or throttle stands before it.
"""

from collections.abc import Sequence
from typing import TypeAlias

import attrs

from petrosa_core.audit.entries import (
    Alarmed,
    CancelIntended,
    ClosingBegun,
    Entry,
    ExitIntended,
    ExitResent,
    TradeEnded,
)
from petrosa_core.decision import PositionSizer, RiskPolicy, TradingState
from petrosa_core.desk.answers import Done, Refused, Verdict
from petrosa_core.desk.book import Book
from petrosa_core.desk.fold import apply
from petrosa_core.execution import (
    BeginClosing,
    CancelOrder,
    EndTrade,
    Need,
    Patience,
    PlaceExit,
    Resend,
    Situation,
    Trade,
    needs_of,
)
from petrosa_core.order import Submission
from petrosa_core.values import SECOND, ClientOrderId, Duration, Moment, SignalId, Symbol

# More rounds than any chain of needs is long; reaching it means that a need does not change the trade, which is a bug.
_ROUNDS_MAX = 16


@attrs.frozen(kw_only=True)
class Rules:
    """What the desk decides by. ``recv_window`` bounds how long the venue may accept an order after its stamp.

    ``caring`` is False while recovery still asks the venue what it holds: nothing is sent before that is known, and the time
    in which a naked trade has to be protected runs from ``caring_since``, when this replica took over.
    """

    policy: RiskPolicy
    sizer: PositionSizer
    patience: Patience = Patience()
    recv_window: Duration = 5 * SECOND
    caring: bool = True
    caring_since: Moment = Moment(0)


@attrs.frozen(kw_only=True)
class Send:
    """Submit, once, with this stamp."""

    signal_id: SignalId
    submission: Submission
    signed_at: Moment
    recv_window: Duration
    after_append: bool


@attrs.frozen(kw_only=True)
class SendCancel:
    """Cancel one of our orders."""

    signal_id: SignalId
    symbol: Symbol
    client_order_id: ClientOrderId


@attrs.frozen(kw_only=True)
class LookUp:
    """Read an order whose state is in question."""

    signal_id: SignalId
    symbol: Symbol
    client_order_id: ClientOrderId


Command: TypeAlias = Send | SendCancel | LookUp
Answer: TypeAlias = Verdict | Done | Refused | None


@attrs.frozen
class Stepped:
    """What a step came to. ``touched`` names the trades whose next moment of attention may have changed."""

    entries: tuple[Entry, ...]
    commands: tuple[Command, ...]
    answer: Answer = None
    touched: frozenset[SignalId] = frozenset()


class Step:
    """A step in the making: what is emitted is folded at once, so that the rest of the step sees it."""

    def __init__(self, book: Book, rules: Rules, at: Moment, stamp: Moment) -> None:
        """Begin on this book, at this time; ``stamp`` is the venue's clock now."""
        self.book = book
        self.rules = rules
        self.at = at
        self.stamp = stamp
        self._entries: list[Entry] = []
        self._commands: list[Command] = []
        self._touched: set[SignalId] = set()

    def emit(self, entry: Entry) -> int:
        """Write an entry down and fold it; its number is returned."""
        self._entries.append(entry)
        apply(self.book, entry)
        return self.book.totals.seq

    def command(self, command: Command) -> None:
        """Have the shell do something."""
        self._commands.append(command)

    def done(self, answer: Answer = None) -> Stepped:
        """What it came to."""
        return Stepped(tuple(self._entries), tuple(self._commands), answer, frozenset(self._touched))

    def situation(self, trade: Trade) -> Situation:
        """What besides the trade decides what it needs."""
        totals = self.book.totals
        return Situation(
            account=totals.account,
            now=self.at,
            instrument=self.book.instruments.get(trade.symbol, trade.instrument),
            sole=self.book.sole(trade),
            entries_may_rest=totals.state.severity < TradingState.HALTED.severity,
            flatten=totals.state is TradingState.FLATTEN,
            caring_since=self.rules.caring_since,
            patience=self.rules.patience,
        )

    def care(self, signal_id: SignalId) -> None:
        """Do what the trade needs, until it needs nothing more for now."""
        self._touched.add(signal_id)
        if not self.rules.caring:
            return
        needs: Sequence[Need] = ()
        for _ in range(_ROUNDS_MAX):
            trade = self.book.trades.get(signal_id)
            if trade is None:
                return
            needs = needs_of(trade, self.situation(trade))
            if not needs:
                return
            self._meet(trade, needs)
        raise AssertionError(f"needs of {signal_id} do not come to rest: {needs}")

    def care_on(self, symbol: Symbol) -> None:
        """Care for every open trade on a symbol: what one does changes what is the other's."""
        for trade in tuple(self.book.on_symbol(symbol)):
            self.care(trade.signal_id)

    def _meet(self, trade: Trade, needs: Sequence[Need]) -> None:
        signal_id, at = trade.signal_id, self.at
        for need in needs:
            match need:
                case PlaceExit(submission):
                    self.place(signal_id, submission)
                case Resend(client_order_id):
                    self._resend(trade, client_order_id)
                case CancelOrder(client_order_id, why):
                    self.cancel(trade, client_order_id, why)
                case BeginClosing(why):
                    self.begin_closing(trade, why)
                case EndTrade(why):
                    self.emit(TradeEnded(signal_id=signal_id, why=why, pnl=trade.realised, at=at))
                    if len(self.book.open_on(trade.symbol)) == 1:
                        self._touched.update(self.book.open_on(trade.symbol))

    def place(self, signal_id: SignalId, submission: Submission) -> None:
        """Send an exit at once; it is written down meanwhile."""
        window = self.rules.recv_window
        self.emit(
            ExitIntended(
                signal_id=signal_id, submission=submission, signed_at=self.stamp, recv_window=window, at=self.at
            )
        )
        self.command(
            Send(
                signal_id=signal_id,
                submission=submission,
                signed_at=self.stamp,
                recv_window=window,
                after_append=False,
            )
        )

    def _resend(self, trade: Trade, client_order_id: ClientOrderId) -> None:
        known = trade.find(client_order_id)
        assert known is not None, "needs name orders of the trade"
        self.emit(
            ExitResent(signal_id=trade.signal_id, client_order_id=client_order_id, signed_at=self.stamp, at=self.at)
        )
        self.command(
            Send(
                signal_id=trade.signal_id,
                submission=known.order,
                signed_at=self.stamp,
                recv_window=self.rules.recv_window,
                after_append=False,
            )
        )

    def cancel(self, trade: Trade, client_order_id: ClientOrderId, why: str, actor: str = "engine") -> None:
        """Cancel one order of a trade."""
        self.emit(
            CancelIntended(signal_id=trade.signal_id, client_order_id=client_order_id, why=why, actor=actor, at=self.at)
        )
        self.command(SendCancel(signal_id=trade.signal_id, symbol=trade.symbol, client_order_id=client_order_id))

    def begin_closing(self, trade: Trade, why: str) -> None:
        """Leave a trade that cannot be protected, and tell people."""
        self.emit(ClosingBegun(signal_id=trade.signal_id, why=why, at=self.at))
        if why == "flatten":
            return
        self.emit(
            Alarmed(
                name=f"position_unprotected.{trade.symbol}",
                severity="critical",
                message=f"{trade.symbol}: {trade.held:f} held without a live stop ({why}); closing at the market",
                signal_id=trade.signal_id,
                at=self.at,
            )
        )
