"""The yardstick of the decision: a decoder written by hand for speed, which never changes.

One body into one frozen attrs object with exact Decimals, and nothing else: no ranges, no identity, no second spelling of
anything, nothing kept of what it does not know. Whatever takes a signal seriously costs a multiple of this.
"""

import json
from decimal import Decimal
from typing import Any

import attrs


@attrs.frozen(kw_only=True)
class BareSignal:
    """Thirteen fields of a signal."""

    strategy_id: str
    symbol: str
    action: str
    confidence: Decimal
    price: Decimal
    current_price: Decimal
    quantity: Decimal
    stop_loss: Decimal
    take_profit: Decimal
    timestamp: str
    source: str
    decision_id: str
    metadata: dict[str, Any]


def bare_signal(body: bytes) -> BareSignal:
    """Read one body that is known to be good."""
    fields = json.loads(body, parse_float=Decimal)
    return BareSignal(
        strategy_id=fields["strategy_id"],
        symbol=fields["symbol"].upper(),
        action=fields["action"].lower(),
        confidence=fields["confidence"],
        price=fields["price"],
        current_price=fields["current_price"],
        quantity=fields["quantity"],
        stop_loss=fields["stop_loss"],
        take_profit=fields["take_profit"],
        timestamp=fields["timestamp"],
        source=fields["source"],
        decision_id=fields["decision_id"],
        metadata=fields["metadata"],
    )
