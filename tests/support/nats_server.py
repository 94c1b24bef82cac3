"""A real NATS server per test, and a producer that publishes as the neighbouring services do."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import nats
from nats.aio.client import Client

from petrosa_adapters.nats import EmbeddedNatsServer

PATIENCE = 15.0
"""Seconds that anything on one machine may take."""


@asynccontextmanager
async def a_server(folder: Path) -> AsyncIterator[EmbeddedNatsServer]:
    """A server on a free port, its store in the folder; it is stopped at the end, whoever killed it in between."""
    async with EmbeddedNatsServer(folder) as server:
        yield server


@asynccontextmanager
async def a_client(url: str) -> AsyncIterator[Client]:
    """Somebody else's connection; it says nothing when the server goes."""

    async def keep_quiet(_: Exception) -> None:
        """The test knows."""

    client = await nats.connect(url, error_cb=keep_quiet, max_reconnect_attempts=-1, reconnect_time_wait=1)
    try:
        yield client
    finally:
        await client.close()


async def eventually(condition: Callable[[], bool], within: float = PATIENCE) -> None:
    """Return as soon as the condition holds; fail when it does not in time. Only for what another process does."""
    async with asyncio.timeout(within):
        while not condition():  # noqa: ASYNC110  # any condition, so there is no event
            await asyncio.sleep(0.005)


async def asked_until(answer: Callable[[], Awaitable[int]], wanted: int, within: float = PATIENCE) -> None:
    """Return as soon as somebody who has to be asked gives the wanted answer."""
    async with asyncio.timeout(within):
        while await answer() != wanted:  # noqa: ASYNC110  # as above
            await asyncio.sleep(0.01)


def a_body(number: int = 1, **fields: object) -> bytes:
    """A sound signal with an id of its own."""
    sound = {"strategy_id": "s", "symbol": "BTCUSDT", "action": "buy", "confidence": 0.8, "price": 50000}
    return json.dumps(sound | {"signal_id": f"signal-{number}"} | fields).encode()
