"""Signals in and news out over NATS; a server of our own where there is none."""

from petrosa_adapters.nats.intake import JetStreamIntake
from petrosa_adapters.nats.link import NatsLink
from petrosa_adapters.nats.notifier import NatsNotifier
from petrosa_adapters.nats.server import EmbeddedNatsServer, NatsServerFailed
from petrosa_adapters.nats.subjects import escape, signal_subjects, unescape
from petrosa_adapters.nats.topology import IntakeSettings

__all__ = [
    "EmbeddedNatsServer",
    "IntakeSettings",
    "JetStreamIntake",
    "NatsLink",
    "NatsNotifier",
    "NatsServerFailed",
    "escape",
    "signal_subjects",
    "unescape",
]
