"""Names of subjects: any text as one token, and every spelling of the setting."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from petrosa_adapters.nats import escape, signal_subjects, unescape

texts = st.text() | st.text(st.characters(codec=None), max_size=20)


@given(texts)
def test_unescape_undoes_escape(text: str):
    """Any text, lone surrogates included, comes back as it was."""
    assert unescape(escape(text)) == text


@given(texts)
def test_a_token_is_one_token(text: str):
    """A token is not empty, and holds neither dots, wildcards, white space nor anything beyond ASCII."""
    assert re.fullmatch(r"[A-Za-z0-9_~%-]+", escape(text), re.ASCII)


@given(st.text(st.sampled_from("abcXYZ019_-~"), min_size=1))
def test_the_names_in_use_stay_as_they_are(text: str):
    """Letters, digits, hyphen, underscore and tilde stand for themselves."""
    assert escape(text) == text


@pytest.mark.parametrize("setting", ["signals.trading", " signals.trading ", "signals.trading.*", "signals.trading.>"])
def test_every_spelling_means_the_bare_subject_and_all_below(setting: str):
    """given a setting with or without a wildcard, then both subjects are listened to."""
    assert signal_subjects(setting) == ("signals.trading", "signals.trading.>")


@pytest.mark.parametrize("setting", ["", ">", "*", "a..b", ".a", "a.*.b", "a.>.b", "a b", "a.*.>", "a*"])
def test_what_is_no_subject_is_refused(setting: str):
    """given a setting that names no subject, then it is refused at the start, not when a signal is missed."""
    with pytest.raises(ValueError):
        signal_subjects(setting)
