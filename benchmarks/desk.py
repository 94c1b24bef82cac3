"""The pure machine without any shell: one account's desk, and trades whose whole story it is told."""

from decimal import Decimal

import attrs

from benchmarks.signals import SAID_AT, body
from petrosa_adapters.paper import paper_instruments
from petrosa_adapters.wire.signals import read_signal
from petrosa_core.audit.entries import Entry
from petrosa_core.decision import PositionSizer, RiskPolicy
from petrosa_core.decision.limits import Limits
from petrosa_core.desk import Arrival, Book, Input, Rules, Send, Stepped, step
from petrosa_core.desk.inputs import (
    BalanceTold,
    InstrumentsLookedUp,
    OrderTold,
    RequestSettled,
    SignalArrived,
    TakenOver,
)
from petrosa_core.execution import Accepted, Fill, OrderReport, OrderStatus
from petrosa_core.order import TradeOrder
from petrosa_core.signal import Signal
from petrosa_core.values import (
    MILLISECOND,
    SECOND,
    AccountId,
    Amount,
    Balance,
    Instrument,
    Market,
    Mode,
    Moment,
    Money,
    Price,
    Quantity,
    Quote,
    Ratio,
    SignalId,
    Symbol,
)

ACCOUNT = AccountId("default")
AT = Moment(SAID_AT + SECOND)
MARK = Price("3055.35")
_ASK = Price("3055.36")
ETHER = Symbol("ETHUSDT")
_VENUE_TIME = Moment(AT + MILLISECOND)
_ANY = 10**9


def roomy_rules(*, one_trade_per_symbol: bool = True) -> Rules:
    """Every check is made, and none of the limits is in the way of thousands of trades."""
    wide = {
        "open_trades_max": _ANY,
        "entries_per_minute": _ANY,
        "entries_per_day": _ANY,
        "exposure_max": Ratio(_ANY),
        "symbol_exposure_max": Ratio(_ANY),
    }
    policy = RiskPolicy(**wide, hard=Limits(**wide), one_trade_per_symbol=one_trade_per_symbol)  # type: ignore[arg-type]
    return Rules(policy=policy, sizer=PositionSizer())


def ethers(count: int) -> tuple[Instrument, ...]:
    """ETHUSDT, and so many symbols of the same rules: each can have a trade of its own, as the engine wants it by default."""
    (ether,) = (instrument for instrument in paper_instruments(Market.USDM) if instrument.symbol == ETHER)
    return (
        ether,
        *(attrs.evolve(ether, symbol=twin(index), orders_max=_ANY, algo_orders_max=_ANY) for index in range(count)),
    )


def twin(index: int) -> Symbol:
    """The name of one of them."""
    return Symbol(f"ETH{index:06d}USDT")


