"""One account's state: what all its journal entries come to.

1. It changes only through ``fold.apply``: the live book and the fold of the journal are the same thing.
2. Every limit is a running total; nothing here is found by a scan over trades.
3. Values are immutable, so that undoing is putting the old one back.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal

import attrs

from petrosa_core.decision import Outcome, TradingState
from petrosa_core.desk.table import Table, UndoLog
from petrosa_core.execution import Trade
from petrosa_core.values import (
    MINUTE,
    SECOND,
    ZERO,
    AccountId,
    Amount,
    Balance,
    ClientOrderId,
    Instrument,
    Market,
    Mode,
    Moment,
    SignalId,
    StrategyId,
    Symbol,
    leg_of,
)

ENDED_KEPT = 500
"""Ended trades that stay at hand for questions and late reports; the journal and the audit log hold them all."""


@attrs.frozen(kw_only=True)
class SignalRecord:
    """What the registry keeps of a judged message: enough to answer it again and to find its entry."""

    signal_id: SignalId | None
    strategy_id: StrategyId
    symbol: Symbol
    action: str
    outcome: Outcome
    codes: tuple[str, ...] = ()
    fields: str
    trade_id: SignalId | None = None
    seq: int
    at: Moment


@attrs.frozen(kw_only=True)
class Foreign:
    """What is on a symbol that is not ours."""

    what: str
    exposure: Decimal


@attrs.define(kw_only=True)
class Totals:
    """The running totals and the account's one-of-a-kind facts. Only ``Book.put`` changes them: it can be undone."""

    account: AccountId = AccountId("")
    market: Market = Market.USDM
    mode: Mode = Mode.SIMULATION
    opened: bool = False
    seq: int = 0
    leader: str = ""
    build: str = ""
    settings: str = ""
    state: TradingState = TradingState.ACTIVE
    state_reason: str = ""
    state_actor: str = ""
    state_at: Moment = Moment(0)
    balance: Balance | None = None
    day: int = 0
    day_start_equity: Amount | None = None
    equity_high: Amount | None = None
    realised_today: Decimal = ZERO
    gross_exposure: Decimal = ZERO
    reserved: Decimal = ZERO
    recent_entries: tuple[tuple[int, int], ...] = ()
    """(second, entries intended in it) of the last minute, the oldest first."""
    entries_today: int = 0
    now: Moment = Moment(0)
    volume: Decimal = ZERO
    fees: Decimal = ZERO
    """Paid in the quote asset, since the journal began."""
    naked_us_max: int = 0

    def entries_since(self, moment: Moment) -> int:
        """Entries intended after the moment's second, of those of the last minute."""
        return sum(count for second, count in self.recent_entries if second * SECOND > moment)

    def with_entry(self, at: Moment) -> tuple[tuple[int, int], ...]:
        """``recent_entries`` with one more."""
        second = at // SECOND
        kept = tuple(bucket for bucket in self.recent_entries if bucket[0] > second - 60)
        newest = kept[-1][1] if kept and kept[-1][0] == second else 0
        return (*(kept[:-1] if newest else kept), (second, newest + 1))


class Book:
    """The account as the journal has it."""

    def __init__(self) -> None:
        """Begin as an empty journal folds."""
        self.undo = UndoLog()
        self.instruments: Table[Symbol, Instrument] = Table(self.undo)
        self.signals: Table[SignalId, SignalRecord] = Table(self.undo)
        self.trades: Table[SignalId, Trade] = Table(self.undo)
        self.ended: Table[SignalId, Trade] = Table(self.undo)
        self.by_prefix: Table[str, SignalId] = Table(self.undo)
        self.unknown: Table[Symbol, tuple[ClientOrderId, ...]] = Table(self.undo)
        """Unanswered orders by symbol; a symbol without any is absent."""
        self.symbol_exposure: Table[Symbol, Decimal] = Table(self.undo)
        self.foreign: Table[Symbol, Foreign] = Table(self.undo)
        self.reservations: Table[SignalId, Decimal] = Table(self.undo)
        self.last_same: Table[str, Moment] = Table(self.undo)
        self.counts: Table[str, int] = Table(self.undo)
        self._open_on: Table[Symbol, tuple[SignalId, ...]] = Table(self.undo)
        self.spans: Table[SignalId, tuple[int, int]] = Table(self.undo)
        """The first and the last entry of each trade at hand."""
        self.totals = Totals()

    def put(self, name: str, value: object) -> None:
        """Set one of the totals."""
        self.undo.record(self.totals, name, getattr(self.totals, name))
        setattr(self.totals, name, value)

    def put_all(self, **values: object) -> None:
        """Set several of the totals."""
        for name, value in values.items():
            self.put(name, value)

    def trade(self, signal_id: SignalId) -> Trade | None:
        """An open trade, or one of those that ended lately."""
        return self.trades.get(signal_id) or self.ended.get(signal_id)

    def trade_of(self, client_order_id: str) -> Trade | None:
        """The trade that an order of this name belongs to."""
        named = leg_of(client_order_id)
        if named is None:
            return None
        signal_id = self.by_prefix.get(named[0])
        return self.trade(signal_id) if signal_id else None

    def open_on(self, symbol: Symbol) -> tuple[SignalId, ...]:
        """The names of the open trades on a symbol, the oldest first."""
        return self._open_on.get(symbol, ())

    def opened(self, trade: Trade, *, again: bool = False) -> None:
        """From now on it is open on its symbol: the newest there, or, when it lives again, in its old place."""
        names = (*self.open_on(trade.symbol), trade.signal_id)
        self._open_on[trade.symbol] = tuple(self._oldest_first(names)) if again else names

    def closed(self, trade: Trade) -> None:
        """It is not open on its symbol any more."""
        others = tuple(name for name in self.open_on(trade.symbol) if name != trade.signal_id)
        if others:
            self._open_on[trade.symbol] = others
        else:
            self._open_on.discard(trade.symbol)

    def on_symbol(self, symbol: Symbol) -> Iterator[Trade]:
        """Open trades on a symbol, the oldest first."""
        return (self.trades[signal_id] for signal_id in self.open_on(symbol))

    def open_trades(self) -> Iterator[Trade]:
        """All open trades, the oldest first."""
        return (self.trades[signal_id] for signal_id in self._oldest_first(self.trades))

    def _oldest_first(self, names: Iterable[SignalId]) -> list[SignalId]:
        # Not as the tables have them: an undo puts a key back at the end, and the same inputs must give the same steps.
        return sorted(names, key=self.spans.__getitem__)

    def open_symbols(self) -> list[Symbol]:
        """Symbols with open trades, by name."""
        return sorted(self._open_on)

    def sole(self, trade: Trade) -> bool:
        """Whether the net position on the symbol is wholly this trade's."""
        return self.open_on(trade.symbol) == (trade.signal_id,) and trade.symbol not in self.foreign

    def count(self, what: str) -> None:
        """One more of a kind that is only ever counted (``outcome:denied``, ``refusal:STALE_SIGNAL``, ``order:filled``)."""
        self.counts[what] = self.counts.get(what, 0) + 1

    def counted(self, kind: str) -> dict[str, int]:
        """The counts of one kind, by name."""
        prefix = f"{kind}:"
        return {key.removeprefix(prefix): n for key, n in sorted(self.counts.items()) if key.startswith(prefix)}

    def lately(self, now: Moment) -> int:
        """Entries intended within the last minute."""
        return self.totals.entries_since(Moment(now - MINUTE))


def same_key(strategy: str, symbol: str, side: str) -> str:
    """The key of ``last_same``."""
    return f"{strategy}\x1f{symbol}\x1f{side}"
