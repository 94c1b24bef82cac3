"""The journal in memory."""

from petrosa_adapters.memory.store import MemoryStore, Weather, fair
from petrosa_core.audit import Frame, Head
from petrosa_core.ports import Appended, AppendOutcome, Conflict, JournalMismatch, SnapshotRecord, Unavailable
from petrosa_core.values import AccountId, Market, Mode

SNAPSHOTS_KEPT = 2


class MemoryJournal:
    """A Journal over a store that may outlive it. Raises JournalMismatch when the store is another's."""

    def __init__(
        self,
        store: MemoryStore,
        *,
        account: AccountId,
        market: Market,
        mode: Mode,
        weather: Weather = fair,
    ) -> None:
        """Open the store, and stamp it when it is new."""
        wanted = (account, market, mode)
        store.stamp = store.stamp or wanted
        if store.stamp != wanted:
            raise JournalMismatch(f"the journal is {_words(store.stamp)}, and was to be opened as {_words(wanted)}")
        self._store = store
        self._weather = weather
        self._account = account

    async def head(self) -> Head | Unavailable:
        """The newest frame's number and hash."""
        if await self._weather("head", applied=False):
            return Unavailable("the store could not be read")
        return self._store.head

    async def append(self, frame: Frame) -> AppendOutcome:
        """Append one sealed frame."""
        if frame.account != self._account:
            raise ValueError(f"frame: sealed for account {frame.account!r}, the journal is of {self._account!r}")
        if await self._weather("append", applied=False):
            return Unavailable("the store could not be reached")
        outcome = self._append(frame)
        if await self._weather("append", applied=True):
            return Unavailable("the store did not answer")
        return outcome

    def _append(self, frame: Frame) -> AppendOutcome:
        head = self._store.head
        if frame.number > head.number + 1:
            return Unavailable(f"frame {frame.number} cannot stand: the journal ends at frame {head.number}")
        if frame.number == head.number + 1 and frame.previous == head.hash:
            self._store.frames.append(frame)
            return Appended(frame.head)
        if 0 < frame.number <= head.number and self._store.frames[frame.number - 1] == frame:
            return Appended(frame.head)
        return Conflict(head)

    async def read(self, after: int, limit: int) -> tuple[Frame, ...] | Unavailable:
        """At most ``limit`` frames with numbers above ``after``, in order."""
        if await self._weather("read", applied=False):
            return Unavailable("the store could not be read")
        start = max(after, 0)
        return tuple(self._store.frames[start : start + max(limit, 0)])

    async def save_snapshot(self, snapshot: SnapshotRecord) -> bool:
        """Keep a folded book; the store keeps the last two."""
        if await self._weather("save_snapshot", applied=False):
            return False
        others = [kept for kept in self._store.snapshots if kept.head.number != snapshot.head.number]
        kept = sorted([*others, snapshot], key=lambda each: each.head.number)
        self._store.snapshots = kept[-SNAPSHOTS_KEPT:]
        return not await self._weather("save_snapshot", applied=True)

    async def latest_snapshot(self) -> SnapshotRecord | None:
        """The newest snapshot whose head is in the journal, or None."""
        if await self._weather("latest_snapshot", applied=False):
            return None
        fitting = (kept for kept in reversed(self._store.snapshots) if self._holds(kept.head))
        return next(fitting, None)

    def _holds(self, head: Head) -> bool:
        frames = self._store.frames
        return 0 < head.number <= len(frames) and frames[head.number - 1].hash == head.hash


def _words(stamp: tuple[AccountId, Market, Mode]) -> str:
    account, market, mode = stamp
    return f"account {account!r}, market {market.value}, mode {mode.value}"
