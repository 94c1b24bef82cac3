"""The audit log: one document per trade, projected from the journal so that people and reports need not fold it."""

from collections.abc import Mapping
from typing import Protocol, TypeAlias

import attrs

from petrosa_core.ports.journal import Unavailable

Document: TypeAlias = Mapping[str, object]
"""Text, exact Decimals, whole numbers, booleans, None, and lists and mappings of these."""


@attrs.frozen(kw_only=True)
class Logged:
    """One document as it stands, and the number of the journal entry that it was last made from."""

    trade_id: str
    seq: int
    document: Mapping[str, object]


class AuditLog(Protocol):
    """A projection that may be thrown away and built again. Contract: tests/contract/test_audit_log.py.

    A1  ``upsert`` replaces the trade's document when ``seq`` is above the stored one's; else it changes nothing. So upserts may
        come twice, late or from two projectors, and the newest stays.
    A2  A document comes back equal: numbers exactly, text to the letter.
    A3  ``checkpoint`` is the highest ``seq`` that was ``passed`` and never goes back, 0 when there is none; an upsert does not
        move it, because one entry may change several documents.
    A4  ``recent`` gives documents by descending (seq, trade id), page after page, without repeats.
    A5  ``clear`` empties the log and the checkpoint at once; the journal is not touched.
    A6  A store that cannot write or read answers Unavailable, never raises, and works again by itself when it can.
    """

    async def upsert(self, document: Document, trade_id: str, seq: int) -> Unavailable | None:
        """Put the document of one trade, made from the journal up to entry ``seq``."""
        ...

    async def passed(self, seq: int) -> Unavailable | None:
        """Remember that everything up to entry ``seq`` is in the log."""
        ...

    async def checkpoint(self) -> int | Unavailable:
        """Where a projector goes on: after this entry."""
        ...

    async def get(self, trade_id: str) -> Logged | Unavailable | None:
        """One trade's document, None when there is none."""
        ...

    async def recent(self, limit: int, before: Logged | None = None) -> tuple[Logged, ...] | Unavailable:
        """At most ``limit`` documents, the newest first; with ``before``, the last of one page, those of the next."""
        ...

    async def clear(self) -> Unavailable | None:
        """Forget everything, so that it can be built again."""
        ...
