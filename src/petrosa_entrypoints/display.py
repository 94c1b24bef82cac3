"""How answers look: aligned for people, or one JSON document with every number exact.

What strategies call themselves is anybody's text: it is shown as text, never as markup or as a terminal's control codes.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, TextIO

import attrs
from rich.console import Console
from rich.table import Table
from rich.text import Text

from petrosa_adapters.wire.plain_json import dumps
from petrosa_core.desk import Plain
from petrosa_core.values import Moment, iso, plain

_DECIMALS: Final = 8
_PIPE_WIDTH: Final = 180
"""Columns where there is no terminal to ask."""
_KIND: Final = "is"
"""Where the journal's form of a value names its class; of no use to people."""
_MOMENTS: Final = frozenset({"at", "as_of", "timestamp"})
"""Fields that hold microseconds since 1970 in the journal's form, beside all that end in ``_at``."""
_MICROSECONDS: Final = range(10**15, 10**17)
"""What is a time in microseconds for sure (2001 to 5138): a strategy's own field of that name may count something else."""


@attrs.frozen
class Column:
    """One column: its title, the field that it shows (``a.b`` reaches into a mapping), and whether it holds numbers."""

    title: str
    key: str
    number: bool = False


def printable(text: str) -> str:
    """The text with everything that a terminal could take for a command written out."""
    return "".join(letter if letter.isprintable() else f"\\x{ord(letter):02x}" for letter in text)


def trouble(error: OSError) -> str:
    """What the system said, and of what: ``/data: Read-only file system``."""
    return ": ".join(str(part) for part in (error.filename, error.strerror or error) if part)


def _number(value: Decimal) -> str:
    # A quotient may have sixty digits: people get eight decimals and no zeros at their end, JSON gets them all.
    exponent = value.as_tuple().exponent
    text = plain(round(value, _DECIMALS) if isinstance(exponent, int) and exponent < -_DECIMALS else value)
    return text.rstrip("0").rstrip(".") if "." in text else text


def cell(value: object) -> str:
    """One value in words."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return _number(value)
    if isinstance(value, Mapping):
        return " ".join(f"{printable(name)}={cell(item)}" for name, item in _flat(value)) or "-"
    if isinstance(value, list | tuple):
        return ", ".join(cell(item) for item in value) or "-"
    return printable(str(value))


def _flat(fields: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, object]]:
    """Every field with its whole name, ``a.b`` for one inside another; moments as times."""
    for name, value in fields.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        elif isinstance(value, int) and value in _MICROSECONDS and (name in _MOMENTS or name.endswith("_at")):
            yield prefix + name, iso(Moment(value))
        elif name != _KIND:
            yield prefix + name, value


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
    """One line per field, the values aligned; a field inside another has a line of its own."""
    lines = [(printable(name), cell(value)) for name, value in _flat(fields)]
    width = max((len(name) for name, _ in lines), default=0)
    out.writelines(f"{' ' * indent}{name:<{width}}  {value}\n" for name, value in lines)


def write_reasons(out: TextIO, reasons: Iterable[Mapping[str, Plain]]) -> None:
    """One line per broken check, indented: its code, and the sentence with its numbers."""
    out.writelines(f"  {cell(reason.get('code'))}: {cell(reason.get('message'))}\n" for reason in reasons)
