"""What stands before every route: hosts, origins, sizes, content types, and errors that tell nothing."""

import pytest
from tests.support.http_client import SIGNAL, TRADER, an_api, guarded, plain

from petrosa_adapters.http.guard import SECURITY_HEADERS


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "", "localhost:abc", "a b", "127.0.0.1.evil.example"]
)
def test_an_unknown_host_is_refused(host: str):
    """given a Host header with a name that is not ours, when anything is asked, then 400: names can be rebound."""
    answer = an_api().get("/account", headers={"host": host})

    assert (answer.status_code, plain(answer)["code"]) == (400, "HOST_NOT_ALLOWED")


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8000", "127.0.0.1:8000", "[::1]:8000", "10.1.2.3"])
def test_a_known_host_and_any_address_are_let_in(host: str):
    """given our name or an IP address, when anything is asked, then it is answered: probes ask by address."""
    assert an_api().get("/account", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    ("origin", "status"), [("http://evil.example", 403), ("null", 403), ("http://localhost", 200), (None, 200)]
)
def test_a_foreign_page_changes_nothing(origin: str | None, status: int):
    """given a page of another origin, when it posts, then 403; our own page and programs pass."""
    headers = {} if origin is None else {"origin": origin}

    assert an_api().post("/trade", json=SIGNAL, headers=headers).status_code == status


def test_cors_is_never_granted():
    """given a preflight of a foreign page, when it asks, then no answer allows it anything."""
    answer = an_api().call(
        "OPTIONS", "/trade", headers={"origin": "http://evil.example", "access-control-request-method": "POST"}
    )

    assert answer.status_code == 403
    assert not [name for name in answer.headers if name.startswith("access-control")]


@pytest.mark.parametrize("path", ["/", "/account", "/health/live", "/nothing", "/static/console.js"])
def test_every_answer_carries_the_security_headers(path: str):
    """given any path, when it is asked, then the content security policy and its companions are there."""
    answer = an_api().get(path)

    for name, value in SECURITY_HEADERS:
        assert answer.headers[name.decode()] == value.decode()
    assert "unsafe" not in answer.headers["content-security-policy"]


def test_nothing_of_the_account_is_cached():
    """given an answer about the account, when it passes a cache, then it is not stored."""
    assert an_api().get("/account").headers["cache-control"] == "no-store"


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
@pytest.mark.parametrize("path", ["/trade", "/control/halt", "/trades/sg-1/close"])
def test_only_json_changes_anything(path: str, kind: str):
    """given what a form could send, when it is posted, then 415 before anybody looks at it."""
    answer = an_api().post(path, content=b'{"reason": "x"}', headers={"content-type": kind})

    assert (answer.status_code, plain(answer)["code"]) == (415, "NOT_JSON_CONTENT")


def test_a_charset_does_not_matter():
    """given JSON with a charset, when it is posted, then it is JSON."""
    answer = an_api().post(
        "/control/halt", content=b'{"reason": "x"}', headers={"content-type": "Application/JSON; charset=utf-8"}
    )

    assert answer.status_code == 200


@pytest.mark.parametrize("path", ["/trade", "/control/halt", "/webhooks/tradingview"])
def test_a_body_that_says_it_is_too_large_is_not_read(path: str):
    """given a Content-Length above the limit, when it is posted, then 413 and the engine hears nothing."""
    api = an_api()
    answer = api.post(path, content=b" " * 65_537, headers={"content-type": "application/json"})

    assert (answer.status_code, plain(answer)["code"]) == (413, "BODY_TOO_LARGE")
    assert answer.headers["connection"] == "close"
    assert api.engine.received == []


def test_a_body_that_grows_too_large_is_cut_off():
    """given a body without a length, when it passes the limit, then 413 and the rest is not read."""
    sent = []

    def endless():
        for piece in range(1000):
            sent.append(piece)
            yield b"x" * 1024

    answer = an_api().post("/trade", content=endless(), headers={"content-type": "application/json"})

    assert answer.status_code == 413


@pytest.mark.parametrize("length", ["-1", "abc", "1e3", "٣"])
def test_a_length_that_is_no_number_is_refused(length: str):
    """given a Content-Length that is no whole number, when it is posted, then it is not believed."""
    answer = an_api().post(
        "/trade", content=b"{}", headers={"content-type": "application/json", "content-length": length.encode()}
    )

    assert answer.status_code == 413


