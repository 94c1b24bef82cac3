"""JSON as it arrives: read without losing a digit, and written back as it was (what leaves is ``plain_json``'s).

1. A number stays the text it was sent as (``Numeral``) until somebody asks for its value: nothing passes through a float.
2. NaN and infinities, which RFC 8259 does not know but Python's encoder writes, become ``NonFinite``; they are written as null.
3. A body costs time linear in its length whatever it holds: size and nesting are bounded before anything is parsed.
4. A key that stands twice in one object is refused: which of the two was meant is not ours to guess (RFC 8259, section 4).
"""

import json
import re
from json.encoder import encode_basestring_ascii
from typing import TypeAlias

from petrosa_adapters.wire.malformed import Malformed

BODY_MAX = 65_536
"""Bytes in one body."""
DEPTH_MAX = 8
"""Objects and arrays within each other, the outermost counted; the deepest body known of a producer has 5."""


NUMERAL_MAX = 64
"""Characters in one number, free-form fields included: whoever reads the record later must be able to read them too."""


class Numeral(str):
    """A JSON number, as it was written."""

    __slots__ = ()


class NonFinite(str):
    """One of NaN, Infinity and -Infinity, as it was written."""

    __slots__ = ()


Json: TypeAlias = "bool | str | list[Json] | dict[str, Json] | None"
"""What ``parse`` returns; numbers are ``Numeral`` or ``NonFinite``, both of them str, so text is told by its exact type."""

# A string is skipped whole. The quantifiers are possessive and the closing quote optional: no backtracking on any input.
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
_OPENING, _CLOSING = b"[{", b"]}"
_NO_BRACKETS = bytes(set(range(256)) - set(_OPENING + _CLOSING))


def parse(body: bytes) -> Json:
    """Read one JSON text.

    Raises:
        Malformed: BODY_TOO_LARGE, TOO_DEEP, NOT_UTF8, NOT_JSON, DUPLICATE_KEY or NUMBER_INVALID.
    """
    if len(body) > BODY_MAX:
        raise Malformed("BODY_TOO_LARGE", f"a body has at most {BODY_MAX} bytes, this one has {len(body)}")
    # Counting is much cheaper than scanning, and settles it for every ordinary body.
    if body.count(b"{") + body.count(b"[") > DEPTH_MAX and _too_deep(body):
        raise Malformed("TOO_DEEP", f"objects and arrays may be nested {DEPTH_MAX} deep, these go deeper")
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Malformed("NOT_UTF8", f"not UTF-8: {error.reason} at byte {error.start}") from None
    try:
        parsed: Json = _DECODER.decode(text.removeprefix("\ufeff"))
    except json.JSONDecodeError as error:
        raise Malformed("NOT_JSON", f"not JSON: {error.msg} at character {error.pos}") from None
    return parsed


def write(value: Json) -> str:
    """What ``parse`` returned as JSON again: ASCII, no spaces, numbers as they were written, non-finite ones as null."""
    # What is most frequent comes first.
    if type(value) is str:
        return encode_basestring_ascii(value)
    if type(value) is Numeral:
        return str(value)
    if isinstance(value, dict):
        return "{" + ",".join([f"{encode_basestring_ascii(key)}:{write(item)}" for key, item in value.items()]) + "}"
    if isinstance(value, list):
        return "[" + ",".join([write(item) for item in value]) + "]"
    return "true" if value is True else "false" if value is False else "null"


def _too_deep(body: bytes) -> bool:
    depth = 0
    for byte in _STRING.sub(b"", body).translate(None, delete=_NO_BRACKETS):
        if byte in _OPENING:
            depth += 1
            if depth > DEPTH_MAX:
                return True
        else:
            depth -= 1
    return False


def _numeral(text: str) -> Numeral:
    if len(text) > NUMERAL_MAX:
        raise Malformed(
            "NUMBER_INVALID", f"a number has at most {NUMERAL_MAX} characters, this one {len(text)}", value=text
        )
    return Numeral(text)


def _unique(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    fields = dict(pairs)
    if len(fields) == len(pairs):
        return fields
    seen: set[str] = set()
    twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
    raise Malformed("DUPLICATE_KEY", "a key stands twice in one object", value=encode_basestring_ascii(twice))


_DECODER = json.JSONDecoder(
    parse_float=_numeral, parse_int=_numeral, parse_constant=NonFinite, object_pairs_hook=_unique
)
