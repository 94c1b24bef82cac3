"""Prices for the paper venue, and how they are played to it. A feed yields (when, quote), in order of time.

Klines and synthetic prices have no book: bid and ask stand ``spread`` ticks to either side of the price, so the middle, which
is taken for the last price, is the price itself.
"""

import csv
import gzip
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from io import TextIOWrapper
from pathlib import Path
from random import Random
from typing import Protocol, TextIO, TypeAlias

import attrs

from petrosa_core.ports import Clock
from petrosa_core.values import MILLISECOND, MINUTE, Duration, Instrument, Moment, Price, Quote, Symbol, floor_to

Played: TypeAlias = tuple[Moment, Quote]
Feed: TypeAlias = Iterable[Played]

# Far finer than any tick, so that rounding down every minute does not become a trend.
_FINE = Decimal("0.0000000001")
_QUARTER: Duration = 15_000_000
# Counts from here on are microseconds: Binance's files changed their unit in 2025.
_MICROSECONDS_FROM = 10**14


def quote_around(instrument: Instrument, price: Decimal, at: Moment, spread: int = 1) -> Quote:
    """A quote whose middle and mark are the price, with ``spread`` ticks to either side, and never below one tick."""
    bid = max(price - spread * instrument.tick, min(price, instrument.tick))
    return Quote(symbol=instrument.symbol, bid=Price(bid), ask=Price(price + price - bid), mark=Price(price), as_of=at)


# ---------------------------------------------------------------- recorded


@attrs.frozen(kw_only=True)
class Kline:
    """One minute of trading: where the price began, went and ended."""

    opened: Moment
    open: Price
    high: Price
    low: Price
    close: Price


def read_klines(path: Path) -> Iterator[Kline]:
    """Read a file of Binance's public one-minute klines, with or without a header, plain or gzipped.

    Raises ValueError naming the line for what is no kline.
    """
    with _open(path) as file:
        for number, row in enumerate(csv.reader(file), 1):
            if number == 1 and row[0] == "open_time":
                continue
            try:
                count = int(row[0])
                open_, high, low, close = (Price(text) for text in row[1:5])
            except (ValueError, IndexError) as error:
                raise ValueError(f"{path.name}, line {number}: {error}") from error
            moment = Moment(count if count >= _MICROSECONDS_FROM else count * MILLISECOND)
            yield Kline(opened=moment, open=open_, high=high, low=low, close=close)


def _open(path: Path) -> TextIO:
    if path.suffix == ".gz":
        return TextIOWrapper(gzip.GzipFile(path), encoding="ascii", newline="")
    return path.open(encoding="ascii", newline="")


def walk_klines(klines: Iterable[Kline], instrument: Instrument, order: Random, spread: int = 1) -> Iterator[Played]:
    """Each minute as four prices a quarter apart: open, the two extremes in an order drawn from ``order``, close."""
    for kline in klines:
        extremes = [kline.low, kline.high]
        order.shuffle(extremes)
        for quarter, price in enumerate((kline.open, *extremes, kline.close)):
            at = Moment(kline.opened + quarter * _QUARTER)
            yield at, quote_around(instrument, price, at, spread)


# ---------------------------------------------------------------- made up


def synthetic_day(
    random: Random,
    start: Moment,
    prices: Sequence[tuple[Instrument, Decimal]],
    minutes: int = 1440,
) -> Iterator[Played]:
    """A day of several symbols, a price each minute, moving by whole basis points: calm, trends, and now and then a jump.

    The same ``random`` gives the same day. A price moves by up to 0.25 % a minute, by up to 3 % in a jump (about six a day),
    and drifts for an hour or so at a time, so stops and targets a few percent away are met.
    """
    levels = [price for _, price in prices]
    drifts = [0 for _ in prices]
    for minute in range(minutes):
        at = Moment(start + minute * MINUTE)
        for index, (instrument, _) in enumerate(prices):
            if random.randrange(60) == 0:
                drifts[index] = random.randint(-6, 6)
            move = random.randint(-20, 20) + drifts[index]
            if random.randrange(240) == 0:
                move += random.choice((-1, 1)) * random.randint(50, 300)
            levels[index] = max(floor_to(levels[index] * (10_000 + move) / 10_000, _FINE), instrument.tick)
            yield at, quote_around(instrument, instrument.floor_price(levels[index]), at)


def merged(feeds: Iterable[Feed]) -> Iterator[Played]:
    """Several feeds as one, by time."""
    ticks = [tick for feed in feeds for tick in feed]
    ticks.sort(key=lambda tick: tick[0])
    return iter(ticks)


# ---------------------------------------------------------------- played


class Priced(Protocol):
    """What takes prices: the paper venue."""

    def expect_feed(self, symbols: Iterable[Symbol]) -> None:
        """Announce the symbols that will be priced."""
        ...

    def price(self, quote: Quote) -> None:
        """Take one price."""
        ...


async def replay(feed: Feed, venue: Priced, clock: Clock, speed: int) -> int:
    """Play a feed to the venue at ``speed`` seconds of feed per second of the clock (0: at once); the number of prices played.

    A quote is stamped with the clock's time when it is played: what is old about it is the market, not the news.
    """
    began = clock.now()
    first: Moment | None = None
    played = 0
    for at, quote in feed:
        first = at if first is None else first
        due = began + (at - first) // speed if speed else clock.now()
        await clock.sleep(max(0, due - clock.now()))
        venue.price(attrs.evolve(quote, as_of=clock.now()))
        played += 1
    return played
