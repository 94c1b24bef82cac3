"""What may be read: each answer is what the engine says, in the promised shape, digit for digit."""

import json
from decimal import Decimal
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from tests.support.http_client import READER, TRADER, an_api, guarded, plain
from tests.support.scripted_engine import START

from petrosa_core.values import MILLISECOND, Mode, Symbol, iso


def test_the_account_is_told_in_the_specifications_shape():
    """given a balance with twenty decimals, when the account is asked for, then none of them is lost."""
    answer = an_api().get("/account")

    assert plain(answer)["message"] == "Account information retrieved"
    assert plain(answer)["data"]["balance"]["equity"] == Decimal("10000.00000000000000000001")


def test_a_price_is_told_or_404():
    """given a quote for one symbol, when prices are asked for, then that one is told, and the other is not invented."""
    api = an_api()
    api.engine.quotes[Symbol("BTCUSDT")] = Decimal("50000.10")
    known, unknown = api.get("/price/BTCUSDT"), api.get("/price/ETHUSDT")

    assert plain(known)["price"] == Decimal("50000.10")
    assert plain(known)["timestamp"] == iso(START)
    assert unknown.status_code == 404


@pytest.mark.parametrize("order_id", ["12345678", "pt1-abc-e1"])
def test_an_order_is_found_by_either_id(order_id: str):
    """given an order, when it is asked for by the venue's id or ours, then its state is told."""
    api = an_api()
    api.signal()

    assert plain(api.get(f"/order/BTCUSDT/{order_id}"))["result"]["status"] == "filled"
    assert api.get(f"/order/ETHUSDT/{order_id}").status_code == 404


def test_a_trade_is_told_with_its_orders():
    """given a trade, when it is asked for by its id or with all others, then it is the same."""
    api = an_api()
    trade_id = plain(api.signal())["trade_id"]

    assert plain(api.get("/trades?open=true&limit=5"))["trades"] == [plain(api.get(f"/trades/{trade_id}"))]
    assert plain(api.get(f"/trades/{trade_id}"))["result"]["fill_price"] == Decimal("50005.10")
    assert api.get("/trades/sg-none").status_code == 404


def test_positions_orders_and_limits_are_lists():
    """given one trade, when positions, orders and limits are asked for, then each is a list under its name."""
    api = an_api()
    api.signal()

    assert len(plain(api.get("/positions"))["positions"]) == 1
    assert len(plain(api.get("/orders?symbol=BTCUSDT"))["orders"]) == 1
    assert plain(api.get("/orders?symbol=ETHUSDT"))["orders"] == []
    assert [limit["ratio"] for limit in plain(api.get("/limits"))["limits"]] == [Decimal("0.5"), None]


def test_decisions_are_filtered_by_verdict_and_time():
    """given an accepted and a denied signal, when decisions are asked for, then the filters hold."""
    api = an_api()
    api.signal()
    api.signal(confidence=0.1)

    def outcomes(query: str) -> list[str]:
        return [decision["outcome"] for decision in plain(api.get(f"/decisions{query}"))["decisions"]]

    assert outcomes("") == ["denied", "accepted"]
    assert outcomes("?outcome=denied") == ["denied"]
    assert outcomes("?limit=1") == ["denied"]
    assert outcomes("?since=2026-08-21T12:00:01Z") == ["denied", "accepted"]
    assert outcomes("?since=2026-08-21T14:00:01%2B02:00") == ["denied", "accepted"]
    assert outcomes("?since=2026-08-21T14:00:01+02:00") == ["denied", "accepted"]
    assert outcomes("?since=2026-08-21T12:00:01.000001") == []


def test_why_finds_a_signal_by_its_name():
    """given a denied signal, when somebody asks why, then the verdict is there; an unknown one is 404, slashes and all."""
    api = an_api()
    name = plain(api.signal(confidence=0.1))["signal_id"]

    assert plain(api.get(f"/signals/{name}"))["verdict"]["outcome"] == "denied"
    assert api.get("/signals/some/other id").status_code == 404


def test_the_governor_reads_the_shape_that_it_expects(shared: Path):
    """given the shared example of what the governor reads, when it asks, then it gets exactly those keys and numbers."""
    expected = json.loads((shared / "outputs" / "09_state_response.json").read_text("utf-8"), parse_float=Decimal)

    assert plain(an_api().get("/state?symbol=BTCUSDT")) == expected["body"]
    assert an_api().get("/state").status_code == 200


