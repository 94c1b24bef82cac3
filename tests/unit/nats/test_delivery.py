"""What JetStream says in an acknowledgement's subject."""

import pytest

from petrosa_adapters.nats.delivery import Delivery, read_delivery


@pytest.mark.parametrize(
    "subject",
    [
        "$JS.ACK.PETROSA_SIGNALS.tradeengine.3.42.50.1787313600418231999.7",
        "$JS.ACK._.ACCHASH.PETROSA_SIGNALS.tradeengine.3.42.50.1787313600418231999.7",
        "$JS.ACK.hub.ACCHASH.PETROSA_SIGNALS.tradeengine.3.42.50.1787313600418231999.7.random",
    ],
)
def test_both_forms_are_read(subject: str):
    """given the short form, or the one with a domain, then sequence, count and time are found, to the microsecond."""
    assert read_delivery(subject) == Delivery(sequence=42, count=3, stored_at=1_787_313_600_418_231)  # type: ignore[arg-type]


@pytest.mark.parametrize("subject", ["", "_INBOX.abc.1", "$JS.ACK", "$JS.API.CONSUMER.MSG.NEXT.s.c", "$JS.ACK.a.b.c"])
def test_anything_else_is_no_delivery(subject: str):
    """given another subject, then the message is not one of the stream's."""
    assert read_delivery(subject) is None
