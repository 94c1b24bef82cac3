"""What can reach an exchange, and what it answers: values, so that a log of them is the exchange's whole life."""

from typing import TypeAlias

import attrs

from petrosa_core.execution import Accepted, Cancellation, OrderReport, Rejected
from petrosa_core.matching.refusal import Refusal
from petrosa_core.order import Submission
from petrosa_core.values import Balance, ClientOrderId, Duration, Moment, Quote, Symbol


@attrs.frozen(kw_only=True)
class Submit:
    """A signed request for an order or a list, arriving ``at``."""

    submission: Submission
    signed_at: Moment
    recv_window: Duration
    at: Moment


@attrs.frozen(kw_only=True)
class Cancel:
    """A request to cancel an order by its client id, or a list by its own or any leg's."""

    symbol: Symbol
    client_order_id: ClientOrderId
    at: Moment


@attrs.frozen
class Tick:
    """A new price; it arrives when it is from (``as_of``)."""

    quote: Quote


Input: TypeAlias = Submit | Cancel | Tick
Event: TypeAlias = OrderReport | Balance


@attrs.frozen(kw_only=True)
class Answer:
    """What the sender hears at once, and what the user stream tells. The answer itself never speaks of fills.

    ``order_id`` is the exchange's number of the order, or of the list.
    """

    refusal: Refusal | None
    order_id: str
    events: tuple[Event, ...]
    at: Moment

    @property
    def outcome(self) -> Accepted | Rejected:
        """The answer to a submission."""
        why = self.refusal
        if why is None:
            return Accepted(venue_order_id=self.order_id, at=self.at)
        return Rejected(
            code=why.code,
            message=why.message,
            at=self.at,
            duplicate=why.duplicate,
            would_trigger=why.would_trigger,
            retryable=why.retryable,
        )

    @property
    def cancellation(self) -> Cancellation:
        """The answer to a cancel."""
        return Cancellation.DONE if self.refusal is None else Cancellation.GONE
