"""Stages for the Venue contract: a venue, a clock that tests wind, and hands to move the market and cut the wire."""

import asyncio
from decimal import Decimal
from itertools import count
from typing import Any, Protocol

from petrosa_adapters.paper import Fate, Faults, PaperVenue, paper_instruments, quote_around
from petrosa_core.execution import OrderHistory, OrderReport, SubmitOutcome, VenuePosition
from petrosa_core.matching import Rules
from petrosa_core.order import Submission, TradeOrder
from petrosa_core.ports import Venue, VenueEvent
from petrosa_core.values import (
    SECOND,
    Amount,
    ClientOrderId,
    Duration,
    Instrument,
    Leg,
    Market,
    Moment,
    Money,
    OrderType,
    Price,
    Quantity,
    Side,
    Symbol,
    TimeInForce,
)

BTC = Symbol("BTCUSDT")
NOON = Moment(1_787_313_600_000_000)
WINDOW: Duration = 5 * SECOND


class WoundClock:
    """A Clock whose time passes only by being slept, or wound."""

    def __init__(self) -> None:
        """Begin at noon."""
        self._now = NOON

    def now(self) -> Moment:
        """The time here."""
        return self._now

    async def sleep(self, duration: Duration) -> None:
        """Let that much time pass, and everybody else run."""
        self.wind(duration)
        await asyncio.sleep(0)

    def wind(self, duration: Duration) -> None:
        """Let time pass, or go back."""
        self._now = Moment(self._now + duration)


class Stage(Protocol):
    """What a contract test needs around a venue: one symbol at 50000, 1000000 in the account."""

    market: Market
    clock: WoundClock

    @property
    def venue(self) -> Venue:
        """The venue on trial."""
        ...

    async def price(self, price: str) -> None:
        """Move the market."""
        ...

    async def settle(self) -> None:
        """Wait until everything that is under way has arrived."""
        ...

    def next_submit(self, fate: Fate) -> None:
        """Decide what happens to the next submission."""
        ...

    def fail_reads(self) -> None:
        """Leave every read unanswered from now on."""
        ...

    def break_stream(self) -> None:
        """Interrupt the user stream."""
        ...


class PaperStage:
    """The paper venue, in memory."""

    def __init__(self, market: Market) -> None:
        """Open it, with a price and depth for 4 coins at every price."""
        self.market = market
        self.clock = WoundClock()
        self._fates: list[Fate] = []
        self.faults = Faults(on_submit=lambda _: self._fates.pop(0) if self._fates else Fate())
        self.venue = PaperVenue.open(
            market=market,
            instruments=paper_instruments(market),
            balance=Money(Amount(1_000_000), "USDT"),
            clock=self.clock,
            rules=Rules(depth=Decimal(4)),
            faults=self.faults,
        )
        self._instrument: Instrument = paper_instruments(market)[0]

    async def price(self, price: str) -> None:
        """Move the market."""
        self.clock.wind(1000)
        self.venue.price(quote_around(self._instrument, Decimal(price), self.clock.now()))

    async def settle(self) -> None:
        """Let every task that can run do so."""
        for _ in range(10):
            await asyncio.sleep(0)

    def next_submit(self, fate: Fate) -> None:
        """Decide what happens to the next submission."""
        self._fates.append(fate)

    def fail_reads(self) -> None:
        """Leave every read unanswered from now on."""
        self.faults.on_read = lambda _: Fate(unanswered=True)

    def break_stream(self) -> None:
        """Interrupt the user stream."""
        self.venue.interrupt("the test has cut it")


class Client:
    """What a test says to a venue, and hears of it."""

    def __init__(self, stage: Stage) -> None:
        """Talk to the venue on the stage."""
        self.stage = stage
        self._names = count(1)
        self._heard: list[VenueEvent] = []
        self._listening = asyncio.ensure_future(self._listen())

    async def _listen(self) -> None:
        async for event in self.stage.venue.events():
            self._heard.append(event)

    async def close(self) -> None:
        """Stop listening."""
        self._listening.cancel()
        await asyncio.gather(self._listening, return_exceptions=True)

    async def send(self, submission: Submission, *, window: Duration = WINDOW) -> SubmitOutcome:
        """Submit, signed now."""
        return await self.stage.venue.submit(submission, self.stage.clock.now(), window)

    async def heard(self) -> list[VenueEvent]:
        """Everything that the stream has told since the last time."""
        await self.stage.settle()
        heard, self._heard = self._heard, []
        return heard

    async def reports(self) -> list[OrderReport]:
        """The same, orders only."""
        return [event for event in await self.heard() if isinstance(event, OrderReport)]

    def order(self, side: Side, quantity: str | None, **changes: Any) -> TradeOrder:
        """A market order, or what the changes make of it."""
        return TradeOrder(
            **{
                "client_order_id": ClientOrderId(f"contract-{next(self._names)}"),
                "leg": Leg.ENTRY,
                "symbol": BTC,
                "side": side,
                "type": OrderType.MARKET,
                "quantity": None if quantity is None else Quantity(quantity),
                **changes,
            }
        )

    def limit(self, side: Side, quantity: str, price: str, **changes: Any) -> TradeOrder:
        """A resting order."""
        priced = {"type": OrderType.LIMIT, "price": Price(price), "time_in_force": TimeInForce.GTC}
        return self.order(side, quantity, **{**priced, **changes})

    def stop(self, side: Side, quantity: str | None, trigger: str, **changes: Any) -> TradeOrder:
        """A stop at the market."""
        return self.order(side, quantity, type=OrderType.STOP, trigger_price=Price(trigger), **changes)

    async def history(self, order: TradeOrder) -> OrderHistory:
        """What the venue knows of an order that is there."""
        found = await self.stage.venue.find(order.symbol, order.client_order_id)
        assert isinstance(found, OrderHistory), found
        return found

    async def positions(self) -> dict[Symbol, VenuePosition]:
        """What is held."""
        snapshot = await self.stage.venue.snapshot()
        return {position.symbol: position for position in getattr(snapshot, "positions", ())}
