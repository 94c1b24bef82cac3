"""How the program writes its log: JSON lines, or coloured lines on a terminal; one stream for ours and the libraries' alike.

Only programs call ``configure``. Whoever embeds the engine keeps the logging of his own.
"""

import json
import logging
import sys
from collections.abc import Iterable
from typing import Any, Final, TextIO

import structlog
from structlog.typing import Processor

from petrosa_entrypoints.redaction import Redactor
from petrosa_entrypoints.settings import LogFormat, LogSettings

# What these say at INFO is about every request or retry, and may quote addresses with signatures.
_CHATTY: Final = ("asyncio", "httpcore2", "httpx2", "nats", "uvicorn.access", "uvicorn.error")


def _dumps(event: Any, **_: object) -> str:
    return json.dumps(event, ensure_ascii=False, default=str)


def _renderer(settings: LogSettings, stream: TextIO) -> Processor:
    terminal = stream.isatty()
    if settings.format is LogFormat.CONSOLE or (settings.format is LogFormat.AUTO and terminal):
        # Tracebacks are text by then: they have been through the redactor, which a pretty printer would go around.
        return structlog.dev.ConsoleRenderer(colors=terminal, exception_formatter=structlog.dev.plain_traceback)
    return structlog.processors.JSONRenderer(serializer=_dumps)


def configure(settings: LogSettings, secrets: Iterable[str] = (), stream: TextIO | None = None) -> None:
    """Send every log line of this process to the stream (standard error unless given), without secrets.

    A line has ``timestamp`` (UTC, ISO 8601), ``level``, ``event``, ``logger`` and what was bound to it.
    """
    stream = sys.stderr if stream is None else stream
    level = logging.getLevelNamesMapping()[settings.level.name]
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        structlog.processors.UnicodeDecoder(),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                Redactor(secrets),
                _renderer(settings, stream),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in _CHATTY:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))
    logging.captureWarnings(capture=True)


def log_failure(task: str, error: BaseException) -> None:
    """Tell of a task that died of an exception: a bug, since what can be expected is handled where it happens."""
    structlog.get_logger("petrosa.runtime").critical("task_failed", task=task, exc_info=error)
