"""A notifier that remembers what it was told, for tests and for embedding without a listener."""

from collections import deque
from collections.abc import Mapping

import attrs

from petrosa_core.audit import Head
from petrosa_core.signal import Undecodable

ROOM = 1_000


@attrs.frozen
class Alert:
    """One alert as it was raised."""

    name: str
    severity: str
    category: str
    message: str
    detail: Mapping[str, object]


class MemoryNotifier:
    """Implements ``Notifier``. Of each kind the newest ``room`` are kept; ``lost`` counts the others."""

    def __init__(self, room: int = ROOM) -> None:
        """Know nothing yet."""
        self._executions: deque[tuple[str, Mapping[str, object]]] = deque(maxlen=room)
        self._alerts: deque[Alert] = deque(maxlen=room)
        self._dead_letters: deque[tuple[Undecodable, str, str]] = deque(maxlen=room)
        self._anchors: deque[Head] = deque(maxlen=room)
        self._told = 0

    @property
    def executions(self) -> tuple[tuple[str, Mapping[str, object]], ...]:
        """(strategy, event), the oldest first."""
        return tuple(self._executions)

    @property
    def alerts(self) -> tuple[Alert, ...]:
        """The alerts, the oldest first."""
        return tuple(self._alerts)

    @property
    def dead_letters(self) -> tuple[tuple[Undecodable, str, str], ...]:
        """(letter, message id, subject), the oldest first."""
        return tuple(self._dead_letters)

    @property
    def anchors(self) -> tuple[Head, ...]:
        """The heads, the oldest first."""
        return tuple(self._anchors)

    @property
    def lost(self) -> int:
        """How many had to go."""
        kept = len(self._executions) + len(self._alerts) + len(self._dead_letters) + len(self._anchors)
        return self._told - kept

    def execution(self, strategy: str, event: Mapping[str, object]) -> None:
        """Remember an execution."""
        self._told += 1
        self._executions.append((strategy, event))

    def alert(self, name: str, severity: str, category: str, message: str, detail: Mapping[str, object]) -> None:
        """Remember an alert."""
        self._told += 1
        self._alerts.append(Alert(name, severity, category, message, detail))

    def dead_letter(self, letter: Undecodable, message_id: str, subject: str) -> None:
        """Remember a dead letter."""
        self._told += 1
        self._dead_letters.append((letter, message_id, subject))

    def anchor(self, head: Head) -> None:
        """Remember a head."""
        self._told += 1
        self._anchors.append(head)
