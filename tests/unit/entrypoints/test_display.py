"""What people read: numbers without needless digits, times as times, and a line for every field."""

import io
from decimal import Decimal

import pytest

from petrosa_entrypoints.display import cell, trouble, write_fields, write_json, write_reasons


def written(write, *arguments):
    """What the function writes."""
    out = io.StringIO()
    write(out, *arguments)
    return out.getvalue()


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("9999.85000000", "9999.85"),
        ("50000.0", "50000"),
        ("0.0000", "0"),
        ("100", "100"),
        ("0.333333333333333", "0.33333333"),
        ("-0.10", "-0.1"),
        ("1E+3", "1000"),
    ],
)
def test_people_get_no_needless_digits(number: str, shown: str):
    """given an exact number, when it is shown, then zeros at its end and what follows the eighth decimal are left out."""
    assert cell(Decimal(number)) == shown


def test_programs_get_every_digit():
    """given the same numbers, when JSON is wanted, then no digit is lost."""
    assert written(write_json, {"free": Decimal("9999.85000000")}) == '{"free":9999.85000000}\n'


def test_a_field_inside_another_has_a_line_of_its_own():
    """given the journal's form of a value, when it is written, then by whole names, and without its class."""
    fields = {"plan": {"is": "Plan", "price": "50000", "sizing": {"mode": "risk"}}, "side": "buy"}

    assert written(write_fields, fields) == "plan.price        50000\nplan.sizing.mode  risk\nside              buy\n"


def test_moments_are_shown_as_times():
    """given microseconds in a field of time, when it is shown, then as ISO 8601; a number that is none stays."""
    fields = {"as_of": 1_787_313_601_000_000, "expires_at": 1_787_313_601_000_001, "timestamp": 12, "count": 10**15}

    assert written(write_fields, fields).split() == [
        *("as_of", "2026-08-21T12:00:01.000000Z"),
        *("expires_at", "2026-08-21T12:00:01.000001Z"),
        *("timestamp", "12"),
        *("count", str(10**15)),
    ]


def test_a_list_of_values_is_told_in_words():
    """given ids that a signal carried, when they are shown, then each as name=value, parted by commas."""
    assert (
        cell([{"kind": "id", "value": "one"}, {"kind": "id", "value": "two"}]) == "kind=id value=one, kind=id value=two"
    )


def test_reasons_have_a_line_each():
    """given two broken checks, when they are written, then each has its code and its sentence."""
    reasons = [{"code": "A", "message": "too low: 1, minimum 2"}, {"code": "B", "message": "halted"}]

    assert written(write_reasons, reasons) == "  A: too low: 1, minimum 2\n  B: halted\n"


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (OSError(30, "Read-only file system", "/data"), "/data: Read-only file system"),
        (OSError(98, "Address already in use"), "Address already in use"),
        (OSError("the feed gave out"), "the feed gave out"),
    ],
    ids=["of a file", "of no file", "of words alone"],
)
def test_trouble_with_the_system_names_what_it_is_about(error: OSError, told: str):
    """given an error of the system, when it is told, then file first, without its number."""
    assert trouble(error) == told
