"""Signals in: POST /trade, and what their verdicts are told as.

A message has arrived once it stands behind the door (authorised, within the rate, of the right type and size). From there
on it is judged by the engine, whatever it holds, and only an engine that cannot record answers 503 without a verdict.
"""

from collections.abc import Mapping
from re import compile as pattern
from secrets import token_hex

import attrs
from starlette.responses import Response

from petrosa_adapters.http.call import Call
from petrosa_adapters.http.problem import Json, Refusal, not_ready, of_verdict, plain_reasons
from petrosa_core.application.api import Arrival, NotReady, Plain, Verdict
from petrosa_core.decision import Outcome
from petrosa_core.signal import Signal, Undecodable
from petrosa_core.values import SignalId

_KEY = pattern(r"[\x21-\x7e]{1,200}")
_CARRIED = ("idempotency-key", "traceparent", "tracestate")

MESSAGES: Mapping[Outcome, str] = {
    Outcome.ACCEPTED: "Signal processed successfully",
    Outcome.DUPLICATE: "Signal was processed before; this is the answer that stands",
    Outcome.HELD: "Signal recorded: hold asks for nothing",
    Outcome.CLOSING: "Closing the trade",
    Outcome.NOTHING_TO_CLOSE: "Nothing to close",
    Outcome.DENIED: "The signal was denied; reasons says why, and nothing was sent.",
    Outcome.MALFORMED: "The body is no signal; reasons says why, and nothing was sent.",
}


async def trade(call: Call) -> Response:
    """Judge one signal; wait, within the settle timeout, until its entry is at rest, filled or over."""
    if call.services.settings.live and "idempotency-key" not in call.request.headers:
        detail = "Live trading needs an Idempotency-Key header, so that a request sent again cannot trade again."
        raise Refusal(status=400, code="IDEMPOTENCY_KEY_REQUIRED", detail=detail)
    headers = _carried(call)
    verdict = await judged(call, await call.body(), headers)
    return await answer(call, verdict)


async def judged(call: Call, body: bytes, headers: Mapping[str, str]) -> Verdict:
    """Read a body and have it judged. Refusal: 503 when the engine cannot record."""
    services = call.services
    # Never taken from the caller: a request without an id and a timestamp is a new signal each time.
    message_id = f"http:{token_hex(16)}"
    received_at = services.clock.now()
    message = services.read_signal(body, received_at=received_at, headers=headers, fallback=message_id)
    if isinstance(message, Undecodable):
        message = explained(message)
    return await received(call, message, message_id)


async def received(call: Call, message: Signal | Undecodable, message_id: str) -> Verdict:
    """Have a message judged. Refusal: 503 when the engine cannot record."""
    arrival = Arrival(
        transport="http",
        message_id=message_id,
        received_at=call.services.clock.now(),
        subject=f"{call.request.method} {call.request.url.path}",
    )
    verdict = await call.services.engine.receive(message, arrival)
    if isinstance(verdict, NotReady):
        raise not_ready(verdict)
    return verdict


def explained(message: Undecodable) -> Undecodable:
    """Say what to do instead, for a batch as the first version of the engine took it."""
    body = message.raw.lstrip()
    if body.startswith(b"[") or (body.startswith(b"{") and body[1:].lstrip().startswith(b'"signals"')):
        return attrs.evolve(
            message, code="NOT_ONE_SIGNAL", message="one signal per request: send each object of the list by itself"
        )
    return message


async def answer(call: Call, verdict: Verdict) -> Response:
    """What a verdict is told as. Refusal: 400 for malformed, 422 for denied."""
    match verdict.outcome:
        case Outcome.ACCEPTED:
            assert verdict.trade_id is not None, "an accepted signal is a trade"
            timeout = call.services.settings.settle_timeout
            told = body_of(verdict, await call.services.engine.settled(verdict.trade_id, timeout))
            location = {"location": f"/trades/{verdict.trade_id}"}
            return Json(told, 200 if is_settled(told) else 202, location)
        case Outcome.DENIED:
            raise of_verdict(422, verdict, MESSAGES[Outcome.DENIED])
        case Outcome.MALFORMED:
            raise of_verdict(400, verdict, MESSAGES[Outcome.MALFORMED])
        case Outcome.DUPLICATE:
            return Json(body_of(verdict, _found(call, verdict.trade_id)), 200, {"idempotent-replay": "true"})
        case Outcome.HELD | Outcome.CLOSING | Outcome.NOTHING_TO_CLOSE:
            return Json(body_of(verdict, _found(call, verdict.trade_id)))


def body_of(verdict: Verdict, trade: Mapping[str, Plain] | None) -> dict[str, Plain]:
    """The specification's answer, with the verdict and every reason; ``result`` only where there is an order."""
    told: dict[str, Plain] = {
        "message": MESSAGES[verdict.outcome],
        "signal_id": verdict.signal_id,
        "outcome": verdict.outcome.value,
        "reasons": plain_reasons(verdict.reasons),
        "trade_id": verdict.trade_id,
        "seq": verdict.seq,
    }
    if verdict.original is not None:
        told["original"] = verdict.original.value
    result = None if trade is None else trade.get("result")
    if result is not None:
        told["result"] = result
    return told


def is_settled(told: Mapping[str, Plain]) -> bool:
    """Whether the order's fate is known well enough to be called an answer: at rest counts, unanswered does not."""
    result = told.get("result")
    return isinstance(result, Mapping) and result.get("status") != "unknown"


def _found(call: Call, trade_id: SignalId | None) -> Mapping[str, Plain] | None:
    return None if trade_id is None else call.services.engine.trade(trade_id)


def _carried(call: Call) -> dict[str, str]:
    headers = call.request.headers
    key = headers.get("idempotency-key")
    if key is not None and not _KEY.fullmatch(key):
        detail = "Idempotency-Key: 1 to 200 printable characters without spaces."
        raise Refusal(status=400, code="IDEMPOTENCY_KEY_INVALID", detail=detail)
    return {name: headers[name] for name in _CARRIED if name in headers}
