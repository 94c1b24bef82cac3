"""What the desk answers to who asked."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TypeAlias

import attrs

from petrosa_core.decision import Outcome, Reason
from petrosa_core.values import Moment, SignalId

Plain: TypeAlias = "bool | int | str | Decimal | Sequence[Plain] | Mapping[str, Plain] | None"


@attrs.frozen(kw_only=True)
class Arrival:
    """How a message came: its transport (``nats`` or ``http``), the transport's name for it, and whether it came before."""

    transport: str
    message_id: str
    received_at: Moment
    redelivered: bool = False
    subject: str = ""


@attrs.frozen(kw_only=True)
class Verdict:
    """The recorded answer to one message; it is durable when it is returned.

    ``signal_id`` is None for a malformed message. ``replayed`` says that it was answered from the record: ``original`` is then
    the verdict that stands there. ``trade_id`` is the trade that it caused or found. ``seq`` is the journal entry's number.
    """

    outcome: Outcome
    signal_id: SignalId | None
    reasons: tuple[Reason, ...] = ()
    seq: int
    at: Moment
    trade_id: SignalId | None = None
    replayed: bool = False
    original: Outcome | None = None


@attrs.frozen(kw_only=True)
class Done:
    """A control request was carried out and recorded. ``detail`` says what it will do or did."""

    detail: Mapping[str, Plain]


@attrs.frozen(kw_only=True)
class Refused:
    """A control request was refused: ``reason.code`` says why (NOT_FOUND, LAST_STOP, NOT_OPEN, ADMIN_REQUIRED, ...)."""

    reason: Reason
