"""Contract of Journal: J1 to J10, over every adapter that claims to be one."""

import asyncio
from collections.abc import AsyncIterator

import attrs
import pytest
from tests.contract.shelves import ACCOUNT, MemoryShelf, Shelf, SqliteShelf, frames_after, some_frames, whole

from petrosa_core.audit import GENESIS, Frame, Head, Verified, seal, verify
from petrosa_core.ports import Appended, Conflict, Journal, JournalMismatch, SnapshotRecord, Unavailable
from petrosa_core.values import AccountId, Market, Mode


@pytest.fixture(params=["memory", "sqlite"])
async def shelf(request, tmp_path) -> AsyncIterator[Shelf]:
    """Everything that claims to hold a Journal."""
    shelf: Shelf = MemoryShelf() if request.param == "memory" else SqliteShelf(tmp_path / "journal.db")
    yield shelf
    await shelf.close()


@pytest.fixture
async def journal(shelf: Shelf) -> Journal:
    """An empty journal."""
    return await shelf.journal()


async def appended(journal: Journal, count: int) -> list[Frame]:
    """Frames that stand in the journal."""
    frames = some_frames(count)
    for frame in frames:
        assert await journal.append(frame) == Appended(frame.head)
    return frames


def a_snapshot(head: Head, state: bytes = b"{}") -> SnapshotRecord:
    """A book folded up to the head."""
    return SnapshotRecord(head=head, fold_version=1, digest="d", state=state)


async def test_j1_what_is_appended_is_there_for_whoever_opens_it(shelf: Shelf, journal: Journal):
    """Given an empty journal, when frames are Appended, then a new opener finds them and the head is the last."""
    assert await journal.head() == GENESIS

    frames = await appended(journal, 3)

    other = await shelf.journal()
    assert await other.head() == frames[-1].head
    assert await whole(other) == frames


async def test_j2_a_taken_number_is_a_conflict(journal: Journal):
    """Given a frame at 2, when a rival seals its own 2 on the same head, then it is told the head and nothing changes."""
    frames = await appended(journal, 2)
    rival = seal(ACCOUNT, frames[0].head, "rival", b'{"entry":1}')

    assert await journal.append(rival) == Conflict(frames[1].head)
    assert await whole(journal) == frames


@pytest.mark.parametrize("head", [Head(1, "f" * 64), Head(2, "f" * 64), Head(-1, "0" * 64)])
async def test_j2_a_frame_on_another_head_is_a_conflict(journal: Journal, head: Head):
    """Given two frames, when one is sealed on a head that never was, then nothing is left out or grafted on."""
    frames = await appended(journal, 2)

    assert await journal.append(seal(ACCOUNT, head, "n", b"{}")) == Conflict(frames[1].head)
    assert await whole(journal) == frames


async def test_j2_a_frame_that_leaves_a_gap_cannot_stand_yet(journal: Journal):
    """Given two frames, when the fourth comes before the third, then it is Unavailable, and Appended once the third stands."""
    frames = some_frames(4)
    await asyncio.gather(*map(journal.append, frames[:2]))

    assert isinstance(await journal.append(frames[3]), Unavailable)
    assert await whole(journal) == frames[:2]
    assert await journal.append(frames[2]) == Appended(frames[2].head)
    assert await journal.append(frames[3]) == Appended(frames[3].head)


async def test_j3_a_frame_issued_again_stands_once(journal: Journal):
    """Given frames that stand, when each is issued again, then it is Appended, and stands once."""
    frames = await appended(journal, 3)

    for frame in frames:
        assert await journal.append(frame) == Appended(frame.head)
    assert await whole(journal) == frames


async def test_j3_the_same_nonce_with_another_payload_is_not_the_same_frame(journal: Journal):
    """Given frame 1, when a writer that reuses its nonce says something else there, then it is a Conflict."""
    (frame,) = await appended(journal, 1)

    assert await journal.append(seal(ACCOUNT, GENESIS, frame.nonce, b"{}")) == Conflict(frame.head)


