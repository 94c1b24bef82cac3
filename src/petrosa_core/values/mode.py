"""Where orders go: the one value that decides between paper and money."""

from petrosa_core.values.word import Word


class Mode(Word):
    """Chosen once, from the settings; a journal is stamped with it."""

    SIMULATION = "simulation"
    TESTNET = "testnet"
    LIVE = "live"
