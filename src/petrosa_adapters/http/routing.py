"""What a route is, and what every route does before its handler runs: who asks, may they, how often, with what content.

The order is fixed: method (405), token (401), scope (403), rate (429), content type (415). The handler reads the rest.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from re import findall

import attrs
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Send
from starlette.types import Scope as AsgiScope

from petrosa_adapters.http.call import Call, Principal
from petrosa_adapters.http.problem import Refusal, problem, too_many
from petrosa_adapters.http.services import Services
from petrosa_adapters.http.settings import Scope, Token
from petrosa_core.values import SECOND

Handler = Callable[[Call], Awaitable[Response]]

EVERYONE: frozenset[Scope] = frozenset()
"""No token is asked for: nothing of the account is told, and nothing can be changed."""

_MUTATIONS = frozenset({"POST", "PUT", "PATCH"})
_LOCAL = Principal("local", frozenset(Scope))


@attrs.frozen(kw_only=True)
class Endpoint:
    """One method of one path.

    ``admits`` are the scopes of which any one suffices. ``answers`` are the bodies by status, a text where it is no JSON;
    ``refusals`` the statuses that are told as a problem. ``hidden`` ones are not in the OpenAPI document.
    """

    method: str
    path: str
    name: str
    summary: str
    tag: str
    admits: frozenset[Scope]
    handler: Handler
    answers: Mapping[int, object]
    refusals: tuple[int, ...] = ()
    request: type | None = None
    body_required: bool = True
    query: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    media: Mapping[str, object] = attrs.field(factory=dict)
    throttled: bool = False
    any_type: bool = False
    """Whether a body of another type than JSON is read too."""
    hidden: bool = False

    @property
    def parameters(self) -> list[str]:
        """The path's parameters."""
        return findall(r"\{(\w+)", self.path)


class Resource:
    """One path: the ASGI application of all its methods."""

    def __init__(self, services: Services, endpoints: Sequence[Endpoint]) -> None:
        """Collect the methods; HEAD is answered wherever GET is."""
        self._services = services
        self._methods = {endpoint.method: endpoint for endpoint in endpoints}
        if "GET" in self._methods:
            self._methods.setdefault("HEAD", self._methods["GET"])
        self._path = endpoints[0].path

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive)
        try:
            response = await self._answer(request)
        except Refusal as refusal:
            response = problem(request, refusal)
        self._services.metrics.answered(self._path, request.method, response.status_code)
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        endpoint = self._methods.get(request.method)
        if endpoint is None:
            raise wrong_method(self._methods)
        principal = authorised(request, self._services, endpoint.admits)
        if endpoint.throttled:
            _within_the_rate(request, self._services, principal)
        if endpoint.method in _MUTATIONS and not endpoint.any_type:
            _json_only(request)
        return await endpoint.handler(Call(request, self._services, principal))


def authorised(request: Request, services: Services, admits: frozenset[Scope]) -> Principal:
    """Who asks. Refusal: 401 without a valid token where one is needed, 403 when it does not allow this."""
    principal = _principal(request, services)
    if not admits:
        return principal or Principal("anyone", frozenset())
    if principal is None:
        raise unauthorised("A bearer token is needed.")
    if principal.scopes.isdisjoint(admits):
        needed = " or ".join(sorted(admits))
        raise Refusal(status=403, code="SCOPE_MISSING", detail=f"The token does not allow this: it takes {needed}.")
    return principal


def _principal(request: Request, services: Services) -> Principal | None:
    header = request.headers.get("authorization")
    if header is None:
        return None if services.settings.tokens_required else _LOCAL
    kind, _, secret = header.partition(" ")
    token = services.settings.token_of(secret.strip()) if kind.lower() == "bearer" else None
    if token is None:
        refuse_guess(request, services)
        raise unauthorised("The token is not valid.")
    return principal_of(token)


def principal_of(token: Token) -> Principal:
    """Who acts with a token."""
    return Principal(token.name, token.scopes)


def refuse_guess(request: Request, services: Services) -> None:
    """Count a wrong secret. Refusal: 429 once there were too many from that client."""
    wait = services.failures.wait(client_of(request), services.clock.now())
    if wait > 0:
        raise too_many("Too many wrong secrets came from this address.", -(-wait // SECOND))


def unauthorised(detail: str) -> Refusal:
    """No valid token."""
    return Refusal(status=401, code="UNAUTHORISED", detail=detail, headers={"www-authenticate": "Bearer"})


def client_of(request: Request) -> str:
    """The address that the connection comes from; no header is believed."""
    return request.client.host if request.client is not None else "unknown"


def wrong_method(methods: Mapping[str, Endpoint]) -> Refusal:
    """The path is there, the method is not."""
    allowed = ", ".join(sorted(methods))
    return Refusal(
        status=405, code="METHOD_NOT_ALLOWED", detail=f"This path takes {allowed}.", headers={"allow": allowed}
    )


def _within_the_rate(request: Request, services: Services, principal: Principal) -> None:
    if services.throttle is None:
        return
    client = f"token {principal.name}" if principal.scopes and principal is not _LOCAL else client_of(request)
    wait = services.throttle.wait(client, services.clock.now())
    if wait > 0:
        raise too_many("Signals come faster than this client may send them.", -(-wait // SECOND))


def _json_only(request: Request) -> None:
    # A form or a text can be sent by any page in any browser without being asked first (CSRF); JSON cannot.
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    empty = request.headers.get("content-length", "0") == "0" and "transfer-encoding" not in request.headers
    if kind != "application/json" and not (empty and not kind):
        raise Refusal(
            status=415, code="NOT_JSON_CONTENT", detail="Content-Type: application/json is the only one taken."
        )
