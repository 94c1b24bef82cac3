"""The lease in memory."""

from petrosa_adapters.memory.store import MemoryStore, Weather, fair
from petrosa_core.ports import Clock
from petrosa_core.values import SECOND, Duration, Moment

LEASE: Duration = 10 * SECOND


class MemoryLeadership:
    """A Leadership over a store that replicas share, and one clock."""

    def __init__(self, store: MemoryStore, clock: Clock, *, lease: Duration = LEASE, weather: Weather = fair) -> None:
        """Join; nothing is taken yet."""
        self._store = store
        self._clock = clock
        self._lease = lease
        self._weather = weather
        self._held_until = Moment(0)

    async def acquire(self, replica: str) -> bool:
        """Take or renew the lease, counted from before the store was asked: an answer that is late shortens it."""
        asked = self._clock.now()
        if await self._weather("acquire", applied=False):
            return False
        now = self._clock.now()
        if self._store.leader not in {"", replica} and self._store.lease_until > now:
            self._held_until = Moment(0)
            return False
        self._store.leader = replica
        self._store.lease_until = Moment(now + self._lease)
        if await self._weather("acquire", applied=True):
            return False
        self._held_until = Moment(asked + self._lease)
        return True

    async def release(self, replica: str) -> None:
        """Give the lease up, if it is this replica's."""
        self._held_until = Moment(0)
        if await self._weather("release", applied=False):
            return
        if self._store.leader == replica:
            self._store.leader, self._store.lease_until = "", Moment(0)
        await self._weather("release", applied=True)

    def held_until(self) -> Moment:
        """Until when this replica surely leads."""
        return self._held_until
