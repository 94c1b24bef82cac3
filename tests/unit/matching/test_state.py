"""An exchange that is written down and read again goes on as if nothing had happened."""

from decimal import Decimal

import attrs
import pytest
from tests.unit.matching.pit import BUY, SELL, Pit, an_instrument

from petrosa_core.audit import decode, digest, encode
from petrosa_core.matching import Exchange, ExchangeState, Rules
from petrosa_core.order import ListKind
from petrosa_core.values import Amount, Market, Money

RULES = Rules(depth=Decimal(4))


def busy(market: Market) -> Pit:
    """A pit in the middle of everything: positions, resting and sleeping orders, lists, depth half taken."""
    pit = Pit(market, rules=RULES)
    pit.send(pit.order(BUY, "3"))
    pit.send(pit.limit(BUY, "5", "100"))
    pit.send(pit.stop(SELL, "1", "90"))
    if market is Market.SPOT:
        pit.send(pit.oco("0.5", "120", "80"))
        pit.send(pit.bracket(ListKind.OPOCO, pit.limit(BUY, "6", "99"), "130", "70"))
    else:
        pit.send(pit.stop(SELL, None, "85", close_position=True))
        pit.send(pit.limit(SELL, "1", "130", reduce_only=True))
    return pit


@pytest.mark.parametrize("market", list(Market))
def test_what_is_read_again_goes_on_the_same(market: Market):
    """given a busy exchange, when it is written and read, then the same prices have the same consequences."""
    pit, other = busy(market), busy(market)
    written = encode(pit.exchange.state())
    other.exchange = Exchange.restore(decode(written, ExchangeState), instruments=[other.instrument], rules=RULES)

    assert encode(other.exchange.state()) == written
    for price in ("100", "99", "95", "88", "84", "121", "60"):
        assert pit.price(price) == other.price(price)
    assert digest(pit.exchange.state()) == digest(other.exchange.state())


@pytest.mark.parametrize("market", list(Market))
def test_a_symbol_with_orders_cannot_be_forgotten(market: Market):
    """given open orders, when the symbol is not among the instruments any more, then the exchange does not open."""
    state = busy(market).exchange.state()

    with pytest.raises(ValueError, match="BTCUSDT"):
        Exchange.restore(state, instruments=[], rules=RULES)


def test_a_symbol_without_orders_can_be_forgotten():
    """given a price and nothing else, when the symbol is not among the instruments any more, then nothing is missed."""
    state = Pit(Market.SPOT).exchange.state()
    exchange = Exchange.restore(state, instruments=[], rules=RULES)

    assert exchange.instruments == ()
    assert exchange.now == state.now


def test_instruments_are_of_one_market():
    """given a spot exchange, when a USD-M instrument comes along, then it does not open."""
    with pytest.raises(ValueError, match="BTCUSDT"):
        Exchange(
            market=Market.SPOT,
            instruments=[attrs.evolve(an_instrument(Market.SPOT), market=Market.USDM)],
            balance=Money(Amount(1), "USDT"),
            rules=RULES,
        )
