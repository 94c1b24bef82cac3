"""One setting as a row of the table, and how a class of settings declares its rows.

A class's field *is* its row: ``port: int = setting("HTTP_PORT", whole("port", 0, 65_535), "8000", "...")`` gives the field its
type, its default and its place in the table at once, so that the table cannot say anything else than the program does.
"""

from typing import Any, Final, TypeVar, overload

import attrs

from petrosa_entrypoints.settings.kinds import Kind

T = TypeVar("T")
_ROW: Final = "row"


@attrs.frozen(kw_only=True)
class Row:
    """What there is to know of one setting.

    ``default`` is text as a user would write it, None where nothing is assumed. ``secret`` settings are never shown and are
    better given as ``NAME_FILE``. ``local`` settings say where this process stands, not how it decides: replicas may differ.
    """

    name: str
    kind: Kind[Any]
    default: str | None
    meaning: str
    secret: bool = False
    local: bool = False
    group: str = ""
    field: str = ""

    def read(self, text: str, *, from_file: bool = False) -> Any:
        """The value of the text; ValueError says in a phrase what is wrong with it."""
        if from_file and self.kind.read_file is not None:
            return self.kind.read_file(text)
        return self.kind.read(text)

    def show(self, value: object) -> str:
        """The value as it may be shown: secrets masked, absence as nothing."""
        return "" if value is None else self.kind.show(value)

    @property
    def allowed(self) -> str:
        """Kind, range and unit in words, e.g. ``number, 0.1 to 20 percent``."""
        measure = " ".join(part for part in (self.kind.allowed, self.kind.unit) if part)
        return f"{self.kind.name}, {measure}" if measure else self.kind.name


@overload
def setting(
    name: str, kind: Kind[T], default: str, meaning: str, *, secret: bool = False, local: bool = False
) -> T: ...
@overload
def setting(
    name: str, kind: Kind[T], default: None, meaning: str, *, secret: bool = False, local: bool = False
) -> T | None: ...
def setting(
    name: str, kind: Kind[Any], default: str | None, meaning: str, *, secret: bool = False, local: bool = False
) -> Any:
    """Declare one setting as a field of an attrs class; a default that its own kind refuses is a bug and raises ValueError."""
    row = Row(name=name, kind=kind, default=default, meaning=meaning, secret=secret, local=local)
    return attrs.field(default=None if default is None else kind.read(default), metadata={_ROW: row})


def rows_of(owner: type[attrs.AttrsInstance], group: str) -> tuple[Row, ...]:
    """The rows that a class declares, in its order, each knowing its group and field."""
    return tuple(
        attrs.evolve(field.metadata[_ROW], group=group, field=field.name)
        for field in attrs.fields(owner)
        if _ROW in field.metadata
    )
