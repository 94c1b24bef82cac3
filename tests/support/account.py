"""One account stepped by hand: a book, an exchange, and all between the two that may be late, lost, doubled or reordered."""

from collections.abc import Iterable
from decimal import Decimal

import attrs
from tests.support.world import an_instrument

from petrosa_core.audit.entries import Entry
from petrosa_core.decision import PositionSizer, RiskPolicy
from petrosa_core.desk import Book, Command, Input, LookUp, Rules, Send, SendCancel, Stepped, apply, step
from petrosa_core.desk.inputs import (
    AccountLookedUp,
    BalanceTold,
    CancelSettled,
    InstrumentsLookedUp,
    OrderLookedUp,
    OrderTold,
    RequestSettled,
    TakenOver,
    Ticked,
)
from petrosa_core.desk.snapshot import book_digest
from petrosa_core.execution import AccountSnapshot, Cancellation, NotFound, OrderReport, SubmitOutcome, Unanswered
from petrosa_core.matching import Cancel, Event, Exchange, Submit, Tick
from petrosa_core.matching import Rules as ExchangeRules
from petrosa_core.order import OrderList
from petrosa_core.values import (
    SECOND,
    ZERO,
    AccountId,
    Amount,
    Duration,
    Leg,
    Market,
    Mode,
    Moment,
    Money,
    Price,
    Quote,
    SignalId,
    Symbol,
)

START = Moment(1_787_313_601_000_000)
SYMBOLS = (Symbol("ABCUSDT"), Symbol("XYZUSDT"))


