"""What is to be told waits here: never more than there is room for, the newest kept, and every loss counted."""

import asyncio
from collections import deque
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Outbox(Generic[Item]):
    """A queue that never makes the one who puts something in wait."""

    def __init__(self, room: int) -> None:
        """Be empty. ``room`` is at least 1."""
        if room < 1:
            raise ValueError(f"room: at least 1, was {room}")
        self._items: deque[Item] = deque()
        self._room = room
        self._filled = asyncio.Event()
        self.lost = 0
        """How many had to go unsent."""

    def __len__(self) -> int:
        """How many are waiting."""
        return len(self._items)

    def put(self, item: Item) -> None:
        """Add the newest; when there is no room, the oldest goes."""
        if len(self._items) >= self._room:
            self._items.popleft()
            self.lost += 1
        self._items.append(item)
        self._filled.set()

    def put_back(self, item: Item) -> None:
        """Return what could not be sent to the front; when there is no room any more, it is the oldest, and goes."""
        if len(self._items) >= self._room:
            self.lost += 1
            return
        self._items.appendleft(item)
        self._filled.set()

    async def take(self) -> Item:
        """The oldest, as soon as there is one."""
        while not self._items:
            self._filled.clear()
            await self._filled.wait()
        return self._items.popleft()
