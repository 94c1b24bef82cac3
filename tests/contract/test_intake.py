"""K1 to K9: what the JetStream intake promises, each against a real server on a free port."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import attrs
import nats.js.api as js_api
import pytest
from nats.aio.client import Client
from tests.support.nats_server import a_body, a_client, a_server, asked_until, eventually

from petrosa_adapters.nats import EmbeddedNatsServer, IntakeSettings, JetStreamIntake, NatsLink, NatsNotifier
from petrosa_adapters.system.clock import SystemClock
from petrosa_core.application.api import Arrival, NotReady, Verdict
from petrosa_core.decision import Outcome
from petrosa_core.signal import Signal, Undecodable
from petrosa_core.values import MILLISECOND, SECOND, AccountId, Moment

Answer = Verdict | NotReady
BUSY = NotReady(code="STORE_DOWN", message="the store is down", retry_after=50 * MILLISECOND)


def accepted() -> Verdict:
    """A durable verdict."""
    return Verdict(outcome=Outcome.ACCEPTED, signal_id=None, seq=1, at=Moment(1))


@attrs.define
class Engine:
    """Stands for the engine: remembers what it was handed, and answers as it is told to."""

    answer: Callable[[Signal | Undecodable, Arrival], Awaitable[Answer]] | None = None
    seen: list[tuple[Signal | Undecodable, Arrival]] = attrs.Factory(list)

    async def receive(self, message: Signal | Undecodable, arrival: Arrival) -> Answer:
        """As EngineApi.receive."""
        self.seen.append((message, arrival))
        return accepted() if self.answer is None else await self.answer(message, arrival)

    @property
    def ids(self) -> list[str]:
        """The ids of the signals, in the order of their arrival."""
        return [message.identities[0].value for message, _ in self.seen if isinstance(message, Signal)]


@attrs.define
class Rig:
    """One server, one producer, and intakes that are taken away at the end."""

    server: EmbeddedNatsServer
    producer: Client

    @asynccontextmanager
    async def intake(self, engine: Engine, **settings: object) -> AsyncIterator[JetStreamIntake]:
        """A running intake, connected and asking."""
        link = NatsLink(self.server.url)
        intake = JetStreamIntake(
            link,
            IntakeSettings(**settings),  # type: ignore[arg-type]
            receive=engine.receive,
        )
        async with link, asyncio.TaskGroup() as tasks:
            running = tasks.create_task(intake.run())
            await eventually(lambda: intake.ready)
            try:
                yield intake
            finally:
                await intake.stop(within=0.5)
                await running

    async def unacknowledged(self) -> int:
        """How many messages the server has not seen an acknowledgement for."""
        info = await self.producer.jetstream().consumer_info("PETROSA_SIGNALS", "tradeengine")
        return (info.num_ack_pending or 0) + (info.num_pending or 0)

    async def settles(self) -> None:
        """Return when everything has been acknowledged."""
        await asked_until(self.unacknowledged, 0)


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    """A fresh server and a producer that uses core NATS, as the producers in the field do."""
    async with a_server(tmp_path / "nats") as server, a_client(server.url) as producer:
        yield Rig(server, producer)


@pytest.mark.parametrize("setting", ["signals.trading", "signals.trading.*", "signals.trading.>"])
async def test_k1_the_bare_subject_and_everything_below_it_is_heard(rig: Rig, setting: str):
    """given any spelling of the subject in the settings, when producers use any of theirs, then each message arrives once."""
    subjects = [
        "signals.trading",
        "signals.trading.x",
        "signals.trading.a.b",
        "signals.trading.Iceberg%20Order%20Detector",
    ]
    engine = Engine()

    async with rig.intake(engine, subject=setting):
        for number, subject in enumerate(subjects):
            await rig.producer.publish(subject, a_body(number))
        await rig.producer.publish("signals.other", a_body(99))
        await eventually(lambda: len(engine.seen) >= len(subjects))
        await rig.settles()

    assert [arrival.subject for _, arrival in engine.seen] == subjects


async def test_k2_only_a_durable_verdict_is_acknowledged(rig: Rig):
    """given an engine that is still writing, when a message is in its hands, then it is acknowledged after that, not before."""
    durable = asyncio.Event()

    async def write(_: object, __: Arrival) -> Answer:
        await durable.wait()
        return accepted()

    engine = Engine(write)
    async with rig.intake(engine):
        await rig.producer.publish("signals.trading", a_body())
        await eventually(lambda: len(engine.seen) == 1)
        assert await rig.unacknowledged() == 1
        durable.set()
        await rig.settles()

    assert len(engine.seen) == 1


async def test_k3_what_a_dead_engine_held_is_delivered_again(rig: Rig):
    """given an engine that dies with messages in hand, when another takes over, then it gets them, under the same names."""

    async def never(_: object, __: Arrival) -> Answer:
        await asyncio.Event().wait()
        raise AssertionError("unreachable")

    dead, alive = Engine(never), Engine()
    async with rig.intake(dead, ack_wait=SECOND // 2) as intake:
        for number in range(3):
            await rig.producer.publish("signals.trading", a_body(number))
        await eventually(lambda: len(dead.seen) == 3)
        await intake.stop(within=0)
    async with rig.intake(alive, ack_wait=SECOND // 2):
        await eventually(lambda: len(alive.seen) == 3)
        await rig.settles()

    assert sorted(arrival.message_id for _, arrival in alive.seen) == sorted(a.message_id for _, a in dead.seen)
    assert all(arrival.redelivered for _, arrival in alive.seen)
    assert not any(arrival.redelivered for _, arrival in dead.seen)


async def test_k3_a_message_whose_handling_raises_is_not_lost(rig: Rig):
    """given a bug in the engine, when it raises over one message, then that one comes again and the others are not held up."""

    async def stumble(message: Signal | Undecodable, arrival: Arrival) -> Answer:
        if isinstance(message, Signal) and message.identities[0].value == "signal-1" and not arrival.redelivered:
            raise KeyError("a bug")
        return accepted()

    engine = Engine(stumble)
    async with rig.intake(engine) as intake:
        for number in range(4):
            await rig.producer.publish("signals.trading", a_body(number))
        await eventually(lambda: len(engine.seen) == 5)
        await rig.settles()
        assert intake.failures == 1

    assert engine.ids == ["signal-0", "signal-1", "signal-2", "signal-3", "signal-1"]


async def test_k4_while_the_store_is_down_messages_go_back_and_come_again(rig: Rig):
    """given a store that is down, when messages arrive, then one at a time is tried, and all are handled when it is back."""
    down = True

    async def judge(_: object, __: Arrival) -> Answer:
        return BUSY if down else accepted()

    engine = Engine(judge)
    async with rig.intake(engine) as intake:
        await rig.producer.publish("signals.trading", a_body(0))
        await eventually(lambda: len(engine.seen) >= 1)
        await eventually(lambda: "STORE_DOWN" in (intake.trouble or "") and not intake.in_hand)
        for number in range(1, 20):
            await rig.producer.publish("signals.trading", a_body(number))
        await eventually(lambda: len(engine.seen) >= 3)
        tried = len(engine.seen)
        assert tried < 20
        down = False
        await rig.settles()
        assert intake.trouble is None

    assert set(engine.ids) == {f"signal-{number}" for number in range(20)}
    assert len(engine.seen) - tried <= 21


async def test_k5_a_thousand_messages_are_each_handled_once_and_in_order(rig: Rig):
    """given nothing that fails, when 1,000 messages are published, then the engine sees each once, in their order."""
    engine = Engine()

    async with rig.intake(engine):
        for number in range(1000):
            await rig.producer.publish(f"signals.trading.{number % 7}", a_body(number))
        await eventually(lambda: len(engine.seen) >= 1000)
        await rig.settles()

    assert engine.ids == [f"signal-{number}" for number in range(1000)]


async def test_k5_messages_are_handled_side_by_side_within_the_bound(rig: Rig):
    """given a slow engine, when many messages wait, then as many as are allowed are in its hands at once, and no more."""
    gate = asyncio.Event()

    async def wait(_: object, __: Arrival) -> Answer:
        await gate.wait()
        return accepted()

    engine = Engine(wait)
    async with rig.intake(engine, in_flight_max=8) as intake:
        for number in range(30):
            await rig.producer.publish("signals.trading", a_body(number))
        await asked_until(rig.unacknowledged, 30)
        await eventually(lambda: intake.in_hand == 8)
        gate.set()
        await rig.settles()

    assert engine.ids == [f"signal-{number}" for number in range(30)]


HOSTILE = [
    b"",
    b"\xff" * 100,
    b"[" * 50_000,
    b"{" * 200_000,
    b'{"strategy_id": "s"',
    b"null",
    b'{"price": 1e999999999}',
]


HOSTILE_HEADERS = [
    b"NATS/1.0",
    b"xxxx",
    b"NATS/1.0 \xff\xff\xff \xfe\r\n\r\n",
    b"NATS/1.0 404 \xff\r\n\r\n",
    b"NATS/1.0\r\n\xff: \xff\r\n\r\n",
    b"NATS/1.0\r\n:\r\n\r\n",
]


async def test_k6_hostile_bodies_are_handed_over_whole_and_hold_nothing_up(rig: Rig):
    """given bodies that nobody can read between two signals, then each is handed over with its bytes, and acknowledged."""
    engine = Engine()
    async with rig.intake(engine):
        for body in (a_body(1), *HOSTILE, a_body(2)):
            await rig.producer.publish("signals.trading.s", body)
        await eventually(lambda: len(engine.seen) == len(HOSTILE) + 2)
        await rig.settles()

    assert engine.ids == ["signal-1", "signal-2"]
    assert [message.raw for message, _ in engine.seen if isinstance(message, Undecodable)] == HOSTILE


async def test_k6_a_dead_letter_is_kept_once(rig: Rig):
    """given a letter that is told twice, as after a crash, then the stream that the intake made keeps one."""
    letter = Undecodable(raw=b"\xff", code="NOT_UTF8", message="not UTF-8")
    js = rig.producer.jetstream()

    async def stored() -> int:
        return (await js.stream_info("PETROSA_DEADLETTER")).state.last_seq

    async with rig.intake(Engine()), NatsLink(rig.server.url) as link:
        notifier = NatsNotifier(link, AccountId("default"), SystemClock())
        telling = asyncio.get_running_loop().create_task(notifier.run())
        for message_id in ("js:then:1", "js:then:1", "js:then:2"):
            notifier.dead_letter(letter, message_id, "signals.trading")
        await asked_until(stored, 2)
        telling.cancel()
        kept = json.loads((await js.get_msg("PETROSA_DEADLETTER", 1)).data or b"")

    assert (kept["message_id"], kept["body_base64"], kept["code"]) == ("js:then:1", "/w==", "NOT_UTF8")


async def test_k6_no_header_can_hide_a_message_or_end_the_connection(rig: Rig):
    """given headers that the client library stumbles over, when they are published, then their messages are handed over too."""
    _, writer = await asyncio.open_connection("127.0.0.1", int(rig.server.url.rpartition(":")[2]))
    engine = Engine()
    async with rig.intake(engine):
        for number, status in enumerate(("404", "503", "100", "nonsense")):
            await rig.producer.publish(
                "signals.trading", a_body(number), headers={"Status": status, "Nats-Msg-Id": f"m{number}"}
            )
        await rig.producer.flush()
        writer.write(b'CONNECT {"verbose":false,"headers":true}\r\n')
        for number, header in enumerate(HOSTILE_HEADERS):
            body = a_body(10 + number)
            writer.write(
                b"HPUB signals.trading %d %d\r\n%s%s\r\n" % (len(header), len(header) + len(body), header, body)
            )
        writer.write(b"PUB signals.trading 2\r\n{}\r\n")
        await writer.drain()
        await eventually(lambda: len(engine.seen) >= 11)
        await rig.settles()
        writer.close()

    assert len(engine.seen) == 11
    assert set(engine.ids) == {"m0", "m1", "m2", "m3"} | {
        f"signal-{10 + number}" for number in range(len(HOSTILE_HEADERS))
    }


async def test_k6_headers_reach_the_signal(rig: Rig):
    """given an id and a trace in the headers, then the signal carries them; its transport's name and time are the stream's."""
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    engine = Engine()
    async with rig.intake(engine):
        await rig.producer.publish("signals.trading", a_body(1), headers={"Nats-Msg-Id": "m", "traceparent": trace})
        await rig.producer.publish("signals.trading", a_body(2, signal_id=None))
        await eventually(lambda: len(engine.seen) == 2)
        created = (await rig.producer.jetstream().stream_info("PETROSA_SIGNALS")).created

    (named, first), (unnamed, second) = engine.seen
    assert isinstance(named, Signal)
    assert isinstance(unnamed, Signal)
    assert (named.identities[0].kind, named.identities[0].value, named.traceparent) == ("Nats-Msg-Id", "m", trace)
    assert created is not None
    assert second.message_id == f"js:{created.strftime('%Y-%m-%dT%H:%M:%S.%fZ')}:2"
    assert (unnamed.identities[0].kind, unnamed.identities[0].value) == ("transport", second.message_id)
    assert unnamed.timestamp == second.received_at
    assert first.received_at <= second.received_at


async def test_k7_a_server_that_was_killed_is_found_again(rig: Rig):
    """given a server that is killed and comes back on its store, then signals flow again, and none that was stored is lost.

    The server may have forgotten an acknowledgement, and even that it delivered the message: so it may come again.
    """
    engine = Engine()
    async with rig.intake(engine, ack_wait=SECOND) as intake:
        await rig.producer.publish("signals.trading", a_body(1))
        await eventually(lambda: engine.ids == ["signal-1"])
        await rig.settles()
        await rig.server.kill()
        await eventually(lambda: not intake.ready and intake.trouble is not None)
        await rig.server.start()
        await eventually(lambda: intake.ready and rig.producer.is_connected)
        await rig.producer.publish("signals.trading", a_body(2))
        await eventually(lambda: "signal-2" in engine.ids)
        await rig.settles()
        assert intake.trouble is None

    assert list(dict.fromkeys(engine.ids)) == ["signal-1", "signal-2"]


async def test_k7_a_server_that_is_not_there_yet_is_waited_for(rig: Rig):
    """given an intake that starts before its server, then it says so, and works when the server comes."""
    engine = Engine()
    await rig.server.kill()
    link = NatsLink(rig.server.url)
    intake = JetStreamIntake(link, IntakeSettings(), receive=engine.receive)
    async with link, asyncio.TaskGroup() as tasks:
        tasks.create_task(intake.run())
        await eventually(lambda: "Connect" in (intake.trouble or ""))
        assert not intake.ready
        await rig.server.start()
        await eventually(lambda: intake.ready)
        await intake.stop()


async def test_k7_a_stream_or_consumer_that_is_taken_away_is_made_again(rig: Rig):
    """given an operator who deletes what the intake needs, then it is there again, and the stream's new life has new names."""
    engine = Engine()
    js = rig.producer.jetstream()
    async with rig.intake(engine) as intake:
        await rig.producer.publish("signals.trading", a_body(1))
        await eventually(lambda: engine.ids == ["signal-1"])
        await rig.settles()
        await js.delete_consumer("PETROSA_SIGNALS", "tradeengine")
        await eventually(lambda: not intake.ready)
        await eventually(lambda: intake.ready)
        await js.delete_stream("PETROSA_SIGNALS")
        await eventually(lambda: not intake.ready)
        await eventually(lambda: intake.ready)
        await rig.producer.publish("signals.trading", a_body(2))
        await eventually(lambda: "signal-2" in engine.ids)

    first, last = engine.seen[0][1].message_id, engine.seen[-1][1].message_id
    assert first.endswith(":1")
    assert last.endswith(":1")
    assert first != last


