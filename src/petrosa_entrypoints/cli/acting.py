"""Commands that act. Without --commit they only say what they would do; with it they are journalled, with who and why.

They write into the account's journal, as any replica may: the engine that leads follows it and carries them out, and one that
starts later finds them there. So a halt works with the engine stopped, too.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

import click

from petrosa_core.decision import TradingState
from petrosa_core.desk import Done, Plain, Refused
from petrosa_core.values import Quantity, SignalId
from petrosa_entrypoints.cli.reading import json_option
from petrosa_entrypoints.cli.shell import Failed, Shell, pass_shell
from petrosa_entrypoints.display import cell, write_json
from petrosa_entrypoints.offline import AccountDesk

F = TypeVar("F", bound=Callable[..., Any])

_EFFECT: Final[Mapping[TradingState, str]] = {
    TradingState.ACTIVE: "take entries again",
    TradingState.REDUCING: "take nothing that increases exposure; what is open goes on",
    TradingState.HALTED: "take no entries and cancel those that rest; stops and targets stay",
    TradingState.FLATTEN: "halt, and close every position at the market",
}


def acting_options(command: F) -> F:
    """Ask for a reason, and for --commit before anything is done."""
    command = click.option("--commit", is_flag=True, help="Do it; without this, only say what would be done.")(command)
    return click.option("--reason", required=True, help="Why; it stands in the journal.")(command)


def _reason(text: str) -> str:
    reason = text.strip()
    if not reason:
        raise click.BadParameter("must say why", param_hint="--reason")
    return reason


def _tell(shell: Shell, done: str, detail: Mapping[str, Plain], *, as_json: bool, committed: bool) -> None:
    if as_json:
        write_json(shell.out, {"committed": committed, "action": done, **detail})
    elif committed:
        words = ", ".join(f"{name} {cell(value)}" for name, value in detail.items())
        shell.out.write(f"done: {done}{f' ({words})' if words else ''}\n")
    else:
        shell.out.write(f"would {done}; nothing was done: add --commit\n")


def _outcome(answer: Done | Refused) -> Mapping[str, Plain]:
    if isinstance(answer, Refused):
        reason = answer.reason
        raise Failed(f"{reason.code}: {reason.message}{'' if reason.value is None else f': {cell(reason.value)}'}")
    return answer.detail


def _set_state(shell: Shell, state: TradingState, reason: str, *, commit: bool, as_json: bool) -> None:
    why = _reason(reason)

    async def act(account: AccountDesk) -> Mapping[str, Plain]:
        return _outcome(await account.set_state(state, actor=shell.user, reason=why, commit=commit))

    detail = shell.with_account(act)
    done = f"set the trading state to {state.value}: {_EFFECT[state]}"
    _tell(shell, done, detail, as_json=as_json, committed=commit)


def _state_command(name: str, state: TradingState, summary: str) -> click.Command:
    example = f'Example: petrosa {name} --reason "exchange maintenance" --commit'

    @click.command(name, help=summary, short_help=summary.partition(";")[0], epilog=example)
    @acting_options
    @json_option
    @pass_shell
    def command(shell: Shell, reason: str, *, commit: bool, as_json: bool) -> None:
        _set_state(shell, state, reason, commit=commit, as_json=as_json)

    return command


def _quantity(_: click.Context, __: click.Parameter, text: str | None) -> Quantity | None:
    if text is None:
        return None
    try:
        return Quantity(text)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


@click.command(
    epilog='Example: petrosa close sg-3f7k2m... --reason "manual exit" --commit',
    short_help="Close a trade, or a part of it.",
)
@click.argument("trade_id", metavar="TRADE")
@click.option("--quantity", callback=_quantity, default=None, help="At most so many base units; all unless given.")
@acting_options
@json_option
@pass_shell
def close(shell: Shell, trade_id: str, *, quantity: Quantity | None, reason: str, commit: bool, as_json: bool) -> None:
    """Close a trade at the market, or a part of it. What reduces risk passes every gate."""
    name, why = SignalId(trade_id), _reason(reason)

    async def act(account: AccountDesk) -> Mapping[str, Plain]:
        return _outcome(await account.close_trade(name, quantity=quantity, actor=shell.user, reason=why, commit=commit))

    detail = shell.with_account(act)
    size = "all" if quantity is None else f"at most {cell(quantity)}"
    _tell(shell, f"close {size} of {trade_id}", detail, as_json=as_json, committed=commit)


COMMANDS: Final = (
    close,
    _state_command("halt", TradingState.HALTED, "Take no entries and cancel those that rest; stops and targets stay."),
    _state_command("reduce", TradingState.REDUCING, "Take nothing that increases exposure."),
    _state_command("resume", TradingState.ACTIVE, "Take entries again."),
    _state_command("flatten", TradingState.FLATTEN, "Halt, and close every position at the market."),
)
