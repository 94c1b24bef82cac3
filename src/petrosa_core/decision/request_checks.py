"""What is asked of the signal, the symbol and the quote before any number is worked out, in the order of reporting.

Each check is named for the healthy case and answers None there. Where an earlier check already refuses an absence, a later
one has nothing to say about it.
"""

from collections.abc import Callable
from typing import Final, TypeAlias

from petrosa_core.decision.policy import RiskPolicy
from petrosa_core.decision.refusals import (
    ConfidenceOutOfRange,
    ConfidenceTooLow,
    EntryExpired,
    NoQuote,
    OrderTypeNotSupported,
    Refusal,
    ShortOnSpot,
    SignalFromFuture,
    StaleQuote,
    StaleSignal,
    StrategyNotAllowed,
    SymbolNotAllowed,
    SymbolNotTrading,
    TimestampRequired,
    UnknownSymbol,
    ZeroQuantity,
)
from petrosa_core.decision.view import View
from petrosa_core.signal import Action, Signal
from petrosa_core.values import ZERO, Market, Ratio

RequestCheck: TypeAlias = Callable[[Signal, View, RiskPolicy], Refusal | None]

_ONE = Ratio(1)


def quantity_is_meant(signal: Signal, _: View, policy: RiskPolicy) -> ZeroQuantity | None:
    """A zero from a source that sizes for us means no trade; from any other it means that we shall size it."""
    source = signal.source
    if source is not None and signal.quantity_is_zero and source in policy.zero_quantity_refused_sources:
        return ZeroQuantity(source)
    return None


def confidence_in_range(signal: Signal, _: View, __: RiskPolicy) -> ConfidenceOutOfRange | None:
    """Confidence is a fraction of one."""
    if ZERO <= signal.confidence <= _ONE:
        return None
    return ConfidenceOutOfRange(signal.confidence, ZERO if signal.confidence < ZERO else _ONE)


def confident_enough(signal: Signal, _: View, policy: RiskPolicy) -> ConfidenceTooLow | None:
    """The strategy believes in its signal."""
    if ZERO <= signal.confidence < policy.confidence_min:
        return ConfidenceTooLow(signal.confidence, policy.confidence_min)
    return None


def symbol_known(signal: Signal, view: View, _: RiskPolicy) -> UnknownSymbol | None:
    """The venue's rules for the symbol are at hand."""
    return UnknownSymbol(signal.symbol) if view.instrument is None else None


def symbol_trading(signal: Signal, view: View, _: RiskPolicy) -> SymbolNotTrading | None:
    """The venue trades it now."""
    if view.instrument is not None and not view.instrument.trading:
        return SymbolNotTrading(signal.symbol)
    return None


def symbol_allowed(signal: Signal, _: View, policy: RiskPolicy) -> SymbolNotAllowed | None:
    """The operator lets it be traded."""
    if policy.symbols_allowed is not None and signal.symbol not in policy.symbols_allowed:
        return SymbolNotAllowed(signal.symbol)
    return None


def strategy_allowed(signal: Signal, _: View, policy: RiskPolicy) -> StrategyNotAllowed | None:
    """The strategy means to trade."""
    return StrategyNotAllowed(signal.strategy_id) if signal.strategy_id in policy.strategies_denied else None


def order_type_supported(signal: Signal, view: View, _: RiskPolicy) -> OrderTypeNotSupported | None:
    """The venue takes such an order."""
    if view.instrument is not None and signal.order_type not in view.instrument.order_types:
        return OrderTypeNotSupported(signal.order_type)
    return None


def side_possible(signal: Signal, view: View, _: RiskPolicy) -> ShortOnSpot | None:
    """Only futures can go short; a spot sell that closes a holding of ours does not come here."""
    if view.instrument is not None and view.instrument.market is Market.SPOT and signal.action is Action.SELL:
        return ShortOnSpot(view.instrument.market)
    return None


def timestamp_given(signal: Signal, view: View, policy: RiskPolicy) -> TimestampRequired | None:
    """Where it matters, the signal itself says when it was made."""
    if not signal.timestamp_given and view.mode in policy.timestamp_required:
        return TimestampRequired()
    return None


def not_from_future(signal: Signal, view: View, policy: RiskPolicy) -> SignalFromFuture | None:
    """Clocks differ, but not by this much."""
    ahead = signal.timestamp - view.now
    return SignalFromFuture(ahead, policy.signal_ahead_max) if ahead > policy.signal_ahead_max else None


def fresh(signal: Signal, view: View, policy: RiskPolicy) -> StaleSignal | None:
    """What it saw is still so."""
    age = view.now - signal.timestamp
    return StaleSignal(age, policy.signal_age_max) if age > policy.signal_age_max else None


def not_expired(signal: Signal, view: View, _: RiskPolicy) -> EntryExpired | None:
    """The strategy still wants it."""
    if signal.expires_at is not None and signal.expires_at <= view.now:
        return EntryExpired(view.now - signal.expires_at)
    return None


def quote_known(signal: Signal, view: View, _: RiskPolicy) -> NoQuote | None:
    """There is a price to judge by."""
    return NoQuote(signal.symbol) if view.quote is None and view.instrument is not None else None


def quote_fresh(_: Signal, view: View, policy: RiskPolicy) -> StaleQuote | None:
    """The price to judge by is today's, not yesterday's."""
    if view.quote is None:
        return None
    age = view.now - view.quote.as_of
    return StaleQuote(age, policy.quote_age_max) if age > policy.quote_age_max else None


REQUEST_CHECKS: Final[tuple[RequestCheck, ...]] = (
    quantity_is_meant,
    confidence_in_range,
    confident_enough,
    symbol_known,
    symbol_trading,
    symbol_allowed,
    strategy_allowed,
    order_type_supported,
    side_possible,
    timestamp_given,
    not_from_future,
    fresh,
    not_expired,
    quote_known,
    quote_fresh,
)