async def test_k7_what_has_drifted_is_corrected_and_what_cannot_be_is_reported(rig: Rig):
    """given a stream and a consumer with other settings, then what the promises rest on is put right, and the rest is said."""
    js = rig.producer.jetstream()
    await js.add_stream(
        name="PETROSA_SIGNALS", subjects=["signals.trading.*", "mine"], storage="memory", max_msg_size=100
    )
    await js.add_consumer("PETROSA_SIGNALS", durable_name="tradeengine", ack_wait=3600, max_deliver=1)

    async with rig.intake(Engine()) as intake:
        stream = (await js.stream_info("PETROSA_SIGNALS")).config
        consumer = (await js.consumer_info("PETROSA_SIGNALS", "tradeengine")).config
        assert intake.drift == ("stream PETROSA_SIGNALS: storage is memory, so a restart loses it",)

    assert set(stream.subjects or []) == {"mine", "signals.trading", "signals.trading.>"}
    assert (stream.max_msg_size, stream.discard) == (-1, js_api.DiscardPolicy.NEW)
    assert (consumer.ack_wait, consumer.max_deliver) == (30, -1)


async def test_k7_a_consumer_of_another_kind_is_refused_aloud(rig: Rig):
    """given a consumer of our name that acknowledges nothing, then the intake is not ready, says why, and waits for its end."""
    js = rig.producer.jetstream()
    await js.add_stream(name="PETROSA_SIGNALS", subjects=["signals.trading", "signals.trading.>"])
    await js.add_consumer("PETROSA_SIGNALS", durable_name="tradeengine", ack_policy=js_api.AckPolicy.NONE)
    link = NatsLink(rig.server.url)
    intake = JetStreamIntake(link, IntakeSettings(), receive=Engine().receive)
    async with link, asyncio.TaskGroup() as tasks:
        tasks.create_task(intake.run())
        await eventually(lambda: "WrongTopology" in (intake.trouble or ""))
        assert not intake.ready
        await js.delete_consumer("PETROSA_SIGNALS", "tradeengine")
        await eventually(lambda: intake.ready)
        await intake.stop()


