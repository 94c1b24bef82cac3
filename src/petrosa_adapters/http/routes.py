"""The one table of routes: what there is, who may ask for it, and what it answers. The OpenAPI document is made from it."""

from petrosa_adapters.http import bodies, console, control, envelopes, events, health, queries, trading, webhook
from petrosa_adapters.http.openapi import served
from petrosa_adapters.http.routing import EVERYONE, Endpoint, Handler
from petrosa_adapters.http.settings import Scope
from petrosa_core.decision import TradingState

READ = frozenset({Scope.READ})
TRADE = frozenset({Scope.TRADE})
TIGHTEN = frozenset({Scope.TRADE, Scope.ADMIN})
"""Whoever may trade may also stop trading."""
ADMIN = frozenset({Scope.ADMIN})

_ALWAYS = (400, 500)
_GUARDED = (400, 401, 403, 429, 500)
_WRITTEN = (400, 401, 403, 408, 413, 415, 422, 429, 500, 503)


def _read(
    path: str,
    name: str,
    handler: Handler,
    body: type,
    summary: str,
    *,
    query: tuple[str, ...] = (),
    also: tuple[int, ...] = (),
) -> Endpoint:
    return Endpoint(
        method="GET",
        path=path,
        name=name,
        summary=summary,
        tag="read",
        admits=READ,
        handler=handler,
        answers={200: body},
        refusals=(*_GUARDED, *also),
        query=query,
    )


def _control(verb: str, state: TradingState, admits: frozenset[Scope], summary: str, message: str) -> Endpoint:
    return Endpoint(
        method="POST",
        path=f"/control/{verb}",
        name=verb,
        summary=summary,
        tag="control",
        admits=admits,
        handler=control.sets(state, message),
        answers={200: envelopes.ControlAnswer, 202: envelopes.ControlAnswer},
        refusals=(*_WRITTEN, 409),
        request=envelopes.ReasonRequest,
        body_required=False,
    )


def _open(
    path: str, name: str, handler: Handler, answers: dict[int, object], summary: str, *, hidden: bool = False
) -> Endpoint:
    return Endpoint(
        method="GET",
        path=path,
        name=name,
        summary=summary,
        tag="health",
        admits=EVERYONE,
        handler=handler,
        answers=answers,
        refusals=_ALWAYS,
        hidden=hidden,
    )


TRADING = (
    Endpoint(
        method="POST",
        path="/trade",
        name="trade",
        summary="Judge one signal, and trade it when it may be traded.",
        tag="trade",
        admits=TRADE,
        handler=trading.trade,
        answers={200: envelopes.TradeAnswer, 202: envelopes.TradeAnswer},
        refusals=_WRITTEN,
        request=envelopes.SignalRequest,
        headers=("Idempotency-Key",),
        throttled=True,
    ),
    Endpoint(
        method="POST",
        path="/webhooks/tradingview",
        name="tradingview",
        summary="Judge one TradingView alert; the secret is in the body or in X-Webhook-Secret.",
        tag="trade",
        admits=EVERYONE,
        handler=webhook.tradingview,
        answers={200: envelopes.TradeAnswer, 202: envelopes.TradeAnswer},
        refusals=(*_WRITTEN, 404),
        request=envelopes.SignalRequest,
        headers=("X-Webhook-Secret",),
        throttled=True,
        any_type=True,
    ),
    Endpoint(
        method="POST",
        path="/trades/{trade_id}/close",
        name="closeTrade",
        summary="Close a trade, or at most so much of it.",
        tag="trade",
        admits=TIGHTEN,
        handler=control.close_trade,
        answers={200: envelopes.ControlAnswer},
        refusals=(*_WRITTEN, 404, 409),
        request=envelopes.CloseRequest,
        body_required=False,
    ),
    Endpoint(
        method="DELETE",
        path="/order/{symbol}/{order_id}",
        name="cancelOrder",
        summary="Cancel one of our orders, but never the last stop of an open trade.",
        tag="trade",
        admits=TIGHTEN,
        handler=control.cancel_order,
        answers={200: envelopes.ControlAnswer},
        refusals=(*_GUARDED, 404, 409, 422, 503),
        query=("reason",),
    ),
)

