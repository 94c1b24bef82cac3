"""What travels over HTTP: the bodies, as types, from which the OpenAPI document is made.

Numbers are exact JSON numbers. Quantities are base units, prices quote units per base unit, everything else in money is
quote units; times are ISO 8601 with microseconds and a Z. A body may carry more fields than are named here, never fewer
than those without a default.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Literal, TypeAlias

import attrs

from petrosa_core.decision import Outcome, Reason, TradingState
from petrosa_core.values import Market, Mode, OrderType, Side

ResultStatus: TypeAlias = Literal["new", "partially_filled", "filled", "cancelled", "expired", "rejected", "unknown"]
"""The state of an order. ``unknown``: sent, or about to be, and no believable answer yet."""

Number: TypeAlias = Decimal | str
"""A JSON number, or the same number as text."""


@attrs.frozen(kw_only=True)
class FeeBody:
    """What was paid in one asset."""

    asset: str
    amount: Decimal


@attrs.frozen(kw_only=True)
class ResultBody:
    """The specification's result: the entry order of a trade."""

    order_id: Annotated[str, "The venue's id; our client id until the venue has given one."]
    client_order_id: str
    status: ResultStatus
    fill_price: Annotated[Decimal | None, "Average price of what was executed; null while nothing was."]
    quantity: Annotated[Decimal, "Executed, in base units; ordered, while nothing was executed."]
    fees: Annotated[Decimal, "Paid in the quote asset; fees_by_asset has the others too."]
    fees_by_asset: tuple[FeeBody, ...] = ()
    protected: Annotated[bool | None, "Whether a live stop covers all that is held; null while nothing is."] = None


@attrs.frozen(kw_only=True)
class RefusalBody:
    """The venue's refusal, verbatim."""

    code: int
    message: str


@attrs.frozen(kw_only=True)
class OrderBody:
    """One order, with what it is for and the state that it is in."""

    order_id: Annotated[str, "The venue's id; our client id until the venue has given one."]
    client_order_id: str
    symbol: str
    side: Side
    type: OrderType
    leg: Literal["entry", "stop", "target", "close", "list"]
    status: ResultStatus
    quantity: Annotated[Decimal | None, "Ordered, in base units; null where the venue decides (close position)."]
    executed_quantity: Decimal
    fill_price: Decimal | None
    price: Decimal | None = None
    trigger_price: Decimal | None = None
    fees: tuple[FeeBody, ...] = ()
    state: Annotated[str | None, "The engine's own, finer word for the status."] = None
    trade_id: str | None = None
    strategy_id: str | None = None
    list_id: str | None = None
    attempt: int | None = None
    close_position: bool = False
    reduce_only: bool = False
    refusal: RefusalBody | None = None
    updated_at: str | None = None


@attrs.frozen(kw_only=True)
class BracketBody:
    """Where a trade stands; ``exposed`` is the dangerous one: filled, and not yet covered by a stop."""

    state: Literal["awaiting_entry", "exposed", "protected", "closing", "closed"]
    quantity: Annotated[Decimal | None, "Held, in base units."] = None
    covered: Annotated[bool | None, "Whether a stop still covers what is being closed."] = None
    since: str | None = None
    why: str | None = None


@attrs.frozen(kw_only=True)
class TradeBody:
    """One trade: an entry, what protects it, and what came of it. ``result`` is the entry order."""

    trade_id: Annotated[str, "The signal's name."]
    strategy_id: str
    symbol: str
    side: Side
    bracket: BracketBody
    quantity: Annotated[Decimal, "Ordered, in base units."]
    held: Annotated[Decimal, "Held now, in base units."]
    entry_price: Decimal | None
    stop_price: Decimal
    target_price: Decimal
    opened_at: str
    ended_at: str | None = None
    realised_pnl: Decimal | None = None
    fees: tuple[FeeBody, ...] = ()
    naked_seconds: Annotated[Decimal | None, "How long it was held without a stop."] = None
    result: ResultBody | None = None
    orders: tuple[OrderBody, ...] = ()


@attrs.frozen(kw_only=True)
class PositionBody:
    """What is held of one symbol."""

    symbol: str
    side: Side
    quantity: Decimal
    entry_price: Decimal | None
    mark_price: Decimal | None
    unrealised_pnl: Decimal | None
    protected: bool
    protected_quantity: Annotated[Decimal, "Covered by live stops, in base units."]
    trades: Annotated[tuple[str, ...], "The ids of the trades that it is made of."] = ()


