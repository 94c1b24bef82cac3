"""Laws of the orders that an approval becomes, over the exchange's own rules of real symbols."""

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from tests.support.decisions import POLICY, SIZER, a_balance, a_quote, a_signal, a_view
from tests.support.trades import ACCOUNT, SIGNAL

from petrosa_adapters.wire.exchange_info import instrument_from_exchange_info
from petrosa_core.decision import Approved, Plan, decide
from petrosa_core.decision.filters import BrokenFilter, broken_filters
from petrosa_core.order import OrderList, Ticket, TradeOrder, entry_submission, exit_list, stop_order, target_order
from petrosa_core.signal import Action
from petrosa_core.values import Instrument, Market, OrderType, Price, Quantity, Side

FILES = {
    "usdm_live_2026-09-15_BTCUSDT.json": Market.USDM,
    "usdm_market_samples_live_2026-09-15.json": Market.USDM,
    "spot_live_2026-09-25_BTC_ETH_SOL_BTCBRL.json": Market.SPOT,
}


def _rows(found: object) -> Iterator[dict[str, object]]:
    """Every row with filters, however deep the file has put it."""
    if isinstance(found, dict):
        if "filters" in found:
            yield found
        else:
            for value in found.values():
                yield from _rows(value)
    elif isinstance(found, list):
        for value in found:
            yield from _rows(value)


@pytest.fixture(scope="session")
def instruments(shared: Path) -> tuple[Instrument, ...]:
    """Real symbols of both markets, quoted in USDT."""
    made = tuple(
        instrument_from_exchange_info(row, market)
        for name, market in FILES.items()
        for row in _rows(
            json.loads((shared / "market" / "exchange_info" / name).read_text("utf-8"), parse_float=Decimal)
        )
    )
    usdt = tuple(each for each in made if each.quote == "USDT")
    assert {each.market for each in usdt} == set(Market), "both markets have to be there"
    return usdt


def broken(instrument: Instrument, order: TradeOrder, quantity: Quantity, reference: Price) -> tuple[BrokenFilter, ...]:
    """What the venue would refuse the order for; a USD-M exit is exempt from the minimum worth."""
    exempt = instrument.market is Market.USDM and order.reduces
    found = broken_filters(
        instrument,
        order.side,
        order.type,
        price=order.price,
        trigger=order.trigger_price,
        quantity=quantity,
        reference=reference,
    )
    return tuple(each for each in found if not (exempt and each.filter == "NOTIONAL.minNotional"))


def exits(plan: Plan, ticket: Ticket, anchor: Price) -> tuple[TradeOrder, ...]:
    """Target and stop of what a plan filled at the anchor."""
    if ticket.instrument.market is Market.SPOT:
        made = exit_list(ticket, 1, plan.quantity, anchor)
        return (made.target, made.stop)
    return (target_order(ticket, 1, plan.quantity, anchor), stop_order(ticket, 1, plan.quantity, anchor))


def approve(instrument: Instrument, action: Action, order_type: OrderType, price: Price, trigger: Price) -> Plan:
    """The plan of a signal at this price; the rest of the draw is thrown away when it is denied."""
    signal = a_signal(
        symbol=instrument.symbol,
        action=action,
        order_type=order_type,
        price=price,
        current_price=price,
        trigger_price=trigger,
    )
    quote = a_quote(str(price), symbol=instrument.symbol)
    view = a_view(instrument=instrument, quote=quote, balance=a_balance("1000000"))
    decision = decide(signal, view, POLICY, SIZER)
    assume(isinstance(decision, Approved))
    assert isinstance(decision, Approved)
    return decision.plan


PRICES = st.decimals("0.5", "60000", places=4)


def _possible(data: st.DataObject, instruments: tuple[Instrument, ...]) -> tuple[Instrument, Action]:
    """A symbol and a side that can be entered on it: spot cannot go short."""
    instrument = data.draw(st.sampled_from(instruments))
    sides = [Action.BUY] if instrument.market is Market.SPOT else [Action.BUY, Action.SELL]
    return instrument, data.draw(st.sampled_from(sides))


def _sleeping(price: Price, action: Action, order_type: OrderType, instrument: Instrument) -> Price:
    """A trigger half a percent away, on the side from which the order type waits for the price."""
    rises = (action is Action.BUY) is order_type.is_stop
    return Price(instrument.ceil_price(price * Decimal("1.005" if rises else "0.995")))


@given(st.data(), st.sampled_from(OrderType), PRICES)
def test_every_order_of_an_approved_plan_passes_the_filters_of_the_venue(
    instruments: tuple[Instrument, ...], data: st.DataObject, order_type: OrderType, drawn: Decimal
):
    """Entry and exits are legal at the price that they are anchored to; an exit is judged where the entry has filled."""
    instrument, action = _possible(data, instruments)
    price = Price(instrument.ceil_price(drawn))
    plan = approve(instrument, action, order_type, price, _sleeping(price, action, order_type, instrument))
    sent = entry_submission(Approved(plan), ACCOUNT, SIGNAL, instrument)
    ticket = Ticket(account=ACCOUNT, signal_id=SIGNAL, plan=plan, instrument=instrument)
    entry = sent.working if isinstance(sent, OrderList) else sent

    assert entry is not None
    assert broken(instrument, entry, plan.quantity, price) == ()
    followers = sent.orders[1:] if isinstance(sent, OrderList) else exits(plan, ticket, plan.worst_price)
    for order in followers:
        assert broken(instrument, order, plan.quantity, plan.worst_price) == ()


@given(st.data(), PRICES, st.decimals("0.998", "1", places=4))
def test_the_stop_is_on_the_losing_side_and_the_target_on_the_winning_one(
    instruments: tuple[Instrument, ...], data: st.DataObject, drawn: Decimal, slip: Decimal
):
    """For every fill that the plan admits: a long has its stop below and its target above, a short the other way round."""
    instrument, action = _possible(data, instruments)
    price = Price(instrument.ceil_price(drawn))
    plan = approve(instrument, action, OrderType.MARKET, price, price)
    fill = Price(plan.worst_price * slip if plan.side is Side.BUY else plan.worst_price / slip)
    ticket = Ticket(account=ACCOUNT, signal_id=SIGNAL, plan=plan, instrument=instrument)

    target, stop = exits(plan, ticket, fill)

    levels = target.trigger_price or target.price, stop.trigger_price
    assert levels[0] is not None
    assert levels[1] is not None
    assert (levels[0] - fill) * plan.side.sign > 0 > (levels[1] - fill) * plan.side.sign
    assert {target.side, stop.side} == {plan.side.opposite}


@given(st.data(), PRICES)
def test_exits_mirror_each_other_about_the_entry(
    instruments: tuple[Instrument, ...], data: st.DataObject, drawn: Decimal
):
    """Long and short have their stops equally far from the fill, to the tick."""
    instrument = data.draw(st.sampled_from([each for each in instruments if each.market is Market.USDM]))
    price = Price(instrument.ceil_price(drawn))
    long = approve(instrument, Action.BUY, OrderType.MARKET, price, price)
    short = approve(instrument, Action.SELL, OrderType.MARKET, price, price)

    def stop_of(plan: Plan) -> Decimal:
        ticket = Ticket(account=ACCOUNT, signal_id=SIGNAL, plan=plan, instrument=instrument)
        level = stop_order(ticket, 1, None, price).trigger_price
        assert level is not None
        return abs(level - price)

    assert abs(stop_of(long) - stop_of(short)) < instrument.tick
