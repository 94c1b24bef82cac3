"""``petrosa run | worker | http``: the programs that stay."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import click

from petrosa_core.values import Mode
from petrosa_entrypoints.cli.shell import Failed, Shell, pass_shell
from petrosa_entrypoints.display import trouble

F = TypeVar("F", bound=Callable[..., Any])


def listening_options(command: F) -> F:
    """Let a server be told where to listen."""
    command = click.option("--port", type=click.IntRange(0, 65_535), default=None, help="Port; 0 takes any free one.")(
        command
    )
    return click.option("--host", default=None, help="Address to listen on.")(command)


def _flags(host: str | None, port: int | None) -> dict[str, str]:
    given = {"HTTP_HOST": host, "HTTP_PORT": None if port is None else str(port)}
    return {name: value for name, value in given.items() if value is not None}


def _stay(program: Coroutine[Any, Any, None]) -> None:
    from petrosa_entrypoints.serving import ServingFailed

    try:
        asyncio.run(program)
    except ServingFailed as error:
        raise Failed(str(error)) from None
    except OSError as error:
        raise Failed(trouble(error)) from None


@click.command(epilog="Example: petrosa run --port 8000", short_help="Run everything on this machine.")
@listening_options
@click.option("--once", is_flag=True, help="End after the show; also when CI is set.")
@pass_shell
def run(shell: Shell, host: str | None, port: int | None, *, once: bool) -> None:
    """Run everything on this machine: NATS, a SQLite journal, the paper venue, the engine, HTTP.

    A producer sends the signals worth seeing over a synthetic market day, the engine is killed and recovers, and every
    promise is checked against the journal. Then it goes on serving, unless --once or CI=1 is given; Ctrl-C ends all of it.
    """
    from petrosa_entrypoints.demo import Interrupted, ShowFailed, show

    settings = shell.settings(_flags(host, port))
    if settings.mode is not Mode.SIMULATION:
        raise click.UsageError(
            f"petrosa run trades on paper only, and the settings say {settings.mode}: use petrosa worker"
        )
    in_ci = shell.env.get("CI", "").lower() in {"1", "true", "yes"}
    try:
        kept = asyncio.run(show(settings, shell.env, shell.out, once=once or in_ci))
    except Interrupted:
        raise click.Abort from None
    except ShowFailed as error:
        raise Failed(str(error)) from None
    if not kept:
        raise Failed("not every promise held: see the lines marked FAILED above")


@click.command(
    epilog="Example: NATS_URL=nats://broker:4222 petrosa worker --port 8000",
    short_help="Run the engine on signals from NATS.",
)
@listening_options
@pass_shell
def worker(shell: Shell, host: str | None, port: int | None) -> None:
    """Run the engine on signals from NATS, with HTTP beside it; SIGTERM drains and leaves every stop where it is."""
    from petrosa_entrypoints.serving import serve_worker

    _stay(serve_worker(shell.settings(_flags(host, port))))


@click.command(
    epilog="Example: petrosa http --host 127.0.0.1 --port 8000", short_help="Run the engine behind HTTP alone."
)
@listening_options
@pass_shell
def http(shell: Shell, host: str | None, port: int | None) -> None:
    """Run the engine behind HTTP alone: POST /trade, the console, metrics; no NATS is needed."""
    from petrosa_entrypoints.serving import serve_http

    _stay(serve_http(shell.settings(_flags(host, port))))


COMMANDS = (run, worker, http)
