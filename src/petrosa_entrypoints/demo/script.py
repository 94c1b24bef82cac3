"""What the producer of the first minute publishes, in order, as any strategy would.

Sizes come out of the seed's rule, 2 % of the free balance times the confidence: 150 USDT for a confidence of 0.75 and 10,000
USDT. The show's account allows 160 USDT a trade, so that the one signal with 0.95 is cut down.
"""

import json
from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Final

import attrs

from petrosa_core.signal import Identity
from petrosa_core.values import Moment, SignalId, StrategyId, Symbol, iso

ACCOUNT: Final = "show"
"""The account that the replay trades on; the operator's own never sees it."""

SETTINGS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "ACCOUNT_ID": ACCOUNT,
        "MAX_POSITION_NOTIONAL": "160",
        # A stop is on its way long enough for a SIGKILL to come before it.
        "SIMULATION_LATENCY_MS": "60",
        "HTTP_HOST": "127.0.0.1",
        "HTTP_PORT": "0",
        "LOG_FORMAT": "json",
    }
)
"""What the show's engine is told, beside where its folder and its NATS server are."""

PRICES: Final[Mapping[Symbol, Decimal]] = MappingProxyType(
    {
        Symbol("BTCUSDT"): Decimal(50_000),
        Symbol("ETHUSDT"): Decimal(3_000),
        Symbol("SOLUSDT"): Decimal(150),
        Symbol("BNBUSDT"): Decimal(600),
    }
)
"""Where the synthetic day begins, in USDT."""


class Part(StrEnum):
    """One thing worth seeing."""

    FILLED = "filled"
    DUPLICATE = "duplicate"
    REFUSED = "refused"
    REDUCED = "reduced"
    MALFORMED = "malformed"
    KILLED = "killed"


@attrs.frozen(kw_only=True)
class Beat:
    """One message of the script. ``title`` says to the spectator what to look at."""

    part: Part
    title: str
    strategy: StrategyId
    symbol: Symbol
    confidence: str
    same_as: Part | None = None
    """The message is the very one of another beat, sent again."""

    def name(self, run: str) -> str:
        """The id that the message carries; ``run`` tells one show from the next."""
        return f"{run}-{self.same_as or self.part}"

    def signal_id(self, run: str) -> SignalId:
        """The name under which the engine knows the signal."""
        return Identity("id", self.name(run)).key(self.strategy)

    def body(self, run: str, price: Decimal, now: Moment) -> bytes:
        """The message; the malformed one has lost its end on the way."""
        fields = {
            "id": self.name(run),
            "strategy_id": self.strategy,
            "symbol": self.symbol,
            "action": "buy",
            "confidence": self.confidence,
            "order_type": "market",
            "price": format(price, "f"),
            "current_price": format(price, "f"),
            "stop_loss_pct": "0.04",
            "take_profit_pct": "0.08",
            "timestamp": iso(now),
        }
        whole = json.dumps(fields).encode()
        return whole[: len(whole) // 2] if self.part is Part.MALFORMED else whole


_MOMENTUM, _SCALPER, _BREAKOUT, _CARRY = map(StrategyId, ("momentum", "scalper", "breakout", "carry"))
_BTC, _ETH, _SOL, _BNB = PRICES

SCRIPT: Final = (
    Beat(
        part=Part.FILLED,
        title="a signal becomes a filled order with a stop and a target at the venue",
        strategy=_MOMENTUM,
        symbol=_BTC,
        confidence="0.75",
    ),
    Beat(
        part=Part.DUPLICATE,
        title="the same signal arrives again: it is answered from the record, and nothing is sent",
        strategy=_MOMENTUM,
        symbol=_BTC,
        confidence="0.75",
        same_as=Part.FILLED,
    ),
    Beat(
        part=Part.REFUSED,
        title="a signal that is not sure enough is refused, with the number and the limit",
        strategy=_SCALPER,
        symbol=_ETH,
        confidence="0.42",
    ),
    Beat(
        part=Part.REDUCED,
        title="a signal that would be too large is cut down to what one trade may be worth",
        strategy=_BREAKOUT,
        symbol=_SOL,
        confidence="0.95",
    ),
    Beat(
        part=Part.MALFORMED,
        title="a message that broke on the way is kept, byte for byte, with the reason",
        strategy=_SCALPER,
        symbol=_ETH,
        confidence="0.80",
    ),
    Beat(
        part=Part.KILLED,
        title="the engine is killed (SIGKILL) the moment this order fills, and started again",
        strategy=_CARRY,
        symbol=_BNB,
        confidence="0.70",
    ),
)
"""The whole show, in order."""


@attrs.frozen(kw_only=True)
class Published:
    """A message as it went out."""

    beat: Beat
    signal_id: SignalId
    body: bytes
