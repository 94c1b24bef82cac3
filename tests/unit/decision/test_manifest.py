"""The bodies that the neighbouring services really send, judged as the manifest says they are to be."""

import json
from datetime import datetime
from pathlib import Path

import pytest
from tests.support.decisions import POLICY, SIZER, a_balance, a_view

from petrosa_adapters.paper.instruments import paper_instruments
from petrosa_adapters.wire import read_signal
from petrosa_core.decision import Approved, Denied, decide
from petrosa_core.signal import Action, Signal
from petrosa_core.values import Market, Moment, Quote

USDM = {instrument.symbol: instrument for instrument in paper_instruments(Market.USDM)}


def moment(text: str) -> Moment:
    """ISO 8601 as microseconds."""
    return Moment(int(datetime.fromisoformat(text).timestamp()) * 1_000_000)


def judged(body: bytes, now: Moment) -> str:
    """What a fresh USD-M paper account answers to one body, whose own price is the quote."""
    signal = read_signal(body, received_at=now, fallback="1")
    if not isinstance(signal, Signal):
        return "malformed"
    if signal.action in {Action.HOLD, Action.CLOSE}:
        return "held" if signal.action is Action.HOLD else "nothing-to-close"
    price = signal.current_price
    quote = Quote(symbol=signal.symbol, bid=price, ask=price, mark=price, as_of=now, self_quoted=True)
    view = a_view(now=now, instrument=USDM[signal.symbol], quote=quote, balance=a_balance())
    match decide(signal, view, POLICY, SIZER):
        case Approved():
            return "accepted"
        case Denied(reasons):
            return f"denied:{reasons[0].code}"


def test_every_body_of_the_manifest_is_judged_as_it_says(shared: Path):
    """Given each file alone on a fresh account, then its outcome is the manifest's."""
    manifest = json.loads((shared / "signals" / "manifest.json").read_bytes())
    now = moment(manifest["clock"])
    found, expected = {}, {}
    for row in manifest["signals"]:
        if "outcome" in row:
            expected[row["file"]] = row["outcome"]
            found[row["file"]] = judged((shared / "signals" / row["file"]).read_bytes(), now)

    assert found == expected
    assert len(found) >= 20


@pytest.mark.parametrize(
    ("file", "codes"),
    [
        ("12_ta_wrong_side_stop_buy.json", ["STOP_ON_WRONG_SIDE"]),
        ("14_ta_stop_almost_at_market.json", ["STOP_TOO_CLOSE"]),
        ("31_timestamp_stale_7min.json", ["STALE_SIGNAL"]),
    ],
)
def test_nothing_else_is_wrong_with_them(shared: Path, file: str, codes: list[str]):
    """What is denied is denied for its one fault."""
    now = moment("2026-08-21T12:00:01Z")
    signal = read_signal((shared / "signals" / file).read_bytes(), received_at=now, fallback="1")
    assert isinstance(signal, Signal)
    price = signal.current_price
    quote = Quote(symbol=signal.symbol, bid=price, ask=price, mark=price, as_of=now)
    decision = decide(signal, a_view(now=now, instrument=USDM[signal.symbol], quote=quote), POLICY, SIZER)

    assert isinstance(decision, Denied)
    assert [reason.code for reason in decision.reasons] == codes
