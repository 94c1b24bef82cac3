"""One trade: an entry and the exits that follow it, as one fold of facts.

1. What is held is what the entry's fills received (on spot net of fees in the base asset) less what the exits' fills gave.
2. A trade is naked while it holds anything that no resting stop covers; ``exposed_since`` says since when.
3. It ends only when nothing is held and nothing of it may still live at the venue.
"""

from collections.abc import Callable
from decimal import Decimal
from functools import cached_property

import attrs

from petrosa_core.decision import Plan
from petrosa_core.execution.leg_order import LegOrder, add_fees
from petrosa_core.execution.order_state import OrderState
from petrosa_core.execution.outcome import Cancellation, SubmitOutcome
from petrosa_core.execution.report import OrderReport
from petrosa_core.order import OrderList, Submission, TradeOrder
from petrosa_core.values import (
    EXACT,
    ZERO,
    ClientOrderId,
    Duration,
    Instrument,
    Leg,
    Market,
    Moment,
    Money,
    Quantity,
    SignalId,
    StrategyId,
    Symbol,
    evolve,
    leg_of,
    total,
)


@attrs.frozen(kw_only=True)
class Closing:
    """The trade is to be left at the market: why, how much at most (None: all), and what closes had executed before."""

    why: str
    quantity: Quantity | None
    before: Decimal
    at: Moment
    actor: str = "engine"


@attrs.frozen(kw_only=True)
class Ended:
    """How it ended: a reason for people and reports, and the result in quote units before fees in other assets."""

    why: str
    at: Moment
    pnl: Decimal


