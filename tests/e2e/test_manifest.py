"""Every body that the neighbouring services really send gets its outcome, over NATS and over HTTP, from one codec.

The bodies lie in the shared folder with the outcome that each must get alone, on a fresh account. Their times are moved to
now: over a real server the transport's own clock is the present.
"""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.support.house import House, a_house
from tests.support.nats_server import a_client, a_server, eventually

from petrosa_adapters.http import HttpSettings, create_app, serve
from petrosa_adapters.nats import IntakeSettings, JetStreamIntake, NatsLink
from petrosa_adapters.system import SystemClock
from petrosa_core.audit import decode
from petrosa_core.audit.entries import MessageDeadLettered, Payload, SignalJudged
from petrosa_core.values import Mode, Price, Symbol

CLOCK = datetime(2026, 8, 21, 12, 0, 1, tzinfo=UTC)


def moved_to_now(body: bytes) -> bytes:
    """The body with its times moved by as much as the manifest's clock lies behind."""
    shift = datetime.now(tz=UTC) - CLOCK  # noqa: TID251  # the present is what the real transports stamp with

    def iso_time(match: re.Match[str]) -> str:
        moment = datetime.fromisoformat(match[0]) + shift
        return moment.isoformat()

    def epoch(match: re.Match[str]) -> str:
        return f"{match[1]}{int(match[2]) + int(shift / timedelta(seconds=1))}"

    text = re.sub(r"2026-08-21T[0-9:.]+(?:\+00:00|Z)?", iso_time, body.decode())
    return re.sub(r'("timestamp": )(1787\d{6})', epoch, text).encode()


def manifest(shared: Path) -> list[Mapping[str, Any]]:
    """The rows that name an outcome."""
    rows = json.loads((shared / "signals" / "manifest.json").read_text(encoding="utf-8"))["signals"]
    return [row for row in rows if "outcome" in row]


def expected(row: Mapping[str, Any]) -> tuple[set[str], str | None]:
    """The outcomes that will do, and the first reason's code where one is named."""
    outcome, _, code = row["outcome"].partition(":")
    # The manifest says of two rows that a denial is as good: bodies that can be read and cannot be traded.
    also = {"denied"} if "as good" in row.get("note", "") else set()
    return {outcome, *also}, code or None


def quote_for(house: House, body: bytes) -> None:
    """The payload's current price is the symbol's quote, as the manifest says."""
    try:
        told = json.loads(body)
        house.venue.suggest(Symbol(told["symbol"]), Price(str(told.get("current_price", told.get("price")))))
    except (ValueError, KeyError, TypeError):
        return  # no price to quote: the body is no signal


def hold(outcome: str, codes: list[str], row: Mapping[str, Any]) -> None:
    """The outcome and its first reason are the manifest's."""
    outcomes, code = expected(row)
    assert outcome in outcomes, (row["file"], outcome, codes)
    if code is not None:
        assert codes[0] == code, (row["file"], codes)


async def test_every_body_gets_its_outcome_over_http(shared: Path) -> None:
    """given a fresh account each, when a neighbour's body is posted, then the answer has the manifest's outcome."""
    for row in manifest(shared):
        body = moved_to_now((shared / "signals" / row["file"]).read_bytes())
        async with a_house() as house:
            quote_for(house, body)
            app = create_app(house.api, HttpSettings(mode=Mode.SIMULATION, tokens_required=False), clock=SystemClock())
            async with serve(app, "127.0.0.1", 0) as address, httpx2.AsyncClient(base_url=address.url) as client:
                answer = await client.post("/trade", content=body, headers={"content-type": "application/json"})
                told = answer.json()

        hold(told["outcome"], [reason["code"] for reason in told["reasons"]], row)
        status = {"accepted": 200, "denied": 422, "malformed": 400}.get(told["outcome"], 200)
        assert answer.status_code == status, (row["file"], answer.status_code)
        if told["outcome"] == "accepted":
            assert told["result"]["status"] == "filled", (row["file"], told)


async def test_every_body_gets_its_outcome_over_nats(shared: Path, tmp_path: Path) -> None:
    """given a fresh account each, when a neighbour's body is published, then the record has the manifest's outcome."""
    async with a_server(tmp_path) as server, a_client(server.url) as client:
        for number, row in enumerate(manifest(shared)):
            body = moved_to_now((shared / "signals" / row["file"]).read_bytes())
            base = f"signals.case{number}"
            async with a_house() as house, NatsLink(server.url) as link:
                quote_for(house, body)
                streams = IntakeSettings(subject=base, stream=f"CASE{number}", durable="engine")
                intake = JetStreamIntake(link, streams, receive=house.api.receive)
                house.engine._runtime.spawn("intake", intake.run())  # the composition root does the same
                await eventually(lambda intake=intake: intake.ready)  # type: ignore[misc]
                before = len(house.store.frames)
                await client.jetstream().publish(f"{base}.producer", body)
                await eventually(lambda house=house, before=before: len(house.store.frames) > before)  # type: ignore[misc]
                await intake.stop()
                entries = [e for frame in house.store.frames for e in decode(frame.payload, Payload).entries]

            judged = [e for e in entries if isinstance(e, SignalJudged)]
            letters = [e for e in entries if isinstance(e, MessageDeadLettered)]
            assert len(judged) + len(letters) == 1, "one message, one verdict"
            if judged:
                hold(judged[0].outcome.value, [reason.code for reason in judged[0].reasons], row)
            else:
                hold("malformed", [letters[0].code], row)
                assert letters[0].raw == body


@pytest.mark.parametrize("path", ["over http", "over nats"])
def test_the_manifest_is_not_empty(shared: Path, path: str) -> None:
    """A test over a list proves nothing when the list is empty."""
    assert len(manifest(shared)) > 20, path
