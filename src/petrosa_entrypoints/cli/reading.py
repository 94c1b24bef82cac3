"""Commands that look: every one reads the record, asks no exchange, changes nothing, and takes --json."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeVar

import click

from petrosa_core.decision import Outcome
from petrosa_core.desk import Plain
from petrosa_core.values import Moment, Symbol
from petrosa_entrypoints.cli.moments import since
from petrosa_entrypoints.cli.shell import Failed, Shell, pass_shell
from petrosa_entrypoints.cli.why import write_why
from petrosa_entrypoints.display import Column, write_fields, write_json, write_table
from petrosa_entrypoints.offline import AccountDesk

F = TypeVar("F", bound=Callable[..., Any])
Rows = Sequence[Mapping[str, Plain]]

POSITIONS: Final = (
    Column("symbol", "symbol"),
    Column("side", "side"),
    Column("quantity", "quantity", number=True),
    Column("entry", "entry_price", number=True),
    Column("mark", "mark_price", number=True),
    Column("unrealised", "unrealised_pnl", number=True),
    Column("protected", "protected"),
    Column("covered", "protected_quantity", number=True),
    Column("trades", "trades"),
)
ORDERS: Final = (
    Column("updated", "updated_at"),
    Column("symbol", "symbol"),
    Column("leg", "leg"),
    Column("side", "side"),
    Column("type", "type"),
    Column("status", "status"),
    Column("ordered", "quantity", number=True),
    Column("executed", "executed_quantity", number=True),
    Column("price", "price", number=True),
    Column("trigger", "trigger_price", number=True),
    Column("filled at", "fill_price", number=True),
    Column("id", "client_order_id"),
)
TRADES: Final = (
    Column("opened", "opened_at"),
    Column("trade", "trade_id"),
    Column("strategy", "strategy_id"),
    Column("symbol", "symbol"),
    Column("side", "side"),
    Column("state", "bracket.state"),
    Column("held", "held", number=True),
    Column("entry", "entry_price", number=True),
    Column("stop", "stop_price", number=True),
    Column("target", "target_price", number=True),
    Column("realised", "realised_pnl", number=True),
)
LIMITS: Final = (
    Column("limit", "name"),
    Column("used", "used", number=True),
    Column("allowed", "limit", number=True),
    Column("ratio", "ratio", number=True),
)
REJECTIONS: Final = (
    Column("at", "at"),
    Column("signal", "signal_id"),
    Column("strategy", "strategy_id"),
    Column("symbol", "symbol"),
    Column("action", "action"),
    Column("outcome", "outcome"),
    Column("reasons", "codes"),
)


def json_option(command: F) -> F:
    """Let a command answer in JSON."""
    return click.option("--json", "as_json", is_flag=True, help="Answer with one JSON document.")(command)


limit_option = click.option(
    "--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="At most so many."
)
all_option = click.option("--all", "every", is_flag=True, help="Those that are over, too.")


def _answer(shell: Shell, rows: Rows, columns: Sequence[Column], empty: str, *, as_json: bool) -> None:
    if as_json:
        write_json(shell.out, list(rows))
    else:
        write_table(shell.out, columns, rows, empty)


@click.command(epilog="Example: petrosa positions --json", short_help="Show what is held, and what covers it.")
@json_option
@pass_shell
def positions(shell: Shell, *, as_json: bool) -> None:
    """Show what is held per symbol, and whether a live stop covers it."""

    async def read(desk: AccountDesk) -> Rows:
        return desk.positions()

    _answer(shell, shell.with_account(read), POSITIONS, "no positions", as_json=as_json)


@click.command(epilog="Example: petrosa orders --symbol BTCUSDT --all", short_help="Show orders, the newest first.")
@click.option("--symbol", type=str, default=None, help="Only of this symbol.")
@all_option
@limit_option
@json_option
@pass_shell
def orders(shell: Shell, symbol: str | None, *, every: bool, limit: int, as_json: bool) -> None:
    """Show orders, the newest first; open ones unless --all is given."""
    wanted = None if symbol is None else Symbol(symbol.upper())

    async def read(desk: AccountDesk) -> Rows:
        return desk.orders(symbol=wanted, open_only=not every, limit=limit)

    _answer(shell, shell.with_account(read), ORDERS, "no orders", as_json=as_json)


@click.command(epilog="Example: petrosa trades --all --limit 10", short_help="Show trades, the newest first.")
@all_option
@limit_option
@json_option
@pass_shell
def trades(shell: Shell, *, every: bool, limit: int, as_json: bool) -> None:
    """Show trades, the newest first; open ones unless --all is given."""

    async def read(desk: AccountDesk) -> Rows:
        return desk.trades(open_only=not every, limit=limit)

    _answer(shell, shell.with_account(read), TRADES, "no trades", as_json=as_json)


@click.command(epilog="Example: petrosa limits", short_help="Show each limit and how much is used.")
@json_option
@pass_shell
def limits(shell: Shell, *, as_json: bool) -> None:
    """Show each limit and how much of it is used."""

    async def read(desk: AccountDesk) -> Rows:
        return desk.limits()

    _answer(shell, shell.with_account(read), LIMITS, "no limits", as_json=as_json)


@click.command(epilog="Example: petrosa account", short_help="Show state, balance and exposure.")
@json_option
@pass_shell
def account(shell: Shell, *, as_json: bool) -> None:
    """Show the account: mode, trading state, balance, exposure."""

    async def read(desk: AccountDesk) -> tuple[Mapping[str, Plain], Mapping[str, Plain]]:
        return desk.status(), desk.account_view()

    status, view = shell.with_account(read)
    if as_json:
        write_json(shell.out, {"status": status, **view})
        return
    balance = view.get("balance")
    write_fields(
        shell.out,
        {
            **{
                name: status.get(name)
                for name in ("account", "market", "mode", "trading_state", "trading_state_reason")
            },
            **(dict(balance) if isinstance(balance, Mapping) else {"balance": None}),
            "gross_exposure": view.get("gross_exposure"),
            "protected_ratio": status.get("protected_ratio"),
        },
    )


@click.command(epilog="Example: petrosa rejections --since 2h", short_help="Show what was not traded, and why.")
@click.option("--since", "given", default="24h", show_default=True, help="An age (30m, 2h, 7d) or a time (ISO 8601).")
@limit_option
@json_option
@pass_shell
def rejections(shell: Shell, given: str, *, limit: int, as_json: bool) -> None:
    """Show what was not traded and why: signals that were denied, and messages that were none."""
    earliest = since(given, shell.clock.now())

    async def read(desk: AccountDesk) -> Rows:
        return _rejected(desk, earliest, limit)

    rows = shell.with_account(read)
    _answer(shell, rows, REJECTIONS, f"nothing was rejected since {given}", as_json=as_json)


def _rejected(desk: AccountDesk, earliest: Moment, limit: int) -> Rows:
    found = [
        row
        for outcome in (Outcome.DENIED, Outcome.MALFORMED)
        for row in desk.decisions(limit=limit, outcome=outcome, since=earliest)
    ]
    return sorted(found, key=lambda row: str(row["at"]), reverse=True)[:limit]


@click.command(
    epilog="Example: petrosa why sg-3f7k2m... (any id that the signal carried will do)",
    short_help="Tell all that is recorded of a signal.",
)
@click.argument("signal_id", metavar="ID")
@json_option
@pass_shell
def why(shell: Shell, signal_id: str, *, as_json: bool) -> None:
    """Tell everything that is recorded of one signal: what it said, the verdict, every reason, orders and fills."""

    async def read(desk: AccountDesk) -> Mapping[str, Plain] | None:
        return await desk.why(signal_id)

    answer = shell.with_account(read)
    if answer is None:
        raise Failed(f"nothing is recorded of {signal_id!r}")
    if as_json:
        write_json(shell.out, answer)
    else:
        write_why(shell.out, answer)


COMMANDS: Final = (positions, orders, trades, limits, account, rejections, why)
