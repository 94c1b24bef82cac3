"""The paper exchange outlives the engine: what was answered is there again, whatever was killed when."""

import errno
from collections.abc import Callable
from decimal import Decimal
from io import FileIO
from pathlib import Path
from typing import Any, cast

import pytest
from tests.contract.venues import BTC, Client, PaperStage, WoundClock

from petrosa_adapters.paper import (
    PaperDirectoryBusy,
    PaperDirectoryUnusable,
    PaperVenue,
    paper_instruments,
    quote_around,
)
from petrosa_adapters.paper.input_log import InputLog
from petrosa_core.execution import Accepted, AccountSnapshot, Cancellation, Unanswered, Unreadable
from petrosa_core.matching import Rules, Tick
from petrosa_core.values import Amount, Market, Moment, Money, Side

Opener = Callable[..., PaperVenue]


@pytest.fixture
def clock() -> WoundClock:
    """One clock for all openings."""
    return WoundClock()


@pytest.fixture
def reopen(tmp_path: Path, clock: WoundClock) -> Opener:
    """Opens the exchange in its directory."""

    def opener(market: Market = Market.USDM, **changes: Any) -> PaperVenue:
        plain: dict[str, Any] = {
            "market": market,
            "instruments": paper_instruments(market),
            "balance": Money(Amount(10_000), "USDT"),
            "clock": clock,
            "directory": tmp_path / "paper",
        }
        return PaperVenue.open(**{**plain, **changes})

    return opener


class OpenStage(PaperStage):
    """A stage around a venue that is open already."""

    def __init__(self, venue: PaperVenue, clock: WoundClock) -> None:
        """Use this venue and clock."""
        super().__init__(Market.USDM)
        self.venue, self.clock = venue, clock


def killed(venue: PaperVenue) -> None:
    """End a venue as the death of its process would: nothing is written any more, and the lock is gone."""
    assert venue._log is not None
    venue._log.close()


async def snapshot(venue: PaperVenue) -> AccountSnapshot:
    """The account, which can be read."""
    read = await venue.snapshot()
    assert isinstance(read, AccountSnapshot)
    return read


async def trade(venue: PaperVenue, clock: WoundClock) -> Client:
    """A position, a resting order and a stop, with prices in between that changed nothing."""
    stage = OpenStage(venue, clock)
    client = Client(stage)
    for price in ("50000", "50100", "50200"):
        await stage.price(price)
    await client.send(client.order(Side.BUY, "0.1"))
    await stage.price("50300")
    for order in (client.limit(Side.BUY, "0.1", "49000"), client.stop(Side.SELL, "0.1", "48000")):
        assert isinstance(await client.send(order), Accepted)
    await stage.price("50400")
    await client.close()
    return client


@pytest.mark.parametrize("end", [PaperVenue.close, killed], ids=["closed", "killed"])
async def test_what_was_answered_is_there_again(reopen: Opener, clock: WoundClock, end: Callable[[PaperVenue], None]):
    """given an account in the middle of things, when its process ends in any way, then the next finds the same account."""
    venue = reopen()
    await trade(venue, clock)
    before = await snapshot(venue)
    end(venue)
    again = reopen()

    after = await snapshot(again)
    again.close()
    assert (after.open_orders, after.positions[0].amount) == (before.open_orders, before.positions[0].amount)
    assert after.balance.free == before.balance.free


async def test_a_killed_exchange_goes_on_the_same(reopen: Opener, clock: WoundClock):
    """given a killed exchange, when prices come after it was opened again, then they have the consequences they had to have."""
    venue = reopen()
    await trade(venue, clock)
    killed(venue)
    again = reopen()
    stage = OpenStage(again, clock)
    await stage.price("48990")
    await stage.price("47990")
    account = await snapshot(again)
    again.close()

    assert account.positions[0].amount == Decimal("0.1")
    assert account.open_orders == ()


async def test_prices_that_change_nothing_are_not_written(reopen: Opener, clock: WoundClock, tmp_path: Path):
    """given thousands of prices, when none of them moves an order, then the log stays empty until one does."""
    venue = reopen()
    stage = OpenStage(venue, clock)
    log = tmp_path / "paper" / "inputs.jsonl"
    for step in range(1000):
        await stage.price(str(50_000 + step))

    assert log.read_bytes() == b""

    client = Client(stage)
    await client.send(client.order(Side.BUY, "0.1"))
    await client.close()
    venue.close()

    assert log.read_bytes() == b""
    assert b'"open_orders"' not in (tmp_path / "paper" / "checkpoint.json").read_bytes()


async def test_the_log_holds_one_price_per_order_at_most(reopen: Opener, clock: WoundClock, tmp_path: Path):
    """given prices before an order, when it is written, then the last price is written with it."""
    venue = reopen()
    await trade(venue, clock)
    killed(venue)
    lines = (tmp_path / "paper" / "inputs.jsonl").read_bytes().splitlines()

    assert len(lines) == 5


async def test_a_refusal_is_not_written(reopen: Opener, clock: WoundClock, tmp_path: Path):
    """given an order that is refused, when it has been answered, then the log is as it was."""
    venue = reopen()
    stage = OpenStage(venue, clock)
    await stage.price("50000")
    client = Client(stage)
    await client.send(client.order(Side.BUY, "1000"))
    await client.close()

    assert (tmp_path / "paper" / "inputs.jsonl").read_bytes() == b""

    venue.close()


