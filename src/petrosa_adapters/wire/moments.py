"""Points in time as producers write them: ISO 8601, or a count of seconds, milliseconds or microseconds since 1970.

What cannot be read is refused; it is never taken for now, because that would make an old signal fresh.
"""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from petrosa_adapters.wire.json_text import Json, NonFinite, Numeral, write
from petrosa_adapters.wire.malformed import Malformed
from petrosa_core.values import Moment

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_COUNT = re.compile(r"[0-9]{1,19}(?:\.[0-9]{0,9})?", re.ASCII)
_ISO_MAX = 40

# 2001-09-09 to 2286-11-20. Each unit then has a decade of its own, so a count says by its size what it counts;
# "99", which producers have sent, is in none of them.
_EARLIEST = 10**15
_LATEST = 10**16 - 1
_UNITS = (1, 1_000, 1_000_000)


def read_moment(field: str, value: Json) -> Moment:
    """The moment that ``value`` (not null) says; a time without an offset is UTC, parts of a microsecond are cut off.

    Raises:
        Malformed: TIMESTAMP_INVALID.
    """
    if not isinstance(value, str) or isinstance(value, NonFinite):
        raise _unreadable(field, value)
    text = value.strip()
    micros = _from_count(text) if _COUNT.fullmatch(text) else None if isinstance(value, Numeral) else _from_iso(text)
    if micros is None or not _EARLIEST <= micros <= _LATEST:
        raise _unreadable(field, value)
    return Moment(micros)


def _from_count(text: str) -> int | None:
    count = Decimal(text)
    return next((int(scaled) for unit in _UNITS if _EARLIEST <= (scaled := count * unit) <= _LATEST), None)


def _from_iso(text: str) -> int | None:
    # Python would also fold other alphabets' letters and digits into these.
    if len(text) > _ISO_MAX or not text.isascii():
        return None
    try:
        at = datetime.fromisoformat(text.upper())
    except ValueError:
        return None
    return ((at if at.tzinfo else at.replace(tzinfo=UTC)) - _EPOCH) // _MICROSECOND


def _unreadable(field: str, value: Json) -> Malformed:
    wanted = "ISO 8601, or seconds, milliseconds or microseconds since 1970, between 2001 and 2286"
    return Malformed("TIMESTAMP_INVALID", f"{field}: {wanted}", field, write(value))
