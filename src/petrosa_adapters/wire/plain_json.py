"""Plain values as JSON text in which every number is exact.

1. A Decimal is written as a JSON number, digit for digit, without an exponent; it never passes through a float.
2. What JSON cannot say exactly (a float, NaN, an infinity, an unknown type) is a TypeError or a ValueError, never a guess.
3. Order is kept, nothing is sorted, and the text is ASCII, so that it may travel in a header or a log line.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from json.encoder import encode_basestring_ascii


def dumps(plain: object) -> bytes:
    """The JSON text of None, bool, int, str, Decimal, and of lists and dicts of these.

    Raises:
        TypeError: for anything else, floats among them, and for a key that is no text.
        ValueError: for a Decimal that is not finite.
    """
    return _text(plain).encode("ascii")


def _text(plain: object) -> str:
    kind = plain.__class__
    # The exact types first: they are nearly all there is, and a comparison costs a fifth of an isinstance.
    if kind is str:
        return encode_basestring_ascii(plain)  # type: ignore[arg-type]
    if kind is Decimal:
        return _number(plain)  # type: ignore[arg-type]
    if kind is dict:
        return _object(plain)  # type: ignore[arg-type]
    if plain is None:
        return "null"
    if kind is bool:
        return "true" if plain else "false"
    if isinstance(plain, str):
        return encode_basestring_ascii(plain)
    if isinstance(plain, int):
        return int.__repr__(plain)
    if isinstance(plain, Decimal):
        return _number(plain)
    if isinstance(plain, Mapping):
        return _object(plain)
    if isinstance(plain, Sequence) and not isinstance(plain, bytes | bytearray):
        return "[" + ",".join([_text(value) for value in plain]) + "]"
    raise TypeError(f"not plain: {kind.__name__}")


def _number(number: Decimal) -> str:
    if not number.is_finite():
        raise ValueError(f"JSON has no number for {number}")
    return format(number, "f")


def _object(plain: Mapping[object, object]) -> str:
    return "{" + ",".join([f"{_key(key)}:{_text(value)}" for key, value in plain.items()]) + "}"


def _key(key: object) -> str:
    if not isinstance(key, str):
        raise TypeError(f"a key is text, was {type(key).__name__}")
    return encode_basestring_ascii(key)
