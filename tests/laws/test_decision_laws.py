"""Laws of the decision, over real and made-up symbols."""

from decimal import ROUND_UP, Decimal, localcontext
from pathlib import Path
from typing import Any

import attrs
from hypothesis import assume, given
from hypothesis import strategies as st
from tests.laws.situations import (
    Situation,
    decimals,
    every_instrument,
    made_up_instruments,
    scaled,
    situations,
    sound_situations,
)
from tests.support.decisions import NOW, POLICY, SIZER, a_balance, a_policy, a_signal, a_view, an_instrument

from petrosa_core.decision import (
    Approved,
    Bound,
    Decision,
    Denied,
    Filter,
    Plan,
    Tighter,
    TradingState,
    bounds,
    broken_filters,
    decide,
)
from petrosa_core.decision.refusals import REFUSALS
from petrosa_core.signal import Action
from petrosa_core.values import (
    EXACT,
    SECOND,
    Amount,
    Instrument,
    Market,
    Moment,
    OrderType,
    Price,
    Quote,
    Ratio,
    Side,
    SignalId,
)

MADE_UP = situations(made_up_instruments())


def judged(situation: Situation) -> Decision:
    """The decision on a situation."""
    return decide(situation.signal, situation.view, situation.policy, situation.sizer)


def broken_by(plan: Plan, instrument: Instrument, reference: Price) -> list[object]:
    """What the venue would object to: in the entry as sent, and in the exits once it has filled at its worst."""
    as_limit = instrument.market is Market.SPOT and plan.order_type is OrderType.MARKET
    found: list[object] = list(
        broken_filters(
            instrument,
            plan.side,
            OrderType.LIMIT if as_limit else plan.order_type,
            price=plan.worst_price if as_limit else plan.price,
            trigger=plan.trigger_price,
            quantity=plan.quantity,
            reference=reference,
        )
    )
    for trigger, kind in ((plan.stop_price, OrderType.STOP), (plan.target_price, OrderType.TAKE_PROFIT)):
        broken = broken_filters(
            instrument,
            plan.side.opposite,
            kind,
            price=None,
            trigger=trigger,
            quantity=plan.quantity,
            reference=plan.worst_price,
        )
        exempt = {Filter.NOTIONAL_MIN, Filter.NOTIONAL_MAX} if instrument.market is Market.USDM else set()
        found += [one for one in broken if one.filter not in exempt]
    return found


def held_to_the_venue(situation: Situation) -> bool:
    """Whether it is approved; and if so, it passes all filters."""
    decision, instrument, quote = judged(situation), situation.view.instrument, situation.view.quote
    if isinstance(decision, Denied):
        return False
    assert instrument is not None
    assert quote is not None
    reference = Price(quote.mid) if instrument.market is Market.SPOT else quote.mark
    assert broken_by(decision.plan, instrument, reference) == []
    return True


@given(st.data())
def test_law_every_approved_order_passes_every_filter(shared: Path, data):
    """Over the symbols of both exchanges: entry, stop and target are what the venue takes."""
    held_to_the_venue(data.draw(situations(st.sampled_from(every_instrument(shared)))))


@given(sound_situations() | MADE_UP)
def test_law_every_approved_order_passes_the_filters_of_no_venue_as_well(situation):
    """Over ticks, steps and origins that are stranger than any exchange's."""
    held_to_the_venue(situation)


def test_law_every_symbol_can_be_traded_and_only_by_its_rules(shared: Path):
    """Each of the thousands of symbols once as a long and once as a short, with every order type in turn."""
    approved = 0
    kinds = list(OrderType)
    instruments = every_instrument(shared)
    for number, instrument in enumerate(instruments):
        for side in (Side.BUY, Side.SELL):
            approved += held_to_the_venue(plain_situation(instrument, side, kinds[number % len(kinds)]))

    assert len(instruments) > 4_000
    # Spot cannot go short: of each spot symbol only the long, of each futures symbol both.
    possible = sum(1 if instrument.market is Market.SPOT else 2 for instrument in instruments)
    assert approved > possible * 0.95


