"""Where the exits go: the signal's price, else its fraction, else its ATR, else the default; then judged, never repaired.

1. A stop is on the losing side of both the market and the entry's own price; a target on the winning side of the entry.
2. An exit is rounded towards the market, so that it fires early rather than late.
3. On spot the venue arms the exits with the entry, so a derived level hangs on the worst price; on USD-M it hangs on the
   fill, so it is judged where the fill is expected.
4. What lost to a level of higher precedence is named in it.
"""

from decimal import Decimal

import attrs

from petrosa_core.decision.entry import Entry
from petrosa_core.decision.plan import ExitRule, LevelSource
from petrosa_core.decision.policy import RiskPolicy
from petrosa_core.decision.refusals import (
    LevelOutOfBand,
    RatioOutOfRange,
    Refusal,
    StopOnWrongSide,
    StopTooClose,
    StopTooFar,
    TargetOnWrongSide,
)
from petrosa_core.signal import Signal
from petrosa_core.values import EXACT, ZERO, Instrument, Market, Price, Ratio, Side, divide_down, floor_to

_ONE = Ratio(1)
_SHOWN = Decimal("0.00000001")

# What an exit's rule may have overridden, each way once: every open trade keeps two of them.
_NOTHING: tuple[str, ...] = ()
_ATR = ("atr",)
_AND = {(field, lost): (field, *lost) for field in ("stop_loss_pct", "take_profit_pct") for lost in (_NOTHING, _ATR)}


@attrs.frozen(kw_only=True)
class Levels:
    """Both exits, as rules and as the legal prices that they come to when the entry fills at its worst price.

    ``gap`` is the widest that entry and stop can be apart, in quote units per base unit, wherever the entry fills.
    """

    stop: ExitRule
    stop_price: Price
    target: ExitRule
    target_price: Price
    gap: Decimal


def solve_levels(
    signal: Signal, entry: Entry, instrument: Instrument, policy: RiskPolicy
) -> Levels | tuple[Refusal, ...]:
    """Both exits, or every reason why there is no legal one."""
    stop = _stop(signal, entry, instrument, policy)
    target = _target(signal, entry, instrument, policy)
    if isinstance(stop, _Stop) and isinstance(target, _Exit):
        return Levels(
            stop=stop.rule, stop_price=stop.price, target=target.rule, target_price=target.price, gap=stop.gap
        )
    return tuple(refusal for refusal in (stop, target) if not isinstance(refusal, _Exit))


@attrs.frozen
class _Exit:
    """One solved exit: its rule, and its price at the worst fill."""

    rule: ExitRule
    price: Price


@attrs.frozen
class _Stop(_Exit):
    """A solved stop: also how far it can be from the entry."""

    gap: Decimal


def _rule(
    signal: Signal,
    *,
    price: Price | None,
    ratio: Decimal | None,
    field: str,
    atr_multiple: Ratio,
    default: Ratio,
) -> ExitRule | RatioOutOfRange:
    lost = _NOTHING if signal.atr is None else _ATR
    if price is not None:
        return ExitRule(source=LevelSource.PRICE, price=price, overridden=lost if ratio is None else _AND[field, lost])
    if ratio is not None:
        if not ZERO < ratio <= _ONE:
            return RatioOutOfRange(ratio, _ONE, field)
        return ExitRule(source=LevelSource.RATIO, distance=Ratio(ratio), overridden=lost)
    if signal.atr is not None:
        distance = Ratio(EXACT.multiply(atr_multiple, signal.atr))
        return ExitRule(source=LevelSource.ATR, distance=distance, absolute=True)
    return ExitRule(source=LevelSource.DEFAULT, distance=default)


def _anchor(rule: ExitRule, entry: Entry, instrument: Instrument) -> Price:
    fixed = rule.price is not None or instrument.market is Market.SPOT
    return entry.worst if fixed else entry.expected


def _stop(signal: Signal, entry: Entry, instrument: Instrument, policy: RiskPolicy) -> _Stop | Refusal:
    rule = _rule(
        signal,
        price=signal.stop_loss,
        ratio=signal.stop_loss_pct,
        field="stop_loss_pct",
        atr_multiple=policy.stop_atr,
        default=policy.stop_default,
    )
    if isinstance(rule, RatioOutOfRange):
        return rule
    anchor = _anchor(rule, entry, instrument)
    level = rule.level(anchor, entry.side, losing=True)
    if _ahead(entry.expected, level, entry.side) <= ZERO:
        return StopOnWrongSide(level, entry.expected)
    near = _on_tick(level, entry.side, instrument, losing=True)
    distance = _ahead(entry.expected, near, entry.side)
    if distance <= ZERO or distance < EXACT.multiply(policy.stop_distance_min, entry.expected):
        return StopTooClose(share(distance, entry.expected), policy.stop_distance_min, near, entry.expected)
    if distance > EXACT.multiply(policy.stop_distance_max, entry.expected):
        return StopTooFar(share(distance, entry.expected), policy.stop_distance_max, near, entry.expected)
    price = Price(near)
    if anchor != entry.worst:
        price = rule.legal_level(entry.worst, entry.side, instrument, losing=True)
    return _Stop(rule, price, gap=max(distance, _ahead(entry.worst, price, entry.side)))


def _target(signal: Signal, entry: Entry, instrument: Instrument, policy: RiskPolicy) -> _Exit | Refusal:
    rule = _rule(
        signal,
        price=signal.take_profit,
        ratio=signal.take_profit_pct,
        field="take_profit_pct",
        atr_multiple=policy.target_atr,
        default=policy.target_default,
    )
    if isinstance(rule, RatioOutOfRange):
        return rule
    anchor = _anchor(rule, entry, instrument)
    near = _on_tick(rule.level(anchor, entry.side, losing=False), entry.side, instrument, losing=False)
    if _ahead(near, anchor, entry.side) <= ZERO:
        return TargetOnWrongSide(near, anchor)
    price = near
    if anchor != entry.worst:
        level = rule.level(entry.worst, entry.side, losing=False)
        price = _on_tick(level, entry.side, instrument, losing=False)
    if price <= ZERO:
        return LevelOutOfBand(price, instrument.tick, "target")
    return _Exit(rule, Price(price))


def _ahead(price: Decimal, of: Decimal, side: Side) -> Decimal:
    # How far a price is on the winning side of another one.
    return EXACT.subtract(price, of) if side is Side.BUY else EXACT.subtract(of, price)


def _on_tick(level: Decimal, side: Side, instrument: Instrument, *, losing: bool) -> Decimal:
    # Towards the market: a long's stop and a short's target up, the others down. It may be no price at all (0 or less).
    upwards = (side is Side.BUY) is losing
    return instrument.ceil_price(level) if upwards else instrument.floor_price(level)


def share(distance: Decimal, price: Price) -> Decimal:
    """A distance as a fraction of a price, cut off after eight decimals: for people, never for a comparison."""
    return floor_to(divide_down(distance, price), _SHOWN)
