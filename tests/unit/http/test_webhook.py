"""The TradingView webhook: a secret in the body that nobody ever reads again, placeholders, and text that is JSON."""

import json
from decimal import Decimal

import pytest
from tests.support.http_client import SIGNAL, WEBHOOK, an_api, guarded, plain, settings

from petrosa_core.signal import Signal, Undecodable

ALERT = {**SIGNAL, "secret": WEBHOOK}
PATH = "/webhooks/tradingview"


def test_an_alert_is_recorded_and_answered_at_once():
    """given an alert whose entry has no answer yet, when it arrives, then 202 with Location; nobody waits for the venue."""
    api = an_api(guarded())
    answer = api.post(PATH, json=ALERT)

    assert answer.status_code == 202
    assert plain(answer)["outcome"] == "accepted"
    assert "result" not in plain(answer)
    assert answer.headers["location"] == f"/trades/{plain(answer)['trade_id']}"


@pytest.mark.parametrize("kind", ["text/plain; charset=utf-8", "application/json", "application/octet-stream", ""])
def test_the_content_type_does_not_matter(kind: str):
    """given that TradingView sends text when it likes, when the text is JSON, then it is read."""
    answer = an_api().post(PATH, content=json.dumps(ALERT).encode(), headers={"content-type": kind})

    assert answer.status_code == 202


@pytest.mark.parametrize("field", ["secret", "passphrase"])
def test_no_trace_of_the_secret_is_recorded(field: str):
    """given the secret in its field and by mistake elsewhere, when the alert is recorded, then it is nowhere."""
    api = an_api()
    nested = {"note": f"my {WEBHOOK}", "list": [WEBHOOK, 1], WEBHOOK: True}
    api.post(PATH, json={**SIGNAL, field: WEBHOOK, "comment": WEBHOOK, "metadata": nested})

    signal = api.engine.received[0][0]
    assert isinstance(signal, Signal)
    assert WEBHOOK not in repr(api.engine.received)
    assert field not in json.loads(signal.rest)
    assert json.loads(signal.rest)["metadata"]["list"] == ["***", 1]


def test_the_secret_may_come_in_a_header():
    """given a sender that can set headers, when the secret is there, then the body needs none."""
    assert an_api().post(PATH, json=SIGNAL, headers={"X-Webhook-Secret": WEBHOOK}).status_code == 202


@pytest.mark.parametrize("secret", ["wrong", "", 5, None, ["tv_secret"]])
def test_a_wrong_secret_is_401_and_nothing_is_recorded(secret: object):
    """given a secret that is not ours, when an alert brings it, then 401, and neither the alert nor the guess is kept."""
    api = an_api()
    answer = api.post(PATH, json={**SIGNAL, "secret": secret})

    assert (answer.status_code, plain(answer)["code"]) == (401, "WEBHOOK_SECRET_WRONG")
    assert api.engine.received == []


def test_guessing_the_secret_is_slowed():
    """given five wrong secrets, when the sixth comes, then 429."""
    api = an_api()
    statuses = [api.post(PATH, json={"secret": "guess"}).status_code for _ in range(6)]

    assert statuses == [401, 401, 401, 401, 401, 429]


def test_without_a_secret_there_is_no_webhook():
    """given settings without a webhook secret, when an alert arrives, then there is nothing at that path."""
    assert an_api(settings(webhook_sha256=None)).post(PATH, json=ALERT).status_code == 404


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (json.dumps({**ALERT, "price": "{{close}}"}), "{{close}}"),
        (json.dumps({**ALERT, "action": "{{strategy.order.action}}"}), "{{strategy.order.action}}"),
        (json.dumps(ALERT).replace("50000", "{{ close }}"), "{{close}}"),
        (json.dumps({**ALERT, "x": '{{plot("Stop")}}'}), "plot"),
    ],
)
def test_an_unexpanded_placeholder_is_refused_by_its_name(body: str, named: str):
    """given an alert() call, where TradingView expands nothing, when it arrives, then 400 names what was not expanded."""
    api = an_api()
    answer = api.post(PATH, content=body.encode(), headers={"content-type": "text/plain"})

    assert (answer.status_code, plain(answer)["code"]) == (400, "PLACEHOLDER_NOT_EXPANDED")
    assert named in plain(answer)["reasons"][0]["message"]
    recorded = api.engine.received[0][0]
    assert isinstance(recorded, Undecodable)
    assert WEBHOOK.encode() not in recorded.raw


def test_tradingviews_own_names_are_understood():
    """given ticker, close, timenow and interval, when an alert uses them, then they are ours, the perpetual's suffix gone."""
    api = an_api()
    alert = {
        "secret": WEBHOOK,
        "strategy_id": "pine",
        "ticker": "BINANCE:BTCUSDT.P",
        "action": "buy",
        "confidence": 1,
        "close": "50000.50",
        "timenow": "2026-08-21T12:00:00Z",
        "interval": "15",
    }
    api.post(PATH, json=alert)

    signal = api.engine.received[0][0]
    assert isinstance(signal, Signal)
    assert (signal.symbol, signal.price, signal.timeframe) == ("BTCUSDT", Decimal("50000.50"), "15")
    assert signal.timestamp_given


def test_an_alert_that_fires_twice_is_one_signal():
    """given an alert with its time in it, when it is sent twice, then the second is answered from the record."""
    api = an_api()
    alert = {**ALERT, "timestamp": "2026-08-21T12:00:00Z"}
    api.post(PATH, json=alert)
    again = api.post(PATH, json=alert)

    assert (again.status_code, plain(again)["outcome"]) == (200, "duplicate")


def test_a_denied_alert_is_422():
    """given an alert that may not trade, when it arrives, then it is denied as on POST /trade."""
    assert an_api().post(PATH, json={**ALERT, "confidence": 0.1}).status_code == 422


def test_a_text_that_is_no_json_is_recorded_without_the_secret():
    """given a sender who proves itself by header and sends prose, when it arrives, then it is malformed, and scrubbed."""
    api = an_api()
    answer = api.post(
        PATH, content=f"buy now {WEBHOOK}".encode(), headers={"X-Webhook-Secret": WEBHOOK, "content-type": "text/plain"}
    )

    recorded = api.engine.received[0][0]
    assert answer.status_code == 400
    assert isinstance(recorded, Undecodable)
    assert recorded.raw == b"buy now ***"
