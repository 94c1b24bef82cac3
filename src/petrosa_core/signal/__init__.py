"""What a strategy said: the signal, what it asks for, and its identity."""

from petrosa_core.signal.identity import Identity, fingerprint
from petrosa_core.signal.signal import Action, Signal
from petrosa_core.signal.undecodable import Undecodable

__all__ = ["Action", "Identity", "Signal", "Undecodable", "fingerprint"]
