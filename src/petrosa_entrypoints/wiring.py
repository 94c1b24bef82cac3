"""The one composition root: settings in, a running engine out, and everything closed in reverse whatever happens.

    async with running_engine(settings, signals=True) as running:
        await running.api.receive(...)

The worker, the HTTP server, the first minute and whoever embeds the engine all come through here. What can be chosen is in the
settings; there is no container and no registry, and nothing is opened before the block is entered.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from uuid import uuid4

import attrs
import structlog

from petrosa_adapters.nats import IntakeSettings, JetStreamIntake, NatsLink, NatsNotifier
from petrosa_adapters.paper import PaperVenue, paper_instruments
from petrosa_adapters.sqlite import SqliteAuditLog, SqliteJournal, SqliteStore
from petrosa_adapters.system import AsyncioRuntime, SystemClock
from petrosa_adapters.system.log_notifier import LogNotifier
from petrosa_core.application import Follower, Identity, LocalEngine, OfflineDesk, Readiness, TradeEngine, open_desk
from petrosa_core.audit import Head
from petrosa_core.ports import Clock
from petrosa_core.signal import Undecodable
from petrosa_core.values import Amount, Mode, Money
from petrosa_entrypoints.build import build_id
from petrosa_entrypoints.logs import log_failure
from petrosa_entrypoints.offline import rules_of
from petrosa_entrypoints.settings import Settings, Store

QUOTE_ASSET = "USDT"
"""What a paper account holds, and what all of its symbols are quoted in."""


class NotAvailable(Exception):
    """The settings ask for a part that this build does not have; the message names it."""


class ShellEngine(LocalEngine):
    """The engine as the shells see it, which also knows whether signals reach it."""

    def __init__(self, engine: TradeEngine, settings: Settings, intake: JetStreamIntake | None) -> None:
        """``intake`` is None where no signals come over NATS."""
        super().__init__(engine, settings.policy)
        self._intake = intake

    def readiness(self) -> Readiness:
        """May entries be taken, and do signals arrive?"""
        readiness = super().readiness()
        if self._intake is None:
            return readiness
        checks = {**readiness.checks, "nats": self._intake.trouble or "ok"}
        return Readiness(ready=readiness.ready and self._intake.ready, checks=checks)


@attrs.frozen(kw_only=True)
class Running:
    """A running engine and what its shells need of it.

    ``failed`` is done when a task died of a bug: the process should end, since what that task did is no longer done.
    ``paper`` is the venue when it is the paper venue, for feeds.
    """

    api: ShellEngine
    engine: TradeEngine
    clock: Clock
    runtime: AsyncioRuntime
    failed: asyncio.Future[str]
    paper: PaperVenue | None


class Tellers:
    """A Notifier that tells every one of several: the log always, NATS where there is one."""

    def __init__(self, log: LogNotifier, nats: NatsNotifier | None) -> None:
        """Tell these."""
        self._log = log
        self._nats = nats

    @property
    def _all(self) -> tuple[LogNotifier | NatsNotifier, ...]:
        return (self._log,) if self._nats is None else (self._log, self._nats)

    def execution(self, strategy: str, event: Mapping[str, object]) -> None:
        """One execution."""
        for teller in self._all:
            teller.execution(strategy, event)

    def alert(self, name: str, severity: str, category: str, message: str, detail: Mapping[str, object]) -> None:
        """One alert."""
        for teller in self._all:
            teller.alert(name, severity, category, message, detail)

    def dead_letter(self, letter: Undecodable, message_id: str, subject: str) -> None:
        """A message that is no signal."""
        for teller in self._all:
            teller.dead_letter(letter, message_id, subject)

    def anchor(self, head: Head) -> None:
        """The journal's head."""
        for teller in self._all:
            teller.anchor(head)


def identity_of(settings: Settings) -> Identity:
    """Whose engine this is, and which: unique to this start of this process."""
    return Identity(
        account=settings.account_id,
        market=settings.account.market,
        mode=settings.mode,
        replica=f"{socket.gethostname()}-{uuid4().hex[:12]}",
        build=build_id(),
        settings=settings.digest(),
    )


