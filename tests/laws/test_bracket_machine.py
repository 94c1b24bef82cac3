"""The bracket as a machine: whatever the venue does, loses, repeats and reorders, a few things always hold.

Each rule is one thing that can happen; after each, the trade's needs are carried out until they rest. ``calm`` lets every
answer, report and reading come in, after which what rests at the venue must cover exactly what is held.
"""

from decimal import Decimal
from typing import Any

import attrs
import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from tests.support.decisions import a_spot_instrument, an_instrument
from tests.support.scripted_venue import ScriptedVenue
from tests.support.trades import WINDOW, Tale, a_plan, orders_of, take

from petrosa_core.execution import (
    Accepted,
    Cancellation,
    CancelOrder,
    LegOrder,
    Need,
    OrderState,
    Patience,
    PlaceExit,
    Rejected,
    Resend,
    Unanswered,
    due,
    needs_of,
)
from petrosa_core.order import Submission
from petrosa_core.values import (
    MILLISECOND,
    SECOND,
    ZERO,
    ClientOrderId,
    Duration,
    Leg,
    Market,
    Moment,
    OrderType,
    Quantity,
    Side,
)

ROUNDS_MAX = 16
PATIENCE = Patience()
REFUSALS: dict[str, Any] = {
    "certain": {"code": -4509},
    "through": {"code": -2021, "would_trigger": True},
    "throttled": {"code": -1003, "retryable": True},
    "in the way": {"code": -2022},
    "late": {"code": -1021, "retryable": True},
}
SHARES = st.sampled_from([Decimal("0.25"), Decimal("0.5"), Decimal(1)])


