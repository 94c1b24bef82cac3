"""A trading pit for tests: one symbol, round numbers, one line per move."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import count
from typing import Any

import attrs

from petrosa_core.execution import Fill, OrderReport, OrderStatus
from petrosa_core.matching import Answer, Cancel, Event, Exchange, Rules, Submit, Tick
from petrosa_core.order import ListKind, OrderList, Submission, TradeOrder
from petrosa_core.values import (
    SECOND,
    Amount,
    Balance,
    ClientOrderId,
    Instrument,
    Leg,
    Market,
    Moment,
    Money,
    OrderType,
    Price,
    Quantity,
    Quote,
    Ratio,
    Side,
    Symbol,
    TimeInForce,
)

BTC = Symbol("BTCUSDT")
NOON = Moment(1_787_313_600_000_000)
BUY, SELL = Side.BUY, Side.SELL
GTC, IOC, FOK, GTX = TimeInForce.GTC, TimeInForce.IOC, TimeInForce.FOK, TimeInForce.GTX


def an_instrument(market: Market, **changes: Any) -> Instrument:
    """Ticks of 0.1, steps of 0.001, at least 5 quote units; fees of 0.1 % on spot, 0.02 and 0.05 % on USD-M."""
    spot = market is Market.SPOT
    plain = Instrument(
        symbol=BTC,
        base="BTC",
        quote="USDT",
        market=market,
        tick=Decimal("0.1"),
        price_min=Decimal("0.1"),
        price_max=Decimal(1_000_000),
        step=Decimal("0.001"),
        quantity_min=Decimal("0.001"),
        quantity_max=Decimal(1000),
        market_quantity_max=Decimal(120),
        notional_min=Decimal(5),
        algo_orders_max=5,
        maker_fee=Ratio("0.001") if spot else Ratio("0.0002"),
        taker_fee=Ratio("0.001") if spot else Ratio("0.0005"),
    )
    return attrs.evolve(plain, **changes)


class Pit:
    """An exchange and its clock. Every move comes a millisecond after the one before."""

    def __init__(
        self,
        market: Market,
        *,
        balance: str = "10000",
        price: str | None = "100",
        rules: Rules | None = None,
        **changes: Any,
    ) -> None:
        """Open with a balance in USDT, and a price unless it is None; ``changes`` are to the instrument."""
        self.instrument = an_instrument(market, **changes)
        self.exchange = Exchange(
            market=market,
            instruments=[self.instrument],
            balance=Money(Amount(balance), "USDT"),
            rules=rules or Rules(),
        )
        self.now = NOON
        self._names = count(1)
        if price is not None:
            self.price(price)

    def tick(self) -> Moment:
        """Let a millisecond pass."""
        self.now = Moment(self.now + 1000)
        return self.now

    def price(
        self, bid: str, ask: str | None = None, mark: str | None = None, *, self_quoted: bool = False
    ) -> Sequence[Event]:
        """A new price: one number, or bid and ask, or with a mark of its own."""
        best = Price(ask or bid)
        quote = Quote(
            symbol=BTC, bid=Price(bid), ask=best, mark=Price(mark or bid), as_of=self.tick(), self_quoted=self_quoted
        )
        return self.exchange.apply(Tick(quote)).events

    def send(self, submission: Submission) -> Answer:
        """Send in time."""
        at = self.tick()
        return self.exchange.apply(Submit(submission=submission, signed_at=at, recv_window=5 * SECOND, at=at))

    def cancel(self, name: str, symbol: Symbol = BTC) -> Answer:
        """Cancel by client id."""
        return self.exchange.apply(Cancel(symbol=symbol, client_order_id=ClientOrderId(name), at=self.tick()))

    def order(self, side: Side, quantity: str | None, **changes: Any) -> TradeOrder:
        """A market order, or what the changes make of it."""
        plain: dict[str, Any] = {"client_order_id": ClientOrderId(f"id-{next(self._names)}")}
        texts = {key: Price(str(value)) for key, value in changes.items() if key in {"price", "trigger_price"}}
        return TradeOrder(
            **{
                "leg": Leg.ENTRY,
                "symbol": BTC,
                "side": side,
                "type": OrderType.MARKET,
                "quantity": None if quantity is None else Quantity(quantity),
                **plain,
                **changes,
                **texts,
            }
        )

    def limit(self, side: Side, quantity: str | None, price: str, tif: TimeInForce = GTC, **changes: Any) -> TradeOrder:
        """A limit order."""
        return self.order(side, quantity, type=OrderType.LIMIT, price=price, time_in_force=tif, **changes)

    def stop(self, side: Side, quantity: str | None, trigger: str, **changes: Any) -> TradeOrder:
        """A stop at the market."""
        return self.order(side, quantity, **{"type": OrderType.STOP, "trigger_price": trigger, **changes})

    def oco(self, quantity: str | None, target: str, stop: str, side: Side = SELL) -> OrderList:
        """A target above and a stop below, or mirrored for a buy."""
        return OrderList(
            client_order_id=ClientOrderId(f"list-{next(self._names)}"),
            kind=ListKind.OCO,
            working=None,
            target=self.limit(side, quantity, target, GTX),
            stop=self.stop(side, quantity, stop),
        )

    def bracket(
        self, kind: ListKind, entry: TradeOrder, target: str, stop: str, quantity: str | None = None
    ) -> OrderList:
        """An entry with both exits."""
        exits = self.oco(quantity, target, stop, entry.side.opposite)
        return attrs.evolve(exits, kind=kind, working=entry)

    # ------------------------------------------------------------ reading

    def status(self, order: TradeOrder) -> OrderStatus:
        """Where an order stands."""
        return self.report(order).status

    def report(self, order: TradeOrder) -> OrderReport:
        """The last word on an order."""
        found = self.exchange.find(order.symbol, order.client_order_id)
        assert found is not None, "it was sent"
        return found.report

    @property
    def amount(self) -> Decimal:
        """The position, or what is held of the base asset."""
        positions = self.exchange.snapshot(self.now).positions
        return positions[0].amount if positions else Decimal(0)

    @property
    def balance(self) -> Balance:
        """The balance in USDT."""
        return self.exchange.snapshot(self.now).balance


def reports(events: Sequence[Event]) -> list[OrderReport]:
    """Only what is said of orders."""
    return [event for event in events if isinstance(event, OrderReport)]


def fills(events: Sequence[Event]) -> list[Fill]:
    """Only the executions."""
    return [report.fill for report in reports(events) if report.fill]


def statuses(events: Sequence[Event]) -> list[str]:
    """What is said of orders, in short: leg and status."""
    return [f"{event.type.value} {event.status.value}" for event in reports(events)]
