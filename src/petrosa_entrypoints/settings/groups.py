"""What can be set, apart from what the decision is made with (``risk.py``): each class is one chapter of the table."""

# ruff: noqa: RUF009  (a call of ``setting`` is the declaration of a field, as attrs.field is)

from enum import StrEnum
from pathlib import Path

import attrs

from petrosa_adapters.wire.secret import Secret
from petrosa_core.values import Amount, Duration, Market
from petrosa_entrypoints.settings.kinds import (
    amount,
    choice,
    flag,
    milliseconds,
    path,
    seconds,
    secret,
    text,
    urls,
    whole,
    words,
)
from petrosa_entrypoints.settings.row import setting
from petrosa_entrypoints.settings.tokens import ApiToken, tokens

_NAME = r"[A-Za-z0-9_-]{1,32}"
_NAME_IN_WORDS = "1 to 32 of A-Z a-z 0-9 _ -"
_SUBJECT = r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*"


class Store(StrEnum):
    """Where the journal lies."""

    SQLITE = "sqlite"
    MONGODB = "mongodb"


class LogFormat(StrEnum):
    """How log lines look; AUTO is console on a terminal and JSON anywhere else."""

    AUTO = "auto"
    JSON = "json"
    CONSOLE = "console"


class LogLevel(StrEnum):
    """The least severe lines that are written."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@attrs.frozen(kw_only=True)
class AccountSettings:
    """Account and exchange."""

    account_id: str = setting(
        "ACCOUNT_ID", text(_NAME, _NAME_IN_WORDS), "default", "One set of exchange keys on one market."
    )
    market: Market = setting("MARKET", choice(Market), "usdm", "Binance's USD-M futures or its spot market.")
    simulation: bool = setting(
        "SIMULATION_ENABLED", flag(), "true", "Trade on paper: no order, and no byte, goes to an exchange."
    )
    testnet: bool = setting("BINANCE_TESTNET", flag(), "true", "Use the exchange's testnet; false is the real one.")
    live_confirm: str | None = setting(
        "LIVE_TRADING_CONFIRM", text(), None, "Real money moves only when this equals ACCOUNT_ID."
    )
    api_key: Secret | None = setting("BINANCE_API_KEY", secret(), None, "Binance API key.", secret=True, local=True)
    api_secret: Secret | None = setting(
        "BINANCE_API_SECRET", secret(), None, "Binance API secret.", secret=True, local=True
    )
    recv_window: Duration = setting(
        "RECV_WINDOW_MS", milliseconds("1", "60000"), "5000", "How long after its stamp the exchange may take an order."
    )
    simulation_balance: Amount = setting(
        "SIMULATION_BALANCE", amount("quote units", "1", "1000000000"), "10000", "What a new paper account holds."
    )
    simulation_latency: Duration = setting(
        "SIMULATION_LATENCY_MS",
        milliseconds("0", "5000"),
        "0",
        "How long a request takes to the paper exchange, and back.",
    )


@attrs.frozen(kw_only=True)
class StoreSettings:
    """Journal."""

    store: Store = setting("STORE", choice(Store), "sqlite", "Where the journal lies.", local=True)
    data_dir: Path = setting(
        "DATA_DIR",
        path(),
        ".petrosa",
        "Folder of all that this machine keeps: journal, paper account, NATS.",
        local=True,
    )
    sqlite_path: Path | None = setting(
        "SQLITE_PATH",
        path(),
        None,
        "SQLite journal; without it `journal.db` in the account's folder of DATA_DIR.",
        local=True,
    )
    mongodb_url: Secret = setting(
        "MONGODB_URL", urls("mongodb", "mongodb+srv"), "mongodb://localhost:27017", "MongoDB connection.", local=True
    )
    mongodb_database: str = setting(
        "MONGODB_DATABASE", text(r"[A-Za-z0-9_-]{1,63}", "1 to 63 of A-Z a-z 0-9 _ -"), "petrosa", "MongoDB database.",
        local=True,
    )  # fmt: skip


@attrs.frozen(kw_only=True)
class NatsSettings:
    """Signals over NATS."""

    url: Secret = setting(
        "NATS_URL",
        urls("nats", "tls", "ws", "wss"),
        "nats://localhost:4222",
        "NATS servers, parted by commas.",
        local=True,
    )
    signal_subject: str = setting(
        "NATS_SIGNAL_SUBJECT", text(_SUBJECT, "tokens of A-Z a-z 0-9 _ - parted by dots"), "signals.trading",
        "Subject of the signals; what is published below it is taken as well.",
    )  # fmt: skip
    stream: str = setting(
        "NATS_STREAM", text(_NAME, _NAME_IN_WORDS), "PETROSA_SIGNALS", "JetStream stream that keeps the signals."
    )
    consumer: str = setting(
        "NATS_CONSUMER", text(_NAME, _NAME_IN_WORDS), "tradeengine", "Durable consumer that the replicas share."
    )


@attrs.frozen(kw_only=True)
class ApiSettings:
    """HTTP."""

    host: str = setting(
        "HTTP_HOST", text(r"\S+"), "127.0.0.1", "Address to listen on; any but loopback needs API_TOKENS.", local=True
    )
    port: int = setting(
        "HTTP_PORT", whole("", 0, 65_535), "8000", "Port to listen on; 0 takes any free one.", local=True
    )
    tokens: tuple[ApiToken, ...] = setting(
        "API_TOKENS", tokens(), "", "Who may call, and what for; needed for everything but a simulation on loopback.",
        secret=True, local=True,
    )  # fmt: skip
    allowed_hosts: frozenset[str] = setting(
        "HTTP_ALLOWED_HOSTS", words(r"[A-Za-z0-9.-]+", "host names"), "localhost",
        "Names that a request's Host header may carry; addresses always may.", local=True,
    )  # fmt: skip
    trades_per_second: int = setting(
        "HTTP_TRADES_PER_SECOND",
        whole("requests", 1, 10_000),
        "10",
        "How often one client may post a trade.",
        local=True,
    )
    settle_timeout: Duration = setting(
        "HTTP_SETTLE_SECONDS", seconds("0", "30"), "2", "How long POST /trade waits for the order before it answers 202.",
        local=True,
    )  # fmt: skip
    webhook_secret: Secret | None = setting(
        "WEBHOOK_SECRET", secret(), None, "What a TradingView alert must carry; without it the webhook is shut.",
        secret=True, local=True,
    )  # fmt: skip


@attrs.frozen(kw_only=True)
class LogSettings:
    """Logs."""

    format: LogFormat = setting(
        "LOG_FORMAT", choice(LogFormat), "auto", "auto is console on a terminal, JSON anywhere else.", local=True
    )
    level: LogLevel = setting(
        "LOG_LEVEL", choice(LogLevel), "info", "The least severe lines that are written.", local=True
    )