def plain_situation(instrument: Instrument, side: Side, kind: OrderType) -> Situation:
    """A signal one per cent from a market that is 40000 ticks high, with money enough for any least worth."""
    price = Price(instrument.ceil_price(max(instrument.tick * 40_000, instrument.price_min or Decimal(0))))
    quote = Quote(symbol=instrument.symbol, bid=price, ask=price, mark=price, as_of=NOW)
    waits_high = (side is Side.BUY) is kind.is_stop
    asked = scaled(price, Decimal("1.01") if waits_high else Decimal("0.99")) if kind.has_trigger else price
    least = max(instrument.notional_min, EXACT.multiply(price, instrument.smallest_quantity(market=True))) * 3
    money = plain_number(least * 100)
    signal = a_signal(
        symbol=instrument.symbol, action=Action(side.value), order_type=kind, price=asked, current_price=price
    )
    view = a_view(instrument=instrument, quote=quote, balance=a_balance(money, asset=instrument.quote))
    sizer = attrs.evolve(SIZER, free_share=Ratio("0.05"), notional_max=Amount(money))
    return Situation(signal, view, POLICY, sizer)


def plain_number(value: Decimal) -> str:
    """As text."""
    return format(value, "f")


@given(sound_situations())
def test_law_the_stop_is_always_on_the_losing_side(situation):
    """And the target on the winning side, of the worst price that the entry may fill at."""
    decision = judged(situation)
    assume(isinstance(decision, Approved))
    assert isinstance(decision, Approved)
    plan = decision.plan
    first, last = (
        (plan.stop_price, plan.target_price) if plan.side is Side.BUY else (plan.target_price, plan.stop_price)
    )

    assert first < plan.worst_price
    if plan.target.price is not None or situation.view.instrument.market is Market.SPOT:
        assert first < plan.worst_price < last
    else:
        # Derived targets hang on the fill: at the worst price they are at least not lost, on however coarse a tick.
        assert first <= plan.worst_price <= last


@given(sound_situations(), st.sampled_from([OrderType.MARKET, OrderType.LIMIT]), decimals("0.94", "1.06"))
def test_law_an_absolute_stop_is_right_of_the_market_or_denied(situation, kind, factor):
    """Given a stop anywhere around the market and an entry that works now, then it is right of the market or refused."""
    quote, market = situation.view.quote, situation.view.instrument.market
    stop = scaled(quote.mid, factor)
    signal = attrs.evolve(situation.signal, order_type=kind, price=Price(quote.mid), trigger_price=None, stop_loss=stop)
    decision = judged(attrs.evolve(situation, signal=signal))
    reference = quote.mid if market is Market.SPOT else quote.mark
    right = stop < reference if signal.side is Side.BUY else stop > reference

    if isinstance(decision, Approved):
        assert right
        assert (
            decision.plan.stop_price < reference if right and stop < reference else decision.plan.stop_price > reference
        )
    elif not right:
        assert "STOP_ON_WRONG_SIDE" in [reason.code for reason in decision.reasons]


@given(MADE_UP, st.sampled_from(list(bounds())), decimals("0", "1"))
def test_law_tightening_a_limit_never_turns_a_denial_into_an_approval(situation, bound: Bound, share: Decimal):
    """Given a denial, when any one limit becomes stricter, then it is still a denial, and for at least the same reasons
    unless a level that is broken now keeps the size from being made."""
    before = judged(situation)
    assume(isinstance(before, Denied))
    after = judged(attrs.evolve(situation, policy=tightened(situation.policy, bound, share)))

    assert isinstance(before, Denied)
    assert isinstance(after, Denied)
    if not bound.field.startswith("stop_distance"):
        assert {reason.code for reason in before.reasons} <= {reason.code for reason in after.reasons}


