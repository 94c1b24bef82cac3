"""Finding entries in the journal by their number: frames are numbered too, so a search by halves finds them."""

from petrosa_core.audit import decode
from petrosa_core.audit.entries import Entry, Payload
from petrosa_core.ports import Journal, Unavailable
from petrosa_core.values import SignalId

_READ_AT_ONCE = 200


async def entries_between(journal: Journal, first: int, last: int, head: int) -> list[tuple[int, Entry]]:
    """Entries numbered from ``first`` to ``last``, with their numbers; ``head`` is the newest frame's number.

    Empty when the store cannot be read.
    """
    found: list[tuple[int, Entry]] = []
    frame = await _frame_before(journal, first, head)
    while frame < head:
        frames = await journal.read(frame, _READ_AT_ONCE)
        if isinstance(frames, Unavailable) or not frames:
            break
        for stored in frames:
            payload = decode(stored.payload, Payload)
            if payload.seq > last:
                return found
            found.extend(
                (payload.seq + index, entry)
                for index, entry in enumerate(payload.entries)
                if first <= payload.seq + index <= last
            )
        frame = frames[-1].number
    return found


async def _frame_before(journal: Journal, seq: int, head: int) -> int:
    """The number of the frame before the one that holds the entry."""
    low, high = 1, head
    while low < high:
        middle = (low + high + 1) // 2
        frames = await journal.read(middle - 1, 1)
        if isinstance(frames, Unavailable) or not frames:
            return low - 1
        if decode(frames[0].payload, Payload).seq <= seq:
            low = middle
        else:
            high = middle - 1
    return low - 1


def is_about(entry: Entry, signal_id: SignalId) -> bool:
    """Whether an entry belongs to a signal's story."""
    named = getattr(entry, "signal_id", None)
    if named is None:
        signal = getattr(entry, "signal", None)
        named = None if signal is None else signal.signal_id
    return named == signal_id