class Desk:
    """A book, and what reaches it."""

    def __init__(self, symbols: int) -> None:
        """Open the account, with a balance, and the rules of so many symbols besides ETHUSDT."""
        self.book = Book()
        self.rules = roomy_rules()
        balance = Balance(asset="USDT", free=Amount(_ANY), equity=Amount(_ANY), as_of=AT)
        self.told = 0
        self.entries: list[Entry] = []
        """Everything written down so far, for whoever needs a journal of it."""
        for given in (
            TakenOver(
                account=ACCOUNT,
                market=Market.USDM,
                mode=Mode.SIMULATION,
                replica="benchmark",
                build="",
                settings="",
                at=AT,
                stamp=AT,
            ),
            InstrumentsLookedUp(instruments=ethers(symbols), at=AT, stamp=AT),
            BalanceTold(balance=balance, at=AT, stamp=AT),
        ):
            self._step(given)

    def _step(self, given: Input) -> Stepped:
        stepped = step(self.book, given, self.rules)
        self.entries += stepped.entries
        return stepped

    def decide(self, message: bytes) -> Stepped:
        """Read one body and judge it; the first entries of its story, written down in the book."""
        signal = read_signal(message, received_at=AT, fallback="0")
        assert isinstance(signal, Signal), signal
        arrival = Arrival(transport="nats", message_id="0", received_at=AT)
        quote = Quote(symbol=signal.symbol, bid=MARK, ask=_ASK, mark=MARK, as_of=AT)
        return step(self.book, SignalArrived(signal=signal, arrival=arrival, quote=quote, at=AT, stamp=AT), self.rules)

    def forget(self) -> None:
        """Take back every step since the last ``open_trade``."""
        self.book.undo.undo()

    def open_trade(self, name: str, symbol: Symbol) -> SignalId:
        """A trade's whole story until it is protected: signal, entry, fill, stop, target."""
        stepped = self.decide(body(name, symbol=symbol))
        self.entries += stepped.entries
        (command,) = stepped.commands
        assert isinstance(command, Send), stepped
        order = command.submission
        assert isinstance(order, TradeOrder), "USD-M entries are plain orders"
        signal_id = command.signal_id
        self._accept(signal_id, order, name)
        stepped = self._step(OrderTold(report=_filled(order, name), at=AT, stamp=AT))
        self._tell_balance()
        while stepped.commands:
            (command,) = stepped.commands
            assert isinstance(command, Send), stepped
            assert isinstance(command.submission, TradeOrder), "USD-M exits are plain orders"
            stepped = self._accept(signal_id, command.submission, name)
        self.book.undo.keep(len(self.book.undo))
        return signal_id

    def _tell_balance(self) -> None:
        """As an exchange does with every fill."""
        self.told += 1
        at = Moment(_VENUE_TIME + self.told)
        balance = Balance(asset="USDT", free=Amount(_ANY - self.told), equity=Amount(_ANY), as_of=at)
        self._step(BalanceTold(balance=balance, at=AT, stamp=AT))

    def _accept(self, signal_id: SignalId, order: TradeOrder, name: str) -> Stepped:
        outcome = Accepted(venue_order_id=f"{order.leg}{name}", at=_VENUE_TIME)
        return self._step(
            RequestSettled(signal_id=signal_id, client_order_id=order.client_order_id, outcome=outcome, at=AT, stamp=AT)
        )

    def stop_out(self, signal_id: SignalId, name: str) -> None:
        """The trade's stop fires, its target is cancelled, and the trade ends."""
        trade = self.book.trades[signal_id]
        stop, target = trade.orders[1:]
        self._step(OrderTold(report=_filled(stop.order, name, trade.held), at=AT, stamp=AT))
        self._tell_balance()
        cancelled = attrs.evolve(_filled(target.order, name, trade.held), status=OrderStatus.CANCELLED)
        self._step(OrderTold(report=attrs.evolve(cancelled, executed=Decimal(0), fill=None), at=AT, stamp=AT))
        assert signal_id not in self.book.trades, "it has ended"
        self.book.undo.keep(len(self.book.undo))


def _filled(order: TradeOrder, name: str, held: Decimal | None = None) -> OrderReport:
    quantity = order.quantity or held
    assert quantity is not None, "somebody knows how much"
    price = order.price or order.trigger_price
    assert price is not None, "limits and stops have prices"
    fill = Fill(
        trade_id=f"{order.leg}{name}",
        price=Price(price),
        quantity=Quantity(quantity),
        fee=Money(Amount("0.0244428"), "USDT"),
        at=_VENUE_TIME,
    )
    return OrderReport(
        client_order_id=order.client_order_id,
        symbol=order.symbol,
        side=order.side,
        type=order.type,
        status=OrderStatus.FILLED,
        quantity=quantity,
        price=order.price,
        trigger_price=order.trigger_price,
        executed=quantity,
        cost=quantity * price,
        venue_order_id=f"{order.leg}{name}",
        created_at=_VENUE_TIME,
        at=_VENUE_TIME,
        fill=fill,
    )
