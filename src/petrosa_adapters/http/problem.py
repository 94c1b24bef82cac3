"""Refusals over HTTP: RFC 9457 problem details, each with a stable code and the request's correlation id.

1. A refusal says what the caller did or what we cannot do now; it never quotes an exception.
2. ``code`` is stable and is also the last part of ``type``; ``title`` goes with the status, ``detail`` with this case.
"""

from collections.abc import Mapping, Sequence
from http import HTTPStatus

import attrs
from starlette.requests import HTTPConnection
from starlette.responses import Response

from petrosa_adapters.wire.plain_json import dumps
from petrosa_core.application.api import NotReady, Plain, Verdict
from petrosa_core.decision import Reason
from petrosa_core.values import SECOND

PROBLEM_TYPE = "application/problem+json"


@attrs.frozen(kw_only=True, eq=False)
class Refusal(Exception):
    """A request that ends here: answered with ``status`` and a problem body. ``more`` are further members of the body."""

    status: int
    code: str
    detail: str
    headers: Mapping[str, str] = attrs.field(factory=dict)
    more: Mapping[str, Plain] = attrs.field(factory=dict)


class Json(Response):
    """A JSON answer whose numbers are exact."""

    media_type = "application/json"

    def __init__(self, plain: object, status: int = 200, headers: Mapping[str, str] | None = None) -> None:
        """Write the plain value; see ``plain_json.dumps`` for what it may hold."""
        super().__init__(dumps(plain), status, headers)


def correlation_id(connection: HTTPConnection) -> str:
    """The name under which the log knows the request; the guard has given every request one."""
    found = connection.scope.get("petrosa.correlation_id", "")
    assert isinstance(found, str), "set by the guard"
    return found


def problem(connection: HTTPConnection, refusal: Refusal) -> Response:
    """The refusal as an answer."""
    body: dict[str, Plain] = {
        "type": f"urn:petrosa:problem:{refusal.code}",
        "title": HTTPStatus(refusal.status).phrase,
        "status": refusal.status,
        "detail": refusal.detail,
        "code": refusal.code,
        "correlation_id": correlation_id(connection),
        "outcome": None,
        "reasons": [],
        **refusal.more,
    }
    return Json(body, refusal.status, {**refusal.headers, "content-type": PROBLEM_TYPE})


def not_ready(answer: NotReady) -> Refusal:
    """The engine cannot record now: nothing was judged, send it again."""
    seconds = -(-answer.retry_after // SECOND) or 1
    return Refusal(
        status=503,
        code=answer.code,
        detail=answer.message,
        headers={"retry-after": str(seconds)},
        more={"retry_after": seconds},
    )


def too_many(detail: str, retry_after: int) -> Refusal:
    """The client asks too often; ``retry_after`` is in seconds, at least 1."""
    seconds = max(1, retry_after)
    return Refusal(
        status=429,
        code="TOO_MANY_REQUESTS",
        detail=detail,
        headers={"retry-after": str(seconds)},
        more={"retry_after": seconds},
    )


def plain_reasons(reasons: Sequence[Reason]) -> list[Mapping[str, Plain]]:
    """Reasons as they are answered and recorded."""
    return [
        {"code": reason.code, "message": reason.message, "value": reason.value, "limit": reason.limit}
        for reason in reasons
    ]


def of_verdict(status: int, verdict: Verdict, detail: str) -> Refusal:
    """A verdict that is told as a problem: its first reason gives the code, all of them are in the body."""
    name = verdict.signal_id
    return Refusal(
        status=status,
        code=verdict.reasons[0].code if verdict.reasons else verdict.outcome.value.upper(),
        detail=detail,
        more={
            "outcome": verdict.outcome.value,
            "reasons": plain_reasons(verdict.reasons),
            "signal_id": name,
            "trade_id": verdict.trade_id,
            "seq": verdict.seq,
            **({} if name is None else {"instance": f"/signals/{name}"}),
        },
    )
