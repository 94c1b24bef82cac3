"""Signals from JetStream to the engine. Contract: tests/contract/test_intake.py.

K1  The bare subject and every subject below it are heard.
K2  A message is acknowledged only after the engine has returned a durable verdict on it.
K3  What was not acknowledged is delivered again, to whoever lives, as often as it takes. A server that was killed may have
    forgotten acknowledgements and deliveries alike: then a message comes again and ``redelivered`` does not say so.
K4  While the engine cannot record, nothing is fetched: messages go back with the delay that it asks for, and one at a time
    is tried until it can.
K5  Messages are handed over in their order, and handled side by side; each once, as long as nothing fails.
K6  Any body, with any headers, gets through to a verdict; one that cannot be read is handed over as such.
K7  A server that goes and comes back is found again without a restart; ``ready`` and ``trouble`` tell the truth meanwhile.
K8  ``stop`` finishes what is in hand, within a bound; stopping twice is harmless.
K9  A message that is still being handled is kept from being delivered again.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeAlias

import nats.errors
from nats.aio.client import Client
from nats.aio.msg import Msg

from petrosa_adapters.nats.delivery import Delivery
from petrosa_adapters.nats.link import NatsLink
from petrosa_adapters.nats.pull import Ended, PullInbox
from petrosa_adapters.nats.topology import IntakeSettings, WrongTopology, ensure
from petrosa_adapters.wire.signals import read_signal
from petrosa_core.application.api import Arrival, NotReady, Verdict
from petrosa_core.signal import Signal, Undecodable
from petrosa_core.values import SECOND, iso

Receive: TypeAlias = Callable[[Signal | Undecodable, Arrival], Awaitable[Verdict | NotReady]]
"""``EngineApi.receive``."""

RETRY_SECONDS = 0.2
FAILURE_DELAY_MAX = 60
"""Seconds until a message whose handling raised is tried again, at most."""


class JetStreamIntake:
    """Run ``run`` as a task of its own; it ends after ``stop``."""

    def __init__(self, link: NatsLink, settings: IntakeSettings, *, receive: Receive) -> None:
        """Ask for nothing yet."""
        self._link = link
        self._settings = settings
        self._receive = receive
        self._in_flight: dict[asyncio.Task[None], Msg] = {}
        self._freed = asyncio.Event()
        self._open = asyncio.Event()
        self._open.set()
        self._stopping = asyncio.Event()
        self._ended = asyncio.Event()
        self._ended.set()
        self._inbox: PullInbox | None = None
        self._unsubscribed = asyncio.Event()
        self._unsubscribed.set()
        self._stream = ""
        self._closed_until = 0.0
        self._trying = False
        self._trouble: str | None = "not started"
        self.drift: tuple[str, ...] = ()
        """What about the streams is not as we would have made it."""
        self.failures = 0
        """Messages whose handling raised: a bug, each of them."""
        self.unanswered = 0
        """Answers that could not be sent; their messages come again and are answered from the record."""
        link.changed(self._interrupt)

    @property
    def ready(self) -> bool:
        """Whether signals flow: connected, subscribed, and not held."""
        return self._inbox is not None and self._link.connected

    @property
    def trouble(self) -> str | None:
        """Why not, in words; None while all is well."""
        return self._link.trouble or self._trouble

    @property
    def in_hand(self) -> int:
        """Messages that are being handled now."""
        return len(self._in_flight)

    def hold(self) -> None:
        """Fetch nothing more until ``release``: a stand-by replica leaves the messages to the leader."""
        self._open.clear()
        self._trouble = "held"
        self._interrupt()

    def release(self) -> None:
        """Fetch again."""
        self._open.set()

    async def run(self) -> None:
        """Take messages until ``stop`` is called; no fault of the server or the connection ends it."""
        self._ended.clear()
        try:
            async with asyncio.TaskGroup() as tasks:
                work = [tasks.create_task(self._consume_for_ever()), tasks.create_task(self._keep_in_hand())]
                await self._stopping.wait()
                for task in work:
                    task.cancel()
        finally:
            for task in self._in_flight:
                task.cancel()
            await asyncio.gather(*self._in_flight, return_exceptions=True)
            self._trouble = "stopped"
            self._ended.set()

    async def stop(self, within: float = 10.0) -> None:
        """Fetch no more, give what is in hand so many seconds, and end; what is unfinished will be delivered again."""
        self.hold()
        if not self._ended.is_set():
            await self._unsubscribed.wait()
        if self._in_flight:
            await asyncio.wait(set(self._in_flight), timeout=within)
        self._stopping.set()
        await self._ended.wait()

    async def _consume_for_ever(self) -> None:
        while True:
            await self._open.wait()
            try:
                await self._consume(await self._link.client())
            except (nats.errors.Error, OSError, WrongTopology) as error:
                self._trouble = f"{type(error).__name__}: {error}"
            await asyncio.sleep(max(RETRY_SECONDS, self._closed_until - _now()))

    async def _consume(self, client: Client) -> None:
        settings = self._settings
        topology = await ensure(client.jetstream(), settings)
        self._stream, self.drift = f"js:{iso(topology.stream_created)}", topology.drift
        inbox = PullInbox(client, stream=settings.stream, durable=settings.durable, take=self._take)
        self._unsubscribed.clear()
        try:
            async with inbox:
                await self._serve(inbox)
        finally:
            self._unsubscribed.set()

    async def _serve(self, inbox: PullInbox) -> None:
        self._inbox, self._trouble = inbox, None
        try:
            while await inbox.ask(await self._room(inbox)) is Ended.SERVED:
                pass
        finally:
            self._inbox = None
        if inbox.said is not None:
            self._trouble = inbox.said

    async def _room(self, inbox: PullInbox) -> int:
        """How many messages to ask for: all that there is room for, but not one by one while the engine is busy."""
        least = self._settings.in_flight_max if self._trying else (self._settings.in_flight_max + 3) // 4
        while (free := self._settings.in_flight_max - len(self._in_flight)) < least and not inbox.interrupted:
            self._freed.clear()
            await self._freed.wait()
        return 1 if self._trying else free

    def _take(self, msg: Msg, delivery: Delivery) -> None:
        task = asyncio.get_running_loop().create_task(self._handle(msg, delivery))
        self._in_flight[task] = msg
        task.add_done_callback(self._handled)

    def _handled(self, task: asyncio.Task[None]) -> None:
        del self._in_flight[task]
        self._freed.set()
        if not task.cancelled() and (error := task.exception()) is not None:
            self._failed(error)

    async def _handle(self, msg: Msg, delivery: Delivery) -> None:
        arrival = Arrival(
            transport="nats",
            message_id=f"{self._stream}:{delivery.sequence}",
            received_at=delivery.stored_at,
            redelivered=delivery.count > 1,
            subject=msg.subject,
        )
        message = read_signal(
            msg.data, received_at=arrival.received_at, headers=msg.headers or {}, fallback=arrival.message_id
        )
        # Whatever the engine raises is a bug, but the message is still somebody's signal: it is not lost over it.
        (answer,) = await asyncio.gather(self._receive(message, arrival), return_exceptions=True)
        match answer:
            case Verdict():
                self._trying = False
                await self._answer(msg.ack())
            case NotReady():
                self._trying = True
                self._closed_until = _now() + answer.retry_after / SECOND
                self._trouble = f"{answer.code}: {answer.message}"
                self._interrupt()
                await self._answer(msg.nak(delay=answer.retry_after / SECOND))
            case BaseException():
                self._failed(answer)
                await self._answer(msg.nak(delay=min(2**delivery.count, FAILURE_DELAY_MAX)))

    async def _answer(self, sending: Awaitable[None]) -> None:
        try:
            await sending
        except (nats.errors.Error, OSError):
            self.unanswered += 1

    async def _keep_in_hand(self) -> None:
        while True:
            await asyncio.sleep(self._settings.ack_wait / SECOND / 3)
            for msg in list(self._in_flight.values()):
                await self._answer(msg.in_progress())

    def _failed(self, error: BaseException) -> None:
        self.failures += 1
        self._trouble = f"{type(error).__name__}: {error}"

    def _interrupt(self) -> None:
        if self._inbox is not None:
            self._inbox.interrupt()
            self._freed.set()


def _now() -> float:
    return asyncio.get_running_loop().time()