@attrs.frozen(kw_only=True)
class Trade:
    """Everything known of one signal's bracket. Its name is the signal's."""

    signal_id: SignalId
    strategy_id: StrategyId
    plan: Plan
    instrument: Instrument
    orders: tuple[LegOrder, ...] = ()
    opened_at: Moment
    signal_at: Moment
    decision_id: str | None = None
    """The producer's own id of the decision, for the events that its consumers join on."""
    exposed_since: Moment | None = None
    naked_us: Duration = 0
    closing: Closing | None = None
    closed_elsewhere: Decimal = ZERO
    """Base units that left the account by another hand than ours, proven by two reads."""
    ended: Ended | None = None

    @property
    def symbol(self) -> Symbol:
        """The one symbol it trades."""
        return self.plan.symbol

    @property
    def entry(self) -> LegOrder:
        """The entry, of which there is exactly one."""
        return self.orders[0]

    @property
    def exits(self) -> tuple[LegOrder, ...]:
        """Everything after the entry."""
        return self.orders[1:]

    def legs(self, leg: Leg) -> tuple[LegOrder, ...]:
        """All attempts at one leg, the first first."""
        return tuple([order for order in self.orders if order.order.leg is leg])

    def latest(self, leg: Leg) -> LegOrder | None:
        """The last attempt at one leg."""
        # Asked several times per fact: a loop costs half of a generator.
        for order in reversed(self.orders):
            if order.order.leg is leg:
                return order
        return None

    def next_attempt(self, leg: Leg) -> int:
        """The number of the attempt that was not made yet."""
        latest = self.latest(leg)
        return latest.attempt + 1 if latest else 1

    def find(self, client_order_id: str) -> LegOrder | None:
        """One of its orders by client id."""
        for order in self.orders:
            if order.order.client_order_id == client_order_id:
                return order
        return None

    @property
    def received(self) -> Decimal:
        """Base units that the entry brought: executed, less fees that the venue took in the base asset (spot buys)."""
        entry = self.entry
        if self.instrument.market is not Market.SPOT:
            return entry.executed
        taken = total(fee.amount for fee in entry.fees if fee.asset == self.instrument.base)
        return EXACT.subtract(entry.executed, taken)

    @property
    def given(self) -> Decimal:
        """Base units that the exits took out again."""
        return total((order.executed for order in self.exits if order.executed), self.closed_elsewhere)

    @cached_property
    def held(self) -> Decimal:
        """Base units that we hold because of this trade; never negative unless the venue did what it cannot."""
        received, given = self.received, self.given
        return EXACT.subtract(received, given) if given else received

    @cached_property
    def sellable(self) -> Decimal:
        """What of it the lot filters let go at the market; the rest is dust."""
        rounded = self.instrument.floor_quantity(self.held, market=True)
        if rounded < self.instrument.smallest_quantity(market=True):
            return ZERO
        return self.held if rounded == self.held else rounded

    @property
    def is_exposed(self) -> bool:
        """Whether it holds what no resting stop covers."""
        return self.sellable > ZERO and not self.is_covered

    @cached_property
    def is_covered(self) -> bool:
        """Whether resting stops cover all of it that can be sold."""
        covered = ZERO
        for stop in self.orders:
            if stop.leg is Leg.STOP and stop.resting:
                if stop.order.quantity is None:
                    return True
                covered = EXACT.add(covered, EXACT.subtract(stop.order.quantity, stop.executed))
        return covered >= self.sellable

    @cached_property
    def exposure(self) -> Decimal:
        """Quote units that count in the limits: the full plan while the entry may still fill, then what is held at cost."""
        if self.ended:
            return ZERO
        if self.entry.may_live:
            return self.plan.notional
        price = self.entry.average_price
        return ZERO if price is None else EXACT.multiply(max(self.held, ZERO), price)

    @cached_property
    def realised(self) -> Decimal:
        """Quote units won or lost on what is out again, before fees: exits' proceeds less their share of the entry's cost."""
        price = self.entry.average_price
        if price is None:
            return ZERO
        proceeds = total(order.cost for order in self.exits)
        quantity = total(order.executed for order in self.exits)
        return EXACT.multiply(Decimal(self.plan.side.sign), EXACT.subtract(proceeds, EXACT.multiply(price, quantity)))

    @cached_property
    def fees(self) -> tuple[Money, ...]:
        """All fees, per asset."""
        return add_fees(order.fees for order in self.orders)

    def fees_in(self, asset: str) -> Decimal:
        """The fees paid in one asset."""
        return next((fee.amount for fee in self.fees if fee.asset == asset), ZERO)

    @property
    def leaving(self) -> bool:
        """Whether all of it is to be left at the market."""
        return self.closing is not None and self.closing.quantity is None

    @property
    def closed(self) -> Decimal:
        """Base units that left at the market, in closes of any reason."""
        return total(order.executed for order in self.legs(Leg.CLOSE))

    @property
    def left_to_close(self) -> Decimal:
        """Base units that the closing has still to sell: all, or the rest of the part that was asked for; ZERO when none is."""
        closing = self.closing
        if closing is None:
            return ZERO
        if closing.quantity is None:
            return self.sellable
        return min(self.sellable, EXACT.subtract(closing.quantity, EXACT.subtract(self.closed, closing.before)))

    # --- the fold: each method takes in one fact -------------------------------------------------------------------

    def placed(self, submission: Submission, signed_at: Moment, recv_window: Duration) -> "Trade":
        """We are sending these orders."""
        fresh = tuple(
            LegOrder(
                order=order,
                attempt=_attempt_of(order),
                list_id=submission.client_order_id if isinstance(submission, OrderList) else None,
                dormant=isinstance(submission, OrderList) and submission.working not in {None, order},
                placed_at=signed_at,
                signed_at=signed_at,
                recv_window=recv_window,
                updated_at=signed_at,
            )
            for order in (submission.orders if isinstance(submission, OrderList) else (submission,))
        )
        return evolve(self, orders=(*self.orders, *fresh))

    def answered(self, client_order_id: ClientOrderId, outcome: SubmitOutcome) -> "Trade":
        """The venue said something to a request; to a list, for all of its legs."""
        return self._each(client_order_id, lambda order: order.answered(outcome)).timed(outcome.at)

    def reported(self, report: OrderReport) -> "Trade":
        """The venue told of one order."""
        return self._each(report.client_order_id, lambda order: order.reported(report)).timed(report.at)

    def resent(self, client_order_id: ClientOrderId, signed_at: Moment) -> "Trade":
        """An exit goes out once more under its own name."""
        return self._each(client_order_id, lambda order: order.resent(signed_at))

    def missing(self, client_order_id: ClientOrderId, at: Moment) -> "Trade":
        """A believable read did not find it."""
        return self._each(client_order_id, lambda order: order.missing(at))

    def proven_absent(self, client_order_id: ClientOrderId, at: Moment) -> "Trade":
        """It was never accepted, and cannot be any more."""
        return self._each(client_order_id, lambda order: order.proven_absent(at)).timed(at)

    def cancel_asked(self, client_order_id: ClientOrderId, at: Moment) -> "Trade":
        """We sent a cancel; of one leg of a list means of all."""
        return self._each(self._list_or_self(client_order_id), lambda order: order.cancel_asked(at))

    def cancel_answered(self, client_order_id: ClientOrderId, answer: Cancellation, at: Moment) -> "Trade":
        """The venue said something to our cancel."""
        return self._each(self._list_or_self(client_order_id), lambda order: order.cancel_answered(answer, at))

    def timed(self, at: Moment) -> "Trade":
        """Start or stop the clock of nakedness, and end a closing that is complete."""
        trade = self
        if trade.is_exposed and trade.exposed_since is None:
            trade = evolve(trade, exposed_since=at)
        elif trade.exposed_since is not None and not trade.is_exposed:
            naked = trade.naked_us + max(0, at - trade.exposed_since)
            trade = evolve(trade, exposed_since=None, naked_us=naked)
        closing = trade.closing
        if closing is not None and closing.quantity is not None:
            left = trade.left_to_close
            # A rest below the smallest quantity cannot be sold: a thin book may leave one of a market order.
            if left <= ZERO or left < trade.instrument.smallest_quantity(market=True):
                trade = evolve(trade, closing=None)
        return trade

    def _list_or_self(self, client_order_id: ClientOrderId) -> ClientOrderId:
        order = self.find(client_order_id)
        return order.list_id if order and order.list_id else client_order_id

    def _each(self, client_order_id: ClientOrderId, change: Callable[[LegOrder], LegOrder]) -> "Trade":
        orders = tuple(
            change(order) if client_order_id in {order.client_order_id, order.list_id} else order
            for order in self.orders
        )
        return evolve(self, orders=orders)

    @property
    def unresolved(self) -> tuple[LegOrder, ...]:
        """Orders whose state has to be read at the venue: unanswered ones, and those whose cancel left a question.

        While the trade is closing, exits whose answer is still awaited are read too: what they may sell cannot be sold twice.
        """
        entry_over = bool(self.orders) and self.entry.state.is_over
        asked = {OrderState.PENDING: entry_over, OrderState.INTENDED: entry_over and self.closing is not None}
        return tuple(
            order
            for order in self.orders
            if _needs_a_look(order) or asked.get(order.state) or (order is self.entry and self.unheard)
        )

    @property
    def unheard(self) -> Decimal:
        """Base units that a spot entry executed in fills not heard of yet: their fee may come off what was received."""
        if self.instrument.market is not Market.SPOT or not self.orders:
            return ZERO
        return max(ZERO, EXACT.subtract(self.entry.executed, self.entry.fills_quantity))


def _attempt_of(order: TradeOrder) -> int:
    named = leg_of(order.client_order_id)
    assert named is not None, "our own orders carry our own names"
    return named[2]


def _needs_a_look(order: LegOrder) -> bool:
    if order.state is OrderState.UNKNOWN:
        return True
    return order.may_live and order.cancelling is not None and order.cancelling.answer is not None
