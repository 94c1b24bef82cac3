"""What every handler works with, wired once by ``create_app``."""

import asyncio
from collections.abc import Mapping
from typing import Protocol

import attrs

from petrosa_adapters.http.metrics import Metrics
from petrosa_adapters.http.settings import HttpSettings
from petrosa_adapters.http.streams import Streams
from petrosa_adapters.http.throttle import Failures, Throttle
from petrosa_core.application.api import EngineApi
from petrosa_core.ports import Clock
from petrosa_core.signal import Signal, Undecodable
from petrosa_core.values import Moment


class ReadSignal(Protocol):
    """The one codec of signals, whatever transport they come by (``petrosa_adapters.wire.signals.read_signal``)."""

    def __call__(
        self, body: bytes, *, received_at: Moment, headers: Mapping[str, str], fallback: str
    ) -> Signal | Undecodable:
        """The signal, or why it is none."""
        ...


@attrs.frozen(kw_only=True)
class Services:
    """The engine and the HTTP shell's own state.

    ``closing`` ends the event streams when the server stops; ``openapi`` is the
    served document, None where it is not served.
    """

    engine: EngineApi
    settings: HttpSettings
    clock: Clock
    read_signal: ReadSignal
    metrics: Metrics
    throttle: Throttle | None
    failures: Failures
    streams: Streams
    closing: asyncio.Event
    openapi: bytes | None
