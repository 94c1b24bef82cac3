"""POST /webhooks/tradingview: alerts whose sender can set neither headers nor a content type, and waits three seconds.

1. The secret travels in the body (``secret`` or ``passphrase``) or in ``X-Webhook-Secret``; it is compared in constant time.
2. No trace of the secret is recorded, wherever in the body it stood.
3. A placeholder that was not expanded is refused by its name, and recorded as malformed.
4. The verdict is recorded before the answer; the answer does not wait for the order.

Source: TradingView's support pages on webhooks and on placeholders in alerts.
"""

from collections.abc import Mapping
from hmac import compare_digest
from re import compile as pattern
from secrets import token_hex

from starlette.responses import Response

from petrosa_adapters.http.call import Call
from petrosa_adapters.http.problem import Json, Refusal
from petrosa_adapters.http.routing import refuse_guess
from petrosa_adapters.http.settings import token_digest
from petrosa_adapters.http.trading import answer, body_of, judged, received
from petrosa_adapters.wire.json_text import Json as Parsed
from petrosa_adapters.wire.json_text import parse, write
from petrosa_adapters.wire.malformed import Malformed
from petrosa_core.decision import Outcome
from petrosa_core.signal import Undecodable

SECRET_FIELDS = ("secret", "passphrase")
SECRET_HEADER = "x-webhook-secret"  # noqa: S105
MASK = "***"

ALIASES: Mapping[str, str] = {"ticker": "symbol", "close": "price", "timenow": "timestamp", "interval": "timeframe"}
"""TradingView's names for ours; they count where ours are absent."""

_PLACEHOLDER = pattern(r"\{\{\s*([^{}]{1,80}?)\s*\}\}")
_TICKER = pattern(r"(?:[A-Za-z0-9_]+:)?(?P<symbol>[A-Za-z0-9]+)(?:\.P)?")


async def tradingview(call: Call) -> Response:
    """Judge one alert. Refusal: 404 when no secret is set, 401 for a wrong one, else as for POST /trade."""
    expected = call.services.settings.webhook_sha256
    if expected is None:
        raise Refusal(status=404, code="NOT_FOUND", detail="WEBHOOK_SECRET is not set, so there is no webhook.")
    raw = await call.body()
    text = raw.decode("utf-8", "replace")
    # What an unexpanded placeholder stands for may be a bare number: put one there, so that the rest can be read.
    fields = _read(_PLACEHOLDER.sub("0", text))
    secret = _presented(call, fields)
    if secret is None or not compare_digest(token_digest(secret), expected):
        refuse_guess(call.request, call.services)
        raise Refusal(status=401, code="WEBHOOK_SECRET_WRONG", detail="The webhook's secret is missing or wrong.")
    if names := list(dict.fromkeys(_PLACEHOLDER.findall(text))):
        return await answer(call, await received(call, _unexpanded(text, secret, names), f"http:{token_hex(16)}"))
    body = text.replace(secret, MASK) if fields is None else write(_translated(_scrubbed(fields, secret)))
    verdict = await judged(call, body.encode("utf-8"), {})
    if verdict.outcome is not Outcome.ACCEPTED:
        return await answer(call, verdict)
    return Json(body_of(verdict, None), 202, {"location": f"/trades/{verdict.trade_id}"})


def _read(text: str) -> dict[str, Parsed] | None:
    try:
        fields = parse(text.encode("utf-8"))
    except Malformed:
        return None
    return fields if isinstance(fields, dict) else None


def _presented(call: Call, fields: Mapping[str, Parsed] | None) -> str | None:
    offered = [call.request.headers.get(SECRET_HEADER), *((fields or {}).get(name) for name in SECRET_FIELDS)]
    return next((secret for secret in offered if isinstance(secret, str) and secret), None)


def _unexpanded(text: str, secret: str, names: list[str]) -> Undecodable:
    told = ", ".join(f"{{{{{name}}}}}" for name in names[:5]).replace(secret, MASK)
    return Undecodable(
        raw=text.replace(secret, MASK).encode("utf-8"),
        code="PLACEHOLDER_NOT_EXPANDED",
        message=f"the alert was sent with placeholders that TradingView did not expand: {told}",
        value=told[:200],
    )


def _scrubbed(fields: Mapping[str, Parsed], secret: str) -> dict[str, Parsed]:
    return {name: _masked(value, secret) for name, value in fields.items() if name not in SECRET_FIELDS}


def _masked(value: Parsed, secret: str) -> Parsed:
    if isinstance(value, str):
        return value.replace(secret, MASK) if secret in value else value
    if isinstance(value, list):
        return [_masked(item, secret) for item in value]
    if isinstance(value, dict):
        return {name.replace(secret, MASK): _masked(item, secret) for name, item in value.items()}
    return value


def _translated(fields: dict[str, Parsed]) -> dict[str, Parsed]:
    translated = dict(fields)
    for theirs, ours in ALIASES.items():
        if translated.get(ours) is None and theirs in fields:
            translated[ours] = translated.pop(theirs)
    symbol = translated.get("symbol")
    if isinstance(symbol, str) and (found := _TICKER.fullmatch(symbol.strip())):
        translated["symbol"] = found["symbol"]  # BINANCE:BTCUSDT.P is the perpetual BTCUSDT
    return translated
