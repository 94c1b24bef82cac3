"""``petrosa config show``: what the program was told, and where it was told so."""

import click

from petrosa_entrypoints.cli.reading import json_option
from petrosa_entrypoints.cli.shell import Shell, pass_shell
from petrosa_entrypoints.display import Column, write_json, write_table
from petrosa_entrypoints.settings import TABLE

_COLUMNS = (Column("setting", "name"), Column("value", "value"), Column("from", "layer"), Column("allowed", "allowed"))


@click.group(no_args_is_help=False)
def config() -> None:
    """Look at the settings."""


@config.command(epilog="Example: petrosa config show --json", short_help="Show every setting and its origin.")
@json_option
@pass_shell
def show(shell: Shell, *, as_json: bool) -> None:
    """Show every setting: its value, where it came from, and what is allowed. Secrets are masked."""
    settings = shell.settings()
    rows = [
        {
            "name": row.name,
            "value": row.show(settings.value(row)),
            "layer": settings.layer(row).value,
            "allowed": row.allowed,
            "default": row.default,
        }
        for row in TABLE
    ]
    if as_json:
        write_json(shell.out, {"mode": settings.mode.value, "digest": settings.digest(), "settings": rows})
        return
    write_table(shell.out, _COLUMNS, rows, "")
    shell.out.write(f"\nmode {settings.mode.value}, digest {settings.digest()}\n")
