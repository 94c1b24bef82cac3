"""A client that believes nothing: every answer is held against the OpenAPI document and the promised headers."""

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import Any, Protocol

import attrs
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from starlette.testclient import TestClient
from tests.support.scripted_engine import HandClock, ScriptedEngine

from petrosa_adapters.http import HttpSettings, Metrics, Scope, Token, create_app, token_digest
from petrosa_adapters.http.app import openapi_text
from petrosa_core.values import Mode

DOCUMENT: dict[str, Any] = json.loads(openapi_text())
READER, TRADER, ADMIN, WEBHOOK = "tk_reader", "tk_trader", "tk_admin", "tv_secret"

SIGNAL: dict[str, object] = {
    "strategy_id": "test",
    "symbol": "BTCUSDT",
    "action": "buy",
    "confidence": 0.8,
    "price": 50000,
    "quantity": 0.001,
}
"""The specification's own example."""


def tokens() -> tuple[Token, ...]:
    """One token per scope, and one that may do all."""
    return (
        Token(name="reader", sha256=token_digest(READER), scopes=frozenset({Scope.READ})),
        Token(name="trader", sha256=token_digest(TRADER), scopes=frozenset({Scope.TRADE})),
        Token(name="admin", sha256=token_digest(ADMIN), scopes=frozenset({Scope.ADMIN})),
    )


def settings(**more: Any) -> HttpSettings:
    """A simulation on loopback, where no token is needed, unless said otherwise."""
    given: dict[str, Any] = {"mode": Mode.SIMULATION, "tokens_required": False, "webhook_sha256": token_digest(WEBHOOK)}
    return HttpSettings(**(given | more))


def guarded(**more: Any) -> HttpSettings:
    """The same, where tokens are needed."""
    return settings(tokens=tokens(), tokens_required=True, **more)


class Answer(Protocol):
    """What the two kinds of client answer alike."""

    status_code: int

    @property
    def headers(self) -> Mapping[str, str]:
        """By name, in any case."""
        ...

    @property
    def content(self) -> bytes:
        """The body."""
        ...


@cache
def _templates() -> list[tuple[re.Pattern[str], str]]:
    """Literal paths before those with parameters, as the router's table has them."""
    paths = sorted(DOCUMENT["paths"], key=lambda path: path.count("{"))
    return [(re.compile(re.sub(r"\\{\w+\\}", ".+", re.escape(path)) + "$"), path) for path in paths]


def plain(answer: Answer) -> Any:
    """The body, with numbers as they were sent."""
    return json.loads(answer.content, parse_float=Decimal)


def check(method: str, path: str, answer: Answer) -> None:
    """Raise AssertionError when the answer is not what the document promises."""
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-request-id"]
    assert "access-control-allow-origin" not in answer.headers
    template = next((name for pattern, name in _templates() if pattern.match(path)), None)
    operation = DOCUMENT["paths"].get(template, {}).get(method.lower())
    if operation is None:
        return
    kind = answer.headers["content-type"].partition(";")[0]
    described = operation["responses"].get(str(answer.status_code))
    assert described is not None, f"{method} {template} does not promise {answer.status_code}: {answer.content!r}"
    assert kind in described["content"], f"{method} {template} {answer.status_code} is {kind}"
    if kind.endswith("json"):
        schema = {**described["content"][kind]["schema"], "components": DOCUMENT["components"]}
        # jsonschema knows no Decimal, and a float is enough to tell a number from a text.
        Draft202012Validator(schema).validate(json.loads(answer.content))


@attrs.define
class Api:
    """The application in this process, its engine, and its clock."""

    engine: ScriptedEngine
    clock: HandClock
    metrics: Metrics
    client: TestClient

    def call(self, method: str, path: str, *, token: str | None = None, **more: Any) -> Any:
        """Send one request, and check its answer."""
        headers = {} if token is None else {"authorization": f"Bearer {token}"}
        answer = self.client.request(method, path, headers={**headers, **more.pop("headers", {})}, **more)
        check(method, path.partition("?")[0], answer)
        return answer

    def get(self, path: str, **more: Any) -> Any:
        """GET."""
        return self.call("GET", path, **more)

    def post(self, path: str, **more: Any) -> Any:
        """POST."""
        return self.call("POST", path, **more)

    def signal(self, **fields: object) -> Any:
        """POST /trade with the specification's example, with these fields in place of its own."""
        return self.post("/trade", json={**SIGNAL, **fields})


def an_api(given: HttpSettings | None = None, engine: ScriptedEngine | None = None) -> Api:
    """A fresh application."""
    given = settings() if given is None else given
    engine = ScriptedEngine(mode=given.mode) if engine is None else engine
    clock, metrics = HandClock(), Metrics()
    app = create_app(engine, given, clock=clock, metrics=metrics)
    client = TestClient(app, base_url="http://localhost", raise_server_exceptions=False)
    return Api(engine, clock, metrics, client)
