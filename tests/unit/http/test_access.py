"""Who may ask: every route declares its scopes in one table, and nobody else gets in."""

import itertools

import pytest
from tests.support.http_client import ADMIN, READER, TRADER, an_api, guarded, plain, tokens
from tests.support.scripted_engine import ScriptedEngine

from petrosa_adapters.http import HttpSettings, Scope, Token, bind_allowed, token_digest
from petrosa_adapters.http.routes import ENDPOINTS
from petrosa_adapters.http.routing import EVERYONE, Endpoint
from petrosa_core.values import SECOND, Mode

SECRETS = {Scope.READ: READER, Scope.TRADE: TRADER, Scope.ADMIN: ADMIN}
# What is open to everyone is listed by hand, so that a new route cannot become public by forgetting its scope.
PUBLIC = {
    "/webhooks/tradingview",
    "/health",
    "/health/live",
    "/health/ready",
    "/live",
    "/ready",
    "/openapi.json",
    "/",
    "/static/{asset}",
}
EXAMPLES = {
    "symbol": "BTCUSDT",
    "order_id": "12345678",
    "trade_id": "sg-1",
    "signal_id:path": "sg-1",
    "asset": "console.js",
}
ENDLESS = {"/events"}
EVERYWHERE = "0.0.0.0"  # noqa: S104


def path_of(endpoint: Endpoint) -> str:
    """The route's path with examples in it."""
    path = endpoint.path
    for name, example in EXAMPLES.items():
        path = path.replace("{" + name + "}", example)
    return path


def named(endpoint: Endpoint) -> str:
    """How a finding names its route."""
    return f"{endpoint.method} {endpoint.path}"


def test_a_route_without_a_scope_is_one_of_the_public_ones():
    """given the table, when a route names no scope, then it is one that was opened on purpose."""
    assert {endpoint.path for endpoint in ENDPOINTS if endpoint.admits == EVERYONE} == PUBLIC


def test_every_route_stands_once():
    """given the table, when its rows are counted, then no method of a path and no name is there twice."""
    assert len({named(endpoint) for endpoint in ENDPOINTS}) == len(ENDPOINTS)
    assert len({endpoint.name for endpoint in ENDPOINTS}) == len(ENDPOINTS)


@pytest.mark.parametrize(
    ("endpoint", "scope"),
    [pair for pair in itertools.product(ENDPOINTS, [None, *Scope]) if pair[0].admits and pair[0].path not in ENDLESS],
    ids=lambda value: named(value) if isinstance(value, Endpoint) else str(value),
)
def test_a_route_lets_in_its_scopes_and_nobody_else(endpoint: Endpoint, scope: Scope | None):
    """given a token with one scope, or none, when a route is asked, then 401 without, 403 with the wrong one, else in."""
    token = None if scope is None else SECRETS[scope]
    answer = an_api(guarded()).call(
        endpoint.method, path_of(endpoint), token=token, **({"json": {}} if endpoint.method == "POST" else {})
    )

    if scope is None:
        assert (answer.status_code, plain(answer)["code"]) == (401, "UNAUTHORISED")
        assert answer.headers["www-authenticate"] == "Bearer"
    elif scope not in endpoint.admits:
        assert (answer.status_code, plain(answer)["code"]) == (403, "SCOPE_MISSING")
    else:
        assert answer.status_code not in {401, 403}


@pytest.mark.parametrize("scope", [None, Scope.TRADE])
def test_the_event_stream_is_for_readers(scope: Scope | None):
    """given a token that may not read, when the event stream is asked for, then it does not begin."""
    answer = an_api(guarded()).get("/events", token=None if scope is None else SECRETS[scope])

    assert answer.status_code == (401 if scope is None else 403)


@pytest.mark.parametrize(
    "header", ["Bearer tk_wrong", "Bearer ", "Basic dGtfcmVhZGVyOg==", "tk_reader", "Bearer tk_reader x"]
)
def test_a_wrong_token_is_401_wherever_a_token_is_looked_at(header: str):
    """given a token that is none of ours, when it is shown, then 401; also where no token is needed."""
    for given in (guarded(), None):
        answer = an_api(given).get("/account", headers={"authorization": header})

        assert (answer.status_code, plain(answer)["code"]) == (401, "UNAUTHORISED")


def test_the_scheme_may_be_written_in_any_case():
    """given RFC 9110's case-insensitive scheme, when it is in lower case, then the token is read."""
    answer = an_api(guarded()).get("/account", headers={"authorization": f"bearer {READER}"})

    assert answer.status_code == 200


def test_two_tokens_may_be_valid_at_once():
    """given an old and a new token of one producer, when either is shown, then it is let in: that is how one is rotated."""
    old, new = (Token(name=name, sha256=token_digest(name), scopes=frozenset({Scope.READ})) for name in ("old", "new"))
    api = an_api(HttpSettings(mode=Mode.LIVE, tokens=(old, new)))

    assert [api.get("/account", token=name).status_code for name in ("old", "new")] == [200, 200]


