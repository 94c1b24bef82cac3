"""The paper exchange's memory: a log of its inputs, and now and then a checkpoint, in a directory of its own.

1. An input's line is written, in one piece, before anybody hears of what it caused. It reaches the operating system, so it
   survives the death of the process; only a checkpoint waits for the disk.
2. A last line that was cut off is dropped: nobody has heard of it. A broken line before that is refused.
3. A checkpoint replaces the lines before it, whole or not at all.
4. One process owns the directory; a second is refused, and a dead one's claim ends with it.
"""

import fcntl
import os
from collections.abc import Sequence
from pathlib import Path

import attrs

from petrosa_core.audit import decode, encode
from petrosa_core.matching import ExchangeState, Input

_LOG, _CHECKPOINT, _LOCK = "inputs.jsonl", "checkpoint.json", "lock"


class PaperDirectoryBusy(Exception):
    """Another process owns this paper exchange."""


class PaperDirectoryUnusable(Exception):
    """What is in the directory is not the memory of the exchange that was asked for, or it is damaged."""


@attrs.frozen(kw_only=True)
class Line:
    """One input with its number; numbers go on through checkpoints."""

    number: int
    step: Input


@attrs.frozen(kw_only=True)
class Checkpoint:
    """The exchange after the input with this number."""

    number: int
    state: ExchangeState


class InputLog:
    """An open, owned directory."""

    def __init__(self, directory: Path) -> None:
        """Own the directory, making it first where it is not there. Raises PaperDirectoryBusy."""
        directory.mkdir(parents=True, exist_ok=True)
        self._directory = directory
        self._lock = (directory / _LOCK).open("wb")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._lock.close()
            raise PaperDirectoryBusy(f"{directory}: another process runs this paper exchange") from None
        self._file = (directory / _LOG).open("ab", buffering=0)
        self._number = 0
        self.lines = 0
        """Inputs since the last checkpoint."""

    def load(self) -> tuple[ExchangeState | None, list[Input]]:
        """The last checkpoint's state, if there is one, and the inputs after it. Raises PaperDirectoryUnusable."""
        checkpoint = self._read_checkpoint()
        number = checkpoint.number if checkpoint else 0
        steps = []
        for line in self._read_lines():
            if line.number <= number:
                continue  # the process died between writing a checkpoint and emptying the log
            if line.number != number + 1:
                raise PaperDirectoryUnusable(f"{self._directory}: input {number + 1} is missing")
            number = line.number
            steps.append(line.step)
        self._number, self.lines = number, len(steps)
        return (checkpoint.state if checkpoint else None), steps

    def append(self, steps: Sequence[Input]) -> None:
        """Write inputs down, together. Raises OSError when the system does not take them."""
        first = self._number + 1
        lines = [encode(Line(number=number, step=step)) + b"\n" for number, step in enumerate(steps, first)]
        data = b"".join(lines)
        if self._file.write(data) != len(data):
            raise OSError(f"{self._directory}: the disk is full")
        self._number += len(steps)
        self.lines += len(steps)

    def checkpoint(self, state: ExchangeState) -> None:
        """Put the state in place of all lines so far. Raises OSError."""
        path = self._directory / _CHECKPOINT
        draft = path.with_suffix(".new")
        with draft.open("wb") as file:
            file.write(encode(Checkpoint(number=self._number, state=state)))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        self._file.truncate(0)
        self.lines = 0

    def close(self) -> None:
        """Give the directory up."""
        self._file.close()
        self._lock.close()

    def _read_checkpoint(self) -> Checkpoint | None:
        path = self._directory / _CHECKPOINT
        if not path.exists():
            return None
        try:
            return decode(path.read_bytes(), Checkpoint)
        except ValueError as error:
            raise PaperDirectoryUnusable(f"{path}: {error}") from error

    def _read_lines(self) -> list[Line]:
        path = self._directory / _LOG
        whole, _, torn = path.read_bytes().rpartition(b"\n")
        if torn:
            self._file.truncate(len(whole) + bool(whole))
        lines = []
        for count, text in enumerate(whole.split(b"\n") if whole else (), 1):
            try:
                lines.append(decode(text, Line))
            except ValueError as error:
                raise PaperDirectoryUnusable(f"{path}, line {count}: {error}") from error
        return lines
