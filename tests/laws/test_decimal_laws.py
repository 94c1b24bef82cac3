"""Laws of the only rounding in the house."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st
from tests.laws.situations import decimals

from petrosa_core.values import EXACT, ceil_to, divide_down, floor_to, is_multiple, plain

VALUES = st.decimals(Decimal(-(10**12)), Decimal(10**12), allow_nan=False, allow_infinity=False, places=12)
STEPS = decimals("0.00000001", "1000", 8).filter(lambda step: step > 0)
ORIGINS = decimals("-1000", "1000", 8)
ABOVE_ZERO = decimals("0.000000000001", "1000000000", 12).filter(lambda value: value > 0)


@given(VALUES, STEPS, ORIGINS)
def test_law_flooring_and_ceiling_enclose_the_value(value, step, origin):
    """Within less than a step on either side, and on the grid."""
    floor, ceil = floor_to(value, step, origin), ceil_to(value, step, origin)

    assert floor <= value <= ceil
    assert value - floor < step
    assert ceil - value < step
    assert is_multiple(floor, step, origin)
    assert is_multiple(ceil, step, origin)


@given(VALUES, STEPS, ORIGINS)
def test_law_flooring_and_ceiling_are_idempotent(value, step, origin):
    """What is on the grid stays where it is, digit for digit."""
    floor, ceil = floor_to(value, step, origin), ceil_to(value, step, origin)

    assert str(floor_to(floor, step, origin)) == str(ceil_to(floor, step, origin)) == str(floor)
    assert str(ceil_to(ceil, step, origin)) == str(floor_to(ceil, step, origin)) == str(ceil)


@given(VALUES, VALUES, STEPS, ORIGINS)
def test_law_rounding_is_monotone(one, other, step, origin):
    """What is not larger is not larger afterwards."""
    low, high = sorted((one, other))

    assert floor_to(low, step, origin) <= floor_to(high, step, origin)
    assert ceil_to(low, step, origin) <= ceil_to(high, step, origin)


@given(VALUES, STEPS, ORIGINS)
def test_law_flooring_and_ceiling_are_mirror_images(value, step, origin):
    """Up is down on the other side of zero."""
    assert ceil_to(value, step, origin) == -floor_to(-value, step, -origin)


@given(ABOVE_ZERO, ABOVE_ZERO)
def test_law_a_quotient_never_exceeds_its_part(part, whole):
    """And lies within one in the twentieth digit of it."""
    quotient = divide_down(part, whole)
    spent = EXACT.multiply(quotient, whole)

    assert spent <= part
    assert EXACT.multiply(EXACT.subtract(part, spent), Decimal(10**19)) <= part


@given(VALUES)
def test_law_plain_text_is_read_back_exactly(value):
    """No digit is lost, and none is won."""
    assert Decimal(plain(value)).as_tuple() == value.as_tuple()
    assert "E" not in plain(value)
