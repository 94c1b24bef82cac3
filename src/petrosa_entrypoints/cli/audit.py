"""``petrosa audit verify | export | rebuild``: prove the journal, take it away, project it anew."""

import re
from pathlib import Path
from typing import IO

import click

from petrosa_adapters.system import AsyncioRuntime
from petrosa_core.application import Follower
from petrosa_core.audit import GENESIS, Broken, Head, frame_line
from petrosa_core.desk import Book
from petrosa_core.ports import Clock, Journal
from petrosa_entrypoints.cli.reading import json_option
from petrosa_entrypoints.cli.shell import Failed, Shell, pass_shell
from petrosa_entrypoints.display import write_json
from petrosa_entrypoints.logs import log_failure
from petrosa_entrypoints.offline import Record
from petrosa_entrypoints.proof import pages, prove


@click.group(no_args_is_help=False)
def audit() -> None:
    """Prove, export and project the journal."""


def _anchor(_: click.Context, __: click.Parameter, text: str | None) -> Head | None:
    if text is None:
        return None
    if not re.fullmatch(r"\d{1,18}:[0-9a-fA-F]{64}", text, re.ASCII):
        raise click.BadParameter("is not NUMBER:HASH with a hash of 64 hex digits")
    number, _colon, digest = text.partition(":")
    return Head(int(number), digest.lower())


async def _proven(journal: Journal, anchor: Head | None) -> Head:
    verdict = await prove(journal, anchor)
    if isinstance(verdict, Broken):
        raise Failed(f"BROKEN at frame {verdict.number}: {verdict.why}")
    return verdict.head


@audit.command(
    "verify",
    epilog="Example: petrosa audit verify --anchor 1204:9f86d0...",
    short_help="Prove the journal, frame by frame.",
)
@click.option("--anchor", callback=_anchor, default=None, metavar="NUMBER:HASH", help="A head that was published.")
@json_option
@pass_shell
def verify_command(shell: Shell, *, anchor: Head | None, as_json: bool) -> None:
    """Prove that no frame was altered, removed, inserted or moved; with an anchor, that no tail is missing either.

    deploy/verify_journal.py does the same without any code of the engine.
    """

    async def work(record: Record) -> Head:
        return await _proven(record.journal, anchor)

    head = shell.with_record(work)
    if as_json:
        write_json(shell.out, {"sound": True, "frame": head.number, "hash": head.hash, "anchored": anchor is not None})
        return
    known = "and holds the anchor" if anchor else "no anchor given: a cut tail would not show"
    shell.out.write(f"SOUND to frame {head.number}, {head.hash} ({known})\n")


@audit.command(epilog="Example: petrosa audit export journal.jsonl", short_help="Write the journal to a file.")
@click.argument("target", type=click.Path(dir_okay=False, path_type=Path, allow_dash=True))
@pass_shell
def export(shell: Shell, target: Path) -> None:
    """Write the journal to a file (- for standard output), one frame a line, as deploy/verify_journal.py reads it."""

    async def work(record: Record) -> int:
        try:
            with click.open_file(str(target), "wb") as file:
                return await _write(record.journal, file)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise Failed(f"{target}: cannot be written: {error.strerror or error}") from None

    count = shell.with_record(work)
    shell.err.write(f"{count} frames\n")


async def _write(journal: Journal, file: IO[bytes]) -> int:
    count = 0
    async for page in pages(journal):
        file.writelines(map(frame_line, page))
        count += len(page)
    return count


@audit.command(epilog="Example: petrosa audit rebuild --commit", short_help="Make trade_audit_log anew.")
@click.option("--commit", is_flag=True, help="Do it; without this, only say what would be done.")
@pass_shell
def rebuild(shell: Shell, *, commit: bool) -> None:
    """Empty trade_audit_log and project it anew from the journal, which is only read and proven first."""

    async def work(record: Record) -> Head:
        head = await _proven(record.journal, None)
        if commit:
            await project(record, shell.clock)
        return head

    head = shell.with_record(work)
    done = "rebuilt" if commit else "would rebuild (nothing was done: add --commit)"
    shell.out.write(f"{done}: trade_audit_log from {head.number} frames\n")


async def project(record: Record, clock: Clock) -> None:
    """Make the audit log anew; Failed when a store gives out on the way, which a second try mends."""
    runtime = AsyncioRuntime(clock, log_failure)
    follower = Follower(journal=record.journal, audit_log=record.audit_log, runtime=runtime, book=Book(), head=GENESIS)
    if not await follower.rebuild():
        raise Failed("the store gave out while trade_audit_log was being rebuilt: run it again")
