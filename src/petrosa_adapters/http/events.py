"""GET /events: the journal as server-sent events, each under its number, so that a reader who was away can go on.

1. ``id`` is the journal entry's number, ``event`` its kind, ``data`` its body.
2. ``Last-Event-ID`` (or ``?after=``) resumes behind that number; without it the stream begins with what comes next.
3. A reader that does not take what it is sent is cut off; it resumes where it was.
4. A stopping server ends its streams at once.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from re import compile as pattern

from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.responses import Response

from petrosa_adapters.http.call import Call, unreadable
from petrosa_adapters.http.problem import Refusal
from petrosa_adapters.wire.plain_json import dumps
from petrosa_core.application.api import Event

PING_SECONDS = 15
SEND_TIMEOUT_SECONDS = 10
_SEQ = pattern("[0-9]{1,18}")


async def events(call: Call) -> Response:
    """The stream. Refusal: 422 for an id that is no number, 503 when there are too many readers."""
    after = _after(call)
    services = call.services
    if services.streams.count >= services.settings.streams_max:
        raise Refusal(status=503, code="TOO_MANY_STREAMS", detail="As many readers as are allowed are connected.")
    return EventSourceResponse(_told(call, after), ping=PING_SECONDS, send_timeout=SEND_TIMEOUT_SECONDS)


def _after(call: Call) -> int | None:
    text = call.request.headers.get("last-event-id") or call.asked("after")
    if text is None:
        return None
    if not _SEQ.fullmatch(text):
        raise unreadable("Last-Event-ID", "the number of a journal entry")
    return int(text)


async def _told(call: Call, after: int | None) -> AsyncIterator[ServerSentEvent]:
    with call.services.streams.one_more():
        async with aclosing(until(call.services.closing, call.services.engine.events(after))) as entries:
            async for entry in entries:
                data = dumps(entry.body).decode("ascii")
                yield ServerSentEvent(data=data, id=str(entry.seq), event=entry.kind)


async def until(closing: asyncio.Event, entries: AsyncIterator[Event]) -> AsyncGenerator[Event, None]:
    """The entries, until there are no more or the event is set."""
    closed = asyncio.ensure_future(closing.wait())
    coming: asyncio.Future[Event] | None = None
    try:
        while not closing.is_set():
            coming = asyncio.ensure_future(anext(entries))
            await asyncio.wait({coming, closed}, return_when=asyncio.FIRST_COMPLETED)
            if not coming.done():
                return
            try:
                entry = coming.result()
            except StopAsyncIteration:
                return
            yield entry
    finally:
        closed.cancel()
        if coming is not None and not coming.done():
            coming.cancel()
            await asyncio.wait({coming})
