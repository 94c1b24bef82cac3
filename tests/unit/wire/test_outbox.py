"""The outbox: bounded, newest first kept, every loss counted."""

import asyncio

import pytest

from petrosa_adapters.wire.outbox import Outbox


async def test_the_oldest_goes_first_and_the_order_is_kept():
    """given room for three, when five are put in, then the last three come out in order and two are counted."""
    outbox: Outbox[int] = Outbox(3)
    for number in range(5):
        outbox.put(number)

    assert [await outbox.take() for _ in range(3)] == [2, 3, 4]
    assert outbox.lost == 2


async def test_what_could_not_be_sent_comes_first_again_unless_there_is_no_room():
    """given an item put back, then it is next; put back into a full outbox, it is the oldest and goes."""
    outbox: Outbox[int] = Outbox(2)
    outbox.put_back(1)
    outbox.put(2)
    outbox.put_back(0)

    assert (len(outbox), outbox.lost) == (2, 1)
    assert await outbox.take() == 1


async def test_taking_waits_for_something_to_come():
    """given an empty outbox, when something is put in, then the one who waits has it."""
    outbox: Outbox[int] = Outbox(1)
    waiting = asyncio.ensure_future(outbox.take())
    await asyncio.sleep(0)
    assert not waiting.done()
    outbox.put(1)

    assert await waiting == 1


def test_there_is_room_for_one_at_least():
    """given no room, then there is no outbox."""
    with pytest.raises(ValueError):
        Outbox(0)
