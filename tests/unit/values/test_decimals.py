"""Numbers with a unit: what they refuse, and that the only rounding in the house goes where it says."""

from decimal import ROUND_UP, Decimal, DivisionByZero, localcontext

import pytest

from petrosa_core.values import (
    EXACT,
    Amount,
    Price,
    Quantity,
    Ratio,
    ceil_to,
    divide_down,
    floor_to,
    is_multiple,
    plain,
    same_number,
    shown,
    total,
)

UNITS = [Amount, Price, Quantity, Ratio]


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("value", ["1.50", 3, Decimal("2.5")])
def test_a_unit_keeps_the_number_exactly(unit, value):
    """Every digit, trailing zeros too."""
    assert unit(value) == Decimal(value)
    assert str(unit(value)) == str(Decimal(value))
    assert type(unit(value)) is unit


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("value", [0.1, 1.0, True])
def test_floats_and_flags_are_no_numbers_here(unit, value):
    """0.1 is not a tenth, and True is not one."""
    with pytest.raises(TypeError, match=f"{unit.__name__}: exact numbers only, was {type(value).__name__}"):
        unit(value)


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("value", ["", "one", "1,5", "0x1"])
def test_text_that_is_no_number_is_refused(unit, value):
    """With the text in the message."""
    with pytest.raises(ValueError, match=f"{unit.__name__}: not a number: '{value}'"):
        unit(value)


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("value", ["NaN", "sNaN", "Infinity", "-Infinity"])
def test_nothing_infinite_or_undefined_is_an_amount(unit, value):
    """They would pass every comparison the wrong way."""
    with pytest.raises(ValueError, match=f"{unit.__name__}: must be finite"):
        unit(value)


@pytest.mark.parametrize("unit", [Price, Quantity])
@pytest.mark.parametrize("value", ["0", "-0.01"])
def test_a_price_and_a_quantity_are_above_zero(unit, value):
    """Nothing is said with None, never with 0."""
    with pytest.raises(ValueError, match=f"{unit.__name__}: must be above zero, was {value}"):
        unit(value)


def test_the_smallest_price_and_quantity_are_allowed():
    """There is no smallest."""
    assert Price("0.00000001") > 0
    assert Quantity("1E-30") > 0


def test_a_ratio_may_be_zero_and_not_less():
    """A fee of nothing is a fee."""
    assert Ratio(0) == 0
    with pytest.raises(ValueError, match=r"Ratio: must not be negative, was -0\.01"):
        Ratio("-0.01")


def test_an_amount_may_have_any_sign():
    """A loss is an amount."""
    assert Amount(-1) < Amount(0) < Amount(1)


def test_arithmetic_gives_a_plain_number():
    """A price times a quantity is neither; whoever means a unit says so."""
    assert type(Price(2) * Quantity(3)) is Decimal
    assert type(Price(2) + Price(3)) is Decimal


def test_a_unit_shows_itself():
    """In a traceback, too."""
    assert repr(Price("1.50")) == "Price('1.50')"
    assert repr(Ratio("0.02")) == "Ratio('0.02')"


@pytest.mark.parametrize(
    ("value", "step", "origin", "floor", "ceil"),
    [
        ("1.239", "0.01", "0", "1.23", "1.24"),
        ("1.23", "0.01", "0", "1.23", "1.23"),
        ("1.2399999999999999999999999999", "0.01", "0", "1.23", "1.24"),
        ("0.009", "0.01", "0", "0.00", "0.01"),
        ("0", "0.01", "0", "0.00", "0.00"),
        ("-0.001", "0.01", "0", "-0.01", "0.00"),
        ("-0.02", "0.01", "0", "-0.02", "-0.02"),
        ("37", "10", "0", "30", "40"),
        ("1.12", "0.05", "0", "1.10", "1.15"),
        ("0.0000123456", "0.00000001", "0", "0.00001234", "0.00001235"),
        ("100", "0.10", "39.86", "99.96", "100.06"),
        ("39.86", "0.10", "39.86", "39.86", "39.86"),
        ("39.85", "0.10", "39.86", "39.76", "39.86"),
        ("7", "3", "1", "7", "7"),
        ("6", "3", "1", "4", "7"),
        ("0", "3", "1", "-2", "1"),
        ("2", "2", "0.5", "0.5", "2.5"),
        ("123456789012345678.99", "0.00001", "0", "123456789012345678.99000", "123456789012345678.99000"),
    ],
)
def test_rounding_to_a_step(value, step, origin, floor, ceil):
    """Down is down and up is up, on either side of zero, from any origin; what lies on a step stays."""
    number, width, start = Decimal(value), Decimal(step), Decimal(origin)

    assert floor_to(number, width, start) == Decimal(floor)
    assert ceil_to(number, width, start) == Decimal(ceil)
    assert is_multiple(number, width, start) is (floor_to(number, width, start) == number)


