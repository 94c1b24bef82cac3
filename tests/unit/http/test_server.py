"""The server: where it listens, what it leaves alone, and that it stops."""

import asyncio
import signal
import socket

import httpx2
import pytest
from tests.support.http_client import settings
from tests.support.scripted_engine import HandClock, ScriptedEngine

from petrosa_adapters.http import Address, create_app, serve
from petrosa_adapters.http.server import HEADERS_MAX


def an_app():
    """A fresh application."""
    return create_app(ScriptedEngine(), settings(), clock=HandClock())


@pytest.fixture
def taken():
    """A port that somebody else listens on."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


async def test_a_taken_port_is_an_error(taken: int):
    """given a port that is taken, when the server shall listen there, then OSError, before anything else has begun."""
    with pytest.raises(OSError, match="in use"):
        async with serve(an_app(), "127.0.0.1", taken):
            raise AssertionError("it must not get here")


async def test_the_next_free_port_will_do_when_asked(taken: int):
    """given a port that is taken, when the next free one will do, then the server says which it is, and answers there."""
    async with serve(an_app(), "127.0.0.1", taken, next_free_port=True) as address, httpx2.AsyncClient() as client:
        assert taken < address.port < taken + 20
        assert (await client.get(f"{address.url}/health/live")).status_code == 200


async def test_signals_stay_the_callers():
    """given handlers of the process, when the server runs and stops, then they are what they were."""
    before = [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)]
    async with serve(an_app(), "127.0.0.1", 0):
        during = [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)]

    assert before == during


async def test_the_answer_does_not_say_what_serves_it():
    """given any answer, when its headers are read, then no server or version is named."""
    async with serve(an_app(), "127.0.0.1", 0) as address, httpx2.AsyncClient() as client:
        assert "server" not in (await client.get(f"{address.url}/health/live")).headers


async def test_headers_are_bounded():
    """given headers that do not end, when 16 KiB of them have come, then the answer is 400, and the connection ends."""
    async with serve(an_app(), "127.0.0.1", 0) as address:
        reader, writer = await asyncio.open_connection(address.host, address.port)
        writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: " + b"x" * HEADERS_MAX)
        answer = await reader.read()
        writer.close()

    assert answer.startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000"),
        ("", "http://127.0.0.1:8000"),
        ("::1", "http://[::1]:8000"),
        ("::", "http://[::1]:8000"),
        ("localhost", "http://localhost:8000"),
    ],
)
def test_an_address_is_told_as_a_client_here_would_use_it(host: str, url: str):
    """given where a server listens, when its URL is told, then it is one that can be opened on this machine."""
    assert Address(host, 8000).url == url
