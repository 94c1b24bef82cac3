"""Start-up is crash recovery: fold the entries, ask the venue, protect what is held, then open the gate.

1. Nothing is sent before the venue has been asked about every order that may have left without being written down: the next
   attempt of every exit of every open trade. It may have been sent just before the crash.
2. Unanswered entries do not hold the gate: they count at full size and block their symbol until they are settled.
"""

from typing import Protocol

from petrosa_core.application.carrier import Carrier
from petrosa_core.application.writer import Writer
from petrosa_core.desk.inputs import AccountLookedUp, InstrumentsLookedUp, TakenOver
from petrosa_core.execution import AccountSnapshot, OrderHistory, Trade, Unreadable
from petrosa_core.ports import JournalMismatch, Runtime, Signalled, Venue
from petrosa_core.values import SECOND, AccountId, ClientOrderId, Instrument, Leg, Market, Mode, client_order_id

_PAUSE = SECOND // 2


class Whose(Protocol):
    """Whose engine is starting."""

    @property
    def account(self) -> AccountId: ...
    @property
    def market(self) -> Market: ...
    @property
    def mode(self) -> Mode: ...
    @property
    def replica(self) -> str: ...
    @property
    def build(self) -> str: ...
    @property
    def settings(self) -> str: ...


class Recovery:
    """One start."""

    def __init__(self, *, identity: Whose, writer: Writer, venue: Venue, runtime: Runtime, carrier: Carrier) -> None:
        """Nothing happens yet."""
        self._identity = identity
        self._writer = writer
        self._venue = venue
        self._runtime = runtime
        self._carrier = carrier

    async def fold(self) -> None:
        """Read the journal into the book, and see that it is ours."""
        await self._writer.load()
        totals = self._writer.book.totals
        mine = (self._identity.account, self._identity.market, self._identity.mode)
        if totals.opened and (totals.account, totals.market, totals.mode) != mine:
            raise JournalMismatch(
                f"the journal is of account {totals.account}, {totals.market}, {totals.mode}; "
                f"this engine is of {mine[0]}, {mine[1]}, {mine[2]}"
            )

    async def ask_the_venue(self) -> AccountSnapshot:
        """Take over, read rules, account and every order in question; what was found is folded when this returns."""
        identity, at, stamp = self._identity, self._runtime.now(), self._venue.now()
        await self._writer.ask(
            TakenOver(
                account=identity.account,
                market=identity.market,
                mode=identity.mode,
                replica=identity.replica,
                build=identity.build,
                settings=identity.settings,
                at=at,
                stamp=stamp,
            )
        )
        instruments = await self._instruments()
        at, stamp = self._runtime.now(), self._venue.now()
        await self._writer.ask(InstrumentsLookedUp(instruments=instruments, at=at, stamp=stamp))
        await self._ask_for_unwritten_exits()
        asked_at = self._venue.now()
        snapshot = await self._account()
        at, stamp = self._runtime.now(), self._venue.now()
        await self._writer.ask(AccountLookedUp(snapshot=snapshot, before=None, asked_at=asked_at, at=at, stamp=stamp))
        return snapshot

    async def _ask_for_unwritten_exits(self) -> None:
        """An exit leaves before it is written down; spot has no reduce-only, so there the last window must pass first."""
        trades = tuple(self._writer.book.trades.values())
        if trades and self._identity.market is Market.SPOT:
            await self._runtime.sleep(self._writer.rules.recv_window + SECOND)
        # All at once: what is naked waits for the slowest answer, not for the sum of them.
        asked = [self._runtime.signalled() for _ in trades]
        for trade, done in zip(trades, asked, strict=True):
            self._runtime.spawn(f"recover {trade.signal_id}", self._ask_for_trade(trade, done))
        for done in asked:
            await done.wait()

    async def _ask_for_trade(self, trade: Trade, done: Signalled) -> None:
        for order in trade.orders:
            if order.may_live:
                await self._look(trade, order.client_order_id)
        for leg in (Leg.STOP, Leg.TARGET, Leg.CLOSE):
            attempt = trade.next_attempt(leg)
            while await self._look(trade, client_order_id(self._identity.account, trade.signal_id, leg, attempt)):
                attempt += 1
        done.set()

    async def _look(self, trade: Trade, name: ClientOrderId) -> bool:
        """Read one order until the venue answers; True when it is there."""
        while True:
            found = await self._carrier.look(trade.signal_id, trade.symbol, name)
            if not isinstance(found, Unreadable):
                return isinstance(found, OrderHistory)
            await self._runtime.sleep(_PAUSE)

    async def _instruments(self) -> tuple[Instrument, ...]:
        while True:
            found = await self._venue.instruments()
            if not isinstance(found, Unreadable):
                return found
            await self._runtime.sleep(_PAUSE)

    async def _account(self) -> AccountSnapshot:
        while True:
            found = await self._venue.snapshot()
            if not isinstance(found, Unreadable):
                return found
            await self._runtime.sleep(_PAUSE)
