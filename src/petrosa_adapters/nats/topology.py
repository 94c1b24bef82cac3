"""The streams and the consumer that the intake needs: made where they are missing, corrected where they have drifted.

1. What the promises rest on is corrected: the subjects, room for large bodies (the server would refuse them unrecorded, and we
   want to refuse them on record), refusing what does not fit rather than dropping the oldest, and the consumer's patience.
2. What an operator may choose (replicas, age, size) is set when a stream is made and left alone afterwards.
3. What cannot be changed in place (storage, retention, a consumer's kind) is reported in ``drift``, or is a ``WrongTopology``
   when messages could be missed with it.
"""

from datetime import datetime

import attrs
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DiscardPolicy, RetentionPolicy, StorageType, StreamConfig
from nats.js.errors import NotFoundError

from petrosa_adapters.nats.subjects import signal_subjects
from petrosa_core.values import DAY, SECOND, Duration, Moment

DEAD_LETTER_SUBJECT = "signals.deadletter"
DUPLICATE_WINDOW = 120.0
"""Seconds in which the server itself drops a second message with the same Nats-Msg-Id."""


class WrongTopology(Exception):
    """A stream or consumer of our name exists that cannot do what we need; the message says what to change."""


@attrs.frozen(kw_only=True)
class IntakeSettings:
    """Where signals are taken from. ``subject`` is NATS_SIGNAL_SUBJECT; durations are in microseconds.

    ``in_flight_max`` bounds the messages being handled at once in this process. ``ack_wait`` is how long the server waits
    for a sign of life before it delivers again. ``age_max`` and ``bytes_max`` bound what a stream keeps.
    """

    subject: str = "signals.trading"
    stream: str = "PETROSA_SIGNALS"
    dead_letter_stream: str = "PETROSA_DEADLETTER"
    durable: str = "tradeengine"
    in_flight_max: int = attrs.field(default=64, validator=attrs.validators.ge(1))
    ack_wait: Duration = 30 * SECOND
    age_max: Duration = DAY
    bytes_max: int = 256 * 1024 * 1024
    replicas: int = 1


@attrs.frozen(kw_only=True)
class Topology:
    """What was found or made. ``stream_created`` tells one stream from a later one of the same name."""

    stream_created: Moment
    drift: tuple[str, ...] = ()


async def ensure(js: JetStreamContext, settings: IntakeSettings) -> Topology:
    """Make it so.

    Raises:
        WrongTopology: when it cannot be made so.
        nats.errors.Error: when the server cannot be asked, or has no JetStream.
    """
    subjects = signal_subjects(settings.subject)
    created, drift = await _stream(js, settings.stream, subjects, settings)
    _, more = await _stream(js, settings.dead_letter_stream, (DEAD_LETTER_SUBJECT,), settings)
    await _consumer(js, settings)
    return Topology(stream_created=created, drift=(*drift, *more))


async def _stream(
    js: JetStreamContext, name: str, subjects: tuple[str, ...], settings: IntakeSettings
) -> tuple[Moment, tuple[str, ...]]:
    try:
        info = await js.stream_info(name)
    except NotFoundError:
        info = await js.add_stream(
            StreamConfig(
                name=name,
                subjects=list(subjects),
                retention=RetentionPolicy.LIMITS,
                storage=StorageType.FILE,
                discard=DiscardPolicy.NEW,
                duplicate_window=DUPLICATE_WINDOW,
                max_age=settings.age_max / SECOND,
                max_bytes=settings.bytes_max,
                num_replicas=settings.replicas,
            )
        )
    config = info.config
    if config.mirror or config.sealed or config.no_ack:
        raise WrongTopology(
            f"stream {name}: it is a mirror, sealed or without acknowledgements; delete it or name another"
        )
    have = config.subjects or []
    lacking = [subject for subject in subjects if not _covered(subject, have)]
    if lacking or config.discard != DiscardPolicy.NEW or config.max_msg_size not in {None, -1}:
        kept = [subject for subject in have if not _covered(subject, lacking)]
        await js.update_stream(config.evolve(subjects=[*kept, *lacking], discard=DiscardPolicy.NEW, max_msg_size=-1))
    drift = [f"stream {name}: storage is {config.storage}, so a restart loses it"] if config.storage != "file" else []
    if config.retention != RetentionPolicy.LIMITS:
        drift.append(f"stream {name}: retention is {config.retention}, so nobody else can read what was taken")
    return _moment(info.created), tuple(drift)


async def _consumer(js: JetStreamContext, settings: IntakeSettings) -> None:
    wanted = {
        "ack_wait": settings.ack_wait / SECOND,
        "max_deliver": -1,
        "max_ack_pending": 4 * settings.in_flight_max,
    }
    try:
        config = (await js.consumer_info(settings.stream, settings.durable)).config
    except NotFoundError:
        config = ConsumerConfig(durable_name=settings.durable, ack_policy=AckPolicy.EXPLICIT)
    else:
        filtered = config.filter_subject or config.filter_subjects
        if config.ack_policy != AckPolicy.EXPLICIT or config.deliver_subject or config.headers_only or filtered:
            raise WrongTopology(
                f"consumer {settings.durable} of {settings.stream}: it must pull every subject, whole, with explicit "
                "acknowledgements; delete it or name another"
            )
        if not config.backoff and all(getattr(config, name) == value for name, value in wanted.items()):
            return
    await js.add_consumer(settings.stream, config.evolve(backoff=None, **wanted))


def _covered(subject: str, by: list[str]) -> bool:
    """Whether one of the patterns matches all that the subject (which may end in ``.>``) matches."""
    return any(_matches(subject.split("."), pattern.split(".")) for pattern in by)


def _matches(subject: list[str], pattern: list[str]) -> bool:
    if pattern[0] == ">":
        return True
    if subject[0] == ">" or pattern[0] not in {"*", subject[0]}:
        return False
    if len(subject) == 1 or len(pattern) == 1:
        return len(subject) == len(pattern)
    return _matches(subject[1:], pattern[1:])


def _moment(created: datetime | None) -> Moment:
    assert created is not None, "the server says when a stream was created"
    return Moment(round(created.timestamp() * SECOND))
