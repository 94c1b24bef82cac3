"""The paper venue: an exchange that trades no money and is otherwise held to every promise of a real one.

1. It outlives the engine: opened on a directory again, it goes on where it was, whatever was killed when.
2. What it answers says nothing of fills; those come as events, NEW before any fill, and may come before the answer.
3. A symbol with a feed takes its prices from the feed alone; one without takes a signal's price as a one-off, self-quoted.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from pathlib import Path

import attrs

from petrosa_adapters.paper.faults import Fate, Faults
from petrosa_adapters.paper.input_log import InputLog, PaperDirectoryUnusable
from petrosa_core.execution import AccountSnapshot, Cancellation, Found, NotFound, SubmitOutcome, Unanswered, Unreadable
from petrosa_core.matching import Answer, Cancel, Exchange, Input, Rules, Submit, Tick
from petrosa_core.order import Submission
from petrosa_core.ports import Clock, StreamGap, VenueEvent
from petrosa_core.values import SECOND, ClientOrderId, Duration, Instrument, Market, Moment, Money, Price, Quote, Symbol

_ANSWER_TIMEOUT: Duration = 10 * SECOND
_CHECKPOINT_EVERY = 50_000
_STREAM_MAX = 10_000


class _Down(Exception):
    """The exchange cannot write down what it does, so it does nothing more."""


def _at_once() -> Duration:
    return 0


class PaperVenue:
    """A Venue and a MarketData over the pure exchange. Use ``open``."""

    def __init__(
        self,
        exchange: Exchange,
        log: InputLog | None,
        clock: Clock,
        *,
        faults: Faults | None = None,
        latency: Callable[[], Duration] = _at_once,
        checkpoint_every: int = _CHECKPOINT_EVERY,
    ) -> None:
        """Take a ready exchange. The options are those of ``open``."""
        self._exchange = exchange
        self._listed = {instrument.symbol: instrument for instrument in exchange.instruments}
        self._log = log
        self._clock = clock
        self._latency = latency
        self._checkpoint_every = checkpoint_every
        self._streams: list[asyncio.Queue[VenueEvent]] = []
        self._held: list[VenueEvent] = []
        self._fed: set[Symbol] = set()
        # Prices that changed nothing are written only when something else is: the last of each symbol is enough.
        self._unwritten: dict[Symbol, Tick] = {}
        self._down = ""
        self.faults = faults or Faults()

    @classmethod
    def open(
        cls,
        *,
        market: Market,
        instruments: Iterable[Instrument],
        balance: Money,
        clock: Clock,
        directory: Path | None = None,
        rules: Rules | None = None,
        faults: Faults | None = None,
        latency: Callable[[], Duration] = _at_once,
        checkpoint_every: int = _CHECKPOINT_EVERY,
    ) -> "PaperVenue":
        """Open the exchange in a directory, or in memory only. ``balance`` is what a new account begins with.

        ``latency`` is asked for the microseconds of every way, there and back. ``checkpoint_every`` so many inputs the log
        is replaced by a checkpoint.

        Raises:
            PaperDirectoryBusy: another process has it open.
            PaperDirectoryUnusable: it is damaged, of another market, or has orders on a symbol that is not listed here.
        """
        rules = rules or Rules()
        listed = tuple(instruments)
        new = Exchange(market=market, instruments=listed, balance=balance, rules=rules)
        log = None if directory is None else InputLog(directory)
        exchange = new if log is None else _remembered(new, log, listed, rules)
        return cls(exchange, log, clock, faults=faults, latency=latency, checkpoint_every=checkpoint_every)

    def close(self) -> None:
        """Write a checkpoint and give the directory up. Without it, nothing is lost either."""
        if self._log is not None:
            if not self._down:
                self._log.checkpoint(self._exchange.state())
            self._log.close()
            self._log = None

    # ------------------------------------------------------------ Venue

    async def submit(self, submission: Submission, signed_at: Moment, recv_window: Duration) -> SubmitOutcome:
        """Send one order or list."""
        fate = self.faults.on_submit(submission)

        def request(at: Moment) -> Input:
            return Submit(submission=submission, signed_at=signed_at, recv_window=recv_window, at=at)

        if fate.refused is not None:
            await self._travel(fate.delay)
            return fate.refused
        answer = await self._carry(fate, request)
        return answer.outcome if answer else Unanswered(why=self._down or "no answer in time", at=self.now())

    async def cancel(self, symbol: Symbol, client_order_id: ClientOrderId) -> Cancellation:
        """Cancel one order, or the list that it is a leg of."""
        fate = self.faults.on_cancel(client_order_id)
        answer = await self._carry(fate, lambda at: Cancel(symbol=symbol, client_order_id=client_order_id, at=at))
        return answer.cancellation if answer else Cancellation.UNANSWERED

    async def find(self, symbol: Symbol, client_order_id: ClientOrderId) -> Found:
        """Read one order by its client id."""
        if not await self._readable("find"):
            return self._unreadable()
        found = self._exchange.find(symbol, client_order_id)
        if found is None or found.report.created_at + self.faults.find_lag > self.now():
            return NotFound(at=self.now())
        return found

    async def snapshot(self) -> AccountSnapshot | Unreadable:
        """Read the account."""
        return self._exchange.snapshot(self.now()) if await self._readable("snapshot") else self._unreadable()

    async def instruments(self) -> tuple[Instrument, ...] | Unreadable:
        """Read the rules of every symbol."""
        return self._exchange.instruments if await self._readable("instruments") else self._unreadable()

    async def events(self) -> AsyncIterator[VenueEvent]:
        """The user stream, from now on."""
        stream: asyncio.Queue[VenueEvent] = asyncio.Queue()
        stream.put_nowait(StreamGap(why="the stream has begun", at=self.now()))
        self._streams.append(stream)
        try:
            while True:
                yield await stream.get()
        finally:
            self._streams.remove(stream)

    def now(self) -> Moment:
        """The exchange's clock: never before anything that has happened at it."""
        return max(self._clock.now(), self._exchange.now)

    # ------------------------------------------------------------ MarketData

    def quote(self, symbol: Symbol) -> Quote | None:
        """The newest price."""
        return self._exchange.quote(symbol)

    def suggest(self, symbol: Symbol, price: Price) -> Quote | None:
        """The feed's price; without a feed, this one, if the symbol exists. It fills and wakes no order that is there."""
        if symbol in self._fed:
            return self._exchange.quote(symbol)
        self._tick(self._self_quote(symbol, price))
        taken = self._exchange.quote(symbol)
        # What is judged is the price that was offered; only what the exchange matches at is on the tick.
        return None if taken is None else attrs.evolve(taken, bid=price, ask=price)

    def _self_quote(self, symbol: Symbol, price: Price) -> Quote:
        instrument = self._listed.get(symbol)
        bid, ask = price, price
        if instrument is not None:
            # An entry limited to this price must trade at it, whichever way its limit was rounded to the tick.
            bid = Price(instrument.ceil_price(price))
            ask = Price(instrument.floor_price(price) or price)
        return Quote(symbol=symbol, bid=bid, ask=ask, mark=price, as_of=self.now(), self_quoted=True)

    # ------------------------------------------------------------ the other side

    def expect_feed(self, symbols: Iterable[Symbol]) -> None:
        """From now on these symbols take no suggestions: a feed will price them."""
        self._fed.update(symbols)

    def price(self, quote: Quote) -> None:
        """Take a price from a feed. A symbol that is not listed stays unknown."""
        self._fed.add(quote.symbol)
        self._tick(quote)

    def interrupt(self, why: str) -> None:
        """Break every user stream: what was not read yet is lost, and the reader is told that something was."""
        for stream in self._streams:
            self._restart(stream, why)

    def release_events(self) -> None:
        """Deliver what ``Faults.hold_events`` has held back."""
        held, self._held = self._held, []
        self._push(held)

    # ------------------------------------------------------------ inside

    async def _travel(self, delay: Duration) -> None:
        duration = delay + self._latency()
        if duration > 0:
            await self._clock.sleep(duration)

    async def _carry(self, fate: Fate, request: Callable[[Moment], Input]) -> Answer | None:
        """Bring a request there and its answer back; None when none comes."""
        await self._travel(fate.delay)
        if fate.lost:
            await self._clock.sleep(_ANSWER_TIMEOUT)
            return None
        try:
            answer = self._apply(request(self.now()))
        except _Down:
            return None
        if fate.unanswered:
            await self._clock.sleep(_ANSWER_TIMEOUT)
            return None
        await self._travel(fate.answer_delay)
        return answer

    async def _readable(self, what: str) -> bool:
        fate = self.faults.on_read(what)
        await self._travel(fate.delay)
        if fate.lost or fate.unanswered:
            await self._clock.sleep(_ANSWER_TIMEOUT)
            return False
        await self._travel(fate.answer_delay)
        return not self._down

    def _unreadable(self) -> Unreadable:
        return Unreadable(why=self._down or "no answer in time")

    def _tick(self, quote: Quote) -> None:
        try:
            self._apply(Tick(quote))
        except _Down:
            return  # whoever asks for anything is told so

    def _apply(self, step: Input) -> Answer:
        """Let the exchange take an input; write it down if it changed anything; only then let anybody hear of it."""
        if self._down:
            raise _Down
        answer = self._exchange.apply(step)
        if answer.events:
            self._write(step)
            self._deliver(answer.events)
        elif isinstance(step, Tick) and answer.refusal is None:
            self._unwritten[step.quote.symbol] = step
        return answer

    def _write(self, step: Input) -> None:
        if self._log is None:
            return
        try:
            self._log.append([*self._unwritten.values(), step])
            self._unwritten.clear()
            if self._log.lines >= self._checkpoint_every:
                self._log.checkpoint(self._exchange.state())
        except OSError as error:
            # What was done is in memory only and nobody has heard of it: after a restart it has not happened.
            self._down = f"the paper exchange cannot write: {error}"
            raise _Down from error

    def _deliver(self, events: Sequence[VenueEvent]) -> None:
        events = self.faults.on_events(events)
        if self.faults.hold_events:
            self._held.extend(events)
        else:
            self._push(events)

    def _push(self, events: Sequence[VenueEvent]) -> None:
        for stream in self._streams:
            if stream.qsize() + len(events) > _STREAM_MAX:
                self._restart(stream, "the stream was not read for too long")
            for event in events:
                stream.put_nowait(event)

    def _restart(self, stream: asyncio.Queue[VenueEvent], why: str) -> None:
        while not stream.empty():
            stream.get_nowait()
        stream.put_nowait(StreamGap(why=why, at=self.now()))


def _remembered(new: Exchange, log: InputLog, instruments: tuple[Instrument, ...], rules: Rules) -> Exchange:
    """The exchange as the log remembers it, or the new one where nothing is remembered; either way written down whole."""
    try:
        state, steps = log.load()
        exchange = new
        if state is not None:
            if state.market is not new.market:
                raise PaperDirectoryUnusable(f"it is a {state.market} account, not {new.market}")
            exchange = Exchange.restore(state, instruments=instruments, rules=rules)
        for step in steps:
            exchange.apply(step)
        if state is None or steps:
            log.checkpoint(exchange.state())
    except ValueError as error:
        log.close()
        raise PaperDirectoryUnusable(str(error)) from error
    except (PaperDirectoryUnusable, OSError):
        log.close()
        raise
    return exchange
