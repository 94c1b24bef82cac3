"""How each kind of type is written as JSON text and read from parsed JSON; which type gets which is ``encoding``'s.

1. A coder refuses on writing what it would refuse on reading, so nothing enters the journal that cannot be read back.
2. A misfit says where: every level that holds another puts its own step in front, and only when something failed.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal, InvalidOperation
from enum import Enum
from functools import lru_cache
from json.encoder import encode_basestring
from typing import Any, TypeAlias

import attrs

TAG = "is"
"""The key that names the class where a union leaves a choice; no field can be called so."""

Plain: TypeAlias = Any
"""What JSON knows: None, bool, int, str, and lists and text-keyed dicts of these."""

Write: TypeAlias = Callable[[Any], str]
"""A value to canonical JSON text; ValueError when it is not of the type."""

Read: TypeAlias = Callable[[Any], Any]
"""A parsed JSON value to a value of the type; ValueError when it is not one."""

# Equal numbers recur: in a plan, its orders and their reports. Read once, they are also kept once.
_NUMBERS_SHARED = 4096


class Misfit(ValueError):
    """A value that is not what its type says; ``path`` says where, as ``fills[0].price``."""

    def __init__(self, path: str, why: str) -> None:
        """Keep where and why apart, so that whoever holds the value can put its own name in front."""
        super().__init__(f"{path}: {why}" if path else why)
        self.path = path
        self.why = why


@attrs.frozen(kw_only=True, eq=False)
class Coder:
    """How one type is written and read. ``kind`` is the class of its JSON value, ``python`` the class of its own.

    ``as_is`` is the JSON class that reads as itself, for which ``read`` need not be called. ``tagged`` writes an attrs class
    with its name.
    """

    python: type
    kind: type
    write: Write
    read: Read
    as_is: type | None = None
    tagged: Write | None = None


# ---------------------------------------------------------------- what holds nothing


def expect(type_: type, value: object) -> Misfit:
    """What to raise for a value of another type."""
    return Misfit("", f"expected {type_.__name__}, was {value.__class__.__name__} {str(value)[:80]!r}")


def _exactly(type_: type) -> Read:
    def check(value: object) -> object:
        if value.__class__ is not type_:
            raise expect(type_, value)
        return value

    return check


def _write_bool(value: object) -> str:
    if value.__class__ is not bool:
        raise expect(bool, value)
    return "true" if value else "false"


def _write_int(value: object) -> str:
    if value.__class__ is not int:
        raise expect(int, value)
    return str(value)


def write_text(value: object) -> str:
    """A string, quoted. Raises ValueError for anything else."""
    if not isinstance(value, str):
        raise expect(str, value)
    return encode_basestring(value if value.isascii() else joined(value))


def joined(text: str) -> str:
    """The text with every surrogate pair as the one character that it means, which is how JSON reads an escaped pair."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


def _write_bytes(value: object) -> str:
    if not isinstance(value, bytes):
        raise expect(bytes, value)
    return f'"{b64encode(value).decode("ascii")}"'


def _read_bytes(plain: object) -> bytes:
    if not isinstance(plain, str):
        raise expect(bytes, plain)
    return b64decode(plain, validate=True)


SCALARS: dict[object, Coder] = {
    bool: Coder(python=bool, kind=bool, write=_write_bool, read=_exactly(bool), as_is=bool),
    int: Coder(python=int, kind=int, write=_write_int, read=_exactly(int), as_is=int),
    str: Coder(python=str, kind=str, write=write_text, read=_exactly(str), as_is=str),
    bytes: Coder(python=bytes, kind=str, write=_write_bytes, read=_read_bytes),
}


def decimal(unit: type[Decimal]) -> Coder:
    """Text without exponent; trailing zeros are kept, because they are part of how the number prints."""

    def write(value: object) -> str:
        if not isinstance(value, unit) or not value.is_finite():
            raise expect(unit, value)
        return f'"{value:f}"'

    @lru_cache(_NUMBERS_SHARED)
    def number(text: str) -> Decimal:
        try:
            found = unit(text)
        except InvalidOperation:
            raise expect(unit, text) from None
        if not found.is_finite():
            raise expect(unit, text)
        return found

    def read(plain: Any) -> Decimal:
        if plain.__class__ is not str:
            raise expect(unit, plain)
        return number(plain)

    return Coder(python=unit, kind=str, write=write, read=read)


def enum(type_: type[Enum]) -> Coder:
    """An enum by its values, which are all text or all whole numbers."""
    values = {member.value: member for member in type_}
    kinds = {value.__class__ for value in values}
    if len(kinds) != 1 or not kinds <= {str, int}:
        raise TypeError(f"no canonical form for {type_!r}: its values are not all text or all whole numbers")
    kind = kinds.pop()
    scalar = SCALARS[kind]

    def write(value: object) -> str:
        if not isinstance(value, type_):
            raise expect(type_, value)
        return scalar.write(value.value)

    def read(plain: object) -> Enum:
        if plain.__class__ is not kind or plain not in values:
            raise expect(type_, plain)
        return values[plain]

    return Coder(python=type_, kind=kind, write=write, read=read)


# ---------------------------------------------------------------- what holds others


