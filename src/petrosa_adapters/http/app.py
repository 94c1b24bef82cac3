"""The HTTP shell: one engine as a Starlette application.

Promises, each tested under its number (tests/contract/test_http.py):

H1  Every answer of POST /trade carries the verdict: ``outcome``, ``reasons``, and ``result`` where there is an order.
H2  Numbers leave exactly as the engine has them; none passes through a float.
H3  A request sent again under the same identity is answered from the record, and marked ``Idempotent-Replay: true``.
H4  Only an engine that cannot record answers 503 to a signal; it says when to come back.
H5  Every refusal is an RFC 9457 problem with a stable code and a correlation id, and quotes no exception.
H6  A route is open to nobody but the scopes that it names.
H7  Halting passes whatever is throttled.
H8  A body is never read beyond its limit, and never waited for beyond its time.
H9  A browser can be tricked into nothing: no CORS, JSON only, known hosts only, no foreign origin.
H10 The event stream resumes behind the last number seen, and ends when the server stops.
H11 What is answered is what the OpenAPI document says.
"""

import asyncio
import json
from importlib.metadata import version

import structlog
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from petrosa_adapters.http.guard import Guard, stamped
from petrosa_adapters.http.metrics import Metrics
from petrosa_adapters.http.openapi import document
from petrosa_adapters.http.problem import Refusal, correlation_id, problem
from petrosa_adapters.http.routes import ENDPOINTS
from petrosa_adapters.http.routing import Endpoint, Resource
from petrosa_adapters.http.services import ReadSignal, Services
from petrosa_adapters.http.settings import HttpSettings
from petrosa_adapters.http.streams import Streams
from petrosa_adapters.http.throttle import Failures, Throttle
from petrosa_adapters.wire.signals import read_signal as read_any_signal
from petrosa_core.application.api import EngineApi
from petrosa_core.ports import Clock

_LOG = structlog.get_logger("petrosa.http")


def create_app(
    engine: EngineApi,
    settings: HttpSettings,
    *,
    clock: Clock,
    read_signal: ReadSignal = read_any_signal,
    metrics: Metrics | None = None,
) -> Starlette:
    """Wire the routes to the engine. ``metrics`` is shared with the other shells of the process, when there are any."""
    metrics = Metrics() if metrics is None else metrics
    metrics.watch(engine)
    services = Services(
        engine=engine,
        settings=settings,
        clock=clock,
        read_signal=read_signal,
        metrics=metrics,
        throttle=None if settings.trades_per_second is None else Throttle(settings.trades_per_second),
        failures=Failures(settings.failures_allowed, settings.failures_forgotten_after),
        streams=Streams(),
        closing=asyncio.Event(),
        openapi=None if settings.live else openapi_text(),
    )
    by_path: dict[str, list[Endpoint]] = {}
    for endpoint in ENDPOINTS:
        by_path.setdefault(endpoint.path, []).append(endpoint)
    app = Starlette(
        routes=[Route(path, Resource(services, endpoints)) for path, endpoints in by_path.items()],
        middleware=[Middleware(Guard, allowed_hosts=settings.allowed_hosts)],
        exception_handlers={HTTPException: _no_route, Exception: _unexpected},
    )
    app.router.redirect_slashes = False
    app.state.services = services
    return app


def openapi_text() -> bytes:
    """The OpenAPI document of all routes, as it is served and as it is kept in docs/reference/openapi.json."""
    return json.dumps(document(ENDPOINTS, version("petrosa-tradeengine")), indent=2).encode() + b"\n"


async def _no_route(request: Request, raised: Exception) -> Response:
    assert isinstance(raised, HTTPException), "registered for nothing else"
    return problem(
        request, Refusal(status=raised.status_code, code="NOT_FOUND", detail="There is nothing at this path.")
    )


async def _unexpected(request: Request, raised: Exception) -> Response:
    # Outside of the guard, so the headers are set here. What was raised goes to the log, and to nobody else.
    name = correlation_id(request)
    _LOG.error("http.unexpected", correlation_id=name, method=request.method, path=request.url.path, exc_info=raised)
    response = problem(
        request, Refusal(status=500, code="INTERNAL", detail="An unexpected error; the log has it under this id.")
    )
    response.raw_headers.extend(stamped(request.scope))
    return response