class Bracket(RuleBasedStateMachine):
    """One trade, its venue, and everything between them that has not arrived yet."""

    def __init__(self) -> None:
        """Nothing has begun."""
        super().__init__()
        self.requests: list[tuple[Submission, Moment]] = []
        self.cancels: list[ClientOrderId] = []
        self.shared = False

    @initialize(market=st.sampled_from(Market), side=st.sampled_from(Side), listed=st.booleans(), fee=st.booleans())
    def begin(self, market: Market, side: Side, listed: bool, fee: bool) -> None:
        """An entry of 4 has been written down and is on its way."""
        spot = market is Market.SPOT
        side = Side.BUY if spot else side
        instrument = a_spot_instrument(opoco_allowed=listed) if spot else an_instrument()
        plan = a_plan(side=side, quantity=Quantity(4), order_type=OrderType.LIMIT)
        self.tale = Tale(instrument, plan)
        self.venue = ScriptedVenue(market, instrument.base, side, Decimal("0.0007") if fee else ZERO)
        self.requests.append((self.tale.entry, self.tale.now))
        self.care()

    # --- our side --------------------------------------------------------------------------------------------------

    def care(self) -> None:
        """Carry out what the trade needs, round after round; it must come to rest."""
        for _ in range(ROUNDS_MAX):
            needs = needs_of(self.tale.trade, self.tale.situation())
            if not needs:
                return
            for need in needs:
                self.send(need)
                self.tale.trade = take(self.tale.trade, need, self.tale.now)
        raise AssertionError(f"needs do not come to rest: {self.tale.needs()}")

    def send(self, need: Need) -> None:
        """What leaves us, and the law of cancels: no stop goes while anything is held that another does not cover."""
        trade = self.tale.trade
        match need:
            case PlaceExit(submission):
                self.requests.append((submission, self.tale.now))
            case Resend(client_order_id=name):
                known = trade.find(name)
                assert known is not None
                assert known.leg is not Leg.ENTRY, "an entry is never sent again"
                self.requests.append((known.order, self.tale.now))
            case CancelOrder(client_order_id=name):
                order = trade.find(name)
                assert order is not None
                if order.leg is Leg.STOP and self.venue.market is Market.USDM:
                    gone = attrs.evolve(order, state=OrderState.CANCELLED)
                    without = attrs.evolve(trade, orders=tuple(gone if o is order else o for o in trade.orders))
                    assert trade.sellable == ZERO or without.is_covered, "a stop was cancelled that was needed"
                self.cancels.append(name)
            case _:
                pass

    # --- answers ---------------------------------------------------------------------------------------------------

    def settle(self, request: tuple[Submission, Moment], fate: str) -> None:
        """What becomes of one request: taken, refused, or taken or lost without an answer; late ones are never taken."""
        submission, signed_at = request
        now, name = self.tale.now, submission.client_order_id
        if now > signed_at + WINDOW:
            fate = {"taken": "late", "taken in silence": "lost"}.get(fate, fate)
        if fate in {"lost", "taken in silence"}:
            if fate == "taken in silence":
                self.venue.arrive(submission, now)
            self.tale.trade = self.tale.trade.answered(name, Unanswered(why=fate, at=now))
        elif fate == "taken" and self.venue.arrive(submission, now):
            self.tale.trade = self.tale.trade.answered(name, Accepted(venue_order_id=f"v-{name[29:]}", at=now))
        elif fate == "taken":
            duplicate = Rejected(code=-4116, message="duplicate", at=now, duplicate=True)
            self.tale.trade = self.tale.trade.answered(name, duplicate)
        else:
            known = {order.client_order_id for order in orders_of(submission)} & set(self.venue.orders)
            refusal = Rejected(message=fate, at=now, **{**REFUSALS[fate], "duplicate": bool(known)})
            self.tale.trade = self.tale.trade.answered(name, refusal)
        self.care()

    @precondition(lambda self: self.requests)
    @rule(fate=st.sampled_from(["taken", "taken", "taken", "lost", "taken in silence", *REFUSALS]), data=st.data())
    def a_request_is_settled(self, fate: str, data: st.DataObject) -> None:
        """One request on its way gets its fate."""
        index = data.draw(st.integers(0, len(self.requests) - 1))
        self.settle(self.requests.pop(index), fate)

    @precondition(lambda self: self.cancels)
    @rule(fate=st.sampled_from(["answered", "lost", "done in silence"]))
    def a_cancel_is_settled(self, fate: str) -> None:
        """One cancel on its way is done or lost, and answered or not."""
        self.settle_cancel(self.cancels.pop(0), fate)

    def settle_cancel(self, name: ClientOrderId, fate: str) -> None:
        """What becomes of one cancel."""
        done = fate != "lost" and self.venue.cancel(name, self.tale.now)
        answer = Cancellation.DONE if done else Cancellation.GONE
        said = answer if fate == "answered" else Cancellation.UNANSWERED
        self.tale.trade = self.tale.trade.cancel_answered(name, said, self.tale.now)
        self.care()

    # --- the stream and the readings -------------------------------------------------------------------------------

    @precondition(lambda self: self.venue.reports)
    @rule(data=st.data(), again=st.booleans())
    def a_report_arrives(self, data: st.DataObject, again: bool) -> None:
        """One report, not always the oldest, and perhaps not for the last time."""
        index = data.draw(st.integers(0, len(self.venue.reports) - 1))
        report = self.venue.reports[index] if again else self.venue.reports.pop(index)
        self.tale.trade = self.tale.trade.reported(report)
        self.care()

    @precondition(lambda self: self.tale.trade.unresolved)
    @rule()
    def a_question_is_read(self) -> None:
        """The oldest order in question is looked up."""
        self.read(self.tale.trade.unresolved[0].client_order_id)

    def read(self, name: ClientOrderId) -> None:
        """One reading: what was found is taken in; an absence that may be believed counts, and twice is a proof."""
        now, found = self.tale.now, self.venue.find(name, self.tale.now)
        order = self.tale.trade.find(name)
        assert order is not None
        if found is not None:
            for fill in found.fills:
                self.tale.trade = self.tale.trade.reported(attrs.evolve(found.report, fill=fill))
            self.tale.trade = self.tale.trade.reported(found.report)
        elif order.state.is_unresolved and now >= order.signed_at + WINDOW + self._absence(order):
            self.tale.trade = self.tale.trade.missing(name, now)
            if order.absences:
                legs = [each for each in self.tale.trade.orders if each is not order and each.list_id == order.list_id]
                for each in (order, *(legs if order.list_id else ())):
                    self.tale.trade = self.tale.trade.proven_absent(each.client_order_id, now)
        self.care()

    def _absence(self, order: LegOrder) -> Duration:
        """How long after its window an order may still turn up: an entry, and the list that it came in, longer than an exit."""
        entry = self.tale.trade.entry
        with_entry = order is entry or (order.list_id is not None and order.list_id == entry.list_id)
        return PATIENCE.absence if with_entry else PATIENCE.exit_absence

    # --- what happens at the venue, and among people ---------------------------------------------------------------

    @precondition(lambda self: self.venue.fillable())
    @rule(share=SHARES, data=st.data())
    def an_order_trades(self, share: Decimal, data: st.DataObject) -> None:
        """The market reaches one order."""
        name = data.draw(st.sampled_from(self.venue.fillable()))
        if self.shared and self.venue.orders[name].order.close_position:
            return  # it would take what is not ours as well: that it rests at all is what has to end soon
        self.venue.fill(name, share, self.tale.now)

    @precondition(lambda self: self.venue.open_names())
    @rule(data=st.data())
    def another_hand_cancels(self, data: st.DataObject) -> None:
        """Somebody cancels one of our orders in the venue's own window."""
        self.venue.lose(data.draw(st.sampled_from(self.venue.open_names())), self.tale.now)

    @rule(milliseconds=st.sampled_from([1, 100, 500, 1000, 2000, 3000, 20_000, 300_000]))
    def time_goes_by(self, milliseconds: int) -> None:
        """And whatever time alone makes needed was announced: the trade was due by then."""
        trade, before = self.tale.trade, self.tale.situation()
        moment = due(trade, before)
        self.tale.now = Moment(self.tale.now + milliseconds * MILLISECOND)
        if needs_of(trade, self.tale.situation()):
            assert moment is not None, "it would have slept for ever"
            assert moment <= self.tale.now, "it would have slept too long"
        self.care()

    @rule(quantity=st.sampled_from([None, "1"]))
    def somebody_closes(self, quantity: str | None) -> None:
        """A close arrives; one that is already closing has its answer."""
        if self.tale.trade.ended is None and self.tale.trade.closing is None:
            self.tale.closing("asked", quantity if self.tale.trade.sellable > 1 else None)
            self.care()

    @rule(state=st.sampled_from(["active", "halted", "flatten"]))
    def the_trading_state_changes(self, state: str) -> None:
        """Somebody halts, flattens or resumes."""
        self.tale.given(entries_may_rest=state == "active", flatten=state == "flatten")
        self.care()

    @precondition(lambda self: self.venue.market is Market.USDM)
    @rule()
    def the_position_is_shared_or_ours_again(self) -> None:
        """Another trade begins or ends on the symbol."""
        self.shared = not self.shared
        self.tale.given(sole=not self.shared)
        self.care()

    # --- what always holds -----------------------------------------------------------------------------------------

    @invariant()
    def no_position_changes_its_sign(self) -> None:
        """What left the account because of the trade is never more than what came in because of it."""
        assert self.venue.mine * self.venue.side.sign >= ZERO

    @invariant()
    def nothing_that_ended_holds_or_rests(self) -> None:
        """An ended trade holds nothing that could be sold, and none of its orders may live as far as we know."""
        trade = self.tale.trade
        if trade.ended is not None:
            assert trade.sellable == ZERO
            assert not any(order.may_live for order in trade.orders)

    @invariant()
    def there_is_one_entry(self) -> None:
        """Whatever happened, one entry was sent, once."""
        assert [order.sends for order in self.tale.trade.legs(Leg.ENTRY)] == [1]

    @rule()
    def calm(self) -> None:
        """Everything on its way arrives, every question is read, time goes on: what rests covers exactly what is held."""
        for _ in range(60):
            while self.requests:
                self.settle(self.requests.pop(0), "taken")
            while self.cancels:
                self.settle_cancel(self.cancels.pop(0), "answered")
            self._market_orders_trade()
            for report in self.venue.reports:
                self.tale.trade = self.tale.trade.reported(report)
            self.venue.reports.clear()
            self.care()
            for order in self.tale.trade.unresolved:
                self.read(order.client_order_id)
            self.tale.wait(1)
            self.care()
            if not self._stirs():
                break
        self._everything_is_covered()

    def _stirs(self) -> bool:
        """Whether anything is still on its way, or will happen by itself within half a minute."""
        moment = due(self.tale.trade, self.tale.situation())
        soon = moment is not None and moment < self.tale.now + 30 * SECOND
        return bool(self.requests or self.cancels or self.venue.reports) or soon

    def _market_orders_trade(self) -> None:
        for name in self.venue.fillable():
            held = self.venue.orders[name]
            if held.order.type is OrderType.MARKET and self.venue.can_fill(held):
                self.venue.fill(name, Decimal(1), self.tale.now)

    def _everything_is_covered(self) -> None:
        trade = self.tale.trade
        assert trade.held * self.venue.side.sign == self.venue.mine, "the fold and the venue disagree"
        assert not self.requests
        if trade.ended is not None:
            assert self.venue.open_names() == [], "an order of an ended trade rests"
            return
        resting = [self.venue.orders[name] for name in self.venue.open_names()]
        stops = [held for held in resting if held.order.leg is Leg.STOP]
        if trade.entry.may_live and not trade.sellable:
            return
        assert trade.sellable > ZERO, "nothing is held, and the trade has not ended"
        assert trade.is_covered, f"naked: {self.tale.needs()}"
        assert not trade.leaving, "it should have been left by now"
        if any(held.order.close_position for held in stops):
            assert len(stops) == 1
        elif not trade.entry.may_live:
            assert sum(self.venue.can_fill(held) for held in stops) == trade.sellable


Bracket.TestCase.settings = settings(stateful_step_count=60)
TestBracketMachine = Bracket.TestCase