def test_an_unexpected_error_tells_nothing_but_its_name():
    """given a bug that raises with a path and a secret, when it happens, then 500 has an id and neither of them."""
    api = an_api()
    api.engine.broken = RuntimeError("/var/lib/petrosa/key: sk-canary")
    answer = api.signal()

    assert (answer.status_code, plain(answer)["code"]) == (500, "INTERNAL")
    assert plain(answer)["correlation_id"] == answer.headers["x-request-id"]
    assert "canary" not in answer.text
    assert "/var" not in answer.text
    assert answer.headers["content-security-policy"]


@pytest.mark.parametrize("given", ["x" * 65, "a b", "a/b", "é", "<b>"])
def test_a_correlation_id_of_the_caller_is_taken_only_when_harmless(given: str):
    """given an X-Request-ID that could break a log line, when it is sent, then a fresh one is used."""
    answer = an_api().get("/health/live", headers={"x-request-id": given.encode()})

    assert answer.headers["x-request-id"] != given
    assert len(answer.headers["x-request-id"]) == 32


@pytest.mark.parametrize("path", ["/nothing", "/trade/", "/Trade", "/static/../app.py", "/static/none.js", "/docs"])
def test_what_is_not_there_is_404(path: str):
    """given a path that no route has, when it is asked, then 404 as a problem."""
    answer = an_api().get(path)

    assert (answer.status_code, plain(answer)["code"]) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("GET", "/trade", "POST"),
        ("PUT", "/trade", "POST"),
        ("POST", "/account", "GET, HEAD"),
        ("PATCH", "/order/BTCUSDT/1", "DELETE, GET, HEAD"),
        ("GET", "/control/halt", "POST"),
    ],
)
def test_a_wrong_method_is_405_and_names_the_right_ones(method: str, path: str, allow: str):
    """given a method that a path does not take, when it is asked, then 405 with Allow."""
    answer = an_api().client.request(method, path)

    assert (answer.status_code, answer.headers["allow"]) == (405, allow)


def test_head_is_answered_wherever_get_is():
    """given HEAD, when a readable path is asked, then it is allowed as GET is."""
    assert an_api(guarded()).client.head("/health/live").status_code == 200
    assert an_api(guarded()).client.head("/account", headers={"authorization": f"Bearer {TRADER}"}).status_code == 403


@pytest.mark.parametrize(
    "path",
    [
        "/price/btcusdt",
        "/price/BTC",
        "/price/BTC%0d%0aX",
        "/price/BTCUSDT%E2%80%AE",
        "/price/..%2fBTCUSDT",
        "/order/BTCUSDT/" + "x" * 37,
        "/order/BTCUSDT/a%20b",
        "/trades/a.b",
        "/trades/" + "x" * 65,
        "/signals/a%0ab",
        "/signals/" + "x" * 201,
        "/trades?limit=0",
        "/trades?limit=1001",
        "/trades?limit=-1",
        "/trades?limit=%D9%A3",
        "/trades?open=yes",
        "/orders?symbol=../x",
        "/decisions?outcome=maybe",
        "/decisions?since=99",
        "/decisions?since=yesterday",
        "/state?symbol=btc",
        "/events?after=x",
    ],
)
def test_a_parameter_that_is_none_is_refused_by_name(path: str):
    """given a traversal, a control character, or a word where a number goes, when it is asked, then it ends at the door."""
    answer = an_api().get(path)

    assert answer.status_code in {404, 422}
    assert answer.status_code == 404 or plain(answer)["code"] == "PARAMETER_INVALID"


def test_the_application_starts_and_stops_with_its_server():
    """given a server that announces itself, when it starts and stops, then the guard lets the announcement through."""
    api = an_api()
    with api.client:
        assert api.get("/health/live").status_code == 200


async def test_a_caller_that_hangs_up_is_no_error_of_ours():
    """given a caller who goes away half way through, when its body is waited for, then nothing is judged and nothing breaks."""
    api = an_api()
    said = []
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/trade",
        "query_string": b"",
        "headers": [(b"host", b"localhost"), (b"content-type", b"application/json"), (b"content-length", b"9")],
        "client": ("127.0.0.1", 1),
    }

    async def receive():
        return {"type": "http.disconnect"}

    async def send(message):
        said.append(message)

    await api.client.app(scope, receive, send)

    assert said[0]["status"] == 400
    assert b"BODY_INCOMPLETE" in said[1]["body"]
    assert api.engine.received == []
