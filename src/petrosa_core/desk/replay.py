"""Judge every signal of a journal once more, and say where the verdict is another one.

The record of a signal holds what it was judged with besides the book; the book is the fold of everything before it. So the
same build under the same settings comes to the same verdict, byte for byte; where it does not, one of them has changed.
"""

from collections.abc import Iterable, Iterator

import attrs

from petrosa_core.audit import encode
from petrosa_core.audit.entries import Payload, SignalJudged
from petrosa_core.desk.answers import Arrival
from petrosa_core.desk.book import Book
from petrosa_core.desk.fold import apply
from petrosa_core.desk.inputs import SignalArrived
from petrosa_core.desk.react import step
from petrosa_core.desk.step import Rules
from petrosa_core.values import SignalId


@attrs.frozen(kw_only=True)
class Difference:
    """One signal that would be judged otherwise now: the entry's number, and both verdicts as canonical JSON."""

    seq: int
    signal_id: SignalId
    recorded: bytes
    replayed: bytes


def replay(payloads: Iterable[Payload], rules: Rules) -> Iterator[Difference]:
    """Fold a journal from its first frame, and judge each signal again from the book before it."""
    book = Book()
    for payload in payloads:
        for seq, entry in enumerate(payload.entries, start=payload.seq):
            if isinstance(entry, SignalJudged):
                recorded, replayed = encode(entry), encode(_judged_again(book, entry, rules))
                if recorded != replayed:
                    yield Difference(seq=seq, signal_id=entry.signal.signal_id, recorded=recorded, replayed=replayed)
            apply(book, entry)
            book.undo.keep(len(book.undo))


def _judged_again(book: Book, entry: SignalJudged, rules: Rules) -> SignalJudged | None:
    """What this signal would be judged now; the book is left as it was. None when it would be no news."""
    arrival = Arrival(transport=entry.transport, message_id=entry.message_id, received_at=entry.received_at)
    given = SignalArrived(
        signal=entry.signal, arrival=arrival, quote=entry.quote, unhealthy=entry.unhealthy, at=entry.at, stamp=entry.at
    )
    stepped = step(book, given, rules)
    book.undo.undo()
    return next((again for again in stepped.entries if isinstance(again, SignalJudged)), None)
