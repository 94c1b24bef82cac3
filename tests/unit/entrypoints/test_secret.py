"""A secret gives itself up to reveal and to nothing else."""

import copy
import json
import pickle
import traceback

import pytest

from petrosa_adapters.wire.secret import Secret

CANARY = "canary-6f1d0c"


@pytest.mark.parametrize(
    "show",
    [repr, str, "{}".format, "{:>40}".format, "{!r}".format, lambda secret: f"{secret}", lambda secret: f"{[secret]}"],
    ids=["repr", "str", "format", "padded", "format-repr", "f-string", "in-a-list"],
)
def test_no_way_of_showing_a_secret_shows_it(show):
    """Whatever puts a secret into text puts the mask there."""
    shown = show(Secret(CANARY))

    assert CANARY not in shown
    assert "***" in shown


@pytest.mark.parametrize(
    "leak", [pickle.dumps, copy.deepcopy, json.dumps, vars, hash], ids=["pickle", "copy", "json", "vars", "hash"]
)
def test_what_would_carry_a_secret_away_fails(leak):
    """A secret is not pickled, copied, encoded, taken apart or hashed."""
    with pytest.raises(TypeError) as refused:
        leak(Secret(CANARY))

    assert CANARY not in "".join(traceback.format_exception(refused.value))


def test_reveal_gives_the_text():
    """given a secret, when whoever signs a request reveals it, then the text is there unchanged."""
    assert Secret(CANARY).reveal() == CANARY


def test_secrets_are_compared_by_their_text():
    """Two secrets are equal when their texts are; a plain text is never equal to a secret."""
    assert Secret(CANARY) == Secret(CANARY)
    assert Secret(CANARY) != Secret("another")
    assert Secret(CANARY) != CANARY


def test_an_empty_secret_is_refused():
    """An empty secret would protect nothing."""
    with pytest.raises(ValueError, match="empty"):
        Secret("")
