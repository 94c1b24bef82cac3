"""One attempt at one leg: what we sent, and what the venue made of it. A fold of facts, nothing more."""

from collections.abc import Iterable
from decimal import Decimal

import attrs

from petrosa_core.execution.order_state import SAID, OrderEvent, OrderState, advance
from petrosa_core.execution.outcome import Accepted, Cancellation, Rejected, SubmitOutcome, Unanswered
from petrosa_core.execution.report import Fill, OrderReport, OrderStatus
from petrosa_core.order import TradeOrder
from petrosa_core.values import EXACT, ZERO, Amount, ClientOrderId, Duration, Leg, Moment, Money, evolve, same_number


@attrs.frozen(kw_only=True)
class Cancelling:
    """A cancel that we sent: when last, how often, and what was said."""

    asked_at: Moment
    times: int
    answer: Cancellation | None = None


@attrs.frozen(kw_only=True)
class LegOrder:
    """What we know of one order of ours.

    ``executed`` is in base units and ``cost`` in quote units, both cumulative and never falling. ``absences`` counts the
    reads that did not find it and could be believed. ``list_id`` names the order list that it belongs to, if any.
    """

    order: TradeOrder
    attempt: int
    list_id: ClientOrderId | None = None
    dormant: bool = False
    """An exit of a list: the venue holds it back until the list's entry has filled."""
    placed_at: Moment
    """The stamp of the first request: an order of this name that is older is not this one."""
    signed_at: Moment
    """The stamp of the last request."""
    recv_window: Duration
    sends: int = 1
    state: OrderState = OrderState.INTENDED
    executed: Decimal = ZERO
    cost: Decimal = ZERO
    fills_quantity: Decimal = ZERO
    fills_cost: Decimal = ZERO
    fees: tuple[Money, ...] = ()
    fill_ids: tuple[str, ...] = ()
    venue_order_id: str = ""
    refusal: Rejected | None = None
    triggered: bool = False
    absences: int = 0
    cancelling: Cancelling | None = None
    first_fill_at: Moment | None = None
    updated_at: Moment

    @property
    def client_order_id(self) -> ClientOrderId:
        """Its name."""
        return self.order.client_order_id

    @property
    def leg(self) -> Leg:
        """What it is for."""
        return self.order.leg

    @property
    def average_price(self) -> Decimal | None:
        """Quote units per base unit over everything executed; None before the first fill."""
        return EXACT.divide(self.cost, self.executed) if self.executed else None

    @property
    def may_live(self) -> bool:
        """Whether it rests, or may rest, at the venue."""
        return self.state.is_open or self.state.is_unresolved

    @property
    def resting(self) -> bool:
        """Whether it surely rests and is awake."""
        return self.state is OrderState.NEW or self.state is OrderState.PARTIALLY_FILLED

    def answered(self, outcome: SubmitOutcome) -> "LegOrder":
        """Take in what the venue said to the request."""
        match outcome:
            case Accepted():
                event = OrderEvent.HELD if self.dormant else OrderEvent.ACCEPTED
                return evolve(
                    self,
                    state=advance(self.state, event),
                    venue_order_id=self.venue_order_id or outcome.venue_order_id,
                    updated_at=outcome.at,
                )
            case Rejected() if outcome.duplicate or self.sends > 1:
                # An earlier request may have arrived: this answer says nothing about that one.
                state = advance(self.state, OrderEvent.UNANSWERED)
                return evolve(self, state=state, refusal=outcome, updated_at=outcome.at)
            case Rejected():
                state = advance(self.state, OrderEvent.REFUSED)
                return evolve(self, state=state, refusal=outcome, updated_at=outcome.at)
            case Unanswered():
                return evolve(self, state=advance(self.state, OrderEvent.UNANSWERED), updated_at=outcome.at)

    def reported(self, report: OrderReport) -> "LegOrder":
        """Take in the venue's word; a repeated, late or reordered report changes nothing that is already known."""
        news = _Sums.of(self).with_fill(report.fill)
        # Of equal numbers the first is kept, so that one object serves for all of them.
        executed = max(news.quantity, self.executed, report.executed)
        cost = self.cost
        if news.quantity >= executed:
            cost = news.cost
        elif report.executed >= executed and report.cost > ZERO:
            cost = report.cost
        state = advance(self.state, SAID[report.status])
        if executed > self.executed and state is OrderState.NEW:
            state = OrderState.PARTIALLY_FILLED
        return evolve(
            self,
            state=state,
            executed=executed,
            cost=cost,
            fills_quantity=news.quantity,
            fills_cost=news.cost,
            fees=news.fees,
            fill_ids=news.ids,
            venue_order_id=report.venue_order_id or self.venue_order_id,
            triggered=self.triggered or report.triggered,
            dormant=self.dormant and report.status is OrderStatus.PENDING,
            # An entry that was missed once is never trusted to rest; an exit is there or it is not.
            absences=self.absences if self.leg is Leg.ENTRY else 0,
            first_fill_at=self.first_fill_at or (report.at if executed > ZERO else None),
            updated_at=max(self.updated_at, report.at),
        )

    def knows(self, report: OrderReport) -> bool:
        """Whether the report would change nothing."""
        after = self.reported(report)
        return evolve(after, updated_at=self.updated_at) == self

    def resent(self, signed_at: Moment) -> "LegOrder":
        """The same order under the same name, once more."""
        return evolve(self, signed_at=signed_at, sends=self.sends + 1, updated_at=signed_at)

    def missing(self, at: Moment) -> "LegOrder":
        """One more believable read that did not find it."""
        return evolve(self, absences=self.absences + 1, updated_at=at)

    def proven_absent(self, at: Moment) -> "LegOrder":
        """Given up for never accepted."""
        return evolve(self, state=advance(self.state, OrderEvent.PROVEN_ABSENT), updated_at=at)

    def cancel_asked(self, at: Moment) -> "LegOrder":
        """We sent a cancel."""
        times = self.cancelling.times + 1 if self.cancelling else 1
        return evolve(self, cancelling=Cancelling(asked_at=at, times=times), updated_at=at)

    def cancel_answered(self, answer: Cancellation, at: Moment) -> "LegOrder":
        """The venue said something to our cancel; the order itself only ends by a report."""
        if self.cancelling is None:
            return self
        return evolve(self, cancelling=evolve(self.cancelling, answer=answer), updated_at=at)


