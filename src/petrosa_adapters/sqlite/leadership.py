"""The lease in SQLite: one row, for the replicas on one machine, which share its clock."""

import sqlite3

from petrosa_adapters.sqlite.store import SqliteStore
from petrosa_core.ports import Clock
from petrosa_core.values import SECOND, Duration, Moment

LEASE: Duration = 10 * SECOND

_LEADER = "leader"


class SqliteLeadership:
    """A Leadership over the journal's own store."""

    def __init__(self, store: SqliteStore, clock: Clock, *, lease: Duration = LEASE) -> None:
        """Join; nothing is taken yet."""
        self._store = store
        self._clock = clock
        self._lease = lease
        self._held_until = Moment(0)

    async def acquire(self, replica: str) -> bool:
        """Take or renew the lease, counted from when the store was asked: an answer that is late shortens it."""
        asked = self._clock.now()
        until = Moment(asked + self._lease)
        taken = await self._store.write(lambda connection: _acquire(connection, replica, asked, until))
        if taken is True:
            self._held_until = until
        elif taken is False:
            self._held_until = Moment(0)
        # When the store did not answer, what was held before is held until it runs out.
        return taken is True

    async def release(self, replica: str) -> None:
        """Give the lease up, if it is this replica's."""
        self._held_until = Moment(0)
        await self._store.write(lambda connection: _release(connection, replica))

    def held_until(self) -> Moment:
        """Until when this replica surely leads."""
        return self._held_until


def _acquire(connection: sqlite3.Connection, replica: str, asked: Moment, until: Moment) -> bool:
    taken = connection.execute(
        "INSERT INTO lease (name, replica, until) VALUES (?, ?, ?)"
        " ON CONFLICT (name) DO UPDATE SET replica = excluded.replica, until = max(until, excluded.until)"
        " WHERE replica = excluded.replica OR until <= ?",
        (_LEADER, replica, until, asked),
    )
    return taken.rowcount == 1


def _release(connection: sqlite3.Connection, replica: str) -> None:
    connection.execute("DELETE FROM lease WHERE name = ? AND replica = ?", (_LEADER, replica))
