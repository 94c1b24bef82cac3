"""``petrosa http`` and ``petrosa worker`` as real processes: how they start, what they show, how they end."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import pytest
from tests.support.nats_server import a_server

PETROSA = Path(sys.executable).with_name("petrosa")
CANARIES = {
    "WEBHOOK_SECRET": "canary-hook-11111111111111111111",
    "BINANCE_API_KEY": "canary-key-22222222222222222222",
    "BINANCE_API_SECRET": "canary-secret-33333333333333333333",
    "MONGODB_URL": "mongodb://user:canary-mongo-4444444444@localhost",
}
SIGNAL = (
    '{"strategy_id": "s", "symbol": "BTCUSDT", "action": "buy", "confidence": 0.8, "price": 50000, "quantity": 0.001}'
)
WITHIN = 60.0


def environment(folder: Path, **given: str) -> dict[str, str]:
    """Nothing of ours but what is given."""
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"} or "COV" in name}
    return {**kept, "DATA_DIR": str(folder / "data"), "HTTP_PORT": "0", **given}


@contextlib.contextmanager
def program(folder: Path, *arguments: str, **env: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """(process, address) of a server; killed when the test is over, whatever happened."""
    with (folder / "err.txt").open("w") as err:
        process = subprocess.Popen(
            [PETROSA, *arguments], env=environment(folder, **env), stdout=subprocess.PIPE, stderr=err, text=True
        )
    try:
        assert process.stdout is not None
        first = process.stdout.readline()
        assert first.startswith("serving on "), (folder / "err.txt").read_text()
        yield process, first.split()[-1]
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def call(folder: Path, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    """One command that ends."""
    return subprocess.run(
        [PETROSA, *arguments], check=False, capture_output=True, text=True, env=environment(folder, **env)
    )


def post(address: str, body: str) -> httpx2.Response:
    """One signal."""
    return httpx2.post(f"{address}/trade", content=body, headers={"Content-Type": "application/json"})


def eventually(happens: Callable[[], bool]) -> None:
    """Wait until it happens."""
    deadline = time.monotonic() + WITHIN
    while not happens():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_a_server_ends_when_asked_and_leaves_the_stop_where_it_is(sign, tmp_path):
    """given a protected position, when the server is asked to end, then it ends with 0, and the stop is still there."""
    with program(tmp_path, "http") as (process, address):
        assert post(address, SIGNAL).json()["result"]["status"] == "filled"
        process.send_signal(sign)
        assert process.wait(WITHIN) == 0

    [position] = json.loads(call(tmp_path, "positions", "--json").stdout)
    assert position["protected"] is True


def test_a_halt_from_the_command_line_reaches_the_running_engine(tmp_path):
    """given a running engine, when a halt is committed by another process, then it is in force within a second or so."""
    with program(tmp_path, "http") as (_, address):
        assert call(tmp_path, "halt", "--reason", "storm", "--commit").returncode == 0
        eventually(lambda: httpx2.get(f"{address}/status").json()["trading_state"] == "halted")
        assert post(address, SIGNAL).json()["code"] == "TRADING_HALTED"


def test_a_close_from_the_command_line_is_carried_out_by_the_running_engine(tmp_path):
    """given an open trade, when its close is committed by another process, then the engine leaves the position."""
    with program(tmp_path, "http") as (_, address):
        trade = post(address, SIGNAL).json()["trade_id"]
        assert call(tmp_path, "close", trade, "--reason", "exit", "--commit").returncode == 0
        eventually(lambda: httpx2.get(f"{address}/positions").json()["positions"] == [])


async def test_a_signal_sent_from_the_command_line_is_traded_by_the_worker(tmp_path):
    """given a worker on a real NATS server, when a signal is sent with --commit, then it is filled and protected."""
    (tmp_path / "signal.json").write_text(SIGNAL)
    async with a_server(tmp_path / "nats") as server:
        with program(tmp_path, "worker", NATS_URL=server.url) as (_, address):
            eventually(lambda: httpx2.get(f"{address}/health/ready").status_code == 200)
            sent = call(tmp_path, "signal", "send", str(tmp_path / "signal.json"), "--commit", NATS_URL=server.url)
            assert sent.returncode == 0, sent.stderr
            eventually(
                lambda: [p["protected"] for p in httpx2.get(f"{address}/positions").json()["positions"]] == [True]
            )


def test_no_secret_is_ever_written(tmp_path):
    """given canaries in every secret, when a server has run and traded, then none is in its output, log or journal."""
    with program(tmp_path, "http", LOG_LEVEL="debug", **CANARIES) as (process, address):
        assert post(address, SIGNAL).status_code == 200
        hook = {"Content-Type": "application/json"}
        body = json.dumps({"secret": CANARIES["WEBHOOK_SECRET"], "broken": "{{ticker}}"})
        httpx2.post(f"{address}/webhooks/tradingview", content=body, headers=hook)
        process.send_signal(signal.SIGTERM)
        assert process.wait(WITHIN) == 0
        assert process.stdout is not None
        shown = process.stdout.read().encode()
    shown += call(tmp_path, "config", "show", **CANARIES).stdout.encode()
    shown += b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())

    assert b"serving" in shown
    assert b"canary" not in shown


@pytest.mark.parametrize(
    ("env", "code", "why"),
    [
        ({"HTTP_HOST": "0.0.0.0"}, 1, "API tokens are required"),  # noqa: S104  that it is refused is the point
        ({"STORE": "mongodb"}, 1, "SQLite only"),
        ({"HTTP_PORT": "x"}, 2, "HTTP_PORT='x'"),
        ({"NATS_ULR": "x"}, 2, "did you mean NATS_URL?"),
    ],
    ids=["open to all", "no such store", "no port", "misspelt"],
)
def test_a_server_that_must_not_begin_says_why_in_one_line(env, code, why, tmp_path):
    """given settings that cannot or must not be served, when a server is started, then one line says why."""
    done = call(tmp_path, "http", **env)

    assert (done.returncode, done.stdout) == (code, "")
    assert done.stderr.startswith("petrosa: ")
    assert done.stderr.count("\n") == 1
    assert why in done.stderr


def test_a_taken_port_is_told_in_one_line(tmp_path):
    """given another program on the port, when a server is started there, then it fails and does not look for another."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = call(tmp_path, "http", HTTP_PORT=str(port))

    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == f"petrosa: 127.0.0.1:{port}: Address already in use"