async def test_k8_stopping_finishes_what_is_in_hand_and_may_be_repeated(rig: Rig):
    """given a message in hand, when the intake is stopped, then the message is finished and acknowledged first."""
    handling, go_on = asyncio.Event(), asyncio.Event()

    async def work(_: object, __: Arrival) -> Answer:
        handling.set()
        await go_on.wait()
        return accepted()

    engine = Engine(work)
    async with rig.intake(engine) as intake:
        await rig.producer.publish("signals.trading", a_body(1))
        await handling.wait()
        stopping = asyncio.gather(intake.stop(), intake.stop())
        await asyncio.sleep(0)
        go_on.set()
        await stopping
        await intake.stop()
        assert not intake.ready

    assert await rig.unacknowledged() == 0


async def test_k8_stopping_is_bounded_however_busy_the_engine_is(rig: Rig):
    """given an engine with its hands full and never done, when the intake is stopped, then it ends, and others get the rest."""

    async def never(_: object, __: Arrival) -> Answer:
        await asyncio.Event().wait()
        raise AssertionError("unreachable")

    engine, other = Engine(never), Engine()
    async with rig.intake(engine, in_flight_max=2) as intake:
        for number in range(5):
            await rig.producer.publish("signals.trading", a_body(number))
        await eventually(lambda: intake.in_hand == 2)
        async with asyncio.timeout(5):
            await intake.stop(within=0.1)
        assert intake.in_hand == 0
    async with rig.intake(other, in_flight_max=2):
        await eventually(lambda: len(other.seen) >= 3)

    assert len(engine.seen) == 2


