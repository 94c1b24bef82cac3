"""The trade engine of one account: the machine of the desk, its pen, and its hands at the venue.

A signal's way: judged and written down with the whole plan, durable, sent once, heard of, protected, closed, proven.
"""

from collections.abc import AsyncIterator, Mapping, Sequence

import attrs

from petrosa_core.application.announcing import alarm, announce
from petrosa_core.application.api import Answer, Event, NotReady, Readiness
from petrosa_core.application.attention import Attention
from petrosa_core.application.broadcast import Broadcast
from petrosa_core.application.carrier import Carrier
from petrosa_core.application.chores import Chores
from petrosa_core.application.pace import Pace
from petrosa_core.application.recovery import Recovery
from petrosa_core.application.writer import StoodDown, Writer
from petrosa_core.audit import Head
from petrosa_core.audit.entries import Alarmed, Entry
from petrosa_core.decision import TradingState
from petrosa_core.desk import Arrival, Book, Command, Done, Input, Plain, Refused, Rules, Verdict
from petrosa_core.desk.inputs import (
    BrokenArrived,
    CancelAsked,
    CloseAsked,
    SignalArrived,
    StateAsked,
    Ticked,
)
from petrosa_core.execution import OrderState
from petrosa_core.ports import Journal, MarketData, Notifier, Runtime, Venue
from petrosa_core.signal import Action, Signal, Undecodable
from petrosa_core.values import (
    MILLISECOND,
    SECOND,
    AccountId,
    Duration,
    Market,
    Mode,
    Moment,
    Quantity,
    Quote,
    SignalId,
    Symbol,
)

_STORE_UNAVAILABLE = "STORE_UNAVAILABLE"


@attrs.frozen(kw_only=True)
class Identity:
    """Whose engine this is, and which: the digests tell one build and one set of settings from another."""

    account: AccountId
    market: Market
    mode: Mode
    replica: str
    build: str = "unknown"
    settings: str = "unknown"


