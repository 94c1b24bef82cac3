"""The worker is killed with SIGKILL under load, again and again: nothing is lost, nothing is doubled.

Real parts: a nats-server, the worker's own process, SQLite, the paper exchange on disk. ``SIGKILL_ROUNDS`` sets how often.
"""

import asyncio
import json
import os
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from nats.aio.client import Client
from nats.errors import TimeoutError as NatsTimeout
from nats.js import JetStreamContext
from nats.js.errors import NotFoundError
from tests.support.nats_server import a_client, a_server
from tests.support.worker import a_worker, the_record

from petrosa_adapters.paper import PaperVenue, paper_instruments
from petrosa_adapters.system import SystemClock
from petrosa_core.application import OfflineDesk
from petrosa_core.audit import Verified, decode, verify
from petrosa_core.audit.entries import EntryIntended, MessageDeadLettered, Payload, SignalJudged, SignalRepeated
from petrosa_core.execution import AccountSnapshot, OrderHistory, OrderState
from petrosa_core.values import ZERO, Amount, Market, Money, derive_signal_id

ROUNDS = int(os.environ.get("SIGKILL_ROUNDS", "5"))
PER_ROUND = 40
PRICES = {"BTCUSDT": 50_000, "ETHUSDT": 3_000, "SOLUSDT": 150, "ADAUSDT": 1, "XRPUSDT": 2, "LINKUSDT": 20}
ROOT = Path(__file__).resolve().parents[2]


