"""Proves a stored journal frame by frame, some at a time, however long it is."""

from collections.abc import AsyncIterator
from typing import Final

from petrosa_core.application import StoreUnavailable
from petrosa_core.audit import GENESIS, Broken, Frame, Head, Verification, Verified, verify
from petrosa_core.ports import Journal, Unavailable

_FRAMES_AT_ONCE: Final = 500


async def pages(journal: Journal) -> AsyncIterator[tuple[Frame, ...]]:
    """All frames in order, some at a time. Raises StoreUnavailable when the store cannot be read."""
    after = 0
    while True:
        page = await journal.read(after, _FRAMES_AT_ONCE)
        if isinstance(page, Unavailable):
            raise StoreUnavailable(page.why)
        if not page:
            return
        yield page
        after = page[-1].number


async def prove(journal: Journal, anchor: Head | None = None) -> Verification:
    """The journal's head when every frame is what was written, or the first that is not. Raises StoreUnavailable."""
    head, account = GENESIS, None
    async for page in pages(journal):
        account = page[0].account if account is None else account
        # A page is held against the anchor only where the anchor lies in it; whether it was reached is asked at the end.
        within = anchor if anchor is not None and head.number <= anchor.number <= page[-1].number else None
        verdict = verify(page, within, account=account, after=head)
        if isinstance(verdict, Broken):
            return verdict
        head = verdict.head
    if anchor is not None and head.number < anchor.number:
        return Broken(head.number + 1, f"missing: the journal ends here, but frame {anchor.number} was anchored")
    return Verified(head)
