"""``python -m benchmarks [--write] [name ...]``: measure, print the table, and with ``--write`` put it into README.md.

``BENCH_EFFORT`` scales everything; 10 is a whole run of about three minutes, 1 shows in seconds that all of it works.
"""

import os
import platform
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks import decision, durability, encoding, flow, memory, recovery
from benchmarks.measure import Result
from petrosa_adapters.system import SystemClock
from petrosa_core.values import iso

README = Path(__file__).with_name("README.md")
_BEGIN, _END = "<!-- measured: begin -->\n", "<!-- measured: end -->\n"

_ALL: dict[str, Callable[[int], Iterator[Result]]] = {
    "decision": decision.measure,
    "flow": flow.measure,
    "memory": memory.measure,
    "recovery": recovery.measure,
    "encoding": encoding.measure,
    "durability": durability.measure,
}


def main(arguments: list[str]) -> None:
    """Measure what is named, or everything."""
    effort = int(os.environ.get("BENCH_EFFORT", "10"))
    names = [name for name in arguments if not name.startswith("-")] or list(_ALL)
    if unknown := set(names) - _ALL.keys():
        raise SystemExit(f"there is no {', '.join(sorted(unknown))}: choose from {', '.join(_ALL)}")
    if "--write" in arguments and (effort, names) != (10, list(_ALL)):
        raise SystemExit("--write takes a whole run: everything, with BENCH_EFFORT=10")
    results = []
    for name in names:
        for result in _ALL[name](effort):
            results.append(result)
            sys.stdout.write(f"{_row(result)}\n")
            sys.stdout.flush()
    if "--write" in arguments:
        _write("\n".join([_circumstances(), "", *_HEAD, *map(_row, results), ""]))


_HEAD = ("| what | measured | goal | reached | note |", "|---|---|---|---|---|")


def _row(result: Result) -> str:
    reached = {True: "yes", False: "no", None: ""}[result.reached]
    return f"| {result.what} | {result.measured} | {result.goal or ''} | {reached} | {result.note} |"


def _circumstances() -> str:
    """The machine, and how busy it was with other things: the load is the mean of runnable tasks over the last minutes."""
    one, five, fifteen = os.getloadavg()
    return (
        f"{iso(SystemClock().now())[:10]}, {platform.python_implementation()} {platform.python_version()}, "
        f"{platform.system()} on {platform.machine()}, {os.cpu_count()} cores, "
        f"load {one:.1f}, {five:.1f}, {fifteen:.1f} at the end."
    )


def _write(table: str) -> None:
    before, _, rest = README.read_text("utf-8").partition(_BEGIN)
    _, _, after = rest.partition(_END)
    README.write_text(f"{before}{_BEGIN}{table}{_END}{after}", "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
