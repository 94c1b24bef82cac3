"""Contract of Venue: V1 to V15, over every adapter that claims to be one."""

from collections.abc import AsyncIterator
from decimal import Decimal

import attrs
import pytest
from tests.contract.venues import BTC, WINDOW, Client, PaperStage, Stage

from petrosa_adapters.paper import Fate
from petrosa_core.execution import (
    Accepted,
    AccountSnapshot,
    Cancellation,
    NotFound,
    OrderReport,
    OrderStatus,
    Rejected,
    Unanswered,
    Unreadable,
)
from petrosa_core.order import ListKind, OrderList
from petrosa_core.ports import StreamGap
from petrosa_core.values import (
    MILLISECOND,
    SECOND,
    ClientOrderId,
    Leg,
    Market,
    OrderType,
    Price,
    Quantity,
    Side,
    TimeInForce,
)

BUY, SELL = Side.BUY, Side.SELL


@pytest.fixture(params=[pytest.param(Market.USDM, id="paper-usdm"), pytest.param(Market.SPOT, id="paper-spot")])
async def stage(request) -> Stage:
    """Everything that claims to be a Venue, at a price of 50000."""
    stage: Stage = PaperStage(request.param)
    await stage.price("50000")
    return stage


@pytest.fixture
async def client(stage: Stage) -> AsyncIterator[Client]:
    """Somebody who trades there, and has heard the stream begin."""
    client = Client(stage)
    await client.heard()
    yield client
    await client.close()


def an_oco(client: Client, quantity: str) -> OrderList:
    """Exits on both sides of 50000."""
    return OrderList(
        client_order_id=ClientOrderId("contract-list"),
        kind=ListKind.OCO,
        working=None,
        target=client.limit(SELL, quantity, "55000", time_in_force=TimeInForce.GTX),
        stop=client.stop(SELL, quantity, "45000"),
    )


async def test_v1_a_request_that_is_lost_is_not_sent_again(stage: Stage, client: Client):
    """given a wire that loses one request, when an order is submitted, then it is unanswered and nothing was executed."""
    stage.next_submit(Fate(lost=True))
    order = client.order(BUY, "0.1")

    assert isinstance(await client.send(order), Unanswered)
    assert isinstance(await stage.venue.find(BTC, order.client_order_id), NotFound)
    assert await client.heard() == []


async def test_v1_an_answer_that_is_lost_leaves_one_order(stage: Stage, client: Client):
    """given a wire that loses one answer, when an order is submitted, then it was executed exactly once."""
    stage.next_submit(Fate(unanswered=True))
    order = client.order(BUY, "0.1")

    assert isinstance(await client.send(order), Unanswered)
    assert (await client.history(order)).report.executed == Decimal("0.1")
    assert len([report for report in await client.reports() if report.fill]) == 1


async def test_v2_a_refusal_is_an_answer_with_the_venues_code(stage: Stage, client: Client):
    """given too little money, when an order is submitted, then it is Rejected with Binance's code for that."""
    answer = await client.send(client.limit(BUY, "100", "50000"))

    assert isinstance(answer, Rejected)
    assert answer.code == (-2010 if stage.market is Market.SPOT else -2019)
    assert answer.message
    assert (answer.duplicate, answer.would_trigger, answer.retryable) == (False, False, False)


async def test_v3_a_lost_answer_is_unanswered_and_the_order_may_be_live(stage: Stage, client: Client):
    """given a wire that loses one answer, when a resting order is submitted, then it is unanswered, and open."""
    stage.next_submit(Fate(unanswered=True))
    order = client.limit(BUY, "0.1", "45000")
    answer = await client.send(order)

    assert isinstance(answer, Unanswered)
    assert answer.why
    assert (await client.history(order)).report.status is OrderStatus.NEW


@pytest.mark.parametrize(("late", "taken"), [(WINDOW, True), (WINDOW + MILLISECOND, False)])
async def test_v4_nothing_is_executed_after_its_window(stage: Stage, client: Client, late: int, taken: bool):
    """given a window of 5 s, when an order is under way for longer, then it is not executed."""
    stage.next_submit(Fate(delay=late))
    order = client.order(BUY, "0.1")
    answer = await client.send(order)

    assert isinstance(answer, Accepted) == taken
    assert isinstance(await stage.venue.find(BTC, order.client_order_id), NotFound) != taken
    if isinstance(answer, Rejected):
        assert answer.code == -1021


async def test_v5_new_comes_before_fills_and_executed_never_falls(stage: Stage, client: Client):
    """given depth for 4 at a time, when 10 are bought, then the stream says NEW, 4, 8, 10, and the fills add up."""
    order = client.limit(BUY, "10", "50010")
    await client.send(order)
    for price in ("50005", "50006"):
        await stage.price(price)
    heard = await client.reports()

    assert [report.status.value for report in heard] == ["new", "partially_filled", "partially_filled", "filled"]
    assert [report.executed for report in heard] == [0, 4, 8, 10]
    assert sum(report.fill.quantity for report in heard if report.fill) == Decimal(10)
    assert len({report.fill.trade_id for report in heard if report.fill}) == 3


