"""The follower's log is the journal's, whatever fails while it is made."""

from decimal import Decimal

import attrs
import pytest
from tests.support.desk import ACCOUNT, Desk
from tests.unit.application.test_writer import loud

from petrosa_adapters.memory import MemoryAuditLog, MemoryJournal, MemoryStore
from petrosa_adapters.system import VirtualRuntime, run
from petrosa_core.application.follower import Follower
from petrosa_core.audit import GENESIS, encode, seal
from petrosa_core.audit.entries import Entry, EntryIntended, Payload
from petrosa_core.desk import Book, apply
from petrosa_core.desk.book import ENDED_KEPT
from petrosa_core.desk.snapshot import book_digest, book_of, state_of
from petrosa_core.values import MINUTE, Market, Mode, Ratio

DENIED = 5
TRADES = 7
APART = 500
"""Seconds between two signals: no limit of a day is reached."""


@attrs.define
class Sky:
    """Fails an operation from its n-th time on, for so many times; ``served`` counts all that were asked."""

    operation: str = ""
    first: int = 1
    times: int = 1
    served: int = 0

    async def __call__(self, operation: str, *, applied: bool) -> bool:
        """Fail it, if it is due."""
        if applied or operation != self.operation:
            return False
        self.served += 1
        return self.first <= self.served < self.first + self.times


def a_story(trades: int) -> list[Entry]:
    """So many trades whose entries were refused, and some denials."""
    desk = Desk()
    for number in range(trades):
        desk.wait(APART).signal(f"s-{number}")
        desk.refused("e1")
    for number in range(DENIED):
        desk.wait(APART).signal(f"d-{number}", confidence=Ratio("0.1"))
    return desk.entries


def a_store(entries: list[Entry], per_frame: int) -> MemoryStore:
    """The journal of it, with so many entries to a frame; a verdict and its write-ahead are never parted."""
    store, head, start = MemoryStore(), GENESIS, 0
    while start < len(entries):
        end = start + per_frame
        end += end < len(entries) and isinstance(entries[end], EntryIntended)
        payload = Payload(seq=start + 1, entries=tuple(entries[start:end]))
        frame = seal(ACCOUNT, head, "r1", encode(payload))
        store.frames.append(frame)
        head, start = frame.head, end
    return store


def a_follower_of(store: MemoryStore, sky: Sky | None = None, book: Book | None = None) -> Follower:
    """It begins at the book's end, or at the very beginning."""
    return Follower(
        journal=MemoryJournal(store, account=ACCOUNT, market=Market.USDM, mode=Mode.SIMULATION, weather=sky or Sky()),
        audit_log=MemoryAuditLog(store),
        runtime=VirtualRuntime(loud),
        book=book or Book(),
        head=store.head if book else GENESIS,
    )


def folded(entries: list[Entry]) -> Book:
    """The book that they come to."""
    book = Book()
    for entry in entries:
        apply(book, entry)
    book.undo.keep(len(book.undo))
    return book


async def follow_for_a_while(follower: Follower) -> None:
    """As long as anything may take to be tried again."""
    runtime = follower._runtime
    runtime.spawn("follower", follower.run())
    await runtime.sleep(MINUTE)


def _exposed(book: Book) -> dict[str, Decimal]:
    return {symbol: exposure for symbol, exposure in book.symbol_exposure.items() if exposure}


@pytest.mark.parametrize("per_frame", [1, 50, 5_000])
def test_a_log_made_anew_has_a_document_of_every_signal(per_frame: int):
    """given more trades than a book keeps at hand, when the log is made anew, then none is left out."""
    trades = ENDED_KEPT + 130 if per_frame < 5_000 else TRADES
    store = a_store(a_story(trades), per_frame)

    assert run(a_follower_of(store).rebuild())

    assert len(store.documents) == trades + DENIED


@pytest.mark.parametrize("failing", [1, 2, 3])
def test_a_log_that_could_not_be_made_whole_is_not_called_made(failing: int):
    """given a journal that cannot be read for once, when the log is made anew, then that is said, or it is whole."""
    store = a_store(a_story(TRADES), 1)
    sky = Sky("read", first=failing)

    made = run(a_follower_of(store, sky).rebuild())

    assert made == (len(store.documents) == TRADES + DENIED)


@pytest.mark.parametrize("failing", range(1, 9))
def test_a_backlog_that_was_read_in_part_is_read_again(failing: int):
    """given a log behind its book, when a reading of the backlog fails, then no document is missing in the end."""
    entries = a_story(TRADES)
    store = a_store(entries, 3)
    follower = a_follower_of(store, Sky("read", first=failing), folded(entries))

    run(follow_for_a_while(follower))

    assert len(store.documents) == TRADES + DENIED
    assert store.checkpoint == len(entries)


def test_a_log_that_was_followed_is_the_log_made_anew():
    """given a journal, when one follower comes from the beginning and another makes all anew, then both logs are equal."""
    entries = a_story(TRADES)
    followed, rebuilt = a_store(entries, 2), a_store(entries, 2)

    run(follow_for_a_while(a_follower_of(followed)))
    run(a_follower_of(rebuilt).rebuild())

    assert followed.documents == rebuilt.documents


def test_a_start_from_a_snapshot_is_a_start_from_the_whole_journal():
    """given snapshots at every frame, when the rest is folded onto any of them, then the book is the same one."""
    entries = a_story(TRADES)
    whole = folded(entries)
    for cut in range(len(entries)):
        so_far = folded(entries[:cut])
        if not all(trade.orders for trade in so_far.trades.values()):
            continue  # between a verdict and its write-ahead: no frame ends there
        book = book_of(state_of(so_far))
        for entry in entries[cut:]:
            apply(book, entry)
        assert book_digest(book) == book_digest(whole)
        assert _exposed(book) == _exposed(whole)
        assert book.unknown == whole.unknown
