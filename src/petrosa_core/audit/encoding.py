"""Values to canonical JSON and back: what is hashed, journalled and compared.

1. Canonical: keys sorted, no spaces, UTF-8; equal values have equal bytes, and ``encode(decode(encode(x))) == encode(x)``.
2. A field at its default is left out, a missing one takes its default, an unknown one is ignored: old journals stay readable.
3. Numbers are exact: decimals are text without exponent and keep their trailing zeros; floats are refused both ways.
4. Any text can be written: a surrogate pair is joined, a lone surrogate is escaped, so the bytes are always valid UTF-8.
5. What does not fit its declared type is refused on writing as on reading, with a ValueError that names the path.

What may be declared: attrs classes, Decimal and its units, int, str, bool, bytes (base64), enums (by value), NewTypes of these,
``tuple``, ``list``, ``set``, ``frozenset``, ``dict`` and ``Mapping`` with text keys, and unions. An attrs class that shares a
union with anything but None is tagged with its name under ``is``. Each type is compiled once into closures, because a
recovery reads every entry ever written.
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
    TAG,
    Coder,
    Misfit,
    Plain,
    at,
    canonical_text,
    choice,
    collection,
    decimal,
    each,
    enum,
    expect,
    mapping,
    nullable,
    row,
)

T = TypeVar("T")


def _refuse_float(text: str) -> None:
    raise ValueError(f"exact numbers only, was {text}")


_WRITER = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, check_circular=False, sort_keys=True, separators=(",", ":")
)
_READER = json.JSONDecoder(parse_float=_refuse_float, parse_constant=_refuse_float)


_coders: dict[object, Coder] = {}


def to_plain(value: object) -> Plain:
    """The value as JSON knows it, by what it is rather than by a declaration: an attrs object carries its class name."""
    cls = value.__class__
    if value is None:
        return None
    if attrs.has(cls):
        return {TAG: cls.__name__, **_coder_of(cls).encode(value)}
    if isinstance(value, (tuple, list)):
        return [each(to_plain, item, index) for index, item in enumerate(value)]
    if isinstance(value, (frozenset, set)):
        return sorted(map(to_plain, value), key=canonical_text)
    if isinstance(value, Mapping):
        return {each(_coder_of(str).encode, key, key): each(to_plain, item, key) for key, item in value.items()}
    if cls in SCALARS or isinstance(value, (Enum, Decimal)):
        return _coder_of(cls).encode(value)
    raise Misfit("", f"{cls.__name__} has no canonical form")


@overload
def from_plain(plain: Plain, type_: type[T]) -> T: ...
@overload
def from_plain(plain: Plain, type_: Any) -> Any: ...
def from_plain(plain: Plain, type_: Any) -> Any:
    """The value of the declared type that was written so; ValueError naming the path when it is not one."""
    return _coder_of(type_).decode(plain)


def encode(value: object) -> bytes:
    """Canonical JSON. Raises ValueError naming the path for what could not be read back."""
    # A lone surrogate is legal in Python and in escaped JSON, but not in UTF-8; the escape is spelled the same in both.
    return _WRITER.encode(to_plain(value)).encode("utf-8", "backslashreplace")


@overload
def decode(data: bytes, type_: type[T]) -> T: ...
@overload
def decode(data: bytes, type_: Any) -> Any: ...
def decode(data: bytes, type_: Any) -> Any:
    """Read JSON as a value of the declared type, a union included; ValueError for anything else."""
    return _coder_of(type_).decode(_READER.decode(data.decode("utf-8")))


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
            encode=lambda value: _coder_of(type_).encode(value),
            decode=lambda plain: _coder_of(type_).decode(plain),
        )
    coder = _compile(type_, within)
    _coders[type_] = coder
    return coder


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
        return _record(type_, (*within, type_))
    if isinstance(type_, type) and issubclass(type_, Enum):
        return enum(type_)
    if isinstance(type_, type) and issubclass(type_, Decimal):
        return decimal(type_)
    raise TypeError(f"no canonical form for {type_!r}")


_REQUIRED = object()


@attrs.frozen(kw_only=True, eq=False)
class _Field:
    """One field of an attrs class: its default, and how that would be written; ``_REQUIRED`` where it has none."""

    name: str
    key: str
    coder: Coder
    default: object
    plain_default: Plain

    @classmethod
    def of(cls, attribute: "attrs.Attribute[Any]", coder: Coder) -> "_Field":
        default: Any = attribute.default
        if default is attrs.NOTHING or getattr(default, "takes_self", False):
            default = _REQUIRED
        elif hasattr(default, "factory"):
            default = default.factory()
        # Compared as written: 0.00 equals 0 and yet prints otherwise, so leaving it out would change what is replayed.
        plain_default = _REQUIRED if default is _REQUIRED else coder.encode(default)
        return cls(
            name=attribute.name,
            key=attribute.alias or attribute.name,
            coder=coder,
            default=default,
            plain_default=plain_default,
        )


def _record(cls: type, within: tuple[object, ...]) -> Coder:
    hints = get_type_hints(cls)
    fields = [_Field.of(a, _coder_of(hints[a.name], within)) for a in attrs.fields(cls) if a.init]
    writers = [(f.name, f.key, f.coder.encode, f.default, f.plain_default) for f in fields]
    readers = [(f.key, f.coder.as_is, f.coder.decode, f.default is _REQUIRED) for f in fields]

    def write(value: object) -> dict[str, Any]:
        if value.__class__ is not cls:
            raise expect(cls, value)
        plain = {}
        for name, key, encode_field, default, plain_default in writers:
            part = getattr(value, name)
            if part is default:
                continue
            try:
                written = encode_field(part)
            except ValueError as error:
                raise at(name, error) from None
            if written != plain_default:
                plain[key] = written
        return plain

    def read(plain: Any) -> object:
        if plain.__class__ is not dict:
            raise expect(cls, plain)
        if plain.get(TAG, cls.__name__) != cls.__name__:
            raise Misfit(TAG, f"expected {cls.__name__}, was {plain[TAG]!r}")
        known = {}
        for key, as_is, decode_field, required in readers:
            part = plain.get(key, _REQUIRED)
            if part is _REQUIRED:
                if required:
                    raise Misfit(key, f"{cls.__name__} cannot be without it")
            elif part.__class__ is as_is:
                known[key] = part
            else:
                try:
                    known[key] = decode_field(part)
                except ValueError as error:
                    raise at(key, error) from None
        return cls(**known)

    return Coder(python=cls, kind=dict, encode=write, decode=read)
