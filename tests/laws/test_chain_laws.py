"""Laws of the hash chain; each is held against the engine's own check and against the auditor's, which must agree."""

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.laws.chains import ACCOUNT, a_journal, chain, forged_whole, row, standalone, tampered

from petrosa_core.audit import GENESIS, Broken, Frame, Head, Verified, frame_line, frame_of, verify

AUDITOR = standalone()
JOURNALS = st.integers(2, 9).map(a_journal)


def verdicts(frames: list[Frame], anchor: Head | None) -> tuple[Verified | Broken, tuple[int, str] | int]:
    """What the engine says, and what the auditor says: a head, or the number of the first bad frame."""
    pair = None if anchor is None else (anchor.number, anchor.hash)
    try:
        theirs = AUDITOR.verify(map(row, frames), pair)
    except AUDITOR.Broken as broken:
        theirs = broken.number
    return verify(frames, anchor), theirs


@settings(max_examples=1_000)
@given(st.data())
def test_law_every_tampering_is_found(data):
    """One frame flipped, removed, inserted, repeated or moved: found from inside, and both name the same frame."""
    frames = data.draw(JOURNALS)
    ours, theirs = verdicts(data.draw(tampered(frames)), None)

    assert isinstance(ours, Broken)
    assert ours.number == theirs


@given(st.data())
def test_law_a_whole_forgery_is_found_with_the_anchor_alone(data):
    """A cut tail or a rewritten chain is sound from inside, and refuted by the head that was kept elsewhere."""
    frames = data.draw(JOURNALS)
    forged = data.draw(forged_whole(frames))

    inside, _ = verdicts(forged, None)
    ours, theirs = verdicts(forged, frames[-1].head)

    assert isinstance(inside, Verified)
    assert isinstance(ours, Broken)
    assert ours.number == theirs


@given(st.lists(st.binary(max_size=20), max_size=8), st.data())
def test_law_what_was_written_is_sound(payloads, data):
    """Whatever the payloads are, a sealed chain verifies, against each of its own heads too."""
    frames = chain(*payloads)
    head = frames[-1].head if frames else GENESIS
    anchor = data.draw(st.sampled_from([None, GENESIS, *(frame.head for frame in frames)]))

    assert verdicts(frames, anchor) == (Verified(head), (head.number, head.hash))


@given(st.data())
def test_law_a_journal_may_be_verified_in_parts(data):
    """Verifying the head and then the tail is verifying the whole."""
    frames = data.draw(JOURNALS)
    cut = data.draw(st.integers(0, len(frames)))

    first = verify(frames[:cut], account=ACCOUNT)
    assert isinstance(first, Verified)

    assert verify(frames[cut:], after=first.head, account=ACCOUNT) == verify(frames)


@given(st.lists(st.binary(max_size=20), max_size=4))
def test_law_an_exported_frame_is_the_same_frame(payloads):
    """A frame that goes out as a line comes back byte for byte, text or not."""
    frames = chain(*payloads)

    assert [frame_of(frame_line(frame)) for frame in frames] == frames
