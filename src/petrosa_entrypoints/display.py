"""How answers look: aligned for people, or one JSON document with every number exact.

What strategies call themselves is anybody's text: it is shown as text, never as markup or as a terminal's control codes.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, TextIO

import attrs
from rich.console import Console
from rich.table import Table
from rich.text import Text

from petrosa_adapters.wire.plain_json import dumps
from petrosa_core.desk import Plain
from petrosa_core.values import plain

_DECIMALS: Final = 8
_PIPE_WIDTH: Final = 180
"""Columns where there is no terminal to ask."""


@attrs.frozen
class Column:
    """One column: its title, the field that it shows (``a.b`` reaches into a mapping), and whether it holds numbers."""

    title: str
    key: str
    number: bool = False


def printable(text: str) -> str:
    """The text with everything that a terminal could take for a command written out."""
    return "".join(letter if letter.isprintable() else f"\\x{ord(letter):02x}" for letter in text)


def _number(value: Decimal) -> str:
    # A quotient may have sixty digits: people get eight decimals, JSON gets them all.
    exponent = value.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -_DECIMALS:
        return plain(round(value, _DECIMALS))
    return plain(value)


def cell(value: object) -> str:
    """One value in words."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return _number(value)
    if isinstance(value, Mapping):
        return printable(json.dumps(json.loads(dumps(value)), ensure_ascii=False))
    if isinstance(value, list | tuple):
        return ", ".join(cell(item) for item in value) or "-"
    return printable(str(value))


def pick(row: Mapping[str, Plain], key: str) -> object:
    """The field, through as many mappings as the key has dots; None where there is nothing."""
    value: Any = row
    for part in key.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def console(out: TextIO) -> Console:
    """A console that neither guesses at markup nor cuts what goes into a pipe."""
    return Console(file=out, markup=False, highlight=False, emoji=False, width=None if out.isatty() else _PIPE_WIDTH)


def write_json(out: TextIO, answer: Plain) -> None:
    """One JSON document on one line."""
    out.write(dumps(answer).decode("ascii") + "\n")


def write_table(out: TextIO, columns: Sequence[Column], rows: Iterable[Mapping[str, Plain]], empty: str) -> None:
    """One line per row, or the sentence that says that there is none."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column.title, justify="right" if column.number else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell(pick(row, column.key))) for column in columns))
    if table.row_count:
        console(out).print(table)
    else:
        out.write(f"{empty}\n")


def write_fields(out: TextIO, fields: Mapping[str, object], indent: int = 0) -> None:
    """One line per field, the values aligned."""
    width = max((len(name) for name in fields), default=0)
    out.writelines(f"{' ' * indent}{printable(name):<{width}}  {cell(value)}\n" for name, value in fields.items())
