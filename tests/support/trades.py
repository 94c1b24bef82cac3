"""A trade told fact by fact: each test says what the venue did, and asks what the trade needs next.

The market is at 100; the plan buys 3 ABC there, with the stop at 98 and the target at 105, and the account is ours alone.
Orders are named as in their client ids: ``e1`` the entry, ``s1`` the first stop, ``t1`` the first target, ``x1`` a close.
"""

from decimal import Decimal
from typing import Any

import attrs
from tests.support.decisions import NOW, an_instrument

from petrosa_core.decision import Approved, Plan
from petrosa_core.decision.plan import ExitRule, LevelSource, Sizing
from petrosa_core.execution import (
    Accepted,
    BeginClosing,
    Cancellation,
    CancelOrder,
    Ended,
    EndTrade,
    Fill,
    LegOrder,
    Need,
    OrderReport,
    OrderStatus,
    PlaceExit,
    Rejected,
    Resend,
    Situation,
    Trade,
    Unanswered,
    needs_of,
)
from petrosa_core.execution.trade import Closing
from petrosa_core.order import OrderList, Submission, TradeOrder, entry_submission
from petrosa_core.values import (
    SECOND,
    ZERO,
    AccountId,
    Amount,
    ClientOrderId,
    Duration,
    Instrument,
    Leg,
    Moment,
    Money,
    OrderType,
    Price,
    Quantity,
    Ratio,
    Side,
    SignalId,
    StrategyId,
    TimeInForce,
    client_order_id,
    plain,
)

ACCOUNT = AccountId("default")
SIGNAL = SignalId("sg-momentum-1")
WINDOW: Duration = 5 * SECOND


def a_plan(**changes: Any) -> Plan:
    """Buy 3 at 100 at most; the stop at 98, the target at 105."""
    side = changes.get("side", Side.BUY)
    order_type = changes.get("order_type", OrderType.LIMIT)
    buys = side is Side.BUY
    planned: dict[str, Any] = {
        "symbol": an_instrument().symbol,
        "side": side,
        "quantity": Quantity(3),
        "order_type": order_type,
        "price": Price(100) if order_type.has_price else None,
        "trigger_price": Price(100) if order_type.has_trigger else None,
        "worst_price": Price(100),
        "stop": ExitRule(source=LevelSource.RATIO, distance=Ratio("0.02")),
        "stop_price": Price("98.00" if buys else "102.00"),
        "target": ExitRule(source=LevelSource.RATIO, distance=Ratio("0.05")),
        "target_price": Price("105.00" if buys else "95.00"),
        "sizing": Sizing(mode="confidence", budget=Decimal(300), wanted=Decimal(3)),
        "expires_at": Moment(NOW + 300 * SECOND),
    }
    if order_type.has_price:
        planned["time_in_force"] = TimeInForce.GTC
    return Plan(**(planned | changes))


def name_of(short: str, signal: SignalId = SIGNAL) -> ClientOrderId:
    """``s1`` to the client id of the first stop."""
    return client_order_id(ACCOUNT, signal, Leg(short[0]), int(short[1:]))


def a_fill(
    quantity: str | Decimal, price: str | Decimal, trade_id: str, fee: Money | None = None, at: Moment = NOW
) -> Fill:
    """One execution."""
    return Fill(trade_id=trade_id, price=Price(price), quantity=Quantity(quantity), fee=fee, at=at)


def a_report(order: TradeOrder, status: OrderStatus, **changes: Any) -> OrderReport:
    """The venue's word on an order of ours."""
    said: dict[str, Any] = {
        "client_order_id": order.client_order_id,
        "symbol": order.symbol,
        "side": order.side,
        "type": order.type,
        "status": status,
        "quantity": order.quantity or ZERO,
        "price": order.price,
        "trigger_price": order.trigger_price,
        "created_at": NOW,
        "at": NOW,
    }
    return OrderReport(**(said | changes))


def orders_of(submission: Submission) -> tuple[TradeOrder, ...]:
    """All orders that are sent at once."""
    return submission.orders if isinstance(submission, OrderList) else (submission,)


def shown(submission: Submission) -> str:
    """Every field of what is sent, in a line that people can compare."""
    if isinstance(submission, OrderList):
        return f"{submission.kind}[{'; '.join(shown(order) for order in submission.orders)}]"
    order = submission
    words = [order.leg.name.lower(), order.side, order.type]
    words.append(
        "whole" if order.close_position else "received" if order.quantity is None else plain(order.quantity.normalize())
    )
    words += [f"at {plain(order.price)}"] if order.price else []
    words += [f"when {plain(order.trigger_price)}"] if order.trigger_price else []
    words += [order.time_in_force] if order.time_in_force else []
    words += [flag for flag in ("reduce_only", "on_mark") if getattr(order, flag)]
    return " ".join(words)


def told(needs: tuple[Need, ...]) -> list[str]:
    """Needs as a list of short sentences."""
    return [_told(need) for need in needs]


def _told(need: Need) -> str:
    match need:
        case PlaceExit(submission):
            return f"place {shown(submission)}"
        case Resend(client_order_id=name):
            return f"resend {name[29:]}"
        case CancelOrder(client_order_id=name, why=why):
            return f"cancel {name[29:]}: {why}"
        case BeginClosing(why):
            return f"close: {why}"
        case EndTrade(why):
            return f"end: {why}"


def take(trade: Trade, need: Need, now: Moment) -> Trade:
    """What the journal makes of carrying a need out; the venue has not said anything yet."""
    match need:
        case PlaceExit(submission):
            return trade.placed(submission, now, WINDOW)
        case Resend(client_order_id=name):
            return trade.resent(name, now)
        case CancelOrder(client_order_id=name):
            return trade.cancel_asked(name, now)
        case BeginClosing(why):
            return closing(trade, why, now)
        case EndTrade(why):
            return attrs.evolve(trade, ended=Ended(why=why, at=now, pnl=trade.realised))


