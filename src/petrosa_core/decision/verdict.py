"""What becomes of a message: a verdict from a closed set, and every reason behind it."""

import attrs

from petrosa_core.values import Word


class Outcome(Word):
    """The intake's verdict on one message, written once."""

    ACCEPTED = "accepted"
    DENIED = "denied"
    HELD = "held"
    MALFORMED = "malformed"
    DUPLICATE = "duplicate"
    CLOSING = "closing"
    NOTHING_TO_CLOSE = "nothing-to-close"


@attrs.frozen(kw_only=True)
class Reason:
    """Why not, as it is recorded and answered: a stable code, a sentence, the measured value and the limit, as text."""

    code: str
    message: str
    value: str | None = None
    limit: str | None = None
