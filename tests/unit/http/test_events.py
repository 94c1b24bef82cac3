"""The event stream's one piece of logic: it ends with the entries, or with the server, whichever is first."""

import asyncio
from collections.abc import AsyncIterator

from petrosa_adapters.http.events import until
from petrosa_core.application.api import Event


def entry(seq: int) -> Event:
    """One entry."""
    return Event(seq=seq, kind="Reported", body={})


async def finite(*, closed: list[str]) -> AsyncIterator[Event]:
    """Two entries, and then no more."""
    try:
        yield entry(1)
        yield entry(2)
    finally:
        closed.append("entries")


async def never() -> AsyncIterator[Event]:
    """One entry, and then silence."""
    yield entry(1)
    await asyncio.Event().wait()


async def test_it_ends_when_there_are_no_more_entries():
    """given entries that end, when they are told, then all of them come, and the stream ends."""
    closed: list[str] = []

    assert [each.seq async for each in until(asyncio.Event(), finite(closed=closed))] == [1, 2]
    assert closed == ["entries"]


async def test_it_ends_when_the_server_stops():
    """given a reader that waits in silence, when the server stops, then the stream ends, and nothing is left running."""
    closing, before = asyncio.Event(), asyncio.all_tasks()
    seen = []
    async with asyncio.timeout(1):
        async for each in until(closing, never()):
            seen.append(each.seq)
            asyncio.get_running_loop().call_soon(closing.set)

    await asyncio.sleep(0)
    assert seen == [1]
    assert asyncio.all_tasks() == before


async def test_a_server_that_has_stopped_tells_nothing():
    """given a server that stops, when somebody still asks, then no entry is told."""
    closing = asyncio.Event()
    closing.set()

    assert [each async for each in until(closing, never())] == []
