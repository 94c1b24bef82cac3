"""What stands before every route: a name for the request, the Host rule, and the headers that keep browsers honest.

Pure ASGI, because it runs for every request: one dictionary lookup, one scan of the headers, one list of bytes added.
"""

from re import compile as pattern
from secrets import token_hex

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from petrosa_adapters.http.problem import Refusal, problem
from petrosa_adapters.http.settings import address_of

_CORRELATION = pattern("[A-Za-z0-9._-]{1,64}")
_HOST = pattern(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[^:\[\]]+)(?::[0-9]{1,5})?")

SECURITY_HEADERS: tuple[tuple[bytes, bytes], ...] = (
    (
        b"content-security-policy",
        b"default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'",
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)


class Guard:
    """The outermost middleware of the application's own.

    1. Every request has a correlation id: the caller's ``X-Request-ID`` when it is 1 to 64 of ``[A-Za-z0-9._-]``, else a
       fresh one; every answer carries it.
    2. A Host header with a name that is not allowed is refused (DNS rebinding).
    3. A request that a browser sends for a page of another origin may change nothing (CSRF); CORS is never granted.
    4. Every answer carries the security headers, and ``Cache-Control: no-store`` unless it says otherwise.
    """

    def __init__(self, app: ASGIApp, *, allowed_hosts: frozenset[str]) -> None:
        """Wrap the application."""
        self._app = app
        self._hosts = frozenset(host.lower() for host in allowed_hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or let the application answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        scope["petrosa.correlation_id"] = _name_of(headers)
        guarded = _with_headers(send, stamped(scope))
        refusal = self._refusal(scope["method"], headers)
        if refusal is None:
            await self._app(scope, receive, guarded)
        else:
            await problem(HTTPConnection(scope), refusal)(scope, receive, guarded)

    def _refusal(self, method: str, headers: Headers) -> Refusal | None:
        host = headers.get("host", "")
        if not self._knows(host):
            detail = "The Host header names no host of this server: HTTP_ALLOWED_HOSTS lists them."
            return Refusal(status=400, code="HOST_NOT_ALLOWED", detail=detail)
        origin = headers.get("origin")
        if origin is not None and method not in {"GET", "HEAD"} and origin.partition("://")[2].lower() != host.lower():
            return Refusal(
                status=403, code="CROSS_ORIGIN", detail="A page of another origin may not change anything here."
            )
        return None

    def _knows(self, host: str) -> bool:
        found = _HOST.fullmatch(host)
        return found is not None and (found["host"].lower() in self._hosts or address_of(found["host"]) is not None)


def _name_of(headers: Headers) -> str:
    given = headers.get("x-request-id", "")
    return given if _CORRELATION.fullmatch(given) else token_hex(16)


def stamped(scope: Scope) -> list[tuple[bytes, bytes]]:
    """The headers that every answer to this request carries."""
    return [*SECURITY_HEADERS, (b"x-request-id", scope["petrosa.correlation_id"].encode("ascii"))]


def _with_headers(send: Send, more: list[tuple[bytes, bytes]]) -> Send:
    async def guarded(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = message["headers"]
            cached = any(name == b"cache-control" for name, _ in headers)
            message["headers"] = [*headers, *more, *(() if cached else ((b"cache-control", b"no-store"),))]
        await send(message)

    return guarded
