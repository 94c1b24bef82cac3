"""How an attrs class is written and read: two functions made for it, with every field spelled out.

1. A field at its default is left out, a missing one takes its default, an unknown one is ignored.
2. Keys are written in order; where the class carries its name, the tag stands in its place among them.
3. What is generated does nothing that ``Coder`` would not: it saves the loop over the fields, half of which are at their
   defaults, and the call for a field that holds nothing else. A signal and its entry are a hundred fields.

For a class with the fields ``price: Price`` and ``note: str | None = None`` the functions are, error handling left out::

    def write(value):
        out = ""
        part = value.note
        if part is not default_note:
            text = write_note(part)
            if text != text_note:
                out += f',"note":{text}'
        part = value.price
        out += f',"price":{write_price(part)}'
        return "{" + out[1:] + "}"

    def read(plain):
        part_price = plain.get("price", MISSING)
        ...
        return cls(price=part_price, note=part_note)
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from enum import StrEnum
from functools import partial
from json.encoder import encode_basestring as quote
from typing import Any

import attrs

from petrosa_core.audit.coders import TAG, Coder, Misfit, Read, Write, at, expect

_MISSING = object()


@attrs.frozen(kw_only=True, eq=False)
class _Field:
    """One field: its place in the class, its key in JSON, how it is coded, and its default (``_MISSING``: it has none)."""

    name: str
    key: str
    coder: Coder
    default: object
    fresh: Callable[[], object] | None
    """Makes the default anew, where it is not a value that can be shared."""

    @classmethod
    def of(cls, attribute: "attrs.Attribute[Any]", coder: Coder) -> "_Field":
        default: Any = attribute.default
        fresh = None
        if default is attrs.NOTHING or getattr(default, "takes_self", False):
            default = _MISSING
        elif hasattr(default, "factory"):
            fresh = default.factory
            default = fresh()
        return cls(
            name=attribute.name, key=attribute.alias or attribute.name, coder=coder, default=default, fresh=fresh
        )


def record(cls: type, coders: Mapping[str, Coder]) -> Coder:
    """The coder of an attrs class, from those of its fields."""
    fields = [_Field.of(a, coders[a.name]) for a in attrs.fields(cls) if a.init]
    return Coder(
        python=cls,
        kind=dict,
        write=_writer(cls, fields, tagged=False),
        tagged=_writer(cls, fields, tagged=True),
        read=_reader(cls, fields),
    )


def _writer(cls: type, fields: list[_Field], *, tagged: bool) -> Write:
    names: dict[str, object] = {"cls": cls, "expect": expect, "at": at, "quote": quote}
    lines = ["def write(value):", " if value.__class__ is not cls: raise expect(cls, value)", " out = ''"]
    tag = [f" out += {_pair(TAG, quote(cls.__name__))!r}"] if tagged else []
    for index, field in enumerate(sorted(fields, key=lambda field: field.key)):
        if field.key > TAG:
            lines += tag
            tag = []
        names |= {f"write_{index}": field.coder.write, f"kind_{index}": field.coder.python}
        text = _inlined(field.coder.python, index)
        lines.append(f" part = value.{field.name}")
        written = [
            " try:",
            f"  text = {text}",
            f" except ValueError as error: raise at({field.name!r}, error) from None",
        ]
        if field.default is _MISSING:
            lines += [*written, f" out += {_pair(field.key)!r} + text"]
            continue
        # Compared as written: 0.00 equals 0 and yet prints otherwise, so leaving it out would change what is replayed.
        names |= {f"default_{index}": field.default, f"text_{index}": field.coder.write(field.default)}
        lines.append(f" if part is not default_{index}:")
        lines += [f" {line}" for line in written]
        lines.append(f"  if text != text_{index}: out += {_pair(field.key)!r} + text")
    write: Write = _made("write", [*lines, *tag, " return '{' + out[1:] + '}'"], names)
    return write


def _pair(key: str, text: str = "") -> str:
    return f",{quote(key)}:{text}"


def _inlined(kind: type, index: int) -> str:
    """What writes a part; where it is of a usual kind, without a call. Whatever is unusual about it is the coder's."""
    usual = {
        int: ("part.__class__ is int", "str(part)"),
        str: ("part.__class__ is str and part.isascii()", "quote(part)"),
        bool: ("part.__class__ is bool", "('true' if part else 'false')"),
    }
    if issubclass(kind, Decimal):
        usual[kind] = (f"part.__class__ is kind_{index} and part.is_finite()", "f'\"{part:f}\"'")
    if issubclass(kind, StrEnum):
        usual[kind] = (f"part.__class__ is kind_{index} and part.isascii()", "quote(part)")
    if kind not in usual:
        return f"write_{index}(part)"
    condition, text = usual[kind]
    return f"{text} if {condition} else write_{index}(part)"


def _reader(cls: type, fields: list[_Field]) -> Read:
    names: dict[str, object] = {"cls": cls, "at": at, "check": _checked(cls), "MISSING": _MISSING}
    lines = ["def read(plain):", " check(plain)", " get = plain.get"]
    for index, field in enumerate(fields):
        names |= {
            f"read_{index}": field.coder.read,
            f"default_{index}": field.default,
            f"as_is_{index}": field.coder.as_is,
        }
        lines.append(f" part_{index} = get({field.key!r}, MISSING)")
        if field.default is _MISSING:
            names[f"missing_{index}"] = partial(_missing, cls, field.key)
            lines.append(f" if part_{index} is MISSING: raise missing_{index}()")
        elif field.fresh is not None:
            names[f"fresh_{index}"] = field.fresh
            lines.append(f" if part_{index} is MISSING: part_{index} = fresh_{index}()")
        else:
            lines.append(f" if part_{index} is MISSING: part_{index} = default_{index}")
        condition = "True" if field.coder.as_is is None else f"part_{index}.__class__ is not as_is_{index}"
        lines += [
            f" elif {condition}:",
            f"  try: part_{index} = read_{index}(part_{index})",
            f"  except ValueError as error: raise at({field.key!r}, error) from None",
        ]
    arguments = ", ".join(f"{field.key}=part_{index}" for index, field in enumerate(fields))
    read: Read = _made("read", [*lines, f" return cls({arguments})"], names)
    return read


def _checked(cls: type) -> Callable[[Any], None]:
    name = cls.__name__

    def check(plain: Any) -> None:
        if plain.__class__ is not dict:
            raise expect(cls, plain)
        if plain.get(TAG, name) != name:
            raise Misfit(TAG, f"expected {name}, was {plain[TAG]!r}")

    return check


def _missing(cls: type, key: str) -> Misfit:
    return Misfit(key, f"{cls.__name__} cannot be without it")


def _made(name: str, lines: list[str], names: dict[str, object]) -> Any:
    """The function that the lines define, over these names."""
    exec("\n".join(lines), names)  # noqa: S102  (of our own classes' fields, as attrs makes their __init__)
    return names[name]
