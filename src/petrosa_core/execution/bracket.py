"""Where a trade stands, as one of five states; the dangerous one has a name, a deadline and an alarm."""

from decimal import Decimal
from typing import TypeAlias

import attrs

from petrosa_core.execution.trade import Trade
from petrosa_core.values import Moment


@attrs.frozen
class AwaitingEntry:
    """Nothing is held yet; the entry rests, or its outcome is unknown."""


@attrs.frozen
class Exposed:
    """Something is held that no resting stop covers."""

    since: Moment
    quantity: Decimal


@attrs.frozen
class Protected:
    """All that is held is covered by resting stops."""

    quantity: Decimal


@attrs.frozen
class Closing:
    """It is being left at the market; stops stay until nothing is held."""

    why: str
    quantity: Decimal
    covered: bool


@attrs.frozen
class Closed:
    """Nothing is held, and nothing may still live at the venue."""

    why: str


Bracket: TypeAlias = AwaitingEntry | Exposed | Protected | Closing | Closed


def bracket_of(trade: Trade) -> Bracket:
    """Read the state off the facts."""
    if trade.ended is not None:
        return Closed(trade.ended.why)
    if not trade.received:
        return AwaitingEntry()
    if trade.closing is not None:
        return Closing(trade.closing.why, trade.held, trade.is_covered)
    if trade.exposed_since is not None:
        return Exposed(trade.exposed_since, trade.held)
    return Protected(trade.held)
