"""The engine in this process, as its shells see it: ``EngineApi`` over a running TradeEngine."""

from collections.abc import AsyncIterator, Mapping, Sequence
from decimal import Decimal

from petrosa_core.application import queries
from petrosa_core.application.api import Answer, Arrival, Event, NotReady, Plain, Readiness, Verdict
from petrosa_core.application.bodies import trade_body
from petrosa_core.application.engine import TradeEngine
from petrosa_core.application.telling import tell
from petrosa_core.decision import Outcome, RiskPolicy, TradingState
from petrosa_core.signal import Signal, Undecodable
from petrosa_core.values import AccountId, Duration, Market, Mode, Moment, Quantity, SignalId, Symbol, iso


class LocalEngine:
    """Implements ``EngineApi``."""

    def __init__(self, engine: TradeEngine, policy: RiskPolicy) -> None:
        """``policy`` is the one that the engine judges by: the limits are told from it."""
        self._engine = engine
        self._policy = policy

    @property
    def account(self) -> AccountId:
        """Whose engine it is."""
        return self._engine.identity.account

    @property
    def market(self) -> Market:
        """Spot or USD-M."""
        return self._engine.identity.market

    @property
    def mode(self) -> Mode:
        """Simulation, testnet or live."""
        return self._engine.identity.mode

    async def receive(self, message: Signal | Undecodable, arrival: Arrival) -> Verdict | NotReady:
        """Judge one message and record the verdict."""
        return await self._engine.receive(message, arrival)

    async def settled(self, trade_id: SignalId, within: Duration) -> Mapping[str, Plain] | None:
        """The trade once its entry is at rest, filled or over, or as it is when the time runs out."""
        await self._engine.settled(trade_id, within)
        return self.trade(trade_id)

    async def set_state(self, state: TradingState, *, actor: str, reason: str, admin: bool) -> Answer:
        """Tighten or loosen the trading state."""
        return await self._engine.set_state(state, actor=actor, reason=reason, admin=admin)

    async def close_trade(self, trade_id: SignalId, *, quantity: Quantity | None, actor: str, reason: str) -> Answer:
        """Close a trade, or at most so much of it."""
        return await self._engine.close_trade(trade_id, quantity=quantity, actor=actor, reason=reason)

    async def cancel_order(self, symbol: Symbol, order_id: str, *, actor: str, reason: str) -> Answer:
        """Cancel one of our orders."""
        return await self._engine.cancel_order(symbol, order_id, actor=actor, reason=reason)

    def readiness(self) -> Readiness:
        """May entries be taken?"""
        return self._engine.readiness()

    def account_view(self) -> Mapping[str, Plain]:
        """Balance, exposure and positions."""
        return queries.account(self._engine.book, self._engine.quote)

    def price(self, symbol: Symbol) -> Mapping[str, Plain] | None:
        """The newest quote."""
        quote = self._engine.quote(symbol)
        if quote is None:
            return None
        return {
            "symbol": symbol,
            "price": quote.mid,
            "bid": Decimal(quote.bid),
            "ask": Decimal(quote.ask),
            "mark": Decimal(quote.mark),
            "timestamp": iso(quote.as_of),
        }

    def trades(self, *, open_only: bool, limit: int) -> Sequence[Mapping[str, Plain]]:
        """Trades, the newest first."""
        return queries.trades(self._engine.book, open_only=open_only, limit=limit)

    def trade(self, trade_id: SignalId) -> Mapping[str, Plain] | None:
        """One trade with all its orders."""
        trade = self._engine.book.trade(trade_id)
        return None if trade is None else trade_body(trade)

    def positions(self) -> Sequence[Mapping[str, Plain]]:
        """What is held per symbol."""
        return queries.positions(self._engine.book, self._engine.quote)

    def orders(self, *, symbol: Symbol | None, open_only: bool, limit: int) -> Sequence[Mapping[str, Plain]]:
        """Orders, the newest first."""
        return queries.orders(self._engine.book, symbol=symbol, open_only=open_only, limit=limit)

    def order(self, symbol: Symbol, order_id: str) -> Mapping[str, Plain] | None:
        """One order by client or venue id."""
        return queries.order(self._engine.book, symbol, order_id)

    def decisions(self, *, limit: int, outcome: Outcome | None, since: Moment | None) -> Sequence[Mapping[str, Plain]]:
        """Verdicts, the newest first."""
        return queries.decisions(self._engine.book, limit=limit, outcome=outcome, since=since)

    async def why(self, signal_id: str) -> Mapping[str, Plain] | None:
        """Everything recorded of one signal."""
        return await tell(self._engine.book, self._engine.journal, self._engine.head, signal_id)

    def limits(self) -> Sequence[Mapping[str, Plain]]:
        """Each limit and what is used of it."""
        return queries.limits(self._engine.book, self._policy)

    def governor_state(self, symbol: Symbol | None) -> Mapping[str, Plain]:
        """What the governor upstream reads on every intent."""
        return queries.governor_state(self._engine.book, self._policy, symbol)

    def status(self) -> Mapping[str, Plain]:
        """Whose engine it is and how it is."""
        engine, totals = self._engine, self._engine.book.totals
        return {
            "account": self.account,
            "market": self.market.value,
            "mode": self.mode.value,
            "trading_state": totals.state.value,
            "trading_state_reason": totals.state_reason,
            "head": {"number": engine.head.number, "hash": engine.head.hash},
            "build": engine.identity.build,
            "started_at": iso(engine.started_at),
            "equity": None if totals.balance is None else Decimal(totals.balance.equity),
            "protected_ratio": queries.protected_ratio(engine.book),
            "counters": queries.counters(engine.book),
        }

    def events(self, after: int | None) -> AsyncIterator[Event]:
        """Durable entries as they come."""
        return self._engine.events(after)
