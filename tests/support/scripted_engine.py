"""An engine in one page, for tests of the shells: it keeps what it is told, and judges by the simplest rules there are.

A confidence below 0.5 is denied, the same identity is a duplicate (with another price: IDENTITY_REUSED), hold is held, close
closes the strategy's trade on the symbol, everything else becomes a trade whose entry has the state that the test has set.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from decimal import Decimal

import attrs

from petrosa_core.application.api import Arrival, Done, Event, NotReady, Plain, Readiness, Refused, Verdict
from petrosa_core.decision import Outcome, Reason, TradingState
from petrosa_core.signal import Action, Signal, Undecodable
from petrosa_core.values import AccountId, Duration, Market, Mode, Moment, Quantity, SignalId, Symbol, iso

START = Moment(1_787_313_601_000_000)
"""2026-08-21T12:00:01Z, the clock of the shared examples."""

ACCOUNT = AccountId("default")


@attrs.define
class HandClock:
    """A clock that stands still until it is told to move."""

    moment: Moment = START

    def now(self) -> Moment:
        """The moment that the test has set."""
        return self.moment

    async def sleep(self, duration: Duration) -> None:
        """Jump ahead."""
        self.pass_by(duration)

    def pass_by(self, duration: Duration) -> None:
        """Let time pass."""
        self.moment = Moment(self.moment + duration)


def reason_of(code: str, value: str | None = None, limit: str | None = None) -> Reason:
    """A reason with its numbers."""
    return Reason(code=code, message=code.replace("_", " ").lower(), value=value, limit=limit)


@attrs.define
class ScriptedEngine:
    """See the module. The fields without an underscore are the test's to set and to read."""

    account: AccountId = ACCOUNT
    market: Market = Market.USDM
    mode: Mode = Mode.SIMULATION
    entry_status: str = "filled"
    fill_price: Decimal | None = Decimal("50005.10")
    not_ready: NotReady | None = None
    broken: Exception | None = None
    latched: bool = False
    checks: dict[str, str] = attrs.Factory(lambda: {"journal": "ok", "venue": "ok"})
    state: TradingState = TradingState.ACTIVE
    state_reason: str = ""
    received: list[tuple[Signal | Undecodable, Arrival]] = attrs.Factory(list)
    controls: list[tuple[str, ...]] = attrs.Factory(list)
    quotes: dict[Symbol, Decimal] = attrs.Factory(dict)
    journal: list[Event] = attrs.Factory(list)
    last_stop: str = "stop-1"
    _trades: dict[SignalId, dict[str, Plain]] = attrs.Factory(dict)
    _orders: list[dict[str, Plain]] = attrs.Factory(list)
    _known: dict[SignalId, tuple[str, Verdict]] = attrs.Factory(dict)
    _decisions: list[dict[str, Plain]] = attrs.Factory(list)
    _news: asyncio.Event = attrs.Factory(asyncio.Event)

    async def receive(self, message: Signal | Undecodable, arrival: Arrival) -> Verdict | NotReady:
        """Judge by the module's rules."""
        if self.broken is not None:
            raise self.broken
        if self.not_ready is not None:
            return self.not_ready
        self.received.append((message, arrival))
        verdict = self._judged(message)
        self._record(message, verdict)
        return verdict

    def _judged(self, message: Signal | Undecodable) -> Verdict:
        if isinstance(message, Undecodable):
            why = Reason(code=message.code, message=message.message, value=message.value)
            return self._verdict(Outcome.MALFORMED, None, why)
        name = message.signal_id
        if name in self._known:
            fields, first = self._known[name]
            if fields != message.trading_fields:
                return self._verdict(Outcome.DENIED, name, reason_of("IDENTITY_REUSED"))
            return attrs.evolve(first, outcome=Outcome.DUPLICATE, replayed=True, original=first.outcome)
        verdict = self._first(message)
        self._known[name] = (message.trading_fields, verdict)
        return verdict

    def _first(self, signal: Signal) -> Verdict:
        name = signal.signal_id
        if signal.action is Action.HOLD:
            return self._verdict(Outcome.HELD, name)
        if signal.action is Action.CLOSE:
            trade = next((t for t in self._trades.values() if t["strategy_id"] == signal.strategy_id), None)
            outcome = Outcome.NOTHING_TO_CLOSE if trade is None else Outcome.CLOSING
            return self._verdict(outcome, name, trade=None if trade is None else SignalId(str(trade["trade_id"])))
        if signal.confidence < Decimal("0.5"):
            return self._verdict(
                Outcome.DENIED,
                name,
                reason_of("CONFIDENCE_TOO_LOW", str(signal.confidence), "0.5"),
                reason_of("STALE_SIGNAL"),
            )
        self._trades[name] = self._trade(signal)
        return self._verdict(Outcome.ACCEPTED, name, trade=name)

    def _verdict(
        self, outcome: Outcome, name: SignalId | None, *reasons: Reason, trade: SignalId | None = None
    ) -> Verdict:
        seq = len(self.journal) + 1
        return Verdict(outcome=outcome, signal_id=name, reasons=reasons, seq=seq, at=START, trade_id=trade)

    def _record(self, message: Signal | Undecodable, verdict: Verdict) -> None:
        decision: dict[str, Plain] = {
            "seq": verdict.seq,
            "at": iso(verdict.at),
            "signal_id": verdict.signal_id,
            "outcome": verdict.outcome.value,
            "codes": [each.code for each in verdict.reasons],
            "trade_id": verdict.trade_id,
        }
        if isinstance(message, Signal):
            decision |= {"strategy_id": message.strategy_id, "symbol": message.symbol, "action": message.action.value}
        self._decisions.insert(0, decision)
        self.tell("SignalJudged", decision)

    def tell(self, kind: str, body: Mapping[str, Plain]) -> None:
        """Write one entry into the journal."""
        self.journal.append(Event(seq=len(self.journal) + 1, kind=kind, body=body))
        self._news.set()
        self._news = asyncio.Event()

    def _trade(self, signal: Signal) -> dict[str, Plain]:
        filled = self.entry_status in {"filled", "partially_filled"}
        quantity = Decimal(signal.quantity or "0.004")
        fees: list[Plain] = [{"asset": "USDT", "amount": Decimal("0.02500255")}] if filled else []
        shared: dict[str, Plain] = {
            "order_id": "12345678",
            "client_order_id": "pt1-abc-e1",
            "status": self.entry_status,
            "fill_price": self.fill_price if filled else None,
            "quantity": quantity,
        }
        order = shared | {
            "symbol": signal.symbol,
            "side": signal.side.value,
            "type": signal.order_type.value,
            "leg": "entry",
            "executed_quantity": quantity if filled else Decimal(0),
            "fees": fees,
        }
        self._orders.insert(0, order)
        return {
            "trade_id": signal.signal_id,
            "strategy_id": signal.strategy_id,
            "symbol": signal.symbol,
            "side": signal.side.value,
            "bracket": {"state": "protected" if filled else "awaiting_entry"},
            "quantity": quantity,
            "held": quantity if filled else Decimal(0),
            "entry_price": self.fill_price if filled else None,
            "stop_price": Decimal("49000.00"),
            "target_price": Decimal("51500.00"),
            "opened_at": iso(START),
            "result": shared | {"fees": Decimal("0.02500255") if filled else Decimal(0), "fees_by_asset": fees},
            "orders": [order],
        }

    async def settled(self, trade_id: SignalId, within: Duration) -> Mapping[str, Plain] | None:
        """The trade as it is: nothing moves here."""
        return self._trades.get(trade_id)

    async def set_state(
        self, state: TradingState, *, actor: str, reason: str, admin: bool
    ) -> Done | Refused | NotReady:
        """Tighten for anyone, loosen for an admin with a reason."""
        if state.severity < self.state.severity and not admin:
            return Refused(reason=reason_of("ADMIN_REQUIRED"))
        if state.severity < self.state.severity and not reason:
            return Refused(reason=reason_of("REASON_REQUIRED"))
        self.controls.append((state.value, actor, reason))
        self.state, self.state_reason = state, reason
        return Done(detail={"state": state.value, **({"latched": True} if self.latched else {})})

    async def close_trade(
        self, trade_id: SignalId, *, quantity: Quantity | None, actor: str, reason: str
    ) -> Done | Refused | NotReady:
        """Close what is there."""
        if self.not_ready is not None:
            return self.not_ready
        if trade_id not in self._trades:
            return Refused(reason=reason_of("NOT_FOUND"))
        self.controls.append(("close", actor, reason, "" if quantity is None else str(quantity)))
        return Done(detail={"trade_id": trade_id, "quantity": quantity})

    async def cancel_order(
        self, symbol: Symbol, order_id: str, *, actor: str, reason: str
    ) -> Done | Refused | NotReady:
        """Cancel anything but the last stop."""
        if order_id == self.last_stop:
            return Refused(reason=reason_of("LAST_STOP"))
        if self.order(symbol, order_id) is None:
            return Refused(reason=reason_of("NOT_FOUND"))
        self.controls.append(("cancel", actor, reason, order_id))
        return Done(detail={"order_id": order_id, "status": "cancelled"})

    def readiness(self) -> Readiness:
        """Ready when every check is ok."""
        return Readiness(ready=all(words == "ok" for words in self.checks.values()), checks=self.checks)

    def account_view(self) -> Mapping[str, Plain]:
        """Ten thousand, and what is held."""
        amount = Decimal("10000.00000000000000000001")
        balance: Plain = {"asset": "USDT", "free": amount, "equity": amount, "as_of": iso(START)}
        return {"balance": balance, "gross_exposure": Decimal("0.31"), "positions": self.positions()}

    def price(self, symbol: Symbol) -> Mapping[str, Plain] | None:
        """The quote that the test has set."""
        price = self.quotes.get(symbol)
        if price is None:
            return None
        return {"symbol": symbol, "price": price, "bid": price, "ask": price, "mark": price, "timestamp": iso(START)}

    def trades(self, *, open_only: bool, limit: int) -> Sequence[Mapping[str, Plain]]:
        """The newest first."""
        return list(self._trades.values())[::-1][:limit]

    def trade(self, trade_id: SignalId) -> Mapping[str, Plain] | None:
        """One of them."""
        return self._trades.get(trade_id)

    def positions(self) -> Sequence[Mapping[str, Plain]]:
        """One per filled trade."""
        return [
            {
                "symbol": trade["symbol"],
                "side": trade["side"],
                "quantity": trade["held"],
                "entry_price": trade["entry_price"],
                "mark_price": None,
                "unrealised_pnl": None,
                "protected": True,
                "protected_quantity": trade["held"],
                "trades": [trade["trade_id"]],
            }
            for trade in self._trades.values()
            if trade["held"]
        ]

    def orders(self, *, symbol: Symbol | None, open_only: bool, limit: int) -> Sequence[Mapping[str, Plain]]:
        """The entries."""
        return [order for order in self._orders if symbol in {None, order["symbol"]}][:limit]

    def order(self, symbol: Symbol, order_id: str) -> Mapping[str, Plain] | None:
        """One of them, by either id."""
        orders = self.orders(symbol=symbol, open_only=False, limit=1000)
        return next((each for each in orders if order_id in {each["order_id"], each["client_order_id"]}), None)

    def decisions(self, *, limit: int, outcome: Outcome | None, since: Moment | None) -> Sequence[Mapping[str, Plain]]:
        """The newest first."""
        earliest = "" if since is None else iso(since)
        found = [d for d in self._decisions if outcome in {None, d["outcome"]} and str(d["at"]) >= earliest]
        return found[:limit]

    async def why(self, signal_id: str) -> Mapping[str, Plain] | None:
        """The verdict, and the trade."""
        verdict = next((d for d in self._decisions if d["signal_id"] == signal_id), None)
        if verdict is None:
            return None
        return {"signal_id": signal_id, "verdict": verdict, "trade": self._trades.get(SignalId(signal_id))}

    def limits(self) -> Sequence[Mapping[str, Plain]]:
        """One that is half used, one that is not known."""
        return [
            {"name": "open_positions", "used": len(self._trades), "limit": 10, "ratio": Decimal("0.5")},
            {"name": "daily_loss", "used": None, "limit": Decimal(500), "ratio": None},
        ]

    def governor_state(self, symbol: Symbol | None) -> Mapping[str, Plain]:
        """The shared example's numbers."""
        return {
            "portfolio": {
                "gross_exposure": Decimal("0.31"),
                "same_asset_pct": Decimal("0.12"),
                "open_positions_count": 4,
            },
            "risk_limits": {
                "max_drawdown_pct": Decimal("0.05"),
                "max_orders_global": 10,
                "max_orders_per_symbol": 2,
                "max_position_size_usd": Decimal("1000.0"),
            },
            "env_stats": {
                "global_drawdown_pct": Decimal("0.004"),
                "open_orders_global": 3,
                "open_orders_symbol": 0 if symbol is None else 1,
                "available_capital_usd": Decimal("8512.2"),
            },
        }

    def status(self) -> Mapping[str, Plain]:
        """Everything in brief."""
        return {
            "account": self.account,
            "market": self.market.value,
            "mode": self.mode.value,
            "trading_state": self.state.value,
            "trading_state_reason": self.state_reason,
            "head": {"number": len(self.journal), "hash": "0" * 64},
            "build": "0.1.0",
            "started_at": iso(START),
            "equity": Decimal("10000.5"),
            "protected_ratio": Decimal(1) if self._trades else None,
            "counters": {
                "trades_total": len(self._trades),
                "trades_success": len(self.positions()),
                "trades_failed": 0,
                "total_volume_usdt": Decimal("200.0204"),
                "signals": {"accepted": len(self._trades)},
                "refusals": {"CONFIDENCE_TOO_LOW": 1},
                "orders": {"filled": len(self._trades)},
                "fees_usdt": Decimal("0.05"),
                "open_positions": len(self.positions()),
                "unknown_orders": 0,
            },
        }

    async def events(self, after: int | None) -> AsyncIterator[Event]:
        """What comes, and what came behind ``after``."""
        seen = len(self.journal) if after is None else after
        while True:
            news = self._news
            for event in self.journal[seen:]:
                seen = event.seq
                yield event
            await news.wait()
