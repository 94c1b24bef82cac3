"""Where orders go, and what is asked of it."""

from collections.abc import AsyncIterator
from typing import Protocol, TypeAlias

import attrs

from petrosa_core.execution import (
    AccountSnapshot,
    Cancellation,
    Found,
    OrderReport,
    SubmitOutcome,
    Unreadable,
)
from petrosa_core.order import Submission
from petrosa_core.values import Balance, ClientOrderId, Duration, Instrument, Moment, Symbol


@attrs.frozen(kw_only=True)
class StreamGap:
    """The stream was interrupted, or has just begun: what happened before must be read, nothing is replayed."""

    why: str
    at: Moment


VenueEvent: TypeAlias = OrderReport | Balance | StreamGap


class Venue(Protocol):
    """One account at one exchange. Contract: tests/contract/test_venue.py.

    V1  ``submit`` sends at most once, signed with the moment it was given; it never retries and never stamps anew.
    V2  A refusal is returned as Rejected with the venue's code; it is never raised.
    V3  A lost or unbelievable answer is returned as Unanswered, and the order may be live.
    V4  The venue executes nothing that arrives after ``signed_at + recv_window``.
    V5  Fills arrive as events, NEW before any fill, cumulative quantities never falling per order.
    V6  An acknowledgement carries no fill; a fill's price, quantity and fee come from reports only.
    V7  ``find`` knows orders, algo orders and list legs alike, by client id; a failed read is Unreadable, never NotFound.
    V8  A client id is unique among open orders: a second open order under it is Rejected(duplicate=True).
    V9  ``cancel`` is idempotent; what is not open answers GONE. Cancelling one leg of an order list cancels the whole list.
    V10 ``snapshot`` lists every open order of every book, ours or not, and every position that is not flat.
    V11 A ``reduce_only`` or ``close_position`` order can never open or grow a position.
    V12 A stop whose trigger price is already through is Rejected(would_trigger=True).
    V13 Orders that break a filter are Rejected, never altered.
    V14 ``events`` starts with a StreamGap, and says StreamGap after every interruption.
    V15 ``now`` is the venue's clock as best known; it never goes back by more than a millisecond.
    """

    async def submit(self, submission: Submission, signed_at: Moment, recv_window: Duration) -> SubmitOutcome:
        """Send one order or list."""
        ...

    async def cancel(self, symbol: Symbol, client_order_id: ClientOrderId) -> Cancellation:
        """Cancel one order by our id."""
        ...

    async def find(self, symbol: Symbol, client_order_id: ClientOrderId) -> Found:
        """Read one order by our id: its state and all its fills."""
        ...

    async def snapshot(self) -> AccountSnapshot | Unreadable:
        """Read the account."""
        ...

    async def instruments(self) -> tuple[Instrument, ...] | Unreadable:
        """Read the rules of every symbol that may be traded."""
        ...

    def events(self) -> AsyncIterator[OrderReport | Balance | StreamGap]:
        """The user stream, for ever; reconnects by itself."""
        ...

    def now(self) -> Moment:
        """The venue's clock."""
        ...
