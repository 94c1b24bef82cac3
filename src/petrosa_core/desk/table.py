"""Dictionaries that can take back what has not become durable.

Inputs are stepped ahead of the disk. When another writer's frame turns out to stand first, everything that was stepped on the
wrong head is undone here, change by change, and stepped again.
"""

from typing import Any, Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")

_ABSENT: Any = object()


class UndoLog:
    """Changes since the last durable frame, in order."""

    def __init__(self) -> None:
        """Begin with nothing to undo."""
        self._changes: list[tuple[Any, Any, Any]] = []

    def __len__(self) -> int:
        """How many changes could be undone."""
        return len(self._changes)

    def record(self, where: Any, key: Any, old: Any) -> None:
        """Remember what stood there: under a key of a dict, or in an attribute of anything else."""
        self._changes.append((where, key, old))

    def keep(self, count: int) -> None:
        """The oldest ``count`` changes are durable now."""
        del self._changes[:count]

    def undo(self) -> None:
        """Take back every change that is not durable, the newest first."""
        for where, key, old in reversed(self._changes):
            if not isinstance(where, dict):
                setattr(where, key, old)
            elif old is _ABSENT:
                dict.pop(where, key, None)
            else:
                dict.__setitem__(where, key, old)
        self._changes.clear()


class Table(dict[K, V], Generic[K, V]):
    """A dict whose changes are logged; values must be immutable.

    An undo does not restore the order of keys, so nothing may rest on it.
    """

    def __init__(self, log: UndoLog) -> None:
        """Begin empty."""
        super().__init__()
        self._log = log

    def __setitem__(self, key: K, value: V) -> None:
        """Put, remembering what was there."""
        self._log.record(self, key, self.get(key, _ABSENT))
        super().__setitem__(key, value)

    def __delitem__(self, key: K) -> None:
        """Remove, remembering what was there."""
        self._log.record(self, key, self[key])
        super().__delitem__(key)

    def discard(self, key: K) -> None:
        """Remove if present."""
        if key in self:
            del self[key]
