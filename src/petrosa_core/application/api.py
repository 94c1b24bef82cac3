"""What the shells (HTTP, NATS, CLI, another asyncio service) may ask of the engine, and what they are told.

The engine in this process implements ``EngineApi``; so does a gateway that reaches it through JetStream and the journal.
Answers are plain: text, exact Decimals, whole numbers, lists and dicts, ready to be written as JSON without a float.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Protocol, TypeAlias

import attrs

from petrosa_core.decision import Outcome, TradingState
from petrosa_core.desk import Arrival, Done, Plain, Refused, Verdict
from petrosa_core.signal import Signal
from petrosa_core.signal.undecodable import Undecodable
from petrosa_core.values import AccountId, Duration, Market, Mode, Moment, Quantity, SignalId, Symbol

__all__ = [
    "Answer",
    "Arrival",
    "Done",
    "EngineApi",
    "Event",
    "NotReady",
    "Plain",
    "Readiness",
    "Refused",
    "Verdict",
]


@attrs.frozen(kw_only=True)
class NotReady:
    """The engine cannot record now, so it does not judge: send it again. ``code`` is stable, ``retry_after`` is advice."""

    code: str
    message: str
    retry_after: Duration


Answer: TypeAlias = Done | Refused | NotReady


@attrs.frozen(kw_only=True)
class Readiness:
    """Whether entries may be taken, and each check's state in words (``ok`` or what is wrong)."""

    ready: bool
    checks: Mapping[str, str]


@attrs.frozen(kw_only=True)
class Event:
    """One durable journal entry as the event stream tells it: its number, its kind (``SignalJudged``, ...) and its body."""

    seq: int
    kind: str
    body: Mapping[str, Plain]


class EngineApi(Protocol):
    """One account's engine as its shells see it.

    Every query answers from memory or the journal; none asks the venue. The bodies are those of docs/reference/http.md.
    """

    @property
    def account(self) -> AccountId:
        """Whose engine it is."""
        ...

    @property
    def market(self) -> Market:
        """Spot or USD-M."""
        ...

    @property
    def mode(self) -> Mode:
        """Simulation, testnet or live."""
        ...

    async def receive(self, message: Signal | Undecodable, arrival: Arrival) -> Verdict | NotReady:
        """Judge one message and record the verdict."""
        ...

    async def settled(self, trade_id: SignalId, within: Duration) -> Mapping[str, Plain] | None:
        """The trade once its entry is at rest, filled or over, or as it is when the time runs out; None when there is none."""
        ...

    async def set_state(self, state: TradingState, *, actor: str, reason: str, admin: bool) -> Answer:
        """Tighten (anyone with trade scope) or loosen (admin, with a reason) the trading state."""
        ...

    async def close_trade(self, trade_id: SignalId, *, quantity: Quantity | None, actor: str, reason: str) -> Answer:
        """Close a trade, or at most so much of it; exits pass every gate."""
        ...

    async def cancel_order(self, symbol: Symbol, order_id: str, *, actor: str, reason: str) -> Answer:
        """Cancel one of our orders, by client or venue id; never the last stop of an open trade."""
        ...

    def readiness(self) -> Readiness:
        """May entries be taken?"""
        ...

    def account_view(self) -> Mapping[str, Plain]:
        """Balance, equity, exposure and positions."""
        ...

    def price(self, symbol: Symbol) -> Mapping[str, Plain] | None:
        """The newest quote: symbol, price (the mid), bid, ask, mark, timestamp; None when there is none."""
        ...

    def trades(self, *, open_only: bool, limit: int) -> Sequence[Mapping[str, Plain]]:
        """Trades, the newest first."""
        ...

    def trade(self, trade_id: SignalId) -> Mapping[str, Plain] | None:
        """One trade with all its orders and fills."""
        ...

    def positions(self) -> Sequence[Mapping[str, Plain]]:
        """What is held per symbol, with its protection."""
        ...

    def orders(self, *, symbol: Symbol | None, open_only: bool, limit: int) -> Sequence[Mapping[str, Plain]]:
        """Orders, the newest first."""
        ...

    def order(self, symbol: Symbol, order_id: str) -> Mapping[str, Plain] | None:
        """One order by client or venue id, in the seed's result shape with its state."""
        ...

    def decisions(self, *, limit: int, outcome: Outcome | None, since: Moment | None) -> Sequence[Mapping[str, Plain]]:
        """Verdicts, the newest first, in brief."""
        ...

    async def why(self, signal_id: str) -> Mapping[str, Plain] | None:
        """Everything recorded of one signal, by its name or any id it carried: inputs, verdict, reasons, orders, fills."""
        ...

    def limits(self) -> Sequence[Mapping[str, Plain]]:
        """Each limit: name, used, limit, ratio."""
        ...

    def governor_state(self, symbol: Symbol | None) -> Mapping[str, Plain]:
        """The shape that the governor upstream reads on every intent: portfolio, risk_limits, env_stats."""
        ...

    def status(self) -> Mapping[str, Plain]:
        """Account, market, mode, trading state and its reason, head, build, start time, protected share, counters."""
        ...

    def events(self, after: int | None) -> AsyncIterator[Event]:
        """Durable entries as they come, beginning behind ``after`` when given."""
        ...