def closing(trade: Trade, why: str, now: Moment, quantity: str | None = None) -> Trade:
    """The trade, to be left at the market."""
    before = sum((order.executed for order in trade.legs(Leg.CLOSE)), ZERO)
    part = None if quantity is None else Quantity(quantity)
    return attrs.evolve(trade, closing=Closing(why=why, quantity=part, before=before, at=now))


class Tale:
    """One trade and the time. Every fact comes at ``now``; ``wait`` lets time pass."""

    def __init__(self, instrument: Instrument | None = None, plan: Plan | None = None) -> None:
        """The entry was written down, and is on its way."""
        self.instrument = instrument or an_instrument()
        self.now = NOW
        self.circumstances: dict[str, Any] = {}
        self.number = 0
        plan = plan or a_plan()
        self.entry = entry_submission(Approved(plan), ACCOUNT, SIGNAL, self.instrument)
        bare = Trade(
            signal_id=SIGNAL,
            strategy_id=StrategyId("momentum"),
            plan=plan,
            instrument=self.instrument,
            opened_at=NOW,
            signal_at=NOW,
        )
        self.trade = bare.placed(self.entry, NOW, WINDOW)

    # --- what happens ----------------------------------------------------------------------------------------------

    def wait(self, seconds: str | int) -> "Tale":
        """Time goes by, and nothing is heard."""
        self.now = Moment(self.now + int(Decimal(seconds) * SECOND))
        return self

    def accepted(self, *shorts: str) -> "Tale":
        """The venue has the orders."""
        for short in shorts:
            outcome = Accepted(venue_order_id=f"v-{short}", at=self.now)
            self.trade = self.trade.answered(name_of(short), outcome)
        return self

    def refused(self, short: str, code: int = -2019, **flags: bool) -> "Tale":
        """The venue has refused the order."""
        outcome = Rejected(code=code, message="no", at=self.now, **flags)
        self.trade = self.trade.answered(name_of(short), outcome)
        return self

    def unanswered(self, short: str) -> "Tale":
        """The venue said nothing."""
        self.trade = self.trade.answered(name_of(short), Unanswered(why="silence", at=self.now))
        return self

    def heard(self, short: str, status: OrderStatus, **changes: Any) -> "Tale":
        """The venue told of the order."""
        report = a_report(self.order(short).order, status, **({"at": self.now} | changes))
        self.trade = self.trade.reported(report)
        return self

    def filled(self, short: str, quantity: str | None = None, price: str | None = None, **changes: Any) -> "Tale":
        """An order traded: all that is left of it, or so much, at its own price or this one, each fill once."""
        known = self.order(short)
        ordered = known.order.quantity or (self.trade.received if known.leg is not Leg.ENTRY else ZERO)
        amount = Decimal(quantity) if quantity else ordered - known.executed
        at = Decimal(price) if price else known.order.price or known.order.trigger_price or Decimal(100)
        executed, cost = known.executed + amount, known.cost + amount * at
        self.number += 1
        said: dict[str, Any] = {
            "status": OrderStatus.FILLED if executed >= ordered else OrderStatus.PARTIALLY_FILLED,
            "executed": executed,
            "cost": cost,
            "fill": a_fill(amount, at, f"f{self.number}", changes.pop("fee", None), self.now),
        }
        return self.heard(short, **(said | changes))

    def paid(self, short: str, quantity: str, fee: str, asset: str) -> "Tale":
        """An order traded, and paid a fee in some asset."""
        return self.filled(short, quantity, fee=Money(Amount(fee), asset))

    def cancelled(self, *shorts: str) -> "Tale":
        """The venue tells that the orders are cancelled."""
        for short in shorts:
            self.heard(short, OrderStatus.CANCELLED, executed=self.order(short).executed, cost=self.order(short).cost)
        return self

    def answered_cancel(self, short: str, answer: Cancellation = Cancellation.DONE) -> "Tale":
        """The venue said something to our cancel."""
        self.trade = self.trade.cancel_answered(name_of(short), answer, self.now)
        return self

    def lost(self, short: str) -> "Tale":
        """The order was proven absent."""
        self.trade = self.trade.proven_absent(name_of(short), self.now)
        return self

    def closing(self, why: str = "asked", quantity: str | None = None) -> "Tale":
        """Somebody wants out."""
        self.trade = closing(self.trade, why, self.now, quantity)
        return self

    def given(self, **circumstances: Any) -> "Tale":
        """What besides the trade decides what it needs."""
        self.circumstances |= circumstances
        return self

    # --- what is asked ---------------------------------------------------------------------------------------------

    def order(self, short: str) -> LegOrder:
        """One of its orders."""
        found = self.trade.find(name_of(short))
        assert found is not None, f"{short} was never placed"
        return found

    def situation(self) -> Situation:
        """The circumstances now."""
        return Situation(account=ACCOUNT, now=self.now, instrument=self.instrument, **self.circumstances)

    def needs(self) -> list[str]:
        """What the trade needs now, in words."""
        return told(needs_of(self.trade, self.situation()))

    def meet(self) -> list[str]:
        """Carry out what it needs, round after round until it rests, and say what that was."""
        done: list[str] = []
        for _ in range(16):
            needs = needs_of(self.trade, self.situation())
            if not needs:
                return done
            done += told(needs)
            for need in needs:
                self.trade = take(self.trade, need, self.now)
        raise AssertionError(f"no rest: {done}")