async def test_v6_an_acknowledgement_carries_no_fill(stage: Stage, client: Client):
    """given a price, when a market order is accepted, then the answer is a number, and price and fee come from reports."""
    order = client.order(BUY, "0.1")
    answer = await client.send(order)
    history = await client.history(order)

    assert isinstance(answer, Accepted)
    assert {field.name for field in attrs.fields(Accepted)} == {"venue_order_id", "at"}
    assert answer.venue_order_id == history.report.venue_order_id
    (fill,) = history.fills
    assert fill.fee is not None
    assert fill.fee.amount > 0
    assert history.report.fill is None


async def test_v6_a_fill_may_be_heard_before_the_answer(stage: Stage, client: Client):
    """given an answer that takes its time, when it comes, then the fill has been heard already."""
    stage.next_submit(Fate(answer_delay=SECOND))
    sent = stage.clock.now()
    answer = await client.send(client.order(BUY, "0.1"))
    (fill,) = [report.fill for report in await client.reports() if report.fill]

    assert isinstance(answer, Accepted)
    assert fill.at == sent
    assert stage.clock.now() == sent + SECOND


async def test_v7_every_kind_of_order_is_found_by_its_client_id(stage: Stage, client: Client):
    """given a filled, a resting and a conditional order, when they are asked for, then each is found with all its fills."""
    filled, resting = client.order(BUY, "1"), client.limit(BUY, "0.1", "45000")
    sleeping = client.stop(SELL, "0.1", "45000")
    for order in (filled, resting, sleeping):
        assert isinstance(await client.send(order), Accepted)

    assert [len((await client.history(order)).fills) for order in (filled, resting, sleeping)] == [1, 0, 0]
    assert isinstance(await stage.venue.find(BTC, ClientOrderId("nobody")), NotFound)


async def test_v7_the_legs_of_a_list_are_found(stage: Stage, client: Client):
    """given a list where there are lists, when its legs are asked for, then each is found; elsewhere it was refused."""
    await client.send(client.order(BUY, "1"))
    listed = an_oco(client, "0.5")
    answer = await client.send(listed)

    if stage.market is Market.SPOT:
        assert [(await client.history(leg)).report.status.value for leg in listed.orders] == ["new", "new"]
    else:
        assert isinstance(answer, Rejected)


async def test_v7_a_failed_read_is_not_an_absent_order(stage: Stage, client: Client):
    """given reads that fail, when an order, the account or the rules are asked for, then each is Unreadable."""
    order = client.limit(BUY, "0.1", "45000")
    await client.send(order)
    stage.fail_reads()

    assert isinstance(await stage.venue.find(BTC, order.client_order_id), Unreadable)
    assert isinstance(await stage.venue.snapshot(), Unreadable)
    assert isinstance(await stage.venue.instruments(), Unreadable)


async def test_v8_an_open_orders_id_is_a_duplicate(stage: Stage, client: Client):
    """given an open order, when its id is sent again, then it is a duplicate; once it is done, the id is free."""
    order = client.limit(BUY, "0.1", "45000")
    await client.send(order)
    again = await client.send(order)

    assert isinstance(again, Rejected)
    assert again.duplicate

    await stage.venue.cancel(BTC, order.client_order_id)

    assert isinstance(await client.send(order), Accepted)


async def test_v9_cancelling_again_is_harmless(stage: Stage, client: Client):
    """given a resting order, when it is cancelled twice, then the first is DONE and the second GONE, as for a stranger's."""
    order = client.limit(BUY, "0.1", "45000")
    await client.send(order)

    assert await stage.venue.cancel(BTC, order.client_order_id) is Cancellation.DONE
    assert await stage.venue.cancel(BTC, order.client_order_id) is Cancellation.GONE
    assert await stage.venue.cancel(BTC, ClientOrderId("nobody")) is Cancellation.GONE
    assert (await client.history(order)).report.status is OrderStatus.CANCELLED


async def test_v9_cancelling_one_leg_cancels_the_list(stage: Stage, client: Client):
    """given a list where there are lists, when one leg is cancelled, then the other is too."""
    if stage.market is Market.USDM:
        assert isinstance(await client.send(an_oco(client, "0.5")), Rejected)
        return
    await client.send(client.order(BUY, "1"))
    listed = an_oco(client, "0.5")
    await client.send(listed)

    assert await stage.venue.cancel(BTC, listed.stop.client_order_id) is Cancellation.DONE
    assert (await client.history(listed.target)).report.status is OrderStatus.CANCELLED


