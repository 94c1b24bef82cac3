"""What is written down: one kind of entry for each thing that can happen to an account.

1. An entry is a fact or an intention, never a command: folding all of them gives the book, for ever.
2. Fields are only ever added, with defaults; a kind is never renamed. The golden journals in tests/ hold us to it.
3. Nothing secret enters: no keys, signatures or tokens.
"""

from decimal import Decimal
from typing import TypeAlias

import attrs

from petrosa_core.decision import Outcome, Plan, Reason, TradingState
from petrosa_core.execution import Accepted, Cancellation, OrderReport, Rejected, Unanswered
from petrosa_core.order import OrderList, TradeOrder
from petrosa_core.signal import Signal
from petrosa_core.values import (
    AccountId,
    Balance,
    ClientOrderId,
    Duration,
    Instrument,
    Market,
    Mode,
    Moment,
    Quantity,
    Quote,
    SignalId,
    StrategyId,
    Symbol,
)


@attrs.frozen(kw_only=True)
class JournalOpened:
    """The first entry: whose journal it is, for ever."""

    account: AccountId
    market: Market
    mode: Mode
    at: Moment


@attrs.frozen(kw_only=True)
class LeadershipTaken:
    """A replica took the account over; whoever wrote before it stands down. ``settings`` is their digest."""

    replica: str
    build: str
    settings: str
    at: Moment


@attrs.frozen(kw_only=True)
class InstrumentsRead:
    """Symbols' rules as the venue gave them: new ones and changed ones only; ``gone`` are no longer listed."""

    instruments: tuple[Instrument, ...]
    gone: tuple[Symbol, ...] = ()
    at: Moment


@attrs.frozen(kw_only=True)
class BalanceRead:
    """What the account holds in the quote asset."""

    balance: Balance
    at: Moment


@attrs.frozen(kw_only=True)
class SignalJudged:
    """One signal, what it was judged with, and the verdict. The fold before this entry is the rest of the input.

    ``body`` is the message as it came, when it is not what the signal's fields say already. ``plan`` is there when accepted;
    ``trade_id`` names the trade that a close found. ``transport`` and ``message_id`` say how it arrived.
    """

    signal: Signal
    quote: Quote | None = None
    balance: Balance | None = None
    unhealthy: tuple[str, ...] = ()
    outcome: Outcome
    reasons: tuple[Reason, ...] = ()
    plan: Plan | None = None
    trade_id: SignalId | None = None
    transport: str
    message_id: str
    received_at: Moment
    at: Moment


@attrs.frozen(kw_only=True)
class SignalRepeated:
    """A message whose signal was judged before, under this or another of its ids; it was answered from the record."""

    signal_id: SignalId
    strategy_id: StrategyId
    aliases: tuple[SignalId, ...] = ()
    transport: str
    message_id: str
    at: Moment


@attrs.frozen(kw_only=True)
class MessageDeadLettered:
    """A message that is no signal: every byte of it, and why."""

    raw: bytes
    code: str
    message: str
    field: str | None = None
    value: str | None = None
    transport: str
    message_id: str
    subject: str = ""
    at: Moment


@attrs.frozen(kw_only=True)
class EntryIntended:
    """The write-ahead of an entry: the orders, stamped before this was written. Sent once, by ``signed_at + recv_window``."""

    signal_id: SignalId
    submission: TradeOrder | OrderList
    signed_at: Moment
    recv_window: Duration
    at: Moment


@attrs.frozen(kw_only=True)
class ExitIntended:
    """Protective or closing orders, on their way while this is written."""

    signal_id: SignalId
    submission: TradeOrder | OrderList
    signed_at: Moment
    recv_window: Duration
    at: Moment


@attrs.frozen(kw_only=True)
class ExitResent:
    """An unanswered exit goes out once more under its own name."""

    signal_id: SignalId
    client_order_id: ClientOrderId
    signed_at: Moment
    at: Moment


