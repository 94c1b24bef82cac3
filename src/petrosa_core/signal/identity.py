"""When two messages are the same signal.

1. Every id that a message carries is registered under (strategy, kind, value); a match on any one is the same signal.
2. A message without an id is named by a digest of what it says: strategy, symbol, action, timeframe, timestamp, price.
3. The same identity with other trading fields is a different signal in borrowed clothes, and refused.
"""

from hashlib import sha256

import attrs

from petrosa_core.values import SignalId, StrategyId, derive_signal_id


@attrs.frozen
class Identity:
    """One id of a signal: its kind (``signal_id``, ``Nats-Msg-Id``, ``digest``, ...) and value."""

    kind: str
    value: str

    def key(self, strategy: StrategyId) -> SignalId:
        """The registry key, which is also the signal's name when this identity comes first."""
        return derive_signal_id(strategy, self.kind, self.value)


def fingerprint(*parts: object) -> str:
    """A short stable digest of values, for identities and for comparing trading fields."""
    text = "\x1f".join("" if part is None else str(part) for part in parts)
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
