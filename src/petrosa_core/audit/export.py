"""A frame as one line of text, to be kept, mailed and verified without the engine (``deploy/verify_journal.py``).

One JSON object a line. The payload is JSON inside a string, because its hash is over its exact bytes; bytes that are no UTF-8,
which only a damaged journal holds, are kept apart as base64.
"""

from base64 import b64encode

import attrs

from petrosa_core.audit.encoding import decode, encode
from petrosa_core.audit.frame import Frame
from petrosa_core.values import AccountId


@attrs.frozen(kw_only=True)
class _Line:
    account: str
    number: int
    previous: str
    nonce: str
    hash: str
    payload: str = ""
    payload_base64: bytes | None = None


def frame_line(frame: Frame) -> bytes:
    """The frame's line, with its line feed."""
    fields = {"account": frame.account, "number": frame.number, "previous": frame.previous, "nonce": frame.nonce}
    try:
        body = {"payload": frame.payload.decode("utf-8")}
    except UnicodeDecodeError:
        body = {"payload_base64": b64encode(frame.payload).decode("ascii")}
    return encode({**fields, "hash": frame.hash, **body}) + b"\n"


def frame_of(line: bytes) -> Frame:
    """The frame that a line tells of; ValueError for a line that tells of none. Its hash is not judged here."""
    read = decode(line, _Line)
    payload = read.payload.encode("utf-8") if read.payload_base64 is None else read.payload_base64
    return Frame(
        account=AccountId(read.account),
        number=read.number,
        previous=read.previous,
        nonce=read.nonce,
        payload=payload,
        hash=read.hash,
    )
