"""Points in time, as whole microseconds since 1970-01-01T00:00:00Z. Time is always handed in, never read."""

from datetime import UTC, datetime, timedelta
from typing import NewType

Moment = NewType("Moment", int)
"""Microseconds since the epoch, UTC."""

Duration = int
"""Microseconds."""

MILLISECOND: Duration = 1_000
SECOND: Duration = 1_000_000
MINUTE: Duration = 60 * SECOND
HOUR: Duration = 60 * MINUTE
DAY: Duration = 24 * HOUR

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def iso(moment: Moment) -> str:
    """ISO 8601 with microseconds and a Z, e.g. 2026-08-21T12:00:01.000000Z."""
    return (_EPOCH + timedelta(microseconds=moment)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def utc_day(moment: Moment) -> int:
    """The number of the UTC day, counted from the epoch: the daily limits turn over with it."""
    return moment // DAY
