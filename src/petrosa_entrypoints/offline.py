"""The account's record without its engine: for whoever only wants to look, or to leave a word for the engine."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from decimal import Decimal
from uuid import uuid4

import attrs

from petrosa_adapters.sqlite import SqliteAuditLog, SqliteJournal, SqliteStore
from petrosa_core.application import Done, OfflineDesk, Plain, Refused, open_desk, queries
from petrosa_core.application.bodies import trade_body
from petrosa_core.application.telling import tell
from petrosa_core.decision import Outcome, TradingState
from petrosa_core.desk import Rules
from petrosa_core.desk.inputs import CloseAsked, StateAsked
from petrosa_core.ports import AuditLog, Clock, Journal
from petrosa_core.values import Moment, Quantity, Quote, SignalId, Symbol
from petrosa_entrypoints.settings import Settings, Store


class NoRecord(Exception):
    """There is no record where the settings say; the message says where that is."""


@attrs.frozen(kw_only=True)
class Record:
    """The stored record, frame by frame, and the log that is projected from it."""

    journal: Journal
    audit_log: AuditLog


@asynccontextmanager
async def open_record(settings: Settings) -> AsyncIterator[Record]:
    """Open the record that these settings name; it has to be there.

    Raises NoRecord when there is none, JournalMismatch when it is another account's.
    """
    if settings.store.store is not Store.SQLITE:
        raise NoRecord(f"this command reads SQLite journals, and STORE is {settings.store.store}")
    path = settings.journal_path
    if not path.is_file():
        raise NoRecord(f"there is no journal at {path} yet: start the engine once, or name it with SQLITE_PATH")
    store = await SqliteStore.open(
        path, account=settings.account_id, market=settings.account.market, mode=settings.mode
    )
    try:
        yield Record(journal=SqliteJournal(store), audit_log=SqliteAuditLog(store))
    finally:
        await store.close()


def rules_of(settings: Settings, *, caring: bool) -> Rules:
    """What the desk decides by, as the settings say it; ``caring`` is True only for the engine that leads."""
    return Rules(policy=settings.policy, sizer=settings.sizer, recv_window=settings.account.recv_window, caring=caring)


def _unquoted(_: Symbol) -> Quote | None:
    """Nobody prices anything here."""
    return None


class AccountDesk:
    """One account's answers and controls, over the fold of its journal.

    A control is worked out the same way with and without ``commit``; only with it is anything written. Every method that
    writes raises StoreUnavailable when the journal does not take it.
    """

    def __init__(self, desk: OfflineDesk, settings: Settings, clock: Clock) -> None:
        """Use a desk that has been read."""
        self._desk = desk
        self._settings = settings
        self._clock = clock
        self._nonce = f"cli-{uuid4().hex}"

    @property
    def desk(self) -> OfflineDesk:
        """The fold itself."""
        return self._desk

    def status(self) -> Mapping[str, Plain]:
        """Whose account it is and how it stood when the journal was last written to."""
        totals = self._desk.book.totals
        return {
            "account": totals.account,
            "market": totals.market.value,
            "mode": totals.mode.value,
            "trading_state": totals.state.value,
            "trading_state_reason": totals.state_reason,
            "head": {"number": self._desk.head.number, "hash": self._desk.head.hash},
            "equity": None if totals.balance is None else Decimal(totals.balance.equity),
            "protected_ratio": queries.protected_ratio(self._desk.book),
            "counters": queries.counters(self._desk.book),
        }

    def account_view(self) -> Mapping[str, Plain]:
        """Balance, exposure and positions."""
        return queries.account(self._desk.book, _unquoted)

    def positions(self) -> Sequence[Mapping[str, Plain]]:
        """What is held per symbol; without prices, because no exchange is asked."""
        return queries.positions(self._desk.book, _unquoted)

    def orders(self, *, symbol: Symbol | None, open_only: bool, limit: int) -> Sequence[Mapping[str, Plain]]:
        """Orders, the newest first."""
        return queries.orders(self._desk.book, symbol=symbol, open_only=open_only, limit=limit)

    def trades(self, *, open_only: bool, limit: int) -> Sequence[Mapping[str, Plain]]:
        """Trades, the newest first."""
        return queries.trades(self._desk.book, open_only=open_only, limit=limit)

    def trade(self, trade_id: SignalId) -> Mapping[str, Plain] | None:
        """One trade."""
        trade = self._desk.book.trade(trade_id)
        return None if trade is None else trade_body(trade)

    def limits(self) -> Sequence[Mapping[str, Plain]]:
        """Each limit and what is used of it."""
        return queries.limits(self._desk.book, self._settings.policy)

    def decisions(self, *, limit: int, outcome: Outcome | None, since: Moment | None) -> Sequence[Mapping[str, Plain]]:
        """Verdicts, the newest first."""
        return queries.decisions(self._desk.book, limit=limit, outcome=outcome, since=since)

    async def why(self, signal_id: str) -> Mapping[str, Plain] | None:
        """Everything recorded of one signal, by its name or any id that it carried."""
        return await tell(self._desk.book, self._desk.journal, self._desk.head, signal_id)

    async def set_state(self, state: TradingState, *, actor: str, reason: str, commit: bool) -> Done | Refused:
        """Set the trading state. Whoever may write the journal's file may do all that an admin may."""
        now = self._clock.now()
        asked = StateAsked(state=state, actor=actor, reason=reason, admin=True, at=now, stamp=now)
        return await self._control(asked, commit=commit)

    async def close_trade(
        self, trade_id: SignalId, *, quantity: Quantity | None, actor: str, reason: str, commit: bool
    ) -> Done | Refused:
        """Ask for a trade to be closed, or at most so much of it."""
        now = self._clock.now()
        asked = CloseAsked(signal_id=trade_id, quantity=quantity, actor=actor, reason=reason, at=now, stamp=now)
        return await self._control(asked, commit=commit)

    async def _control(self, asked: StateAsked | CloseAsked, *, commit: bool) -> Done | Refused:
        rules = rules_of(self._settings, caring=False)
        answer = await self._desk.write(asked, rules, self._nonce, commit=commit)
        assert isinstance(answer, Done | Refused), "controls are done or refused"
        return answer


@asynccontextmanager
async def open_account(settings: Settings, clock: Clock) -> AsyncIterator[AccountDesk]:
    """Open and fold the record that these settings name.

    Raises NoRecord, JournalMismatch, and StoreUnavailable when it cannot be read.
    """
    async with open_record(settings) as record:
        yield AccountDesk(await open_desk(record.journal), settings, clock)
