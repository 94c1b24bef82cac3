"""Asking a pull consumer for messages: one request at a time, which stays open until it is filled or runs out.

The client library has a ``fetch`` for this. It takes any message with a ``Status`` header, which every producer may set, for
a status of the server: it loses the message, or raises, at every delivery. Here a message is what can be acknowledged.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from enum import Enum, auto
from types import TracebackType
from typing import Self

import nats.errors
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

from petrosa_adapters.nats.delivery import Delivery, read_delivery
from petrosa_adapters.wire.plain_json import dumps

EXPIRES_SECONDS = 10
HEARTBEAT_SECONDS = 1
SILENCE_SECONDS = 3
"""Without a message or a heartbeat for so long, the server has forgotten the request, or is gone."""
DRAIN_SECONDS = 2
_NANOSECONDS = 1_000_000_000
_STATUS, _DESCRIPTION = "Status", "Description"


class Ended(Enum):
    """How a request for messages ended."""

    SERVED = auto()
    """It was filled, or ran out: ask again."""
    BROKEN = auto()
    """The connection or the consumer changed under it: look at both before asking again."""


class _Pull:
    """One open request: what it still may bring, and how it ended."""

    def __init__(self, reply: str, count: int) -> None:
        self.reply = reply
        self.left = count
        self.alive = True
        self.ended: asyncio.Future[Ended] = asyncio.get_running_loop().create_future()

    def end(self, how: Ended) -> None:
        if not self.ended.done():
            self.ended.set_result(how)


class PullInbox:
    """Where one consumer's messages arrive; ``take`` is called with each, in their order, and must not block or raise."""

    def __init__(self, client: Client, *, stream: str, durable: str, take: Callable[[Msg, Delivery], None]) -> None:
        """Subscribe to nothing yet."""
        self._client = client
        self._subject = f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{durable}"
        self._take = take
        self._inbox = client.new_inbox()
        self._subscription: Subscription | None = None
        self._asked = 0
        self._pull: _Pull | None = None
        self.interrupted = False
        """Whether no request will be served here any more."""
        self.said: str | None = None
        """What the server said when a request broke."""

    async def __aenter__(self) -> Self:
        """Subscribe."""
        self._subscription = await self._client.subscribe(f"{self._inbox}.*", cb=self._arrived)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        """Unsubscribe, so that the server forgets the open request; what it has sent already is still taken."""
        assert self._subscription is not None, "entered"
        # Without a connection, the subscription is gone anyway, and what it had brought will be delivered again.
        with suppress(nats.errors.Error, OSError):
            if self._client.is_connected:
                async with asyncio.timeout(DRAIN_SECONDS):
                    await self._subscription.drain()  # type: ignore[no-untyped-call]
            else:
                await self._subscription.unsubscribe()

    async def ask(self, count: int) -> Ended:
        """Ask for at most so many messages; return when they have come, or when no more will."""
        if self.interrupted:
            return Ended.BROKEN
        self._asked += 1
        self._pull = pull = _Pull(f"{self._inbox}.{self._asked}", count)
        request = {
            "batch": count,
            "expires": EXPIRES_SECONDS * _NANOSECONDS,
            "idle_heartbeat": HEARTBEAT_SECONDS * _NANOSECONDS,
        }
        await self._client.publish(self._subject, dumps(request), reply=pull.reply)
        while pull.alive:
            pull.alive = False
            done, _ = await asyncio.wait({pull.ended}, timeout=SILENCE_SECONDS)
            if done:
                return pull.ended.result()
        self.said = f"no sign of the consumer for {SILENCE_SECONDS} s"
        return Ended.BROKEN

    def interrupt(self) -> None:
        """Let the open request end as broken, and every later one."""
        self.interrupted = True
        if self._pull is not None:
            self._pull.end(Ended.BROKEN)

    async def _arrived(self, msg: Msg) -> None:
        pull = self._pull
        delivery = read_delivery(msg.reply)
        if delivery is not None:
            if pull is not None:
                pull.alive = True
                pull.left -= 1
                if pull.left <= 0:
                    pull.end(Ended.SERVED)
            self._take(msg, delivery)
        elif pull is not None and msg.subject == pull.reply:
            self._status(pull, msg.headers or {})

    def _status(self, pull: _Pull, headers: dict[str, str]) -> None:
        match headers.get(_STATUS):
            case "100":
                pull.alive = True
            case "404" | "408":
                pull.end(Ended.SERVED)
            case status:
                self.said = f"{status} {headers.get(_DESCRIPTION, '')}".strip()
                pull.end(Ended.BROKEN)
