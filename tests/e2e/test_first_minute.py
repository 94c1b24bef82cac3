"""``petrosa run`` as a newcomer meets it: the real program, real processes, nothing prepared but an empty folder."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx2
import pytest

PETROSA = Path(sys.executable).with_name("petrosa")
WITHIN = 60.0
"""Seconds; a machine may be slow without being wrong."""


ERRORS: dict[int, Path] = {}
"""Where each program's error output goes, by its process id."""


def environment(**given: str) -> dict[str, str]:
    """A newcomer's environment: no setting of ours, and not that of a test run."""
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"} or "COV" in name}
    return {**kept, **given}


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def running(folder: Path, *arguments: str, **env: str) -> Iterator[subprocess.Popen[str]]:
    """The program in the folder; killed with its children when the test is over, whatever happened."""
    with (folder / "err.txt").open("w") as err:
        process = subprocess.Popen(
            [PETROSA, "run", *arguments],
            cwd=folder,
            env=environment(**env),
            stdout=subprocess.PIPE,
            stderr=err,
            text=True,
        )
    ERRORS[process.pid] = folder / "err.txt"
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def lines(process: subprocess.Popen[str]) -> Iterator[dict[str, Any]]:
    """Its output, line by line, as JSON."""
    assert process.stdout is not None
    for line in process.stdout:
        yield json.loads(line, parse_float=Decimal)


def up_to(process: subprocess.Popen[str], **wanted: str) -> list[dict[str, Any]]:
    """Its output up to the line that has these fields."""
    seen = []
    for line in lines(process):
        seen.append(line)
        if wanted.items() <= line.items():
            return seen
    raise AssertionError(f"the program ended before {wanted}: {ERRORS[process.pid].read_text()} {seen[-3:]}")


def descendants(pid: int) -> set[int]:
    """The processes that a process has started, and those that they have."""
    children: dict[int, set[int]] = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = status.read_text().rpartition(")")[2].split()
            children.setdefault(int(fields[1]), set()).add(int(status.parent.name))
    found: set[int] = set()
    edge = {pid}
    while edge:
        edge = set().union(*(children.get(each, set()) for each in edge)) - found
        found |= edge
    return found


def alive(pids: set[int]) -> set[int]:
    """Those of the processes that still run."""
    found = set()
    for pid in pids:
        with contextlib.suppress(OSError):
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
            if state != "Z":
                found.add(pid)
    return found


def gone(pids: set[int]) -> bool:
    """Whether all of them end within a while."""
    deadline = time.monotonic() + WITHIN
    while alive(pids) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not alive(pids)


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    """(folder, exit code, lines, error output) of one whole show, as a machine without a terminal gets it."""
    folder = tmp_path_factory.mktemp("show")
    with running(folder, CI="1") as process:
        told = list(lines(process))
        code = process.wait(WITHIN)
    return folder, code, told, (folder / "err.txt").read_text()


# ---------------------------------------------------------------- the show


def test_the_show_ends_by_itself_and_every_promise_held(shown):
    """given an empty folder and CI=1, when petrosa run is called, then it ends with 0 and every check held."""
    _, code, told, err = shown
    checks = [line for line in told if line["event"] == "check"]

    assert (code, err) == (0, "")
    assert len(checks) == 8
    assert [check["claim"] for check in checks if not check["held"]] == []


def test_everything_worth_seeing_is_seen(shown):
    """given the show, when its lines are read, then each thing that was promised is among them, in order."""
    told = [line["event"] for line in shown[2]]
    wanted = ["entry_filled", "protected", "duplicate", "refused", "size_reduced", "dead_lettered", "engine_killed",
              "engine_recovered", "protected", "summary"]  # fmt: skip

    place = 0
    for event in wanted:
        place = told.index(event, place) + 1
    [summary] = [line for line in shown[2] if line["event"] == "summary"]
    assert summary["protected"] == "100.0 %"
    assert summary["equity"].endswith(" USDT")
    assert summary["journal"].startswith("verified, ")


def test_what_it_says_to_do_next_works(shown):
    """given the commands that the show ends with, when they are called as they stand, then they answer."""
    folder, _, told, _ = shown
    [hints] = [line for line in told if line["event"] == "next"]

    for name, answer in (("why", "CONFIDENCE_TOO_LOW"), ("proof", "SOUND to frame")):
        done = subprocess.run(
            ["sh", "-c", hints[name]], check=False, capture_output=True, text=True, cwd=folder,
            env=environment(PATH=f"{PETROSA.parent}:{os.environ['PATH']}"),
        )  # fmt: skip
        assert (done.returncode, done.stderr) == (0, "")
        assert answer in done.stdout


