"""The HTTP shell's promises (petrosa_adapters/http/app.py), each under its number.

Asked in this process and over a real socket, by the same client, so that what holds for one holds for the other.
"""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from decimal import Decimal
from typing import Any

import attrs
import httpx2
import pytest
from tests.support.http_client import ADMIN, READER, SIGNAL, TRADER, check, guarded, plain, settings
from tests.support.scripted_engine import HandClock, ScriptedEngine

from petrosa_adapters.http import HttpSettings, create_app, serve
from petrosa_core.application.api import NotReady
from petrosa_core.values import MILLISECOND, SECOND


@attrs.define
class Peer:
    """A client of one application, and the engine behind it."""

    engine: ScriptedEngine
    client: httpx2.AsyncClient

    async def ask(self, method: str, path: str, *, token: str | None = None, **more: Any) -> httpx2.Response:
        """Send one request, and hold its answer against the document."""
        headers = {} if token is None else {"authorization": f"Bearer {token}"}
        answer = await self.client.request(method, path, headers={**headers, **more.pop("headers", {})}, **more)
        check(method, path.partition("?")[0], answer)
        return answer

    async def signal(self, **fields: object) -> httpx2.Response:
        """POST /trade with the specification's example."""
        return await self.ask("POST", "/trade", json={**SIGNAL, **fields})


Open = Callable[[HttpSettings], Awaitable[Peer]]


