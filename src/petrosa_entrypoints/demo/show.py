"""``petrosa run``: the show on an account of its own, then the operator's account, served until Ctrl-C.

The parent owns no engine and no journal: it starts the processes, publishes what a producer would, and reads the journal that
the engine's process writes. What it claims at the end, it has read there.
"""

import asyncio
import fcntl
import os
import shutil
import sys
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TextIO, TypeVar

from petrosa_adapters.nats import NatsServerFailed
from petrosa_adapters.sqlite import SqliteJournal
from petrosa_adapters.system import SystemClock
from petrosa_core.ports import Clock
from petrosa_core.values import MILLISECOND
from petrosa_entrypoints.demo import script
from petrosa_entrypoints.demo.performance import Performance
from petrosa_entrypoints.demo.screen import Screen, screen_for
from petrosa_entrypoints.demo.script import Part
from petrosa_entrypoints.demo.stack import EngineDidNotStart, Stack, child_env
from petrosa_entrypoints.display import trouble
from petrosa_entrypoints.serving import asked_to_end
from petrosa_entrypoints.settings import TABLE, Settings

T = TypeVar("T")

SEED: Final = 20260821
"""Of the synthetic day: the same one every time."""
_KEPT_FOR_THE_SHOW: Final = frozenset({"DATA_DIR", "MARKET", "LOG_LEVEL"})
"""The operator's settings that the show heeds; his limits are not its."""

CURL: Final = """\
curl -X POST http://localhost:{port}/trade -H "Content-Type: application/json" \
-d '{{"strategy_id": "test", "symbol": "BTCUSDT", "action": "buy", "confidence": 0.8, "price": 50000, "quantity": 0.001}}'"""


class ShowFailed(Exception):
    """The show could not be given; the message says why."""


class Interrupted(Exception):
    """The show was ended before it was over."""


def program() -> str:
    """How the operator calls this program: by name where that finds it, else by the path that started it."""
    started = Path(sys.argv[0])
    found = shutil.which("petrosa")
    if started.name != "petrosa" or (found is not None and Path(found).samefile(started)):
        return "petrosa"
    return os.path.relpath(started)


def show_settings(env: Mapping[str, str], settings: Settings) -> dict[str, str]:
    """The environment of the show's engine: the script's settings, and of the operator's only where his machine is."""
    given = {**script.SETTINGS, "DATA_DIR": str(settings.store.data_dir), "MARKET": settings.account.market.value}
    ours = frozenset(row.name for row in TABLE) - _KEPT_FOR_THE_SHOW
    return child_env(env, given, dropped=ours)


@contextmanager
def _folder_alone(data_dir: Path) -> Iterator[Path]:
    """The show's folder, emptied: each show begins with a new account. Raises ShowFailed when another show is running."""
    folder = data_dir / script.ACCOUNT
    data_dir.mkdir(parents=True, exist_ok=True)
    with (data_dir / f"{script.ACCOUNT}.lock").open("wb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ShowFailed(f"another petrosa run is using {data_dir}: end it, or set DATA_DIR") from None
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        yield folder


async def _unless(end: asyncio.Event, work: Coroutine[Any, Any, T]) -> T:
    """The work's result. Raises Interrupted when the end was asked for first; the work has ended by then."""
    doing, ending = asyncio.ensure_future(work), asyncio.ensure_future(end.wait())
    try:
        await asyncio.wait({doing, ending}, return_when=asyncio.FIRST_COMPLETED)
        if not doing.done():
            raise Interrupted
        return await doing
    finally:
        for task in (doing, ending):
            task.cancel()
        await asyncio.gather(doing, ending, return_exceptions=True)


async def _perform(settings: Settings, env: Mapping[str, str], screen: Screen, clock: Clock, *, hurried: bool) -> bool:
    with _folder_alone(settings.store.data_dir) as folder:
        began = clock.now()
        arguments = ("--market", f"{SEED}:{began}")
        async with Stack(folder, show_settings(env, settings), arguments) as stack:
            told = {"nats": stack.nats.url, "url": stack.url, "journal": str(folder / "journal.db")}
            screen.title(f"SIMULATION  nats {told['nats']}  journal {told['journal']}  page {told['url']}", told)
            journal = await SqliteJournal.open(
                folder / "journal.db",
                account=Settings.from_env(show_settings(env, settings)).account_id,
                market=settings.account.market,
                mode=settings.mode,
            )
            try:
                performance = Performance(
                    stack=stack,
                    journal=journal,
                    screen=screen,
                    clock=clock,
                    subject="signals.trading",
                    run=f"show-{began}",
                    pause=(200 if hurried else 1000) * MILLISECOND,
                )
                summary = await performance.play()
            finally:
                await journal.close()
            screen.summary(summary)
            refused = performance.published[Part.REFUSED].signal_id
            screen.hints("look again", {
                "why": f"ACCOUNT_ID={script.ACCOUNT} {program()} why {refused}",
                "proof": f"ACCOUNT_ID={script.ACCOUNT} {program()} audit verify",
            })  # fmt: skip
            return summary.kept


async def _serve(settings: Settings, env: Mapping[str, str], screen: Screen, end: asyncio.Event) -> None:
    settings.account_dir.mkdir(parents=True, exist_ok=True)
    given = {"HTTP_HOST": settings.api.host, "HTTP_PORT": str(settings.api.port)}
    async with Stack(settings.account_dir, child_env(env, given), ()) as stack:
        screen.hints("your account", {
            "page": stack.url,
            "trade": CURL.format(port=stack.url.rpartition(":")[2]),
            "signal": f"NATS_URL={stack.nats.url} {program()} signal send FILE --commit",
            "stop": "Ctrl-C",
        })  # fmt: skip
        ended = asyncio.ensure_future(stack.engine_end())
        asked = asyncio.ensure_future(end.wait())
        await asyncio.wait({ended, asked}, return_when=asyncio.FIRST_COMPLETED)
        asked.cancel()
        if not end.is_set():
            raise ShowFailed(f"the engine ended by itself: see {settings.account_dir / 'engine.log'}")
        ended.cancel()


async def show(settings: Settings, env: Mapping[str, str], out: TextIO, *, once: bool) -> bool:
    """Give the show; unless ``once``, serve the operator's account afterwards until Ctrl-C. Whether every promise held.

    Raises ShowFailed when it cannot be given, Interrupted when it was interrupted before its end.
    """
    if settings.account_id == script.ACCOUNT:
        raise ShowFailed(f"the account {script.ACCOUNT!r} belongs to the show: set another ACCOUNT_ID")
    screen, clock = screen_for(out), SystemClock()
    try:
        async with asked_to_end() as end:
            kept = await _unless(end, _perform(settings, env, screen, clock, hurried=once))
            if not once:
                await _serve(settings, env, screen, end)
            return kept
    except (NatsServerFailed, EngineDidNotStart) as error:
        raise ShowFailed(str(error)) from error
    except OSError as error:
        raise ShowFailed(trouble(error)) from error
