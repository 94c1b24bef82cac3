"""Keeps secrets out of what is written: by the name they stand under, by their own text, and by the form they travel in.

1. Redaction is the last thing that happens to a line before it is rendered, so tracebacks and foreign loggers pass it as well.
2. A secret that is known is masked wherever it stands, also inside a longer text; one that is not, by its name or form.
"""

import re
from collections.abc import Iterable, Mapping, MutableMapping
from decimal import Decimal
from typing import Any, Final

from petrosa_adapters.wire.secret import MASK, Secret
from petrosa_core.values import plain

KNOWN_LENGTH_MIN: Final = 6
"""A shorter text would be found inside ordinary words; it is still masked by its name and form."""

_SECRET_KEY: Final = re.compile(
    r"(?i)secret|passw|passphrase|api[-_]?key|apikey|authorization|cookie|credential|private[-_]?key|signature|(^|[-_])token$"
)
_FORMS: Final = (
    re.compile(r"(?i)(?P<keep>\b(?:signature|api[-_]?key|secret|password|passphrase|token)=)[^&\s\"']+"),
    re.compile(r"(?i)(?P<keep>\bx-mbx-apikey['\"]?\s*[:=]\s*['\"]?)[^\s,'\"}]+"),
    re.compile(r"(?i)(?P<keep>\bbearer\s+)[^\s,'\"}]+"),
    re.compile(r"(?P<keep>\b[a-z][a-z0-9+.-]*://)[^/\s@'\"]+(?=@)"),
)
_DEPTH_MAX: Final = 12


class Redactor:
    """Masks known secrets, and what looks like one; usable as a structlog processor."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        """Know these texts; the longest is looked for first, so that none is masked only in part."""
        known = sorted({text for text in secrets if len(text) >= KNOWN_LENGTH_MIN}, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, known))) if known else None

    def __call__(self, _: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        """Redact one log event."""
        return {key: self._field(key, value, 0) for key, value in event.items()}

    def text(self, text: str) -> str:
        """The text without secrets."""
        if self._known is not None:
            text = self._known.sub(MASK, text)
        for form in _FORMS:
            text = form.sub(rf"\g<keep>{MASK}", text)
        return text

    def _field(self, key: object, value: object, depth: int) -> object:
        if value is not None and isinstance(key, str) and _SECRET_KEY.search(key):
            return MASK
        return self._value(value, depth)

    def _value(self, value: object, depth: int) -> object:
        if value is None or isinstance(value, bool | int | float):
            return value
        if isinstance(value, Secret) or depth >= _DEPTH_MAX:
            return MASK
        if isinstance(value, Decimal):
            return plain(value)
        if isinstance(value, Mapping):
            return {self.text(str(key)): self._field(key, item, depth + 1) for key, item in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [self._value(item, depth + 1) for item in value]
        return self.text(value if isinstance(value, str) else repr(value))