async def test_j4_of_rivals_at_one_number_one_wins(shelf: Shelf):
    """Given several openers, when all append at the same number, again and again, then each number has one winner."""
    journals = [await shelf.journal() for _ in range(3)]
    head = GENESIS
    for lap in range(10):
        rivals = [seal(ACCOUNT, head, f"{lap}-{number}", b"{}") for number in range(12)]
        outcomes = await asyncio.gather(*(journals[number % 3].append(rival) for number, rival in enumerate(rivals)))

        winners = [outcome for outcome in outcomes if isinstance(outcome, Appended)]
        assert len(winners) == 1
        head = winners[0].head
        assert {outcome for outcome in outcomes if not isinstance(outcome, Appended)} == {Conflict(head)}
    assert verify(await whole(journals[0])) == Verified(head)


async def test_j4_a_speculative_run_is_appended_in_order(journal: Journal):
    """Given frames sealed on one another before the first is durable, when all are appended at once, then all stand."""
    frames = some_frames(50)

    outcomes = await asyncio.gather(*map(journal.append, frames))

    assert outcomes == [Appended(frame.head) for frame in frames]
    assert await whole(journal) == frames


async def test_j5_frames_are_read_in_order_a_page_at_a_time(journal: Journal):
    """Given seven frames, then pages of any length follow one another without gap or repeat, and the last is empty."""
    frames = await appended(journal, 7)

    assert await journal.read(0, 3) == tuple(frames[:3])
    assert await journal.read(3, 3) == tuple(frames[3:6])
    assert await journal.read(6, 3) == tuple(frames[6:])
    assert await journal.read(7, 3) == ()
    assert await journal.read(0, 0) == ()


@pytest.mark.parametrize("payload", [b"", b"\x00\xff\xfe", "é😀\u2028".encode(), b'{"a":1}' * 20_000])
async def test_j5_payloads_are_kept_byte_for_byte(journal: Journal, payload: bytes):
    """Given any bytes as a payload, then the same bytes are read."""
    (frame,) = frames_after(GENESIS, payload)
    await journal.append(frame)

    assert await whole(journal) == [frame]


async def test_j6_frames_are_whole_or_absent_when_the_writer_is_killed(shelf: Shelf):
    """Given a writer that is killed in the middle, then the chain is sound, and every frame that it was told of stands."""
    told = await shelf.killed_while_appending()

    frames = await whole(await shelf.journal())
    assert told
    assert isinstance(verify(frames), Verified)
    assert {head.number: head.hash for head in told}.items() <= {frame.number: frame.hash for frame in frames}.items()


async def test_j6_a_journal_goes_on_after_its_writer_was_killed(shelf: Shelf):
    """Given a writer that was killed, when another opens the journal, then it appends behind the last whole frame."""
    await shelf.killed_while_appending()
    journal = await shelf.journal()
    head = await journal.head()
    assert isinstance(head, Head)

    assert isinstance(await journal.append(seal(ACCOUNT, head, "next", b"{}")), Appended)


async def test_j7_a_store_that_cannot_write_says_so_and_recovers_by_itself(shelf: Shelf, journal: Journal):
    """Given a store that cannot write, then it is Unavailable and reading goes on; once it can, the same frame is Appended."""
    frames = some_frames(3)
    await journal.append(frames[0])

    with shelf.out_of_order():
        outcomes = [await journal.append(frames[1]) for _ in range(3)]
        read = await journal.read(0, 10)
        saved = await journal.save_snapshot(a_snapshot(frames[0].head))

    assert [type(outcome) for outcome in outcomes] == [Unavailable] * 3
    assert read == (frames[0],)
    assert saved is False
    assert await journal.append(frames[1]) == Appended(frames[1].head)
    assert await journal.append(frames[2]) == Appended(frames[2].head)
    assert await whole(journal) == frames


