"""A uvicorn server that starts when asked, listens where asked, and stops without waiting for open event streams."""

import asyncio
import contextlib
import errno
import socket
from collections.abc import AsyncIterator, Iterator

import attrs
import uvicorn
from starlette.applications import Starlette

PORTS_TRIED = 20
"""How many ports are tried, the first included, when the next free one will do."""
GRACE_SECONDS = 5
"""How long requests that are under way may take when the server stops."""
HEADERS_MAX = 16 * 1024
"""Bytes of a request's line and headers."""
CONNECTIONS_BACKLOG = 128


@attrs.frozen
class Address:
    """Where a server listens."""

    host: str
    port: int

    @property
    def url(self) -> str:
        """How a client on this machine reaches it."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(self.host, self.host)  # noqa: S104
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"


class _Server(uvicorn.Server):
    """Signals are the caller's: whoever wires the process decides what ends first."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listening.set()


@contextlib.asynccontextmanager
async def serve(app: Starlette, host: str, port: int, *, next_free_port: bool = False) -> AsyncIterator[Address]:
    """Serve the application while the block runs; port 0 takes any.

    Raises OSError when the port is taken, unless the next free one will do. On the way out the event streams are ended,
    requests that are under way get five seconds, and the port is free again.
    """
    listener = _listen(host, port, PORTS_TRIED if next_free_port else 1)
    server = _Server(_config(app))
    running = asyncio.create_task(server.serve(sockets=[listener]), name="http-server")
    started = asyncio.create_task(server.listening.wait())
    try:
        await asyncio.wait({running, started}, return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            await running
        yield Address(host, listener.getsockname()[1])
    finally:
        started.cancel()
        app.state.services.closing.set()
        server.should_exit = True
        await running


def _config(app: Starlette) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="critical",  # what the application raises is logged once, by the application, redacted
        access_log=False,
        proxy_headers=False,  # no header may say who the client is
        server_header=False,
        backlog=CONNECTIONS_BACKLOG,
        h11_max_incomplete_event_size=HEADERS_MAX,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )


def _listen(host: str, port: int, tries: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for candidate in range(port, port + tries):
        # asyncio sets TCP_NODELAY only where the protocol is named; without it every answer waits 40 ms for an ACK.
        listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, candidate))
            listener.listen(CONNECTIONS_BACKLOG)  # only now is the port surely ours
        except OSError as error:
            listener.close()
            if error.errno != errno.EADDRINUSE or candidate == port + tries - 1:
                raise OSError(error.errno, error.strerror, f"{host}:{candidate}") from None
        else:
            listener.set_inheritable(False)
            return listener
    raise AssertionError("at least one port is tried")
