"""What may be read: each handler asks the engine one question and writes down the answer."""

from starlette.responses import Response

from petrosa_adapters.http.call import Call
from petrosa_adapters.http.metrics import CONTENT_TYPE, seed_counters
from petrosa_adapters.http.problem import Json, Refusal
from petrosa_core.values import iso


async def account(call: Call) -> Response:
    """Balance, equity, exposure and positions."""
    return Json({"message": "Account information retrieved", "data": call.services.engine.account_view()})


async def price(call: Call) -> Response:
    """The newest quote of a symbol."""
    found = call.services.engine.price(call.symbol)
    if found is None:
        raise not_found(f"There is no quote for {call.symbol}.")
    return Json(found)


async def order(call: Call) -> Response:
    """One order, by our client id or the venue's id."""
    order_id = call.name("order_id")
    found = call.services.engine.order(call.symbol, order_id)
    if found is None:
        raise not_found(f"There is no order {order_id} of ours on {call.symbol}.")
    return Json({"message": "Order retrieved", "order_id": order_id, "result": found})


async def orders(call: Call) -> Response:
    """Orders, the newest first."""
    found = call.services.engine.orders(symbol=call.asked_symbol, open_only=call.open_only, limit=call.limit)
    return Json({"orders": found})


async def trades(call: Call) -> Response:
    """Trades, the newest first."""
    return Json({"trades": call.services.engine.trades(open_only=call.open_only, limit=call.limit)})


async def one_trade(call: Call) -> Response:
    """One trade with its orders and fills."""
    found = call.services.engine.trade(call.trade_id)
    if found is None:
        raise not_found(f"There is no trade {call.trade_id}.")
    return Json(found)


async def positions(call: Call) -> Response:
    """What is held per symbol, with its protection."""
    return Json({"positions": call.services.engine.positions()})


async def decisions(call: Call) -> Response:
    """Verdicts, the newest first."""
    found = call.services.engine.decisions(limit=call.limit, outcome=call.outcome, since=call.since)
    return Json({"decisions": found})


async def why(call: Call) -> Response:
    """Everything that is recorded of one signal."""
    found = await call.services.engine.why(call.name("signal_id"))
    if found is None:
        raise not_found("No signal of that name, and none that carried that id, is recorded.")
    return Json(found)


async def limits(call: Call) -> Response:
    """Each limit, and how much of it is used."""
    return Json({"limits": call.services.engine.limits()})


async def state(call: Call) -> Response:
    """The shape that a governor upstream reads on every intent."""
    return Json(call.services.engine.governor_state(call.asked_symbol))


async def status(call: Call) -> Response:
    """Whose engine it is, how it is, and what time it has."""
    return Json({**call.services.engine.status(), "now": iso(call.services.clock.now())})


async def metrics(call: Call) -> Response:
    """Prometheus text; the specification's JSON for whoever accepts ``application/json`` and no text."""
    accepted = call.request.headers.get("accept", "")
    if "application/json" in accepted and "text/plain" not in accepted:
        return Json(seed_counters(call.services.engine.status()))
    return Response(call.services.metrics.text(), media_type=CONTENT_TYPE)


def not_found(detail: str) -> Refusal:
    """There is nothing under that name."""
    return Refusal(status=404, code="NOT_FOUND", detail=detail)
