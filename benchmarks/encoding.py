"""What exactness costs (G12): typed, validated entries against bare JSON of the same bytes."""

import json
from collections.abc import Iterator

from benchmarks.desk import Desk, twin
from benchmarks.measure import Result, at_most, in_turns, processor_seconds, ratio
from petrosa_core.audit import decode, encode
from petrosa_core.audit.entries import Payload

_BATCH = 50


def measure(effort: int) -> Iterator[Result]:
    """``effort`` scales the number of rounds: 10 is a whole run."""
    desk = Desk(symbols=1)
    desk.entries.clear()
    desk.open_trade("0" * 32, twin(0))
    payload = Payload(seq=1, entries=tuple(desk.entries))
    data = encode(payload)
    bare = json.loads(data)
    rounds = in_turns(
        {
            "loads": lambda: processor_seconds(lambda _: json.loads(data), _BATCH),
            "decode": lambda: processor_seconds(lambda _: decode(data, Payload), _BATCH),
            "dumps": lambda: processor_seconds(lambda _: json.dumps(bare), _BATCH),
            "encode": lambda: processor_seconds(lambda _: encode(payload), _BATCH),
        },
        rounds=3 * effort,
    )
    yield at_most("decoding a trade's entries, over json.loads of the same bytes", ratio(rounds, "decode", "loads"), 5)
    yield at_most("encoding them, over json.dumps of the same values", ratio(rounds, "encode", "dumps"), 8)
