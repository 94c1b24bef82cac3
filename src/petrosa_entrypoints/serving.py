"""The programs that stay: the engine behind HTTP, with NATS or without, until they are asked to end."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeAlias

import structlog

from petrosa_adapters.http import Address, HttpSettings, Scope, Token, bind_allowed, create_app, serve, token_digest
from petrosa_adapters.paper import PaperDirectoryBusy, PaperDirectoryUnusable
from petrosa_entrypoints.settings import Settings
from petrosa_entrypoints.wiring import NotAvailable, Running, running_engine

_LOG = structlog.get_logger("petrosa.serving")

Told: TypeAlias = Callable[[Running, Address], Awaitable[None]]
"""Told of the engine that runs and of where it listens."""


class ServingFailed(Exception):
    """The program cannot go on or could not begin; the message says why."""


def http_settings(settings: Settings) -> HttpSettings:
    """How the HTTP shell behaves, in its own words. Raises ServingFailed where it may not listen there."""
    api = settings.api
    tokens = tuple(
        Token(name=each.name, sha256=each.sha256, scopes=frozenset(Scope(scope.value) for scope in each.scopes))
        for each in api.tokens
    )
    why_not = bind_allowed(api.host, settings.mode, tokens)
    if why_not is not None:
        raise ServingFailed(f"HTTP_HOST={api.host}: {why_not}")
    return HttpSettings(
        mode=settings.mode,
        tokens=tokens,
        tokens_required=bool(tokens),
        allowed_hosts=api.allowed_hosts,
        settle_timeout=api.settle_timeout,
        webhook_sha256=None if api.webhook_secret is None else token_digest(api.webhook_secret.reveal()),
        trades_per_second=api.trades_per_second,
    )


@asynccontextmanager
async def serving(
    settings: Settings, *, signals: bool, next_free_port: bool = False
) -> AsyncIterator[tuple[Running, Address]]:
    """The engine, recovered, behind its HTTP server. The server stops first, then the intake, then the engine.

    Raises ServingFailed when the address may not or cannot be used, or a part is missing.
    """
    shell = http_settings(settings)
    try:
        async with running_engine(settings, signals=signals) as running:
            app = create_app(running.api, shell, clock=running.clock)
            async with serve(app, settings.api.host, settings.api.port, next_free_port=next_free_port) as address:
                _LOG.info("serving", url=address.url, account=settings.account_id, mode=settings.mode.value)
                yield running, address
    except PaperDirectoryBusy as error:
        raise ServingFailed(f"{error}: end it, or give this one another ACCOUNT_ID or DATA_DIR") from None
    except (NotAvailable, PaperDirectoryUnusable) as error:
        raise ServingFailed(str(error)) from None


@asynccontextmanager
async def asked_to_end() -> AsyncIterator[asyncio.Event]:
    """A flag that SIGTERM and SIGINT raise; afterwards they do again what they did before."""
    end, loop = asyncio.Event(), asyncio.get_running_loop()
    caught = (signal.SIGTERM, signal.SIGINT)
    for number in caught:
        loop.add_signal_handler(number, end.set)
    try:
        yield end
    finally:
        for number in caught:
            loop.remove_signal_handler(number)


async def serve_until(
    end: asyncio.Event, settings: Settings, *, signals: bool, told: Told, next_free_port: bool = False
) -> None:
    """Serve until the end is asked for, which may be while it is still starting. ``told`` is awaited once it serves.

    Raises ServingFailed when it could not begin, and when a task of the engine died of a bug.
    """
    begun = asyncio.Event()

    async def whole() -> None:
        async with serving(settings, signals=signals, next_free_port=next_free_port) as (running, address):
            await told(running, address)
            begun.set()
            await _until_end(running, end)
            _LOG.info("ending")

    work, ending = asyncio.ensure_future(whole()), asyncio.ensure_future(end.wait())
    try:
        await asyncio.wait({work, ending}, return_when=asyncio.FIRST_COMPLETED)
        if not begun.is_set():
            work.cancel()  # nothing has been taken in yet; what it has opened is closed on the way out
        await asyncio.wait({work})
        if not work.cancelled():
            work.result()
    finally:
        for task in (work, ending):
            task.cancel()
        await asyncio.gather(work, ending, return_exceptions=True)


async def _until_end(running: Running, end: asyncio.Event) -> None:
    running.failed.add_done_callback(lambda _: end.set())
    await end.wait()
    if running.failed.done():
        raise ServingFailed(f"the task {running.failed.result()!r} died of a bug; the log has its traceback")


async def _tell(_: Running, address: Address) -> None:
    sys.stdout.write(f"serving on {address.url}\n")
    sys.stdout.flush()


async def serve_worker(settings: Settings) -> None:
    """The engine on signals from NATS and over HTTP, until SIGTERM or SIGINT; stops stay where they are."""
    async with asked_to_end() as end:
        await serve_until(end, settings, signals=True, told=_tell)


async def serve_http(settings: Settings) -> None:
    """The engine behind HTTP alone, until SIGTERM or SIGINT."""
    async with asked_to_end() as end:
        await serve_until(end, settings, signals=False, told=_tell)