async def test_v10_a_snapshot_is_the_whole_account(stage: Stage, client: Client):
    """given a position, a resting and a conditional order, when the account is read, then all of it is there."""
    orders = [client.limit(BUY, "0.1", "45000"), client.stop(SELL, "0.1", "45000")]
    for order in (client.order(BUY, "1"), *orders):
        await client.send(order)
    snapshot = await stage.venue.snapshot()

    assert isinstance(snapshot, AccountSnapshot)
    assert {report.client_order_id for report in snapshot.open_orders} == {order.client_order_id for order in orders}
    assert [position.symbol for position in snapshot.positions] == [BTC]
    assert snapshot.balance.asset == "USDT"
    assert 0 < snapshot.balance.free < snapshot.balance.equity
    assert snapshot.at == stage.venue.now()


async def test_v11_what_only_reduces_opens_nothing(stage: Stage, client: Client):
    """given no position, when reduce-only or closing orders come, then nothing is opened, now or at any price."""
    await client.send(client.order(SELL, "0.1", reduce_only=True))
    await client.send(client.stop(SELL, None, "45000", close_position=True))
    await stage.price("40000")

    assert await client.positions() == {}


async def test_v11_what_only_reduces_stops_at_flat(stage: Stage, client: Client):
    """given a position of 1, when a reduce-only order for 3 comes, then at most 1 is sold."""
    await client.send(client.order(BUY, "1"))
    answer = await client.send(client.order(SELL, "3", reduce_only=True))

    if stage.market is Market.USDM:
        assert isinstance(answer, Accepted)
        assert await client.positions() == {}
    else:
        assert isinstance(answer, Rejected)


async def test_v12_a_stop_that_is_already_through_says_so(stage: Stage, client: Client):
    """given a price of 50000, when a stop comes whose trigger is there already, then it would trigger: close now."""
    await client.send(client.order(BUY, "1"))
    answer = await client.send(client.stop(SELL, "0.5", "50000"))

    assert isinstance(answer, Rejected)
    assert answer.would_trigger


@pytest.mark.parametrize(
    ("quantity", "price"),
    [("0.1", "45000.001"), ("0.0000001", "45000"), ("0.1", "65000"), ("0.0001", "10000")],
    ids=["tick", "step", "band", "notional"],
)
async def test_v13_what_breaks_a_filter_is_rejected_as_it_is(stage: Stage, client: Client, quantity: str, price: str):
    """given the symbol's filters, when an order breaks one, then it is Rejected, and no altered order is there."""
    order = client.limit(BUY, quantity, price)

    assert isinstance(await client.send(order), Rejected)
    assert isinstance(await stage.venue.find(BTC, order.client_order_id), NotFound)


async def test_v13_the_rules_are_those_that_are_applied(stage: Stage, client: Client):
    """given the rules as they are told, when an order just meets them, then it is accepted."""
    instruments = await stage.venue.instruments()
    assert not isinstance(instruments, Unreadable)
    (btc,) = [instrument for instrument in instruments if instrument.symbol == BTC]
    price = Price(btc.floor_price(Decimal(45_000)))
    quantity = Quantity(btc.floor_quantity(btc.notional_min / price) + btc.step)

    answer = await client.send(
        attrs.evolve(client.limit(BUY, "1", "45000"), price=price, quantity=quantity, leg=Leg.ENTRY)
    )

    assert isinstance(answer, Accepted)


async def test_v14_the_stream_begins_with_a_gap(stage: Stage):
    """given an account with a past, when the stream begins, then it says so first and replays nothing."""
    early = Client(stage)
    await early.send(early.order(BUY, "0.1"))
    await early.close()
    late = Client(stage)
    (first,) = await late.heard()
    await late.close()

    assert isinstance(first, StreamGap)


async def test_v14_every_interruption_is_told(stage: Stage, client: Client):
    """given a stream that breaks, when it goes on, then there is a gap between what was heard and what comes."""
    await client.send(client.limit(BUY, "0.1", "45000"))
    await client.heard()
    stage.break_stream()
    await client.send(client.order(BUY, "0.1", type=OrderType.MARKET))
    heard = await client.heard()

    assert isinstance(heard[0], StreamGap)
    assert any(isinstance(event, OrderReport) for event in heard[1:])


async def test_v15_the_venues_clock_does_not_go_back(stage: Stage, client: Client):
    """given a clock that is set back, when the venue is asked for the time, then it is not before what has happened there."""
    await client.send(client.order(BUY, "0.1"))
    before = stage.venue.now()
    stage.clock.wind(-SECOND)

    assert stage.venue.now() >= before - MILLISECOND

    stage.clock.wind(3 * SECOND)

    assert stage.venue.now() == before + 2 * SECOND
