"""Plain values as JSON text in which every number is exact.

1. A Decimal is written as a JSON number, digit for digit, without an exponent; it never passes through a float.
2. What JSON cannot say exactly (a float, NaN, an infinity, an unknown type) is a TypeError or a ValueError, never a guess.
3. Order is kept, nothing is sorted, and the text is ASCII, so that it may travel in a header or a log line.
"""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from json.encoder import encode_basestring_ascii


def dumps(plain: object) -> bytes:
    """The JSON text of None, bool, int, str, Decimal, and of lists and dicts of these.

    Raises:
        TypeError: for anything else, floats among them, and for a key that is no text.
        ValueError: for a Decimal that is not finite.
    """
    parts: list[str] = []
    _write(plain, parts.append)
    return "".join(parts).encode("ascii")


def _write(plain: object, put: Callable[[str], None]) -> None:
    if isinstance(plain, str):
        put(encode_basestring_ascii(plain))
    elif plain is None:
        put("null")
    elif plain is True:
        put("true")
    elif plain is False:
        put("false")
    elif isinstance(plain, int):
        put(int.__repr__(plain))
    elif isinstance(plain, Decimal):
        if not plain.is_finite():
            raise ValueError(f"JSON has no number for {plain}")
        put(format(plain, "f"))
    elif isinstance(plain, Mapping):
        _write_object(plain, put)
    elif isinstance(plain, Sequence) and not isinstance(plain, bytes | bytearray):
        _write_array(plain, put)
    else:
        raise TypeError(f"not plain: {type(plain).__name__}")


def _write_object(plain: Mapping[object, object], put: Callable[[str], None]) -> None:
    before = "{"
    for key, value in plain.items():
        if not isinstance(key, str):
            raise TypeError(f"a key is text, was {type(key).__name__}")
        put(before)
        put(encode_basestring_ascii(key))
        put(":")
        _write(value, put)
        before = ","
    put("{}" if before == "{" else "}")


def _write_array(plain: Sequence[object], put: Callable[[str], None]) -> None:
    before = "["
    for value in plain:
        put(before)
        _write(value, put)
        before = ","
    put("[]" if before == "[" else "]")
