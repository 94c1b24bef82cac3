"""POST /trade: every verdict is told in one way, with its reasons and the order's state."""

from decimal import Decimal

import pytest
from tests.support.http_client import SIGNAL, TRADER, an_api, guarded, plain
from tests.support.scripted_engine import START, ScriptedEngine

from petrosa_core.application.api import NotReady
from petrosa_core.signal import Signal, Undecodable
from petrosa_core.values import SECOND, Mode


def test_the_specifications_curl_is_answered_in_the_specifications_shape():
    """given a simulation, when the quick start's curl is sent, then the order is filled, with exact numbers."""
    answer = an_api().signal()

    body = plain(answer)
    assert answer.status_code == 200
    assert body["message"] == "Signal processed successfully"
    assert body["outcome"] == "accepted"
    assert body["reasons"] == []
    assert body["result"]["status"] == "filled"
    assert body["result"]["fill_price"] == Decimal("50005.10")
    assert body["result"]["quantity"] == Decimal("0.001")
    assert body["result"]["fees"] == Decimal("0.02500255")
    assert body["result"]["order_id"] == "12345678"
    assert answer.headers["location"] == f"/trades/{body['signal_id']}"


def test_numbers_are_written_digit_for_digit():
    """given a fill price with a trailing zero, when it is answered, then the zero is there: no float was on the way."""
    assert b'"fill_price":50005.10,' in an_api().signal().content


def test_the_codec_is_given_what_the_caller_sent():
    """given an id and a trace in headers, when a signal is sent, then both reach the engine with the server's time."""
    api = an_api()
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    api.post("/trade", json=SIGNAL, headers={"Idempotency-Key": "abc-1", "traceparent": trace})

    signal, arrival = api.engine.received[0]
    assert isinstance(signal, Signal)
    assert [(each.kind, each.value) for each in signal.identities if each.value == "abc-1"]
    assert signal.traceparent == trace
    assert (arrival.transport, arrival.subject, arrival.received_at) == ("http", "POST /trade", START)


def test_each_request_without_an_id_is_a_new_signal():
    """given no id and no timestamp, when the same body is sent twice under one X-Request-ID, then two signals arrived."""
    api = an_api()
    first, second = (api.post("/trade", json=SIGNAL, headers={"X-Request-ID": "mine"}) for _ in range(2))

    assert first.headers["x-request-id"] == second.headers["x-request-id"] == "mine"
    assert plain(first)["signal_id"] != plain(second)["signal_id"]


@pytest.mark.parametrize("status", ["new", "partially_filled", "filled", "cancelled", "expired", "rejected"])
def test_a_settled_entry_is_answered_with_its_state(status: str):
    """given an entry whose fate is known, when the signal is sent, then 200 says which it is; at rest counts as known."""
    answer = an_api(engine=ScriptedEngine(entry_status=status)).signal()

    assert answer.status_code == 200
    assert plain(answer)["result"]["status"] == status


def test_an_entry_without_an_answer_is_202_and_says_where_to_look():
    """given an entry that the venue has not answered, when the time runs out, then 202, unknown, and a Location."""
    answer = an_api(engine=ScriptedEngine(entry_status="unknown")).signal()

    assert answer.status_code == 202
    assert plain(answer)["result"]["status"] == "unknown"
    assert answer.headers["location"] == f"/trades/{plain(answer)['trade_id']}"


def test_a_denied_signal_is_422_with_every_reason():
    """given a confidence of 0.42, when the signal is sent, then a problem names the code, the value and the limit."""
    answer = an_api().signal(confidence=0.42)

    body = plain(answer)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert (body["code"], body["outcome"]) == ("CONFIDENCE_TOO_LOW", "denied")
    assert body["reasons"][0] == {
        "code": "CONFIDENCE_TOO_LOW",
        "message": "confidence too low",
        "value": "0.42",
        "limit": "0.5",
    }
    assert [each["code"] for each in body["reasons"]] == ["CONFIDENCE_TOO_LOW", "STALE_SIGNAL"]
    assert body["instance"] == f"/signals/{body['signal_id']}"
    assert body["correlation_id"] == answer.headers["x-request-id"]


@pytest.mark.parametrize("body", [b"", b"{", b'{"strategy_id": "x"}', b'"text"', b"\xff\xfe"])
def test_what_is_no_signal_is_400_and_recorded(body: bytes):
    """given a body that cannot be read, when it is sent, then it is a verdict all the same: malformed, with its code."""
    api = an_api()
    answer = api.post("/trade", content=body, headers={"content-type": "application/json"})

    assert answer.status_code == 400
    assert plain(answer)["outcome"] == "malformed"
    assert plain(answer)["reasons"][0]["code"] == plain(answer)["code"]
    assert isinstance(api.engine.received[0][0], Undecodable)