class Load:
    """Signals of every kind, each with an id of its own, and what has to become of them."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._made = 0
        self.entries: list[tuple[str, str]] = []
        self.signals: list[tuple[str, str]] = []
        self.broken = 0

    def next(self) -> bytes:
        """One body: entries mostly, closes, holds, and now and then something that is no signal."""
        self._made += 1
        kind = self._random.choices(["entry", "close", "hold", "broken"], [6, 3, 1, 1])[0]
        if kind == "broken":
            self.broken += 1
            return f'{{"heartbeat": {self._made}}}'.encode()
        symbol = self._random.choice(list(PRICES))
        strategy, name = f"strategy-{symbol}", f"signal-{self._made}"
        action = {"entry": self._random.choice(["buy", "sell"]), "close": "close", "hold": "hold"}[kind]
        self.signals.append((strategy, name))
        return json.dumps(
            {
                "strategy_id": strategy,
                "signal_id": name,
                "symbol": symbol,
                "action": action,
                "confidence": 0.9,
                "price": PRICES[symbol],
                "order_type": self._random.choice(["market", "limit"]),
            }
        ).encode()


@pytest.mark.timeout(120 + 30 * ROUNDS)
async def test_rounds_of_sigkill_under_load_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    """given a worker under load, when it is killed again and again, then every message has one verdict and one entry."""
    seed = int(os.environ.get("SIGKILL_SEED", "1"))
    chance, load, data = random.Random(seed), Load(seed), tmp_path / "data"
    async with a_server(tmp_path / "nats") as server, a_client(server.url) as client:
        stream = await _wait_for_stream(client, tmp_path, server.url)
        for _ in range(ROUNDS):
            async with a_worker(data, server.url, **LIMITS) as worker:
                await worker.start()
                publishing = asyncio.create_task(_publish(stream, load))
                await asyncio.sleep(chance.uniform(0.02, 0.6))  # the moment of the kill is the experiment
                await worker.kill()
                await publishing
        async with a_worker(data, server.url, **LIMITS) as worker:
            await worker.start()
            await _drained(stream)
            assert await worker.stop() == 0
    async with the_record(data) as record:
        entered = await _judge(record, load)
        await _compare_with_the_exchange(record, data)
    _ask_the_auditor(data)
    _write_down(seed, load, entered)


LIMITS = {"MAX_OPEN_TRADES": "20", "MAX_ENTRIES_PER_MINUTE": "30", "MAX_ENTRIES_PER_DAY": "500"}


async def _wait_for_stream(client: Client, tmp_path: Path, url: str) -> JetStreamContext:
    """The stream is made by the first worker; before that, a publisher would have nobody to keep its messages."""
    async with a_worker(tmp_path / "data", url, **LIMITS) as worker:
        await worker.start()
        stream = client.jetstream()
        for _ in range(200):
            try:
                await stream.stream_info("PETROSA_SIGNALS")
                break
            except NotFoundError:
                await asyncio.sleep(0.05)
        assert await worker.stop() == 0
    return stream


async def _publish(stream: JetStreamContext, load: Load) -> None:
    for _ in range(PER_ROUND):
        body = load.next()
        await stream.publish("signals.trading.load", body)


async def _drained(stream: JetStreamContext) -> None:
    """Return when the server has nothing left to deliver and nothing unacknowledged."""
    async with asyncio.timeout(60):
        while True:
            try:
                told = await stream.consumer_info("PETROSA_SIGNALS", "tradeengine")
            except NatsTimeout:
                continue
            if told.num_pending == 0 and told.num_ack_pending == 0:
                return
            await asyncio.sleep(0.1)


def _write_down(seed: int, load: Load, entered: int) -> None:
    """A long session leaves its result behind."""
    record = os.environ.get("SIGKILL_RECORD")
    if record is None:
        return
    Path(record).write_text(
        "# SIGKILL under load\n\n"
        f"`nox -s sigkill`, seed {seed}: the worker was killed {ROUNDS} times while it took signals.\n\n"
        "| what | count |\n|---|---|\n"
        f"| signals published, each with exactly one verdict | {len(load.signals)} |\n"
        f"| messages that are no signal, each kept exactly once | {load.broken} |\n"
        f"| entries, none of them twice | {entered} |\n"
        "| signals lost, doubled or entered twice | 0 |\n",
        encoding="utf-8",
    )


async def _judge(record: OfflineDesk, load: Load) -> int:
    frames = await record.journal.read(0, 1_000_000)
    assert isinstance(frames, tuple)
    assert isinstance(verify(frames), Verified)
    verdicts: Counter[str] = Counter()
    entered: Counter[str] = Counter()
    letters: Counter[str] = Counter()
    numbers: list[int] = []
    for frame in frames:
        payload = decode(frame.payload, Payload)
        numbers.extend(range(payload.seq, payload.seq + len(payload.entries)))
        for entry in payload.entries:
            match entry:
                case SignalJudged():
                    verdicts[entry.signal.signal_id] += 1
                case EntryIntended():
                    entered[entry.signal_id] += 1
                case MessageDeadLettered():
                    letters[entry.message_id] += 1
                case SignalRepeated():
                    pytest.fail(f"{entry.signal_id} was published once, and recorded as repeated")
                case _:
                    pass

    assert numbers == list(range(1, len(numbers) + 1)), "entries are numbered without a gap"
    wanted = {derive_signal_id(strategy, "signal_id", name) for strategy, name in load.signals}
    assert verdicts == Counter(dict.fromkeys(wanted, 1)), "every signal has exactly one verdict"
    assert len(letters) == load.broken
    assert set(letters.values()) <= {1}, "every message that is no signal is kept exactly once"
    assert set(entered.values()) == {1}, "no signal was entered twice, and some were"
    return len(entered)


async def _compare_with_the_exchange(record: OfflineDesk, data: Path) -> None:
    venue = PaperVenue.open(
        market=Market.USDM,
        instruments=paper_instruments(Market.USDM),
        balance=Money(Amount(10_000), "USDT"),
        clock=SystemClock(),
        directory=data / "default" / "paper",
    )
    try:
        account = await venue.snapshot()
        assert isinstance(account, AccountSnapshot)
        held = {p.symbol: p.amount for p in account.positions if p.amount}
        ours: Counter[str] = Counter()
        for trade in record.book.trades.values():
            assert trade.entry.state is not OrderState.INTENDED
            assert trade.is_covered or trade.held == ZERO, f"{trade.signal_id} is held without a stop"
            if trade.held:
                ours[trade.symbol] += trade.plan.side.sign * trade.held  # type: ignore[assignment]
        assert held == dict(ours), "the exchange holds what the book says"
        open_there = {report.client_order_id for report in account.open_orders}
        open_here = {o.client_order_id for t in record.book.trades.values() for o in t.orders if o.state.is_open}
        assert open_there == open_here, "no order is left that nobody looks after, and none is missing"
        for trade in (*record.book.trades.values(), *record.book.ended.values()):
            found = await venue.find(trade.symbol, trade.entry.client_order_id)
            if isinstance(found, OrderHistory):
                assert found.report.executed == trade.entry.executed, "every fill of an entry is in the book"
    finally:
        venue.close()


def _ask_the_auditor(data: Path) -> None:
    """The program that imports nothing of the engine agrees."""
    journal = data / "default" / "journal.db"
    verifier = ROOT / "deploy" / "verify_journal.py"
    told = subprocess.run([sys.executable, str(verifier), str(journal)], capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout + told.stderr