async def test_j7_one_bad_moment_fails_every_append_of_it_and_none_of_the_next(shelf: Shelf, journal: Journal):
    """Given many appends at once on a store that cannot write, then each is Unavailable, and each works when issued again."""
    frames = some_frames(20)

    with shelf.out_of_order():
        outcomes = await asyncio.gather(*map(journal.append, frames))
    again = await asyncio.gather(*map(journal.append, frames))

    assert {type(outcome) for outcome in outcomes} == {Unavailable}
    assert again == [Appended(frame.head) for frame in frames]


@pytest.mark.parametrize(
    "other",
    [{"account": AccountId("other")}, {"market": Market.SPOT}, {"mode": Mode.LIVE}],
    ids=["account", "market", "mode"],
)
async def test_j8_a_journal_is_not_opened_under_another_stamp(shelf: Shelf, journal: Journal, other: dict[str, str]):
    """Given a journal, when it is opened for another account, market or mode, then it is refused and both are named."""
    with pytest.raises(JournalMismatch) as refused:
        await shelf.journal(**other)  # type: ignore[arg-type]

    message = str(refused.value)
    assert "account 'default', market usdm, mode simulation" in message
    assert next(iter(other.values())) in message


async def test_j8_a_frame_of_another_account_is_a_mistake(journal: Journal):
    """Given a frame that was sealed for another account, then it is refused loudly: no writer may do that."""
    with pytest.raises(ValueError, match="other"):
        await journal.append(seal(AccountId("other"), GENESIS, "n", b"{}"))


async def test_j9_the_newest_snapshot_is_returned_whole(journal: Journal):
    """Given snapshots at several heads, in any order, then the newest comes back, byte for byte."""
    frames = await appended(journal, 4)
    assert await journal.latest_snapshot() is None
    for at in (1, 3, 2):
        assert await journal.save_snapshot(a_snapshot(frames[at].head, b"\x00%d" % at))

    assert await journal.latest_snapshot() == a_snapshot(frames[3].head, b"\x003")


async def test_j9_a_snapshot_of_the_same_head_is_replaced(journal: Journal):
    """Given a snapshot by an older fold, when a newer fold saves at the same head, then the newer one is returned."""
    (frame,) = await appended(journal, 1)
    await journal.save_snapshot(a_snapshot(frame.head))
    newer = attrs.evolve(a_snapshot(frame.head), fold_version=2, state=b"newer")
    await journal.save_snapshot(newer)

    assert await journal.latest_snapshot() == newer


async def test_j9_a_snapshot_that_does_not_fit_is_not_returned(shelf: Shelf, journal: Journal):
    """Given the newest snapshot's head is not the journal's, then the one before it is returned."""
    frames = await appended(journal, 3)
    await journal.save_snapshot(a_snapshot(frames[0].head))
    await journal.save_snapshot(a_snapshot(frames[2].head))
    shelf.spoil_snapshots()

    assert await journal.latest_snapshot() == a_snapshot(frames[0].head)


async def test_j10_many_writers_in_many_processes_make_one_chain(shelf: Shelf):
    """Given several processes that append and step again on Conflict, then every frame they were told of stands, once."""
    journal = await shelf.journal()
    told = await shelf.crowd(writers=3, count=10)

    frames = await whole(journal)
    assert isinstance(verify(frames), Verified)
    assert sorted(told, key=lambda head: head.number) == [frame.head for frame in frames]


async def test_j10_readers_see_a_sound_prefix_while_others_write(shelf: Shelf):
    """Given a reader of its own, when it reads between the appends of a writer, then it always sees a sound chain."""
    writer, reader = await shelf.journal(), await shelf.journal()
    frames = some_frames(40)
    seen: list[int] = []

    async def reads() -> None:
        while len(seen) == 0 or seen[-1] < len(frames):
            prefix = await whole(reader)
            assert prefix == frames[: len(prefix)]
            seen.append(len(prefix))

    async def writes() -> None:
        for frame in frames:
            await writer.append(frame)

    await asyncio.gather(reads(), writes())
    assert seen == sorted(seen)
