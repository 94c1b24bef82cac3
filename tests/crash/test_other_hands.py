"""Another hand trades on the account, cancels there, or asks for what a request in flight gets in the way of."""

from typing import Any

import pytest
from tests.support.oracle import entries_of, findings
from tests.support.scenarios import BUY, LIMIT, LOST, PLAIN_SPOT, STICKY, USDM
from tests.support.world import SYMBOL, Setup, World

from petrosa_adapters.paper import Fate
from petrosa_adapters.system import bury, run
from petrosa_core.audit.entries import RequestAnswered
from petrosa_core.execution import Rejected
from petrosa_core.order import TradeOrder
from petrosa_core.values import SECOND, ZERO, ClientOrderId, Leg, OrderType, Quantity, Side

FORGOTTEN = 10_000 * SECOND
"""As long as that nothing can be found by its name."""


def _refused(entry: RequestAnswered) -> bool:
    return isinstance(entry.outcome, Rejected)


def told(story: Any) -> Any:
    """Tell a story in virtual time."""
    try:
        return run(story)
    finally:
        bury()


async def opened(setup: Setup, body: Any = BUY) -> World:
    """A world in which a signal has been acted on."""
    world = World(setup)
    world.begin(world.keep_quoting())
    await world.start()
    await world.deliver(body)
    await world.clock.sleep(3 * SECOND)
    return world


@pytest.mark.parametrize("setup", [USDM, STICKY], ids=["exits-expire", "exits-stay"])
def test_a_position_that_somebody_closes_at_the_venue_ends_its_trade(setup: Setup):
    """Given a position that a person closes at the venue, then its trade ends within a minute or two, and nothing is left."""

    async def story() -> list[str]:
        world = await opened(setup)
        order = TradeOrder(
            client_order_id=ClientOrderId("web_abc"),
            leg=Leg.CLOSE,
            symbol=SYMBOL,
            side=Side.SELL,
            type=OrderType.MARKET,
            quantity=Quantity(world.witness.held[SYMBOL]),
            reduce_only=True,
        )
        await world.venue.submit(order, world.clock.now(), 5 * SECOND)
        assert world.witness.held[SYMBOL] == ZERO
        await world.clock.sleep(120 * SECOND)
        left = [f"open: {trade.signal_id}" for trade in world.leader.engine.book.trades.values()]
        refused = [entry for entry in entries_of(world) if isinstance(entry, RequestAnswered) and _refused(entry)]
        assert len(refused) <= 40, "it was not asked again and again for what cannot be reduced"
        return [*findings(world), *left]

    assert told(story()) == []


def test_an_entry_whose_cancel_was_lost_is_cancelled_again():
    """Given an operator's cancel of an entry that never arrives, then it is sent again until the entry is gone."""

    async def story() -> list[str]:
        world = await opened(USDM, {**LIMIT, "price": 99})
        engine = world.leader.engine
        (trade,) = engine.book.trades.values()
        world.faults.on_cancel = lambda _name: LOST
        await world.leader.do(engine.cancel_order(SYMBOL, trade.entry.client_order_id, actor="ann", reason="no"))
        world.faults.on_cancel = lambda _name: Fate()
        await world.clock.sleep(30 * SECOND)
        return [*findings(world), *(f"rests: {o.client_order_id}" for o in world.witness.live(SYMBOL))]

    assert told(story()) == []


def test_an_entry_that_is_cancelled_before_it_arrives_is_cancelled_when_it_rests():
    """Given a cancel that overtakes its slow entry, then it is sent again when the entry rests."""

    async def story() -> list[str]:
        world = World(USDM)
        world.begin(world.keep_quoting())
        await world.start()
        await world.clock.sleep(SECOND)
        world.faults.on_submit = lambda _s: Fate(delay=SECOND)
        await world.deliver({**LIMIT, "price": 99})
        engine = world.leader.engine
        (trade,) = engine.book.trades.values()
        await world.leader.do(engine.cancel_order(SYMBOL, trade.entry.client_order_id, actor="ann", reason="no"))
        await world.clock.sleep(30 * SECOND)
        return [*findings(world), *(f"rests: {o.client_order_id}" for o in world.witness.live(SYMBOL))]

    assert told(story()) == []


@pytest.mark.parametrize("setup", [USDM, PLAIN_SPOT], ids=["usdm", "spot-plain"])
def test_a_stop_that_the_venue_has_forgotten_is_replaced(setup: Setup):
    """Given a stop that was cancelled unheard and that no read finds any more, then the position is covered, or closed."""

    async def story() -> list[str]:
        world = await opened(setup)
        await world.clock.sleep(20 * SECOND)
        hear = world.faults.on_events
        world.faults.on_events = world.witness.watch(lambda _events: [])
        (stop,) = [order for order in world.witness.live(SYMBOL) if "-s" in order.client_order_id]
        await world.venue.cancel(SYMBOL, stop.client_order_id)
        world.witness.let_go.clear()
        world.faults.on_events = hear
        world.faults.find_lag = FORGOTTEN
        await world.clock.sleep(120 * SECOND)
        world.faults.find_lag = 0
        return findings(world, naked_max=70 * SECOND)

    assert told(story()) == []


@pytest.mark.parametrize("setup", [USDM, PLAIN_SPOT], ids=["usdm", "spot-plain"])
@pytest.mark.parametrize("rests", [True, False], ids=["after-resting", "at-once"])
def test_a_fill_that_the_stream_has_lost_is_protected_within_seconds(setup: Setup, rests: bool):
    """Given a stream that loses the fill of an entry in silence, then the stop is there within three seconds all the same."""

    async def story() -> list[str]:
        world = World(setup)
        world.begin(world.keep_quoting())
        await world.start()
        hear = world.faults.on_events
        unheard = world.witness.watch(lambda _events: [])
        world.faults.on_events = hear if rests else unheard
        await world.deliver({**LIMIT, "price": 99 if rests else 100})
        await world.clock.sleep(7 * SECOND if rests else SECOND)
        world.faults.on_events = unheard
        world.set_price("98.9")
        world.faults.on_events = hear
        await world.clock.sleep(10 * SECOND)
        assert world.witness.held[SYMBOL]
        (trade,) = world.leader.engine.book.trades.values()
        assert not trade.leaving
        return findings(world, naked_max=3 * SECOND)

    assert told(story()) == []
