"""Tells those who wait: callers for one trade, and listeners to the stream of durable entries."""

from collections.abc import AsyncIterator, Sequence
from typing import cast

from petrosa_core.application.api import Event
from petrosa_core.audit import Head, decode, to_plain
from petrosa_core.audit.entries import Entry, Payload
from petrosa_core.desk import Plain
from petrosa_core.ports import Journal, Runtime, Signalled, Unavailable
from petrosa_core.values import SECOND, Duration, SignalId

_READ_AT_ONCE = 200


class Broadcast:
    """Waiting rooms. A listener that is slow reads the journal at its own pace; nothing is kept for it here."""

    def __init__(self, runtime: Runtime, journal: Journal) -> None:
        """Nobody waits yet."""
        self._runtime = runtime
        self._journal = journal
        self._waiters: dict[SignalId, set[Signalled]] = {}
        self._listeners: set[Signalled] = set()
        self._seq = 0
        self._head = 0

    def touch(self, signal_id: SignalId) -> None:
        """A trade changed: wake who waits for it."""
        for waiter in self._waiters.pop(signal_id, ()):
            waiter.set()

    async def changed(self, signal_id: SignalId, within: Duration) -> None:
        """Return when the trade changes, or when the time runs out."""
        flag = self._runtime.signalled()
        self._waiters.setdefault(signal_id, set()).add(flag)
        if not await self._runtime.first(flag.wait(), within=within):
            waiting = self._waiters.get(signal_id, set())
            waiting.discard(flag)
            if not waiting:
                self._waiters.pop(signal_id, None)

    def durable(self, first_seq: int, entries: Sequence[Entry], head: Head) -> None:
        """New entries stand: wake the listeners."""
        self._seq = first_seq + len(entries) - 1
        self._head = head.number
        for listener in self._listeners:
            listener.set()

    async def events(self, after: int | None) -> AsyncIterator[Event]:
        """Every durable entry behind ``after``, or from now on; ends never."""
        flag = self._runtime.signalled()
        self._listeners.add(flag)
        seen = self._seq if after is None else after
        frame = self._head if after is None else 0
        try:
            while True:
                flag.clear()
                frames = await self._journal.read(frame, _READ_AT_ONCE)
                if isinstance(frames, Unavailable):
                    await self._runtime.sleep(SECOND)
                    continue
                for stored in frames:
                    frame = stored.number
                    for event in _events(stored.payload):
                        if event.seq > seen:
                            seen = event.seq
                            yield event
                if len(frames) < _READ_AT_ONCE:
                    await flag.wait()
        finally:
            self._listeners.discard(flag)


def _events(data: bytes) -> list[Event]:
    payload = decode(data, Payload)
    return [
        Event(seq=payload.seq + index, kind=type(entry).__name__, body=cast("dict[str, Plain]", to_plain(entry)))
        for index, entry in enumerate(payload.entries)
    ]
