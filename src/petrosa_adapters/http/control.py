"""What operators may do: tighten and loosen the trading state, close a trade, cancel an order.

Each is recorded by the engine with its actor, which is the token's name.
"""

from collections.abc import Awaitable, Callable, Mapping

from starlette.responses import Response

from petrosa_adapters.http.call import Call, quantity_of, reason_of
from petrosa_adapters.http.problem import Json, Refusal, not_ready, plain_reasons
from petrosa_adapters.http.settings import Scope
from petrosa_core.application.api import Done, NotReady, Plain, Refused
from petrosa_core.decision import TradingState

STATUS_OF_REFUSAL: Mapping[str, int] = {
    "NOT_FOUND": 404,
    "ADMIN_REQUIRED": 403,
    "REASON_REQUIRED": 422,
}
"""What the engine's refusals are told as; every other one is a conflict with the state of things, 409."""

UNSAID = "no reason given"
"""The reason in the record where somebody in a hurry named none."""

_REASON = frozenset({"reason"})
_CLOSE = frozenset({"reason", "quantity"})


def sets(state: TradingState, message: str) -> Callable[[Call], Awaitable[Response]]:
    """The handler that asks for a trading state. 202 when it is latched, to be recorded once the store is back.

    Going active takes a reason. Everything else makes it safer, and nobody has to find words for that first.
    """
    unsaid = "" if state is TradingState.ACTIVE else UNSAID

    async def control(call: Call) -> Response:
        reason = reason_of(await call.fields(_REASON)) or unsaid
        answer = await call.services.engine.set_state(
            state, actor=call.principal.name, reason=reason, admin=Scope.ADMIN in call.principal.scopes
        )
        detail = done(answer)
        return Json({"message": message, "result": detail}, 202 if detail.get("latched") is True else 200)

    return control


async def close_trade(call: Call) -> Response:
    """Close a trade, or at most so much of it."""
    fields = await call.fields(_CLOSE)
    answer = await call.services.engine.close_trade(
        call.trade_id, quantity=quantity_of(fields), actor=call.principal.name, reason=reason_of(fields)
    )
    return Json({"message": "Closing the trade", "result": done(answer)})


async def cancel_order(call: Call) -> Response:
    """Cancel one of our orders; the last stop of an open trade stays (409 LAST_STOP)."""
    order_id = call.name("order_id")
    reason = reason_of({"reason": call.asked("reason") or ""})
    answer = await call.services.engine.cancel_order(call.symbol, order_id, actor=call.principal.name, reason=reason)
    return Json({"message": "Order cancelled", "order_id": order_id, "result": done(answer)})


def done(answer: Done | Refused | NotReady) -> Mapping[str, Plain]:
    """What was done. Refusal: 503 when it could not be recorded, else the status of the engine's reason."""
    match answer:
        case Done(detail=detail):
            return detail
        case NotReady():
            raise not_ready(answer)
        case Refused(reason=reason):
            raise Refusal(
                status=STATUS_OF_REFUSAL.get(reason.code, 409),
                code=reason.code,
                detail=reason.message,
                more={"reasons": plain_reasons([reason])},
            )
