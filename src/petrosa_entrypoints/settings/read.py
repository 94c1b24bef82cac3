"""Reads the rows of the table out of an environment: flag before variable, variable or file before default.

1. Every problem is collected; none hides another.
2. ``NAME_FILE=path`` supplies NAME, so that a secret need not stand in the environment; a secret's file is private, or refused.
3. A value that must not be shown is in no problem.
"""

import os
import stat
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any

import attrs

from petrosa_entrypoints.settings.names import is_service_link, mistaken
from petrosa_entrypoints.settings.problem import Problem
from petrosa_entrypoints.settings.row import Row

FILE_SUFFIX = "_FILE"
_FILE_BYTES_MAX = 64 * 1024


class Layer(StrEnum):
    """Where a value came from; a later layer wins over an earlier one."""

    DEFAULT = "default"
    FILE = "file"
    ENV = "env"
    FLAG = "flag"


@attrs.frozen
class Reading:
    """What was read: the values that were given, by setting, where each came from, and all that is wrong."""

    values: Mapping[str, Any]
    layers: Mapping[str, Layer]
    problems: tuple[Problem, ...]


class _Unfit(ValueError):
    """A file that will not do, in a phrase."""


def _file_text(path: Path, *, private: bool) -> str:
    try:
        with path.open("rb") as file:
            if private and os.fstat(file.fileno()).st_mode & stat.S_IROTH:
                raise _Unfit("may be read by everyone on this machine: take that away (chmod o-r)")
            raw = file.read(_FILE_BYTES_MAX + 1)
    except OSError as error:
        raise _Unfit(f"cannot be read: {error.strerror}") from None
    if len(raw) > _FILE_BYTES_MAX:
        raise _Unfit(f"is longer than {_FILE_BYTES_MAX} bytes")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise _Unfit("is not UTF-8 text") from None
    return text.removesuffix("\n").removesuffix("\r")


@attrs.define
class _Reader:
    env: Mapping[str, str]
    flags: Mapping[str, str]
    values: dict[str, Any] = attrs.field(factory=dict)
    layers: dict[str, Layer] = attrs.field(factory=dict)
    problems: list[Problem] = attrs.field(factory=list)

    def given(self, row: Row) -> tuple[str, Layer] | None:
        """The text of one setting and its layer; None when nobody gave it, or what was given has been found wrong."""
        if row.name in self.flags:
            return self.flags[row.name], Layer.FLAG
        variable = self.env.get(row.name)
        if variable is not None and is_service_link(row.name, variable):
            variable = None
        place = self.env.get(row.name + FILE_SUFFIX)
        if variable is not None and place is not None:
            why = f"and {row.name} are both set: remove one of them"
            self.problems.append(Problem(setting=row.name + FILE_SUFFIX, value=place, why=why))
            return None
        if place is None:
            return None if variable is None else (variable, Layer.ENV)
        try:
            return _file_text(Path(place), private=row.secret), Layer.FILE
        except _Unfit as error:
            self.problems.append(Problem(setting=row.name + FILE_SUFFIX, value=place, why=str(error)))
            return None

    def read(self, row: Row) -> None:
        """Read one setting, or note what is wrong with it."""
        given = self.given(row)
        if given is None:
            return
        text, layer = given[0].strip(), given[1]
        if not text and not row.kind.many:
            # Templates often leave an optional variable empty; where there is a default, empty may have meant anything.
            if row.default is not None:
                why = f"is empty: unset it to have the default {row.default}"
                self.problems.append(Problem(setting=row.name, value=text, why=why))
            return
        try:
            self.values[row.name] = row.read(text, from_file=layer is Layer.FILE)
        except ValueError as error:
            shown = None if row.secret else text
            self.problems.append(Problem(setting=row.name, value=shown, why=f"{error} ({row.allowed})"))
        else:
            self.layers[row.name] = layer


def read(rows: Sequence[Row], env: Mapping[str, str], flags: Mapping[str, str]) -> Reading:
    """Read every row, and look for names that were meant to be one; a flag that is no setting is a bug (KeyError)."""
    known = {row.name for row in rows}
    unknown_flags = flags.keys() - known
    if unknown_flags:
        raise KeyError(f"flags that are no settings: {sorted(unknown_flags)}")
    reader = _Reader(env=env, flags=flags)
    for row in rows:
        reader.read(row)
    names = known | {name + FILE_SUFFIX for name in known}
    for name, value in env.items():
        why = mistaken(name, value, names)
        if why is not None:
            reader.problems.append(Problem(setting=name, value=None, why=why))
    return Reading(reader.values, reader.layers, tuple(reader.problems))
