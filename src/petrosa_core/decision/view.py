"""What a decision is judged with, all of it; the desk fills it in, and the record keeps it."""

from decimal import Decimal

import attrs

from petrosa_core.values import (
    ZERO,
    Amount,
    Balance,
    ClientOrderId,
    Instrument,
    Mode,
    Moment,
    Quote,
    SignalId,
    Word,
)


class TradingState(Word):
    """How much the engine may do; each state forbids what the one before it forbids, and more."""

    ACTIVE = "active"
    REDUCING = "reducing"
    """Nothing that increases exposure."""
    HALTED = "halted"
    """Entries are cancelled as well; stops stay."""
    FLATTEN = "flatten"
    """Halted, and every position is closed."""

    @property
    def severity(self) -> int:
        """0 for ACTIVE up to 3 for FLATTEN: tightening raises it."""
        return _SEVERITY[self]


_SEVERITY = {state: severity for severity, state in enumerate(TradingState)}


@attrs.frozen(kw_only=True)
class View:
    """The account, the market and the moment, as one decision sees them.

    Amounts are in quote units. ``open_trades`` and the exposures count entries that are pending or unanswered at full size.
    ``reserved`` is what entries sent after ``balance.as_of`` will take from ``balance.free``.
    ``day_pnl`` is realised and unrealised result with fees since the UTC day began; ``equity_high`` the high-water mark.
    None means unknown, which no check reads as zero.
    """

    now: Moment
    mode: Mode
    instrument: Instrument | None
    quote: Quote | None
    balance: Balance | None
    state: TradingState = TradingState.ACTIVE
    state_reason: str = ""
    open_trades: int = 0
    gross_exposure: Decimal = ZERO
    reserved: Decimal = ZERO
    symbol_trade: SignalId | None = None
    symbol_opposed: SignalId | None = None
    """An open trade that goes the other way, where the account has one net position per symbol (USD-M, one-way mode)."""
    symbol_exposure: Decimal = ZERO
    symbol_unknown: ClientOrderId | None = None
    symbol_external: str | None = None
    """What is on the symbol that is not ours (a foreign order or position), in words."""
    day_pnl: Decimal = ZERO
    day_start_equity: Amount | None = None
    equity_high: Amount | None = None
    entries_last_minute: int = 0
    entries_today: int = 0
    last_same_entry: Moment | None = None
    """When the last entry of the same strategy, symbol and side was intended."""
    unhealthy: tuple[str, ...] = ()
    """Why the engine may not enter at all (store down, not reconciled, not the leader), in words."""
