"""How many readers are connected to the event stream."""

from collections.abc import Iterator
from contextlib import contextmanager

import attrs


@attrs.define
class Streams:
    """The open event streams of one server."""

    count: int = 0

    @contextmanager
    def one_more(self) -> Iterator[None]:
        """Count a stream for as long as it is open."""
        self.count += 1
        try:
            yield
        finally:
            self.count -= 1
