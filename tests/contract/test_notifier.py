"""N1 and N2, of everything that claims to be a Notifier; and what of it arrives over NATS."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from decimal import Decimal
from pathlib import Path
from typing import Protocol

import pytest
import structlog
from tests.support.nats_server import a_client, a_server, eventually

from petrosa_adapters.memory.notifier import MemoryNotifier
from petrosa_adapters.nats import NatsLink, NatsNotifier, unescape
from petrosa_adapters.system.clock import SystemClock
from petrosa_adapters.system.log_notifier import LogNotifier
from petrosa_core.audit import Head
from petrosa_core.ports import Notifier
from petrosa_core.signal import Undecodable
from petrosa_core.values import AccountId

ROOM = 10
HEAD = Head(7, "a" * 64)
LETTER = Undecodable(raw=b"\xff", code="NOT_UTF8", message="not UTF-8")


class Counting(Notifier, Protocol):
    """A notifier that counts its losses, as N2 asks."""

    @property
    def lost(self) -> int:
        """How many were told to nobody."""
        ...


class BrokenSink:
    """A log sink whose disk is full."""

    def msg(self, _: str) -> None:
        """Refuse the line."""
        raise OSError(28, "no space left on device")

    info = warning = critical = msg


def nobody_listens() -> NatsNotifier:
    """Over NATS, with no server to tell."""
    return NatsNotifier(NatsLink("nats://127.0.0.1:1"), AccountId("default"), SystemClock(), room=ROOM)


def no_disk() -> LogNotifier:
    """To a log that cannot be written."""
    return LogNotifier(structlog.wrap_logger(BrokenSink(), processors=[]), room=ROOM)


@pytest.fixture(
    params=[
        pytest.param(lambda: MemoryNotifier(ROOM), id="memory"),
        pytest.param(no_disk, id="log"),
        pytest.param(nobody_listens, id="nats"),
    ]
)
def notifier(request: pytest.FixtureRequest) -> Counting:
    """Each of them, with nobody there to take what it tells."""
    make: Callable[[], Counting] = request.param
    return make()


async def test_n1_telling_nobody_returns_at_once_and_never_raises(notifier: Counting):
    """given no listener, when anything is told, sound or not, then the teller goes on."""
    endless: dict[str, object] = {}
    endless["me"] = endless

    for strategy in ("s", "a.b", "Iceberg Order Detector", "", "*.>", "\ud800", "x" * 200):
        notifier.execution(strategy, {"price": Decimal("1.50")})
    for detail in ({}, {"x": object()}, {"x": 0.1}, {"x": b"\xff"}, {1: 2}, endless, {"message": "other"}):
        notifier.alert("stop_missing.BTCUSDT", "critical", "protection", "no stop", detail)  # type: ignore[arg-type]
    notifier.alert("", "odd", "", "", {})
    notifier.dead_letter(LETTER, "", "")
    notifier.dead_letter(LETTER, "a\r\nb: c", "\ud800")
    notifier.anchor(HEAD)


async def test_n2_what_nobody_takes_is_bounded_and_its_loss_counted(notifier: Counting):
    """given no listener, when more is told than there is room for, then the oldest goes and is counted."""
    for number in range(3 * ROOM):
        notifier.execution("s", {"number": number})

    assert notifier.lost == 2 * ROOM


async def test_n2_a_log_that_cannot_be_written_loses_lines_and_nothing_else():
    """given a full disk, when lines are written, then each is counted as lost and the writer lives on."""
    notifier = no_disk()
    writing = asyncio.get_running_loop().create_task(notifier.run())
    notifier.alert("disk_full", "warning", "ops", "no space", {})
    notifier.anchor(HEAD)
    await eventually(lambda: notifier.lost == 2)

    assert not writing.done()
    writing.cancel()


async def test_the_log_holds_what_was_told():
    """given a log, then each kind has a line at its level, with its values apart."""
    sink = structlog.testing.CapturingLogger()
    notifier = LogNotifier(structlog.wrap_logger(sink, processors=[]))
    writing = asyncio.get_running_loop().create_task(notifier.run())
    notifier.execution("s", {"event_type": "placed"})
    notifier.alert("disk_full", "warning", "ops", "no space", {"free": 0})
    notifier.anchor(HEAD)
    notifier.dead_letter(LETTER, "js:then:1", "signals.trading")
    await eventually(lambda: len(sink.calls) == 4)
    writing.cancel()

    assert [(call.method_name, call.kwargs) for call in sink.calls] == [
        ("info", {"event": "execution", "strategy": "s", "body": {"event_type": "placed"}}),
        (
            "warning",
            {"event": "alert", "alert": "disk_full", "category": "ops", "message": "no space", "detail": {"free": 0}},
        ),
        ("info", {"event": "anchor", "frame": 7, "hash": "a" * 64}),
        (
            "warning",
            {
                "event": "dead_letter",
                "message_id": "js:then:1",
                "subject": "signals.trading",
                "code": "NOT_UTF8",
                "message": "not UTF-8",
                "bytes": 1,
            },
        ),
    ]


@pytest.fixture
async def heard(tmp_path: Path) -> AsyncIterator[tuple[NatsNotifier, dict[str, bytes]]]:
    """A notifier over a real server, and what a listener to everything hears, by subject."""
    bodies: dict[str, bytes] = {}

    async def hear(msg: object) -> None:
        bodies[msg.subject] = msg.data  # type: ignore[attr-defined]

    async with a_server(tmp_path / "nats") as server, a_client(server.url) as listener:
        for subject in ("execution.events.*", "alerts.tradeengine.>", "journal.anchor.*", "signals.deadletter"):
            await listener.subscribe(subject, cb=hear)
        await listener.flush()
        async with NatsLink(server.url) as link:
            notifier = NatsNotifier(link, AccountId("main"), SystemClock())
            telling = asyncio.get_running_loop().create_task(notifier.run())
            yield notifier, bodies
            telling.cancel()


async def test_over_nats_each_kind_has_its_subject_and_its_numbers_exactly(
    heard: tuple[NatsNotifier, dict[str, bytes]],
):
    """given listeners, when each kind is told once, then each arrives on its subject, with every digit."""
    notifier, bodies = heard
    notifier.execution("Iceberg Order Detector", {"event_type": "placed", "qty": Decimal("0.16364726774372942000")})
    notifier.alert("rollback_failed.ETHUSDT", "critical", "protection", "no stop rests", {"qty": Decimal("1E-8")})
    notifier.anchor(HEAD)
    notifier.dead_letter(LETTER, "js:then:1", "signals.trading")
    await eventually(lambda: len(bodies) == 4)

    execution = bodies["execution.events.Iceberg%20Order%20Detector"]
    alert = json.loads(bodies["alerts.tradeengine.rollback_failed.ETHUSDT"], parse_float=Decimal)
    assert execution == b'{"event_type":"placed","qty":0.16364726774372942000}'
    assert alert["qty"] == Decimal("0.00000001")
    assert (alert["alert_name"], alert["severity"]) == ("rollback_failed.ETHUSDT", "critical")
    assert (alert["category"], alert["message"]) == ("protection", "no stop rests")
    assert json.loads(bodies["journal.anchor.main"])["hash"] == HEAD.hash
    assert json.loads(bodies["signals.deadletter"])["body_base64"] == "/w=="


@pytest.mark.parametrize("strategy", ["volume_surge_breakout", "a.b", "*", ">", "a b\n\x1f", "策略", "%", "", "~-_"])
async def test_any_strategy_is_one_token_of_a_subject(heard: tuple[NatsNotifier, dict[str, bytes]], strategy: str):
    """given any name, when its execution is told, then it arrives on one token below the stem, which leads back to the name."""
    notifier, bodies = heard
    notifier.execution(strategy, {})
    await eventually(lambda: len(bodies) == 1)

    (subject,) = bodies
    assert unescape(subject.removeprefix("execution.events.")) == strategy


async def test_what_was_told_before_the_server_came_is_told_when_it_comes(tmp_path: Path):
    """given a server that is down, when it comes, then the newest of what was told is sent, in its order."""
    heard: list[int] = []

    async def hear(msg: object) -> None:
        heard.append(json.loads(msg.data)["number"])  # type: ignore[attr-defined]

    async with a_server(tmp_path / "nats") as server, a_client(server.url) as listener:
        await listener.subscribe("execution.events.s", cb=hear)
        await listener.flush()
        await server.kill()
        async with NatsLink(server.url) as link:
            notifier = NatsNotifier(link, AccountId("main"), SystemClock(), room=ROOM)
            telling = asyncio.get_running_loop().create_task(notifier.run())
            await eventually(lambda: "Connect" in (link.trouble or ""))
            for number in range(ROOM):
                notifier.execution("s", {"number": number})
            await eventually(lambda: not listener.is_connected)
            await server.start()
            await eventually(lambda: listener.is_connected and notifier.waiting == 0)
            notifier.execution("s", {"number": 99})
            await eventually(lambda: 99 in heard)
            telling.cancel()

    assert heard == sorted(heard)
    assert notifier.lost == 0
