"""What a trade needs next, as a pure function of what is known of it.

The engine asks again after every fact and every tick, and does what is answered; so the happy path, a lost answer, a crash
and a surprise of the venue all take the same road.

1. Exits always cover what is held. The stop goes first; a target that fails never costs the stop.
2. A protective order is cancelled only by its own id: when its trade holds nothing, or when its replacement rests.
3. An entry is never sent again. An exit is repeated only under its own name, and only where it can do nothing but reduce.
4. What cannot be protected within ``Patience.naked`` is closed.
"""

from typing import TypeAlias

import attrs

from petrosa_core.execution.leg_order import LegOrder
from petrosa_core.execution.order_state import OrderState
from petrosa_core.execution.trade import Trade
from petrosa_core.order import Submission, Ticket
from petrosa_core.values import MILLISECOND, SECOND, AccountId, ClientOrderId, Duration, Instrument, Leg, Moment


@attrs.frozen(kw_only=True)
class Patience:
    """How long things may take, in microseconds.

    ``naked`` is from exposure to closing (design goal 3 s, bound 10 s). ``absence`` is what must have passed after an entry's
    receive window before "not found" is believed: the venue's own 10 s time-out and 2 s for its caches (Binance: -1007).
    """

    naked: Duration = 3 * SECOND
    absence: Duration = 12 * SECOND
    absences: int = 2
    resend: Duration = 500 * MILLISECOND
    retry: Duration = SECOND
    recancel: Duration = 2 * SECOND
    partial_list: Duration = SECOND
    attempts: int = 3
    """Refused attempts at a target before it is given up; refused or lost stops before the trade is closed."""


@attrs.frozen(kw_only=True)
class Situation:
    """What besides the trade itself decides what it needs.

    ``sole`` says that the venue's net position on the symbol is wholly this trade's. ``entries_may_rest`` is False when the
    trading state forbids resting entries.
    """

    account: AccountId
    now: Moment
    instrument: Instrument
    sole: bool = True
    entries_may_rest: bool = True
    flatten: bool = False
    """Everything is to be closed."""
    patience: Patience = Patience()

    def ticket(self, trade: Trade) -> Ticket:
        """What the orders of this trade are made with."""
        return Ticket(account=self.account, signal_id=trade.signal_id, plan=trade.plan, instrument=self.instrument)


@attrs.frozen
class PlaceExit:
    """Send new protective or closing orders, at once."""

    submission: Submission


@attrs.frozen
class Resend:
    """Send an unanswered exit once more under its own name."""

    client_order_id: ClientOrderId


@attrs.frozen
class CancelOrder:
    """Cancel one order of ours (its whole list, when it belongs to one)."""

    client_order_id: ClientOrderId
    why: str


@attrs.frozen
class BeginClosing:
    """Leave at the market."""

    why: str


@attrs.frozen
class EndTrade:
    """Nothing is held and nothing may live: the trade is over."""

    why: str


Need: TypeAlias = PlaceExit | Resend | CancelOrder | BeginClosing | EndTrade


def entry_cancel(trade: Trade, situation: Situation) -> CancelOrder | None:
    """Whether a resting entry has to go, and why."""
    entry = trade.entry
    if not entry.state.is_open or not may_ask_cancel(entry, situation):
        return None
    why = _why_cancel_entry(trade, situation)
    return CancelOrder(entry.client_order_id, why) if why else None


def _why_cancel_entry(trade: Trade, situation: Situation) -> str | None:
    entry = trade.entry
    if entry.absences:
        return "appeared-late"
    if trade.closing is not None and trade.closing.quantity is None:
        return f"closing:{trade.closing.why}"
    if not situation.entries_may_rest:
        return "halted"
    if situation.now >= trade.plan.expires_at:
        return "expired"
    if any(order.executed for order in trade.exits):
        return "exit-filled"
    partly = entry.state is OrderState.PARTIALLY_FILLED and entry.list_id is not None
    if partly and entry.first_fill_at is not None:
        return "partial-list" if situation.now - entry.first_fill_at >= situation.patience.partial_list else None
    return None


def may_ask_cancel(order: LegOrder, situation: Situation) -> bool:
    """Not asked yet, or asked long enough ago without the order having ended."""
    asked = order.cancelling
    return asked is None or situation.now - asked.asked_at >= situation.patience.recancel


def exit_cancels(trade: Trade, situation: Situation, why: str) -> tuple[CancelOrder, ...]:
    """Cancel every exit that may still live; one name per list."""
    cancels: list[CancelOrder] = []
    lists: set[ClientOrderId] = set()
    for order in trade.exits:
        if order.list_id in lists or not order.state.is_open or not may_ask_cancel(order, situation):
            continue
        if order.list_id:
            lists.add(order.list_id)
        cancels.append(CancelOrder(order.client_order_id, why))
    return tuple(cancels)


def ending(trade: Trade, situation: Situation) -> tuple[Need, ...]:
    """When nothing is held: clear away what still rests, then end."""
    if trade.entry.may_live:
        return ()
    cancels = exit_cancels(trade, situation, "trade-closed")
    if cancels:
        return cancels
    if any(order.may_live for order in trade.exits):
        return ()
    return (EndTrade(why_ended(trade)),)


def why_ended(trade: Trade) -> str:
    """A word for how it ended: by which exit, or why nothing was entered."""
    entry = trade.entry
    if not trade.received:
        return {
            OrderState.REJECTED: "entry-rejected",
            OrderState.EXPIRED: "entry-expired",
            OrderState.ABANDONED: "entry-abandoned",
        }.get(entry.state, "entry-cancelled")
    if trade.held > 0:
        return "dust"
    if trade.closed_elsewhere:
        return "closed-elsewhere"
    last = max((order for order in trade.exits if order.executed), key=lambda order: order.updated_at, default=None)
    if last is None:
        return "closed"
    if last.leg is Leg.CLOSE:
        return f"closed:{trade.closing.why}" if trade.closing else "closed"
    return {Leg.STOP: "stopped", Leg.BRIDGE: "stopped", Leg.TARGET: "target"}[last.leg]


def may_retry(order: LegOrder | None, situation: Situation) -> bool:
    """Whether a new attempt may follow this one: it is over, and not just now."""
    if order is None:
        return True
    if order.may_live:
        return False
    refused_or_lost = order.executed == 0
    return not refused_or_lost or situation.now - order.updated_at >= situation.patience.retry


def due(trade: Trade, situation: Situation) -> Moment | None:
    """When the trade has to be asked again even if nothing is heard of it; None while only facts can change anything."""
    if trade.ended is not None:
        return None
    patience = situation.patience
    moments: list[Moment] = []
    for order in trade.orders:
        if order.state is OrderState.UNKNOWN:
            moments.append(Moment(order.signed_at + patience.resend))
        if order.may_live and order.cancelling is not None:
            moments.append(Moment(order.cancelling.asked_at + patience.recancel))
    if trade.exposed_since is not None:
        moments.append(Moment(min(trade.exposed_since + patience.naked, situation.now + patience.retry)))
    if trade.closing is not None:
        moments.append(Moment(situation.now + patience.retry))
    entry = trade.entry
    if entry.state.is_open:
        moments.append(trade.plan.expires_at)
        if entry.list_id and entry.first_fill_at is not None:
            moments.append(Moment(entry.first_fill_at + patience.partial_list))
    if trade.sellable and _lacks_target(trade):
        moments.append(Moment(situation.now + patience.retry))
    return min(moments, default=None)


def _lacks_target(trade: Trade) -> bool:
    target = trade.latest(Leg.TARGET)
    return target is None or not target.may_live
