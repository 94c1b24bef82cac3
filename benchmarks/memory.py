"""(d) What an open, protected trade keeps in memory, and whether trades that have ended keep any."""

import gc
import tracemalloc
from collections.abc import Iterator

from benchmarks.desk import Desk, twin
from benchmarks.measure import Result, at_most, told

_KIB = 1024


def measure(effort: int) -> Iterator[Result]:
    """``effort`` scales the number of trades: 10 is a whole run."""
    count = 200 * effort
    # Twice as many symbols are known as have trades: their rules are the account's, not the trade's.
    desk = Desk(symbols=2 * count)
    for index in range(count):
        desk.open_trade(f"early-{index}", twin(index))
    _drop_entries(desk)
    gc.collect()
    tracemalloc.start()
    before = _kept()
    for index in range(count):
        desk.open_trade(f"{index:032d}", twin(count + index))
        _drop_entries(desk)
    per_trade = (_kept() - before) / count
    tracemalloc.stop()
    yield at_most("(d) memory per open trade, its signal's ids included", per_trade / _KIB, 4, unit=" KiB")
    yield told("memory per signal id that is remembered for 30 days", f"{_id_cost(effort):.2f} KiB")


def _id_cost(effort: int) -> float:
    count = 200 * effort
    desk = Desk(symbols=2)
    tracemalloc.start()
    # The first ended trades are kept for questions; once their number is reached, only the registry of ids grows.
    for index in range(600):
        desk.stop_out(desk.open_trade(f"early-{index}", twin(0)), f"early-{index}")
    _drop_entries(desk)
    before = _kept()
    for index in range(count):
        name = f"{index:032d}"
        desk.stop_out(desk.open_trade(name, twin(0)), name)
        _drop_entries(desk)
    per_signal = (_kept() - before) / count
    tracemalloc.stop()
    return per_signal / _KIB


def _drop_entries(desk: Desk) -> None:
    # They are in the journal by now.
    desk.entries.clear()


def _kept() -> int:
    gc.collect()
    return tracemalloc.get_traced_memory()[0]
