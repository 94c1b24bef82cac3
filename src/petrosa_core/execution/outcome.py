"""What a venue said to a request: yes, no, or nothing.

Refused and unknown are never the same thing: a refused order may be thought about again, an unanswered one may be live.
"""

from typing import TypeAlias

import attrs

from petrosa_core.values import Moment, Word


@attrs.frozen(kw_only=True)
class Accepted:
    """The venue has the order. It says nothing about fills; those come as reports. ``venue_order_ids`` by leg order."""

    venue_order_id: str
    at: Moment


@attrs.frozen(kw_only=True)
class Rejected:
    """The venue has refused it for certain: it never rested and never will. ``code`` is the venue's, verbatim."""

    code: int
    message: str
    at: Moment
    duplicate: bool = False
    """The venue holds an open order under this very client id: an earlier send arrived."""
    would_trigger: bool = False
    """The trigger price is already through (Binance -2021): the position must be closed now."""
    retryable: bool = False
    """The same exit may be sent again (throttled, clock, internal error that surely failed). Never used for entries."""


@attrs.frozen(kw_only=True)
class Unanswered:
    """No answer that can be believed: it may have been executed. ``why`` is for people."""

    why: str
    at: Moment


SubmitOutcome: TypeAlias = Accepted | Rejected | Unanswered


class Cancellation(Word):
    """What a venue said to a cancel."""

    DONE = "done"
    """It is cancelled; the report with its final executed quantity follows or can be read."""
    GONE = "gone"
    """There was nothing open under that id: filled, cancelled before, or never there. Read it."""
    UNANSWERED = "unanswered"
