"""Numbers with a unit, and the only rounding in the house.

A unit is a subclass of Decimal: it validates once, when it is made, and arithmetic on it falls back to plain Decimal,
so a result has to be given a unit again before it may be used as one. Floats are refused: 0.1 is not a tenth.
"""

from collections.abc import Iterable
from decimal import (
    ROUND_DOWN,
    ROUND_HALF_EVEN,
    Context,
    Decimal,
    DivisionByZero,
    InvalidOperation,
    Overflow,
)
from functools import lru_cache
from typing import Self

# Products of two 20-digit numbers stay exact; the host application's own context does not matter to us.
EXACT = Context(prec=60, rounding=ROUND_HALF_EVEN, traps=[InvalidOperation, DivisionByZero, Overflow])
_CUT = Context(prec=20, rounding=ROUND_DOWN, traps=[InvalidOperation, DivisionByZero, Overflow])

ZERO = Decimal(0)


class Amount(Decimal):
    """Units of one asset, of either sign; which asset is said by the field that holds it.

    Raises:
        TypeError: for a float or a bool.
        ValueError: for text that is no number, NaN and infinities, and for what the unit's range forbids.
    """

    __slots__ = ()

    def __new__(cls, value: "Decimal | int | str") -> Self:
        """Make the number and check it against the unit's range."""
        if isinstance(value, (float, bool)):
            raise TypeError(f"{cls.__name__}: exact numbers only, was {type(value).__name__} {value!r}")
        try:
            number = super().__new__(cls, value)
        except InvalidOperation:
            raise ValueError(f"{cls.__name__}: not a number: {value!r}") from None
        if not number.is_finite():
            raise ValueError(f"{cls.__name__}: must be finite, was {value}")
        number._check()
        return number

    def _check(self) -> None:
        """Any sign will do."""

    def __repr__(self) -> str:
        """Show the unit and the number."""
        return f"{type(self).__name__}('{self}')"


class Price(Amount):
    """Quote-asset units per one base-asset unit; always above zero."""

    __slots__ = ()

    def _check(self) -> None:
        if self <= ZERO:
            raise ValueError(f"Price: must be above zero, was {self}")


class Quantity(Amount):
    """Base-asset units; always above zero. Nothing is said with None, never with 0."""

    __slots__ = ()

    def _check(self) -> None:
        if self <= ZERO:
            raise ValueError(f"Quantity: must be above zero, was {self}")


class Ratio(Amount):
    """A fraction of one, never negative: 2 % is Ratio("0.02"). Percent exists only in settings."""

    __slots__ = ()

    def _check(self) -> None:
        if self < ZERO:
            raise ValueError(f"Ratio: must not be negative, was {self}")


def floor_to(value: Decimal, step: Decimal, origin: Decimal = ZERO) -> Decimal:
    """The largest ``origin + n * step`` that is not above ``value``, written with the step's decimals."""
    distance = EXACT.subtract(value, origin)
    snapped = _whole_steps(distance, step)
    if snapped > distance:  # only below the origin, where cutting off rounds up
        snapped = EXACT.subtract(snapped, step)
    return EXACT.quantize(EXACT.add(snapped, origin), _quantum(step, origin))


def ceil_to(value: Decimal, step: Decimal, origin: Decimal = ZERO) -> Decimal:
    """The smallest ``origin + n * step`` that is not below ``value``, written with the step's decimals."""
    distance = EXACT.subtract(value, origin)
    snapped = _whole_steps(distance, step)
    if snapped < distance:
        snapped = EXACT.add(snapped, step)
    return EXACT.quantize(EXACT.add(snapped, origin), _quantum(step, origin))


def is_multiple(value: Decimal, step: Decimal, origin: Decimal = ZERO) -> bool:
    """Whether ``value`` is ``origin + n * step`` for a whole n."""
    return EXACT.remainder(EXACT.subtract(value, origin), step) == ZERO


def divide_down(part: Decimal, whole: Decimal) -> Decimal:
    """The quotient of two numbers above zero, cut off after 20 digits: times ``whole`` it never exceeds ``part``."""
    return _CUT.divide(part, whole)


def total(numbers: Iterable[Decimal], start: Decimal = ZERO) -> Decimal:
    """The exact sum; ``sum`` would round to whatever the host application has set."""
    for number in numbers:
        start = EXACT.add(start, number)
    return start


def same_number(known: Decimal | None, number: Decimal) -> Decimal:
    """The known object where it is the same number, digit for digit: one of the two need not be kept."""
    return known if known is not None and known.compare_total(number) == ZERO else number


def _whole_steps(distance: Decimal, step: Decimal) -> Decimal:
    # A plain division could be inexact and round the wrong way on the last digit: the integer part is exact.
    return EXACT.multiply(EXACT.divide_int(distance, step), step)


@lru_cache(maxsize=16_384)
def _quantum(step: Decimal, origin: Decimal) -> Decimal:
    # The unit in the last place that the step and the origin need: 0.01 for 0.01000000, 1 for 10. Steps are few: kept.
    return Decimal((0, (1,), min(_places(step), _places(origin))))


def _places(value: Decimal) -> int:
    exponent = value.normalize(EXACT).as_tuple().exponent
    assert isinstance(exponent, int), "finite numbers only"
    return min(exponent, 0)


_SHOWN = Decimal("0.00000001")


def shown(value: Decimal) -> Decimal:
    """A quotient for people and reports: to the nearest eighth decimal, an exact number unchanged. Never for a comparison."""
    exponent = value.as_tuple().exponent
    assert isinstance(exponent, int), "finite numbers only"
    return value if exponent >= -8 else value.quantize(_SHOWN, context=EXACT)


def plain(value: Decimal) -> str:
    """The number as people and exchanges write it: no exponent, every digit kept."""
    return format(value, "f")
