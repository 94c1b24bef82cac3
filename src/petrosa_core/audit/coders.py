"""How each kind of type is written to JSON and read back, as pairs of closures; which type gets which is ``encoding``'s.

1. A coder refuses on writing what it would refuse on reading, so nothing enters the journal that cannot be read back.
2. A misfit says where: every level that holds another puts its own step in front, and only when something failed.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import Any, TypeAlias

import attrs

TAG = "is"
"""The key that names the class where a union leaves a choice; no field can be called so."""

Plain: TypeAlias = Any
"""What JSON knows: None, bool, int, str, and lists and text-keyed dicts of these."""

Step: TypeAlias = Callable[[Any], Any]


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

    ``as_is`` is the JSON class that reads as itself, for which ``decode`` need not be called.
    """

    python: type
    kind: type
    encode: Step
    decode: Step
    as_is: type | None = None


# ---------------------------------------------------------------- what holds nothing


def expect(type_: type, value: object) -> Misfit:
    """What to raise for a value of another type."""
    return Misfit("", f"expected {type_.__name__}, was {value.__class__.__name__} {str(value)[:80]!r}")


def _exactly(type_: type) -> Step:
    def check(value: object) -> object:
        if value.__class__ is not type_:
            raise expect(type_, value)
        return value

    return check


def _write_text(value: object) -> str:
    if not isinstance(value, str):
        raise expect(str, value)
    # JSON reads an escaped pair as the one character that it means, so a pair is written as that character.
    return value if value.isascii() else value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


def _write_bytes(value: object) -> str:
    if not isinstance(value, bytes):
        raise expect(bytes, value)
    return b64encode(value).decode("ascii")


def _read_bytes(plain: object) -> bytes:
    if not isinstance(plain, str):
        raise expect(bytes, plain)
    return b64decode(plain, validate=True)


SCALARS: dict[object, Coder] = {
    bool: Coder(python=bool, kind=bool, encode=_exactly(bool), decode=_exactly(bool), as_is=bool),
    int: Coder(python=int, kind=int, encode=_exactly(int), decode=_exactly(int), as_is=int),
    str: Coder(python=str, kind=str, encode=_write_text, decode=_exactly(str), as_is=str),
    bytes: Coder(python=bytes, kind=str, encode=_write_bytes, decode=_read_bytes),
}


def decimal(unit: type[Decimal]) -> Coder:
    """Text without exponent; trailing zeros are kept, because they are part of how the number prints."""

    def write(value: object) -> str:
        if not isinstance(value, unit) or not value.is_finite():
            raise expect(unit, value)
        return format(value, "f")

    def read(plain: Any) -> Decimal:
        if plain.__class__ is not str:
            raise expect(unit, plain)
        try:
            number = unit(plain)
        except InvalidOperation:
            raise expect(unit, plain) from None
        if not number.is_finite():
            raise expect(unit, plain)
        return number

    return Coder(python=unit, kind=str, encode=write, decode=read)


def enum(type_: type[Enum]) -> Coder:
    """An enum by its values, which are all text or all whole numbers."""
    values = {member.value: member for member in type_}
    kinds = {value.__class__ for value in values}
    if len(kinds) != 1 or not kinds <= {str, int}:
        raise TypeError(f"no canonical form for {type_!r}: its values are not all text or all whole numbers")
    kind = kinds.pop()

    def write(value: object) -> object:
        if not isinstance(value, type_):
            raise expect(type_, value)
        return value.value

    def read(plain: object) -> Enum:
        if plain.__class__ is not kind or plain not in values:
            raise expect(type_, plain)
        return values[plain]

    return Coder(python=type_, kind=kind, encode=write, decode=read)


# ---------------------------------------------------------------- what holds others


def at(step: object, error: ValueError) -> Misfit:
    """The same error, seen from one level above."""
    inner, why = (error.path, error.why) if isinstance(error, Misfit) else ("", str(error))
    here = f"[{step}]" if isinstance(step, int) else str(step)
    joint = "." if inner and not inner.startswith("[") else ""
    return Misfit(f"{here}{joint}{inner}", why)


def each(coder: Step, value: object, step: object) -> Any:
    """Code one part of a value."""
    try:
        return coder(value)
    except ValueError as error:
        raise at(step, error) from None


