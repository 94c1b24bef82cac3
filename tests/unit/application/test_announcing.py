"""What durable entries tell the world, in the shape that the neighbours consume."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.support.decisions import a_spot_instrument
from tests.support.desk import Desk

from petrosa_adapters.memory.notifier import Alert, MemoryNotifier
from petrosa_core.application.announcing import alarm, announce
from petrosa_core.audit.entries import Alarmed
from petrosa_core.decision import Outcome
from petrosa_core.execution import OrderStatus
from petrosa_core.signal import Action, Identity
from petrosa_core.values import Amount, Money, SignalId

SELL_OUT = {"fee": Money(Amount("0.2"), "USDT")}


def sample(shared: Path, name: str) -> dict[str, Any]:
    """The body that the original system sent."""
    body = json.loads((shared / "outputs" / name).read_text("utf-8"))["body"]
    assert isinstance(body, dict)
    return body


def announced(desk: Desk) -> list[dict[str, Any]]:
    """Everything that the desk's entries tell, the oldest first."""
    notifier = MemoryNotifier()
    for entry in desk.entries:
        announce(entry, desk.book, notifier)
    assert all(strategy == body["strategy_id"] for strategy, body in notifier.executions)
    return [dict(body) for _, body in notifier.executions]


def decided(desk: Desk, decision: str = "d-1") -> Desk:
    """A signal of the governor's decision was accepted."""
    desk.signal(identities=(Identity("signal_id", "s"), Identity("decision_id", decision)))
    return desk


def test_an_accepted_order_is_placed(shared: Path):
    """given an accepted entry, when it is announced, then with every key of the sample, and nothing filled by it."""
    body = announced(decided(Desk()).accepted("e1"))[-1]

    assert set(sample(shared, "01_execution_placed.json")) <= set(body)
    assert body["event_type"] == "placed"
    assert (body["decision_id"], body["order_id"], body["leg"]) == ("d-1", "v-e1", "entry")
    assert (body["qty"], body["side"], body["fee"]) == (Decimal(3), "buy", Decimal(0))
    assert (body["fill_qty"], body["fill_quantity"]) == (Decimal(0), Decimal(0))


@pytest.mark.parametrize(("quantity", "kind"), [("3", "filled"), ("1", "partial_fill")])
def test_a_fill_is_told_with_its_own_numbers(shared: Path, quantity: str, kind: str):
    """given a fill, when it is announced, then with every key of the sample, price and fee being those of this fill."""
    desk = decided(Desk()).accepted("e1")
    desk.filled("e1", quantity, "99.5", fee=Money(Amount("0.15"), "USDT"))
    body = next(body for body in announced(desk) if body["event_type"] == kind)

    assert set(sample(shared, "02_execution_filled_entry.json")) <= set(body)
    assert (body["fill_qty"], body["fill_quantity"], body["qty"]) == (Decimal(quantity), Decimal(quantity), Decimal(3))
    assert (body["fill_price"], body["price"], body["fee"], body["fee_asset"]) == (
        Decimal("99.5"),
        Decimal("99.5"),
        Decimal("0.15"),
        "USDT",
    )
    assert (body["timestamp"], body["fill_time"]) == ("2026-08-21T12:00:01.000000Z",) * 2


def test_a_fill_without_a_fee_pays_nothing_in_nothing():
    """given a fill without a fee, when it is announced, then the fee is zero, of no asset."""
    desk = decided(Desk()).accepted("e1")
    desk.filled("e1")
    body = next(body for body in announced(desk) if body["event_type"] == "filled")

    assert (body["fee"], body["fee_asset"]) == (Decimal(0), None)


def test_a_report_without_a_fill_is_no_fill():
    """given a cumulative report, when it is announced, then nothing is told of it: the fills are."""
    desk = decided(Desk()).accepted("e1")
    desk.heard("e1", OrderStatus.FILLED, executed=Decimal(3), cost=Decimal(300))

    assert [body["event_type"] for body in announced(desk)] == ["placed"]


def test_a_refusal_of_ours_is_denied_never_rejected(shared: Path):
    """given a stale signal, when it is announced, then as denied: rejections make a governor upstream pause everything."""
    desk = Desk().wait(420)
    desk.signal(timestamp=desk.now - 420_400_000, identities=(Identity("decision_id", "d-1"),))
    (body,) = announced(desk)

    renamed = {"rejection_source", "rejection_reason", "rejected_at", "max_signal_age_seconds"}
    assert set(sample(shared, "03_execution_rejected_stale.json")) - renamed <= set(body)
    assert body["event_type"] == "denied"
    assert (body["decision_id"], body["order_id"], body["reason"], body["side"]) == ("d-1", "", "STALE_SIGNAL", "buy")
    assert [reason["code"] for reason in body["denial_reasons"]] == ["STALE_SIGNAL"]
    assert set(body["denial_reasons"][0]) == {"code", "message", "value", "limit"}
    assert body["denied_at"] == body["timestamp"]


