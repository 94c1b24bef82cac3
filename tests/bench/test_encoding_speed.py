"""What exactness costs a recovery, as a ratio within one run: a typed, validated entry against bare JSON (G12)."""

import json
import time
from collections.abc import Callable
from decimal import Decimal

import attrs
import pytest

from petrosa_core.audit import decode, encode
from petrosa_core.execution import Accepted, Fill, OrderReport, OrderStatus
from petrosa_core.values import Amount, ClientOrderId, Moment, Money, OrderType, Price, Quantity, Side, Symbol

ROUNDS = 2_000

pytestmark = pytest.mark.slow


@attrs.frozen
class Payload:
    """A frame's worth of entries."""

    entries: tuple[OrderReport | Accepted, ...]


REPORT = OrderReport(
    client_order_id=ClientOrderId("pt1-abcdefghijklmnopqrstuvwx-e1"),
    symbol=Symbol("BTCUSDT"),
    side=Side.BUY,
    type=OrderType.LIMIT,
    status=OrderStatus.FILLED,
    quantity=Decimal("0.001"),
    price=Decimal("50000.10"),
    executed=Decimal("0.001"),
    cost=Decimal("50.0001"),
    venue_order_id="1234567890",
    created_at=Moment(1_787_313_601_000_000),
    at=Moment(1_787_313_601_000_001),
    fill=Fill(
        trade_id="55",
        price=Price("50000.1"),
        quantity=Quantity("0.001"),
        fee=Money(Amount("0.02"), "USDT"),
        at=Moment(1_787_313_601_000_001),
    ),
)


def fastest(work: Callable[[], object]) -> float:
    """Seconds a call, in the best of five rounds: what the machine does besides only ever adds."""
    rounds = []
    for _ in range(5):
        before = time.perf_counter()
        for _ in range(ROUNDS):
            work()
        rounds.append((time.perf_counter() - before) / ROUNDS)
    return min(rounds)


def test_g12_a_recovery_is_paced_by_json():
    """Reading an entry as what it is costs at most 5 times as much as reading it as bare JSON; writing, 8 times."""
    payload = Payload((REPORT,))
    data = encode(payload)
    bare = json.loads(data)

    assert fastest(lambda: decode(data, Payload)) <= 5 * fastest(lambda: json.loads(data))
    assert fastest(lambda: encode(payload)) <= 8 * fastest(lambda: json.dumps(bare))