def test_the_status_has_the_servers_time():
    """given a clock that moved, when the status is asked for, then it tells the time as well."""
    api = an_api()
    api.clock.pass_by(5 * MILLISECOND)

    assert plain(api.get("/status"))["now"] == "2026-08-21T12:00:01.005000Z"


def test_metrics_are_prometheus_text():
    """given a trade, when it is scraped, then the text parses, and has the engine's numbers and the shell's own."""
    api = an_api()
    api.signal()
    answer = api.get("/metrics")
    families = {family.name: family for family in text_string_to_metric_families(answer.text)}

    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert {name for name in families if not name.startswith("petrosa_") or name.endswith("_created")} == set()
    assert families["petrosa_trades"].samples[0].value == 1
    assert families["petrosa_traded_notional_usdt"].samples[0].value == pytest.approx(200.0204)
    assert families["petrosa_signals"].samples[0].labels == {"outcome": "accepted"}
    assert families["petrosa_refusals"].samples[0].labels == {"rule": "CONFIDENCE_TOO_LOW"}
    assert families["petrosa_limit_used_ratio"].samples[0].labels == {"limit": "open_positions"}
    assert families["petrosa_trading_state"].samples[0].labels == {"state": "active"}
    assert families["petrosa_build_info"].samples[0].labels["mode"] == "simulation"
    requests = [sample for sample in families["petrosa_http_requests"].samples if sample.name.endswith("_total")]
    assert requests[0].labels == {"route": "/trade", "method": "POST", "status": "200"}


def test_what_the_engine_does_not_know_has_no_sample():
    """given an account that is flat, when it is scraped, then the protected share is absent, not zero."""
    assert "petrosa_protected_ratio" not in an_api().get("/metrics").text


def test_metrics_are_the_specifications_json_when_asked():
    """given Accept: application/json, when metrics are asked for, then the four numbers come, exact."""
    api = an_api()
    api.signal()
    answer = api.get("/metrics", headers={"accept": "application/json"})

    assert plain(answer) == {
        "trades_total": 1,
        "trades_success": 1,
        "trades_failed": 0,
        "total_volume_usdt": Decimal("200.0204"),
    }


def test_a_scraper_that_takes_anything_gets_text():
    """given Prometheus' own Accept header, when it scrapes, then text wins over JSON."""
    accept = "application/openmetrics-text;version=1.0.0;q=0.6,text/plain;version=0.0.4;q=0.5,application/json;q=0.1"

    assert an_api().get("/metrics", headers={"accept": accept}).headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize("path", ["/health", "/health/live", "/live", "/health/ready", "/ready"])
def test_health_is_open_and_tells_nothing_of_the_account(path: str):
    """given no token, when a probe asks, then it is answered 200, without an id or an amount."""
    answer = an_api(guarded()).get(path)

    assert answer.status_code == 200
    assert "default" not in answer.text


@pytest.mark.parametrize("path", ["/health/ready", "/ready"])
def test_not_ready_is_503_and_says_why_to_readers(path: str):
    """given a store that is down, when readiness is asked for, then 503; what is wrong is told to those who may read."""
    api = an_api(guarded())
    api.engine.checks["journal"] = "mongodb.internal does not answer"
    stranger, trader, reader = api.get(path), api.get(path, token=TRADER), api.get(path, token=READER)

    assert {answer.status_code for answer in (stranger, trader, reader)} == {503}
    assert plain(stranger)["checks"] == plain(trader)["checks"] == {"journal": "failing", "venue": "ok"}
    assert plain(reader)["checks"]["journal"] == "mongodb.internal does not answer"
    assert plain(api.get("/health")) == {"status": "not-ready", "mode": "simulation"}
    assert api.get("/health/live").status_code == 200


def test_the_openapi_document_is_not_served_in_live_mode():
    """given live mode, when the document is asked for, then 404; elsewhere it is served."""
    assert an_api(guarded(mode=Mode.LIVE)).get("/openapi.json").status_code == 404
    assert plain(an_api().get("/openapi.json"))["openapi"].startswith("3.1")
