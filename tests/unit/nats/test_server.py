"""The embedded server: really there, really gone, and durable in between."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.nats_server import a_client, a_server, eventually

from petrosa_adapters.nats import EmbeddedNatsServer, NatsServerFailed

PARENT = """
import asyncio, pathlib, sys
from petrosa_adapters.nats import EmbeddedNatsServer

async def main():
    async with EmbeddedNatsServer(pathlib.Path(sys.argv[1])) as server:
        print(server.url, flush=True)
        await asyncio.sleep(60)

asyncio.run(main())
"""


async def test_what_was_acknowledged_survives_a_kill(tmp_path: Path):
    """given an acknowledged message, when the server is killed and started again, then it is there, on the same port."""
    async with a_server(tmp_path) as server:
        url = server.url
        async with a_client(url) as client:
            await client.jetstream().add_stream(name="S", subjects=["s"])
            await client.jetstream().publish("s", b"kept")
        await server.kill()
        assert not server.running
        await server.start()
        async with a_client(server.url) as client:
            kept = await client.jetstream().get_msg("S", 1)

    assert server.url == url
    assert kept.data == b"kept"


async def test_it_listens_on_this_machine_only_and_writes_before_it_acknowledges(tmp_path: Path):
    """given a running server, then it says so itself: bound to the loopback, JetStream always synced."""
    async with a_server(tmp_path) as server:
        assert server.url.startswith("nats://127.0.0.1:")
        log = (tmp_path / "nats-server.log").read_text("utf-8")
        config = (tmp_path / "nats-server.conf").read_text("utf-8")

    assert "Listening for client connections on 127.0.0.1:" in log
    assert '"sync_interval": "always"' in config


async def test_stopping_and_starting_twice_is_harmless(tmp_path: Path):
    """given a server, when it is started or stopped again, then nothing happens."""
    server = EmbeddedNatsServer(tmp_path)
    await server.stop()
    await server.start()
    await server.start()
    await server.stop()
    await server.stop()
    await server.kill()

    assert not server.running


async def test_a_folder_has_one_server_at_a_time(tmp_path: Path):
    """given a folder in use, when a second server is started on it, then it is refused, and the first goes on."""
    async with a_server(tmp_path) as first:
        with pytest.raises(NatsServerFailed):
            await EmbeddedNatsServer(tmp_path, start_within=0.2).start()
        assert first.running


async def test_a_server_that_cannot_start_says_why(tmp_path: Path):
    """given a port that is taken, when the server is started, then the failure holds what it logged."""
    async with a_server(tmp_path / "one") as one:
        port = int(one.url.rpartition(":")[2])
        with pytest.raises(NatsServerFailed, match="address already in use"):
            await EmbeddedNatsServer(tmp_path / "two", port=port, start_within=5).start()


async def test_it_does_not_outlive_a_parent_that_was_killed(tmp_path: Path):
    """given a process that started a server, when that process is killed, then the server ends, and the folder is free."""
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PARENT, str(tmp_path), stdout=subprocess.PIPE, start_new_session=True
    )
    assert parent.stdout is not None
    await parent.stdout.readline()
    parent.kill()
    await parent.wait()

    # The server takes its announcement back as the last thing it does in good order.
    await eventually(lambda: not list(tmp_path.glob("*.ports")))
    async with a_server(tmp_path) as next_one:
        assert next_one.running
