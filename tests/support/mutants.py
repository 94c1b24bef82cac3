"""Engines with one thing wrong each: if the crash suite does not notice, it proves nothing.

Each is the real engine with one part exchanged from outside; the program knows nothing of them.
"""

from typing import Any

import attrs

from petrosa_core.application.carrier import Carrier
from petrosa_core.application.engine import TradeEngine
from petrosa_core.application.writer import Batch, Ticket
from petrosa_core.audit import Frame, Head
from petrosa_core.decision import PositionSizer, RiskPolicy
from petrosa_core.desk import Command, Input, Rules, Send, SendCancel
from petrosa_core.execution import Patience, Rejected, SubmitOutcome, Unanswered
from petrosa_core.order import OrderList, Submission
from petrosa_core.ports import Appended, AppendOutcome, Conflict, Journal, SnapshotRecord, Unavailable, Venue
from petrosa_core.values import SECOND, Duration, Leg, Moment, SignalId


class _StampsLate(Carrier):
    async def _send(self, command: Send) -> None:
        await super()._send(attrs.evolve(command, signed_at=self._venue.now()))


def stamps_late(**parts: Any) -> TradeEngine:
    """It stamps an order when it sends it, and not before it writes it down."""
    return _with_carrier(_StampsLate, parts)


class _SendsAgain:
    """A venue that is asked once more when it does not answer."""

    def __init__(self, venue: Venue) -> None:
        self._venue = venue

    def __getattr__(self, name: str) -> Any:
        return getattr(self._venue, name)

    async def submit(self, submission: Submission, signed_at: Moment, recv_window: Duration) -> SubmitOutcome:
        outcome = await self._venue.submit(submission, signed_at, recv_window)
        if isinstance(outcome, Unanswered):
            return await self._venue.submit(submission, self._venue.now(), recv_window)
        return outcome


def sends_again(**parts: Any) -> TradeEngine:
    """It sends an unanswered entry once more."""
    return TradeEngine(**{**parts, "venue": _SendsAgain(parts["venue"])})


class _AnswersEarly(TradeEngine):
    async def _ask(self, given: Input) -> Any:
        ticket, _ = self._writer.post(given)
        return ticket.answer


def answers_early(**parts: Any) -> TradeEngine:
    """It answers with a verdict that is not durable yet."""
    return _AnswersEarly(**parts)


class _EntersUnwritten(TradeEngine):
    """The commands that wait for the append are carried out at once, and not a second time."""

    def __init__(self, **parts: Any) -> None:
        super().__init__(**parts)
        self._gone: set[str] = set()
        post = self._writer.post

        def post_and_send(given: Input, attend: tuple[SignalId, ...] = ()) -> tuple[Ticket, Batch | None]:
            ticket, batch = post(given, attend)
            self.sent([c for c in ticket.stepped.commands if isinstance(c, Send)] if ticket.stepped else [])
            return ticket, batch

        self._writer.post = post_and_send  # type: ignore[method-assign]

    def sent(self, commands: Any) -> None:
        fresh: list[Command] = []
        for command in commands:
            if isinstance(command, Send):
                if command.submission.client_order_id in self._gone:
                    continue
                self._gone.add(command.submission.client_order_id)
            fresh.append(command)
        super().sent(fresh)


def enters_unwritten(**parts: Any) -> TradeEngine:
    """It sends an entry while its write-ahead is still on its way to the disk."""
    return _EntersUnwritten(**parts)


class _LetsGo(Carrier):
    """A target that is refused takes the stop with it."""

    async def _send(self, command: Send) -> None:
        await super()._send(command)
        trade = self._book().trades.get(command.signal_id)
        if trade is None or isinstance(command.submission, OrderList) or command.submission.leg is not Leg.TARGET:
            return
        target, stop = trade.latest(Leg.TARGET), trade.latest(Leg.STOP)
        if target is not None and isinstance(target.refusal, Rejected) and stop is not None and stop.resting:
            self.carry_out(
                SendCancel(
                    signal_id=trade.signal_id, symbol=command.submission.symbol, client_order_id=stop.client_order_id
                )
            )


def lets_go(**parts: Any) -> TradeEngine:
    """It cancels the stop when the target is refused."""
    return _with_carrier(_LetsGo, parts)


class _IgnoresConflict:
    """A journal of which nobody hears that another writer was first."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    async def append(self, frame: Frame) -> AppendOutcome:
        outcome = await self._journal.append(frame)
        return Appended(frame.head) if isinstance(outcome, Conflict) else outcome

    async def head(self) -> Head | Unavailable:
        return await self._journal.head()

    async def read(self, after: int, limit: int) -> tuple[Frame, ...] | Unavailable:
        return await self._journal.read(after, limit)

    async def save_snapshot(self, snapshot: SnapshotRecord) -> bool:
        return await self._journal.save_snapshot(snapshot)

    async def latest_snapshot(self) -> SnapshotRecord | None:
        return await self._journal.latest_snapshot()


def ignores_conflict(**parts: Any) -> TradeEngine:
    """It takes a conflict for an append."""
    return TradeEngine(**{**parts, "journal": _IgnoresConflict(parts["journal"])})


class _WaitsForTheStore(Carrier):
    """Nothing is sent while a frame is on its way."""

    async def _send(self, command: Send) -> None:
        while self._store_is_busy():
            await self._runtime.sleep(SECOND // 10)
        await super()._send(attrs.evolve(command, signed_at=self._venue.now()))

    def _store_is_busy(self) -> bool:
        engine = getattr(self._post, "__self__", None)
        return isinstance(engine, TradeEngine) and engine._writer._flying is not None


def waits_for_the_store(**parts: Any) -> TradeEngine:
    """It lets an exit wait until what came before it is written."""
    return _with_carrier(_WaitsForTheStore, parts)


def believes_at_once(**parts: Any) -> TradeEngine:
    """It takes the first "not found" for the truth."""
    rules: Rules = parts["rules"]
    hasty = Patience(absence=-rules.recv_window, exit_absence=-rules.recv_window, absences=1)
    return TradeEngine(**{**parts, "rules": attrs.evolve(rules, patience=hasty)})


def never_minds_the_naked(**parts: Any) -> TradeEngine:
    """It does not close what it cannot protect."""
    rules = Rules(policy=RiskPolicy(), sizer=PositionSizer(), patience=Patience(naked=3600 * SECOND, attempts=1000))
    return TradeEngine(**{**parts, "rules": rules})


def _with_carrier(carrier: type[Carrier], parts: dict[str, Any]) -> TradeEngine:
    engine = TradeEngine(**parts)
    engine._carrier = carrier(
        venue=parts["venue"], runtime=parts["runtime"], book=lambda: engine.book, post=engine.post
    )
    return engine
