"""Logs: one line per event, whoever wrote it, and never a secret."""

import io
import json
import logging

import pytest
import structlog

from petrosa_adapters.wire.secret import Secret
from petrosa_entrypoints import logs
from petrosa_entrypoints.redaction import Redactor
from petrosa_entrypoints.settings import LogFormat, LogLevel, LogSettings

CANARY = "canary-51b7a9e0"


class Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self):
        return True


@pytest.fixture
def log():
    """The log as text, configured as JSON; the process's own logging comes back afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    logs.configure(LogSettings(format=LogFormat.JSON), [CANARY], stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


def lines(log):
    """Every line, read as JSON."""
    return [json.loads(line) for line in log.getvalue().splitlines()]


def test_an_event_is_one_json_line_with_time_level_name_and_what_was_bound(log):
    """given an event with a field, when it is logged, then its line has the fields that every line has, and its own."""
    structlog.get_logger("petrosa.engine").info("order_filled", symbol="BTCUSDT")

    [line] = lines(log)
    assert line.pop("timestamp").endswith("Z")
    assert line == {"level": "info", "logger": "petrosa.engine", "event": "order_filled", "symbol": "BTCUSDT"}


def test_libraries_write_into_the_same_log(log):
    """given a library that uses the standard logging, when it warns, then its line looks like ours."""
    logging.getLogger("somebody.else").warning("took %d ms", 12)

    [line] = lines(log)
    assert (line["logger"], line["level"], line["event"]) == ("somebody.else", "warning", "took 12 ms")


def test_a_line_break_cannot_forge_a_line(log):
    """given a message with a line break, when it is logged, then it is still one line."""
    structlog.get_logger().info('first\n{"event": "forged"}')

    assert len(lines(log)) == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"api_key": CANARY},
        {"detail": f"signed with {CANARY} now"},
        {"detail": {"nested": [{"deep": (CANARY,)}]}},
        {"detail": Secret(CANARY)},
        {"detail": {CANARY: 1}},
        {"detail": ValueError(f"refused: {CANARY}")},
        {"detail": CANARY.encode()},
        {"headers": {"Authorization": "Bearer unknown"}},
    ],
    ids=["key", "in-text", "nested", "secret", "as-key", "exception", "bytes", "header"],
)
def test_a_secret_is_masked_wherever_it_stands(log, fields):
    """given a secret anywhere in an event, when it is logged, then the mask stands there instead."""
    structlog.get_logger().info("event", **fields)

    assert CANARY not in log.getvalue()
    assert "unknown" not in log.getvalue()
    assert "***" in log.getvalue()


def test_a_traceback_is_redacted(log):
    """given an exception whose message holds a secret, when it is logged with its traceback, then it is masked."""
    try:
        raise RuntimeError(f"https://host/order?symbol=X&signature=0a1b2c and {CANARY}")
    except RuntimeError:
        structlog.get_logger().exception("failed")

    text = log.getvalue()
    assert "RuntimeError" in text
    assert CANARY not in text
    assert "0a1b2c" not in text


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("GET /order?symbol=BTCUSDT&signature=0a1b2c&x=1", "GET /order?symbol=BTCUSDT&signature=***&x=1"),
        (
            "{'X-MBX-APIKEY': 'vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A'}",
            "{'X-MBX-APIKEY': '***'}",
        ),
        ("authorization: Bearer tk_ops_1234", "authorization: Bearer ***"),
        ("connect mongodb+srv://user:pass@db.example/x", "connect mongodb+srv://***@db.example/x"),
        ("nats://token@one:4222", "nats://***@one:4222"),
        ("https://example.com/path?x=1", "https://example.com/path?x=1"),
        ("the token of appreciation", "the token of appreciation"),
    ],
)
def test_secrets_are_known_by_the_form_they_travel_in(written, shown):
    """given a secret that nobody told us of, when it stands in a usual form, then it is masked and the rest is kept."""
    assert Redactor().text(written) == shown


def test_numbers_of_orders_and_counts_of_tokens_are_no_secrets():
    """Redaction by name takes what is secret, and leaves what only sounds like it."""
    event = {"tokens": 3, "order_id": "12", "key": "sg-1", "signal_id": "sg-2", "price": 1, "next_token": "abc"}

    redacted = Redactor()(None, "info", dict(event))

    assert redacted == {**event, "next_token": "***"}


def test_a_short_secret_does_not_mask_ordinary_words():
    """given a secret of two letters, when a word holds them, then the word is left alone."""
    assert Redactor(["or"]).text("an order") == "an order"


def test_lines_below_the_level_are_not_written(log):
    """given the level warning, when something informs, then nothing is written."""
    logs.configure(LogSettings(format=LogFormat.JSON, level=LogLevel.WARNING), [], log)
    structlog.get_logger("quiet").info("event")

    assert log.getvalue() == ""


def test_a_terminal_gets_lines_for_people(log):
    """given a terminal, when the format is auto, then the line is no JSON, and it is redacted all the same."""
    terminal = Terminal()
    logs.configure(LogSettings(), [CANARY], terminal)
    structlog.get_logger("shown").warning("order_filled", note=CANARY)

    assert "order_filled" in terminal.getvalue()
    assert not terminal.getvalue().startswith("{")
    assert CANARY not in terminal.getvalue()
