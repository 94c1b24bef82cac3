"""One field of a body at a time, out of the dict that held it: what is left at the end is the rest.

Null is the same as absent everywhere. A field that is there and cannot be read is refused, whether or not it would be used.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import TypeVar

from petrosa_adapters.wire.json_text import NUMERAL_MAX, Json, NonFinite, Numeral, write
from petrosa_adapters.wire.malformed import Malformed
from petrosa_core.values import ZERO, Price

TEXT_MAX = 200
"""Characters in an id, a strategy's name, a source or a timeframe."""
DIGITS_MAX = 20
"""Significant digits of a number, trailing zeros counted."""
MAGNITUDES = range(-18, 18)
"""Exponents of a number's first digit: from 1e-18 up to, but not including, 1e18."""

# Python's own numbers take more (1_000, Arabic digits, NaN): only what every JSON parser would take is a number here.
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?", re.ASCII)
_UNSPEAKABLE = re.compile("[\ud800-\udfff]")
_CONTROL = re.compile("[\x00-\x1f\x7f]")

Term = TypeVar("Term")
Fields = dict[str, Json]


def take_number(fields: Fields, name: str) -> Decimal | None:
    """The number, exactly; JSON numbers and numeric strings are the same.

    Raises:
        Malformed: NUMBER_INVALID for a bool, for NaN and infinities, and for more digits or magnitude than a market has.
    """
    value = fields.pop(name, None)
    return None if value is None else _number(name, value)


def take_price(fields: Fields, name: str) -> Price | None:
    """The price, in quote units per base unit, which is above zero (else NUMBER_INVALID)."""
    value = fields.pop(name, None)
    if value is None:
        return None
    number = _number(name, value)
    if number.is_signed() or not number:
        raise Malformed("NUMBER_INVALID", f"{name}: must be above zero", name, write(value))
    return Price(number)


def take_text(fields: Fields, name: str) -> str | None:
    """The text, trimmed; a number stands for its digits, and blank text for none.

    Raises:
        Malformed: FIELD_INVALID when it is no text, over 200 characters long, or holds half a surrogate pair.
    """
    value = fields.pop(name, None)
    if value is None:
        return None
    if not isinstance(value, str) or isinstance(value, NonFinite):
        raise Malformed("FIELD_INVALID", f"{name}: must be text", name, write(value))
    text = value.strip()
    if len(text) > TEXT_MAX:
        raise Malformed("FIELD_INVALID", f"{name}: at most {TEXT_MAX} characters, was {len(text)}", name, write(value))
    if not text.isascii() and _UNSPEAKABLE.search(text):
        raise Malformed("FIELD_INVALID", f"{name}: half a surrogate pair is no character", name, write(value))
    return text or None


def take_id(fields: Fields, name: str) -> str | None:
    """The id: text as above, and without control characters, since those separate the parts of derived names."""
    text = take_text(fields, name)
    if text is not None and not text.isprintable() and _CONTROL.search(text):
        raise Malformed("FIELD_INVALID", f"{name}: an id has no control characters", name, write(text))
    return text


def take_term(fields: Fields, name: str, terms: Mapping[str, Term], code: str) -> Term | None:
    """The one of the ``terms`` (upper-case keys) that the text spells in any case, with ``_``, ``-`` or a space between words.

    Raises:
        Malformed: the given code, with the value, when it is none of them.
    """
    value = fields.pop(name, None)
    if value is None:
        return None
    # Only ASCII is folded: the long s of old prints would become an S.
    if type(value) is str and value.isascii():
        term = terms.get(value) or terms.get(value.strip().upper().replace(" ", "_").replace("-", "_"))
        if term is not None:
            return term
    raise Malformed(code, f"{name}: must be one of {', '.join(terms)}", name, write(value))


def take_one_of(fields: Fields, names: Sequence[str], take: Callable[[Fields, str], Term | None]) -> Term | None:
    """The value that fields with the same meaning agree on; None when all are absent.

    Raises:
        Malformed: FIELDS_DISAGREE when two of them differ, and what ``take`` raises.
    """
    given = {name: value for name in names if name in fields and (value := take(fields, name)) is not None}
    values = list(given.values())
    if any(value != values[0] for value in values[1:]):
        raise Malformed("FIELDS_DISAGREE", f"{' and '.join(given)} mean the same and differ", next(iter(given)))
    return values[0] if values else None


def missing(name: str) -> Malformed:
    """What to raise when a required field is absent or null."""
    return Malformed("FIELD_MISSING", f"{name}: required", name)


def _is_plain(text: str) -> bool:
    """Whether it is digits with at most one point among them, as nearly every number is."""
    return text.isascii() and text.replace(".", "", 1).isdigit()


def _number(name: str, value: Json) -> Decimal:
    if not isinstance(value, str) or isinstance(value, NonFinite):
        raise Malformed("NUMBER_INVALID", f"{name}: must be a finite number", name, write(value))
    text = value if type(value) is Numeral else value.strip()
    if len(text) > NUMERAL_MAX or not (_is_plain(text) or _NUMBER.fullmatch(text)):
        raise Malformed("NUMBER_INVALID", f"{name}: must be a decimal number", name, write(value))
    number = Decimal(text)
    if not number:
        return ZERO
    if number.adjusted() not in MAGNITUDES:
        raise Malformed("NUMBER_INVALID", f"{name}: must be between 1e-18 and 1e18", name, write(value))
    if len(text) > DIGITS_MAX and len(number.as_tuple().digits) > DIGITS_MAX:
        raise Malformed("NUMBER_INVALID", f"{name}: at most {DIGITS_MAX} significant digits", name, write(value))
    return number