CONTROL = (
    _control("halt", TradingState.HALTED, TIGHTEN, "No new entries; resting ones are cancelled, stops stay.", "Halted"),
    _control("reduce", TradingState.REDUCING, TIGHTEN, "Nothing that increases exposure.", "Reducing only"),
    _control("flatten", TradingState.FLATTEN, TIGHTEN, "Halt, and close every position.", "Flattening"),
    _control("resume", TradingState.ACTIVE, ADMIN, "Trade again; takes a reason.", "Active"),
)

READING = (
    _read("/account", "account", queries.account, envelopes.AccountAnswer, "Balance, equity, exposure and positions."),
    _read(
        "/price/{symbol}", "price", queries.price, bodies.PriceBody, "The newest quote of a symbol.", also=(404, 422)
    ),
    _read("/order/{symbol}/{order_id}", "order", queries.order, envelopes.OrderAnswer, "One order.", also=(404, 422)),
    _read(
        "/orders",
        "orders",
        queries.orders,
        envelopes.Orders,
        "Orders, the newest first.",
        query=("symbol", "open", "limit"),
        also=(422,),
    ),
    _read(
        "/trades",
        "trades",
        queries.trades,
        envelopes.Trades,
        "Trades, the newest first.",
        query=("open", "limit"),
        also=(422,),
    ),
    _read("/trades/{trade_id}", "oneTrade", queries.one_trade, bodies.TradeBody, "One trade.", also=(404, 422)),
    _read("/positions", "positions", queries.positions, envelopes.Positions, "What is held, and what protects it."),
    _read(
        "/decisions",
        "decisions",
        queries.decisions,
        envelopes.Decisions,
        "Verdicts, the newest first.",
        query=("limit", "outcome", "since"),
        also=(422,),
    ),
    _read(
        "/signals/{signal_id:path}",
        "why",
        queries.why,
        bodies.WhyBody,
        "Why: everything that is recorded of one signal, by its name or any id that it carried.",
        also=(404, 422),
    ),
    _read("/limits", "limits", queries.limits, envelopes.Limits, "Each limit, and how much of it is used."),
    _read(
        "/state",
        "state",
        queries.state,
        bodies.GovernorState,
        "What a governor upstream asks on every intent.",
        query=("symbol",),
        also=(422,),
    ),
    _read("/status", "status", queries.status, bodies.StatusBody, "Whose engine it is, and how it is."),
    Endpoint(
        method="GET",
        path="/metrics",
        name="metrics",
        summary="Prometheus text, or four numbers as JSON when asked with Accept: application/json.",
        tag="read",
        admits=READ,
        handler=queries.metrics,
        answers={200: "text"},
        refusals=_GUARDED,
        media={
            "text/plain": {"schema": {"type": "string"}},
            "application/json": {"schema": {"$ref": "#/components/schemas/SeedMetrics"}},
        },
    ),
    Endpoint(
        method="GET",
        path="/events",
        name="events",
        summary="The journal as server-sent events.",
        tag="read",
        admits=READ,
        handler=events.events,
        answers={200: "text"},
        refusals=(*_GUARDED, 422, 503),
        query=("after",),
        headers=("Last-Event-ID",),
        media={"text/event-stream": {"schema": {"type": "string"}}},
    ),
)

_READY: dict[int, object] = {200: envelopes.Ready, 503: envelopes.Ready}
_ALIVE: dict[int, object] = {200: envelopes.Alive}

HEALTH = (
    _open("/health", "health", health.summary, {200: envelopes.Health}, "For people."),
    _open("/health/live", "live", health.alive, _ALIVE, "The process answers."),
    _open("/health/ready", "ready", health.ready, _READY, "Whether entries may be taken."),
    _open("/live", "liveAlias", health.alive, _ALIVE, "As /health/live.", hidden=True),
    _open("/ready", "readyAlias", health.ready, _READY, "As /health/ready.", hidden=True),
)

PAGES = (
    _open("/openapi.json", "openapi", served, {200: "json"}, "This document; not served in live mode.", hidden=True),
    _open("/", "console", console.page, {200: "html"}, "The operator's console.", hidden=True),
    _open("/static/{asset}", "asset", console.asset, {200: "file"}, "What the console is made of.", hidden=True),
)

ENDPOINTS: tuple[Endpoint, ...] = (*TRADING, *HEALTH, *READING, *CONTROL, *PAGES)
