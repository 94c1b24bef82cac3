"""How the text of a setting is read: each kind names its unit and range, and says in one phrase what is wrong.

Percent exists only here (``2.0`` is two per cent, as in the specification); the program behind sees ``Ratio("0.02")``.
"""

import re
from collections.abc import Callable, Iterable
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Generic, TypeVar

import attrs

from petrosa_adapters.wire.secret import MASK, Secret
from petrosa_core.values import EXACT, MILLISECOND, SECOND, Amount, Duration, Ratio, plain

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)

_DECIMAL = re.compile(r"[+-]?(\d{1,20}(\.\d{0,20})?|\.\d{1,20})", re.ASCII)
_USER_PART = re.compile(r"//[^/@,]*(?:/[^/@,]*)*@")
_TRUE = frozenset({"true", "1", "yes", "on"})
_FALSE = frozenset({"false", "0", "no", "off"})


def _nothing(_: object) -> Iterable[str]:
    return ()


@attrs.frozen(kw_only=True)
class Kind(Generic[T]):
    """One way to read a setting.

    ``read`` raises ValueError with a phrase that fits behind ``NAME=value: ``; ``show`` writes a value as it may be read again.
    ``allowed`` is the range in words, ``unit`` what the number counts; both are empty where there is nothing to say.
    """

    name: str
    read: Callable[[str], T]
    show: Callable[[T], str] = str
    read_file: Callable[[str], T] | None = None
    """How the text is read when it came from a private file, where that allows more."""
    unit: str = ""
    allowed: str = ""
    hidden: Callable[[T], Iterable[str]] = _nothing
    """The texts inside a value that must never be shown."""
    many: bool = False
    """Whether empty text is a value (a list without items) and not an omission."""


def _decimal(text: str) -> Decimal:
    if not _DECIMAL.fullmatch(text):
        raise ValueError("is not a decimal number")
    return Decimal(text)


def _within(value: Decimal, low: Decimal, high: Decimal) -> Decimal:
    if value < low:
        raise ValueError("is below the range")
    if value > high:
        raise ValueError("is above the range")
    return value


def _bounds(low: Decimal | int, high: Decimal | int) -> str:
    return f"{plain(Decimal(low))} to {plain(Decimal(high))}"


def flag() -> Kind[bool]:
    """true or false; also 1/0, yes/no and on/off, in any case."""

    def read(text: str) -> bool:
        word = text.lower()
        if word not in _TRUE | _FALSE:
            raise ValueError("is neither true nor false")
        return word in _TRUE

    return Kind(name="flag", read=read, show=lambda value: "true" if value else "false", allowed="true or false")


def whole(unit: str, low: int, high: int) -> Kind[int]:
    """A whole number of ``unit`` from ``low`` to ``high``."""

    def read(text: str) -> int:
        if not re.fullmatch(r"[+-]?\d{1,18}", text, re.ASCII):
            raise ValueError("is not a whole number")
        return int(_within(Decimal(text), Decimal(low), Decimal(high)))

    return Kind(name="whole number", read=read, unit=unit, allowed=_bounds(low, high))


def percent(low: str, high: str) -> Kind[Ratio]:
    """Per cent from ``low`` to ``high``, read as a fraction of one."""
    least, most = Decimal(low), Decimal(high)

    def read(text: str) -> Ratio:
        return Ratio(EXACT.divide(_within(_decimal(text), least, most), Decimal(100)))

    def show(value: Ratio) -> str:
        number = plain(EXACT.multiply(value, Decimal(100)).normalize(EXACT))
        return number if "." in number else f"{number}.0"  # 2.0, as the specification writes it

    return Kind(name="number", read=read, show=show, unit="percent", allowed=_bounds(least, most))


def ratio(unit: str, low: str, high: str) -> Kind[Ratio]:
    """A fraction or multiple, in ``unit``, from ``low`` to ``high``."""
    least, most = Decimal(low), Decimal(high)
    return Kind(
        name="number",
        read=lambda text: Ratio(_within(_decimal(text), least, most)),
        show=plain,
        unit=unit,
        allowed=_bounds(least, most),
    )