def at(step: object, error: ValueError) -> Misfit:
    """The same error, seen from one level above."""
    inner, why = (error.path, error.why) if isinstance(error, Misfit) else ("", str(error))
    here = f"[{step}]" if isinstance(step, int) else str(step)
    joint = "." if inner and not inner.startswith("[") else ""
    return Misfit(f"{here}{joint}{inner}", why)


def each(coder: Callable[[Any], Any], value: object, step: object) -> Any:
    """Code one part of a value."""
    try:
        return coder(value)
    except ValueError as error:
        raise at(step, error) from None


def _all(coder: Callable[[Any], Any], values: Iterable[Any]) -> list[Any]:
    """Code every item; only when one fails are they counted, to name it."""
    values = list(values)
    try:
        return [coder(value) for value in values]
    except ValueError:
        return [each(coder, value, index) for index, value in enumerate(values)]


def _rank(text: str) -> str:
    # What a set is ordered by, for ever: its items as the standard library writes them.
    return json.dumps(json.loads(text), sort_keys=True)


def array(texts: Iterable[str], *, ordered: bool = True) -> str:
    """A JSON array of written items; those of a set are put in their one order."""
    return f"[{','.join(texts if ordered else sorted(texts, key=_rank))}]"


def object_(texts: Mapping[str, str]) -> str:
    """A JSON object of written items by key, in the order of the keys."""
    return f"{{{','.join([f'{encode_basestring(key)}:{texts[key]}' for key in sorted(texts)])}}}"


def collection(python: type[Any], item: Coder) -> Coder:
    """A tuple, list, set or frozenset of any length; sets are written in order."""
    ordered = python in {list, tuple}

    def write(value: Any) -> str:
        if not isinstance(value, python):
            raise expect(python, value)
        return array(_all(item.write, value), ordered=ordered)

    def read(plain: object) -> object:
        if not isinstance(plain, list):
            raise expect(python, plain)
        return python(_all(item.read, plain))

    return Coder(python=python, kind=list, write=write, read=read)


def row(items: list[Coder]) -> Coder:
    """A tuple of fixed length, each place with its own type."""

    def write(value: object) -> str:
        if not isinstance(value, tuple) or len(value) != len(items):
            raise Misfit("", f"expected a tuple of {len(items)}, was {str(value)[:80]!r}")
        return array(each(item.write, part, index) for index, (item, part) in enumerate(zip(items, value, strict=True)))

    def read(plain: object) -> tuple[Any, ...]:
        if not isinstance(plain, list) or len(plain) != len(items):
            raise Misfit("", f"expected a list of {len(items)}, was {str(plain)[:80]!r}")
        return tuple(each(item.read, part, index) for index, (item, part) in enumerate(zip(items, plain, strict=True)))

    return Coder(python=tuple, kind=list, write=write, read=read)


def mapping(key: Coder, item: Coder) -> Coder:
    """A dict with text keys (or what is written as text); read as a dict."""
    if key.kind is not str:
        raise TypeError(f"no canonical form for a mapping with {key.python.__name__} keys")

    def write(value: object) -> str:
        if not isinstance(value, Mapping):
            raise expect(dict, value)
        return object_(
            {json.loads(each(key.write, name, name)): each(item.write, part, name) for name, part in value.items()}
        )

    def read(plain: object) -> dict[Any, Any]:
        if not isinstance(plain, dict):
            raise expect(dict, plain)
        return {each(key.read, name, name): each(item.read, part, name) for name, part in plain.items()}

    return Coder(python=dict, kind=dict, write=write, read=read)


def nullable(inner: Coder) -> Coder:
    """The type or None."""
    write, read = inner.write, inner.read
    return attrs.evolve(
        inner,
        kind=object,
        write=lambda value: "null" if value is None else write(value),
        read=lambda plain: None if plain is None else read(plain),
        tagged=None,
    )


def choice(members: list[Coder]) -> Coder:
    """One of several types: attrs classes by their tag, others by their JSON kind; TypeError when that leaves doubt."""
    tagged = {member.python.__name__: member for member in members if attrs.has(member.python)}
    by_kind = {member.kind: member for member in members if not attrs.has(member.python)}
    distinct = len(tagged) + len(by_kind) == len(members)
    if not distinct or (tagged and dict in by_kind) or {bool, int} <= by_kind.keys():
        raise TypeError(f"cannot be told apart in JSON: {', '.join(member.python.__name__ for member in members)}")
    writers = {member.python: member.tagged for member in tagged.values()}

    def write(value: object) -> str:
        writer = writers.get(value.__class__)
        if writer is not None:
            return writer(value)
        for member in by_kind.values():
            if isinstance(value, member.python):
                return member.write(value)
        raise Misfit(
            "", f"expected one of {sorted(tagged) or list(by_kind)}, was {value.__class__.__name__} {str(value)[:80]!r}"
        )

    def read(plain: Any) -> Any:
        if plain.__class__ is dict and tagged:
            record = tagged.get(str(plain.get(TAG)))
            if record is None:
                raise Misfit(TAG, f"expected one of {sorted(tagged)}, was {plain.get(TAG)!r}")
            return record.read(plain)
        member = by_kind.get(plain.__class__)
        if member is None:
            raise Misfit("", f"expected one of {sorted(tagged) or list(by_kind)}, was {str(plain)[:80]!r}")
        return member.read(plain)

    return Coder(python=object, kind=object, write=write, read=read)
