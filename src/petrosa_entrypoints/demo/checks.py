"""Whether what was shown is true: each promise of the first minute, held against the journal and nothing else."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Final, TypeAlias

import attrs

from petrosa_core.audit.entries import (
    EntryIntended,
    ForeignSeen,
    LeadershipTaken,
    MessageDeadLettered,
    SignalJudged,
    SignalRepeated,
)
from petrosa_core.decision import Outcome
from petrosa_core.desk import Book
from petrosa_core.execution import Closed, Protected, Trade, bracket_of
from petrosa_core.values import SECOND, Duration, SignalId, plain
from petrosa_entrypoints.demo.script import Part, Published
from petrosa_entrypoints.demo.tail import Numbered

NAKED_MAX: Final[Duration] = 10 * SECOND
"""The bound of promise P3 while an engine lives; across its death it is what the takeover takes, at most 20 s."""
NAKED_MAX_ACROSS_DEATH: Final[Duration] = 20 * SECOND


@attrs.frozen(kw_only=True)
class Check:
    """One promise: what was claimed, whether it held, and by which numbers."""

    claim: str
    held: bool
    evidence: str


@attrs.frozen(kw_only=True)
class Evidence:
    """All that the checks look at: what was published, what the journal has, and its fold."""

    published: Mapping[Part, Published]
    entries: Sequence[Numbered]
    book: Book

    def signal_id(self, part: Part) -> SignalId:
        """The signal of a part."""
        return self.published[part].signal_id

    def trade(self, part: Part) -> Trade | None:
        """The trade that a part caused."""
        return self.book.trade(self.signal_id(part))

    def judged(self, part: Part) -> list[SignalJudged]:
        """Every verdict on the signal of a part; there has to be one."""
        wanted = self.signal_id(part)
        return [
            n.entry for n in self.entries if isinstance(n.entry, SignalJudged) and n.entry.signal.signal_id == wanted
        ]

    def entries_sent(self, part: Part) -> int:
        """How many entries were intended for the signal of a part."""
        wanted = self.signal_id(part)
        return sum(isinstance(n.entry, EntryIntended) and n.entry.signal_id == wanted for n in self.entries)


Judge: TypeAlias = Callable[[Evidence], Check]


def _cared_for(trade: Trade | None, naked_max: Duration) -> tuple[bool, str]:
    """Whether the trade was filled whole and is protected now, or was until a stop or target ended it."""
    if trade is None:
        return False, "there is no trade"
    bracket = bracket_of(trade)
    filled = trade.entry.executed == trade.plan.quantity
    safe = isinstance(bracket, Protected | Closed)
    words = f"filled {plain(trade.entry.executed)} of {plain(trade.plan.quantity)}, {type(bracket).__name__.lower()}"
    return filled and safe and trade.naked_us <= naked_max, f"{words}, {trade.naked_us // 1000} ms without a stop"


def _filled(evidence: Evidence) -> Check:
    held, words = _cared_for(evidence.trade(Part.FILLED), NAKED_MAX)
    return Check(claim="a signal became a filled, protected order", held=held, evidence=words)


def _duplicate(evidence: Evidence) -> Check:
    wanted = evidence.signal_id(Part.DUPLICATE)
    repeats = sum(isinstance(n.entry, SignalRepeated) and n.entry.signal_id == wanted for n in evidence.entries)
    verdicts, sent = len(evidence.judged(Part.DUPLICATE)), evidence.entries_sent(Part.DUPLICATE)
    return Check(
        claim="the same signal twice caused one entry",
        held=repeats >= 1 and verdicts == 1 and sent == 1,
        evidence=f"{verdicts} verdict, {repeats} answered from the record, {sent} entry sent",
    )


def _refused(evidence: Evidence) -> Check:
    verdicts = evidence.judged(Part.REFUSED)
    reason = verdicts[0].reasons[0] if verdicts and verdicts[0].reasons else None
    words = "no reason is recorded" if reason is None else f"{reason.code}: {reason.value} against {reason.limit}"
    held = (
        len(verdicts) == 1
        and verdicts[0].outcome is Outcome.DENIED
        and reason is not None
        and (reason.code, reason.value, reason.limit) == ("CONFIDENCE_TOO_LOW", "0.42", "0.5")
        and evidence.entries_sent(Part.REFUSED) == 0
    )
    return Check(claim="a refusal is recorded with its number and limit, and sent nothing", held=held, evidence=words)


def _reduced(evidence: Evidence) -> Check:
    trade = evidence.trade(Part.REDUCED)
    if trade is None:
        return Check(claim="a size was cut down to its ceiling", held=False, evidence="there is no trade")
    sizing = trade.plan.sizing
    held = bool(sizing.ceilings) and trade.plan.quantity < sizing.wanted and _cared_for(trade, NAKED_MAX)[0]
    by = ", ".join(ceiling.partition(":")[0] for ceiling in sizing.ceilings)
    words = f"{plain(round(sizing.wanted, 4))} wanted, {plain(trade.plan.quantity)} sent, by {by}"
    return Check(claim="a size was cut down to its ceiling", held=held, evidence=words)


def _malformed(evidence: Evidence) -> Check:
    raw = evidence.published[Part.MALFORMED].body
    letters = [n.entry for n in evidence.entries if isinstance(n.entry, MessageDeadLettered)]
    kept = [letter for letter in letters if letter.raw == raw]
    return Check(
        claim="a broken message was kept byte for byte, and stopped nothing",
        held=len(kept) == len(letters) == 1,
        evidence=f"{len(kept)} dead letter of {len(raw)} bytes, {kept[0].code if kept else 'none like it'}",
    )


def _killed(evidence: Evidence) -> Check:
    held, words = _cared_for(evidence.trade(Part.KILLED), NAKED_MAX_ACROSS_DEATH)
    sent, verdicts = evidence.entries_sent(Part.KILLED), len(evidence.judged(Part.KILLED))
    starts = sum(isinstance(n.entry, LeadershipTaken) for n in evidence.entries)
    symbol = evidence.published[Part.KILLED].beat.symbol
    foreign = sum(isinstance(n.entry, ForeignSeen) and n.entry.symbol == symbol for n in evidence.entries)
    return Check(
        claim="killed in mid-trade, it recovered, protected, with nothing doubled",
        held=held and sent == 1 and verdicts == 1 and starts == 2 and foreign == 0,
        evidence=f"{starts} starts, {verdicts} verdict, {sent} entry sent, {words}",
    )


def _everything_answered(evidence: Evidence) -> Check:
    judged = sum(isinstance(n.entry, SignalJudged) for n in evidence.entries)
    letters = sum(isinstance(n.entry, MessageDeadLettered) for n in evidence.entries)
    expected = len(evidence.published) - 1  # the duplicate has the verdict of its original
    return Check(
        claim="every message has exactly one verdict",
        held=judged + letters == expected,
        evidence=f"{len(evidence.published)} published, {judged} judged, {letters} dead-lettered, 1 repeated",
    )


JUDGES: Final[Mapping[Part | None, Judge]] = MappingProxyType(
    {
        Part.FILLED: _filled,
        Part.DUPLICATE: _duplicate,
        Part.REFUSED: _refused,
        Part.REDUCED: _reduced,
        Part.MALFORMED: _malformed,
        Part.KILLED: _killed,
        None: _everything_answered,
    }
)
"""Who judges which part; None is about all of them together."""


def check(evidence: Evidence) -> tuple[Check, ...]:
    """Every promise, in the order of the show. Every part has to have been published."""
    return tuple(judge(evidence) for judge in JUDGES.values())
