#!/usr/bin/env python3
"""Verify a Petrosa journal without Petrosa: one file, the standard library, nothing of the engine.

    python3 verify_journal.py JOURNAL [--anchor NUMBER:HASH]

JOURNAL is a SQLite journal, opened read-only, or an export with one frame a line (JSON). It is read once, from frame 1.

What is checked of each frame: its number is the one before it plus one; its account is the first frame's; its hash is the
SHA-256 over "petrosa-frame-1", account, number, previous hash and nonce, each with a line feed, and the payload's bytes; its
previous hash is the hash of the frame before it (64 zeros for the first). What the chain alone cannot show, a cut tail or a
chain rewritten whole, is found with an anchor: a number and hash that were published while the journal was written.

Exit status: 0 sound, 1 broken (the first bad frame is named), 2 not readable or wrongly called.
"""

import argparse
import base64
import hashlib
import json
import re
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

SQLITE = b"SQLite format 3\0"
NO_HASH = "0" * 64
FIELDS = ("account", "number", "previous", "nonce", "hash", "payload")
Row = tuple[object, ...]


class Broken(Exception):
    """The first frame that is not what was written."""

    def __init__(self, number: int, why: str) -> None:
        """Keep the number; the reason is the message."""
        super().__init__(why)
        self.number = number


class Unreadable(Exception):
    """This is no journal, or it cannot be read: nothing is said about its frames."""


def rows(path: Path) -> Iterator[Row]:
    """(account, number, previous, nonce, hash, payload) of each frame, unjudged."""
    try:
        with path.open("rb") as file:
            is_sqlite = file.read(len(SQLITE)) == SQLITE
    except OSError as error:
        raise Unreadable(f"{path}: {error.strerror}") from error
    return sqlite_rows(path) if is_sqlite else line_rows(path)


def sqlite_rows(path: Path) -> Iterator[Row]:
    """The frames of a SQLite journal, by number; what a running engine appends meanwhile may or may not be seen."""
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            connection.text_factory = lambda data: data.decode("utf-8", "surrogateescape")
            yield from connection.execute(
                "SELECT account, frame, previous, nonce, hash, payload FROM trade_journal ORDER BY frame"
            )
    except sqlite3.Error as error:
        raise Unreadable(f"{path}: {error}") from error


def line_rows(path: Path) -> Iterator[Row]:
    """The frames of an export, in the order of its lines."""
    with path.open("rb") as file:
        for count, line in enumerate(file, start=1):
            try:
                fields = json.loads(line.decode("utf-8"))
                if not isinstance(fields, dict):
                    raise TypeError("not an object")
                payload = fields.get("payload", "")
                if "payload_base64" in fields:
                    payload = base64.b64decode(fields["payload_base64"], validate=True)
                elif isinstance(payload, str):
                    payload = payload.encode("utf-8", "surrogatepass")
            except (ValueError, TypeError, RecursionError) as error:
                raise Broken(count, f"line {count} is not a frame: {error}") from error
            yield (*(fields.get(name) for name in FIELDS[:-1]), payload)


def verify(frames: Iterator[Row], anchor: tuple[int, str] | None) -> tuple[int, str]:
    """The head's number and hash; raises Broken at the first frame that does not hold."""
    head, head_hash, journal_of = 0, NO_HASH, None
    for account, number, previous, nonce, claimed, payload in frames:
        refute(head, head_hash, anchor)
        expected = head + 1
        if number != expected or isinstance(number, bool):
            raise Broken(expected, f"missing: frame {number} follows frame {head}")
        texts = (account, previous, nonce, claimed)
        if not all(isinstance(text, str) for text in texts) or not isinstance(payload, bytes):
            raise Broken(expected, "altered: a field is not of its kind")
        journal_of = account if journal_of is None else journal_of
        if account != journal_of:
            raise Broken(expected, f"belongs to account {account!r}, the journal to {journal_of!r}")
        header = f"petrosa-frame-1\n{account}\n{number}\n{previous}\n{nonce}\n".encode("utf-8", "surrogatepass")
        if hashlib.sha256(header + payload).hexdigest() != claimed:
            raise Broken(expected, "altered: its content does not have its hash")
        if previous != head_hash:
            raise Broken(expected, f"does not continue frame {head}: one of the two was exchanged")
        head, head_hash = expected, str(claimed)
    if anchor is not None and head < anchor[0]:
        raise Broken(head + 1, f"missing: the journal ends here, but frame {anchor[0]} was anchored")
    refute(head, head_hash, anchor)
    return head, head_hash


def refute(head: int, head_hash: str, anchor: tuple[int, str] | None) -> None:
    """Hold a sound head against the anchor of the same number."""
    if anchor is not None and head == anchor[0] and head_hash != anchor[1]:
        raise Broken(head, "rewritten: another frame was anchored at this number")


def an_anchor(text: str) -> tuple[int, str]:
    """NUMBER:HASH."""
    if not re.fullmatch(r"[0-9]{1,18}:[0-9a-fA-F]{64}", text):
        raise argparse.ArgumentTypeError(f"NUMBER:HASH, the hash of 64 hex digits, was {text!r}")
    number, _, digest = text.partition(":")
    return int(number), digest.lower()


def main(arguments: list[str] | None = None) -> int:
    """Say in one line what became of the journal."""
    parser = argparse.ArgumentParser(description="Verify a Petrosa journal without Petrosa.")
    parser.add_argument("journal", type=Path, help="a SQLite journal, or an export with one JSON frame a line")
    parser.add_argument(
        "--anchor", type=an_anchor, metavar="NUMBER:HASH", help="a published head that must stand in it"
    )
    options = parser.parse_args(arguments)
    try:
        number, digest = verify(rows(options.journal), options.anchor)
    except Broken as broken:
        sys.stdout.write(f"BROKEN at frame {broken.number}: {broken}\n")
        return 1
    except Unreadable as error:
        sys.stderr.write(f"UNREADABLE: {error}\n")
        return 2
    known = "and holds the anchor" if options.anchor else "no anchor given: a cut tail would not show"
    sys.stdout.write(f"SOUND to frame {number}, {digest} ({known})\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