@pytest.mark.parametrize(
    ("step", "origin", "written"),
    [
        ("0.01000000", "0", "5.12"),
        ("0.10", "0", "5.1"),
        ("1", "0", "5"),
        ("1.00", "0", "5"),
        ("1E+1", "0", "0"),
        ("0.10", "0.005", "5.105"),
    ],
)
def test_a_rounded_number_is_written_with_the_steps_decimals(step, origin, written):
    """As the exchange expects it: no needless zeros from the filter's text, no exponent."""
    assert str(floor_to(Decimal("5.129"), Decimal(step), Decimal(origin))) == written


def test_a_ceiling_is_written_with_the_steps_decimals_too():
    """The same rule on the way up."""
    assert str(ceil_to(Decimal("5.129"), Decimal("0.1000"))) == "5.2"


def test_rounding_does_not_depend_on_the_host():
    """A program that embeds us may have any decimal context."""
    with localcontext() as context:
        context.prec = 3
        context.rounding = ROUND_UP

        assert floor_to(Decimal("12345.679"), Decimal("0.01")) == Decimal("12345.67")
        assert divide_down(Decimal(2), Decimal(3)) == Decimal("0.66666666666666666666")
        assert plain(Decimal("12345.679")) == "12345.679"


@pytest.mark.parametrize(
    ("part", "whole", "quotient"),
    [
        ("200", "100", "2"),
        ("2", "3", "0.66666666666666666666"),
        ("1", "3", "0.33333333333333333333"),
        ("200000000000000000000", "3", "66666666666666666666"),
    ],
)
def test_a_quotient_is_cut_off(part, whole, quotient):
    """Times the whole it never exceeds the part."""
    found = divide_down(Decimal(part), Decimal(whole))

    assert found == Decimal(quotient)
    assert EXACT.multiply(found, Decimal(whole)) <= Decimal(part)


def test_dividing_by_nothing_is_an_error():
    """Not an infinity that travels on."""
    with pytest.raises(DivisionByZero):
        divide_down(Decimal(1), Decimal(0))
    with pytest.raises(DivisionByZero):
        floor_to(Decimal(1), Decimal(0))


def test_exact_products_of_twenty_digits_stay_exact():
    """60 digits hold what two numbers of the largest size make."""
    largest = Decimal(99999999999999999999)

    assert EXACT.multiply(largest, largest) == Decimal(9999999999999999999800000000000000000001)


@pytest.mark.parametrize(
    ("value", "text"), [("1E-8", "0.00000001"), ("1E+3", "1000"), ("1.500", "1.500"), ("-0.1", "-0.1"), ("0", "0")]
)
def test_plain_text_has_no_exponent_and_loses_nothing(value, text):
    """Every digit kept."""
    assert plain(Decimal(value)) == text


def test_a_total_is_exact():
    """Whatever the host's context is, and from wherever it starts."""
    with localcontext() as context:
        context.prec = 2

        assert total([Decimal("1.111"), Decimal("2.222")]) == Decimal("3.333")
        assert total([Decimal("0.001")], Decimal(1000)) == Decimal("1000.001")
        assert total([]) == 0


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("0.123456784", "0.12345678"),
        ("0.123456786", "0.12345679"),
        ("0.12345678", "0.12345678"),
        ("0.1000000000", "0.10000000"),
        ("100.00", "100.00"),
        ("1E+3", "1E+3"),
    ],
)
def test_a_quotient_is_shown_to_eight_decimals(value, text):
    """To the nearest; what is exact to eight is left as it is."""
    with localcontext() as context:
        context.prec = 2

        assert str(shown(Decimal(value))) == text


def test_a_number_that_is_known_is_kept_once():
    """Given the same digits, then the known object is taken; 0.10 prints otherwise than 0.1, so it is another number."""
    known = Decimal("0.1")

    assert same_number(known, Quantity("0.1")) is known
    assert same_number(known, other := Quantity("0.10")) is other
    assert same_number(None, other) is other
