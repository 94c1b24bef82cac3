"""What can be made to go wrong between an engine and the paper venue."""

from collections.abc import AsyncIterator

import pytest
from tests.contract.venues import BTC, NOON, Client, PaperStage, WoundClock

from petrosa_adapters.paper import Fate, Faults, PaperVenue, paper_instruments
from petrosa_core.execution import Accepted, Cancellation, NotFound, OrderHistory, Rejected
from petrosa_core.ports import StreamGap
from petrosa_core.values import MILLISECOND, SECOND, Amount, Market, Money, Price, Side

BUY = Side.BUY


@pytest.fixture
async def stage() -> PaperStage:
    """A paper venue at a price of 50000."""
    stage = PaperStage(Market.USDM)
    await stage.price("50000")
    return stage


@pytest.fixture
async def client(stage: PaperStage) -> AsyncIterator[Client]:
    """Somebody who has heard the stream begin."""
    client = Client(stage)
    await client.heard()
    yield client
    await client.close()


async def test_a_leg_can_be_refused_at_the_door(stage: PaperStage, client: Client):
    """given a hook that refuses one order, when it is submitted, then the code comes back and the exchange never saw it."""
    refused = Rejected(code=-4045, message="Reach max stop order limit.", at=NOON)
    stage.next_submit(Fate(refused=refused))
    order = client.order(BUY, "0.1")

    assert await client.send(order) == refused
    assert isinstance(await stage.venue.find(BTC, order.client_order_id), NotFound)


async def test_a_cancel_can_be_lost_before_and_after(stage: PaperStage, client: Client):
    """given a hook that loses cancels, when an order is cancelled, then it is unanswered, and gone or not as it was lost."""
    fates = [Fate(lost=True), Fate(unanswered=True)]
    stage.faults.on_cancel = lambda _: fates.pop(0)
    order = client.limit(BUY, "0.1", "45000")
    await client.send(order)

    assert await stage.venue.cancel(BTC, order.client_order_id) is Cancellation.UNANSWERED
    assert (await client.history(order)).report.status.is_open
    assert await stage.venue.cancel(BTC, order.client_order_id) is Cancellation.UNANSWERED
    assert not (await client.history(order)).report.status.is_open


async def test_a_new_order_can_be_invisible_for_a_while(stage: PaperStage, client: Client):
    """given a lag of 2 s, when an order is asked for at once, then it is not found, and later it is."""
    stage.faults.find_lag = 2 * SECOND
    order = client.order(BUY, "0.1")
    await client.send(order)

    assert isinstance(await stage.venue.find(BTC, order.client_order_id), NotFound)

    stage.clock.wind(2 * SECOND)

    assert isinstance(await stage.venue.find(BTC, order.client_order_id), OrderHistory)


async def test_events_can_be_dropped_repeated_and_reordered(stage: PaperStage, client: Client):
    """given a hook on what is told, when an order trades, then the stream tells what the hook makes of it."""
    stage.faults.on_events = lambda events: [*reversed(events), events[0]]
    await client.send(client.order(BUY, "0.1"))

    assert [report.status.value for report in await client.reports()] == ["filled", "new", "new"]

    stage.faults.on_events = lambda _: []
    await client.send(client.order(BUY, "0.1"))

    assert await client.heard() == []


async def test_events_can_be_held_back(stage: PaperStage, client: Client):
    """given events that are held, when they are released, then they come in order, after everything else."""
    stage.faults.hold_events = True
    order = client.order(BUY, "0.1")

    assert isinstance(await client.send(order), Accepted)
    assert await client.heard() == []

    stage.venue.release_events()

    assert [report.status.value for report in await client.reports()] == ["new", "filled"]


async def test_every_way_takes_its_time():
    """given a latency of 3 ms each way, when an order is submitted, then it arrives after 3 and is answered after 6."""
    clock = WoundClock()
    venue = PaperVenue.open(
        market=Market.USDM,
        instruments=paper_instruments(Market.USDM),
        balance=Money(Amount(10_000), "USDT"),
        clock=clock,
        faults=Faults(),
        latency=lambda: 3 * MILLISECOND,
    )
    venue.suggest(BTC, Price(50_000))
    stage = PaperStage(Market.USDM)
    stage.venue, stage.clock = venue, clock
    client = Client(stage)
    answer = await client.send(client.order(BUY, "0.1"))
    await client.close()

    assert isinstance(answer, Accepted)
    assert (answer.at, clock.now()) == (NOON + 3 * MILLISECOND, NOON + 6 * MILLISECOND)


async def test_a_stream_that_nobody_reads_does_not_grow_for_ever(stage: PaperStage):
    """given a reader who has stopped, when more happens than a stream holds, then it is restarted with a gap."""
    stream = stage.venue.events()
    assert isinstance(await anext(stream), StreamGap)
    client = Client(stage)
    for _ in range(3400):
        await client.send(client.order(BUY, "0.001"))
    await client.close()
    first = await anext(stream)

    assert isinstance(first, StreamGap)
    assert first.why == "the stream was not read for too long"
