"""Carries out what the desk commands: submits, cancels, and reads until every question is answered.

1. A submission goes out once, with the stamp that was written down. A stamp that has grown too old, or that a step of the
   clock has made void, is not sent at all: that is a refusal, known for certain.
2. A read is repeated, ever more slowly, as long as the book still asks.
3. An entry that rests is read every two seconds: should the stream lose its fill in silence, it is not naked for long.
"""

from collections.abc import Callable
from typing import Protocol

from petrosa_core.desk import Book, Command, Input, LookUp, Send, SendCancel
from petrosa_core.desk.inputs import CancelSettled, OrderLookedUp, RequestSettled
from petrosa_core.execution import Found, LegOrder, Rejected, Trade
from petrosa_core.ports import Runtime, Venue
from petrosa_core.values import MILLISECOND, SECOND, ClientOrderId, Duration, Leg, SignalId, Symbol, leg_of

# Binance -1021, "Timestamp for this request is outside of the recvWindow": what the venue itself would have answered.
_STAMP_VOID = -1021
_CLOCK_STEP_MAX: Duration = 500 * MILLISECOND

# An exit in question leaves something naked: it is read once a second for as long as it takes.
_EXIT_PAUSE_MAX: Duration = SECOND

_WATCH_PAUSE: Duration = 2 * SECOND

_LOOK_PAUSES: tuple[Duration, ...] = (
    100 * MILLISECOND,
    200 * MILLISECOND,
    500 * MILLISECOND,
    SECOND,
    2 * SECOND,
    4 * SECOND,
)


class Post(Protocol):
    """How results come back to the desk."""

    def __call__(self, given: Input) -> object:
        """Step the input."""
        ...


def _nobody_asks() -> None:
    """The account is read when it is time."""


class Carrier:
    """Between the desk and the venue."""

    def __init__(
        self,
        *,
        venue: Venue,
        runtime: Runtime,
        book: Callable[[], Book],
        post: Post,
        doubt: Callable[[], None] = _nobody_asks,
    ) -> None:
        """Results are posted; nothing is decided here. ``doubt`` is called when the account should be read soon."""
        self._venue = venue
        self._runtime = runtime
        self._book = book
        self._post = post
        self._doubt = doubt
        self._looking: set[ClientOrderId] = set()
        self.in_flight = 0

    def carry_out(self, command: Command) -> None:
        """Begin; the result comes as an input."""
        match command:
            case Send():
                self._runtime.spawn(f"send {command.submission.client_order_id}", self._send(command))
            case SendCancel():
                self._runtime.spawn(f"cancel {command.client_order_id}", self._cancel(command))
            case LookUp():
                self._runtime.spawn(f"look {command.client_order_id}", self._look_once(command))

    def resolve(self, signal_id: SignalId) -> None:
        """Begin to read every order of the trade that is in question or watched, if that is not going on already."""
        trade = self._book().trades.get(signal_id)
        if trade is None:
            return
        for order in _to_read(trade):
            if order.client_order_id not in self._looking:
                self._looking.add(order.client_order_id)
                self._runtime.spawn(
                    f"resolve {order.client_order_id}",
                    self._resolve(signal_id, trade.symbol, order.client_order_id),
                )

    async def _send(self, command: Send) -> None:
        submission = command.submission
        refusal = self._void(command)
        if refusal is None:
            self.in_flight += 1
            outcome = await self._venue.submit(submission, command.signed_at, command.recv_window)
            self.in_flight -= 1
        else:
            outcome = refusal
        self._post(
            RequestSettled(
                signal_id=command.signal_id,
                client_order_id=submission.client_order_id,
                outcome=outcome,
                at=self._runtime.now(),
                stamp=self._venue.now(),
            )
        )
        if isinstance(outcome, Rejected) and not command.after_append:
            # Perhaps there is nothing left to reduce: somebody may have closed the position.
            self._doubt()

    def _void(self, command: Send) -> Rejected | None:
        """An entry whose stamp the venue would refuse is not sent; exits are stamped as they leave."""
        if not command.after_append:
            return None
        age = self._venue.now() - command.signed_at
        if -_CLOCK_STEP_MAX <= age <= command.recv_window:
            return None
        return Rejected(
            code=_STAMP_VOID,
            message=f"not sent: the order was stamped {age // MILLISECOND} ms ago by the venue's clock",
            at=self._runtime.now(),
        )

    async def _cancel(self, command: SendCancel) -> None:
        answer = await self._venue.cancel(command.symbol, command.client_order_id)
        self._post(
            CancelSettled(
                signal_id=command.signal_id,
                client_order_id=command.client_order_id,
                answer=answer,
                at=self._runtime.now(),
                stamp=self._venue.now(),
            )
        )

    async def _look_once(self, command: LookUp) -> None:
        await self.look(command.signal_id, command.symbol, command.client_order_id)

    async def look(self, signal_id: SignalId, symbol: Symbol, client_order_id: ClientOrderId) -> Found:
        """Read one order, post what was found, and return it."""
        asked_at = self._venue.now()
        found = await self._venue.find(symbol, client_order_id)
        self._post(
            OrderLookedUp(
                signal_id=signal_id,
                client_order_id=client_order_id,
                found=found,
                asked_at=asked_at,
                at=self._runtime.now(),
                stamp=self._venue.now(),
            )
        )
        return found

    async def _resolve(self, signal_id: SignalId, symbol: Symbol, client_order_id: ClientOrderId) -> None:
        named = leg_of(client_order_id)
        is_entry = named is not None and named[1] is Leg.ENTRY
        round_ = 0
        while (order := self._in_question(signal_id, client_order_id)) is not None:
            pause = _LOOK_PAUSES[min(round_, len(_LOOK_PAUSES) - 1)]
            if _is_watched(order):
                pause = _WATCH_PAUSE
            await self._runtime.sleep(pause if is_entry else min(pause, _EXIT_PAUSE_MAX))
            if self._in_question(signal_id, client_order_id) is None:
                break
            await self.look(signal_id, symbol, client_order_id)
            round_ = 0 if _is_watched(order) else round_ + 1
        self._looking.discard(client_order_id)

    def _in_question(self, signal_id: SignalId, client_order_id: ClientOrderId) -> LegOrder | None:
        trade = self._book().trades.get(signal_id)
        if trade is None:
            return None
        return next((order for order in _to_read(trade) if order.client_order_id == client_order_id), None)


def _to_read(trade: Trade) -> tuple[LegOrder, ...]:
    entry = trade.entry
    return (*trade.unresolved, entry) if _is_watched(entry) else trade.unresolved


def _is_watched(order: LegOrder) -> bool:
    """An entry that rests and is to rest; one that is being cancelled is read as the cancel asks."""
    return order.leg is Leg.ENTRY and order.state.is_open and order.cancelling is None