@attrs.frozen(kw_only=True)
class DecisionBody:
    """One verdict, in brief."""

    seq: Annotated[int, "The journal entry's number."]
    at: str
    signal_id: str | None
    outcome: Outcome
    codes: Annotated[tuple[str, ...], "The codes of all reasons; /signals/{id} has their numbers."]
    strategy_id: str | None = None
    symbol: str | None = None
    action: str | None = None
    trade_id: str | None = None


@attrs.frozen(kw_only=True)
class LimitBody:
    """How much of a limit is used; ``ratio`` is a fraction of one."""

    name: str
    used: Decimal | None
    limit: Decimal | None
    ratio: Decimal | None


@attrs.frozen(kw_only=True)
class CountersBody:
    """What has happened since the journal began, in running totals."""

    trades_total: int
    trades_success: Annotated[int, "Entries that were filled, in whole or in part."]
    trades_failed: Annotated[int, "Entries that ended without a fill."]
    total_volume_usdt: Annotated[Decimal, "Executed, in quote units."]
    signals: Annotated[Mapping[str, int], "Verdicts by outcome."] = attrs.Factory(dict)
    refusals: Annotated[Mapping[str, int], "Refusals by code."] = attrs.Factory(dict)
    orders: Annotated[Mapping[str, int], "Orders by status."] = attrs.Factory(dict)
    fees_usdt: Decimal | None = None
    open_positions: int | None = None
    unknown_orders: int | None = None


@attrs.frozen(kw_only=True)
class HeadBody:
    """The journal's newest frame."""

    number: int
    hash: str


@attrs.frozen(kw_only=True)
class StatusBody:
    """Whose engine it is and how it is."""

    account: str
    market: Market
    mode: Mode
    trading_state: TradingState
    trading_state_reason: str
    head: HeadBody
    build: str
    started_at: str
    equity: Decimal | None
    protected_ratio: Annotated[Decimal | None, "The share of what is held that a live stop covers; null when flat."]
    counters: CountersBody
    now: Annotated[str | None, "The server's time."] = None


@attrs.frozen(kw_only=True)
class PriceBody:
    """The newest quote; ``price`` is half way between bid and ask."""

    symbol: str
    price: Decimal
    bid: Decimal
    ask: Decimal
    mark: Decimal | None
    timestamp: str


@attrs.frozen(kw_only=True)
class BalanceBody:
    """What the account holds in its quote asset."""

    asset: str
    free: Decimal
    equity: Decimal
    as_of: str


@attrs.frozen(kw_only=True)
class AccountData:
    """The account; a balance that could not be read is null, never zero."""

    balance: BalanceBody | None
    gross_exposure: Decimal
    positions: tuple[PositionBody, ...]


@attrs.frozen(kw_only=True)
class GovernorPortfolio:
    """Shares are fractions of equity; null when equity could not be read."""

    gross_exposure: Decimal | None
    same_asset_pct: Decimal | None
    open_positions_count: int


@attrs.frozen(kw_only=True)
class GovernorLimits:
    """What the governor may not ask us to exceed."""

    max_drawdown_pct: Decimal
    max_orders_global: int
    max_orders_per_symbol: int
    max_position_size_usd: Decimal | None


@attrs.frozen(kw_only=True)
class GovernorEnvironment:
    """How things stand now; null is unknown, never zero."""

    global_drawdown_pct: Decimal | None
    open_orders_global: int
    open_orders_symbol: int
    available_capital_usd: Decimal | None


@attrs.frozen(kw_only=True)
class GovernorState:
    """The shape that a governor upstream reads on every intent."""

    portfolio: GovernorPortfolio
    risk_limits: GovernorLimits
    env_stats: GovernorEnvironment


@attrs.frozen(kw_only=True)
class EntryBody:
    """One journal entry: its number, kind and body."""

    seq: int
    kind: str
    at: str
    body: Mapping[str, object]


@attrs.frozen(kw_only=True)
class WhyBody:
    """Everything that is recorded of one signal; ``signal`` and ``reasons`` are null and absent for what was no signal."""

    signal_id: str
    verdict: DecisionBody
    reasons: Annotated[tuple[Reason, ...], "Each broken check with its numbers."] = ()
    signal: Mapping[str, object] | None = None
    inputs: Annotated[Mapping[str, object] | None, "What it was judged with."] = None
    trade: TradeBody | None = None
    entries: Annotated[tuple[EntryBody, ...], "What was written of it, in order."] = ()
