"""What is asked of the account, its limits and its state, in the order of reporting; where the plan is known, with it.

Each check is named for the healthy case and answers None there. What is unknown is refused once, by the check that needs it
first, and read as zero by none.
"""

from collections.abc import Callable
from typing import Final, TypeAlias

from petrosa_core.decision.plan import Plan
from petrosa_core.decision.policy import RiskPolicy
from petrosa_core.decision.refusals import (
    BalanceInsufficient,
    DailyLoss,
    Drawdown,
    EngineNotReady,
    ExposureLimit,
    ForeignPosition,
    NoBalance,
    OrderRate,
    OrderUnknownPending,
    Refusal,
    RepeatedEntry,
    SymbolExposureLimit,
    TooManyOpenTrades,
    TradeOpenOnSymbol,
    TradingHalted,
)
from petrosa_core.decision.view import TradingState, View
from petrosa_core.values import EXACT, ZERO, Balance, Ratio

AccountCheck: TypeAlias = Callable[[Plan | None, View, RiskPolicy], Refusal | None]

_ONE = Ratio(1)


def quote_balance(view: View) -> Balance | None:
    """The balance in the asset that the symbol is paid in; another asset's balance is none."""
    balance, instrument = view.balance, view.instrument
    if balance is None or (instrument is not None and balance.asset != instrument.quote):
        return None
    return balance


def balance_known(_: Plan | None, view: View, __: RiskPolicy) -> NoBalance | None:
    """A balance that could not be read is not a balance of zero."""
    if quote_balance(view) is not None:
        return None
    return NoBalance("any asset" if view.instrument is None else view.instrument.quote)


def balance_sufficient(plan: Plan | None, view: View, policy: RiskPolicy) -> BalanceInsufficient | None:
    """The whole notional and the buffer are free: no leverage is assumed."""
    balance = quote_balance(view)
    if plan is None or balance is None:
        return None
    available = EXACT.subtract(balance.free, view.reserved)
    needed = EXACT.multiply(plan.notional, EXACT.add(_ONE, policy.balance_buffer))
    return BalanceInsufficient(available, needed) if needed > available else None


def symbol_free(_: Plan | None, view: View, policy: RiskPolicy) -> TradeOpenOnSymbol | None:
    """One trade per symbol, where that is the rule; and never two that would eat each other's position."""
    if view.symbol_opposed is not None:
        return TradeOpenOnSymbol(view.symbol_opposed)
    if policy.one_trade_per_symbol and view.symbol_trade is not None:
        return TradeOpenOnSymbol(view.symbol_trade)
    return None


def few_enough_trades(_: Plan | None, view: View, policy: RiskPolicy) -> TooManyOpenTrades | None:
    """This trade still fits among the open ones."""
    trades = view.open_trades + 1
    return TooManyOpenTrades(trades, policy.open_trades_max) if trades > policy.open_trades_max else None


def exposure_within(plan: Plan | None, view: View, policy: RiskPolicy) -> ExposureLimit | None:
    """All trades together stay within a multiple of the equity."""
    balance = quote_balance(view)
    if plan is None or balance is None:
        return None
    exposure = EXACT.add(view.gross_exposure, plan.notional)
    maximum = EXACT.multiply(balance.equity, policy.exposure_max)
    return ExposureLimit(exposure, maximum) if exposure > maximum else None


def symbol_exposure_within(plan: Plan | None, view: View, policy: RiskPolicy) -> SymbolExposureLimit | None:
    """The symbol's trades together stay within a fraction of the equity."""
    balance = quote_balance(view)
    if plan is None or balance is None:
        return None
    exposure = EXACT.add(view.symbol_exposure, plan.notional)
    maximum = EXACT.multiply(balance.equity, policy.symbol_exposure_max)
    return SymbolExposureLimit(exposure, maximum) if exposure > maximum else None


def day_not_lost(_: Plan | None, view: View, policy: RiskPolicy) -> DailyLoss | None:
    """The day has not cost more than it may; where its first equity is not known, it is what the day's result left of it."""
    balance = quote_balance(view)
    if view.day_pnl >= ZERO or balance is None:
        return None
    loss = EXACT.minus(view.day_pnl)
    began = view.day_start_equity if view.day_start_equity is not None else EXACT.add(balance.equity, loss)
    maximum = EXACT.multiply(began, policy.daily_loss_max)
    return DailyLoss(loss, maximum) if loss > maximum else None


def not_drawn_down(_: Plan | None, view: View, policy: RiskPolicy) -> Drawdown | None:
    """The account is near its high; before there is one, the account is at it."""
    balance = quote_balance(view)
    if view.equity_high is None or balance is None:
        return None
    drawdown = EXACT.subtract(view.equity_high, balance.equity)
    maximum = EXACT.multiply(view.equity_high, policy.drawdown_max)
    return Drawdown(drawdown, maximum) if drawdown > maximum else None


def minute_not_crowded(_: Plan | None, view: View, policy: RiskPolicy) -> OrderRate | None:
    """This entry still fits into the minute."""
    entries = view.entries_last_minute + 1
    return OrderRate(entries, policy.entries_per_minute, "minute") if entries > policy.entries_per_minute else None


def day_not_crowded(_: Plan | None, view: View, policy: RiskPolicy) -> OrderRate | None:
    """This entry still fits into the day."""
    entries = view.entries_today + 1
    return OrderRate(entries, policy.entries_per_day, "day") if entries > policy.entries_per_day else None


def not_repeated(_: Plan | None, view: View, policy: RiskPolicy) -> RepeatedEntry | None:
    """The strategy is not saying the same thing twice; with 0 it may."""
    if view.last_same_entry is None:
        return None
    ago = view.now - view.last_same_entry
    return RepeatedEntry(ago, policy.repeat_after_min) if ago < policy.repeat_after_min else None


def nothing_unanswered(_: Plan | None, view: View, __: RiskPolicy) -> OrderUnknownPending | None:
    """No order on the symbol may or may not be live."""
    return OrderUnknownPending(view.symbol_unknown) if view.symbol_unknown is not None else None


def nothing_foreign(_: Plan | None, view: View, __: RiskPolicy) -> ForeignPosition | None:
    """What is on the symbol is ours."""
    return ForeignPosition(view.symbol_external) if view.symbol_external is not None else None


def trading_active(_: Plan | None, view: View, __: RiskPolicy) -> TradingHalted | None:
    """Nobody has asked for less risk."""
    if view.state is TradingState.ACTIVE:
        return None
    return TradingHalted(view.state, TradingState.ACTIVE, view.state_reason or "no reason given")


def engine_ready(_: Plan | None, view: View, __: RiskPolicy) -> EngineNotReady | None:
    """The engine can enter, and protect what it enters."""
    return EngineNotReady("; ".join(view.unhealthy)) if view.unhealthy else None


ACCOUNT_CHECKS: Final[tuple[AccountCheck, ...]] = (
    balance_known,
    balance_sufficient,
    symbol_free,
    few_enough_trades,
    exposure_within,
    symbol_exposure_within,
    day_not_lost,
    not_drawn_down,
    minute_not_crowded,
    day_not_crowded,
    not_repeated,
    nothing_unanswered,
    nothing_foreign,
    trading_active,
    engine_ready,
)