class Account:
    """A book that is stepped twice and folded once more for every input, beside an exchange of its own.

    ``commands`` have not been carried out yet; ``mail`` has not been stepped yet. Who drives the account decides what becomes
    of either, and when.
    """

    def __init__(self, market: Market, *, depth: Decimal | None, one_per_symbol: bool) -> None:
        """Open the exchange at 100, take the account over, and read it."""
        instruments = [an_instrument(market, symbol=symbol, base=symbol[:3]) for symbol in SYMBOLS]
        self.market = market
        self.now = START
        self.exchange = Exchange(
            market=market,
            instruments=instruments,
            balance=Money(Amount(10_000), "USDT"),
            rules=ExchangeRules(depth=depth),
        )
        policy = RiskPolicy(one_trade_per_symbol=one_per_symbol)
        self.rules = Rules(policy=policy, sizer=PositionSizer())
        self.book, self.folded = Book(), Book()
        self.entries: list[Entry] = []
        self.commands: list[Command] = []
        self.mail: list[Input] = []
        self.sent_entries: list[str] = []
        self.before: AccountSnapshot | None = None
        for symbol in SYMBOLS:
            self.price(symbol, Decimal(100))
        at = self.now
        self.take(
            TakenOver(
                account=AccountId("default"),
                market=market,
                mode=Mode.SIMULATION,
                replica="r",
                build="b",
                settings="s",
                at=at,
                stamp=at,
            )
        )
        self.take(InstrumentsLookedUp(instruments=self.exchange.instruments, at=at, stamp=at))
        self.reconcile()

    # --- the book ----------------------------------------------------------------------------------------------------

    def take(self, given: Input, attend: tuple[SignalId, ...] = ()) -> Stepped:
        """Step an input, hold the step to its laws, and keep what it commands."""
        given = attrs.evolve(given, at=self.now, stamp=self.now)
        before = book_digest(self.book)
        tried = step(self.book, given, self.rules, attend)
        self.book.undo.undo()
        assert book_digest(self.book) == before, "undone is as before"
        stepped = step(self.book, given, self.rules, attend)
        assert stepped == tried, "the same book and input come to the same"
        self.book.undo.keep(len(self.book.undo))
        for entry in stepped.entries:
            apply(self.folded, entry)
        assert book_digest(self.folded) == book_digest(self.book), "the live book is the fold of its entries"
        self.entries.extend(stepped.entries)
        self.commands.extend(stepped.commands)
        return stepped

    def tick(self, passed: Duration) -> None:
        """Time goes by, and every trade is looked after."""
        self.now = Moment(self.now + passed)
        self.take(Ticked(at=self.now, stamp=self.now), tuple(self.book.trades))

    # --- the exchange ------------------------------------------------------------------------------------------------

    def price(self, symbol: Symbol, price: Decimal) -> None:
        """The market moves."""
        at = Price(price)
        self._hear(self.exchange.apply(Tick(Quote(symbol=symbol, bid=at, ask=at, mark=at, as_of=self.now))).events)

    def quote(self, symbol: Symbol) -> Quote:
        """The price as it is now."""
        quote = self.exchange.quote(symbol)
        assert quote is not None, "both symbols have a price"
        return attrs.evolve(quote, as_of=self.now)

    def carry_out(self, command: Command, *, arrives: bool = True, answered: bool = True) -> None:
        """Bring a command to the exchange; it, or its answer, may be lost on the way."""
        match command:
            case Send():
                outcome: SubmitOutcome = Unanswered(why="lost", at=self.now)
                self._note(command)
                if arrives:
                    answer = self.exchange.apply(
                        Submit(
                            submission=command.submission,
                            signed_at=command.signed_at,
                            recv_window=command.recv_window,
                            at=self.now,
                        )
                    )
                    self._hear(answer.events)
                    outcome = answer.outcome if answered else outcome
                self.mail.append(
                    RequestSettled(
                        signal_id=command.signal_id,
                        client_order_id=command.submission.client_order_id,
                        outcome=outcome,
                        at=self.now,
                        stamp=self.now,
                    )
                )
            case SendCancel():
                said = Cancellation.UNANSWERED
                if arrives:
                    gone = self.exchange.apply(
                        Cancel(symbol=command.symbol, client_order_id=command.client_order_id, at=self.now)
                    )
                    self._hear(gone.events)
                    said = gone.cancellation if answered else said
                self.mail.append(
                    CancelSettled(
                        signal_id=command.signal_id,
                        client_order_id=command.client_order_id,
                        answer=said,
                        at=self.now,
                        stamp=self.now,
                    )
                )
            case LookUp():
                self.look(command)

    def _note(self, command: Send) -> None:
        sent = command.submission
        working = sent.working if isinstance(sent, OrderList) else sent
        is_entry = working is not None and working.leg is Leg.ENTRY
        assert command.after_append is is_entry, "entries wait for their write-ahead, exits for nothing"
        if is_entry:
            self.sent_entries.append(command.signal_id)

    def look(self, command: LookUp) -> None:
        """Read one order."""
        found = self.exchange.find(command.symbol, command.client_order_id)
        self.mail.append(
            OrderLookedUp(
                signal_id=command.signal_id,
                client_order_id=command.client_order_id,
                found=found or NotFound(at=self.now),
                asked_at=self.now,
                at=self.now,
                stamp=self.now,
            )
        )

    def reconcile(self) -> None:
        """Read the account."""
        snapshot = self.exchange.snapshot(self.now)
        self.take(
            AccountLookedUp(snapshot=snapshot, before=self.before, asked_at=self.now, at=self.now, stamp=self.now)
        )
        self.before = snapshot

    def _hear(self, events: Iterable[Event]) -> None:
        for event in events:
            if isinstance(event, OrderReport):
                self.mail.append(OrderTold(report=event, at=self.now, stamp=self.now))
            else:
                self.mail.append(BalanceTold(balance=event, at=self.now, stamp=self.now))

    # --- rest --------------------------------------------------------------------------------------------------------

    def heal(self) -> None:
        """Nothing is lost any more, the market trades on, and time goes by until nothing is in question."""
        for second in range(90):
            for _ in range(20):
                commands, self.commands = self.commands, []
                mail, self.mail = self.mail, []
                for command in commands:
                    self.carry_out(command)
                for letter in mail:
                    self.take(letter)
                if not (self.commands or self.mail):
                    break
            self.tick(SECOND)
            for symbol in SYMBOLS:
                self.price(symbol, self.quote(symbol).mid)
            for trade in tuple(self.book.trades.values()):
                for order in trade.unresolved:
                    self.look(
                        LookUp(signal_id=trade.signal_id, symbol=trade.symbol, client_order_id=order.client_order_id)
                    )
            if second % 10 == 9:
                self.reconcile()

    def held(self, symbol: Symbol) -> Decimal:
        """Signed base units that the exchange has of a symbol."""
        positions = self.exchange.snapshot(self.now).positions
        return next((position.amount for position in positions if position.symbol == symbol), ZERO)