def test_guessing_is_slowed_and_locks_nobody_out():
    """given five wrong tokens, when the sixth comes, then 429; a right one passes, and a minute later all is forgotten."""
    api = an_api(guarded())
    statuses = [api.get("/account", token="tk_guess").status_code for _ in range(6)]
    right = api.get("/account", token=READER)
    api.clock.pass_by(61 * SECOND)

    assert statuses == [401, 401, 401, 401, 401, 429]
    assert right.status_code == 200
    assert api.get("/account", token="tk_guess").status_code == 401


def test_halting_is_exempt_from_every_throttle():
    """given a client that has used up its rate, when it halts a hundred times, then every one passes."""
    api = an_api(guarded(trades_per_second=1))
    api.post("/trade", token=TRADER, json={})
    throttled = api.post("/trade", token=TRADER, json={})
    halts = {api.post("/control/halt", token=TRADER, json={"reason": "enough"}).status_code for _ in range(100)}

    assert throttled.status_code == 429
    assert halts == {200}


def test_the_rate_is_counted_per_token():
    """given two tokens behind one address, when one has used up its rate, then the other still trades."""
    second = Token(name="second", sha256=token_digest("tk_second"), scopes=frozenset({Scope.TRADE}))
    api = an_api(HttpSettings(mode=Mode.SIMULATION, tokens=(*tokens(), second), trades_per_second=1))
    statuses = [api.post("/trade", token=token, json={}).status_code for token in (TRADER, TRADER, "tk_second")]

    assert statuses == [400, 429, 400]


def test_the_record_names_the_token():
    """given a halt, when it is recorded, then its actor is the token's name, and the token itself is nowhere."""
    engine = ScriptedEngine()
    api = an_api(guarded(), engine)
    api.post("/control/halt", token=ADMIN, json={"reason": "drill"})

    assert engine.controls == [("halted", "admin", "drill")]


def test_tokens_are_not_shown():
    """given settings with tokens, when they are printed, then neither a secret nor a digest is in the text."""
    shown = repr(guarded())

    assert not any(secret in shown or token_digest(secret) in shown for secret in SECRETS.values())


@pytest.mark.parametrize(
    ("host", "mode", "with_tokens", "allowed"),
    [
        ("127.0.0.1", Mode.SIMULATION, False, True),
        ("127.8.8.8", Mode.SIMULATION, False, True),
        ("::1", Mode.SIMULATION, False, True),
        ("localhost", Mode.SIMULATION, False, True),
        (EVERYWHERE, Mode.SIMULATION, False, False),
        ("::", Mode.SIMULATION, False, False),
        ("", Mode.SIMULATION, False, False),
        ("192.168.1.10", Mode.SIMULATION, False, False),
        ("localhost.example", Mode.SIMULATION, False, False),
        ("127.0.0.1", Mode.TESTNET, False, False),
        ("127.0.0.1", Mode.LIVE, False, False),
        (EVERYWHERE, Mode.SIMULATION, True, True),
        (EVERYWHERE, Mode.LIVE, True, True),
    ],
)
def test_without_tokens_only_a_simulation_listens_and_only_on_loopback(
    host: str, mode: Mode, with_tokens: bool, allowed: bool
):
    """given an address, a mode and tokens or none, when the server shall listen, then it may, or the reason is told."""
    reason = bind_allowed(host, mode, tokens() if with_tokens else ())

    assert (reason is None) == allowed
    assert allowed or "tokens are required" in str(reason)


@pytest.mark.parametrize(
    "wrong",
    [
        {"mode": Mode.SIMULATION, "tokens_required": True},
        {"mode": Mode.TESTNET, "tokens_required": False},
        {"mode": Mode.LIVE, "tokens_required": False, "tokens": tokens()},
        {"mode": Mode.LIVE, "tokens": (*tokens(), *tokens())},
    ],
)
def test_settings_that_would_let_everyone_in_are_refused(wrong: dict):
    """given settings without the tokens that they need, when they are made, then they are refused."""
    with pytest.raises(ValueError, match="token"):
        HttpSettings(**wrong)


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "", "sha256": token_digest("x"), "scopes": frozenset(Scope)},
        {"name": "a b", "sha256": token_digest("x"), "scopes": frozenset(Scope)},
        {"name": "a", "sha256": "x", "scopes": frozenset(Scope)},
        {"name": "a", "sha256": token_digest("x").upper(), "scopes": frozenset(Scope)},
        {"name": "a", "sha256": token_digest("x"), "scopes": frozenset()},
    ],
)
def test_a_token_that_could_never_be_used_is_refused(wrong: dict):
    """given a token without a name, a digest or a scope, when it is made, then it is refused."""
    with pytest.raises(ValueError, match="token"):
        Token(**wrong)