@asynccontextmanager
async def in_process(given: HttpSettings, engine: ScriptedEngine) -> AsyncIterator[httpx2.AsyncClient]:
    """No socket: the client calls the application."""
    app = create_app(engine, given, clock=HandClock())
    transport = httpx2.ASGITransport(app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield client


@asynccontextmanager
async def over_a_socket(given: HttpSettings, engine: ScriptedEngine) -> AsyncIterator[httpx2.AsyncClient]:
    """A real server on a free port of loopback."""
    app = create_app(engine, given, clock=HandClock())
    async with serve(app, "127.0.0.1", 0) as address, httpx2.AsyncClient(base_url=address.url) as client:
        yield client


@pytest.fixture(params=[pytest.param(in_process, id="in-process"), pytest.param(over_a_socket, id="socket")])
async def open_peer(request: pytest.FixtureRequest) -> AsyncIterator[Open]:
    """Whoever claims to be the HTTP shell is listed here, once."""
    async with AsyncExitStack() as stack:

        async def opened(given: HttpSettings) -> Peer:
            engine = ScriptedEngine(mode=given.mode)
            return Peer(engine, await stack.enter_async_context(request.param(given, engine)))

        yield opened


async def test_h1_every_answer_to_a_signal_carries_its_verdict(open_peer: Open):
    """given one signal for each verdict, when they are sent, then outcome and reasons are in each, the result where due."""
    peer = await open_peer(settings())
    sent: list[dict[str, object]] = [
        {"signal_id": "a"},
        {"signal_id": "a"},
        {"action": "hold"},
        {"action": "close"},
        {"action": "close", "strategy_id": "other"},
        {"confidence": 0.1},
        {"price": 0},
    ]
    told = [plain(await peer.signal(**fields)) for fields in sent]

    assert [body["outcome"] for body in told] == [
        "accepted",
        "duplicate",
        "held",
        "closing",
        "nothing-to-close",
        "denied",
        "malformed",
    ]
    assert all(isinstance(body["reasons"], list) for body in told)
    assert ["result" in body for body in told] == [True, True, False, True, False, False, False]


async def test_h2_numbers_leave_exactly(open_peer: Open):
    """given a price that no double can hold, when it is answered, then every digit is there."""
    peer = await open_peer(settings())
    peer.engine.fill_price = Decimal("50005.12345678901234567890")

    assert b'"fill_price":50005.12345678901234567890,' in (await peer.signal()).content


async def test_h3_a_request_sent_again_is_answered_from_the_record(open_peer: Open):
    """given fifty requests under one key at once, when all are answered, then one traded and the others are replays."""
    peer = await open_peer(settings(trades_per_second=None))
    key = {"Idempotency-Key": "once"}
    answers = await asyncio.gather(*(peer.ask("POST", "/trade", json=SIGNAL, headers=key) for _ in range(50)))

    assert sorted(answer.headers.get("idempotent-replay", "") for answer in answers) == ["", *["true"] * 49]
    assert len({plain(answer)["result"]["order_id"] for answer in answers}) == 1


async def test_h4_only_an_engine_that_cannot_record_answers_503(open_peer: Open):
    """given a store that is down, when a signal comes, then 503 with Retry-After; once it is back, it trades."""
    peer = await open_peer(settings())
    peer.engine.not_ready = NotReady(code="STORE_DOWN", message="The store is away.", retry_after=3 * SECOND)
    down = await peer.signal()
    peer.engine.not_ready = None

    assert (down.status_code, down.headers["retry-after"], plain(down)["outcome"]) == (503, "3", None)
    assert (await peer.signal()).status_code == 200


async def test_h5_refusals_are_problems_and_quote_no_exception(open_peer: Open):
    """given a bug, a wrong path and a wrong method, when they are asked, then each is a problem with a code and an id."""
    peer = await open_peer(settings())
    peer.engine.broken = ValueError("canary")
    answers = [await peer.signal(), await peer.ask("GET", "/none"), await peer.ask("GET", "/trade")]

    assert [answer.status_code for answer in answers] == [500, 404, 405]
    for answer in answers:
        assert answer.headers["content-type"] == "application/problem+json"
        assert plain(answer)["correlation_id"] == answer.headers["x-request-id"]
        assert b"canary" not in answer.content


async def test_h6_a_route_is_open_to_its_scopes_only(open_peer: Open):
    """given one token per scope, when a question, a signal and a resume are asked, then each passes for its own alone."""
    peer = await open_peer(guarded())
    asked: list[tuple[str, str, dict[str, Any]]] = [
        ("GET", "/account", {}),
        ("POST", "/trade", {"json": SIGNAL}),
        ("POST", "/control/resume", {"json": {"reason": "x"}}),
    ]
    passed = [
        [(await peer.ask(method, path, token=token, **more)).status_code for token in (None, READER, TRADER, ADMIN)]
        for method, path, more in asked
    ]

    assert passed == [[401, 200, 403, 403], [401, 403, 200, 403], [401, 403, 403, 200]]


async def test_h7_halting_passes_whatever_is_throttled(open_peer: Open):
    """given a flood of signals, when the halt comes behind it, then the flood is throttled and the halt is not."""
    peer = await open_peer(settings(trades_per_second=1))
    flood = [(await peer.signal()).status_code for _ in range(5)]
    halt = await peer.ask("POST", "/control/halt", json={"reason": "flood"})

    assert flood == [200, 429, 429, 429, 429]
    assert halt.status_code == 200


async def test_h8_a_body_is_never_read_beyond_its_limit(open_peer: Open):
    """given a body that would never end, when it passes 64 KiB, then 413."""
    peer = await open_peer(settings())

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(80):
            yield b" " * 1024

    answer = await peer.ask("POST", "/trade", content=endless(), headers={"content-type": "application/json"})

    assert answer.status_code == 413


async def test_h8_a_body_is_never_waited_for_beyond_its_time():
    """given a body that stops half way, when the time runs out, then 408 and the connection is closed."""
    app = create_app(ScriptedEngine(), settings(read_timeout=50 * MILLISECOND), clock=HandClock())
    head = b"POST /trade HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\nContent-Type: application/json\r\n\r\n"
    async with serve(app, "127.0.0.1", 0) as address:
        reader, writer = await asyncio.open_connection(address.host, address.port)
        writer.write(head + b"{")
        answer = await reader.read()
        writer.close()

    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b'"code":"BODY_TOO_SLOW"' in answer


async def test_h8_a_flood_is_cut_off():
    """given a client that sends for ever, when it is far beyond the limit, then the connection is closed on it."""
    app = create_app(ScriptedEngine(), settings(), clock=HandClock())
    head = b"POST /trade HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nContent-Type: application/json\r\n\r\n"
    async with serve(app, "127.0.0.1", 0) as address:
        _, writer = await asyncio.open_connection(address.host, address.port)
        writer.write(head)
        with pytest.raises(ConnectionError):
            await flood(writer, 64 * 1024 * 1024)


async def flood(writer: asyncio.StreamWriter, size: int) -> None:
    """Send chunks until so many bytes are gone."""
    for _ in range(size // 65_536):
        writer.write(b"10000\r\n" + b" " * 65_536 + b"\r\n")
        await writer.drain()


async def test_h9_a_browser_is_tricked_into_nothing(open_peer: Open):
    """given a foreign host, origin, form and preflight, when they come, then each is refused and CORS is not granted."""
    peer = await open_peer(settings())
    answers = [
        await peer.ask("GET", "/account", headers={"host": "evil.example"}),
        await peer.ask("POST", "/trade", json=SIGNAL, headers={"origin": "http://evil.example"}),
        await peer.ask("POST", "/trade", data={"strategy_id": "x"}),
        await peer.ask("OPTIONS", "/trade"),
    ]

    assert [answer.status_code for answer in answers] == [400, 403, 415, 405]
    assert peer.engine.received == []


async def test_h11_what_is_answered_is_what_the_document_says(open_peer: Open):
    """given one trade, when everything that can be read is read, then each answer fits its schema."""
    peer = await open_peer(settings())
    await peer.signal()
    paths = ["/account", "/trades", "/positions", "/orders", "/decisions", "/limits", "/state", "/status", "/health"]

    assert {(await peer.ask("GET", path)).status_code for path in paths} == {200}


@attrs.frozen
class Told:
    """One server-sent event."""

    id: str
    event: str
    data: Any


async def told(answer: httpx2.Response) -> AsyncIterator[Told]:
    """The stream's events, pings left out."""
    fields: dict[str, str] = {}
    async for line in answer.aiter_lines():
        if line and not line.startswith(":"):
            name, _, value = line.partition(": ")
            fields[name] = value
        elif fields:
            yield Told(fields["id"], fields["event"], json.loads(fields["data"], parse_float=Decimal))
            fields = {}


@asynccontextmanager
async def streaming(engine: ScriptedEngine, **more: Any) -> AsyncIterator[tuple[httpx2.AsyncClient, Any]]:
    """A real server with its application; a stream needs a connection."""
    app = create_app(engine, settings(**more), clock=HandClock())
    async with serve(app, "127.0.0.1", 0) as address, httpx2.AsyncClient(base_url=address.url) as client:
        yield client, app


async def test_h10_the_stream_resumes_behind_the_last_number_seen():
    """given three entries, when a reader comes back with the first one's number, then it gets the others, and what follows."""
    engine = ScriptedEngine()
    for number in range(3):
        engine.tell("Reported", {"price": Decimal(number) / 10})
    async with (
        streaming(engine) as (client, _),
        client.stream("GET", "/events", headers={"Last-Event-ID": "1"}) as answer,
    ):
        events = told(answer)
        seen = [await anext(events), await anext(events)]
        engine.tell("SignalJudged", {})
        seen.append(await anext(events))

        assert answer.headers["content-type"].startswith("text/event-stream")
        assert [(each.id, each.event) for each in seen] == [("2", "Reported"), ("3", "Reported"), ("4", "SignalJudged")]
        assert seen[0].data == {"price": Decimal("0.1")}


async def test_h10_the_stream_ends_when_the_server_stops():
    """given an open stream, when the server stops, then the stream ends at once, and the port is free again."""
    engine = ScriptedEngine()
    app = create_app(engine, settings(), clock=HandClock())
    async with asyncio.timeout(3), httpx2.AsyncClient() as client, AsyncExitStack() as stack:
        async with serve(app, "127.0.0.1", 0) as address:
            stream = client.stream("GET", f"{address.url}/events?after=0")
            answer = await stack.enter_async_context(stream)
            engine.tell("Reported", {})
            events = told(answer)
            await anext(events)

        assert [event async for event in events] == []
        with socket.socket() as again:
            again.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            again.bind((address.host, address.port))


async def test_h10_readers_are_counted_and_bounded():
    """given one reader allowed, when a second comes, then 503; once the first has gone, it is let in."""
    engine = ScriptedEngine()
    engine.tell("Reported", {})
    async with streaming(engine, streams_max=1) as (client, app):
        async with client.stream("GET", "/events?after=0") as first:
            await anext(told(first))
            assert (await client.get("/events")).status_code == 503
        while app.state.services.streams.count:
            engine.tell("Reported", {})
            await asyncio.sleep(0)
        async with client.stream("GET", "/events?after=0") as second:
            assert (await anext(told(second))).id == "1"
