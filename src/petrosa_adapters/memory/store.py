"""What outlives an engine: kill the engine, open its store again.

The store is plain data, changed between two awaits only, so that whoever is killed has written a thing whole or not at all.
"""

import asyncio
from typing import Protocol

import attrs

from petrosa_core.audit import GENESIS, Frame, Head
from petrosa_core.ports import Logged, SnapshotRecord
from petrosa_core.values import AccountId, Market, Mode, Moment


class Weather(Protocol):
    """What befalls an operation on the way to the store and back; the seam through which tests bring trouble.

    It is awaited twice for each operation (``append``, ``head``, ``read``, ...): before it is applied, and after. It may wait,
    for ever too, and answers True to make the store unavailable there: before, nothing has happened; after, it has, and the
    caller does not hear of it.
    """

    async def __call__(self, operation: str, *, applied: bool) -> bool:
        """Let time pass, and say whether the operation fails here."""
        ...


async def fair(operation: str, *, applied: bool) -> bool:  # noqa: ARG001  fair weather makes no difference
    """Nothing happens, except that others may run: no store answers before anything else can."""
    await asyncio.sleep(0)
    return False


@attrs.define
class MemoryStore:
    """One account's frames, snapshots, documents and lease."""

    stamp: tuple[AccountId, Market, Mode] | None = None
    frames: list[Frame] = attrs.Factory(list)
    snapshots: list[SnapshotRecord] = attrs.Factory(list)
    documents: dict[str, Logged] = attrs.Factory(dict)
    checkpoint: int = 0
    leader: str = ""
    lease_until: Moment = attrs.field(default=Moment(0))

    @property
    def head(self) -> Head:
        """The newest frame's number and hash."""
        return self.frames[-1].head if self.frames else GENESIS
