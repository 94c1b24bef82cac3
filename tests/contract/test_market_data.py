"""Contract of MarketData: M1 to M3, over every adapter that claims to be one."""

import pytest
from tests.contract.venues import BTC, Client, PaperStage

from petrosa_adapters.paper import paper_instruments
from petrosa_core.execution import OrderStatus
from petrosa_core.ports import MarketData
from petrosa_core.values import SECOND, Market, Price, Side, Symbol

ETH = Symbol("ETHUSDT")


@pytest.fixture(params=[pytest.param(Market.USDM, id="paper-usdm"), pytest.param(Market.SPOT, id="paper-spot")])
async def stage(request) -> PaperStage:
    """Everything that claims to know prices, without any yet."""
    return PaperStage(request.param)


async def test_m1_the_newest_quote_is_at_hand(stage: PaperStage):
    """given two prices, when the quote is asked for, then it is the second, without waiting."""
    data: MarketData = stage.venue
    await stage.price("50000")
    await stage.price("50001")
    quote = data.quote(BTC)

    assert quote is not None
    assert quote.mid == quote.mark == 50001
    assert quote.bid < quote.ask
    assert not quote.self_quoted


async def test_m2_what_nobody_has_priced_has_no_quote(stage: PaperStage):
    """given no price, when the quote is asked for, then there is none; a price that has come keeps its time."""
    data: MarketData = stage.venue

    assert data.quote(BTC) is None
    assert data.quote(Symbol("NOSUCHCOIN")) is None

    await stage.price("50000")
    at = stage.clock.now()
    stage.clock.wind(60 * SECOND)
    quote = data.quote(BTC)

    assert quote is not None
    assert quote.as_of == at


async def test_m3_a_suggestion_is_taken_where_no_feed_is(stage: PaperStage):
    """given no feed for a symbol, when prices are suggested, then the newest is the quote, marked as self-quoted."""
    data: MarketData = stage.venue
    data.suggest(ETH, Price(3000))
    quote = data.suggest(ETH, Price(3001))

    assert quote is not None
    assert quote == data.quote(ETH)
    assert quote.mark == quote.bid == quote.ask == 3001
    assert quote.self_quoted
    assert quote.as_of == stage.clock.now()


@pytest.mark.parametrize("side", list(Side))
async def test_m3_an_entry_at_the_suggested_price_trades_however_it_was_rounded(stage: PaperStage, side: Side):
    """given a suggestion between two ticks, when an entry limited to the tick behind it comes, then it trades there."""
    btc = paper_instruments(stage.market)[0]
    suggested = Price("50000.05371")
    limit = btc.floor_price(suggested) if side is Side.BUY else btc.ceil_price(suggested)
    stage.venue.suggest(BTC, suggested)
    client = Client(stage)
    await client.send(client.order(Side.BUY, "0.2"))
    order = client.limit(side, "0.1", str(limit))
    await client.send(order)
    history = await client.history(order)
    await client.close()

    assert history.report.status is OrderStatus.FILLED
    assert history.fills[0].price == limit


async def test_m3_a_feeds_price_is_not_replaced(stage: PaperStage):
    """given a feed, when a price is suggested, then the feed's quote stands; and before its first price, there is none."""
    data: MarketData = stage.venue
    await stage.price("50000")
    stage.venue.expect_feed([ETH])
    quote = data.suggest(BTC, Price(1))

    assert quote is not None
    assert quote.mark == 50000
    assert data.suggest(ETH, Price(3000)) is None


async def test_m3_a_symbol_that_is_not_listed_stays_unknown(stage: PaperStage):
    """given a symbol that is not listed, when a price is suggested, then there is still no quote."""
    assert stage.venue.suggest(Symbol("NOSUCHCOIN"), Price(1)) is None


async def test_m3_a_suggestion_moves_no_order_that_is_there(stage: PaperStage):
    """given a resting order and a stop, when a suggestion passes both, then neither has moved."""
    stage.venue.suggest(BTC, Price(50000))
    client = Client(stage)
    orders = [client.limit(Side.BUY, "0.1", "49000"), client.stop(Side.SELL, "0.05", "49500")]
    for order in (client.order(Side.BUY, "0.2"), *orders):
        await client.send(order)
    stage.venue.suggest(BTC, Price(48000))
    found = [(await client.history(order)).report.status for order in orders]
    await client.close()

    assert found == [OrderStatus.NEW, OrderStatus.NEW]
