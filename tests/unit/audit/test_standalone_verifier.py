"""The auditor's program: without the engine, on a SQLite journal and on an export, it says what the engine says."""

import asyncio
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import attrs
import pytest
from tests.laws.chains import ACCOUNT, a_journal, chain, standalone

from petrosa_adapters.sqlite import SqliteJournal
from petrosa_core.audit import Broken, Frame, Head, Verified, frame_line, seal, verify
from petrosa_core.values import Market, Mode

AUDITOR = standalone()
FRAMES = a_journal(6)
ANCHOR = FRAMES[-1].head

Tampering = Callable[[list[Frame]], list[Frame]]

INSIDE: dict[str, Tampering] = {
    "remove": lambda frames: frames[:2] + frames[3:],
    "remove-first": lambda frames: frames[1:],
    "flip-payload": lambda frames: [*frames[:2], attrs.evolve(frames[2], payload=b"{}"), *frames[3:]],
    "flip-nonce": lambda frames: [*frames[:2], attrs.evolve(frames[2], nonce="x"), *frames[3:]],
    "flip-hash": lambda frames: [*frames[:2], attrs.evolve(frames[2], hash="0" * 64), *frames[3:]],
    "flip-last": lambda frames: [*frames[:-1], attrs.evolve(frames[-1], payload=b"{}")],
    "exchange": lambda frames: [*frames[:2], seal(ACCOUNT, frames[1].head, "forged", b"{}"), *frames[3:]],
    "insert": lambda frames: [
        *frames[:3],
        seal(ACCOUNT, frames[2].head, "forged", b"{}"),
        *(attrs.evolve(frame, number=frame.number + 1) for frame in frames[3:]),
    ],
    "reorder": lambda frames: [
        *frames[:2],
        attrs.evolve(frames[3], number=3),
        attrs.evolve(frames[2], number=4),
        *frames[4:],
    ],
}
WITH_THE_ANCHOR: dict[str, Tampering] = {
    "cut-tail": lambda frames: frames[:-2],
    "cut-all": lambda frames: frames[:0],
    "rewrite": lambda frames: chain(b"{}", *(frame.payload for frame in frames[1:])),
}