def tightened(policy: Any, bound: Bound, share: Decimal) -> Any:
    """The policy with one limit somewhere between what it is and the strictest."""
    value = getattr(policy, bound.field)
    stricter = value * share if bound.tighter is Tighter.LOWER else value + share * 10
    limit = int(stricter) if isinstance(value, int) else Ratio(stricter)
    if bound.field == "stop_distance_min":
        limit = Ratio(min(stricter, policy.stop_default))
    if bound.field == "stop_distance_max":
        limit = Ratio(max(stricter, policy.stop_default, policy.stop_distance_min + Decimal("0.0001")))
    return attrs.evolve(policy, **{bound.field: limit})


@given(MADE_UP, st.sampled_from(["state", "trade", "unknown", "foreign", "health", "old"]))
def test_law_a_worse_account_never_turns_a_denial_into_an_approval(situation, change: str):
    """Given a denial, when the state tightens or anything goes wrong besides, then it is still a denial."""
    assume(isinstance(judged(situation), Denied))
    changes: dict[str, dict[str, Any]] = {
        "state": {"state": TradingState.HALTED},
        "trade": {"symbol_trade": SignalId("sg-1")},
        "unknown": {"symbol_unknown": "c-1"},
        "foreign": {"symbol_external": "a position"},
        "health": {"unhealthy": ("store down",)},
        "old": {"now": Moment(NOW + 400 * SECOND)},
    }
    worse = attrs.evolve(situation.view, **changes[change])

    assert isinstance(judged(attrs.evolve(situation, view=worse)), Denied)


@given(sound_situations() | MADE_UP)
def test_law_decisions_are_deterministic(situation):
    """The same inputs give the same decision, whatever decimal context the host has."""
    first = judged(situation)
    with localcontext() as context:
        context.prec = 4
        context.rounding = ROUND_UP
        second = judged(situation)

    assert first == second
    assert repr(first) == repr(second)


@given(MADE_UP)
def test_law_reasons_come_in_order_of_precedence_with_value_and_meaning(situation):
    """Each denial has its reasons in the order of the table, and every one can be recorded."""
    decision = judged(situation)
    assume(isinstance(decision, Denied))
    assert isinstance(decision, Denied)
    ranks = [REFUSALS.index(type(reason)) for reason in decision.reasons]

    assert ranks == sorted(ranks)
    assert all(record.code and record.message for record in decision.records)


@given(
    price=st.integers(1_000, 10_000_000),
    origin=decimals("0", "5", 2),
    stop=decimals("0.001", "0.2", 4),
    target=decimals("0.001", "0.9", 4),
    confidence=decimals("0.5", "1", 3),
)
def test_law_long_and_short_are_mirror_images_about_the_entry(price, origin, stop, target, confidence):
    """Given the same distances either way, then exits are as far from the entry, and the size is the same."""
    instrument = an_instrument(price_origin=origin)
    entry = Price(origin + instrument.tick * price)
    quote = Quote(symbol=instrument.symbol, bid=entry, ask=entry, mark=entry, as_of=NOW)
    long, short = (
        decide(
            a_signal(
                action=action,
                price=entry,
                current_price=entry,
                confidence=confidence,
                stop_loss_pct=stop,
                take_profit_pct=target,
            ),
            a_view(instrument=instrument, quote=quote),
            a_policy(stop_distance_min=Ratio(0)),
            SIZER,
        )
        for action in (Action.BUY, Action.SELL)
    )

    if isinstance(long, Denied) or isinstance(short, Denied):
        assert isinstance(long, Denied)
        assert isinstance(short, Denied)
        assert [reason.code for reason in long.reasons] == [reason.code for reason in short.reasons]
    else:
        assert entry - long.plan.stop_price == short.plan.stop_price - entry
        assert long.plan.target_price - entry == entry - short.plan.target_price
        assert long.plan.quantity == short.plan.quantity
