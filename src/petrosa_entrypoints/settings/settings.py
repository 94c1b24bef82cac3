"""All settings together: read once at the start, checked against each other, and never changed after.

1. ``from_env`` raises one SettingsInvalid with every problem, or returns settings that may be used.
2. No way of making a Settings yields live trading without its confirmation.
3. The digest covers what decides, and nothing that may differ between replicas.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Self, TypeVar

import attrs

from petrosa_adapters.wire.secret import Secret
from petrosa_core.decision import PositionSizer, RiskPolicy
from petrosa_core.values import AccountId, Mode
from petrosa_entrypoints.settings.groups import (
    AccountSettings,
    ApiSettings,
    LogSettings,
    NatsSettings,
    StoreSettings,
)
from petrosa_entrypoints.settings.problem import Problem, SettingsInvalid
from petrosa_entrypoints.settings.read import Layer, read
from petrosa_entrypoints.settings.risk import policy_rows, sizer_rows
from petrosa_entrypoints.settings.row import Row, rows_of

T = TypeVar("T")

CHAPTERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "account": "Account and exchange",
        "policy": "Risk policy",
        "sizer": "Position size",
        "nats": "Signals over NATS",
        "store": "Journal",
        "api": "HTTP",
        "log": "Logs",
    }
)
"""Where a setting stands: the fields of Settings, with their titles, in the order of the documentation."""

TABLE: Final[tuple[Row, ...]] = (
    *rows_of(AccountSettings, "account"),
    *policy_rows("policy"),
    *sizer_rows("sizer"),
    *rows_of(NatsSettings, "nats"),
    *rows_of(StoreSettings, "store"),
    *rows_of(ApiSettings, "api"),
    *rows_of(LogSettings, "log"),
)
"""Every setting there is."""


@attrs.frozen(kw_only=True)
class Settings:
    """What the program was told.

    ``layers`` says of every setting that was given where it came from; what is not in it has its default.

    Raises SettingsInvalid when the settings contradict each other.
    """

    account: AccountSettings = attrs.field(factory=AccountSettings)
    policy: RiskPolicy = attrs.field(factory=RiskPolicy)
    sizer: PositionSizer = attrs.field(factory=PositionSizer)
    nats: NatsSettings = attrs.field(factory=NatsSettings)
    store: StoreSettings = attrs.field(factory=StoreSettings)
    api: ApiSettings = attrs.field(factory=ApiSettings)
    log: LogSettings = attrs.field(factory=LogSettings)
    layers: Mapping[str, Layer] = attrs.field(factory=dict, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        """Hold the settings to what fits together, however they were made."""
        problems = tuple(_contradictions(self))
        if problems:
            raise SettingsInvalid(problems)

    @classmethod
    def from_env(cls, env: Mapping[str, str], flags: Mapping[str, str] = MappingProxyType({})) -> Self:
        """Read the settings; ``flags`` are settings given on the command line, by name, and win.

        Raises SettingsInvalid with every problem there is.
        """
        reading = read(TABLE, env, flags)
        given: dict[str, dict[str, Any]] = {group: {} for group in CHAPTERS}
        for row in TABLE:
            if row.name in reading.values:
                given[row.group][row.field] = reading.values[row.name]
        problems = list(reading.problems)
        try:
            settings = cls(
                account=AccountSettings(**given["account"]),
                policy=_checked(RiskPolicy, given["policy"], "policy"),
                sizer=_checked(PositionSizer, given["sizer"], "sizer"),
                nats=NatsSettings(**given["nats"]),
                store=StoreSettings(**given["store"]),
                api=ApiSettings(**given["api"]),
                log=LogSettings(**given["log"]),
                layers=reading.layers,
            )
        except SettingsInvalid as error:
            problems.extend(error.problems)
        else:
            if not problems:
                return settings
        raise SettingsInvalid(problems)

    @property
    def account_id(self) -> AccountId:
        """Whose account this is."""
        return AccountId(self.account.account_id)

    @property
    def mode(self) -> Mode:
        """Where orders go; live only with its confirmation, which has been checked when these settings were made."""
        if self.account.simulation:
            return Mode.SIMULATION
        return Mode.TESTNET if self.account.testnet else Mode.LIVE

    @property
    def account_dir(self) -> Path:
        """Where this machine keeps what is this account's: accounts never share a file."""
        return self.store.data_dir / self.account_id

    @property
    def journal_path(self) -> Path:
        """The file of the SQLite journal."""
        return self.store.sqlite_path or self.account_dir / "journal.db"

    def value(self, row: Row) -> object:
        """The value of one setting."""
        return getattr(getattr(self, row.group), row.field)

    def layer(self, row: Row) -> Layer:
        """Where the value came from."""
        return self.layers.get(row.name, Layer.DEFAULT)

    def digest(self) -> str:
        """SHA-256, in hex, over every setting that decides: replicas of one account must agree on it."""
        lines = (f"{row.name}={row.show(self.value(row))}\n" for row in TABLE if not row.local)
        return sha256("".join(lines).encode()).hexdigest()

    def secrets(self) -> Iterator[str]:
        """Every secret text, for whoever has to keep them out of sight."""
        for row in TABLE:
            value = self.value(row)
            if isinstance(value, Secret):
                yield from row.kind.hidden(value)


def _checked(owner: Callable[..., T], given: Mapping[str, Any], group: str) -> T:
    """Make a value of the core, whose own checks may still find that settings do not fit each other."""
    try:
        return owner(**given)
    except ValueError as error:
        # The core names its fields; whoever sets variables has to read their names.
        names = {row.field: row.name for row in TABLE if row.group == group}
        why = re.sub(r"\b[a-z]+(_[a-z]+)+\b", lambda word: names.get(word[0], word[0]), str(error))
        setting, _, rest = why.partition(": ")
        raise SettingsInvalid([Problem(setting=setting, value=None, why=rest)]) from None


def _contradictions(settings: Settings) -> Iterator[Problem]:
    account = settings.account
    if settings.mode is Mode.LIVE and account.live_confirm != account.account_id:
        why = f"must equal ACCOUNT_ID ({account.account_id}): SIMULATION_ENABLED and BINANCE_TESTNET are false, so money moves"
        yield Problem(setting="LIVE_TRADING_CONFIRM", value=account.live_confirm, why=why)
    if settings.mode is not Mode.SIMULATION:
        for name, key in (("BINANCE_API_KEY", account.api_key), ("BINANCE_API_SECRET", account.api_secret)):
            if key is None:
                yield Problem(setting=name, value=None, why=f"is needed in {settings.mode} mode")
