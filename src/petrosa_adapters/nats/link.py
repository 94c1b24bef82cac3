"""One connection to NATS, held for ever.

1. A server that is down, restarts or refuses us is tried again until it takes us; only ``close`` ends that.
2. The client library gives a connection up for good after some server errors (an expired credential, a protocol error), and
   an answer that it does not understand can end its reconnecting in silence: then a new client is made, and whoever uses
   the old one is told through ``changed``.
3. A dead peer is noticed within about 10 s: a ping every 5 s, two of them unanswered.
4. ``connected`` and ``trouble`` say at any time how it stands; nothing is logged here.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Self

import nats.errors
from nats.aio.client import Client

PING_SECONDS = 5
PINGS_UNANSWERED = 2
RETRY_SECONDS = 0.5
GIVE_UP_SECONDS = 30
"""How long one client may try to reconnect before it is replaced."""


class TolerantClient(Client):
    """The library's client, with a reading task that survives what would end it in silence.

    An exception there leaves a client that believes it is connected and hears nothing until its pings go unanswered. Headers
    that cannot be parsed are such a case, and a stored message with them would end every later connection too. The answer to
    a flush that has been given up is another.
    """

    async def _process_headers(self, headers: bytes) -> dict[str, str] | None:
        try:
            return await super()._process_headers(headers)
        except (ValueError, LookupError):
            return None

    async def _process_pong(self) -> None:
        if self._pongs and self._pongs[0].done():
            self._pongs[0] = asyncio.get_running_loop().create_future()
        await super()._process_pong()


class NatsLink:
    """``async with NatsLink(url) as link``: returns at once, connected or not."""

    def __init__(self, url: str, *, name: str = "petrosa-tradeengine", **options: object) -> None:
        """Connect nothing yet. ``options`` go to the client library as they are (user_credentials, tls, ...)."""
        self._servers = [part.strip() for part in url.split(",")]
        self._options = options
        self._name = name
        self._client: Client | None = None
        self._usable = asyncio.Event()
        self._gone = asyncio.Event()
        self._keeper: asyncio.Task[None] | None = None
        self._listeners: list[Callable[[], None]] = []
        self.trouble: str | None = "not connected yet"
        """The newest error, in words; None while all is well."""

    @property
    def connected(self) -> bool:
        """Whether the server can be reached now."""
        return self._client is not None and self._client.is_connected

    def changed(self, listener: Callable[[], None]) -> None:
        """Call this whenever the connection came or went: what was asked on the old one may never be answered."""
        self._listeners.append(listener)

    async def client(self) -> Client:
        """The client, as soon as it is connected."""
        await self._usable.wait()
        assert self._client is not None, "usable means that there is one"
        return self._client

    async def __aenter__(self) -> Self:
        """Begin to connect."""
        self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close."""
        await self.close()

    def start(self) -> None:
        """Begin to connect, and never give up; starting again is harmless."""
        if self._keeper is None:
            self._keeper = asyncio.get_running_loop().create_task(self._keep(), name="nats-link")

    async def close(self, within: float = 2.0) -> None:
        """Send what is still waiting to be sent (at most ``within`` seconds) and close; closing again is harmless."""
        keeper, self._keeper = self._keeper, None
        if keeper is not None:
            keeper.cancel()
            await asyncio.wait({keeper})
        client, self._client = self._client, None
        self._usable.clear()
        if client is None or client.is_closed:
            return
        # What cannot be sent in time is lost with the connection; it was never promised.
        with suppress(nats.errors.Error, OSError):
            async with asyncio.timeout(within):
                if client.is_connected:
                    await client.flush()
                await client.close()

    async def _keep(self) -> None:
        while True:
            self._gone.clear()
            try:
                self._client = await self._connect()
            except (nats.errors.Error, OSError, ValueError, LookupError) as error:
                await self._note(error)
            else:
                self.trouble = None
                self._usable.set()
                self._tell()
                await self._while_it_lives(self._client)
                self._usable.clear()
                self._tell()
            await asyncio.sleep(RETRY_SECONDS)

    async def _connect(self) -> Client:
        client = TolerantClient()
        await client.connect(
            self._servers,
            name=self._name,
            allow_reconnect=True,
            max_reconnect_attempts=-1,
            reconnect_time_wait=RETRY_SECONDS,  # type: ignore[arg-type]  # passed to asyncio.sleep: half a second is fine
            connect_timeout=2,
            ping_interval=PING_SECONDS,
            max_outstanding_pings=PINGS_UNANSWERED,
            error_cb=self._note,
            disconnected_cb=self._disconnected,
            reconnected_cb=self._reconnected,
            closed_cb=self._closed,
            **self._options,  # type: ignore[arg-type]
        )
        return client

    async def _while_it_lives(self, client: Client) -> None:
        """Return when the client is closed, or has been away for so long that a new one is the better bet."""
        away = 0
        while not self._gone.is_set() and away < GIVE_UP_SECONDS:
            try:
                async with asyncio.timeout(1):
                    await self._gone.wait()
            except TimeoutError:
                away = 0 if client.is_connected else away + 1
        await client.close()

    async def _note(self, error: Exception) -> None:
        self.trouble = f"{type(error).__name__}: {error}"

    async def _disconnected(self) -> None:
        self.trouble = self.trouble or "connection lost"
        self._usable.clear()
        self._tell()

    async def _reconnected(self) -> None:
        self.trouble = None
        self._usable.set()
        self._tell()

    async def _closed(self) -> None:
        self._gone.set()

    def _tell(self) -> None:
        for listener in self._listeners:
            listener()