class TradeEngine:
    """Judges signals and looks after what they caused. All its inputs go through one writer, one after another."""

    def __init__(
        self,
        *,
        identity: Identity,
        journal: Journal,
        venue: Venue,
        market_data: MarketData,
        runtime: Runtime,
        notifier: Notifier,
        rules: Rules,
        pace: Pace | None = None,
    ) -> None:
        """Nothing happens before ``start``."""
        self.identity = identity
        self.pace = pace or Pace()
        self.journal = journal
        self._venue = venue
        self._market_data = market_data
        self._runtime = runtime
        self._notifier = notifier
        self._rules = rules
        self._attention = Attention()
        self._broadcast = Broadcast(runtime, journal)
        self._writer = Writer(
            journal=journal,
            runtime=runtime,
            rules=attrs.evolve(rules, caring=False),
            replica=identity.replica,
            reader=self,
        )
        self._chores = Chores(
            venue=venue,
            runtime=runtime,
            notifier=notifier,
            writer=self._writer,
            attention=self._attention,
            pace=self.pace,
            post=self.post,
        )
        self._carrier = Carrier(
            venue=venue, runtime=runtime, book=lambda: self.book, post=self.post, doubt=self._chores.read_soon
        )
        self._folded = False
        self._reconciled = False
        self._stopping = False
        self.started_at = runtime.now()

    # --- what it is ------------------------------------------------------------------------------------------------

    @property
    def book(self) -> Book:
        """The account as stepped so far; what is not durable yet may still be undone."""
        return self._writer.book

    @property
    def head(self) -> Head:
        """The newest frame."""
        return self._writer.head

    @property
    def stood_down(self) -> bool:
        """Whether another replica has taken over."""
        return self._writer.stood_down

    def unhealthy(self) -> tuple[str, ...]:
        """Why no entry may be taken, in words; empty when all is well."""
        troubles = []
        if self._writer.trouble is not None:
            troubles.append(f"the journal does not take writes: {self._writer.trouble}")
        if self._writer.stood_down:
            troubles.append("another replica leads this account")
        if not self._reconciled:
            troubles.append("not reconciled with the venue yet")
        if self._stopping:
            troubles.append("shutting down")
        return tuple(troubles)

    # --- life ------------------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Fold the journal, take over, ask the venue, protect what is held, then open the gate.

        Raises JournalMismatch when the journal belongs to another account, market or mode, JournalBroken when it is not what
        was written, and StoodDown when another replica takes over meanwhile.
        """
        recovery = Recovery(
            identity=self.identity,
            writer=self._writer,
            venue=self._venue,
            runtime=self._runtime,
            carrier=self._carrier,
        )
        await recovery.fold()
        self._folded = True
        self._runtime.spawn("writer", self._writer.run())
        self._runtime.spawn("venue events", self._chores.hear())
        taken_over_at = self._runtime.now()
        self._chores.snapshot = await recovery.ask_the_venue()
        self._writer.rules = attrs.evolve(self._rules, caring_since=taken_over_at)
        self._reconciled = True
        self.rebased()
        for name, work in self._chores.loops().items():
            self._runtime.spawn(name, work())

    async def stop(self) -> None:
        """Take nothing more in, and wait until what was taken in is durable. Stops stay where they are."""
        self._stopping = True
        await self._writer.settle()

    # --- inputs ----------------------------------------------------------------------------------------------------

    def post(self, given: Input) -> None:
        """Step an input that nobody waits for."""
        if not self._writer.stood_down:
            self._writer.post(given)

    async def receive(self, message: Signal | Undecodable, arrival: Arrival) -> Verdict | NotReady:
        """Judge one message and record the verdict."""
        closed = self._closed()
        if closed is not None and not self._leaves_now(message, closed):
            return closed
        at, stamp = self._runtime.now(), self._venue.now()
        given: Input
        if isinstance(message, Undecodable):
            given = BrokenArrived(message=message, arrival=arrival, at=at, stamp=stamp)
        else:
            given = SignalArrived(
                signal=message,
                arrival=arrival,
                quote=self._quote(message),
                unhealthy=self.unhealthy(),
                at=at,
                stamp=stamp,
            )
        if closed is not None:
            self.post(given)
            return closed
        answer = await self._ask(given)
        assert isinstance(answer, Verdict | NotReady), "messages are answered with verdicts"
        return answer

    def _leaves_now(self, message: Signal | Undecodable, closed: NotReady) -> bool:
        """Whether it can only reduce: no store stands in its way. It is answered once it stands, when it comes again."""
        if closed.code != _STORE_UNAVAILABLE or isinstance(message, Undecodable):
            return False
        return message.action is Action.CLOSE or (
            message.action is Action.SELL and self.identity.market is Market.SPOT  # it closes a holding, or is denied
        )

    def _quote(self, signal: Signal) -> Quote | None:
        if signal.action in {Action.HOLD, Action.CLOSE}:
            return self._market_data.quote(signal.symbol)
        return self._market_data.suggest(signal.symbol, signal.current_price)

    def _closed(self) -> NotReady | None:
        """Why a message cannot even be recorded; what can be recorded is judged, and denied when unhealthy."""
        code = message = None
        if self._stopping:
            code, message = "SHUTTING_DOWN", "the engine is shutting down"
        elif self._writer.stood_down:
            code, message = "NOT_LEADING", "another replica leads this account"
        elif self._writer.trouble is not None:
            code, message = _STORE_UNAVAILABLE, "the journal does not take writes"
        elif not self._reconciled:
            code, message = "RECONCILING", "not reconciled with the venue yet"
        if code is None or message is None:
            return None
        return NotReady(code=code, message=message, retry_after=2 * SECOND)

    async def _ask(self, given: Input) -> Verdict | Done | Refused | NotReady:
        """Step an input and wait for its record, but not for ever."""
        late = NotReady(
            code=_STORE_UNAVAILABLE,
            message="the verdict is not durable yet; send it again to learn it",
            retry_after=2 * SECOND,
        )
        if not self._folded:
            # What is stepped on half a book is stepped on no book at all.
            return NotReady(code="RECONCILING", message="the journal is being read", retry_after=SECOND)
        try:
            ticket, batch = self._writer.post(given)
            if batch is not None and not await self._runtime.first(batch.done.wait(), within=self.pace.answer):
                return late
            if batch is not None and batch.failed:
                raise StoodDown
        except StoodDown:
            return NotReady(code="NOT_LEADING", message="another replica leads this account", retry_after=2 * SECOND)
        answer = ticket.answer
        assert answer is not None, "who asks is answered"
        return answer

    async def set_state(self, state: TradingState, *, actor: str, reason: str, admin: bool) -> Answer:
        """Tighten (anyone with trade scope) or loosen (admin, with a reason) the trading state."""
        at, stamp = self._runtime.now(), self._venue.now()
        return self._control(
            await self._ask(StateAsked(state=state, actor=actor, reason=reason, admin=admin, at=at, stamp=stamp))
        )

    async def close_trade(self, trade_id: SignalId, *, quantity: Quantity | None, actor: str, reason: str) -> Answer:
        """Close a trade, or at most so much of it."""
        at, stamp = self._runtime.now(), self._venue.now()
        return self._control(
            await self._ask(
                CloseAsked(signal_id=trade_id, quantity=quantity, actor=actor, reason=reason, at=at, stamp=stamp)
            )
        )

    async def cancel_order(self, symbol: Symbol, order_id: str, *, actor: str, reason: str) -> Answer:
        """Cancel one of our orders."""
        at, stamp = self._runtime.now(), self._venue.now()
        return self._control(
            await self._ask(
                CancelAsked(symbol=symbol, order_id=order_id, actor=actor, reason=reason, at=at, stamp=stamp)
            )
        )

    @staticmethod
    def _control(answer: Verdict | Done | Refused | NotReady) -> Answer:
        assert not isinstance(answer, Verdict), "controls are answered with Done or Refused"
        return answer

    async def settled(self, trade_id: SignalId, within: Duration) -> bool:
        """Wait until the trade's entry is filled, over, or surely at rest; False when the time ran out first."""
        deadline = self._runtime.now() + within
        rests_at: Moment | None = None
        while (now := self._runtime.now()) < deadline:
            trade = self.book.trade(trade_id)
            if trade is None or trade.entry.state.is_over:
                return True
            if trade.entry.state.is_open:
                rests_at = rests_at or now
                if now - rests_at >= self.pace.fill_grace:
                    return True
            patience = deadline if rests_at is None else min(deadline, rests_at + self.pace.fill_grace)
            await self._broadcast.changed(trade_id, within=max(MILLISECOND, patience - now))
        trade = self.book.trade(trade_id)
        return trade is None or trade.entry.state is not OrderState.INTENDED

    # --- what the writer tells (application.writer.Reader) -----------------------------------------------------------

    def sent(self, commands: Sequence[Command]) -> None:
        """Carry these out."""
        for command in commands:
            self._carrier.carry_out(command)

    def stepped(self, touched: frozenset[SignalId]) -> None:
        """These trades changed."""
        now = self._runtime.now()
        for signal_id in touched:
            self._attention.look_at(self.book, self._writer.rules, signal_id, now)
            self._carrier.resolve(signal_id)
            self._broadcast.touch(signal_id)

    def rebased(self) -> None:
        """Look after every open trade."""
        everyone = tuple(self.book.trades)
        self.stepped(frozenset(everyone))
        if everyone and not self._writer.stood_down:
            self._writer.post(Ticked(at=self._runtime.now(), stamp=self._venue.now()), everyone)

    def alarmed(self, entry: Alarmed) -> None:
        """People are told at once; the store may be what is broken."""
        alarm(entry, self._notifier)

    def durable(self, first_seq: int, entries: Sequence[Entry], head: Head) -> None:
        """These entries stand: tell the world."""
        for entry in entries:
            announce(entry, self.book, self._notifier)
        self._broadcast.durable(first_seq, entries, head)

    def store_changed(self, trouble: str | None) -> None:
        """The store broke, or mended."""
        if trouble is None:
            self._notifier.alert("store_recovered", "info", "infrastructure", "the journal takes writes again", {})
        else:
            message = f"the journal does not take writes: {trouble}; no entries, exits go on"
            self._notifier.alert("store_unavailable", "critical", "infrastructure", message, {})

    def readiness(self) -> Readiness:
        """May entries be taken?"""
        troubles = self.unhealthy()
        checks = {
            "journal": self._writer.trouble or "ok",
            "leading": "another replica leads this account" if self._writer.stood_down else "ok",
            "reconciled": "ok" if self._reconciled else "not yet",
            "lifecycle": "shutting down" if self._stopping else "ok",
        }
        return Readiness(ready=not troubles, checks=checks)

    def events(self, after: int | None) -> AsyncIterator[Event]:
        """Durable entries as they come, beginning behind ``after`` when given."""
        return self._broadcast.events(after)

    def quote(self, symbol: Symbol) -> Quote | None:
        """The newest quote of a symbol."""
        return self._market_data.quote(symbol)

    def detail(self) -> Mapping[str, Plain]:
        """What only the running engine knows."""
        return {"head": {"frame": self.head.number, "hash": self.head.hash}, "attention": len(self._attention)}
