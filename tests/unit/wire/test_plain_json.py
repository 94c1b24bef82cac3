"""Plain values to JSON: exact, complete, and nothing guessed."""

import json
from decimal import Decimal
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from petrosa_adapters.wire.plain_json import dumps
from petrosa_core.values import Price

NUMBERS = st.decimals(allow_nan=False, allow_infinity=False, min_value=Decimal(-(10**20)), max_value=Decimal(10**20))
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | NUMBERS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(PLAIN)
def test_what_was_written_is_what_is_read(plain: object):
    """given any plain value, when it is written and read with exact numbers, then it is the same."""
    assert json.loads(dumps(plain), parse_float=Decimal) == plain


@given(NUMBERS)
def test_a_decimal_keeps_every_digit(number: Decimal):
    """given any Decimal, when it is written, then it is its plain notation: no exponent, trailing zeros kept."""
    assert dumps(number) == format(number, "f").encode()


def test_values_of_the_core_are_plain():
    """given a price, a word of an enumeration, and tuples, when they are written, then they are number, text and list."""

    class Word(StrEnum):
        HELD = "held"

    assert dumps({"price": Price("0.10"), "word": Word.HELD, "list": (1, ())}) == (
        b'{"price":0.10,"word":"held","list":[1,[]]}'
    )


def test_the_text_is_ascii():
    """given text that could break a line or a header, when it is written, then it is escaped."""
    assert dumps({"é\n": "\u2028"}) == b'{"\\u00e9\\n":"\\u2028"}'


@pytest.mark.parametrize("wrong", [0.1, b"bytes", {1, 2}, object(), {1: "key"}, [{"deep": 0.1}], bytearray(b"x")])
def test_what_json_cannot_say_exactly_is_refused(wrong: object):
    """given a float, bytes, a set or a key that is no text, when it is written, then TypeError."""
    with pytest.raises(TypeError):
        dumps(wrong)


@pytest.mark.parametrize("wrong", ["NaN", "Infinity", "-Infinity"])
def test_a_number_that_is_none_is_refused(wrong: str):
    """given NaN or an infinity, when it is written, then ValueError."""
    with pytest.raises(ValueError, match="no number"):
        dumps(Decimal(wrong))
