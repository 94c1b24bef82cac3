"""What can reach the desk. Every input brings the time it is stepped at, and the venue's time to stamp orders with."""

from typing import TypeAlias

import attrs

from petrosa_core.decision import TradingState
from petrosa_core.desk.answers import Arrival
from petrosa_core.execution import AccountSnapshot, Cancellation, Found, OrderReport, SubmitOutcome
from petrosa_core.signal import Signal, Undecodable
from petrosa_core.values import (
    AccountId,
    Balance,
    ClientOrderId,
    Instrument,
    Market,
    Mode,
    Moment,
    Quantity,
    Quote,
    SignalId,
    Symbol,
)


@attrs.frozen(kw_only=True)
class SignalArrived:
    """A signal, with the quote and the state of health that it is judged with."""

    signal: Signal
    arrival: Arrival
    quote: Quote | None
    unhealthy: tuple[str, ...] = ()
    at: Moment
    stamp: Moment


@attrs.frozen(kw_only=True)
class BrokenArrived:
    """A message that is no signal."""

    message: Undecodable
    arrival: Arrival
    at: Moment
    stamp: Moment


@attrs.frozen(kw_only=True)
class RequestSettled:
    """What became of a submission."""

    signal_id: SignalId
    client_order_id: ClientOrderId
    outcome: SubmitOutcome
    at: Moment
    stamp: Moment


@attrs.frozen(kw_only=True)
class CancelSettled:
    """What became of a cancel."""

    signal_id: SignalId
    client_order_id: ClientOrderId
    answer: Cancellation
    at: Moment
    stamp: Moment


@attrs.frozen(kw_only=True)
class OrderTold:
    """The venue's stream told of an order, ours or not."""

    report: OrderReport
    at: Moment
    stamp: Moment


@attrs.frozen(kw_only=True)
class OrderLookedUp:
    """What a read by client id found; ``asked_at`` is the venue's time when it was asked."""

    signal_id: SignalId
    client_order_id: ClientOrderId
    found: Found
    asked_at: Moment
    at: Moment
    stamp: Moment


@attrs.frozen(kw_only=True)
class BalanceTold:
    """The venue's stream told of the balance."""

    balance: Balance
    at: Moment
    stamp: Moment


@attrs.frozen(kw_only=True)
class AccountLookedUp:
    """A reading of the whole account, with the one before it: what two agree on may be believed."""

    snapshot: AccountSnapshot
    before: AccountSnapshot | None
    asked_at: Moment
    at: Moment
    stamp: Moment


@attrs.frozen(kw_only=True)
class InstrumentsLookedUp:
    """The venue's rules, all of them."""

    instruments: tuple[Instrument, ...]
    at: Moment
    stamp: Moment


@attrs.frozen(kw_only=True)
class Ticked:
    """Time went by."""

    at: Moment
    stamp: Moment


@attrs.frozen(kw_only=True)
class TakenOver:
    """This replica begins to lead: what was on its way when the last one stopped has no answer any more."""

    account: AccountId
    market: Market
    mode: Mode
    replica: str
    build: str
    settings: str
    at: Moment
    stamp: Moment


@attrs.frozen(kw_only=True)
class StateAsked:
    """Somebody wants another trading state."""

    state: TradingState
    actor: str
    reason: str
    admin: bool
    at: Moment
    stamp: Moment


@attrs.frozen(kw_only=True)
class CloseAsked:
    """Somebody wants a trade closed, all of it or at most so much."""

    signal_id: SignalId
    quantity: Quantity | None
    actor: str
    reason: str
    at: Moment
    stamp: Moment


@attrs.frozen(kw_only=True)
class CancelAsked:
    """Somebody wants an order cancelled, by its client or venue id."""

    symbol: Symbol
    order_id: str
    actor: str
    reason: str
    at: Moment
    stamp: Moment


Input: TypeAlias = (
    SignalArrived
    | BrokenArrived
    | RequestSettled
    | CancelSettled
    | OrderTold
    | OrderLookedUp
    | BalanceTold
    | AccountLookedUp
    | InstrumentsLookedUp
    | Ticked
    | TakenOver
    | StateAsked
    | CloseAsked
    | CancelAsked
)
