"""The audit log in memory."""

from copy import deepcopy

from petrosa_adapters.memory.store import MemoryStore, Weather, fair
from petrosa_core.ports import Document, Logged, Unavailable

UNREACHABLE = Unavailable("the store could not be reached")
UNANSWERED = Unavailable("the store did not answer")


class MemoryAuditLog:
    """An AuditLog over a store that may outlive it."""

    def __init__(self, store: MemoryStore, *, weather: Weather = fair) -> None:
        """Open the store."""
        self._store = store
        self._weather = weather

    async def upsert(self, document: Document, trade_id: str, seq: int) -> Unavailable | None:
        """Put the document of one trade, when it is newer than what is there."""
        if await self._weather("upsert", applied=False):
            return UNREACHABLE
        known = self._store.documents.get(trade_id)
        if known is None or known.seq < seq:
            # A copy: what the caller does to its own afterwards is not logged.
            self._store.documents[trade_id] = Logged(trade_id=trade_id, seq=seq, document=deepcopy(dict(document)))
        return UNANSWERED if await self._weather("upsert", applied=True) else None

    async def passed(self, seq: int) -> Unavailable | None:
        """Move the checkpoint, never back."""
        if await self._weather("passed", applied=False):
            return UNREACHABLE
        self._store.checkpoint = max(self._store.checkpoint, seq)
        return UNANSWERED if await self._weather("passed", applied=True) else None

    async def checkpoint(self) -> int | Unavailable:
        """Where a projector goes on."""
        return UNREACHABLE if await self._weather("checkpoint", applied=False) else self._store.checkpoint

    async def get(self, trade_id: str) -> Logged | Unavailable | None:
        """One trade's document."""
        if await self._weather("get", applied=False):
            return UNREACHABLE
        return deepcopy(self._store.documents.get(trade_id))

    async def recent(self, limit: int, before: Logged | None = None) -> tuple[Logged, ...] | Unavailable:
        """The newest documents, a page at a time."""
        if await self._weather("recent", applied=False):
            return UNREACHABLE
        newest = sorted(self._store.documents.values(), key=_place, reverse=True)
        page = [logged for logged in newest if before is None or _place(logged) < _place(before)]
        return tuple(deepcopy(page[:limit]))

    async def clear(self) -> Unavailable | None:
        """Forget every document and the checkpoint."""
        if await self._weather("clear", applied=False):
            return UNREACHABLE
        self._store.documents.clear()
        self._store.checkpoint = 0
        return UNANSWERED if await self._weather("clear", applied=True) else None


def _place(logged: Logged) -> tuple[int, str]:
    return logged.seq, logged.trade_id
