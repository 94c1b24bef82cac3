"""The OpenAPI 3.1 document, made from the routes' table and the bodies' types: what is not in them is not in it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from starlette.responses import Response

from petrosa_adapters.http.call import LIMIT_MAX, NAMES, Call
from petrosa_adapters.http.envelopes import Problem, SeedMetrics
from petrosa_adapters.http.problem import Refusal
from petrosa_adapters.http.routing import Endpoint
from petrosa_adapters.http.schemas import Schemas
from petrosa_core.decision import Outcome

TITLE = "Petrosa trade engine"

QUERIES: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "symbol": ("Only this symbol.", {"type": "string", "pattern": f"^{NAMES['symbol']}$"}),
    "open": ("Only what is open.", {"type": "boolean", "default": False}),
    "limit": ("At most so many rows.", {"type": "integer", "minimum": 1, "maximum": LIMIT_MAX, "default": 100}),
    "outcome": ("Only this verdict.", {"type": "string", "enum": list(Outcome)}),
    "since": ("Not before; ISO 8601, UTC without an offset.", {"type": "string"}),
    "reason": ("Why; recorded.", {"type": "string", "maxLength": 500}),
    "after": ("Resume behind this journal number.", {"type": "integer", "minimum": 0}),
}

HEADERS: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "Idempotency-Key": (
        "Names the signal: a request sent again under the same key is answered from the record. Mandatory in live mode.",
        {"type": "string", "pattern": "^[!-~]{1,200}$"},
    ),
    "Last-Event-ID": ("Resume behind this journal number.", {"type": "integer", "minimum": 0}),
    "X-Webhook-Secret": ("The webhook's secret, for senders that can set headers.", {"type": "string"}),
}

MEANINGS: Mapping[int, str] = {
    200: "Done.",
    202: "Recorded; the order's fate is not known yet, Location says where it will be told.",
    400: "Malformed.",
    401: "No valid token.",
    403: "The token does not allow it.",
    404: "Nothing under that name.",
    408: "The body came too slowly.",
    409: "Refused as things stand.",
    413: "The body is too large.",
    415: "The body is not JSON.",
    422: "Refused, with reasons.",
    429: "Too many requests.",
    500: "A bug of ours; the log has it under the correlation id.",
    503: "Not able to now; send it again.",
}


async def served(call: Call) -> Response:
    """The document of the routes that are served. Refusal: 404 in live mode, which tells strangers nothing."""
    found = call.services.openapi
    if found is None:
        raise Refusal(status=404, code="NOT_FOUND", detail="The document is not served in live mode.")
    return Response(found, media_type="application/json")


def document(endpoints: Sequence[Endpoint], version: str) -> dict[str, Any]:
    """The whole document."""
    schemas = Schemas()
    problem = schemas.of(Problem)
    schemas.of(SeedMetrics)
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in endpoints:
        if endpoint.hidden:
            continue
        path = endpoint.path.replace(":path}", "}")
        paths.setdefault(path, {})[endpoint.method.lower()] = _operation(endpoint, schemas, problem)
    return {
        "openapi": "3.1.1",
        "info": {
            "title": TITLE,
            "version": version,
            "summary": "A trading signal goes in; a sized, protected, audited order comes out.",
            "description": "Numbers are exact decimals. Refusals are RFC 9457 problems with a stable code.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": tag} for tag in dict.fromkeys(endpoint.tag for endpoint in endpoints if not endpoint.hidden)],
        "paths": paths,
        "components": {
            "schemas": schemas.components,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "description": "An API token."}},
        },
    }


def _operation(endpoint: Endpoint, schemas: Schemas, problem: Mapping[str, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": endpoint.name,
        "summary": endpoint.summary,
        "tags": [endpoint.tag],
        "parameters": [*_path_parameters(endpoint), *_asked("query", endpoint.query, QUERIES)],
        "responses": {},
        # Any one of the scopes will do; a public route says so with no requirement at all.
        "security": [{"token": [scope.value]} for scope in sorted(endpoint.admits)] if endpoint.admits else [],
    }
    operation["parameters"] += _asked("header", endpoint.headers, HEADERS)
    if endpoint.request is not None:
        content = {"application/json": {"schema": schemas.of(endpoint.request)}}
        operation["requestBody"] = {"required": endpoint.body_required, "content": content}
    for status, body in endpoint.answers.items():
        media = endpoint.media if isinstance(body, str) else {"application/json": {"schema": schemas.of(body)}}
        operation["responses"][str(status)] = {"description": MEANINGS[status], "content": media}
    for status in endpoint.refusals:
        refused = {"application/problem+json": {"schema": dict(problem)}}
        operation["responses"].setdefault(str(status), {"description": MEANINGS[status], "content": refused})
    return operation


def _path_parameters(endpoint: Endpoint) -> Iterable[dict[str, Any]]:
    for name in endpoint.parameters:
        schema = {"type": "string", "pattern": f"^{NAMES[name]}$"}
        yield {"name": name, "in": "path", "required": True, "schema": schema}


def _asked(
    place: str, names: Iterable[str], table: Mapping[str, tuple[str, Mapping[str, Any]]]
) -> Iterable[dict[str, Any]]:
    for name in names:
        meaning, schema = table[name]
        yield {"name": name, "in": place, "required": False, "description": meaning, "schema": dict(schema)}