def amount(unit: str, low: str, high: str) -> Kind[Amount]:
    """A decimal number of ``unit`` from ``low`` to ``high``."""
    least, most = Decimal(low), Decimal(high)
    return Kind(
        name="number",
        read=lambda text: Amount(_within(_decimal(text), least, most)),
        show=plain,
        unit=unit,
        allowed=_bounds(least, most),
    )


def _duration(unit: str, per_unit: Duration, low: str, high: str) -> Kind[Duration]:
    least, most = Decimal(low), Decimal(high)

    def read(text: str) -> Duration:
        exact = _within(_decimal(text), least, most) * per_unit
        if exact != exact.to_integral_value():
            raise ValueError("is finer than a microsecond")
        return int(exact)

    def show(value: Duration) -> str:
        return plain((Decimal(value) / per_unit).normalize(EXACT))

    return Kind(name="number", read=read, show=show, unit=unit, allowed=_bounds(least, most))


def seconds(low: str, high: str) -> Kind[Duration]:
    """A time span in seconds, read as microseconds."""
    return _duration("seconds", SECOND, low, high)


def milliseconds(low: str, high: str) -> Kind[Duration]:
    """A time span in milliseconds, read as microseconds."""
    return _duration("milliseconds", MILLISECOND, low, high)


def choice(members: type[E]) -> Kind[E]:
    """One word of an enum, in any case."""
    members_by_word = {member.value.lower(): member for member in members}

    def read(text: str) -> E:
        if text.lower() not in members_by_word:
            raise ValueError("is none of them")
        return members_by_word[text.lower()]

    return Kind(name="word", read=read, show=lambda value: value.value, allowed=" or ".join(members_by_word))


def text(pattern: str = r".+", allowed: str = "") -> Kind[str]:
    """Text that matches the whole pattern; ``allowed`` says the pattern in words."""
    compiled = re.compile(pattern, re.ASCII)

    def read(raw: str) -> str:
        if not compiled.fullmatch(raw):
            raise ValueError("does not have that form")
        return raw

    return Kind(name="text", read=read, allowed=allowed)


def words(pattern: str, allowed: str, *, upper: bool = False, many: bool = True) -> Kind[frozenset[str]]:
    """A list parted by commas, each item matching the whole pattern; order and repetition do not count.

    Without ``many``, empty text is no empty list, it is nothing given.
    """
    compiled = re.compile(pattern, re.ASCII)

    def read(raw: str) -> frozenset[str]:
        items = [item.strip() for item in raw.split(",") if item.strip()]
        items = [item.upper() for item in items] if upper else items
        wrong = [item for item in items if not compiled.fullmatch(item)]
        if wrong:
            raise ValueError(f"has an item that does not have that form: {wrong[0]!r}")
        return frozenset(items)

    return Kind(name="list", read=read, show=lambda value: ",".join(sorted(value)), allowed=allowed, many=many)


def path() -> Kind[Path]:
    """A place in the file system; relative to the working directory."""

    def read(raw: str) -> Path:
        if "\0" in raw:
            raise ValueError("is no path")
        return Path(raw)

    return Kind(name="path", read=read)


def secret() -> Kind[Secret]:
    """Text that is never shown."""
    return Kind(name="secret", read=Secret, show=lambda _: MASK, hidden=lambda value: (value.reveal(),))


def urls(*schemes: str) -> Kind[Secret]:
    """One address, or several parted by commas; it may carry a password, so it is shown without its user part."""

    def read(raw: str) -> Secret:
        for each in raw.split(","):
            scheme, found, rest = each.strip().partition("://")
            if not found or scheme not in schemes or not rest:
                raise ValueError("is no such address")
        return Secret(raw)

    return Kind(
        name="address",
        read=read,
        show=lambda value: _USER_PART.sub(f"//{MASK}@", value.reveal()),
        # The name of a user is no secret; a user part without a password is a token.
        hidden=lambda value: [
            user[2:-1].partition(":")[2] or user[2:-1] for user in _USER_PART.findall(value.reveal())
        ],
        allowed=" or ".join(f"{each}://..." for each in schemes),
    )


__all__ = [
    "Kind",
    "amount",
    "choice",
    "flag",
    "milliseconds",
    "path",
    "percent",
    "ratio",
    "seconds",
    "secret",
    "text",
    "urls",
    "whole",
    "words",
]