@pytest.mark.parametrize("body", [[SIGNAL], {"signals": [SIGNAL]}])
def test_a_batch_is_malformed_and_says_what_to_do(body: object):
    """given the first version's batch, when it is sent, then it is refused with the way to go."""
    answer = an_api().post("/trade", json=body)

    assert answer.status_code == 400
    assert plain(answer)["code"] == "NOT_ONE_SIGNAL"
    assert "one signal per request" in plain(answer)["reasons"][0]["message"]


def test_a_duplicate_is_answered_from_the_record():
    """given a signal that was traded, when it is sent again, then the stored answer comes back, marked as a replay."""
    api = an_api()
    first, again = api.signal(signal_id="s1"), api.signal(signal_id="s1")

    assert again.status_code == 200
    assert again.headers["idempotent-replay"] == "true"
    assert "idempotent-replay" not in first.headers
    assert (plain(again)["outcome"], plain(again)["original"]) == ("duplicate", "accepted")
    assert plain(again)["result"] == plain(first)["result"]
    assert plain(again)["signal_id"] == plain(first)["signal_id"]


def test_a_duplicate_of_a_denied_signal_says_so():
    """given a signal that was denied, when it is sent again, then 200 tells the verdict that stands and its reasons."""
    api = an_api()
    api.signal(signal_id="s1", confidence=0.1)
    again = plain(api.signal(signal_id="s1", confidence=0.1))

    assert (again["outcome"], again["original"]) == ("duplicate", "denied")
    assert again["reasons"][0]["code"] == "CONFIDENCE_TOO_LOW"
    assert "result" not in again


def test_one_identity_for_two_trades_is_denied():
    """given a signal, when its id comes with another price, then it is denied and nothing is replayed."""
    api = an_api()
    api.signal(signal_id="s1")
    answer = api.signal(signal_id="s1", price=51000)

    assert answer.status_code == 422
    assert plain(answer)["code"] == "IDENTITY_REUSED"


@pytest.mark.parametrize(("action", "outcome"), [("hold", "held"), ("close", "nothing-to-close")])
def test_what_sends_nothing_is_200(action: str, outcome: str):
    """given hold, or a close with nothing open, when it is sent, then it is recorded and answered without a result."""
    answer = an_api().signal(action=action)

    assert answer.status_code == 200
    assert plain(answer)["outcome"] == outcome
    assert "result" not in plain(answer)


def test_a_close_answers_with_the_trade_that_it_closes():
    """given an open trade, when its strategy says close, then the answer names it."""
    api = an_api()
    opened = plain(api.signal())
    closing = plain(api.signal(action="close"))

    assert closing["outcome"] == "closing"
    assert closing["trade_id"] == opened["trade_id"]


def test_an_engine_that_cannot_record_says_when_to_come_back():
    """given a store that is down, when a signal is sent, then 503 with Retry-After, and no verdict."""
    api = an_api()
    api.engine.not_ready = NotReady(code="STORE_DOWN", message="The store is away.", retry_after=1_500_000)
    answer = api.signal()

    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "2"
    assert (plain(answer)["code"], plain(answer)["outcome"]) == ("STORE_DOWN", None)
    assert api.engine.received == []


def test_live_trading_needs_an_idempotency_key():
    """given live mode, when a signal comes without a key, then it is refused before it is judged; with one it trades."""
    api = an_api(guarded(mode=Mode.LIVE))
    without = api.post("/trade", json=SIGNAL, token=TRADER)
    with_key = api.post("/trade", json=SIGNAL, token=TRADER, headers={"Idempotency-Key": "k-1"})

    assert (without.status_code, plain(without)["code"]) == (400, "IDEMPOTENCY_KEY_REQUIRED")
    assert with_key.status_code == 200
    assert len(api.engine.received) == 1


@pytest.mark.parametrize("key", ["", "two words", "x" * 201, "ä"])
def test_a_key_that_names_nothing_is_refused(key: str):
    """given a key that is empty, long or not printable, when it is sent, then 400 and nothing is judged."""
    api = an_api()
    answer = api.post("/trade", json=SIGNAL, headers={"Idempotency-Key": key.encode()})

    assert (answer.status_code, plain(answer)["code"]) == (400, "IDEMPOTENCY_KEY_INVALID")
    assert api.engine.received == []


def test_a_client_may_send_ten_signals_a_second():
    """given ten signals at once, when the eleventh comes, then 429 with Retry-After; a second later it passes."""
    api = an_api()
    answers = [api.signal().status_code for _ in range(10)]
    refused = api.signal()
    api.clock.pass_by(SECOND)

    assert set(answers) == {200}
    assert (refused.status_code, plain(refused)["code"]) == (429, "TOO_MANY_REQUESTS")
    assert int(refused.headers["retry-after"]) == 1
    assert api.signal().status_code == 200
