"""Names: of accounts, strategies, symbols, signals and the orders that a signal may cause.

A client order id is derived from (account, signal, leg, attempt), so that a restarted engine finds its own orders at the
venue without any store. It is not an idempotency key: Binance frees an id once its order is done; the journal is the key.
"""

from functools import lru_cache
from hashlib import sha256
from typing import NewType

from petrosa_core.values.word import Word

AccountId = NewType("AccountId", str)
StrategyId = NewType("StrategyId", str)
Symbol = NewType("Symbol", str)
SignalId = NewType("SignalId", str)
"""Names a signal, and the trade that it causes; URL and subject safe."""
ClientOrderId = NewType("ClientOrderId", str)
"""At most 36 of ``[A-Za-z0-9_-]`` (Binance spot FIX and USD-M rules both hold)."""

_PREFIX = "pt1-"
_DIGITS = 24
_SHARED = 1024
"""Derived names at hand: a trade's are asked for again with each of its orders and reports."""


class Leg(Word):
    """What an order is for in its trade; the value is the letter in the client order id."""

    ENTRY = "e"
    STOP = "s"
    TARGET = "t"
    CLOSE = "x"
    LIST = "l"


_LEGS = {leg.value: leg for leg in Leg}


def _digest(*parts: str) -> str:
    # 96 bits: among a billion signals a clash has odds of one in a hundred billion.
    return sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS]


def derive_signal_id(strategy: str, kind: str, value: str) -> SignalId:
    """The signal's name, the same for the same (strategy, kind of id, id) on every machine."""
    return SignalId("sg-" + _digest(strategy, kind, value))


@lru_cache(_SHARED)
def trade_prefix(account: AccountId, signal_id: SignalId) -> str:
    """What the client ids of all orders of one trade begin with."""
    return _PREFIX + _digest(account, signal_id)


def client_order_id(account: AccountId, signal_id: SignalId, leg: Leg, attempt: int) -> ClientOrderId:
    """The id of one attempt at one leg; attempts count from 1 to 999999: a close is tried for as long as it takes."""
    if not 1 <= attempt < 1_000_000:
        raise ValueError(f"attempt: from 1 to 999999, was {attempt}")
    return ClientOrderId(f"{trade_prefix(account, signal_id)}-{leg.value}{attempt}")


@lru_cache(_SHARED)
def leg_of(client_id: str) -> tuple[str, Leg, int] | None:
    """(trade prefix, leg, attempt) of an id that this engine derived, or None for a foreign one."""
    prefix, dash, tail = client_id.rpartition("-")
    if not dash or not prefix.startswith(_PREFIX) or len(prefix) != len(_PREFIX) + _DIGITS:
        return None
    leg, attempt = _LEGS.get(tail[:1]), tail[1:]
    return None if leg is None or not attempt.isdecimal() else (prefix, leg, int(attempt))
