"""Prices from the neighbours' market data: trusted only as far as they name themselves."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from petrosa_adapters.paper import FrameReader, paper_instruments
from petrosa_core.values import MILLISECOND, MINUTE, Market, Quote


@pytest.fixture
def reader() -> FrameReader:
    """Knows the paper symbols."""
    return FrameReader(paper_instruments(Market.SPOT))


def trade(price: object, at: int = 0, symbol: str = "BTCUSDT", **changes: Any) -> bytes:
    """A trade's body, ``at`` milliseconds."""
    frame = {"e": "trade", "E": 1787313600000 + at, "s": symbol, "p": price, **changes}
    return json.dumps({"stream": "btcusdt@trade", "data": frame}).encode()


def price_of(quote: Quote | None) -> Decimal | None:
    """The quote's mark, if there is a quote."""
    return None if quote is None else quote.mark


def test_the_recorded_frames(reader: FrameReader, shared: Path):
    """given a trade, a ticker and a mislabelled depth frame, when they are read, then the first two are prices."""
    names = ("ws_01_trade.json", "ws_02_ticker.json", "ws_03_depth20_symbol_missing.json")
    trade_quote, ticker_quote, depth_quote = (reader.read((shared / "signals" / name).read_bytes()) for name in names)

    assert trade_quote is not None
    assert trade_quote.symbol == "BTCUSDT"
    assert trade_quote.bid == trade_quote.ask == Decimal("67012.35")
    assert trade_quote.as_of == 1787313600412 * MILLISECOND
    assert ticker_quote is not None
    assert ticker_quote.symbol == "ETHUSDT"
    assert [ticker_quote.bid, ticker_quote.ask] == [Decimal("3391.41"), Decimal("3391.42")]
    assert depth_quote is None


def test_the_frame_is_believed_and_not_its_label(reader: FrameReader):
    """given a frame of ETH under the label of BTC, when it is read, then it is a price of ETH."""
    quote = reader.read(trade("3391", symbol="ETHUSDT"))

    assert quote is not None
    assert quote.symbol == "ETHUSDT"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b"[]",
        b'{"data": 1}',
        b'{"data": {"e": "kline"}}',
        b'{"data": {"e": "trade"}}',
        trade("0"),
        trade("-1"),
        trade("NaN"),
        trade("abc"),
        trade(None),
        trade(["1"]),
        trade("1", E="noon"),
        trade("1", symbol="NOSUCHCOIN"),
        b'{"data": {"e": "24hrTicker", "E": 1, "s": "BTCUSDT", "c": "1", "b": "2", "a": "1"}}',
    ],
)
def test_what_is_no_price_is_ignored(reader: FrameReader, body: bytes):
    """given anything else, when it is read, then there is no price and no exception."""
    assert reader.read(body) is None


def test_a_number_is_as_good_as_text(reader: FrameReader):
    """given a price written as a JSON number, when it is read, then no digit is lost."""
    assert price_of(reader.read(trade(67012.35))) == Decimal("67012.35")


def test_a_price_far_off_is_ignored_for_a_minute(reader: FrameReader):
    """given a price, when the next is a tenth off, then it is ignored; when it is still there after a minute, it is taken."""
    assert price_of(reader.read(trade("60000"))) == 60000
    assert reader.read(trade("3391", 100)) is None
    assert price_of(reader.read(trade("60100", 200))) == 60100
    assert reader.read(trade("50000", 300)) is None

    later = 201 + MINUTE // MILLISECOND

    assert price_of(reader.read(trade("50000", later))) == 50000


def test_a_late_frame_does_not_turn_the_price_back(reader: FrameReader):
    """given a price, when an older one comes after it, then it is ignored."""
    reader.read(trade("60000", 500))

    assert reader.read(trade("60001", 400)) is None
