"""Whether a journal is what was written: frame after frame, in memory for one frame, however long it is.

1. A frame that was flipped, removed, inserted or moved is found by the chain itself, and named by its number.
2. A tail that was cut and a chain that was rewritten whole look sound from inside: they are found against an anchor, a head
   that was kept where the journal's owner cannot reach it.
"""

from collections.abc import Iterable
from typing import TypeAlias

import attrs

from petrosa_core.audit.frame import GENESIS, Frame, Head, frame_hash
from petrosa_core.values import AccountId


@attrs.frozen
class Verified:
    """Every frame up to this head is sound."""

    head: Head


@attrs.frozen
class Broken:
    """``number`` is the first frame that is not what was written; ``why`` is for people."""

    number: int
    why: str


Verification: TypeAlias = Verified | Broken


def follow(head: Head, frame: Frame, account: AccountId) -> Verification:
    """Judge one frame as the successor of a sound head."""
    number = head.number + 1
    if frame.number != number:
        return Broken(number, f"missing: frame {frame.number} follows frame {head.number}")
    if frame.account != account:
        return Broken(number, f"belongs to account {frame.account!r}, the journal to {account!r}")
    if frame.hash != frame_hash(frame.account, frame.number, frame.previous, frame.nonce, frame.payload):
        return Broken(number, "altered: its content does not have its hash")
    if frame.previous != head.hash:
        return Broken(number, f"does not continue frame {head.number}: one of the two was exchanged")
    return Verified(frame.head)


def verify(
    frames: Iterable[Frame],
    anchor: Head | None = None,
    *,
    account: AccountId | None = None,
    after: Head = GENESIS,
) -> Verification:
    """Fold the frames that follow the sound head ``after``, and hold them against the anchor where there is one.

    The account is the first frame's, unless it is said. Raises ValueError for an anchor that lies before ``after``: nothing
    that is read here could confirm or refute it.
    """
    if anchor is not None and anchor.number < after.number:
        raise ValueError(f"anchor: frame {anchor.number} lies before frame {after.number}, where the reading begins")
    head = after
    for frame in frames:
        refuted = _refuted(head, anchor)
        if refuted is not None:
            return refuted
        account = frame.account if account is None else account
        verdict = follow(head, frame, account)
        if isinstance(verdict, Broken):
            return verdict
        head = verdict.head
    if anchor is not None and head.number < anchor.number:
        return Broken(head.number + 1, f"missing: the journal ends here, but frame {anchor.number} was anchored")
    return _refuted(head, anchor) or Verified(head)


def _refuted(head: Head, anchor: Head | None) -> Broken | None:
    if anchor is not None and head.number == anchor.number and head.hash != anchor.hash:
        return Broken(head.number, "rewritten: another frame was anchored at this number")
    return None
