"""The unit of append: a frame, sealed onto the one before it.

1. A frame's hash covers its account, number, predecessor's hash, nonce and payload; so a frame that is flipped, removed,
   inserted or moved breaks the chain at a number that can be named.
2. The nonce tells one writer's frame from another's at the same number.
3. What the chain alone cannot show (a cut tail, a chain rewritten whole) is shown against an anchor: a head kept elsewhere.
"""

from hashlib import sha256

import attrs

from petrosa_core.values import AccountId

NO_HASH = "0" * 64


@attrs.frozen
class Head:
    """The newest frame: its number (0 for an empty journal) and its hash."""

    number: int
    hash: str


GENESIS = Head(0, NO_HASH)


@attrs.frozen(kw_only=True)
class Frame:
    """The encoded entries of one or more whole inputs. ``payload`` is UTF-8 JSON, canonical; the hash is over its bytes."""

    account: AccountId
    number: int
    previous: str
    nonce: str
    payload: bytes
    hash: str

    @property
    def head(self) -> Head:
        """The journal's head once this frame is appended."""
        return Head(self.number, self.hash)


def frame_hash(account: str, number: int, previous: str, nonce: str, payload: bytes) -> str:
    """SHA-256 over the header's lines and the payload, in hex."""
    header = f"petrosa-frame-1\n{account}\n{number}\n{previous}\n{nonce}\n".encode("utf-8", "surrogatepass")
    return sha256(header + payload).hexdigest()


def seal(account: AccountId, after: Head, nonce: str, payload: bytes) -> Frame:
    """Put a payload behind the head."""
    number = after.number + 1
    return Frame(
        account=account,
        number=number,
        previous=after.hash,
        nonce=nonce,
        payload=payload,
        hash=frame_hash(account, number, after.hash, nonce, payload),
    )
