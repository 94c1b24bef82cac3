"""The story of one signal, from its body to its last fill, as the journal has it."""

from typing import cast

from petrosa_core.application.bodies import decision_body, trade_body
from petrosa_core.application.history import entries_between, is_about
from petrosa_core.application.queries import find_signal
from petrosa_core.audit import Head, to_plain
from petrosa_core.audit.entries import MessageDeadLettered, SignalJudged
from petrosa_core.desk import Book, Plain
from petrosa_core.ports import Journal
from petrosa_core.values import iso


async def tell(book: Book, journal: Journal, head: Head, name: str) -> dict[str, Plain] | None:
    """Everything recorded of a signal, by its name or any id that it carried; None when nothing is."""
    record = find_signal(book, name)
    if record is None:
        return None
    trade = None if record.signal_id is None else book.trade(record.signal_id)
    last = book.spans[trade.signal_id][1] if trade else record.seq
    entries = await entries_between(journal, record.seq, last, head.number)
    told: dict[str, Plain] = {
        "signal_id": record.signal_id or name,
        "verdict": decision_body(record),
        "signal": None,
        "inputs": None,
        "trade": None if trade is None else trade_body(trade),
        "entries": [
            {"seq": seq, "kind": type(entry).__name__, "at": iso(entry.at), "body": cast("Plain", to_plain(entry))}
            for seq, entry in entries
            if seq == record.seq or (record.signal_id is not None and is_about(entry, record.signal_id))
        ],
    }
    for seq, entry in entries:
        if seq == record.seq and isinstance(entry, SignalJudged):
            told.update(_judged(entry))
        elif seq == record.seq and isinstance(entry, MessageDeadLettered):
            told["inputs"] = cast("Plain", to_plain(entry))
    return told


def _judged(entry: SignalJudged) -> dict[str, Plain]:
    return {
        "signal": cast("Plain", to_plain(entry.signal)),
        "inputs": {
            "quote": None if entry.quote is None else cast("Plain", to_plain(entry.quote)),
            "balance": None if entry.balance is None else cast("Plain", to_plain(entry.balance)),
            "unhealthy": list(entry.unhealthy),
            "plan": None if entry.plan is None else cast("Plain", to_plain(entry.plan)),
        },
        "reasons": [{"code": r.code, "message": r.message, "value": r.value, "limit": r.limit} for r in entry.reasons],
    }
