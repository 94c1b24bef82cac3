"""What a trade needs next, as a pure function of what is known of it.

The engine asks again after every fact and every tick, and does what is answered; so the happy path, a lost answer, a crash
and a surprise of the venue all take the same road.

1. Exits always cover what is held. The stop goes first; a target that fails never costs the stop.
2. A protective order is cancelled only by its own id: when its trade holds nothing, or when its replacement rests.
3. An entry is never sent again. An exit is repeated only under its own name, and only where it can do nothing but reduce.
4. What cannot be protected within ``Patience.naked`` is closed.
"""

from collections.abc import Collection
from typing import TypeAlias

import attrs

from petrosa_core.execution.leg_order import LegOrder
from petrosa_core.execution.order_state import OrderState
from petrosa_core.execution.trade import Trade
from petrosa_core.order import Submission, Ticket
from petrosa_core.values import MILLISECOND, SECOND, AccountId, ClientOrderId, Duration, Instrument, Leg, Market, Moment


@attrs.frozen(kw_only=True)
class Patience:
    """How long things may take, in microseconds.

    ``naked`` is from exposure to closing (design goal 3 s, bound 10 s). ``absence`` is what must have passed after an entry's
    receive window before "not found" is believed: the venue's own 10 s time-out and 2 s for its caches (Binance: -1007).
    For an exit it is ``exit_absence``, the caches alone: waiting leaves a position naked, and on spot the balance itself, which
    both would have to sell, keeps a late one from counting twice.
    """

    naked: Duration = 3 * SECOND
    absence: Duration = 12 * SECOND
    exit_absence: Duration = 2 * SECOND
    absences: int = 2
    resend: Duration = 500 * MILLISECOND
    retry: Duration = SECOND
    recancel: Duration = 2 * SECOND
    partial_entry: Duration = SECOND
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
    caring_since: Moment = Moment(0)
    """Since when this engine may send: what was naked before gets its time to be protected from then on."""
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
    if trade.closing is not None and trade.leaving:
        return f"closing:{trade.closing.why}"
    if not situation.entries_may_rest:
        return "halted"
    if situation.now >= trade.plan.expires_at:
        return "expired"
    if any(order.executed for order in trade.exits):
        return "exit-filled"
    since = entry.first_fill_at
    is_spot = trade.instrument.market is Market.SPOT
    if is_spot and since is not None and situation.now - since >= situation.patience.partial_entry:
        return "partly-filled"
    # Whoever asked for it before: the cancel was lost, or overtook the entry.
    return "rests-still" if entry.cancelling is not None else None


def may_ask_cancel(order: LegOrder, situation: Situation) -> bool:
    """Not asked yet, or asked long enough ago without the order having ended."""
    asked = order.cancelling
    return asked is None or situation.now - asked.asked_at >= situation.patience.recancel


def exit_cancels(
    trade: Trade, situation: Situation, why: str, legs: Collection[Leg] = frozenset(Leg)
) -> tuple[CancelOrder, ...]:
    """Cancel every exit of these legs that rests; one name per list."""
    cancels: list[CancelOrder] = []
    lists: set[ClientOrderId] = set()
    for order in trade.exits:
        if order.leg not in legs or order.list_id in lists:
            continue
        if not order.state.is_open or not may_ask_cancel(order, situation):
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
    """A word for how it ended: by which exit, or why nothing was entered; ``+dust`` when something unsellable is left."""
    entry = trade.entry
    if not trade.received:
        return {
            OrderState.REJECTED: "entry-rejected",
            OrderState.EXPIRED: "entry-expired",
            OrderState.ABANDONED: "entry-abandoned",
        }.get(entry.state, "entry-cancelled")
    if trade.closed_elsewhere:
        return "closed-elsewhere"
    if not any(order.executed for order in trade.exits):
        return "dust"  # what was entered could never be sold
    return f"{_last_exit(trade)}+dust" if trade.held > 0 else _last_exit(trade)


