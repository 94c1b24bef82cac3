"""What we can prove: entries, frames, the hash chain, and its verification."""

from petrosa_core.audit.frame import GENESIS, NO_HASH, Frame, Head, frame_hash, seal

__all__ = ["GENESIS", "NO_HASH", "Frame", "Head", "frame_hash", "seal"]