def intake_settings(settings: Settings) -> IntakeSettings:
    """Where signals are taken from, in the intake's words."""
    nats = settings.nats
    return IntakeSettings(subject=nats.signal_subject, stream=nats.stream, durable=nats.consumer)


async def _store(stack: AsyncExitStack, settings: Settings) -> SqliteStore:
    if settings.store.store is not Store.SQLITE:
        raise NotAvailable(f"STORE={settings.store.store}: this build keeps its journal in SQLite only")
    path = settings.journal_path
    path.parent.mkdir(parents=True, exist_ok=True)
    store = await SqliteStore.open(
        path, account=settings.account_id, market=settings.account.market, mode=settings.mode
    )
    stack.push_async_callback(store.close)
    return store


def _paper(stack: AsyncExitStack, settings: Settings, clock: Clock) -> PaperVenue:
    if settings.mode is not Mode.SIMULATION:
        raise NotAvailable(f"{settings.mode} mode: this build trades on paper only")
    venue = PaperVenue.open(
        market=settings.account.market,
        instruments=paper_instruments(settings.account.market),
        balance=Money(Amount(settings.account.simulation_balance), QUOTE_ASSET),
        clock=clock,
        directory=settings.account_dir / "paper",
        latency=lambda: settings.account.simulation_latency,
    )
    stack.callback(venue.close)
    return venue


def _tellers(settings: Settings, link: NatsLink | None, runtime: AsyncioRuntime) -> Tellers:
    log = LogNotifier(structlog.get_logger("petrosa.engine"))
    runtime.spawn("log notifier", log.run())
    if link is None:
        return Tellers(log, None)
    nats = NatsNotifier(link, settings.account_id, runtime)
    runtime.spawn("nats notifier", nats.run())
    return Tellers(log, nats)


def _intake(
    stack: AsyncExitStack, settings: Settings, link: NatsLink, engine: TradeEngine, runtime: AsyncioRuntime
) -> JetStreamIntake:
    intake = JetStreamIntake(link, intake_settings(settings), receive=engine.receive)
    runtime.spawn("intake", intake.run())
    stack.push_async_callback(intake.stop)
    return intake


async def _follow(store: SqliteStore, behind: OfflineDesk, runtime: AsyncioRuntime) -> None:
    follower = Follower(
        journal=behind.journal,
        audit_log=SqliteAuditLog(store),
        runtime=runtime,
        book=behind.book,
        head=behind.head,
    )
    await follower.run()


@asynccontextmanager
async def running_engine(settings: Settings, *, signals: bool) -> AsyncIterator[Running]:
    """An engine that has recovered and takes signals; with ``signals``, also from NATS, which may come and go.

    Raises JournalMismatch, PaperDirectoryBusy, PaperDirectoryUnusable, NotAvailable.
    """
    clock = SystemClock()
    failed: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def on_failure(task: str, error: BaseException) -> None:
        log_failure(task, error)
        if not failed.done():
            failed.set_result(task)

    async with AsyncExitStack() as stack:
        store = await _store(stack, settings)
        venue = _paper(stack, settings, clock)
        link = await stack.enter_async_context(NatsLink(settings.nats.url.reveal())) if signals else None
        runtime = AsyncioRuntime(clock, on_failure)
        stack.push_async_callback(runtime.close)
        journal = SqliteJournal(store)
        engine = TradeEngine(
            identity=identity_of(settings),
            journal=journal,
            venue=venue,
            market_data=venue,
            runtime=runtime,
            notifier=_tellers(settings, link, runtime),
            rules=rules_of(settings, caring=True),
        )
        behind = await open_desk(journal)
        await engine.start()
        stack.push_async_callback(engine.stop)
        runtime.spawn("follower", _follow(store, behind, runtime))
        intake = None if link is None else _intake(stack, settings, link, engine, runtime)
        yield Running(
            api=ShellEngine(engine, settings, intake),
            engine=engine,
            clock=clock,
            runtime=runtime,
            failed=failed,
            paper=venue,
        )
