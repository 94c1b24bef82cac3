"""Executions, alerts, anchors and dead letters, told over NATS: at most once, never in anybody's way.

Subjects: ``execution.events.<strategy>``, ``alerts.tradeengine.<name>`` (the dots of a name part tokens, as in
``rollback_failed.ETHUSDT``), ``journal.anchor.<account>``, ``signals.deadletter``.
"""

import asyncio
from collections.abc import Mapping
from urllib.parse import quote

import nats.errors
from nats.errors import BadHeaderError, BadSubjectError, MaxPayloadError

from petrosa_adapters.nats.link import RETRY_SECONDS, NatsLink
from petrosa_adapters.nats.subjects import escape
from petrosa_adapters.nats.topology import DEAD_LETTER_SUBJECT
from petrosa_adapters.wire import answers
from petrosa_adapters.wire.outbox import Outbox
from petrosa_adapters.wire.plain_json import dumps
from petrosa_core.audit import Head
from petrosa_core.ports import Clock
from petrosa_core.signal import Undecodable
from petrosa_core.values import AccountId

ROOM = 1_000

_Message = tuple[str, bytes, dict[str, str] | None]


class NatsNotifier:
    """Implements ``Notifier``. What is told waits in memory until ``run``, a task of its own, has sent it."""

    def __init__(self, link: NatsLink, account: AccountId, clock: Clock, *, room: int = ROOM) -> None:
        """Send nothing yet; ``room`` bounds what may wait."""
        self._link = link
        self._account = account
        self._clock = clock
        self._outbox: Outbox[_Message] = Outbox(room)
        self._unsendable = 0

    @property
    def lost(self) -> int:
        """How many were told to nobody: there was no room, or they could not be written or sent at all."""
        return self._outbox.lost + self._unsendable

    @property
    def waiting(self) -> int:
        """How many are still to be sent."""
        return len(self._outbox)

    def execution(self, strategy: str, event: Mapping[str, object]) -> None:
        """One ``execution.events.<strategy>``."""
        self._put(f"execution.events.{escape(strategy)}", event)

    def alert(self, name: str, severity: str, category: str, message: str, detail: Mapping[str, object]) -> None:
        """One ``alerts.tradeengine.<name>``."""
        subject = ".".join(("alerts.tradeengine", *map(escape, name.split("."))))
        body = answers.alert(
            name, severity=severity, category=category, message=message, detail=detail, at=self._clock.now()
        )
        self._put(subject, body)

    def anchor(self, head: Head) -> None:
        """One ``journal.anchor.<account>``."""
        body = answers.anchor(self._account, head, self._clock.now())
        self._put(f"journal.anchor.{escape(self._account)}", body)

    def dead_letter(self, letter: Undecodable, message_id: str, subject: str) -> None:
        """One ``signals.deadletter``; the stream keeps one of each message."""
        body = answers.dead_letter(letter, message_id, subject, self._clock.now())
        self._put(DEAD_LETTER_SUBJECT, body, {"Nats-Msg-Id": quote(message_id)})

    async def run(self) -> None:
        """Send what waits whenever the server can be reached, until cancelled."""
        while True:
            message = await self._outbox.take()
            client = None
            try:
                client = await self._link.client()
                await client.publish(message[0], message[1], headers=message[2])
            except (MaxPayloadError, BadSubjectError, BadHeaderError):
                self._unsendable += 1
            except (nats.errors.Error, OSError):
                self._outbox.put_back(message)
                await asyncio.sleep(RETRY_SECONDS)
            except asyncio.CancelledError:
                self._outbox.put_back(message)
                raise

    def _put(self, subject: str, body: Mapping[str, object], headers: dict[str, str] | None = None) -> None:
        try:
            payload = dumps(body)
        except (TypeError, ValueError, RecursionError):
            self._unsendable += 1
        else:
            self._outbox.put((subject, payload, headers))