async def test_k8_a_held_intake_leaves_messages_to_others(rig: Rig):
    """given two replicas, one of them held, then the other gets everything; released, it takes its part again."""
    leader, standby = Engine(), Engine()
    async with rig.intake(leader) as leading, rig.intake(standby) as waiting:
        waiting.hold()
        await eventually(lambda: not waiting.ready)
        for number in range(20):
            await rig.producer.publish("signals.trading", a_body(number))
        await eventually(lambda: len(leader.seen) == 20)
        leading.hold()
        waiting.release()
        await eventually(lambda: waiting.ready and not leading.ready)
        await rig.producer.publish("signals.trading", a_body(20))
        await eventually(lambda: standby.ids == ["signal-20"])

    assert len(leader.seen) == 20


async def test_k9_a_message_in_hand_is_not_delivered_twice(rig: Rig):
    """given an engine that needs longer than the server's patience, then the message is not delivered to anybody again."""
    done = asyncio.Event()

    async def write(_: object, __: Arrival) -> Answer:
        await done.wait()
        return accepted()

    engine = Engine(write)
    async with rig.intake(engine, ack_wait=SECOND // 2):
        await rig.producer.publish("signals.trading", a_body())
        await eventually(lambda: len(engine.seen) == 1)
        await asyncio.sleep(1.5)  # three times the server's patience, which runs on its clock
        done.set()
        await rig.settles()

    assert len(engine.seen) == 1