@attrs.frozen
class _Sums:
    """Fills added up, each counted once by the venue's trade id."""

    quantity: Decimal
    cost: Decimal
    fees: tuple[Money, ...]
    ids: tuple[str, ...]
    ordered: Decimal | None

    @classmethod
    def of(cls, order: LegOrder) -> "_Sums":
        return cls(order.fills_quantity, order.fills_cost, order.fees, order.fill_ids, order.order.quantity)

    def with_fill(self, fill: Fill | None) -> "_Sums":
        if fill is None or fill.trade_id in self.ids:
            return self
        cost = EXACT.multiply(fill.price, fill.quantity)
        fees, ids = add_fee(self.fees, fill.fee), (*self.ids, fill.trade_id)
        if not self.quantity:
            # Most orders fill at once; then what was ordered, the fill and the sum are one object.
            return _Sums(same_number(self.ordered, fill.quantity), cost, fees, ids, self.ordered)
        return _Sums(EXACT.add(self.quantity, fill.quantity), EXACT.add(self.cost, cost), fees, ids, self.ordered)


def add_fee(fees: tuple[Money, ...], fee: Money | None) -> tuple[Money, ...]:
    """Add a fee to the sum of its own asset."""
    if fee is None or not fee.amount:
        return fees
    for index, known in enumerate(fees):
        if known.asset == fee.asset:
            total = Money(Amount(EXACT.add(known.amount, fee.amount)), fee.asset)
            return (*fees[:index], total, *fees[index + 1 :])
    return (*fees, fee)


def add_fees(groups: Iterable[tuple[Money, ...]]) -> tuple[Money, ...]:
    """Sum fees of several orders, per asset."""
    total: tuple[Money, ...] = ()
    for group in groups:
        for fee in group:
            total = add_fee(total, fee)
    return total
