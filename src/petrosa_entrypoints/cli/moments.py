"""Times as an operator gives them: an age, or a point in time."""

import re
from datetime import UTC, datetime, timedelta

import click

from petrosa_core.values import DAY, HOUR, MINUTE, SECOND, Duration, Moment

_UNITS: dict[str, Duration] = {"s": SECOND, "m": MINUTE, "h": HOUR, "d": DAY}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def since(text: str, now: Moment) -> Moment:
    """The moment that ``30m``, ``2h``, ``7d`` ago or an ISO 8601 time (UTC unless it says otherwise) stands for.

    Raises click.BadParameter for anything else.
    """
    age = re.fullmatch(r"(\d{1,6})([smhd])", text, re.ASCII)
    if age:
        return Moment(now - int(age[1]) * _UNITS[age[2]])
    try:
        point = datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(
            f"{text!r} is neither an age (30m, 2h, 7d) nor a time (2026-08-21T12:00:00Z)", param_hint="'--since'"
        ) from None
    aware = point if point.tzinfo else point.replace(tzinfo=UTC)
    return Moment((aware - _EPOCH) // timedelta(microseconds=1))
