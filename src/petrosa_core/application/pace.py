"""How often the engine looks up from its work, and how long it lets others wait."""

import attrs

from petrosa_core.values import HOUR, MILLISECOND, SECOND, Duration


@attrs.frozen(kw_only=True)
class Pace:
    """How often the engine looks up from its work, in microseconds."""

    tick: Duration = 200 * MILLISECOND
    tail: Duration = 500 * MILLISECOND
    reconcile: Duration = 30 * SECOND
    instruments: Duration = HOUR
    anchor: Duration = 60 * SECOND
    answer: Duration = 10 * SECOND
    """How long a caller waits for its verdict to become durable."""
    fill_grace: Duration = 300 * MILLISECOND
    """How long an accepted entry may take to fill before it is answered as resting."""
