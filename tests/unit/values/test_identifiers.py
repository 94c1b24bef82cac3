"""Names: derived, never drawn, and found again at the venue."""

import re

import pytest

from petrosa_core.values import (
    AccountId,
    Leg,
    SignalId,
    client_order_id,
    derive_signal_id,
    leg_of,
    trade_prefix,
)

ACCOUNT, SIGNAL = AccountId("default"), SignalId("sg-abc")


def test_names_are_the_same_for_ever():
    """A restarted engine, and the next release, find what this one sent: these values never change."""
    assert derive_signal_id("momentum", "signal_id", "s-1") == "sg-fe46efdb57a2cbc3e1ee3aa4"
    assert client_order_id(ACCOUNT, SIGNAL, Leg.STOP, 2) == "pt1-f7c7a47e1a52af0e583faed4-s2"


def test_a_signals_name_depends_on_strategy_kind_and_value():
    """Each of the three tells signals apart, and their border is no ambiguity."""
    names = {
        derive_signal_id("a", "b", "c"),
        derive_signal_id("x", "b", "c"),
        derive_signal_id("a", "x", "c"),
        derive_signal_id("a", "b", "x"),
        derive_signal_id("ab", "", "c"),
    }

    assert len(names) == 5


def test_names_survive_any_text():
    """A lone surrogate in a strategy's name is a name too."""
    assert re.fullmatch(r"sg-[0-9a-f]{24}", derive_signal_id("\ud800 \n", "id", "\x1f"))


@pytest.mark.parametrize("leg", list(Leg))
@pytest.mark.parametrize("attempt", [1, 2, 999_999])
def test_a_client_id_is_legal_at_binance_and_read_back(leg, attempt):
    """At most 36 of the characters that spot and futures both take; leg and attempt can be told from it."""
    name = client_order_id(ACCOUNT, SIGNAL, leg, attempt)

    assert re.fullmatch(r"[A-Za-z0-9_-]{1,36}", name)
    assert name.startswith(trade_prefix(ACCOUNT, SIGNAL) + "-")
    assert leg_of(name) == (trade_prefix(ACCOUNT, SIGNAL), leg, attempt)


@pytest.mark.parametrize("attempt", [0, -1, 1_000_000])
def test_attempts_count_from_1_to_999999(attempt):
    """More would not fit into the id."""
    with pytest.raises(ValueError, match=f"attempt: from 1 to 999999, was {attempt}"):
        client_order_id(ACCOUNT, SIGNAL, Leg.ENTRY, attempt)


def test_accounts_and_signals_have_their_own_orders():
    """No two trades share an id."""
    names = {
        client_order_id(AccountId(account), SignalId(signal), Leg.ENTRY, 1)
        for account in ("a", "b")
        for signal in ("x", "y")
    }

    assert len(names) == 4


@pytest.mark.parametrize(
    "foreign",
    [
        "",
        "web_abc",
        "pt1",
        "pt1-short-e1",
        "xx1-aaaaaaaaaaaaaaaaaaaaaaaa-e1",
        "pt1-aaaaaaaaaaaaaaaaaaaaaaaa-",
        "pt1-aaaaaaaaaaaaaaaaaaaaaaaa-e",
        "pt1-aaaaaaaaaaaaaaaaaaaaaaaa-e1x",
        "pt1-aaaaaaaaaaaaaaaaaaaaaaaa-q1",
        "pt1-aaaaaaaaaaaaaaaaaaaaaaaaa-e1",
        "pt1-aaaaaaaaaaaaaaaaaaaaaaaa-E1",
        "autoclose-1760000000",
    ],
)
def test_a_foreign_id_is_not_read_as_ours(foreign):
    """Orders of people and other programs are left alone."""
    assert leg_of(foreign) is None


def test_our_id_is_read_by_its_last_dash():
    """The prefix has a dash of its own."""
    assert leg_of("pt1-aaaaaaaaaaaaaaaaaaaaaaaa-t12") == ("pt1-aaaaaaaaaaaaaaaaaaaaaaaa", Leg.TARGET, 12)
