"""(a) One decision (decode, screen, levels, size, all checks, record) over the bare decoder, at 1 and at 10,000 open trades."""

import gc
from collections.abc import Iterator

from benchmarks.decoder import bare_signal
from benchmarks.desk import Desk, twin
from benchmarks.measure import Result, at_most, in_turns, processor_seconds, ratio, told
from benchmarks.signals import body
from petrosa_adapters.wire.signals import read_signal
from petrosa_core.audit import encode
from petrosa_core.audit.entries import Payload
from petrosa_core.values import Moment

_BATCH = 100
"""Decisions between two looks at the clock. Each is taken back at once, which is counted: the book stays as large as it is."""


def measure(effort: int) -> Iterator[Result]:
    """``effort`` scales the number of rounds and of open trades: 10 is a whole run."""
    bodies = [body(f"{index:032d}") for index in range(_BATCH)]
    count = 1_000 * effort
    few, many = Desk(symbols=count), Desk(symbols=count)
    few.open_trade("few", twin(0))
    for index in range(count):
        many.open_trade(f"many-{index}", twin(index))

    # What stands in the books is not the collector's to look at between two rounds.
    gc.collect()
    gc.freeze()

    def decided(desk: Desk, *, written: bool) -> float:
        def one(index: int) -> None:
            stepped = desk.decide(bodies[index])
            if written:
                encode(Payload(seq=1, entries=stepped.entries))
            desk.forget()

        return processor_seconds(one, _BATCH)

    rounds = in_turns(
        {
            "bare": lambda: processor_seconds(lambda index: bare_signal(bodies[index]), _BATCH),
            "read": lambda: processor_seconds(
                lambda index: read_signal(bodies[index], received_at=Moment(0), fallback=""), _BATCH
            ),
            "judged": lambda: decided(few, written=False),
            "written": lambda: decided(few, written=True),
            "written, many open": lambda: decided(many, written=True),
        },
        rounds=10 * effort,
    )
    gc.unfreeze()
    over = "over the bare decoder"
    yield at_most(
        f"(a) one decision, from its bytes to its record in the book, {over}", ratio(rounds, "judged", "bare"), 6
    )
    yield at_most(f"(a) the same with the record's canonical bytes, {over}", ratio(rounds, "written", "bare"), 6)
    yield at_most(
        f"(a) the same at {count:,} open trades, over the same at 1",
        ratio(rounds, "written, many open", "written"),
        1.1,
    )
    yield told(f"reading the signal alone, {over}", f"{ratio(rounds, 'read', 'bare'):.2f}x")
