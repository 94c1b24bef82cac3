"""The table of settings as Markdown: the reference page, and the short table in the README.

Both are generated, and a test fails when what is written differs: ``python -m petrosa_entrypoints.settings.document`` mends it.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from petrosa_entrypoints.settings.row import Row
from petrosa_entrypoints.settings.settings import CHAPTERS, TABLE

BEGIN: Final = "<!-- settings:begin -->"
END: Final = "<!-- settings:end -->"
REFERENCE: Final = Path("docs/reference/settings.md")
README: Final = Path("README.md")

README_ROWS: Final = (
    "SIMULATION_ENABLED",
    "BINANCE_TESTNET",
    "LIVE_TRADING_CONFIRM",
    "ACCOUNT_ID",
    "MARKET",
    "BINANCE_API_KEY",
    "BINANCE_API_SECRET",
    "STOP_LOSS_DEFAULT",
    "TAKE_PROFIT_DEFAULT",
    "SIZING_MODE",
    "MAX_POSITION_NOTIONAL",
    "MAX_OPEN_TRADES",
    "MAX_DAILY_LOSS",
    "NATS_URL",
    "NATS_SIGNAL_SUBJECT",
    "STORE",
    "MONGODB_URL",
    "MONGODB_DATABASE",
    "HTTP_HOST",
    "HTTP_PORT",
    "API_TOKENS",
)
"""What a reader of the README needs first: the specification's own variables, and what going live takes."""

_PREFACE: Final = """\
# Settings

Every setting is an environment variable.
This page is generated from the program's own table (`python -m petrosa_entrypoints.settings.document`).

- `NAME_FILE=path` supplies `NAME` from a file; one newline at its end is dropped.
  A secret's file that everyone on the machine may read is refused, and so is `NAME` beside `NAME_FILE`.
- All problems are reported at once, each with the setting, its value and its range, and the exit code is 2.
- A name that is nearly a setting's, or begins with `BINANCE_`, `MONGODB_`, `NATS_` or `PETROSA_` and is none, is refused:
  a limit that is silently not in force is worse than a program that does not start.
  What Kubernetes sets for services (`NATS_PORT=tcp://...`, `NATS_SERVICE_HOST`) is ignored.
- `petrosa config show` prints each value and where it came from; secrets are never printed.
- Settings marked *local* may differ between the replicas of one account; all others must agree.
"""


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _default(row: Row) -> str:
    return f"`{row.default}`" if row.default else "-"


def _lines(rows: Iterable[Row]) -> Iterable[str]:
    yield "| Variable | Default | Allowed | Meaning |"
    yield "|---|---|---|---|"
    for row in rows:
        marks = [mark for mark, wanted in (("secret", row.secret), ("local", row.local)) if wanted]
        meaning = _cell(row.meaning) + (f" *({', '.join(marks)})*" if marks else "")
        yield f"| `{row.name}` | {_default(row)} | {_cell(row.allowed)} | {meaning} |"


def reference() -> str:
    """The whole of docs/reference/settings.md."""
    parts = [_PREFACE]
    for group, title in CHAPTERS.items():
        rows = [row for row in TABLE if row.group == group]
        parts.append("\n".join([f"## {title}", "", *_lines(rows), ""]))
    return "\n".join(parts)


def readme_table() -> str:
    """The short table of the README, between its markers."""
    by_name = {row.name: row for row in TABLE}
    lines = ["| Variable | Default | Meaning |", "|---|---|---|"]
    for name in README_ROWS:
        row = by_name[name]
        lines.append(f"| `{row.name}` | {_default(row)} | {_cell(row.meaning)} |")
    return "\n".join([BEGIN, *lines, END])


def with_table(readme: str) -> str:
    """The README with the table as it should be; ValueError when the markers are not there."""
    before, begin, rest = readme.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"the README has no {BEGIN} ... {END}")
    return before + readme_table() + after


if __name__ == "__main__":
    REFERENCE.parent.mkdir(parents=True, exist_ok=True)
    REFERENCE.write_text(reference(), "utf-8")
    README.write_text(with_table(README.read_text("utf-8")), "utf-8")
