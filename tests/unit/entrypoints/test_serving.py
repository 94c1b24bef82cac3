"""What the composition root makes of settings, and what it refuses to begin with."""

import asyncio
from hashlib import sha256

import httpx2
import pytest

from petrosa_core.values import SECOND, Mode
from petrosa_entrypoints.build import build_id
from petrosa_entrypoints.serving import ServingFailed, http_settings, serve_until, serving
from petrosa_entrypoints.settings import Settings
from petrosa_entrypoints.wiring import NotAvailable, identity_of, intake_settings, running_engine

TOKEN = f"ops:read+trade:{sha256(b'x').hexdigest()}"


def test_the_http_shell_is_told_what_the_settings_say():
    """given tokens, hosts and a webhook secret, when the shell's settings are made, then they are these, the secret hashed."""
    shell = http_settings(
        Settings.from_env(
            {
                "API_TOKENS": TOKEN,
                "HTTP_ALLOWED_HOSTS": "a.example,b.example",
                "HTTP_SETTLE_SECONDS": "0.5",
                "HTTP_TRADES_PER_SECOND": "3",
                "WEBHOOK_SECRET": "hook",
            }
        )
    )

    assert [(token.name, sorted(token.scopes)) for token in shell.tokens] == [("ops", ["read", "trade"])]
    assert (shell.mode, shell.tokens_required) == (Mode.SIMULATION, True)
    assert shell.allowed_hosts == {"a.example", "b.example"}
    assert shell.settle_timeout == SECOND // 2
    assert shell.trades_per_second == 3
    assert shell.webhook_sha256 == sha256(b"hook").hexdigest()


def test_without_tokens_only_a_simulation_on_loopback_is_open():
    """given no token, when the address is any but loopback, then serving is refused; on loopback none is needed."""
    assert http_settings(Settings()).tokens_required is False
    with pytest.raises(ServingFailed, match="HTTP_HOST=::"):
        http_settings(Settings.from_env({"HTTP_HOST": "::"}))
    assert http_settings(Settings.from_env({"HTTP_HOST": "::", "API_TOKENS": TOKEN})).tokens_required is True


def test_the_intake_listens_where_the_settings_say():
    """given names for subject, stream and consumer, when the intake is told, then it is told these."""
    intake = intake_settings(
        Settings.from_env({"NATS_SIGNAL_SUBJECT": "s.x", "NATS_STREAM": "S", "NATS_CONSUMER": "c"})
    )

    assert (intake.subject, intake.stream, intake.durable) == ("s.x", "S", "c")


def test_every_start_is_a_replica_of_its_own_of_the_same_build_and_settings():
    """given two starts with the same settings, when they name themselves, then only the replica differs."""
    one, other = identity_of(Settings()), identity_of(Settings())

    assert one.replica != other.replica
    assert (one.build, one.settings) == (other.build, other.settings) == (build_id(), Settings().digest())
    assert build_id().startswith("0.")


@pytest.mark.parametrize(
    "env",
    [{"SIMULATION_ENABLED": "false", "BINANCE_API_KEY": "k", "BINANCE_API_SECRET": "s"}, {"STORE": "mongodb"}],
    ids=["testnet", "mongodb"],
)
async def test_what_is_not_there_is_refused_and_never_replaced(env, tmp_path):
    """given settings that ask for a part that is not built in, when the engine is composed, then it says which, and stops."""
    with pytest.raises(NotAvailable):
        async with running_engine(Settings.from_env({**env, "DATA_DIR": str(tmp_path)}), signals=False):
            pytest.fail("it must not run")


async def test_two_engines_on_one_paper_account_are_refused(tmp_path):
    """given a running engine, when a second is started on its folder, then it says why it cannot, and the first goes on."""
    settings = Settings.from_env({"DATA_DIR": str(tmp_path), "HTTP_PORT": "0"})
    async with serving(settings, signals=False) as (running, _):
        with pytest.raises(ServingFailed, match=r"another process.*another ACCOUNT_ID or DATA_DIR"):
            async with serving(settings, signals=False):
                pytest.fail("it must not run")
        assert running.api.readiness().ready


async def test_a_halt_needs_no_words(tmp_path):
    """given a running engine, when it is halted over HTTP without a body, then it is; resuming takes a reason."""
    settings = Settings.from_env({"DATA_DIR": str(tmp_path), "HTTP_PORT": "0"})
    async with serving(settings, signals=False) as (running, address), httpx2.AsyncClient() as client:
        halt = await client.post(f"{address.url}/control/halt")
        resume = await client.post(f"{address.url}/control/resume")

        assert (halt.status_code, halt.json()["result"]["reason"]) == (200, "no reason given")
        assert (resume.status_code, resume.json()["code"]) == (422, "REASON_REQUIRED")
        assert running.api.status()["trading_state"] == "halted"


async def test_a_task_that_dies_of_a_bug_ends_the_program(tmp_path):
    """given a running engine, when one of its tasks raises, then serving ends, fails, and names the task."""

    async def broken():
        raise LookupError("a bug")

    async def told(running, _):
        running.runtime.spawn("the broken one", broken())

    settings = Settings.from_env({"DATA_DIR": str(tmp_path), "HTTP_PORT": "0"})
    with pytest.raises(ServingFailed, match="the broken one"):
        await serve_until(asyncio.Event(), settings, signals=False, told=told)


async def test_an_engine_that_is_still_starting_can_be_ended(tmp_path):
    """given a venue that takes long to answer, when the end is asked for during the start, then it ends, untold."""
    end = asyncio.Event()
    end.set()
    settings = Settings.from_env({"DATA_DIR": str(tmp_path), "HTTP_PORT": "0", "SIMULATION_LATENCY_MS": "5000"})

    async def told(running, address):
        pytest.fail("it had not begun")

    async with asyncio.timeout(5):
        await serve_until(end, settings, signals=False, told=told)


async def test_without_nats_an_engine_that_takes_signals_from_it_is_not_ready(tmp_path):
    """given no NATS server, when the worker's engine runs, then it says so in its readiness, and still answers."""
    settings = Settings.from_env({"DATA_DIR": str(tmp_path), "NATS_URL": "nats://127.0.0.1:1"})
    async with running_engine(settings, signals=True) as running:
        readiness = running.api.readiness()

    assert readiness.ready is False
    assert readiness.checks["nats"] != "ok"
    assert readiness.checks["journal"] == "ok"