def _all(coder: Step, values: Iterable[Any]) -> list[Any]:
    """Code every item; only when one fails are they counted, to name it."""
    values = list(values)
    try:
        return [coder(value) for value in values]
    except ValueError:
        return [each(coder, value, index) for index, value in enumerate(values)]


def canonical_text(plain: Plain) -> str:
    """What a set is ordered by."""
    return json.dumps(plain, sort_keys=True)


def collection(python: type[Any], item: Coder) -> Coder:
    """A tuple, list, set or frozenset of any length; sets are written in order."""
    ordered = python in {list, tuple}

    def write(value: Any) -> list[Any]:
        if not isinstance(value, python):
            raise expect(python, value)
        plain = _all(item.encode, value)
        return plain if ordered else sorted(plain, key=canonical_text)

    def read(plain: object) -> object:
        if not isinstance(plain, list):
            raise expect(python, plain)
        return python(_all(item.decode, plain))

    return Coder(python=python, kind=list, encode=write, decode=read)


def row(items: list[Coder]) -> Coder:
    """A tuple of fixed length, each place with its own type."""

    def write(value: object) -> list[Any]:
        if not isinstance(value, tuple) or len(value) != len(items):
            raise Misfit("", f"expected a tuple of {len(items)}, was {str(value)[:80]!r}")
        return [each(item.encode, part, index) for index, (item, part) in enumerate(zip(items, value, strict=True))]

    def read(plain: object) -> tuple[Any, ...]:
        if not isinstance(plain, list) or len(plain) != len(items):
            raise Misfit("", f"expected a list of {len(items)}, was {str(plain)[:80]!r}")
        return tuple(
            each(item.decode, part, index) for index, (item, part) in enumerate(zip(items, plain, strict=True))
        )

    return Coder(python=tuple, kind=list, encode=write, decode=read)


def mapping(key: Coder, item: Coder) -> Coder:
    """A dict with text keys (or what is written as text); read as a dict."""
    if key.kind is not str:
        raise TypeError(f"no canonical form for a mapping with {key.python.__name__} keys")

    def write(value: object) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            raise expect(dict, value)
        return {each(key.encode, name, name): each(item.encode, part, name) for name, part in value.items()}

    def read(plain: object) -> dict[Any, Any]:
        if not isinstance(plain, dict):
            raise expect(dict, plain)
        return {each(key.decode, name, name): each(item.decode, part, name) for name, part in plain.items()}

    return Coder(python=dict, kind=dict, encode=write, decode=read)


def nullable(inner: Coder) -> Coder:
    """The type or None."""
    write, read = inner.encode, inner.decode
    return attrs.evolve(
        inner,
        kind=object,
        encode=lambda value: None if value is None else write(value),
        decode=lambda plain: None if plain is None else read(plain),
    )


def choice(members: list[Coder]) -> Coder:
    """One of several types: attrs classes by their tag, others by their JSON kind; TypeError when that leaves doubt."""
    tagged = {member.python.__name__: member for member in members if attrs.has(member.python)}
    by_kind = {member.kind: member for member in members if not attrs.has(member.python)}
    distinct = len(tagged) + len(by_kind) == len(members)
    if not distinct or (tagged and dict in by_kind) or {bool, int} <= by_kind.keys():
        raise TypeError(f"cannot be told apart in JSON: {', '.join(member.python.__name__ for member in members)}")

    def write(value: object) -> Any:
        name = value.__class__.__name__
        record = tagged.get(name)
        if record is not None:
            return {TAG: name, **record.encode(value)}
        for member in by_kind.values():
            if isinstance(value, member.python):
                return member.encode(value)
        raise Misfit("", f"expected one of {sorted(tagged) or list(by_kind)}, was {name} {str(value)[:80]!r}")

    def read(plain: Any) -> Any:
        if plain.__class__ is dict and tagged:
            record = tagged.get(str(plain.get(TAG)))
            if record is None:
                raise Misfit(TAG, f"expected one of {sorted(tagged)}, was {plain.get(TAG)!r}")
            return record.decode(plain)
        member = by_kind.get(plain.__class__)
        if member is None:
            raise Misfit("", f"expected one of {sorted(tagged) or list(by_kind)}, was {str(plain)[:80]!r}")
        return member.decode(plain)

    return Coder(python=object, kind=object, encode=write, decode=read)
