"""One account's processes: a NATS server and, in a process of its own so that it can be killed, the engine.

1. Both end with this process, however it dies: the server as its adapter promises, the engine because its standard input
   closes.
2. Both are in sessions of their own: Ctrl-C reaches this process alone, which ends them in order.
3. The engine's log goes to ``engine.log`` in the account's folder; what it prints first is where it listens.
"""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final, Self

from petrosa_adapters.nats import EmbeddedNatsServer
from petrosa_entrypoints.settings.read import FILE_SUFFIX

_START_WITHIN: Final = 60.0
"""Seconds until the engine has to listen; a busy machine needs a few for importing alone."""
_END_WITHIN: Final = 20.0
_LOG_SHOWN: Final = 800


class EngineDidNotStart(Exception):
    """The engine's process ended or stayed silent; the message holds the end of its log."""


def child_env(
    env: Mapping[str, str], given: Mapping[str, str], dropped: frozenset[str] = frozenset()
) -> dict[str, str]:
    """The environment of a child: this one with some settings given anew, and others taken out, in either of their forms."""
    out = {name + suffix for name in {*given, *dropped} for suffix in ("", FILE_SUFFIX)}
    return {**{name: value for name, value in env.items() if name not in out}, **given}


class Stack:
    """``async with Stack(...) as stack``: server and engine run; ``kill`` and ``start_engine`` may be called in between."""

    def __init__(self, folder: Path, env: Mapping[str, str], arguments: tuple[str, ...]) -> None:
        """``folder`` is the account's; ``env`` is all of the engine's environment but NATS_URL, ``arguments`` its own."""
        self._folder = folder
        self._env = env
        self._arguments = arguments
        self._engine: Process | None = None
        self.nats = EmbeddedNatsServer(folder / "nats")
        self.url = ""
        """Where the engine's HTTP server listens, once it has started."""

    async def __aenter__(self) -> Self:
        """Start both. Raises NatsServerFailed, EngineDidNotStart."""
        async with AsyncExitStack() as started:
            started.push_async_callback(self._stop)
            await self.nats.start()
            await self.start_engine()
            started.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop both, the engine first, so that it can still hand back what it holds."""
        await self._stop()

    async def start_engine(self) -> None:
        """Start the engine and wait until it has recovered and listens. Raises EngineDidNotStart."""
        with self._log.open("ab") as log:
            self._engine = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "petrosa_entrypoints.demo.child", *self._arguments),
                env=child_env(self._env, {"NATS_URL": self.nats.url}),
                stdin=PIPE,
                stdout=PIPE,
                stderr=log,
                start_new_session=True,
            )
        assert self._engine.stdout is not None, "it was asked for"
        try:
            async with asyncio.timeout(_START_WITHIN):
                first = await self._engine.stdout.readline()
        except TimeoutError:
            first = b""
        if not first:
            await self.kill_engine()
            raise EngineDidNotStart(self._end_of_log())
        self.url = json.loads(first)["url"]

    async def kill_engine(self) -> None:
        """SIGKILL: no handler, no ``finally``, no flush."""
        engine, self._engine = self._engine, None
        if engine is not None:
            if engine.returncode is None:
                engine.kill()
            await engine.wait()

    @property
    def engine_ended(self) -> bool:
        """Whether the engine's process is gone."""
        return self._engine is None or self._engine.returncode is not None

    async def engine_end(self) -> None:
        """Return when the engine's process has ended by itself."""
        if self._engine is not None:
            await self._engine.wait()

    async def _stop(self) -> None:
        engine = self._engine
        if engine is not None and engine.returncode is None:
            engine.terminate()
            try:
                async with asyncio.timeout(_END_WITHIN):
                    await engine.wait()
            except TimeoutError:
                await self.kill_engine()
        self._engine = None
        await self.nats.stop()

    @property
    def _log(self) -> Path:
        return self._folder / "engine.log"

    def _end_of_log(self) -> str:
        text = self._log.read_text("utf-8", "replace")[-_LOG_SHOWN:].strip()
        return f"the engine did not start; the end of {self._log}: {text or 'empty'}"
