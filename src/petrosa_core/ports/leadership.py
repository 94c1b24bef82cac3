"""Who may enter trades, for the liveness of entries; their safety never depends on it."""

from typing import Protocol

from petrosa_core.values import Moment


class Leadership(Protocol):
    """One leader per account. Contract: tests/contract/test_leadership.py.

    L1  ``acquire`` is True for at most one replica as long as its lease lasts.
    L2  A lease that is not renewed runs out; ``held_until`` is in the past then.
    L3  ``release`` gives it up at once; releasing what is not held is harmless.
    L4  A store that cannot be reached makes ``acquire`` False; it never raises.
    """

    async def acquire(self, replica: str) -> bool:
        """Take or renew the lease."""
        ...

    async def release(self, replica: str) -> None:
        """Give it up."""
        ...

    def held_until(self) -> Moment:
        """Until when this replica surely leads; 0 when it does not."""
        ...
