"""A paper exchange that outlives the engine, and the feeds that price it."""

from petrosa_adapters.paper.faults import FINE, Fate, Faults
from petrosa_adapters.paper.feeds import Kline, merged, quote_around, read_klines, replay, synthetic_day, walk_klines
from petrosa_adapters.paper.frames import FrameReader
from petrosa_adapters.paper.input_log import PaperDirectoryBusy, PaperDirectoryUnusable
from petrosa_adapters.paper.instruments import paper_instruments
from petrosa_adapters.paper.venue import PaperVenue

__all__ = [
    "FINE",
    "Fate",
    "Faults",
    "FrameReader",
    "Kline",
    "PaperDirectoryBusy",
    "PaperDirectoryUnusable",
    "PaperVenue",
    "merged",
    "paper_instruments",
    "quote_around",
    "read_klines",
    "replay",
    "synthetic_day",
    "walk_klines",
]
