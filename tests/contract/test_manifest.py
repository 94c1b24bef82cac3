"""Every body that the neighbours really send, through codec and desk, on a fresh USD-M paper account of 10000 USDT."""

import json
from datetime import datetime
from pathlib import Path

from tests.support.decisions import a_quote
from tests.support.desk import Desk

from petrosa_adapters.paper import paper_instruments
from petrosa_adapters.wire import read_signal
from petrosa_core.decision import PositionSizer
from petrosa_core.desk import Arrival, Verdict
from petrosa_core.desk.inputs import BrokenArrived, SignalArrived
from petrosa_core.signal import Signal
from petrosa_core.values import SECOND, Market, Moment


def verdict(body: bytes, clock: Moment, name: str) -> str:
    """What the account answers to this body alone; its quote is the body's own price."""
    desk = Desk(paper_instruments(Market.USDM), sizer=PositionSizer())
    assert desk.now == clock, "the support account stands at the manifest's clock"
    arrival = Arrival(transport="nats", message_id=name, received_at=clock)
    message = read_signal(body, received_at=clock, fallback=name)
    when = {"at": clock, "stamp": clock}
    if isinstance(message, Signal):
        quote = a_quote(str(message.current_price), symbol=message.symbol, self_quoted=True)
        stepped = desk.do(SignalArrived(signal=message, arrival=arrival, quote=quote, at=clock, stamp=clock))
    else:
        stepped = desk.do(BrokenArrived(message=message, arrival=arrival, **when))
    answer = stepped.answer
    assert isinstance(answer, Verdict)
    assert len(stepped.commands) == (answer.outcome.value == "accepted"), "one entry for an acceptance, nothing else"
    denied = answer.outcome.value == "denied"
    return f"denied:{answer.reasons[0].code}" if denied else answer.outcome.value


def test_every_body_of_the_manifest_gets_its_outcome(shared: Path):
    """given each file alone, when codec and desk have judged it, then the outcome and first reason are the manifest's."""
    manifest = json.loads((shared / "signals" / "manifest.json").read_text("utf-8"))
    clock = Moment(round(datetime.fromisoformat(manifest["clock"]).timestamp()) * SECOND)
    expected = {row["file"]: row["outcome"] for row in manifest["signals"] if "outcome" in row}

    found = {name: verdict((shared / "signals" / name).read_bytes(), clock, name) for name in expected}

    assert found == expected
    assert len(found) > 20
