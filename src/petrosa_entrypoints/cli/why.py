"""The story of one signal, as an operator reads it."""

from collections.abc import Mapping, Sequence
from typing import Final, TextIO

from petrosa_core.desk import Plain
from petrosa_entrypoints.display import Column, cell, pick, write_fields, write_reasons, write_table

ORDERS: Final = (
    Column("updated", "updated_at"),
    Column("leg", "leg"),
    Column("side", "side"),
    Column("type", "type"),
    Column("status", "status"),
    Column("ordered", "quantity", number=True),
    Column("executed", "executed_quantity", number=True),
    Column("price", "price", number=True),
    Column("trigger", "trigger_price", number=True),
    Column("filled at", "fill_price", number=True),
    Column("refusal", "refusal.message"),
)
ENTRIES: Final = (Column("seq", "seq", number=True), Column("at", "at"), Column("entry", "kind"))
TRADE: Final = (
    "trade_id",
    "side",
    "quantity",
    "held",
    "entry_price",
    "stop_price",
    "target_price",
    "realised_pnl",
    "naked_seconds",
    "opened_at",
    "ended_at",
)


def _mappings(value: object) -> list[Mapping[str, Plain]]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        return []
    return [item for item in value if isinstance(item, Mapping)]


def write_why(out: TextIO, answer: Mapping[str, Plain]) -> None:
    """The verdict and its reasons first, then what it was judged with, then what came of it."""
    verdict = answer.get("verdict")
    if isinstance(verdict, Mapping):
        who = " ".join(cell(verdict.get(name)) for name in ("strategy_id", "symbol", "action"))
        what = cell(verdict.get("outcome")).upper()
        out.write(f"{cell(answer.get('signal_id'))}  {what}  {who}  {cell(verdict.get('at'))}\n")
    write_reasons(out, _mappings(answer.get("reasons")))
    for title in ("signal", "inputs"):
        part = answer.get(title)
        if isinstance(part, Mapping):
            out.write(f"\n{title}\n")
            write_fields(out, {name: value for name, value in part.items() if value is not None}, indent=2)
    trade = answer.get("trade")
    if isinstance(trade, Mapping):
        out.write("\ntrade\n")
        known = {"state": pick(trade, "bracket.state"), **{name: trade.get(name) for name in TRADE}}
        write_fields(out, {name: value for name, value in known.items() if value is not None}, indent=2)
        out.write("\norders\n")
        write_table(out, ORDERS, _mappings(trade.get("orders")), "none")
    entries = _mappings(answer.get("entries"))
    if entries:
        out.write("\njournal\n")
        write_table(out, ENTRIES, entries, "")