def test_a_denial_without_a_decision_is_joined_on_the_signal():
    """given a signal without a decision's id, when it is denied, then the event names the signal."""
    desk = Desk()
    verdict = desk.signal(confidence=Decimal("0.1"))

    assert announced(desk)[0]["decision_id"] == verdict.signal_id


def test_a_trade_without_a_decision_is_joined_on_the_signal():
    """given a trade of a signal without a decision's id, when it is placed, then the event names the signal."""
    desk = Desk()
    desk.signal()

    assert announced(desk.accepted("e1"))[0]["decision_id"] == desk.trade.signal_id


def test_the_venues_refusal_is_rejected_with_its_code(shared: Path):
    """given an entry that the venue refuses, when it is announced, then with every key of the sample, code and words."""
    desk = decided(Desk())
    desk.refused("e1", -2019)
    (body,) = announced(desk)

    assert set(sample(shared, "04_execution_rejected_exchange.json")) <= set(body)
    assert (body["event_type"], body["rejection_source"]) == ("rejected", "exchange")
    assert body["rejection_reason"] == "APIError(code=-2019): no"
    assert body["reason"] == "exchange_failed: APIError(code=-2019): no"
    assert body["rejected_at"] == body["timestamp"]
    assert body["order_id"] == desk.name("e1"), "an order that never was has no id of the venue's"


@pytest.mark.parametrize(("short", "leg"), [("e1", "entry"), ("s1", "stop"), ("t1", "target"), ("x1", "close")])
def test_every_order_says_what_it_is_for(short: str, leg: str):
    """given a life with every kind of order, when each is accepted, then its event names its leg and side."""
    desk = decided(Desk()).accepted("e1")
    desk.filled("e1")
    desk.accepted("s1", "t1")
    desk.close()
    desk.accepted("x1")
    placed = {body["order_id"]: body for body in announced(desk) if body["event_type"] == "placed"}

    assert placed[f"v-{short}"]["leg"] == leg
    assert placed[f"v-{short}"]["side"] == ("buy" if leg == "entry" else "sell")
    assert placed[f"v-{short}"]["qty"] == Decimal(3), "an exit of the whole position is of what is held"


def test_an_answer_to_a_list_is_told_as_the_entrys():
    """given a list, when it is accepted, then the answer bears the list's name, and nothing is told of a leg."""
    desk = Desk([a_spot_instrument()])
    desk.signal()

    assert announced(desk.accepted("l1")) == []


def test_silence_is_not_an_event():
    """given no answer, a hold, a duplicate and a halt, when they are announced, then the neighbours hear nothing."""
    desk = decided(Desk())
    desk.unanswered("e1")
    desk.signal("h", action=Action.HOLD)
    decided(desk)

    assert announced(desk) == []


def test_what_is_said_of_a_forgotten_trade_is_told_to_nobody():
    """given entries of a trade that is not at hand any more, when they are announced, then nothing is told."""
    desk = decided(Desk()).accepted("e1")
    desk.filled("e1")
    desk.book.trades.clear()

    assert announced(desk) == []


def test_a_dead_letter_goes_out_whole():
    """given bytes that are no signal, when they are announced, then with everything that was recorded of them."""
    desk = Desk()
    desk.broken("m-7")
    notifier = MemoryNotifier()
    announce(desk.entries[-1], desk.book, notifier)

    ((letter, message_id, subject),) = notifier.dead_letters
    assert (letter.raw, letter.code, letter.field, letter.value) == (b"\xff{", "NOT_JSON", "price", "x")
    assert (message_id, subject) == ("m-7", "signals.x")


@pytest.mark.parametrize("signal_id", [None, SignalId("sg-1")])
def test_an_alarm_names_its_trade_where_it_has_one(signal_id: SignalId | None):
    """given an alarm with and without a trade, when it is told, then it has name, severity, category and message."""
    notifier = MemoryNotifier()

    alarm(Alarmed(name="n", severity="critical", message="m", signal_id=signal_id, at=Desk().now), notifier)

    detail = {"signal_id": signal_id} if signal_id else {}
    assert notifier.alerts == (Alert("n", "critical", "trading", "m", detail),)
    assert Outcome.DENIED.value == "denied"
