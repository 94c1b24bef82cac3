"""What happens, in lines: each journal entry that a spectator should see becomes one. Nothing is told that is not durable."""

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum

import attrs

from petrosa_core.audit.entries import (
    EntryIntended,
    LeadershipTaken,
    MessageDeadLettered,
    OrderReported,
    RequestAnswered,
    SignalJudged,
    SignalRepeated,
    TradeEnded,
)
from petrosa_core.decision import Outcome, Plan
from petrosa_core.desk import Book, Plain
from petrosa_core.execution import Accepted, Protected, Trade, bracket_of
from petrosa_core.values import Leg, Moment, SignalId, leg_of, plain
from petrosa_entrypoints.demo.tail import Numbered


class Tone(StrEnum):
    """How a line is meant."""

    NEWS = "news"
    GOOD = "good"
    REFUSAL = "refusal"
    TROUBLE = "trouble"


@attrs.frozen(kw_only=True)
class Line:
    """One line: ``event`` is its stable name, ``fields`` what a program would want of it."""

    at: Moment
    event: str
    text: str
    tone: Tone = Tone.NEWS
    fields: Mapping[str, Plain] = attrs.field(factory=dict)


class Narrator:
    """Tells entries as lines; it remembers which trades it has called protected."""

    def __init__(self) -> None:
        """Nothing is told yet."""
        self._protected: set[SignalId] = set()

    def tell(self, numbered: Numbered, book: Book) -> list[Line]:
        """The lines of one entry; ``book`` is folded up to it."""
        entry = numbered.entry
        match entry:
            case SignalJudged():
                return [_judged(entry, numbered.seq)]
            case SignalRepeated():
                return [_repeated(entry)]
            case MessageDeadLettered():
                return [_dead_lettered(entry)]
            case LeadershipTaken():
                fields: dict[str, Plain] = {"replica": entry.replica, "build": entry.build}
                return [Line(at=entry.at, event="engine_leads", text="the engine leads the account", fields=fields)]
            case EntryIntended():
                text = "intention written down, then sent once"
                return [Line(at=entry.at, event="entry_intended", text=text, fields={"signal_id": entry.signal_id})]
            case OrderReported() if entry.report.fill is not None:
                return [_filled(entry)]
            case RequestAnswered(outcome=Accepted()):
                return self._covered(entry.signal_id, book, entry.at)
            case TradeEnded():
                text = f"trade over ({entry.why}), result {plain(round(entry.pnl, 2))} USDT before fees"
                return [Line(at=entry.at, event="trade_ended", text=text, fields={"signal_id": entry.signal_id})]
            case _:
                return []

    def _covered(self, signal_id: SignalId, book: Book, at: Moment) -> list[Line]:
        trade = book.trade(signal_id)
        if trade is None or signal_id in self._protected or not isinstance(bracket_of(trade), Protected):
            return []
        self._protected.add(signal_id)
        return [_protected(trade, at)]


def _judged(entry: SignalJudged, seq: int) -> Line:
    signal = entry.signal
    who = f"{signal.strategy_id} {signal.symbol} {signal.action} c={plain(signal.confidence)}"
    fields: dict[str, Plain] = {"signal_id": signal.signal_id, "outcome": entry.outcome.value, "seq": seq}
    if entry.outcome is Outcome.DENIED:
        fields["reasons"] = [
            {"code": reason.code, "message": reason.message, "value": reason.value, "limit": reason.limit}
            for reason in entry.reasons
        ]
        why = "; ".join(f"{reason.code} ({reason.value} against {reason.limit})" for reason in entry.reasons)
        return Line(at=entry.at, event="refused", text=f"{who}: REFUSED {why}", tone=Tone.REFUSAL, fields=fields)
    if entry.plan is None:
        return Line(at=entry.at, event=entry.outcome.value, text=f"{who}: {entry.outcome}", fields=fields)
    fields |= _plan_fields(entry.plan)
    cut = (
        f" (cut down from {_rounded(entry.plan.sizing.wanted)} by {_ceilings(entry.plan)})"
        if entry.plan.sizing.ceilings
        else ""
    )
    levels = f"stop {plain(entry.plan.stop_price)}, target {plain(entry.plan.target_price)}"
    text = f"{who}: {plain(entry.plan.quantity)} at up to {plain(entry.plan.worst_price)}{cut}, {levels}"
    event = "size_reduced" if entry.plan.sizing.ceilings else "accepted"
    return Line(at=entry.at, event=event, text=text, fields=fields)


def _plan_fields(plan: Plan) -> dict[str, Plain]:
    return {
        "quantity": Decimal(plan.quantity),
        "wanted": plan.sizing.wanted,
        "ceilings": list(plan.sizing.ceilings),
        "stop_price": Decimal(plan.stop_price),
        "target_price": Decimal(plan.target_price),
    }


def _rounded(number: Decimal) -> str:
    return plain(round(number, 4))


def _ceilings(plan: Plan) -> str:
    return ", ".join(ceiling.partition(":")[0] for ceiling in plan.sizing.ceilings)


def _repeated(entry: SignalRepeated) -> Line:
    return Line(
        at=entry.at,
        event="duplicate",
        text=f"{entry.strategy_id}: DUPLICATE of a signal that is on record; answered from there, nothing sent",
        tone=Tone.REFUSAL,
        fields={"signal_id": entry.signal_id},
    )


def _dead_lettered(entry: MessageDeadLettered) -> Line:
    return Line(
        at=entry.at,
        event="dead_lettered",
        text=f"DEAD LETTER {entry.code}: {entry.message}; all {len(entry.raw)} bytes are kept",
        tone=Tone.REFUSAL,
        fields={"code": entry.code, "message_id": entry.message_id, "bytes": len(entry.raw)},
    )


def _filled(entry: OrderReported) -> Line:
    fill, named = entry.report.fill, leg_of(entry.report.client_order_id)
    assert fill is not None, "only fills come here"
    leg = (
        "order" if named is None else {Leg.ENTRY: "entry", Leg.STOP: "stop", Leg.TARGET: "target"}.get(named[1], "exit")
    )
    return Line(
        at=entry.at,
        event=f"{leg}_filled",
        text=f"{entry.report.symbol} {leg} FILLED {plain(fill.quantity)} at {plain(fill.price)}",
        tone=Tone.GOOD,
        fields={"signal_id": entry.signal_id, "price": Decimal(fill.price), "quantity": Decimal(fill.quantity)},
    )


def _protected(trade: Trade, at: Moment) -> Line:
    milliseconds = trade.naked_us // 1000
    return Line(
        at=at,
        event="protected",
        text=f"{trade.symbol} PROTECTED: a live stop covers all of it, {milliseconds} ms after the fill",
        tone=Tone.GOOD,
        fields={"signal_id": trade.signal_id, "naked_ms": milliseconds},
    )
