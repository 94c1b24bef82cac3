"""What we can prove: entries, frames, the hash chain, and its verification."""

from petrosa_core.audit.coders import Misfit, Plain
from petrosa_core.audit.encoding import decode, digest, encode, from_plain, to_plain
from petrosa_core.audit.frame import GENESIS, NO_HASH, Frame, Head, frame_hash, seal

__all__ = [
    "GENESIS",
    "NO_HASH",
    "Frame",
    "Head",
    "Misfit",
    "Plain",
    "decode",
    "digest",
    "encode",
    "frame_hash",
    "from_plain",
    "seal",
    "to_plain",
]
