"""The command line as Markdown, made from the commands themselves.

A test fails when what is written differs: ``python -m petrosa_entrypoints.cli.document`` mends it.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click

from petrosa_entrypoints.cli.main import petrosa

REFERENCE: Final = Path("docs/reference/cli.md")

_PREFACE: Final = """\
# Command line

This page is generated from the commands themselves (`python -m petrosa_entrypoints.cli.document`).
After `make run` or `make setup` the program is `.venv/bin/petrosa`.

- Every command takes its account from the same [settings](settings.md) as the engine, `ACCOUNT_ID` and `DATA_DIR` above all.
- Commands that look read the record, ask no exchange, and work while the engine runs and while it does not.
- Nothing is done without `--commit`: until then a command that acts only says what it would do.
- `close`, `halt`, `reduce`, `resume` and `flatten` want a reason, and are journalled with it and with who asked.
  The engine that leads carries them out; one that starts later finds them there.
- With `--json` the answer is one JSON document in which every number is exact; without it people get at most eight decimals.
- The exit code is 0 for done, 1 for failed, 2 for bad input, and 130 after Ctrl-C.
  What went wrong is one line on standard error.
"""


def commands() -> Iterator[tuple[str, click.Command]]:
    """Every command with its whole name; a group stands for those in it."""
    for name, command in petrosa.commands.items():
        if isinstance(command, click.Group):
            yield from ((f"{name} {inner}", each) for inner, each in command.commands.items())
        else:
            yield name, command


def _option(option: click.Option, context: click.Context) -> str:
    shown = option.get_help_record(context)
    assert shown is not None, "no option is hidden"
    flag, meaning = (text.replace("|", "\\|") for text in shown)
    return f"| `{flag}` | {meaning} |"


def _section(name: str, command: click.Command) -> str:
    context = click.Context(command, info_name=f"petrosa {name}")
    options = [each for each in command.params if isinstance(each, click.Option)]
    lines = [f"## petrosa {name}", "", (command.help or "").strip().replace("\n    ", "\n"), ""]
    lines += ["```", command.get_usage(context).removeprefix("Usage: "), "```", ""]
    if options:
        lines += ["| option | meaning |", "|---|---|", *(_option(each, context) for each in options), ""]
    return "\n".join([*lines, command.epilog or "", ""])


def reference() -> str:
    """The whole of docs/reference/cli.md, in the order of the names."""
    return "\n".join([_PREFACE, *(_section(name, command) for name, command in sorted(commands()))])


if __name__ == "__main__":
    REFERENCE.write_text(reference(), "utf-8")