@pytest.mark.parametrize("cut", [1, 20, 200])
async def test_a_torn_last_line_is_dropped(reopen: Opener, clock: WoundClock, tmp_path: Path, cut: int):
    """given a log whose last line was cut off, when it is opened, then everything before it is there, and it can go on."""
    venue = reopen()
    await trade(venue, clock)
    killed(venue)
    log = tmp_path / "paper" / "inputs.jsonl"
    log.write_bytes(log.read_bytes()[:-cut])
    again = reopen()
    account = await snapshot(again)

    assert [report.type.value for report in account.open_orders] == ["limit"]

    client = Client(OpenStage(again, clock))
    assert isinstance(await client.send(client.stop(Side.SELL, "0.1", "48000")), Accepted)
    await client.close()
    killed(again)
    once_more = reopen()

    assert len((await snapshot(once_more)).open_orders) == 2
    once_more.close()


@pytest.mark.parametrize("damage", ["line", "gap", "checkpoint", "market", "instruments"])
async def test_what_cannot_be_trusted_is_not_opened(reopen: Opener, clock: WoundClock, tmp_path: Path, damage: str):
    """given a directory that is damaged or another account's, when it is opened, then it is refused, and stays untouched."""
    venue = reopen()
    await trade(venue, clock)
    killed(venue)
    log, checkpoint = tmp_path / "paper" / "inputs.jsonl", tmp_path / "paper" / "checkpoint.json"
    changes: dict[str, Any] = {}
    lines = log.read_bytes().splitlines(keepends=True)
    if damage == "line":
        log.write_bytes(b"".join([lines[0], b"{}\n", *lines[2:]]))
    elif damage == "gap":
        log.write_bytes(b"".join([lines[0], *lines[2:]]))
    elif damage == "checkpoint":
        checkpoint.write_bytes(checkpoint.read_bytes()[:-10])
    elif damage == "market":
        changes = {"market": Market.SPOT}
    else:
        reopen().close()
        changes = {"instruments": paper_instruments(Market.USDM)[1:]}
    before = log.read_bytes()

    with pytest.raises(PaperDirectoryUnusable):
        reopen(**changes)
    assert log.read_bytes() == before


def test_two_processes_cannot_own_one_exchange(reopen: Opener):
    """given an open exchange, when its directory is opened again, then the second is refused until the first has gone."""
    venue = reopen()

    with pytest.raises(PaperDirectoryBusy):
        reopen()

    venue.close()
    reopen().close()


async def test_a_process_that_dies_while_writing_a_checkpoint_loses_nothing(
    reopen: Opener, clock: WoundClock, tmp_path: Path
):
    """given a checkpoint whose log was not emptied yet, when it is opened, then no input is counted twice."""
    venue = reopen()
    await trade(venue, clock)
    lines = (tmp_path / "paper" / "inputs.jsonl").read_bytes()
    before = await snapshot(venue)
    venue.close()
    (tmp_path / "paper" / "inputs.jsonl").write_bytes(lines)
    again = reopen()

    assert (await snapshot(again)).open_orders == before.open_orders
    again.close()


async def test_the_log_does_not_grow_for_ever(reopen: Opener, clock: WoundClock, tmp_path: Path):
    """given a checkpoint after every 10 inputs, when 25 orders have come, then the log holds fewer than 10 lines."""
    venue = reopen(checkpoint_every=10)
    stage = OpenStage(venue, clock)
    await stage.price("50000")
    client = Client(stage)
    for _ in range(25):
        await client.send(client.limit(Side.BUY, "0.01", "49000"))
    await client.close()
    killed(venue)

    assert len((tmp_path / "paper" / "inputs.jsonl").read_bytes().splitlines()) < 10

    again = reopen()
    assert len((await snapshot(again)).open_orders) == 25
    again.close()


class FullDisk(InputLog):
    """A log on a disk that has no room."""

    def append(self, steps: object) -> None:
        """Fail as the system does."""
        raise OSError(errno.ENOSPC, "No space left on device")


async def test_an_exchange_that_cannot_write_answers_nothing(tmp_path: Path, clock: WoundClock):
    """given a full disk, when an order comes, then it is unanswered, nothing is told, and all else fails."""
    instruments = paper_instruments(Market.USDM)
    opened = PaperVenue.open(
        market=Market.USDM, instruments=instruments, balance=Money(Amount(10_000), "USDT"), clock=clock
    )
    venue = PaperVenue(opened._exchange, FullDisk(tmp_path), clock)
    stage = OpenStage(venue, clock)
    client = Client(stage)
    await stage.price("50000")
    await client.heard()
    order = client.order(Side.BUY, "0.1")

    assert isinstance(await client.send(order), Unanswered)
    assert isinstance(await client.send(order), Unanswered)
    assert await venue.cancel(BTC, order.client_order_id) is Cancellation.UNANSWERED
    assert isinstance(await venue.find(BTC, order.client_order_id), Unreadable)
    assert await client.heard() == []
    await stage.price("50001")
    await client.close()
    venue.close()
    venue.close()


class HalfDisk:
    """A file that takes half of what it is given."""

    def write(self, data: bytes) -> int:
        """Take half."""
        return len(data) // 2

    def close(self) -> None:
        """Nothing to close."""


def test_a_short_write_is_a_failed_write(tmp_path: Path):
    """given a disk that takes half a line, when an input is appended, then it has not been written."""
    log = InputLog(tmp_path)
    log._file.close()
    log._file = cast("FileIO", HalfDisk())
    tick = Tick(quote_around(paper_instruments(Market.USDM)[0], Decimal(50_000), Moment(1)))

    with pytest.raises(OSError, match="full"):
        log.append([tick])
    log.close()


async def test_the_balance_is_only_for_a_new_account(reopen: Opener, clock: WoundClock):
    """given an account that has traded, when it is opened with another balance, then it keeps its own."""
    venue = reopen()
    await trade(venue, clock)
    before = (await snapshot(venue)).balance.free
    venue.close()
    again = reopen(balance=Money(Amount(1), "USDT"), rules=Rules(history=5))

    assert (await snapshot(again)).balance.free == before
    again.close()
