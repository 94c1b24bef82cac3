"""``petrosa signal explain | send FILE``: what would become of a signal, and sending it for real."""

import asyncio
from typing import Any, BinaryIO, Final

import click

from petrosa_adapters.wire import read_signal
from petrosa_core.audit import to_plain
from petrosa_core.audit.entries import SignalJudged
from petrosa_core.decision import Outcome
from petrosa_core.desk import Book, Plain, Rules, Verdict, step
from petrosa_core.desk.answers import Arrival
from petrosa_core.desk.inputs import SignalArrived
from petrosa_core.signal import Signal, Undecodable
from petrosa_core.values import Moment, Price, Quote
from petrosa_entrypoints.cli.reading import json_option
from petrosa_entrypoints.cli.shell import Failed, Shell, pass_shell
from petrosa_entrypoints.display import cell, write_fields, write_json, write_reasons
from petrosa_entrypoints.offline import AccountDesk, rules_of
from petrosa_entrypoints.settings import TABLE, Settings

_TRANSPORT: Final = "cli"
_TAKEN_WITHIN: Final = 5.0
"""Seconds that the broker has to be found, and to confirm that it keeps the message."""


@click.group(no_args_is_help=False)
def signal() -> None:
    """Explain or send one trading signal."""


def _read(file: BinaryIO, now: Moment) -> tuple[bytes, Signal | Undecodable]:
    body = file.read()
    return body, read_signal(body, received_at=now, headers={}, fallback=f"{_TRANSPORT}:{now}")


def _price(_: click.Context, __: click.Parameter, text: str | None) -> Price | None:
    if text is None:
        return None
    try:
        return Price(text)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


@signal.command(
    epilog="Example: petrosa signal explain signal.json --price 50000 (FILE - is standard input)",
    short_help="Judge a signal; send nothing.",
)
@click.argument("file", type=click.File("rb"))
@click.option("--price", callback=_price, default=None, help="The market's price; the signal's own unless given.")
@json_option
@pass_shell
def explain(shell: Shell, file: BinaryIO, *, price: Price | None, as_json: bool) -> None:
    """Judge a signal as the engine would now, against the account's record, and send nothing.

    The market's price is the signal's own unless --price says otherwise, for no exchange is asked.
    """
    now = shell.clock.now()
    _, message = _read(file, now)
    rules = rules_of(shell.settings(), caring=True)

    async def work(account: AccountDesk) -> dict[str, Plain]:
        if not account.desk.book.totals.opened:
            raise Failed("the journal is empty, so no symbol and no balance is known: start the engine once")
        if isinstance(message, Undecodable):
            return {"outcome": Outcome.MALFORMED.value, "code": message.code, "message": message.message}
        return judged(account.desk.book, rules, message, price or message.current_price, now)

    answer = shell.with_account(work)
    if as_json:
        write_json(shell.out, answer)
        return
    reasons: Any = answer.get("reasons", ())
    write_fields(shell.out, {name: value for name, value in answer.items() if name != "reasons" and value is not None})
    write_reasons(shell.out, reasons)


def judged(book: Book, rules: Rules, message: Signal, price: Price, now: Moment) -> dict[str, Plain]:
    """The verdict on the signal; the book is left as it was."""
    quote = Quote(symbol=message.symbol, bid=price, ask=price, mark=price, as_of=now, self_quoted=True)
    arrival = Arrival(transport=_TRANSPORT, message_id=f"{now}", received_at=now)
    stepped = step(book, SignalArrived(signal=message, arrival=arrival, quote=quote, at=now, stamp=now), rules)
    book.undo.undo()
    assert isinstance(stepped.answer, Verdict), "a signal is answered with a verdict"
    plan: Any = next(
        (to_plain(each.plan) for each in stepped.entries if isinstance(each, SignalJudged) and each.plan), None
    )
    return {
        "outcome": stepped.answer.outcome.value,
        "signal_id": message.signal_id,
        "strategy_id": message.strategy_id,
        "symbol": message.symbol,
        "action": message.action.value,
        "judged_at_price": price,
        "reasons": [to_plain(reason) for reason in stepped.answer.reasons],
        "plan": plan,
    }


@signal.command(
    epilog="Example: petrosa signal send signal.json --commit (FILE - is standard input)",
    short_help="Publish a signal over NATS.",
)
@click.argument("file", type=click.File("rb"))
@click.option("--commit", is_flag=True, help="Send it; without this, only say what would be sent.")
@json_option
@pass_shell
def send(shell: Shell, file: BinaryIO, *, commit: bool, as_json: bool) -> None:
    """Publish a signal to the engine over NATS, as a strategy does; JetStream confirms that it is kept.

    The engine judges and journals it, so it needs no reason of its own. A body that is no signal is not sent.
    """
    body, message = _read(file, shell.clock.now())
    if isinstance(message, Undecodable):
        raise click.BadParameter(f"{message.code}: {message.message}", param_hint="FILE")
    settings = shell.settings()
    told: dict[str, Plain] = {
        "committed": commit,
        "subject": settings.nats.signal_subject,
        "signal_id": message.signal_id,
        "strategy_id": message.strategy_id,
        "symbol": message.symbol,
        "action": message.action.value,
    }
    if commit:
        told |= asyncio.run(_publish(settings, body))
    if as_json:
        write_json(shell.out, told)
    else:
        done = "sent" if commit else "would send (nothing was sent: add --commit)"
        shell.out.write(
            f"{done}: {', '.join(f'{name} {cell(value)}' for name, value in told.items() if name != 'committed')}\n"
        )


async def _publish(settings: Settings, body: bytes) -> dict[str, Plain]:
    from nats.errors import Error

    from petrosa_adapters.nats import NatsLink

    link = NatsLink(settings.nats.url.reveal(), name="petrosa-cli")
    try:
        async with asyncio.timeout(_TAKEN_WITHIN), link:
            stream = (await link.client()).jetstream()
            ack = await stream.publish(settings.nats.signal_subject, body)
    except (Error, OSError) as error:
        where = ", ".join(row.show(settings.value(row)) for row in TABLE if row.name == "NATS_URL")
        why = str(error) or link.trouble or type(error).__name__
        raise Failed(f"NATS at {where} (NATS_URL) did not take it: {why}") from None
    return {"stream": ack.stream, "sequence": ack.seq}
