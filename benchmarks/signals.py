"""The signal that everything is measured with: a producer's real one, with its optional fields and free-form metadata."""

import json
from typing import Any

from petrosa_core.values import SECOND, Moment

SAID_AT = Moment(1_787_313_600 * SECOND)
"""2026-08-21T12:00:00Z, when the signal says that it was made."""

STRATEGY = "volume_surge_breakout"

_FIELDS: dict[str, Any] = {
    "strategy_id": STRATEGY,
    "strategy": STRATEGY,
    "symbol": "SYMBOL",
    "action": "buy",
    "price": "PRICE",
    "current_price": "PRICE",
    "quantity": "QUANTITY",
    "confidence": "CONFIDENCE",
    "source": "petrosa-cio",
    "strength": "strong",
    "strategy_mode": "llm_reasoning",
    "timestamp": "TIMESTAMP",
    "decision_id": "NAME",
    "stop_loss": "STOP",
    "stop_loss_pct": "STOP_SHARE",
    "take_profit": "TARGET",
    "take_profit_pct": "TARGET_SHARE",
    "metadata": {
        "correlation_id": "6f0f7f7ad2f94ad59c0d8e6d1f7a7c11",
        "decision_id": "NAME",
        "cio_justification": "Regime trending_bull, strategy healthy.",
        "thought_trace": "Regime: trending_bull/ok | Strategy: healthy/good",
        "original_size_usd": "SIZE",
    },
}
# Put in as text, so that every digit is the producer's.
_NUMBERS = {
    "PRICE": "3055.351958475694",
    "QUANTITY": "0.16364726774372942",
    "CONFIDENCE": "0.9",
    "STOP": "2979.3756777958006",
    "STOP_SHARE": "0.024",
    "TARGET": "3245.292660175428",
    "TARGET_SHARE": "0.052",
    "SIZE": "500.0",
}


def _template() -> str:
    text = json.dumps(_FIELDS, indent=1)
    for name, digits in _NUMBERS.items():
        text = text.replace(f'"{name}"', digits)
    return text


_TEMPLATE = _template()


def body(name: str, *, symbol: str = "ETHUSDT", timestamp: str = "2026-08-21T12:00:00.418231+00:00") -> bytes:
    """One message of its own: two with different names are different signals."""
    return _TEMPLATE.replace("NAME", name).replace("SYMBOL", symbol).replace("TIMESTAMP", timestamp).encode()
