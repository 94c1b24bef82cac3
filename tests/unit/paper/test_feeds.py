"""Prices for the paper venue: recorded, made up, and played."""

from collections.abc import Iterable
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest
from tests.contract.venues import NOON, Client, PaperStage, WoundClock

from petrosa_adapters.paper import (
    merged,
    paper_instruments,
    quote_around,
    read_klines,
    replay,
    synthetic_day,
    walk_klines,
)
from petrosa_core.execution import OrderStatus
from petrosa_core.values import MINUTE, SECOND, Instrument, Market, Moment, Price, Quote, Side, Symbol

USDM = {instrument.base: instrument for instrument in paper_instruments(Market.USDM)}
ROWS = "60000000,9.982,9.990,9.974,9.987,1,2,3,4,5,6,0\n60060000,9.986,9.986,9.972,9.976,1,2,3,4,5,6,0\n"


def test_a_recorded_week_is_read(shared: Path):
    """given the recorded klines of LINK, when they are read, then there are seven days of minutes, each in its bounds."""
    klines = list(read_klines(shared / "market" / "klines" / "usdm_LINKUSDT-1m-2026-02.first7days.csv.gz"))

    assert len(klines) == 7 * 1440
    assert {later.opened - earlier.opened for earlier, later in pairwise(klines)} == {MINUTE}
    assert all(kline.low <= min(kline.open, kline.close) for kline in klines)
    assert all(kline.high >= max(kline.open, kline.close) for kline in klines)


@pytest.mark.parametrize("unit", ["", "000"], ids=["milliseconds", "microseconds"])
def test_a_plain_file_without_a_header_is_read(tmp_path: Path, unit: str):
    """given rows without a header, when their times are milliseconds or microseconds, then they are the same moments."""
    path = tmp_path / "klines.csv"
    base = "1769904000000" + unit
    path.write_text(f"{base},9.982,9.990,9.974,9.987,1\n")
    (kline,) = read_klines(path)

    assert kline.opened == 1_769_904_000_000_000
    assert [kline.open, kline.high, kline.low, kline.close] == [Price(p) for p in ("9.982", "9.990", "9.974", "9.987")]


@pytest.mark.parametrize("row", ["x,1,2,3,4", "1,1,2", "1,1,2,0,4", "1,NaN,2,3,4"])
def test_what_is_no_kline_is_refused_by_its_line(tmp_path: Path, row: str):
    """given a row that is no kline, when it is read, then the file and the line are named."""
    path = tmp_path / "klines.csv"
    path.write_text(f"1,1,2,3,4\n{row}\n")

    with pytest.raises(ValueError, match=r"klines\.csv, line 2"):
        list(read_klines(path))


def test_a_minute_is_walked_through_both_extremes(tmp_path: Path):
    """given two minutes, when they are walked, then each is open, two extremes in a drawn order, close, a quarter apart."""
    path = tmp_path / "klines.csv"
    path.write_text(ROWS)
    ticks = list(walk_klines(read_klines(path), USDM["LINK"], Random(1)))
    walked = [quote.mid for _, quote in ticks]

    assert [at - ticks[0][0] for at, _ in ticks] == [quarter * 15 * SECOND for quarter in range(8)]
    assert [walked[0], walked[3]] == [Decimal("9.982"), Decimal("9.987")]
    assert set(walked[1:3]) == {Decimal("9.990"), Decimal("9.974")}
    assert ticks == list(walk_klines(read_klines(path), USDM["LINK"], Random(1)))


def test_a_quote_stands_around_its_price():
    """given ticks of 0.001, when a quote is made around a price, then its middle is the price, down to the last tick."""
    quote = quote_around(USDM["LINK"], Decimal("9.982"), NOON, 2)

    assert [quote.bid, quote.mid, quote.ask] == [Decimal("9.980"), Decimal("9.982"), Decimal("9.984")]
    assert quote_around(USDM["LINK"], Decimal("0.001"), NOON).bid == Decimal("0.001")


