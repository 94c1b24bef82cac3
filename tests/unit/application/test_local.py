"""The engine as its shells see it: every question answered from one account that really traded."""

import pytest
from tests.support.house import House, a_house

from petrosa_adapters.wire import read_signal
from petrosa_core.application import Arrival, Done, Refused, Verdict
from petrosa_core.decision import Outcome, TradingState
from petrosa_core.signal import Signal, Undecodable
from petrosa_core.values import SECOND, Moment, Price, Quantity, SignalId, Symbol

BTC, ETH = Symbol("BTCUSDT"), Symbol("ETHUSDT")


async def send(house: House, **fields: object) -> Verdict:
    """One signal, judged."""
    said = {"strategy_id": "s", "symbol": "BTCUSDT", "action": "buy", "confidence": 0.8, "price": 50000} | fields
    at = house.venue.now()
    body = str(said).replace("'", '"').encode()
    message = read_signal(body, received_at=at, headers={}, fallback=f"m-{at}")
    verdict = await house.api.receive(message, Arrival(transport="test", message_id=f"m-{at}", received_at=at))
    assert isinstance(verdict, Verdict)
    return verdict


async def traded(house: House) -> SignalId:
    """One open, protected trade."""
    verdict = await send(house, signal_id="open")
    assert verdict.trade_id is not None
    trade = await house.api.settled(verdict.trade_id, 2 * SECOND)
    assert trade is not None
    async for event in house.api.events(0):
        if event.kind == "OrderReported" and len(house.engine.book.trades[verdict.trade_id].orders) == 3:
            break
    return verdict.trade_id


async def test_an_open_trade_is_seen_from_every_side():
    """given one filled trade, when everything is asked, then every answer tells of the same trade."""
    async with a_house() as house:
        trade_id, api = await traded(house), house.api

        assert api.trade(trade_id) == api.trades(open_only=True, limit=5)[0]
        assert [p["symbol"] for p in api.positions()] == [BTC]
        assert api.account_view()["gross_exposure"] == api.limits()[1]["used"] != 0
        entry = api.orders(symbol=BTC, open_only=False, limit=9)[-1]
        assert api.order(BTC, str(entry["client_order_id"])) == entry == api.order(BTC, str(entry["order_id"]))
        assert api.orders(symbol=ETH, open_only=False, limit=9) == []
        assert api.order(ETH, str(entry["order_id"])) is None
        assert api.status()["protected_ratio"] == 1
        assert api.governor_state(BTC)["portfolio"]["open_positions_count"] == 1  # type: ignore[index, call-overload]
        assert api.readiness().ready


async def test_a_price_is_the_newest_quote_or_nothing():
    """given a quote of one symbol, when two are asked for, then the other is unknown, not invented."""
    async with a_house() as house:
        house.venue.suggest(BTC, Price(50000))

        told = house.api.price(BTC)

        assert told is not None
        assert told["price"] == 50000
        assert house.api.price(ETH) is None


async def test_why_is_found_by_the_signals_name_and_by_any_id_it_carried():
    """given a trade, when it is asked for by name and by the producer's id, then the same story is told."""
    async with a_house() as house:
        trade_id = await traded(house)

        story = await house.api.why("open")

        assert story is not None
        assert story == await house.api.why(trade_id)
        assert story["signal_id"] == trade_id
        assert await house.api.why("nobody") is None


async def test_why_tells_of_a_message_that_is_no_signal():
    """given a dead letter, when it is asked for by the transport's name for it, then its bytes are told."""
    async with a_house() as house:
        at = house.venue.now()
        letter = Undecodable(raw=b"\xff", code="NOT_UTF8", message="no text")
        await house.api.receive(letter, Arrival(transport="transport", message_id="m-1", received_at=at))

        story = await house.api.why("m-1")

        assert story is not None
        assert story["inputs"]["raw"] == "/w=="  # type: ignore[index, call-overload]


async def test_decisions_are_told_once_each_newest_first():
    """given three verdicts, when they are asked for, then by outcome, by age and by number."""
    async with a_house() as house:
        await send(house, signal_id="a", id="alias", action="hold")
        denied = await send(house, signal_id="b", confidence=0.1)
        await send(house, signal_id="c", action="close")
        api = house.api

        told = api.decisions(limit=9, outcome=None, since=None)

        assert [row["outcome"] for row in told] == ["nothing-to-close", "denied", "held"]
        assert [row["seq"] for row in api.decisions(limit=9, outcome=Outcome.DENIED, since=None)] == [denied.seq]
        assert len(api.decisions(limit=1, outcome=None, since=None)) == 1
        assert api.decisions(limit=9, outcome=None, since=Moment(house.venue.now() + SECOND)) == []


async def test_controls_are_carried_out_or_refused_with_a_code():
    """given a trade, when controls are asked, then tightening and closing are done, and what is wrong is named."""
    async with a_house() as house:
        trade_id, api = await traded(house), house.api
        stop = next(row for row in api.orders(symbol=BTC, open_only=True, limit=9) if row["leg"] == "stop")

        kept = await api.cancel_order(BTC, str(stop["client_order_id"]), actor="a", reason="r")
        halted = await api.set_state(TradingState.HALTED, actor="a", reason="r", admin=False)
        loosened = await api.set_state(TradingState.ACTIVE, actor="a", reason="r", admin=False)
        unknown = await api.close_trade(SignalId("sg-none"), quantity=Quantity(1), actor="a", reason="r")
        closed = await api.close_trade(trade_id, quantity=None, actor="a", reason="r")

        assert isinstance(kept, Refused)
        assert kept.reason.code == "LAST_STOP"
        assert isinstance(halted, Done)
        assert isinstance(loosened, Refused)
        assert loosened.reason.code == "ADMIN_REQUIRED"
        assert isinstance(unknown, Refused)
        assert unknown.reason.code == "NOT_FOUND"
        assert isinstance(closed, Done)


@pytest.mark.parametrize("name", ["account", "market", "mode"])
async def test_it_says_whose_it_is(name: str):
    """The three that a journal is stamped with."""
    async with a_house() as house:
        assert house.api.status()[name] == getattr(house.api, name)


def test_a_signal_is_what_the_codec_makes_of_a_body():
    """The helper of this file sends what a producer would."""
    read = read_signal(b'{"strategy_id":"s","symbol":"BTCUSDT","action":"buy","confidence":1,"price":1}',
                       received_at=Moment(1), headers={}, fallback="f")  # fmt: skip

    assert isinstance(read, Signal)
