"""An entry that shows itself only after it was given up: it is cancelled when it rests, and cared for when it has filled."""

from collections.abc import Sequence

import pytest
from tests.support.oracle import entries_of, findings
from tests.support.scenarios import BUY, LIMIT, PLAIN_SPOT, SPOT, USDM
from tests.support.world import SYMBOL, Setup, World

from petrosa_adapters.paper import Fate
from petrosa_adapters.system import bury, run
from petrosa_core.audit.entries import OrderAbandoned
from petrosa_core.execution import OrderReport, OrderState
from petrosa_core.ports import VenueEvent
from petrosa_core.values import SECOND, ZERO, Duration, Leg, leg_of

HIDDEN: Duration = 27 * SECOND
"""How long the venue does not show it: "not found" is believed after some twenty seconds."""
RECONCILED: Duration = 40 * SECOND
"""By then the account has been read again."""

LOW = {**LIMIT, "price": 99}
MARKETS = pytest.mark.parametrize("setup", [USDM, SPOT, PLAIN_SPOT], ids=["usdm", "spot-list", "spot-plain"])


def nobody_hears(events: Sequence[VenueEvent]) -> Sequence[VenueEvent]:
    """The stream is broken, and nobody has noticed."""
    return []


async def entered_unseen(setup: Setup, body: dict[str, object]) -> World:
    """A world in which an entry was accepted, nobody was told, and it has been given up."""
    world = World(setup)
    world.faults.find_lag = HIDDEN
    world.faults.on_submit = lambda _submission: Fate(unanswered=True)
    world.begin(world.keep_quoting())
    await world.start()
    heard = world.faults.on_events
    world.faults.on_events = world.witness.watch(nobody_hears)
    world.faults.on_read = lambda what: Fate(lost=what == "snapshot")
    await world.deliver(body)
    await world.clock.sleep(HIDDEN)
    world.faults.on_read = lambda _what: Fate()
    world.faults.on_events = heard
    world.faults.on_submit = lambda _submission: Fate()
    world.faults.find_lag = 0
    return world


def entry_of(world: World) -> OrderReport:
    """The venue's last word on the one entry."""
    (orders,) = world.witness.accepted(Leg.ENTRY).values()
    (order,) = orders
    return order


@MARKETS
def test_an_abandoned_entry_that_rests_is_cancelled_when_it_appears(setup: Setup):
    """Given a resting entry that was given up, when the account is read and shows it, then it is cancelled."""

    async def story() -> list[str]:
        world = await entered_unseen(setup, LOW)
        assert any(isinstance(entry, OrderAbandoned) for entry in entries_of(world))
        assert entry_of(world).status.is_open
        await world.clock.sleep(RECONCILED)
        left = [f"rests: {order.client_order_id}" for order in world.witness.live(SYMBOL)]
        return [*findings(world), *left]

    try:
        assert run(story()) == []
    finally:
        bury()


@MARKETS
def test_an_abandoned_entry_that_has_filled_is_covered_or_closed_when_it_appears(setup: Setup):
    """Given a filled entry that was given up, when it is found, then the position is covered or closed, and never doubled."""

    async def story() -> list[str]:
        world = await entered_unseen(setup, {**BUY})
        assert any(isinstance(entry, OrderAbandoned) for entry in entries_of(world))
        assert world.witness.held[SYMBOL] > ZERO
        await world.clock.sleep(RECONCILED)
        (trade,) = (*world.leader.engine.book.trades.values(), *world.leader.engine.book.ended.values())
        assert trade.entry.state is OrderState.FILLED
        assert all(leg_of(order.client_order_id) is not None for order in world.witness.orders.values())
        return findings(world, naked_max=HIDDEN + RECONCILED)

    try:
        assert run(story()) == []
    finally:
        bury()
