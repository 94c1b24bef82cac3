"""Where orders go: the one value that decides between paper and money."""

from enum import StrEnum


class Mode(StrEnum):
    """Chosen once, from the settings; a journal is stamped with it."""

    SIMULATION = "simulation"
    TESTNET = "testnet"
    LIVE = "live"