def _last_exit(trade: Trade) -> str:
    last = max((order for order in trade.exits if order.executed), key=lambda order: order.updated_at)
    if last.leg is Leg.CLOSE:
        return f"closed:{trade.closing.why}" if trade.closing else "closed"
    return {Leg.STOP: "stopped", Leg.TARGET: "target"}[last.leg]


def must_close(trade: Trade, situation: Situation) -> str | None:
    """Why it has to be left at the market; None when it is protected, or may still be protected in time."""
    if trade.leaving:
        return None  # that is done already; a partial close gives way
    if situation.flatten:
        return "flatten"
    if not trade.is_covered and (why := _why_unprotected(trade, situation)) is not None:
        return why
    target = trade.latest(Leg.TARGET)
    if target is not None and target.refusal is not None and target.refusal.would_trigger and not target.may_live:
        return "target-already-through"
    return None


def _why_unprotected(trade: Trade, situation: Situation) -> str | None:
    stop = trade.latest(Leg.STOP)
    if stop is not None and stop.refusal is not None:
        if stop.refusal.would_trigger:
            return "stop-already-through"
        if stop.state is OrderState.REJECTED and not stop.refusal.retryable:
            return f"stop-refused:{stop.refusal.code}"
    if sum(_is_lost(order) for order in trade.legs(Leg.STOP)) > situation.patience.attempts:
        return "stop-lost"
    deadline = _naked_until(trade, situation)
    return "unprotected" if deadline is not None and situation.now >= deadline else None


def _naked_until(trade: Trade, situation: Situation) -> int | None:
    """When patience with a naked trade ends; None while it is not naked."""
    since = trade.exposed_since
    return None if since is None else max(since, situation.caring_since) + situation.patience.naked


def _is_lost(order: LegOrder) -> bool:
    """Refused, or gone by another hand than ours, before it did anything."""
    return not order.may_live and not order.executed and order.cancelling is None


def may_retry(order: LegOrder | None, situation: Situation) -> bool:
    """Whether a new attempt may follow this one: if it came to nothing, not just now."""
    return order is None or not _is_lost(order) or situation.now - order.updated_at >= situation.patience.retry


def may_repeat(order: LegOrder) -> bool:
    """Whether it is unanswered, and no repeat of it was refused for good: after that only the truth can be read."""
    return order.state is OrderState.UNKNOWN and (order.refusal is None or order.refusal.retryable)


def gives_up_target(trade: Trade, situation: Situation) -> bool:
    """Whether the venue has refused it often enough; the stop alone stays."""
    refused = sum(order.state is OrderState.REJECTED for order in trade.legs(Leg.TARGET))
    return refused >= situation.patience.attempts


def due(trade: Trade, situation: Situation) -> Moment | None:
    """When the trade has to be asked again even if nothing is heard of it; None while only facts can change anything.

    It is never later than the first moment at which time alone makes ``needs_of`` answer something.
    """
    if trade.ended is not None:
        return None
    now, patience = situation.now, situation.patience
    moments: list[int] = []
    for order in trade.orders:
        if may_repeat(order):
            moments.append(order.signed_at + patience.resend)
        if order.may_live and order.cancelling is not None:
            moments.append(order.cancelling.asked_at + patience.recancel)
    entry = trade.entry
    if entry.state.is_open:
        moments.append(trade.plan.expires_at)
        if trade.instrument.market is Market.SPOT and entry.first_fill_at is not None:
            moments.append(entry.first_fill_at + patience.partial_entry)
    if trade.sellable:
        retries = (
            order.updated_at + patience.retry for order in map(trade.latest, _RETRIED) if order and _is_lost(order)
        )
        moments.extend(moment for moment in retries if moment > now)
        deadline = _naked_until(trade, situation)
        if deadline is not None:
            moments.append(deadline)
        if trade.exposed_since is not None or trade.closing is not None:
            moments.append(now + patience.retry)
    return Moment(min(moments)) if moments else None


_RETRIED = (Leg.STOP, Leg.TARGET, Leg.CLOSE)
