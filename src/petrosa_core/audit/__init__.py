"""What we can prove: entries, frames, the hash chain, and its verification."""

from petrosa_core.audit.chain import Broken, Verification, Verified, follow, verify
from petrosa_core.audit.coders import Misfit, Plain
from petrosa_core.audit.encoding import decode, digest, encode, from_plain, to_plain
from petrosa_core.audit.export import frame_line, frame_of
from petrosa_core.audit.frame import GENESIS, NO_HASH, Frame, Head, frame_hash, seal

__all__ = [
    "GENESIS",
    "NO_HASH",
    "Broken",
    "Frame",
    "Head",
    "Misfit",
    "Plain",
    "Verification",
    "Verified",
    "decode",
    "digest",
    "encode",
    "follow",
    "frame_hash",
    "frame_line",
    "frame_of",
    "from_plain",
    "seal",
    "to_plain",
    "verify",
]