@attrs.frozen(kw_only=True)
class ExitAdopted:
    """An order of ours at the venue that the journal had not heard of: sent just before a crash."""

    signal_id: SignalId
    order: TradeOrder
    report: OrderReport
    at: Moment


@attrs.frozen(kw_only=True)
class RequestAnswered:
    """What the venue said to a submission, or that it said nothing."""

    signal_id: SignalId
    client_order_id: ClientOrderId
    outcome: Accepted | Rejected | Unanswered
    at: Moment


@attrs.frozen(kw_only=True)
class OrderReported:
    """The venue told of an order of ours, by stream or when asked."""

    signal_id: SignalId
    report: OrderReport
    at: Moment


@attrs.frozen(kw_only=True)
class OrderMissing:
    """A read that may be believed did not find an unanswered order."""

    signal_id: SignalId
    client_order_id: ClientOrderId
    at: Moment


@attrs.frozen(kw_only=True)
class OrderAbandoned:
    """Proven absent. An entry is never sent again; should it appear all the same, it is cancelled, protected or closed."""

    signal_id: SignalId
    client_order_id: ClientOrderId
    at: Moment


@attrs.frozen(kw_only=True)
class CancelIntended:
    """A cancel is on its way."""

    signal_id: SignalId
    client_order_id: ClientOrderId
    why: str
    actor: str = "engine"
    at: Moment


@attrs.frozen(kw_only=True)
class CancelAnswered:
    """What the venue said to a cancel; the order itself ends by a report."""

    signal_id: SignalId
    client_order_id: ClientOrderId
    answer: Cancellation
    at: Moment


@attrs.frozen(kw_only=True)
class ClosingBegun:
    """A trade is to be left at the market, all of it or at most ``quantity`` base units."""

    signal_id: SignalId
    why: str
    quantity: Quantity | None = None
    actor: str = "engine"
    at: Moment


@attrs.frozen(kw_only=True)
class ClosedElsewhere:
    """Base units of a trade left the account by another hand than ours; two reads agree."""

    signal_id: SignalId
    quantity: Decimal
    at: Moment


@attrs.frozen(kw_only=True)
class TradeEnded:
    """Nothing is held and nothing may live: how it ended, and the result in quote units before fees."""

    signal_id: SignalId
    why: str
    pnl: Decimal
    at: Moment


@attrs.frozen(kw_only=True)
class StateSet:
    """The trading state changed: by whom, and why."""

    state: TradingState
    actor: str
    reason: str
    at: Moment


@attrs.frozen(kw_only=True)
class ForeignSeen:
    """Something at the venue that is not ours, on one symbol; ``what`` None: it is gone. ``exposure`` in quote units."""

    symbol: Symbol
    what: str | None
    exposure: Decimal
    at: Moment


@attrs.frozen(kw_only=True)
class DayBegun:
    """A UTC day began for the account, with this equity."""

    day: int
    equity: Decimal
    at: Moment


@attrs.frozen(kw_only=True)
class Alarmed:
    """People were told of something that must not be overlooked."""

    name: str
    severity: str
    message: str
    signal_id: SignalId | None = None
    at: Moment


Entry: TypeAlias = (
    JournalOpened
    | LeadershipTaken
    | InstrumentsRead
    | BalanceRead
    | SignalJudged
    | SignalRepeated
    | MessageDeadLettered
    | EntryIntended
    | ExitIntended
    | ExitResent
    | ExitAdopted
    | RequestAnswered
    | OrderReported
    | OrderMissing
    | OrderAbandoned
    | CancelIntended
    | CancelAnswered
    | ClosingBegun
    | ClosedElsewhere
    | TradeEnded
    | StateSet
    | ForeignSeen
    | DayBegun
    | Alarmed
)


@attrs.frozen(kw_only=True)
class Payload:
    """What a frame holds: entries of whole inputs, numbered on from ``seq``."""

    seq: int
    entries: tuple[Entry, ...]