def a_day(seed: int) -> list[tuple[Moment, Quote]]:
    """Two symbols for a day."""
    prices = [(USDM["BTC"], Decimal(60_000)), (USDM["DOGE"], Decimal("0.12"))]
    return list(synthetic_day(Random(seed), NOON, prices))


def test_a_synthetic_day_is_the_same_for_the_same_seed():
    """given a seed, when a day is made twice, then it is the same day, and another for another seed."""
    assert a_day(7) == a_day(7)
    assert a_day(7) != a_day(8)


def test_a_synthetic_day_is_whole_and_legal():
    """given a day, when it is looked at, then every minute has a price of each symbol, on the tick, in order."""
    day = a_day(7)

    assert len(day) == 2 * 1440
    assert [at for at, _ in day] == sorted(at for at, _ in day)
    for _, quote in day:
        instrument = USDM["BTC"] if quote.symbol == "BTCUSDT" else USDM["DOGE"]
        assert quote.bid == instrument.floor_price(quote.bid) < quote.ask


@pytest.mark.parametrize("seed", range(5))
def test_a_synthetic_day_meets_stops_and_targets(seed: int):
    """given a day of any seed, when it is looked at, then the price has moved by more than 4 % between its extremes."""
    prices = [quote.mid for _, quote in a_day(seed) if quote.symbol == "BTCUSDT"]

    assert max(prices) > min(prices) * Decimal("1.04")


def test_feeds_are_merged_by_time():
    """given two feeds, when they are merged, then their prices alternate as their times do."""
    first = [(Moment(at), quote_around(USDM["BTC"], Decimal(60_000), Moment(at))) for at in (1, 4)]
    second = [(Moment(at), quote_around(USDM["ETH"], Decimal(3000), Moment(at))) for at in (2, 3)]

    assert [at for at, _ in merged([first, second])] == [1, 2, 3, 4]


class Listener:
    """A venue that writes down what it is told, and when."""

    def __init__(self, clock: WoundClock) -> None:
        """Look at this clock."""
        self.clock = clock
        self.heard: list[tuple[Moment, Quote]] = []

    def expect_feed(self, symbols: Iterable[Symbol]) -> None:
        """Not asked here."""

    def price(self, quote: Quote) -> None:
        """Write it down."""
        self.heard.append((self.clock.now(), quote))


@pytest.mark.parametrize(("speed", "gap"), [(1, 15 * SECOND), (60, SECOND // 4), (0, 0)])
async def test_a_replay_keeps_its_pace_and_stamps_its_quotes(tmp_path: Path, speed: int, gap: int):
    """given prices 15 s apart, when they are played at a speed, then they come that much faster, stamped with the clock."""
    path = tmp_path / "klines.csv"
    path.write_text(ROWS)
    clock = WoundClock()
    listener = Listener(clock)
    played = await replay(walk_klines(read_klines(path), USDM["LINK"], Random(1)), listener, clock, speed)

    assert played == 8
    assert [at - NOON for at, _ in listener.heard] == [number * gap for number in range(8)]
    assert all(quote.as_of == at for at, quote in listener.heard)


async def test_a_played_day_triggers_stops():
    """given a long with a stop and a target, when a day is played, then one of the two has ended it."""
    stage = PaperStage(Market.USDM)
    instrument: Instrument = USDM["BTC"]
    await stage.price("60000")
    client = Client(stage)
    await client.send(client.order(Side.BUY, "1"))
    stop = client.stop(Side.SELL, None, "59400", close_position=True, on_mark=True)
    await client.send(stop)
    await replay(synthetic_day(Random(3), NOON, [(instrument, Decimal(60_000))]), stage.venue, stage.clock, 1440)
    history = await client.history(stop)
    await client.close()

    assert history.report.status is OrderStatus.FILLED
    assert history.report.executed == 1
