"""What all refusals share: a code that never changes, a sentence that is its meaning, and its numbers.

1. A code is an interface: it may be added, never renamed and never given another meaning.
2. The first field of a refusal is what was measured, the second what it was measured against.
3. The meaning is the docstring's first line; documents and messages are made from it.
"""

from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

import attrs

from petrosa_core.decision.verdict import Reason
from petrosa_core.values import SECOND, plain


class Unit(StrEnum):
    """What the numbers of a refusal count, and of a limit."""

    NONE = "-"
    FRACTION = "fraction of one"
    MULTIPLE = "multiple"
    SECONDS = "seconds"
    COUNT = "count"
    PRICE = "quote units per base unit"
    BASE = "base units"
    QUOTE = "quote units"


@attrs.frozen
class Finding:
    """One broken check. Every refusal is one; the closed list of them is ``Refusal``."""

    code: ClassVar[str]
    unit: ClassVar[Unit] = Unit.NONE

    @classmethod
    def meaning(cls) -> str:
        """The sentence behind the code."""
        return (cls.__doc__ or cls.code).partition("\n")[0]

    @property
    def record(self) -> Reason:
        """The refusal as it is journalled and answered."""
        numbers = {field.name: self._text(getattr(self, field.name)) for field in attrs.fields(type(self))}
        texts = [*numbers.values(), None, None]
        detail = ", ".join(f"{name.replace('_', ' ')} {text}" for name, text in numbers.items())
        meaning = self.meaning().removesuffix(".")
        return Reason(
            code=self.code,
            message=f"{meaning}: {detail}" if detail else meaning,
            value=texts[0],
            limit=texts[1],
        )

    def _text(self, value: object) -> str:
        if isinstance(value, Decimal):
            return plain(value)
        if self.unit is Unit.SECONDS and isinstance(value, int):
            return seconds(value)
        return str(value)


def seconds(duration: int) -> str:
    """Microseconds as seconds, exactly and without needless zeros."""
    whole, rest = divmod(duration, SECOND)
    return f"{whole}.{rest:06d}".rstrip("0") if rest else str(whole)