def as_sqlite(frames: list[Frame], path: Path, template: Path) -> Path:
    """A journal file in which somebody has replaced the frames, guards and all."""
    shutil.copy(template, path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DROP TRIGGER trade_journal_keeps")
        connection.execute("DROP TRIGGER trade_journal_holds")
        connection.execute("DELETE FROM trade_journal")
        connection.executemany(
            "INSERT INTO trade_journal (frame, account, previous, nonce, hash, payload) VALUES (?, ?, ?, ?, ?, ?)",
            [(frame.number, frame.account, frame.previous, frame.nonce, frame.hash, frame.payload) for frame in frames],
        )
    return path


def as_lines(frames: list[Frame], path: Path, template: Path) -> Path:
    """An export of the frames."""
    path.write_bytes(b"".join(map(frame_line, frames)))
    return path


async def the_engine_writes(path: Path) -> None:
    """The frames, as the engine appends them."""
    journal = await SqliteJournal.open(path, account=ACCOUNT, market=Market.USDM, mode=Mode.SIMULATION)
    for frame in FRAMES:
        await journal.append(frame)
    await journal.close()


@pytest.fixture(scope="module")
def template(tmp_path_factory) -> Path:
    """A journal that the engine wrote."""
    path: Path = tmp_path_factory.mktemp("journal") / "journal.db"
    asyncio.run(the_engine_writes(path))
    return path


@pytest.fixture(params=[as_sqlite, as_lines])
def written(request, tmp_path: Path, template: Path) -> Callable[[list[Frame]], Path]:
    """Frames as a file of each kind."""
    return lambda frames: request.param(frames, tmp_path / "written", template)


def told(capsys: pytest.CaptureFixture[str], path: Path, anchor: Head | None = None) -> tuple[int, str]:
    """The program's exit status and its line."""
    arguments = [str(path)] if anchor is None else [str(path), "--anchor", f"{anchor.number}:{anchor.hash}"]
    status = AUDITOR.main(arguments)
    return status, capsys.readouterr().out.strip()


def test_a_sound_journal_is_sound(written, capsys):
    """Given what the engine wrote, then the head is told, and whether an anchor was held against it."""
    path = written(FRAMES)

    assert told(capsys, path, ANCHOR) == (0, f"SOUND to frame 6, {ANCHOR.hash} (and holds the anchor)")
    assert told(capsys, path, FRAMES[2].head)[0] == 0
    assert told(capsys, path) == (0, f"SOUND to frame 6, {ANCHOR.hash} (no anchor given: a cut tail would not show)")


@pytest.mark.parametrize("tamper", INSIDE.values(), ids=INSIDE)
def test_tampering_is_found_from_inside(written, capsys, tamper: Tampering):
    """Given one frame that was touched, then the auditor and the engine name the same first bad frame."""
    frames = tamper(FRAMES)
    ours = verify(frames)
    assert isinstance(ours, Broken)

    status, line = told(capsys, written(frames))

    assert status == 1
    assert line == f"BROKEN at frame {ours.number}: {ours.why}"


@pytest.mark.parametrize("tamper", WITH_THE_ANCHOR.values(), ids=WITH_THE_ANCHOR)
def test_a_whole_forgery_is_found_with_the_anchor(written, capsys, tamper: Tampering):
    """Given a cut tail or a chain made anew, then only the anchor shows it, and both name the same frame."""
    frames = tamper(FRAMES)
    ours = verify(frames, ANCHOR)
    assert isinstance(ours, Broken)
    assert isinstance(verify(frames), Verified)
    path = written(frames)

    assert told(capsys, path)[0] == 0
    assert told(capsys, path, ANCHOR) == (1, f"BROKEN at frame {ours.number}: {ours.why}")


@pytest.mark.parametrize("line", [b"not json", b"[]", b'{"number":1}', b'{"account":1}', b"\xff", b"[" * 100_000])
def test_a_line_that_is_no_frame_is_a_broken_frame(tmp_path: Path, capsys, line: bytes):
    """Given an export with a line of something else, then that is named, without a traceback."""
    path = tmp_path / "export"
    path.write_bytes(frame_line(FRAMES[0]) + line + b"\n")

    status, said = told(capsys, path)

    assert status == 1
    assert said.startswith("BROKEN at frame 2: ")


@pytest.mark.parametrize("sql", ["payload = 'text'", "nonce = x'ff'", "nonce = CAST(x'ff' AS TEXT)", "account = 7"])
def test_a_damaged_column_is_a_broken_frame(tmp_path: Path, capsys, sql: str):
    """Given a SQLite journal without the engine's strict types, then a column of another kind is found, not stumbled over."""
    path = tmp_path / "journal.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "CREATE TABLE trade_journal (frame INTEGER PRIMARY KEY, account, previous, nonce, hash, payload)"
        )
        for frame in FRAMES:
            values = (frame.number, frame.account, frame.previous, frame.nonce, frame.hash, frame.payload)
            connection.execute("INSERT INTO trade_journal VALUES (?, ?, ?, ?, ?, ?)", values)
        connection.execute("UPDATE trade_journal SET " + sql + " WHERE frame = 4")  # noqa: S608

    status, line = told(capsys, path)

    assert status == 1
    assert line.startswith("BROKEN at frame 4: ")


def test_what_cannot_be_read_is_neither_sound_nor_broken(tmp_path: Path, capsys):
    """Given no file, or a database without a journal, then the status is 2."""
    empty = tmp_path / "empty.db"
    with closing(sqlite3.connect(empty)) as connection, connection:
        connection.execute("CREATE TABLE other (x)")

    assert told(capsys, tmp_path / "absent") == (2, "")
    assert told(capsys, tmp_path) == (2, "")
    assert told(capsys, empty) == (2, "")


@pytest.mark.parametrize("anchor", ["6", "6:xyz", f"-1:{'0' * 64}", f"six:{'0' * 64}"])
def test_an_anchor_that_is_none_is_refused(written, anchor: str):
    """Given an anchor that cannot be read, then nothing is verified without it: the status is 2."""
    with pytest.raises(SystemExit) as stopped:
        AUDITOR.main([str(written(FRAMES)), f"--anchor={anchor}"])

    assert stopped.value.code == 2


def test_it_needs_nothing_but_python(template: Path):
    """Given an isolated interpreter that cannot import the engine, then the file runs, on the engine's own journal."""
    script = Path(str(AUDITOR.__file__))
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(script), str(template), "--anchor", f"{ANCHOR.number}:{ANCHOR.hash}"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert "petrosa_" not in script.read_text("utf-8")
