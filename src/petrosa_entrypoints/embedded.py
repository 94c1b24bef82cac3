"""The engine inside another asyncio service: the same composition root, without HTTP, NATS or signal handlers.

    async with engine({"DATA_DIR": "/var/lib/desk"}) as trade_engine:
        verdict = await trade_engine.submit(body)

Nothing is configured globally: no logging, no event loop policy, no environment is read unless it is handed in.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from uuid import uuid4

from petrosa_adapters.wire import read_signal
from petrosa_core.application import Arrival, EngineApi, NotReady, Plain, Verdict
from petrosa_core.ports import Clock
from petrosa_core.values import SECOND, Duration, SignalId
from petrosa_entrypoints.settings import Settings
from petrosa_entrypoints.wiring import running_engine


class EmbeddedEngine:
    """A running engine that takes signals as bytes; ``api`` is all the rest of it."""

    def __init__(self, api: EngineApi, clock: Clock) -> None:
        """Use ``engine``."""
        self.api = api
        self._clock = clock

    async def submit(self, body: bytes, *, idempotency_key: str | None = None) -> Verdict | NotReady:
        """Judge one signal body (JSON, as over HTTP and NATS); the verdict is durable when it is returned."""
        message_id = f"embedded:{uuid4().hex}"
        headers = {} if idempotency_key is None else {"Idempotency-Key": idempotency_key}
        received_at = self._clock.now()
        message = read_signal(body, received_at=received_at, headers=headers, fallback=message_id)
        arrival = Arrival(transport="embedded", message_id=message_id, received_at=received_at)
        return await self.api.receive(message, arrival)

    async def settled(self, trade_id: SignalId, within: Duration = 2 * SECOND) -> Mapping[str, Plain] | None:
        """The trade once its entry is at rest, filled or over, or as it is after ``within`` microseconds."""
        return await self.api.settled(trade_id, within)


@asynccontextmanager
async def engine(environment: Mapping[str, str]) -> AsyncIterator[EmbeddedEngine]:
    """A recovered engine with these settings, closed with the block; its stops stay at the venue.

    Raises SettingsInvalid with every problem of the settings, JournalMismatch, JournalBroken, PaperDirectoryBusy.
    """
    async with running_engine(Settings.from_env(environment), signals=False) as running:
        yield EmbeddedEngine(running.api, running.clock)
