"""Laws of the size: budgets, ceilings, monotony, and never up."""

from decimal import Decimal
from typing import Any

import attrs
from hypothesis import assume, given
from hypothesis import strategies as st
from tests.laws.situations import balances, decimals, made_up_instruments, scaled, sizers, sound_situations

from petrosa_core.decision import Approved, PositionSizer, Sized, SizingMode, decide
from petrosa_core.values import EXACT, Amount, Instrument, Price, Quantity, Side, is_multiple

PRICES = decimals("0.01", "100000", 4).map(Price)
CONFIDENCE = decimals("0", "1", 4)
QUANTITIES = st.none() | decimals("0.00001", "100000", 5).map(Quantity)


@st.composite
def orders(draw: st.DrawFn) -> dict[str, Any]:
    """What a sizer is asked with."""
    price = draw(PRICES)
    return {
        "instrument": draw(made_up_instruments()),
        "balance": draw(balances("USDT")),
        "price": price,
        "stop_price": scaled(price, draw(decimals("0.8", "0.999") | decimals("1.001", "1.2"))),
        "reserved": draw(decimals("0", "1000", 2)),
        "confidence": draw(CONFIDENCE),
        "quantity": draw(QUANTITIES),
    }


def quantity_of(sizer: PositionSizer, asked: dict[str, Any]) -> Decimal:
    """The size, or nothing."""
    size = sizer.size(**asked)
    return size.quantity if isinstance(size, Sized) else Decimal(0)


@given(sizers(), orders())
def test_law_size_never_costs_more_than_its_budget(sizer, asked):
    """Outside of risk mode the budget is what the order costs; it is never overspent, by no digit."""
    assume(sizer.mode is not SizingMode.RISK)
    size = sizer.size(**asked)
    assume(isinstance(size, Sized))
    assert isinstance(size, Sized)

    assert EXACT.multiply(size.quantity, asked["price"]) <= size.sizing.budget


@given(sizers(), orders())
def test_law_the_confidence_budget_is_a_share_of_what_is_free(sizer, asked):
    """Never more than the share of the balance that is not spoken for."""
    assume(sizer.mode is SizingMode.CONFIDENCE)
    spent = EXACT.multiply(quantity_of(sizer, asked), asked["price"])
    available = max(asked["balance"].free - asked["reserved"], Decimal(0))

    assert spent <= EXACT.multiply(available, sizer.free_share)


@given(sizers(), orders())
def test_law_size_never_exceeds_a_ceiling(sizer, asked):
    """The signal's, the operator's, and the venue's four."""
    size = sizer.size(**asked)
    assume(isinstance(size, Sized))
    assert isinstance(size, Sized)
    instrument: Instrument = asked["instrument"]
    worth = EXACT.multiply(size.quantity, asked["price"])

    assert asked["quantity"] is None or size.quantity <= asked["quantity"]
    assert worth <= sizer.notional_max
    assert size.quantity <= instrument.quantity_max
    assert instrument.market_quantity_max is None or size.quantity <= instrument.market_quantity_max
    assert instrument.notional_max is None or worth <= instrument.notional_max


@given(sizers(), orders())
def test_law_size_is_never_rounded_up(sizer, asked):
    """It is at most what was wanted, on the step, and less than a step below the lowest ceiling."""
    size = sizer.size(**asked)
    assume(isinstance(size, Sized))
    assert isinstance(size, Sized)
    instrument: Instrument = asked["instrument"]
    allowed = min([size.sizing.wanted, *(Decimal(bound.rpartition(":")[2]) for bound in size.sizing.ceilings)])
    step = max(instrument.step, instrument.market_step or instrument.step)

    assert size.quantity <= allowed
    assert allowed - size.quantity < step
    assert is_multiple(size.quantity, step)
    assert size.quantity >= instrument.smallest_quantity(market=True)


@given(sizers(), orders(), CONFIDENCE)
def test_law_size_is_monotone_in_confidence(sizer, asked, more):
    """Who is more confident never gets less."""
    low, high = sorted((asked["confidence"], more))

    assert quantity_of(sizer, asked | {"confidence": low}) <= quantity_of(sizer, asked | {"confidence": high})


@given(sizers(), orders(), decimals("0", "100000", 2))
def test_law_size_is_monotone_in_the_balance(sizer, asked, more):
    """Who has more never gets less, of free balance and of equity."""
    balance = asked["balance"]
    richer = attrs.evolve(balance, free=Amount(balance.free + more), equity=Amount(balance.equity + more))

    assert quantity_of(sizer, asked) <= quantity_of(sizer, asked | {"balance": richer})


@given(sizers(), orders(), decimals("1", "100000", 2))
def test_law_a_lower_ceiling_never_gives_a_larger_size(sizer, asked, ceiling):
    """The operator's ceiling only ever cuts."""
    lower = attrs.evolve(sizer, notional_max=Amount(min(ceiling, sizer.notional_max)))

    assert quantity_of(lower, asked) <= quantity_of(sizer, asked)


@given(sound_situations(SizingMode.RISK))
def test_law_the_loss_at_the_stop_stays_within_the_risk_budget(situation):
    """Given risk mode, when the entry fills at its worst, and the stop as badly as assumed, then the loss, with the fees of
    both, is within the share of the equity."""
    decision = decide(situation.signal, situation.view, situation.policy, situation.sizer)
    assume(isinstance(decision, Approved))
    assert isinstance(decision, Approved)
    plan, sizer, instrument = decision.plan, situation.sizer, situation.view.instrument
    slipped = 1 - sizer.stop_slippage if plan.side is Side.BUY else 1 + sizer.stop_slippage
    exit_price = scaled(plan.stop_price, slipped)
    fees = EXACT.multiply(EXACT.add(plan.worst_price, exit_price), instrument.taker_fee)
    lost = EXACT.add(EXACT.abs(EXACT.subtract(plan.worst_price, exit_price)), fees)
    budget = EXACT.multiply(situation.view.balance.equity, sizer.risk_share)

    assert EXACT.multiply(lost, plan.quantity) <= budget
    assert decision.plan.sizing.budget == budget
