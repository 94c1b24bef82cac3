"""A small account that really traded on paper, for whoever looks at a record."""

import asyncio
import shutil
from pathlib import Path

import pytest

from petrosa_adapters.wire import read_signal
from petrosa_core.application import Arrival, Verdict
from petrosa_core.values import SECOND
from petrosa_entrypoints.settings import Settings
from petrosa_entrypoints.wiring import running_engine

BODIES = {
    "bought": b'{"id": "one", "strategy_id": "momentum", "symbol": "BTCUSDT", "action": "buy", "confidence": 0.8,'
    b' "price": 50000, "quantity": 0.001}',
    "unsure": b'{"id": "two", "strategy_id": "scalper", "symbol": "ETHUSDT", "action": "buy", "confidence": 0.42,'
    b' "price": 3000}',
    "hostile": b'{"id": "three", "strategy_id": "\\u001b[31mred\\n[bold]", "symbol": "SOLUSDT", "action": "buy",'
    b' "confidence": 0.1, "price": 150}',
    "broken": b'{"strategy_id": "momentum", "sym',
}
"""What was sent to the account, in order."""


async def trade(folder: Path) -> dict[str, Verdict]:
    """Run an engine on the folder, give it the bodies, and stop it; the verdicts by name."""
    verdicts = {}
    async with running_engine(Settings.from_env({"DATA_DIR": str(folder)}), signals=False) as running:
        for name, body in BODIES.items():
            now = running.clock.now()
            message = read_signal(body, received_at=now, headers={}, fallback=name)
            verdict = await running.api.receive(message, Arrival(transport="test", message_id=name, received_at=now))
            assert isinstance(verdict, Verdict)
            verdicts[name] = verdict
        bought = verdicts["bought"].trade_id
        assert bought is not None
        await running.api.settled(bought, 5 * SECOND)
        while not running.api.positions() or not running.api.positions()[0]["protected"]:
            await running.clock.sleep(SECOND // 100)
    return verdicts


@pytest.fixture(scope="session")
def traded(tmp_path_factory):
    """(folder, verdicts) of an account that has a protected trade, two refusals and a dead letter. Not to be written to."""
    folder = tmp_path_factory.mktemp("traded")
    return folder, asyncio.run(trade(folder))


@pytest.fixture
def account(traded, tmp_path):
    """The same, as a copy that may be written to."""
    folder, verdicts = traded
    shutil.copytree(folder, tmp_path / "data")
    return tmp_path / "data", verdicts
