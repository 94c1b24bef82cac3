"""Prices from the bodies on ``binance.websocket.data``: Binance spot frames in an envelope.

1. Trade and ticker frames are used, under the symbol that the frame itself names.
2. Depth frames are ignored: they name no symbol, and the envelope's label is known to be wrong for all but one stream.
3. A price far from the last one is ignored for a while; when it stays there, the market has moved and it is taken.
4. Nothing that arrives can raise.
"""

from collections.abc import Iterable

from petrosa_adapters.wire.json_text import Json, parse
from petrosa_adapters.wire.malformed import Malformed
from petrosa_core.values import MILLISECOND, MINUTE, Duration, Instrument, Moment, Price, Quote, Ratio, Symbol


class FrameReader:
    """Reads one body after another; remembers the last price of each symbol."""

    def __init__(
        self, instruments: Iterable[Instrument], band: Ratio = Ratio("0.1"), memory: Duration = MINUTE
    ) -> None:
        """Know the symbols; ``band`` is how far a price may be from the last one, as a fraction of it, within ``memory``."""
        self._known = {instrument.symbol for instrument in instruments}
        self._band = band
        self._memory = memory
        self._last: dict[Symbol, Quote] = {}

    def read(self, body: bytes) -> Quote | None:
        """The quote that a body holds, or None."""
        try:
            envelope = parse(body)
        except Malformed:
            return None
        frame = envelope.get("data") if isinstance(envelope, dict) else None
        if not isinstance(frame, dict):
            return None
        try:
            quote = _quote(frame)
        except (ValueError, ArithmeticError):
            return None
        if quote is None or quote.symbol not in self._known or self._is_out_of_band(quote):
            return None
        self._last[quote.symbol] = quote
        return quote

    def _is_out_of_band(self, quote: Quote) -> bool:
        last = self._last.get(quote.symbol)
        if last is None or quote.as_of - last.as_of > self._memory:
            return False
        # Late frames would turn the price back.
        return quote.as_of < last.as_of or abs(quote.mark - last.mark) > last.mark * self._band


def _quote(frame: dict[str, Json]) -> Quote | None:
    kind = frame.get("e")
    if kind == "trade":
        price = _price(frame, "p")
        bid, ask = price, price
    elif kind == "24hrTicker":
        price, bid, ask = _price(frame, "c"), _price(frame, "b"), _price(frame, "a")
        if bid > ask:
            return None
    else:
        return None
    at = Moment(int(_text(frame, "E")) * MILLISECOND)
    return Quote(symbol=Symbol(_text(frame, "s")), bid=bid, ask=ask, mark=price, as_of=at)


def _price(frame: dict[str, Json], name: str) -> Price:
    return Price(_text(frame, name))


def _text(frame: dict[str, Json], name: str) -> str:
    value = frame.get(name)
    if not isinstance(value, str):
        raise ValueError(f"{name}: text or a number")  # noqa: TRY004  a body is wrong, not the program
    return value
