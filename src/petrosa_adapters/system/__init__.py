"""This machine's clock and event loop, and their doubles that a test can wind, seed and kill."""

from petrosa_adapters.system.clock import SystemClock
from petrosa_adapters.system.mortality import bury
from petrosa_adapters.system.runtime import AsyncioRuntime, Failed
from petrosa_adapters.system.virtual import Stalled, VirtualLoop, run
from petrosa_adapters.system.virtual_runtime import Killed, VirtualClock, VirtualRuntime

__all__ = [
    "AsyncioRuntime",
    "Failed",
    "Killed",
    "Stalled",
    "SystemClock",
    "VirtualClock",
    "VirtualLoop",
    "VirtualRuntime",
    "bury",
    "run",
]
