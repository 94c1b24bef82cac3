"""Laws of the exchange, held after every step of whatever a client and a market may do."""

from decimal import Decimal
from typing import Any

import attrs
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from petrosa_core.audit import decode, encode
from petrosa_core.execution import Fill, OrderReport, OrderStatus
from petrosa_core.matching import (
    Answer,
    Cancel,
    Event,
    Exchange,
    ExchangeState,
    Input,
    MarginAccount,
    Rules,
    SpotAccount,
    Submit,
    Tick,
)
from petrosa_core.order import ListKind, OrderList, Submission, TradeOrder
from petrosa_core.values import (
    SECOND,
    Amount,
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
DEPOSIT = Decimal(5000)

# Few prices and sizes, so that orders meet; odd thirds and fees, so that roundings would show.
prices = st.integers(80, 120).map(lambda tens: Decimal(tens) + Decimal("0.1"))
sizes = st.sampled_from(["0.3", "1", "1.7", "7", "20"]).map(Quantity)
sides = st.sampled_from(Side)
tifs = st.sampled_from(TimeInForce)


def an_instrument(market: Market) -> Instrument:
    """Wide open filters: what passes them is what the laws are about."""
    return Instrument(
        symbol=BTC,
        base="BTC",
        quote="USDT",
        market=market,
        tick=Decimal("0.1"),
        step=Decimal("0.1"),
        quantity_min=Decimal("0.1"),
        quantity_max=Decimal(100),
        orders_max=50,
        algo_orders_max=20,
        maker_fee=Ratio("0.0002"),
        taker_fee=Ratio("0.0007"),
    )


class Trading(RuleBasedStateMachine):
    """Any inputs in any order, on either market, with any depth."""

    @initialize(
        market=st.sampled_from(Market),
        depth=st.sampled_from([None, Decimal(1), Decimal(5)]),
        leverage=st.sampled_from([Decimal(1), Decimal(3)]),
        expire=st.booleans(),
    )
    def open(self, market: Market, depth: Decimal | None, leverage: Decimal, expire: bool) -> None:
        """A new exchange at a price of 100.1."""
        self.rules_ = Rules(
            depth=depth, leverage=leverage, closing_orders_expire=expire, maintenance=Ratio("0.02"), history=1000
        )
        self.market = market
        self.exchange = Exchange(
            market=market,
            instruments=[an_instrument(market)],
            balance=Money(Amount(DEPOSIT), "USDT"),
            rules=self.rules_,
        )
        self.now = 1_787_313_600_000_000
        self.names = 0
        self.sent: list[ClientOrderId] = []
        self.last: dict[str, OrderReport] = {}
        self.fills: list[tuple[Side, Fill]] = []
        self.inputs: list[Input] = []
        self.told: list[Event] = []
        self.apply(Tick(self.quote(Decimal("100.1"), 0)))

    # ------------------------------------------------------------ moves

    def apply(self, step: Input) -> Answer:
        """Take one input, and hear what is told."""
        before = self.amount
        self.inputs.append(step)
        answer = self.exchange.apply(step)
        self.told.extend(answer.events)
        for event in answer.events:
            if isinstance(event, OrderReport):
                self.hear(event)
        if isinstance(step, Submit) and isinstance(step.submission, TradeOrder) and step.submission.reduces:
            assert abs(self.amount) <= abs(before), "what only reduces grew a position"
            assert self.amount * before >= 0, "what only reduces turned a position"
        return answer

    def hear(self, report: OrderReport) -> None:
        """One report: laws between it and the one before it on the same order."""
        before = self.last.get(report.venue_order_id)
        if before is None:
            assert report.status in {OrderStatus.NEW, OrderStatus.PENDING}, "the first word is NEW"
            assert report.executed == 0
        else:
            assert before.status.is_open, "done is done"
            assert report.executed >= before.executed, "executed never falls"
            assert (report.executed - before.executed) == (report.fill.quantity if report.fill else 0)
        assert (report.executed == report.quantity) == (report.status is OrderStatus.FILLED) or report.quantity == 0
        if report.fill:
            self.fills.append((report.side, report.fill))
            limit = report.price
            if limit is not None:
                assert (report.fill.price - limit) * report.side.sign <= 0, "nobody trades beyond the limit"
        self.last[report.venue_order_id] = report

    def quote(self, mid: Decimal, half_spread: int, mark: Decimal | None = None) -> Quote:
        """A price now."""
        self.now += 1000
        room = Decimal(half_spread) / 10
        return Quote(
            symbol=BTC, bid=Price(mid - room), ask=Price(mid + room), mark=Price(mark or mid), as_of=Moment(self.now)
        )

    def name(self) -> ClientOrderId:
        """A new client id."""
        self.names += 1
        return ClientOrderId(f"order-{self.names}")

    def order(self, side: Side, quantity: Quantity | None, kind: OrderType, **more: Any) -> TradeOrder:
        """An order under a new id."""
        return TradeOrder(
            client_order_id=self.name(), leg=Leg.ENTRY, symbol=BTC, side=side, type=kind, quantity=quantity, **more
        )

    def send(self, submission: Submission) -> None:
        """Send in time; a refusal is an answer too."""
        self.now += 1000
        at = Moment(self.now)
        answer = self.apply(Submit(submission=submission, signed_at=at, recv_window=5 * SECOND, at=at))
        if answer.refusal is None:
            orders = submission.orders if isinstance(submission, OrderList) else (submission,)
            self.sent.extend(order.client_order_id for order in orders)

    @rule(mid=prices, half_spread=st.integers(0, 3))
    def the_price_moves(self, mid: Decimal, half_spread: int) -> None:
        """A feed's price."""
        self.apply(Tick(self.quote(mid, half_spread)))

    @rule(mid=st.sampled_from([Decimal("55.1"), Decimal("64.1"), Decimal("140.1")]))
    def the_price_jumps(self, mid: Decimal) -> None:
        """Far enough to use up a margin."""
        self.apply(Tick(self.quote(mid, 1)))

    @rule(mid=prices, mark=prices)
    def the_mark_differs(self, mid: Decimal, mark: Decimal) -> None:
        """A feed's price with a mark of its own."""
        self.apply(Tick(self.quote(mid, 1, mark)))

    @rule(mid=prices)
    def a_self_quoted_price_comes(self, mid: Decimal) -> None:
        """It fills and wakes nothing that is there."""
        answer = self.apply(Tick(attrs.evolve(self.quote(mid, 0), self_quoted=True)))

        assert answer.events == ()

    @rule(side=sides, quantity=sizes, reduce_only=st.booleans())
    def a_market_order_comes(self, side: Side, quantity: Quantity, reduce_only: bool) -> None:
        """At any price."""
        self.send(self.order(side, quantity, OrderType.MARKET, reduce_only=reduce_only))

    @rule(side=sides, quantity=sizes, price=prices, tif=tifs, reduce_only=st.booleans())
    def a_limit_order_comes(
        self, side: Side, quantity: Quantity, price: Decimal, tif: TimeInForce, reduce_only: bool
    ) -> None:
        """Resting or not."""
        more = {"price": Price(price), "time_in_force": tif, "reduce_only": reduce_only}
        self.send(self.order(side, quantity, OrderType.LIMIT, **more))

    @rule(
        side=sides,
        quantity=sizes,
        trigger=prices,
        limit=prices,
        kind=st.sampled_from([kind for kind in OrderType if kind.has_trigger]),
        flags=st.sampled_from([{}, {"reduce_only": True}, {"on_mark": True}, {"reduce_only": True, "on_mark": True}]),
    )
    def a_conditional_order_comes(
        self,
        *,
        side: Side,
        quantity: Quantity,
        trigger: Decimal,
        limit: Decimal,
        kind: OrderType,
        flags: dict[str, bool],
    ) -> None:
        """Any of the four."""
        priced: dict[str, Any] = {"price": Price(limit), "time_in_force": TimeInForce.GTC} if kind.has_price else {}
        self.send(self.order(side, quantity, kind, trigger_price=Price(trigger), **priced, **flags))

    @rule(side=sides, trigger=prices, kind=st.sampled_from([OrderType.STOP, OrderType.TAKE_PROFIT]))
    def a_closing_order_comes(self, side: Side, trigger: Decimal, kind: OrderType) -> None:
        """For whatever the position is."""
        self.send(self.order(side, None, kind, trigger_price=Price(trigger), close_position=True))

    @rule(
        kind=st.sampled_from(ListKind),
        entry=prices,
        tif=tifs,
        quantity=sizes,
        above=prices,
        below=prices,
        side=sides,
    )
    def a_list_comes(
        self,
        *,
        kind: ListKind,
        entry: Decimal,
        tif: TimeInForce,
        quantity: Quantity,
        above: Decimal,
        below: Decimal,
        side: Side,
    ) -> None:
        """Any of the three, on USD-M in vain."""
        size = None if kind is ListKind.OPOCO else quantity
        target, stop = (above, below) if side is Side.SELL else (below, above)
        gtx = TimeInForce.GTX
        working = self.order(side.opposite, quantity, OrderType.LIMIT, price=Price(entry), time_in_force=tif)
        self.send(
            OrderList(
                client_order_id=self.name(),
                kind=kind,
                working=None if kind is ListKind.OCO else working,
                target=self.order(side, size, OrderType.LIMIT, price=Price(target), time_in_force=gtx),
                stop=self.order(side, size, OrderType.STOP, trigger_price=Price(stop)),
            )
        )

    @precondition(lambda self: self.market is Market.SPOT)
    @rule(kind=st.sampled_from(ListKind), quantity=sizes, room=st.integers(1, 9), tif=tifs, short=st.booleans())
    def a_sensible_list_comes(
        self, *, kind: ListKind, quantity: Quantity, room: int, tif: TimeInForce, short: bool
    ) -> None:
        """Exits on both sides of the price, as large as the entry or, when ``short``, a step smaller."""
        quote = self.exchange.quote(BTC)
        assert quote is not None
        size = None if kind is ListKind.OPOCO else Quantity(max(quantity - short * Decimal("0.1"), Decimal("0.1")))
        above, below = Price(quote.ask + room), Price(quote.bid - room)
        entry = Price(quote.bid if tif is TimeInForce.GTX else quote.ask)
        working = self.order(Side.BUY, quantity, OrderType.LIMIT, price=entry, time_in_force=tif)
        self.send(
            OrderList(
                client_order_id=self.name(),
                kind=kind,
                working=None if kind is ListKind.OCO else working,
                target=self.order(Side.SELL, size, OrderType.LIMIT, price=above, time_in_force=TimeInForce.GTX),
                stop=self.order(Side.SELL, size, OrderType.STOP, trigger_price=below),
            )
        )

    @precondition(lambda self: self.sent)
    @rule(data=st.data())
    def a_cancel_comes(self, data: st.DataObject) -> None:
        """Of anything that was ever accepted."""
        name = data.draw(st.sampled_from(self.sent))
        self.now += 1000
        self.apply(Cancel(symbol=BTC, client_order_id=name, at=Moment(self.now)))

    @rule()
    def it_is_written_and_read(self) -> None:
        """A restart in between is not noticed."""
        written = encode(self.exchange.state())
        self.exchange = Exchange.restore(
            decode(written, ExchangeState), instruments=[an_instrument(self.market)], rules=self.rules_
        )

        assert encode(self.exchange.state()) == written

    # ------------------------------------------------------------ laws

    @property
    def amount(self) -> Decimal:
        """What the exchange says is held."""
        return sum((position.amount for position in self.exchange.snapshot(Moment(self.now)).positions), Decimal(0))

    def fees(self, asset: str) -> Decimal:
        """What was paid in one asset."""
        paid = (fill.fee.amount for _, fill in self.fills if fill.fee and fill.fee.asset == asset)
        return sum(paid, Decimal(0))

    @invariant()
    def positions_are_the_sum_of_fills(self) -> None:
        """Base units in, base units out, less fees paid in them."""
        traded = sum((side.sign * fill.quantity for side, fill in self.fills), Decimal(0))

        assert self.amount == traded - self.fees("BTC")

    @invariant()
    def nothing_appears_from_nowhere(self) -> None:
        """Every quote unit is accounted for by the deposit, the fills and the fees, exactly."""
        spent = sum((side.sign * fill.price * fill.quantity for side, fill in self.fills), Decimal(0))
        account = self.exchange.state().account
        if isinstance(account, SpotAccount):
            assert account.totals["USDT"] == DEPOSIT - spent - self.fees("USDT")
        else:
            open_cost = sum(held.sign * held.cost for held in account.positions_by_symbol.values())
            assert account.wallet == DEPOSIT - spent - self.fees("USDT") + open_cost

    @invariant()
    def what_is_locked_is_there(self) -> None:
        """Locks and margins are never negative, add up, and on spot never exceed what is held."""
        account = self.exchange.state().account
        if isinstance(account, SpotAccount):
            for asset, locked in account.locked.items():
                assert 0 <= locked <= account.totals.get(asset, 0)
                assert locked == sum(hold.amount for hold in account.holds.values() if hold.asset == asset)
        else:
            assert account.held == sum(account.holds.values()) >= 0
            assert account.margin == sum(held.margin for held in account.positions_by_symbol.values()) >= 0
            assert all(held.margin > 0 and held.cost > 0 for held in account.positions_by_symbol.values())

    @invariant()
    def only_open_orders_hold_anything(self) -> None:
        """Without open orders nothing is locked."""
        state = self.exchange.state()
        if not state.open:
            assert not state.account.holds
            assert not state.lists
            if isinstance(state.account, MarginAccount):
                assert state.account.held == 0

    @invariant()
    def open_orders_are_what_was_told(self) -> None:
        """The open orders are those whose last report says so, under ids that are unique."""
        open_orders = self.exchange.snapshot(Moment(self.now)).open_orders
        names = [report.client_order_id for report in open_orders]

        assert len(set(names)) == len(names)
        assert {report.venue_order_id: report for report in open_orders} == {
            number: report_of(report) for number, report in self.last.items() if report.status.is_open
        }

    def teardown(self) -> None:
        """The same inputs in another exchange tell the same: nothing depends on anything else."""
        if not hasattr(self, "inputs"):
            return
        other = Exchange(
            market=self.market,
            instruments=[an_instrument(self.market)],
            balance=Money(Amount(DEPOSIT), "USDT"),
            rules=self.rules_,
        )
        told = [event for step in self.inputs for event in other.apply(step).events]

        assert told == self.told
        assert encode(other.state()) == encode(self.exchange.state())


def report_of(report: OrderReport) -> OrderReport:
    """A report as it reads when asked for, which names no single execution."""
    return attrs.evolve(report, fill=None)


TestTrading = Trading.TestCase
TestTrading.settings = settings(stateful_step_count=40)
