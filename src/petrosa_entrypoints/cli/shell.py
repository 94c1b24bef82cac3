"""What every command works with: the environment, the streams, who is asking, and the way to the account's record.

1. Exit codes: 0 done, 1 failed, 2 bad input. What went wrong is one line on standard error, whatever it was.
2. A command looks at nothing of this process but its Shell, so that a test can be the operator.
"""

import asyncio
import os
import sys
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, Final, TextIO, TypeVar

import attrs
import click

from petrosa_core.application import StoreUnavailable
from petrosa_core.ports import Clock
from petrosa_entrypoints import logs
from petrosa_entrypoints.offline import AccountDesk, Record, open_account, open_record
from petrosa_entrypoints.settings import Settings

T = TypeVar("T")

DONE: Final = 0
FAILED: Final = 1
BAD_INPUT: Final = 2


class Failed(Exception):
    """The command could not do it; the message is one line, for the operator."""


@attrs.frozen(kw_only=True)
class Shell:
    """The operator's side of a command. ``user`` is who acts, as it stands in the journal."""

    env: Mapping[str, str]
    out: TextIO
    err: TextIO
    user: str
    clock: Clock

    def settings(self, flags: Mapping[str, str] | None = None) -> Settings:
        """Read the settings and send the log where they say; SettingsInvalid tells all that is wrong with them."""
        settings = Settings.from_env(self.env, flags or {})
        logs.configure(settings.log, settings.secrets(), self.err)
        return settings

    def with_account(self, work: Callable[[AccountDesk], Coroutine[Any, Any, T]]) -> T:
        """Open and fold the account's record, do the work, close it."""
        settings = self.settings()

        async def whole() -> T:
            async with open_account(settings, self.clock) as account:
                return await work(account)

        return _run(settings, whole())

    def with_record(self, work: Callable[[Record], Coroutine[Any, Any, T]]) -> T:
        """Open the stored frames, do the work, close them."""
        settings = self.settings()

        async def whole() -> T:
            async with open_record(settings) as record:
                return await work(record)

        return _run(settings, whole())


def _run(settings: Settings, work: Coroutine[Any, Any, T]) -> T:
    try:
        return asyncio.run(work)
    except StoreUnavailable as error:
        raise Failed(f"{settings.journal_path}: {error}") from None


def os_user() -> str:
    """Who runs this process, by the system's word and not by the environment's."""
    uid = os.getuid()
    if sys.platform != "win32":
        import pwd

        try:
            return pwd.getpwuid(uid).pw_name
        except KeyError:  # a container often has no entry for its user
            pass
    return f"uid-{uid}"


pass_shell = click.make_pass_decorator(Shell)
