"""A notifier that writes to the log: the place where the journal's head is kept when there is no NATS."""

import asyncio
from collections.abc import Mapping

from structlog.typing import FilteringBoundLogger

from petrosa_adapters.wire.outbox import Outbox
from petrosa_core.audit import Head
from petrosa_core.signal import Undecodable

ROOM = 1_000

_Line = tuple[str, str, dict[str, object]]
_LEVELS = frozenset({"info", "warning", "critical"})


class LogNotifier:
    """Implements ``Notifier``. What is told waits in memory until ``run``, a task of its own, has logged it.

    The logging itself happens in a thread: a sink that blocks holds up later lines, and nothing else.
    """

    def __init__(self, logger: FilteringBoundLogger, *, room: int = ROOM) -> None:
        """Log nothing yet; ``room`` bounds what may wait."""
        self._logger = logger
        self._outbox: Outbox[_Line] = Outbox(room)
        self._unwritable = 0

    @property
    def lost(self) -> int:
        """How many were not logged: there was no room, or the sink refused them."""
        return self._outbox.lost + self._unwritable

    @property
    def waiting(self) -> int:
        """How many are still to be logged."""
        return len(self._outbox)

    def execution(self, strategy: str, event: Mapping[str, object]) -> None:
        """Log an execution, at info."""
        self._outbox.put(("info", "execution", {"strategy": strategy, "body": dict(event)}))

    def alert(self, name: str, severity: str, category: str, message: str, detail: Mapping[str, object]) -> None:
        """Log an alert, at the level of its severity; an unknown severity is a warning."""
        fields: dict[str, object] = {"alert": name, "category": category, "message": message, "detail": dict(detail)}
        self._outbox.put((severity if severity in _LEVELS else "warning", "alert", fields))

    def dead_letter(self, letter: Undecodable, message_id: str, subject: str) -> None:
        """Log that a message could not be read, and why, as a warning; the journal has it whole, so the log does not."""
        fields: dict[str, object] = {
            "message_id": message_id,
            "subject": subject,
            "code": letter.code,
            "message": letter.message,
            "bytes": len(letter.raw),
        }
        self._outbox.put(("warning", "dead_letter", fields))

    def anchor(self, head: Head) -> None:
        """Log the head, at info."""
        self._outbox.put(("info", "anchor", {"frame": head.number, "hash": head.hash}))

    async def run(self) -> None:
        """Log what waits, until cancelled."""
        while True:
            line = await self._outbox.take()
            try:
                await asyncio.to_thread(self._write, line)
            except (OSError, ValueError, TypeError):
                self._unwritable += 1

    def _write(self, line: _Line) -> None:
        level, event, fields = line
        getattr(self._logger, level)(event, **fields)
