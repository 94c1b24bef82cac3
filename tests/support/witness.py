"""What truly happened at the venue: seen where its reports are made, before any of them can be lost, repeated or reordered."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal

import attrs

from petrosa_core.execution import OrderReport, OrderStatus
from petrosa_core.ports import VenueEvent
from petrosa_core.values import ZERO, Duration, Instrument, Leg, Market, Moment, Symbol, leg_of


@attrs.define
class Naked:
    """A time in which something was held on a symbol that no live stop covered; ``until`` None: it still is."""

    symbol: Symbol
    since: Moment
    until: Moment | None = None

    def within(self, start: Moment, end: Moment) -> Duration:
        """How much of it lies between two moments."""
        return max(0, min(end, end if self.until is None else self.until) - max(start, self.since))


class Witness:
    """Every order of one account, what is held, and how long it stood without a stop."""

    def __init__(self, instruments: Iterable[Instrument]) -> None:
        """Nothing has happened yet."""
        self._instruments = {instrument.symbol: instrument for instrument in instruments}
        self.orders: dict[str, OrderReport] = {}
        """The last word on each order, by the venue's own number."""
        self.held: dict[Symbol, Decimal] = {}
        """Signed base units; on spot what was bought, less what was sold and paid in fees."""
        self.naked: list[Naked] = []
        self.flips: list[str] = []
        self.let_go: list[str] = []
        """Stops that were cancelled although what they covered was held."""

    def watch(
        self, then: Callable[[Sequence[VenueEvent]], Sequence[VenueEvent]]
    ) -> Callable[[Sequence[VenueEvent]], Sequence[VenueEvent]]:
        """Stand before whatever befalls the events."""

        def see(events: Sequence[VenueEvent]) -> Sequence[VenueEvent]:
            reports = [event for event in events if isinstance(event, OrderReport)]
            for report in reports:
                self._take(report)
            for symbol in {report.symbol for report in reports}:
                self._time(symbol, max(report.at for report in reports))
            return then(events)

        return see

    def _take(self, report: OrderReport) -> None:
        self.orders[report.venue_order_id] = report
        fill = report.fill
        if fill is None:
            return
        before = self.held.get(report.symbol, ZERO)
        instrument = self._instruments[report.symbol]
        after = before + report.side.sign * fill.quantity
        if instrument.market is Market.SPOT and fill.fee is not None and fill.fee.asset == instrument.base:
            after -= fill.fee.amount
        self.held[report.symbol] = after
        if before * after < ZERO:
            self.flips.append(f"{report.symbol} went from {before} to {after} by {report.client_order_id}")

    def _time(self, symbol: Symbol, now: Moment) -> None:
        current = next((span for span in self.naked if span.symbol == symbol and span.until is None), None)
        if self.uncovered(symbol) > ZERO:
            if current is None:
                self.naked.append(Naked(symbol, now))
                self.let_go.extend(self._cancelled_stops(symbol, now))
        elif current is not None:
            current.until = now

    def _cancelled_stops(self, symbol: Symbol, now: Moment) -> Iterator[str]:
        for order in self.orders.values():
            named = leg_of(order.client_order_id)
            is_stop = named is not None and named[1] is Leg.STOP
            if is_stop and order.status is OrderStatus.CANCELLED and (order.symbol, order.at) == (symbol, now):
                yield order.client_order_id

    def live(self, symbol: Symbol) -> list[OrderReport]:
        """Open orders, those that wait for their list's entry included."""
        return [order for order in self.orders.values() if order.symbol == symbol and order.status.is_open]

    def sellable(self, symbol: Symbol) -> Decimal:
        """What of the position the lot filters let go."""
        instrument = self._instruments[symbol]
        floored = instrument.floor_quantity(abs(self.held.get(symbol, ZERO)))
        return floored if floored >= instrument.quantity_min else ZERO

    def covered(self, symbol: Symbol) -> Decimal | None:
        """Base units that live stops cover; None when one covers whatever there is."""
        covered = ZERO
        for order in self.live(symbol):
            named = leg_of(order.client_order_id)
            if named is None or named[1] is not Leg.STOP or order.status is OrderStatus.PENDING:
                continue
            if order.quantity == ZERO:
                return None
            covered += order.quantity - order.executed
        return covered

    def uncovered(self, symbol: Symbol) -> Decimal:
        """Base units that are held, could be sold, and have no live stop."""
        covered = self.covered(symbol)
        return ZERO if covered is None else max(ZERO, self.sellable(symbol) - covered)

    def accepted(self, leg: Leg) -> dict[str, list[OrderReport]]:
        """Orders of one leg that the venue ever took in, by client id: more than one under an id was sent twice."""
        found: dict[str, list[OrderReport]] = {}
        for order in self.orders.values():
            named = leg_of(order.client_order_id)
            if named is not None and named[1] is leg:
                found.setdefault(order.client_order_id, []).append(order)
        return found
