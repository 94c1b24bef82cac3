"""What verification says of a journal, in words."""

from collections.abc import Iterator

import attrs
import pytest
from tests.laws.chains import ACCOUNT, a_journal

from petrosa_core.audit import GENESIS, Broken, Frame, Head, Verified, frame_hash, seal, verify
from petrosa_core.values import AccountId

FIVE = a_journal(5)


def test_a_sound_journal_names_its_head():
    """Given five frames as they were sealed, then the fifth is the verified head."""
    assert verify(FIVE) == Verified(FIVE[-1].head)


def test_an_empty_journal_is_sound():
    """Nothing written is nothing broken; only an anchor can say that something should be there."""
    assert verify([]) == Verified(GENESIS)
    assert verify([], FIVE[0].head) == Broken(1, "missing: the journal ends here, but frame 1 was anchored")


def test_a_removed_frame_is_named():
    """Given frame 3 is gone, then 3 is the number that is reported."""
    assert verify(FIVE[:2] + FIVE[3:]) == Broken(3, "missing: frame 4 follows frame 2")


def test_an_altered_frame_is_named():
    """Given one byte of frame 2 differs, then 2 is the number that is reported."""
    altered = attrs.evolve(FIVE[1], payload=b"{}")

    assert verify([FIVE[0], altered, *FIVE[2:]]) == Broken(2, "altered: its content does not have its hash")


def test_an_exchanged_frame_shows_in_its_successor():
    """Given frame 2 was replaced and its hash made to fit, then 3 no longer continues it."""
    exchanged = seal(ACCOUNT, FIVE[0].head, "forged", b"{}")

    assert verify([FIVE[0], exchanged, *FIVE[2:]]) == Broken(
        3, "does not continue frame 2: one of the two was exchanged"
    )


def test_a_frame_of_another_account_is_named():
    """Given a frame that was sealed for another account, then it is refused although its hash is right."""
    foreign = seal(AccountId("other"), FIVE[1].head, "n", b"{}")

    assert verify([*FIVE[:2], foreign]) == Broken(3, "belongs to account 'other', the journal to 'default'")
    assert verify(FIVE, account=AccountId("other")) == Broken(1, "belongs to account 'default', the journal to 'other'")


def test_a_rewritten_chain_is_refuted_where_it_was_anchored():
    """Given an anchor in the middle, then the reading ends there: what follows a forged frame is worth nothing."""
    assert verify(FIVE, Head(3, "f" * 64)) == Broken(3, "rewritten: another frame was anchored at this number")


def test_an_anchor_before_the_reading_is_a_mistake():
    """What is read cannot confirm an older anchor, so it is not passed over in silence."""
    with pytest.raises(ValueError, match="anchor"):
        verify(FIVE[3:], FIVE[0].head, after=FIVE[2].head)


def test_verification_holds_one_frame_at_a_time():
    """Given frames that come one by one, then each is judged before the next is asked for."""
    asked: list[int] = []

    def frames() -> Iterator[Frame]:
        for frame in [FIVE[0], attrs.evolve(FIVE[1], nonce="x"), *FIVE[2:]]:
            asked.append(frame.number)
            yield frame

    verify(frames())

    assert asked == [1, 2]


def test_the_hash_is_as_documented():
    """The header's lines and the payload, under SHA-256: this number is what auditors elsewhere compute."""
    assert (
        frame_hash("default", 1, "0" * 64, "n", b"{}")
        == "e74a7ed1813f73c29b88441d4b3c9b7cdc40c7e6cc87f59a46dee7e767633d99"
    )
