"""Values to canonical JSON and back: what is hashed, journalled and compared.

1. Canonical: keys sorted, no spaces, UTF-8; equal values have equal bytes, and ``encode(decode(encode(x))) == encode(x)``.
2. A field at its default is left out, a missing one takes its default, an unknown one is ignored: old journals stay readable.
3. Numbers are exact: decimals are text without exponent and keep their trailing zeros; floats are refused both ways.
4. Any text can be written: a surrogate pair is joined, a lone surrogate is escaped, so the bytes are always valid UTF-8.
5. What does not fit its declared type is refused on writing as on reading, with a ValueError that names the path.

What may be declared: attrs classes, Decimal and its units, int, str, bool, bytes (base64), enums (by value), NewTypes of these,
``tuple``, ``list``, ``set``, ``frozenset``, ``dict`` and ``Mapping`` with text keys, and unions. An attrs class that shares a
union with anything but None is tagged with its name under ``is``. Each type is compiled once, into a writer and a reader of its
own (``coders``, ``records``), because every signal is written before it is acted on, and a recovery reads all that ever was.
"""

import json
from collections.abc import Mapping
from decimal import Decimal
from enum import Enum
from hashlib import sha256
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints, overload

import attrs

from petrosa_core.audit.coders import (
    SCALARS,
    Coder,
    Misfit,
    Plain,
    array,
    choice,
    collection,
    decimal,
    each,
    enum,
    mapping,
    nullable,
    object_,
    row,
)
from petrosa_core.audit.records import record

T = TypeVar("T")


def _refuse_float(text: str) -> None:
    raise ValueError(f"exact numbers only, was {text}")


_READER = json.JSONDecoder(parse_float=_refuse_float, parse_constant=_refuse_float)


_coders: dict[object, Coder] = {}


def _written(value: object) -> str:
    """The value's text, by what it is rather than by a declaration: an attrs object carries its class name."""
    cls = value.__class__
    if value is None:
        return "null"
    if attrs.has(cls):
        return _tagged(cls, value)
    if isinstance(value, (tuple, list)):
        return array(each(_written, item, index) for index, item in enumerate(value))
    if isinstance(value, (frozenset, set)):
        return array(map(_written, value), ordered=False)
    if isinstance(value, Mapping):
        text = SCALARS[str].write
        return object_({json.loads(each(text, key, key)): each(_written, item, key) for key, item in value.items()})
    if cls in SCALARS or isinstance(value, (Enum, Decimal)):
        return _coder_of(cls).write(value)
    raise Misfit("", f"{cls.__name__} has no canonical form")


def to_plain(value: object) -> Plain:
    """The value as JSON knows it, keys in order."""
    return json.loads(_written(value))


@overload
def from_plain(plain: Plain, type_: type[T]) -> T: ...
@overload
def from_plain(plain: Plain, type_: Any) -> Any: ...
def from_plain(plain: Plain, type_: Any) -> Any:
    """The value of the declared type that was written so; ValueError naming the path when it is not one."""
    return _coder_of(type_).read(plain)


def encode(value: object) -> bytes:
    """Canonical JSON. Raises ValueError naming the path for what could not be read back."""
    # A lone surrogate is legal in Python and in escaped JSON, but not in UTF-8; the escape is spelled the same in both.
    return _written(value).encode("utf-8", "backslashreplace")


@overload
def decode(data: bytes, type_: type[T]) -> T: ...
@overload
def decode(data: bytes, type_: Any) -> Any: ...
def decode(data: bytes, type_: Any) -> Any:
    """Read JSON as a value of the declared type, a union included; ValueError for anything else."""
    return _coder_of(type_).read(_READER.decode(data.decode("utf-8")))


def digest(value: object) -> str:
    """SHA-256 over the canonical bytes, in hex."""
    return sha256(encode(value)).hexdigest()


def _coder_of(type_: Any, within: tuple[object, ...] = ()) -> Coder:
    """The type's coder. ``within`` names the classes being compiled: one that holds itself is looked up when it is used.

    Raises TypeError for a type that has no canonical form, which is a mistake of the program.
    """
    known = _coders.get(type_)
    if known is not None:
        return known
    if type_ in within:
        return Coder(
            python=type_,
            kind=dict,
            write=lambda value: _coder_of(type_).write(value),
            tagged=lambda value: _tagged(type_, value),
            read=lambda plain: _coder_of(type_).read(plain),
        )
    coder = _compile(type_, within)
    _coders[type_] = coder
    return coder


def _tagged(cls: Any, value: object) -> str:
    write = _coder_of(cls).tagged
    assert write is not None, "a class has a name"
    return write(value)


def _compile(type_: Any, within: tuple[object, ...]) -> Coder:
    while hasattr(type_, "__supertype__"):
        type_ = type_.__supertype__
    if type_ in SCALARS:
        return SCALARS[type_]
    origin, args = get_origin(type_), get_args(type_)
    if origin in {Union, UnionType}:
        members = [_coder_of(arg, within) for arg in args if arg is not NoneType]
        inner = members[0] if len(members) == 1 else choice(members)
        return nullable(inner) if NoneType in args else inner
    if origin is tuple and args[-1] is not Ellipsis:
        return row([_coder_of(arg, within) for arg in args])
    if origin in {tuple, list, set, frozenset}:
        return collection(origin, _coder_of(args[0], within))
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return mapping(_coder_of(args[0], within), _coder_of(args[1], within))
    if isinstance(type_, type) and attrs.has(type_):
        hints = get_type_hints(type_)
        return record(
            type_, {a.name: _coder_of(hints[a.name], (*within, type_)) for a in attrs.fields(type_) if a.init}
        )
    if isinstance(type_, type) and issubclass(type_, Enum):
        return enum(type_)
    if isinstance(type_, type) and issubclass(type_, Decimal):
        return decimal(type_)
    raise TypeError(f"no canonical form for {type_!r}")
