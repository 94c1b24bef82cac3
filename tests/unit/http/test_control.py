"""What operators do: tighten, loosen, close, cancel; each answer is what was recorded."""

from decimal import Decimal

import pytest
from tests.support.http_client import ADMIN, TRADER, an_api, guarded, plain

from petrosa_core.application.api import NotReady
from petrosa_core.decision import TradingState


@pytest.mark.parametrize(
    ("verb", "state"),
    [("halt", TradingState.HALTED), ("reduce", TradingState.REDUCING), ("flatten", TradingState.FLATTEN)],
)
def test_whoever_trades_may_tighten(verb: str, state: TradingState):
    """given a trade token, when it tightens the trading state, then it is in force, under its name and reason."""
    api = an_api(guarded())
    answer = api.post(f"/control/{verb}", token=TRADER, json={"reason": " too much noise "})

    assert answer.status_code == 200
    assert plain(answer)["result"]["state"] == state.value
    assert api.engine.controls == [(state.value, "trader", "too much noise")]


def test_a_halt_needs_no_body():
    """given an emergency, when the halt comes without a body, then nothing asks for one."""
    api = an_api(guarded())

    assert api.post("/control/halt", token=TRADER).status_code == 200
    assert api.engine.controls == [("halted", "trader", "no reason given")]


def test_only_an_admin_with_a_reason_loosens():
    """given a halt, when it is lifted, then the trade token is refused, and so is an admin without a reason."""
    api = an_api(guarded())
    api.post("/control/halt", token=ADMIN, json={"reason": "drill"})
    by_trader = api.post("/control/resume", token=TRADER, json={"reason": "over"})
    without = api.post("/control/resume", token=ADMIN, json={"reason": " "})
    by_admin = api.post("/control/resume", token=ADMIN, json={"reason": "over"})

    assert by_trader.status_code == 403
    assert (without.status_code, plain(without)["code"]) == (422, "REASON_REQUIRED")
    assert by_admin.status_code == 200
    assert api.engine.state is TradingState.ACTIVE


def test_loosening_by_another_door_is_refused_by_the_engine():
    """given a flattened account, when a trade token asks for the milder halt, then the engine's refusal is a 403."""
    api = an_api(guarded())
    api.post("/control/flatten", token=TRADER, json={"reason": "out"})
    answer = api.post("/control/halt", token=TRADER, json={"reason": "milder"})

    assert (answer.status_code, plain(answer)["code"]) == (403, "ADMIN_REQUIRED")


def test_a_latched_halt_is_202():
    """given a store that is away, when a halt is latched instead of recorded, then the answer says so with 202."""
    api = an_api()
    api.engine.latched = True
    answer = api.post("/control/halt", json={"reason": "now"})

    assert answer.status_code == 202
    assert plain(answer)["result"]["latched"] is True


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"[]", 400),
        (b"{", 400),
        (b'{"reason": 5}', 422),
        (b'{"reason": "a\\nb"}', 422),
        (b'{"reason": "' + b"x" * 501 + b'"}', 422),
        (b'{"reasn": "typo"}', 422),
    ],
)
def test_a_body_that_is_not_understood_changes_nothing(body: bytes, status: int):
    """given a body with an unknown field or no reason that fits a line, when it is posted, then nothing is done."""
    api = an_api()
    answer = api.post("/control/halt", content=body, headers={"content-type": "application/json"})

    assert answer.status_code == status
    assert api.engine.controls == []


@pytest.mark.parametrize(
    ("sent", "asked"), [({}, ""), ({"quantity": 0.001}, "0.001"), ({"quantity": "0.0010"}, "0.0010")]
)
def test_a_trade_is_closed_whole_or_in_part(sent: dict, asked: str):
    """given an open trade, when it is closed, then the engine is asked for that much, exactly."""
    api = an_api()
    trade_id = plain(api.signal())["trade_id"]
    answer = api.post(f"/trades/{trade_id}/close", json={"reason": "done", **sent})

    assert answer.status_code == 200
    assert plain(answer)["result"] == {"trade_id": trade_id, "quantity": Decimal(asked) if asked else None}
    assert api.engine.controls == [("close", "local", "done", asked)]


@pytest.mark.parametrize("quantity", [0, -1, "x", "1e3", True, [], "NaN"])
def test_a_quantity_that_is_none_is_refused(quantity: object):
    """given a quantity that is zero, negative or no number, when a close asks for it, then 422."""
    answer = an_api().post("/trades/sg-1/close", json={"quantity": quantity})

    assert (answer.status_code, plain(answer)["code"]) == (422, "PARAMETER_INVALID")


def test_a_trade_that_is_not_there_cannot_be_closed():
    """given no such trade, when it is closed, then 404."""
    assert an_api().post("/trades/sg-none/close", json={}).status_code == 404


def test_an_engine_that_cannot_record_a_close_says_so():
    """given a store that is down, when a close cannot be recorded, then 503 with Retry-After."""
    api = an_api()
    api.engine.not_ready = NotReady(code="STORE_DOWN", message="The store is away.", retry_after=1)
    answer = api.post("/trades/sg-1/close", json={})

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")


def test_an_order_is_cancelled_in_the_specifications_shape():
    """given an order of ours, when it is deleted, then the specification's answer says so."""
    api = an_api()
    api.signal()
    answer = api.call("DELETE", "/order/BTCUSDT/12345678?reason=stale")

    assert answer.status_code == 200
    assert (plain(answer)["message"], plain(answer)["order_id"]) == ("Order cancelled", "12345678")
    assert api.engine.controls == [("cancel", "local", "stale", "12345678")]


@pytest.mark.parametrize(("order_id", "status", "code"), [("stop-1", 409, "LAST_STOP"), ("none", 404, "NOT_FOUND")])
def test_a_cancel_that_may_not_be_is_refused_with_the_engines_code(order_id: str, status: int, code: str):
    """given the last stop of an open trade, or no order, when it is deleted, then the engine's reason is told."""
    answer = an_api().call("DELETE", f"/order/BTCUSDT/{order_id}")

    assert (answer.status_code, plain(answer)["code"]) == (status, code)
    assert plain(answer)["reasons"][0]["code"] == code
