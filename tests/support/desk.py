"""A desk that was just opened on a paper account of 10000 USDT that spends 3 % on a trade, and inputs for it in one line each.

It trades ABCUSDT, which stands at 100; orders are named in short, ``e1`` being the entry of the newest trade.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import attrs
from tests.support.decisions import NOW, a_balance, a_quote, a_signal, an_instrument
from tests.support.trades import a_fill, a_report, shown

from petrosa_core.application.bodies import status_of
from petrosa_core.audit.entries import Entry
from petrosa_core.decision import PositionSizer, RiskPolicy, TradingState
from petrosa_core.desk import (
    Arrival,
    Book,
    Command,
    Input,
    LookUp,
    Rules,
    Send,
    SendCancel,
    Stepped,
    Verdict,
    apply,
    step,
)
from petrosa_core.desk.answers import Done, Refused
from petrosa_core.desk.inputs import (
    AccountLookedUp,
    BalanceTold,
    BrokenArrived,
    CancelAsked,
    CancelSettled,
    CloseAsked,
    InstrumentsLookedUp,
    OrderLookedUp,
    OrderTold,
    RequestSettled,
    SignalArrived,
    StateAsked,
    TakenOver,
    Ticked,
)
from petrosa_core.execution import (
    Accepted,
    AccountSnapshot,
    Cancellation,
    Fill,
    Found,
    LegOrder,
    OrderReport,
    OrderStatus,
    Rejected,
    Trade,
    Unanswered,
    VenuePosition,
)
from petrosa_core.signal import Identity, Signal, Undecodable
from petrosa_core.values import (
    SECOND,
    ZERO,
    AccountId,
    Balance,
    Instrument,
    Leg,
    Mode,
    Moment,
    Price,
    Quantity,
    Quote,
    Ratio,
    SignalId,
    Symbol,
    client_order_id,
)

ACCOUNT = AccountId("default")
SYMBOL = Symbol("ABCUSDT")


class Desk:
    """A book, the rules, the time, and everything that was written down."""

    def __init__(
        self,
        instruments: Iterable[Instrument] = (),
        *,
        policy: RiskPolicy | None = None,
        sizer: PositionSizer | None = None,
        opened: bool = True,
    ) -> None:
        """Open it, unless the test is about that."""
        self.book = Book()
        self.rules = Rules(policy=policy or RiskPolicy(), sizer=sizer or PositionSizer(free_share=Ratio("0.03")))
        self.now = NOW
        self.entries: list[Entry] = []
        self.commands: list[Command] = []
        self.instruments = tuple(instruments) or (an_instrument(),)
        self.newest: SignalId | None = None
        self.number = 0
        if opened:
            self.take_over()
            self.do(InstrumentsLookedUp(instruments=self.instruments, at=self.now, stamp=self.now))
            self.balance("10000")
            self.tick()  # the day begins

    # --- the time, and any input -----------------------------------------------------------------------------------

    def wait(self, seconds: float) -> "Desk":
        """Time goes by, and nobody tells the desk."""
        self.now = Moment(self.now + round(seconds * SECOND))
        return self

    def do(self, given: Input, attend: tuple[SignalId, ...] = ()) -> Stepped:
        """Step one input."""
        stepped = step(self.book, given, self.rules, attend)
        self.entries.extend(stepped.entries)
        self.commands.extend(stepped.commands)
        return stepped

    def again(self) -> Book:
        """A book folded from everything that was written down."""
        book = Book()
        for entry in self.entries:
            apply(book, entry)
        return book

    # --- inputs ----------------------------------------------------------------------------------------------------

    def take_over(self, replica: str = "r1") -> Stepped:
        """A replica begins to lead."""
        return self.do(
            TakenOver(
                account=ACCOUNT,
                market=self.instruments[0].market,
                mode=Mode.SIMULATION,
                replica=replica,
                build="b",
                settings="s",
                at=self.now,
                stamp=self.now,
            )
        )

    def balance(self, free: str, equity: str | None = None) -> Stepped:
        """The stream tells of the balance."""
        balance = attrs.evolve(a_balance(free, equity), as_of=self.now)
        return self.do(BalanceTold(balance=balance, at=self.now, stamp=self.now))

    def arrive(
        self, signal: Signal, *, redelivered: bool = False, quote: Quote | None = None, unhealthy: tuple[str, ...] = ()
    ) -> Stepped:
        """A signal comes in."""
        self.number += 1
        arrival = Arrival(
            transport="nats", message_id=f"m-{self.number}", received_at=self.now, redelivered=redelivered
        )
        quote = quote or attrs.evolve(a_quote(str(signal.current_price), symbol=signal.symbol), as_of=self.now)
        given = SignalArrived(
            signal=signal, arrival=arrival, quote=quote, unhealthy=unhealthy, at=self.now, stamp=self.now
        )
        stepped = self.do(given)
        if isinstance(stepped.answer, Verdict) and stepped.answer.outcome.value == "accepted":
            self.newest = stepped.answer.trade_id
        return stepped

    def signal(self, name: str = "s-1", **changes: Any) -> Verdict:
        """A signal of this name comes in; what is answered."""
        said = a_signal(**({"identities": (Identity("signal_id", name),), "timestamp": self.now} | changes))
        answer = self.arrive(said).answer
        assert isinstance(answer, Verdict)
        return answer

    def broken(self, message_id: str = "m", *, redelivered: bool = False, code: str = "NOT_JSON") -> Verdict:
        """A message comes in that is no signal."""
        arrival = Arrival(
            transport="nats", message_id=message_id, received_at=self.now, redelivered=redelivered, subject="signals.x"
        )
        letter = Undecodable(raw=b"\xff{", code=code, message="no JSON", field="price", value="x")
        answer = self.do(BrokenArrived(message=letter, arrival=arrival, at=self.now, stamp=self.now)).answer
        assert isinstance(answer, Verdict)
        return answer

    def settle(self, short: str, outcome: Accepted | Rejected | Unanswered) -> Stepped:
        """A submission gets its answer."""
        given = RequestSettled(
            signal_id=self.trade.signal_id,
            client_order_id=self.name(short),
            outcome=outcome,
            at=self.now,
            stamp=self.now,
        )
        return self.do(given)

    def accepted(self, *shorts: str) -> "Desk":
        """The venue has the orders."""
        for short in shorts:
            self.settle(short, Accepted(venue_order_id=f"v-{short}", at=self.now))
        return self

    def refused(self, short: str, code: int = -2019, **flags: bool) -> Stepped:
        """The venue has refused the order."""
        return self.settle(short, Rejected(code=code, message="no", at=self.now, **flags))

    def unanswered(self, short: str) -> Stepped:
        """The venue said nothing."""
        return self.settle(short, Unanswered(why="silence", at=self.now))

    def cancel_settled(self, short: str, answer: Cancellation = Cancellation.DONE) -> Stepped:
        """The venue said something to a cancel."""
        return self.do(
            CancelSettled(
                signal_id=self.trade.signal_id,
                client_order_id=self.name(short),
                answer=answer,
                at=self.now,
                stamp=self.now,
            )
        )

    def report(self, short: str, status: OrderStatus, **changes: Any) -> OrderReport:
        """What the venue says of an order."""
        return a_report(self.order(short).order, status, **({"at": self.now, "created_at": self.now} | changes))

    def told(self, report: OrderReport) -> Stepped:
        """The stream tells of an order."""
        return self.do(OrderTold(report=report, at=self.now, stamp=self.now))

    def heard(self, short: str, status: OrderStatus, **changes: Any) -> Stepped:
        """The stream tells of an order of the newest trade."""
        return self.told(self.report(short, status, **changes))

    def cancelled(self, *shorts: str) -> "Desk":
        """The stream tells that orders are cancelled."""
        for short in shorts:
            known = self.order(short)
            self.heard(short, OrderStatus.CANCELLED, executed=known.executed, cost=known.cost)
        return self

    def filled(self, short: str, quantity: str | None = None, price: str | None = None, **changes: Any) -> Stepped:
        """The stream tells of a fill: of all that is left, or of so much."""
        known = self.order(short)
        ordered = known.order.quantity or (self.trade.held if known.leg is not Leg.ENTRY else ZERO)
        amount = Quantity(quantity or ordered - known.executed)
        at = Price(price or known.order.price or known.order.trigger_price or 100)
        executed, cost = known.executed + amount, known.cost + amount * at
        self.number += 1
        fill: Fill = a_fill(amount, at, f"f{self.number}", changes.pop("fee", None), self.now)
        said: dict[str, Any] = {
            "status": OrderStatus.FILLED if executed >= ordered else OrderStatus.PARTIALLY_FILLED,
            "executed": executed,
            "cost": cost,
            "fill": fill,
        }
        return self.heard(short, **(said | changes))

    def look(self, short: str, found: Found, asked_at: Moment | None = None) -> Stepped:
        """A read by client id comes back."""
        return self.do(
            OrderLookedUp(
                signal_id=self.trade.signal_id,
                client_order_id=self.name(short),
                found=found,
                asked_at=asked_at or self.now,
                at=self.now,
                stamp=self.now,
            )
        )

    def tick(self) -> Stepped:
        """Time is told to every open trade."""
        return self.do(Ticked(at=self.now, stamp=self.now), tuple(self.book.trades))

    def set_state(self, state: TradingState, *, admin: bool = False, reason: str = "because") -> Done | Refused:
        """Somebody wants another trading state."""
        given = StateAsked(state=state, actor="ann", reason=reason, admin=admin, at=self.now, stamp=self.now)
        answer = self.do(given).answer
        assert isinstance(answer, Done | Refused)
        return answer

    def close(self, quantity: str | None = None, signal_id: SignalId | None = None) -> Done | Refused:
        """Somebody wants a trade closed."""
        given = CloseAsked(
            signal_id=signal_id or self.trade.signal_id,
            quantity=Quantity(quantity) if quantity else None,
            actor="ann",
            reason="enough",
            at=self.now,
            stamp=self.now,
        )
        answer = self.do(given).answer
        assert isinstance(answer, Done | Refused)
        return answer

    def cancel(self, order_id: str, symbol: Symbol = SYMBOL) -> Done | Refused:
        """Somebody wants an order cancelled."""
        given = CancelAsked(symbol=symbol, order_id=order_id, actor="ann", reason="mine", at=self.now, stamp=self.now)
        answer = self.do(given).answer
        assert isinstance(answer, Done | Refused)
        return answer

    def snapshot(
        self,
        *orders: OrderReport,
        position: str | None = None,
        mark: str | None = "100",
        balance: Balance | None = None,
    ) -> AccountSnapshot:
        """A reading of the account: these open orders, and this position in ABC."""
        held = () if position is None else (_position(position, mark),)
        return AccountSnapshot(
            balance=balance or attrs.evolve(a_balance("10000"), as_of=self.now),
            positions=held,
            open_orders=orders,
            at=self.now,
        )

    def reconcile(self, snapshot: AccountSnapshot, before: AccountSnapshot | None = None) -> Stepped:
        """A reading of the account comes in."""
        return self.do(
            AccountLookedUp(snapshot=snapshot, before=before, asked_at=self.now, at=self.now, stamp=self.now)
        )

    # --- a trade in one word ---------------------------------------------------------------------------------------

    def protected(self, name: str = "s-1", **changes: Any) -> "Desk":
        """A signal has become a futures trade with stop and target resting."""
        assert self.signal(name, **changes).outcome.value == "accepted"
        self.accepted("e1").filled("e1")
        return self.accepted("s1", "t1")

    # --- what is there ---------------------------------------------------------------------------------------------

    @property
    def trade(self) -> Trade:
        """The newest trade."""
        assert self.newest is not None, "no signal was accepted"
        found = self.book.trade(self.newest)
        assert found is not None
        return found

    def name(self, short: str) -> Any:
        """``s1`` to the client id of the newest trade's first stop."""
        return client_order_id(ACCOUNT, self.trade.signal_id, Leg(short[0]), int(short[1:]))

    def order(self, short: str) -> LegOrder:
        """An order of the newest trade."""
        found = self.trade.find(self.name(short))
        assert found is not None, f"{short} was never placed"
        return found

    @property
    def ending(self) -> str:
        """How the newest trade ended; empty while it is open."""
        return self.trade.ended.why if self.trade.ended else ""

    def status(self, short: str) -> str:
        """The public word for where an order stands."""
        return status_of(self.order(short))


def _position(amount: str, mark: str | None) -> VenuePosition:
    return VenuePosition(symbol=SYMBOL, amount=Decimal(amount), mark=Price(mark) if mark else None)


def commanded(stepped: Stepped) -> list[str]:
    """Commands as short sentences."""
    return [_said(command) for command in stepped.commands]


def _said(command: Command) -> str:
    match command:
        case Send(submission=submission, after_append=waits):
            return f"{'send when durable' if waits else 'send'}: {shown(submission)}"
        case SendCancel(client_order_id=name):
            return f"cancel {name[29:]}"
        case LookUp(client_order_id=name):
            return f"look {name[29:]}"


def written(stepped: Stepped) -> list[str]:
    """The kinds of the entries."""
    return [type(entry).__name__ for entry in stepped.entries]


def code(answer: Done | Refused) -> str:
    """Why a request was refused; ``done`` when it was not."""
    return answer.reason.code if isinstance(answer, Refused) else "done"
