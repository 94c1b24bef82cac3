"""What can go wrong between an engine and its exchange, as plain hooks that a test sets. By default nothing does."""

from collections.abc import Callable, Sequence

import attrs

from petrosa_core.execution import Rejected
from petrosa_core.order import Submission
from petrosa_core.ports import VenueEvent
from petrosa_core.values import ClientOrderId, Duration


@attrs.frozen(kw_only=True)
class Fate:
    """What happens to one request, in this order; durations are microseconds.

    ``delay`` on the way there; ``lost`` before it arrives; ``refused`` at the door, without being looked at; executed, but
    ``unanswered``; ``answer_delay`` on the way back (events do not wait for it: a fill may be heard before the answer).
    """

    delay: Duration = 0
    lost: bool = False
    refused: Rejected | None = None
    unanswered: bool = False
    answer_delay: Duration = 0


FINE = Fate()
"""The request arrives, and so does its answer."""


def _fine(_request: object) -> Fate:
    return FINE


def _unchanged(events: Sequence[VenueEvent]) -> Sequence[VenueEvent]:
    return events


@attrs.define(kw_only=True)
class Faults:
    """Hooks, each asked once per request, or per batch of events.

    ``on_submit`` and ``on_cancel`` decide the fate of a request; ``on_read`` of a ``find``, ``snapshot`` or ``instruments``,
    by that name (a read that is lost or unanswered is unreadable; it cannot be refused). ``on_events`` may drop, repeat or
    reorder what one input caused. ``find_lag`` is how long a new order stays invisible to ``find``. While ``hold_events`` is
    set nothing is delivered; ``PaperVenue.release_events`` delivers it, in order.
    """

    on_submit: Callable[[Submission], Fate] = _fine
    on_cancel: Callable[[ClientOrderId], Fate] = _fine
    on_read: Callable[[str], Fate] = _fine
    on_events: Callable[[Sequence[VenueEvent]], Sequence[VenueEvent]] = _unchanged
    find_lag: Duration = 0
    hold_events: bool = False
