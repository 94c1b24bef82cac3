"""A market at 100, an account of 10000 and a signal to buy: each test changes what it is about."""

from decimal import Decimal
from typing import Any

import attrs

from petrosa_core.decision import Approved, Denied, Plan, PositionSizer, Reason, Refusal, RiskPolicy, View, decide
from petrosa_core.signal import Action, Identity, Signal
from petrosa_core.values import (
    Amount,
    Balance,
    Instrument,
    Market,
    Mode,
    Moment,
    Price,
    Quote,
    StrategyId,
    Symbol,
)

NOW = Moment(1_787_313_601_000_000)
POLICY = RiskPolicy()
SIZER = PositionSizer()


def an_instrument(**changes: Any) -> Instrument:
    """A USD-M symbol with round rules: tick 0.01, step 0.001, least worth 5, no price bands."""
    rules: dict[str, Any] = {
        "symbol": Symbol("ABCUSDT"),
        "base": "ABC",
        "quote": "USDT",
        "market": Market.USDM,
        "tick": Decimal("0.01"),
        "step": Decimal("0.001"),
        "quantity_min": Decimal("0.001"),
        "quantity_max": Decimal(1000),
        "notional_min": Decimal(5),
    }
    return Instrument(**(rules | changes))


def a_spot_instrument(**changes: Any) -> Instrument:
    """The same rules on spot."""
    return an_instrument(**({"market": Market.SPOT} | changes))


def a_quote(bid: str = "100", ask: str | None = None, mark: str | None = None, **changes: Any) -> Quote:
    """A quote without a spread unless it is given one."""
    seen: dict[str, Any] = {"symbol": Symbol("ABCUSDT"), "as_of": NOW}
    prices = {"bid": Price(bid), "ask": Price(ask or bid), "mark": Price(mark or bid)}
    return Quote(**(seen | prices | changes))


def a_balance(free: str = "10000", equity: str | None = None, asset: str = "USDT") -> Balance:
    """A balance whose equity is what is free unless it is given one."""
    return Balance(asset=asset, free=Amount(free), equity=Amount(equity or free), as_of=NOW)


def a_view(**changes: Any) -> View:
    """A fresh paper account with 10000 USDT that sees the market at 100."""
    seen: dict[str, Any] = {
        "now": NOW,
        "mode": Mode.SIMULATION,
        "instrument": an_instrument(),
        "quote": a_quote(),
        "balance": a_balance(),
    }
    return View(**(seen | changes))


def a_signal(**changes: Any) -> Signal:
    """Buy at 100, wholly confident, made now."""
    said: dict[str, Any] = {
        "strategy_id": StrategyId("momentum"),
        "symbol": Symbol("ABCUSDT"),
        "action": Action.BUY,
        "confidence": Decimal(1),
        "price": Price(100),
        "current_price": Price(100),
        "timestamp": NOW,
        "identities": (Identity("signal_id", "s-1"),),
    }
    return Signal(**(said | changes))


def a_policy(**changes: Any) -> RiskPolicy:
    """The default policy with some limits changed, their hard limits moved out of the way."""
    limits = {
        name: value
        for name, value in changes.items()
        if name in {field.name for field in attrs.fields(type(POLICY.hard))}
    }
    return RiskPolicy(hard=attrs.evolve(POLICY.hard, **limits), **changes)


def refusals(
    signal: Signal | None = None, view: View | None = None, policy: RiskPolicy = POLICY, sizer: PositionSizer = SIZER
) -> tuple[Refusal, ...]:
    """Why it is denied; nothing when it is approved."""
    decision = decide(signal or a_signal(), view or a_view(), policy, sizer)
    return decision.reasons if isinstance(decision, Denied) else ()


def reasons(signal: Signal | None = None, view: View | None = None, policy: RiskPolicy = POLICY) -> tuple[Reason, ...]:
    """The same, as recorded."""
    return tuple(refusal.record for refusal in refusals(signal, view, policy))


def codes(
    signal: Signal | None = None, view: View | None = None, policy: RiskPolicy = POLICY, sizer: PositionSizer = SIZER
) -> tuple[str, ...]:
    """The same, as codes."""
    return tuple(refusal.code for refusal in refusals(signal, view, policy, sizer))


def plan(
    signal: Signal | None = None, view: View | None = None, policy: RiskPolicy = POLICY, sizer: PositionSizer = SIZER
) -> Plan:
    """The plan of what has to be approved."""
    decision = decide(signal or a_signal(), view or a_view(), policy, sizer)
    assert isinstance(decision, Approved), decision
    return decision.plan
