"""What JetStream says about a message that it delivers: it is all in the subject that the acknowledgement goes to.

Source: ADR-15 of the NATS architecture, both forms:
``$JS.ACK.<stream>.<consumer>.<delivered>.<stream seq>.<consumer seq>.<time>.<pending>`` and
``$JS.ACK.<domain>.<account hash>.<stream>.<consumer>.<delivered>.<stream seq>.<consumer seq>.<time>.<pending>[.<token>]``.
"""

import attrs

from petrosa_core.values import Moment


@attrs.frozen
class Delivery:
    """One delivery: the message's number in its stream, how often it has been delivered (from 1), when it was stored."""

    sequence: int
    count: int
    stored_at: Moment


def read_delivery(ack_subject: str) -> Delivery | None:
    """The delivery, or None when this is no acknowledgement subject: then the message is a status, or of another's making.

    A header cannot tell the two apart: anyone may publish a message with a ``Status`` header.
    """
    tokens = ack_subject.split(".")
    if tokens[:2] != ["$JS", "ACK"] or len(tokens) not in {9, 11, 12}:
        return None
    first = 4 if len(tokens) == 9 else 6
    count, sequence, _, nanoseconds = tokens[first : first + 4]
    return Delivery(sequence=int(sequence), count=int(count), stored_at=Moment(int(nanoseconds) // 1000))
