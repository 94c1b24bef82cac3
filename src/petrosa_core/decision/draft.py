"""From a signal to a plan: priced, protected, sized, and held to the venue's rules, before anything is sent.

A draft is made as far as it can be: what was found broken on the way is reported, and a plan is there whenever all of its
numbers are, broken or not, so that the account's limits can be judged as well.
"""

from collections.abc import Iterator
from decimal import Decimal

import attrs

from petrosa_core.decision.account_checks import quote_balance
from petrosa_core.decision.entry import Entry, price_entry
from petrosa_core.decision.filters import range_broken
from petrosa_core.decision.levels import Levels, share, solve_levels
from petrosa_core.decision.plan import STOP_LIMIT_ROOM, Plan
from petrosa_core.decision.policy import RiskPolicy
from petrosa_core.decision.refusals import (
    LevelOutOfBand,
    NotionalAboveMaximum,
    NotionalBelowMinimum,
    PriceCollar,
    Refusal,
    SignalDrift,
    TriggerOnWrongSide,
)
from petrosa_core.decision.sizer import PositionSizer, Sized
from petrosa_core.decision.view import View
from petrosa_core.signal import Signal
from petrosa_core.values import EXACT, Instrument, Market, Moment, OrderType, Side, TimeInForce


@attrs.frozen
class Draft:
    """The plan, if there is one, and what is wrong with it or kept it from being made."""

    plan: Plan | None
    refusals: tuple[Refusal, ...]


def draft_plan(signal: Signal, view: View, policy: RiskPolicy, sizer: PositionSizer) -> Draft:
    """Work out the plan; without the symbol's rules or a quote there is nothing to work with."""
    instrument, quote = view.instrument, view.quote
    if instrument is None or quote is None:
        return Draft(None, ())
    entry = price_entry(signal, instrument, quote, policy.slippage_max)
    if not isinstance(entry, Entry):
        return Draft(None, (entry,))
    broken = [*_market(signal, entry, policy)]
    levels = solve_levels(signal, entry, instrument, policy)
    if not isinstance(levels, Levels):
        return Draft(None, (*broken, *_bands(entry, None, instrument), *levels))
    broken += _bands(entry, levels, instrument)
    balance = quote_balance(view)
    if balance is None:
        return Draft(None, tuple(broken))
    size = sizer.size(
        instrument=instrument,
        balance=balance,
        price=entry.costliest,
        stop_price=levels.stop_price,
        gap=levels.gap,
        reserved=view.reserved,
        confidence=signal.confidence,
        quantity=signal.quantity,
    )
    if not isinstance(size, Sized):
        return Draft(None, (*broken, size))
    plan = _plan(signal, view, policy, entry=entry, levels=levels, size=size)
    broken += _notionals(plan, entry, instrument, policy)
    return Draft(plan, tuple(broken))


def _plan(signal: Signal, view: View, policy: RiskPolicy, *, entry: Entry, levels: Levels, size: Sized) -> Plan:
    return Plan(
        symbol=signal.symbol,
        side=entry.side,
        quantity=size.quantity,
        order_type=signal.order_type,
        price=entry.price,
        trigger_price=entry.trigger,
        time_in_force=None if entry.price is None else signal.time_in_force or TimeInForce.GTC,
        worst_price=entry.worst,
        stop=levels.stop,
        stop_price=levels.stop_price,
        target=levels.target,
        target_price=levels.target_price,
        sizing=size.sizing,
        expires_at=_expiry(signal, view.now, policy),
    )


def _expiry(signal: Signal, now: Moment, policy: RiskPolicy) -> Moment:
    # A GTC that shall live longer than our patience says so, by naming its own end; any other is cut short by it only.
    ours = Moment(now + policy.entry_age_max)
    if signal.expires_at is None:
        return ours
    return signal.expires_at if signal.time_in_force is TimeInForce.GTC else min(ours, signal.expires_at)


def _market(signal: Signal, entry: Entry, policy: RiskPolicy) -> Iterator[Refusal]:
    reference = entry.reference
    collar = EXACT.multiply(reference, policy.price_collar)
    for price in (entry.price, entry.trigger):
        if price is not None and (distance := EXACT.abs(EXACT.subtract(price, reference))) > collar:
            yield PriceCollar(share(distance, reference), policy.price_collar, price, reference)
            break
    drift = EXACT.abs(EXACT.subtract(signal.current_price, reference))
    if drift > EXACT.multiply(reference, policy.signal_drift_max):
        yield SignalDrift(share(drift, reference), policy.signal_drift_max, signal.current_price, reference)
    if entry.trigger is not None:
        # A buy stop and a sell take-profit wait for the price to rise, the other two for it to fall.
        waits_for_rise = (entry.side is Side.BUY) is signal.order_type.is_stop
        if entry.trigger <= reference if waits_for_rise else entry.trigger >= reference:
            yield TriggerOnWrongSide(entry.trigger, reference)


def _bands(entry: Entry, levels: Levels | None, instrument: Instrument) -> Iterator[LevelOutOfBand]:
    broken = range_broken(instrument, entry.side, entry.price or entry.worst, entry.reference)
    if broken is None and entry.trigger is not None:
        broken = range_broken(instrument, entry.side, entry.trigger, entry.reference)
    if broken is not None:
        yield LevelOutOfBand(broken.value, broken.limit, "entry")
    if levels is None:
        return
    for leg, price in (("stop", _stop_order_price(levels, instrument)), ("target", levels.target_price)):
        # The venue judges the exits when the entry has filled: at the worst price, at the expected one, or between.
        broken = range_broken(instrument, entry.side.opposite, price, entry.worst)
        broken = broken or range_broken(instrument, entry.side.opposite, price, entry.expected)
        if broken is not None:
            yield LevelOutOfBand(broken.value, broken.limit, leg)


def _stop_order_price(levels: Levels, instrument: Instrument) -> Decimal:
    # Where spot has no stop-market, the price that the venue judges is the limit beyond the trigger.
    if instrument.market is Market.USDM or OrderType.STOP in instrument.order_types:
        return levels.stop_price
    return instrument.floor_price(EXACT.multiply(levels.stop_price, EXACT.subtract(Decimal(1), STOP_LIMIT_ROOM)))


def _notionals(plan: Plan, entry: Entry, instrument: Instrument, policy: RiskPolicy) -> Iterator[Refusal]:
    notional = EXACT.multiply(entry.cheapest, plan.quantity)
    if notional < instrument.notional_min:
        yield NotionalBelowMinimum(notional, instrument.notional_min, "entry")
    if instrument.market is Market.USDM:
        return  # exits that reduce a position are exempt
    notional = EXACT.multiply(plan.stop_price, plan.quantity)
    needed = EXACT.multiply(instrument.notional_min, policy.stop_notional_margin)
    if notional < needed:
        yield NotionalBelowMinimum(notional, needed, "stop")
    notional = EXACT.multiply(plan.target_price, plan.quantity)
    if instrument.notional_max is not None and notional > instrument.notional_max:
        yield NotionalAboveMaximum(notional, instrument.notional_max, "target")