def test_the_journal_of_the_show_is_sound_by_the_stand_alone_verifier(shown, root):
    """given the journal that the show left, when the verifier that knows nothing of the engine reads it, it is sound."""
    verifier = [sys.executable, root / "deploy" / "verify_journal.py", shown[0] / ".petrosa" / "show" / "journal.db"]

    assert subprocess.run(verifier, check=False, capture_output=True).returncode == 0


# ---------------------------------------------------------------- afterwards


def curl_of(text: str) -> tuple[str, str]:
    """(address, body) of the curl command in a text."""
    found = re.search(r"curl -X POST (\S+).*?-d '(\{[^']*\})'", text, re.DOTALL)
    assert found
    return found[1], found[2]


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """(port that was asked for, last line) of a petrosa run that serves, although another program has the port."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with running(tmp_path_factory.mktemp("served"), "--port", str(port)) as process:
            yield port, up_to(process, event="next", title="your account")[-1]


def test_it_goes_on_serving_and_the_specifications_curl_is_filled_three_times(served, shared):
    """given the show is over, when the Quick Start's curl is sent, closed and sent again, then it is filled each time."""
    _, body = curl_of((shared / "seed" / "petrosa-tradeengine.md").read_text("utf-8"))
    address, offered = curl_of(served[1]["trade"])
    page = served[1]["page"]

    assert json.loads(offered) == json.loads(body)
    with httpx2.Client(headers={"Content-Type": "application/json"}) as client:
        for _ in range(3):
            filled = client.post(address, content=body)
            assert (filled.status_code, filled.json()["result"]["status"]) == (200, "filled")
            second = client.post(address, content=body)
            assert (second.status_code, second.json()["code"]) == (422, "TRADE_OPEN_ON_SYMBOL")
            closing = client.post(address, content=body.replace('"buy"', '"close"'))
            assert closing.json()["outcome"] == "closing"
            _until_flat(client, page)


def _until_flat(client: httpx2.Client, page: str) -> None:
    deadline = time.monotonic() + WITHIN
    while client.get(f"{page}/trades", params={"open": "true"}).json().get("trades") and time.monotonic() < deadline:
        time.sleep(0.05)


def test_a_taken_port_gives_way_to_the_next(served):
    """given another program on the port, when petrosa run is to serve there, then it serves on the next free one."""
    port, told = served

    assert port < int(told["page"].rpartition(":")[2]) <= port + 20


def test_ctrl_c_leaves_nothing_running(tmp_path):
    """given a serving petrosa run, when Ctrl-C is pressed, then it ends with 0 and so do all processes that it started."""
    with running(tmp_path, "--port", str(free_port())) as process:
        up_to(process, event="next", title="your account")
        started = descendants(process.pid)
        process.send_signal(signal.SIGINT)

        assert process.wait(WITHIN) == 0
        assert len(started) >= 2
        assert gone(started)


def test_ctrl_c_in_the_middle_of_the_show_ends_it(tmp_path):
    """given the show going on, when Ctrl-C is pressed, then it ends with 130 and leaves nothing running."""
    with running(tmp_path) as process:
        up_to(process, event="entry_filled")
        started = descendants(process.pid)
        process.send_signal(signal.SIGINT)

        assert process.wait(WITHIN) == 130
        assert gone(started)


def test_even_its_own_sudden_death_leaves_nothing_running(tmp_path):
    """given petrosa run at work, when it is killed with SIGKILL itself, then the processes that it started end."""
    with running(tmp_path) as process:
        up_to(process, event="entry_filled")
        started = descendants(process.pid)
        process.kill()
        process.wait(WITHIN)

        assert len(started) >= 2
        assert gone(started)


def test_two_shows_at_once_in_one_folder_are_refused(tmp_path):
    """given a show going on, when another is started in the same folder, then it says so and harms nothing."""
    with running(tmp_path, "--once") as first:
        up_to(first, event="entry_filled")
        second = subprocess.run(
            [PETROSA, "run", "--once"], check=False, capture_output=True, text=True, cwd=tmp_path, env=environment()
        )
        told = up_to(first, event="summary")
        assert first.wait(WITHIN) == 0

    assert second.returncode == 1
    assert "another petrosa run is using" in second.stderr
    assert told[-1]["kept"] is True
