"""The show itself: publish, watch the journal, kill, recover, and ask of every promise whether it held."""

import asyncio
import http.client
import json
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from urllib.parse import urlsplit

import attrs
import nats
from nats.js import JetStreamContext

from petrosa_core.application import queries
from petrosa_core.audit import Broken
from petrosa_core.audit.entries import LeadershipTaken, MessageDeadLettered, SignalJudged, SignalRepeated
from petrosa_core.decision import Outcome
from petrosa_core.execution import Closed, Protected, bracket_of
from petrosa_core.ports import Clock, Journal
from petrosa_core.values import MILLISECOND, SECOND, Duration, Symbol, plain
from petrosa_entrypoints.demo.checks import Check, Evidence, check
from petrosa_entrypoints.demo.screen import Screen, Summary
from petrosa_entrypoints.demo.script import SCRIPT, Beat, Part, Published
from petrosa_entrypoints.demo.stack import Stack
from petrosa_entrypoints.demo.story import Line, Narrator, Tone
from petrosa_entrypoints.demo.tail import Tail
from petrosa_entrypoints.proof import prove

_LOOK: Duration = 10 * MILLISECOND
_LOOK_BEFORE_KILL: Duration = 2 * MILLISECOND
_PATIENCE: Duration = 30 * SECOND
"""How long a part may take before the show goes on without it; what is missing then fails its check."""


@attrs.define
class Performance:
    """One show on one stack. ``run`` names it, so that its signals are not those of another; ``pause`` follows each part."""

    stack: Stack
    journal: Journal
    screen: Screen
    clock: Clock
    subject: str
    run: str
    pause: Duration
    tail: Tail = attrs.field(init=False)
    published: dict[Part, Published] = attrs.field(factory=dict)
    _narrator: Narrator = attrs.field(factory=Narrator)

    def __attrs_post_init__(self) -> None:
        """Begin to read at the journal's beginning."""
        self.tail = Tail(self.journal)

    async def play(self) -> Summary:
        """The whole script, and what it came to."""
        connection = await nats.connect(self.stack.nats.url, connect_timeout=5)
        try:
            stream = connection.jetstream()
            for beat in SCRIPT:
                self.screen.title(beat.title, {"part": beat.part.value})
                await self._publish(stream, beat)
                if beat.part is Part.KILLED:
                    await self._kill_and_recover(beat)
                await self._watch(partial(self._seen, beat))
                await self._rest()
        finally:
            await connection.close()
        return await self._summary()

    async def _publish(self, stream: JetStreamContext, beat: Beat) -> None:
        if beat.same_as is None:
            price = await asyncio.to_thread(price_of, self.stack.url, beat.symbol)
            body = beat.body(self.run, price, self.clock.now())
        else:
            body = self.published[beat.same_as].body
        self.published[beat.part] = Published(beat=beat, signal_id=beat.signal_id(self.run), body=body)
        await stream.publish(self.subject, body)

    async def _kill_and_recover(self, beat: Beat) -> None:
        name = beat.signal_id(self.run)

        def filled() -> bool:
            trade = self.tail.book.trade(name)
            return trade is not None and trade.received > 0

        await self._watch(filled, _LOOK_BEFORE_KILL)
        await self.stack.kill_engine()
        killed_at = self.clock.now()
        await self._tell_news()
        trade = self.tail.book.trade(name)
        state = "no trade" if trade is None else type(bracket_of(trade)).__name__.lower()
        self._say("engine_killed", f"engine killed with SIGKILL; its journal says of the trade: {state}", Tone.TROUBLE)
        await self.stack.start_engine()
        await self._watch(lambda: self._starts() == 2)
        took = (self.clock.now() - killed_at) // MILLISECOND
        self._say("engine_recovered", f"engine started again, {took} ms after the kill", Tone.GOOD)

    def _starts(self) -> int:
        return sum(isinstance(n.entry, LeadershipTaken) for n in self.tail.entries)

    def _seen(self, beat: Beat) -> bool:
        """Whether the journal has what the part is about; it says nothing of whether that is as it should be."""
        wanted = self.published[beat.part].signal_id
        judged = [n.entry for n in self.tail.entries if isinstance(n.entry, SignalJudged)]
        verdicts = [entry.outcome for entry in judged if entry.signal.signal_id == wanted]
        match beat.part:
            case Part.DUPLICATE:
                return any(isinstance(n.entry, SignalRepeated) for n in self.tail.entries)
            case Part.MALFORMED:
                return any(isinstance(n.entry, MessageDeadLettered) for n in self.tail.entries)
            case Part.REFUSED | Part.FILLED | Part.REDUCED | Part.KILLED:
                trade = self.tail.book.trade(wanted)
                settled = trade is not None and isinstance(bracket_of(trade), Protected | Closed)
                return settled or any(outcome is not Outcome.ACCEPTED for outcome in verdicts)

    async def _watch(self, seen: Callable[[], bool], look: Duration = _LOOK) -> None:
        deadline = self.clock.now() + _PATIENCE
        while not seen() and self.clock.now() < deadline:
            await self._tell_news()
            if not seen():
                await self.clock.sleep(look)

    async def _rest(self) -> None:
        until = self.clock.now() + self.pause
        while self.clock.now() < until:
            await self._tell_news()
            await self.clock.sleep(_LOOK)

    async def _tell_news(self) -> None:
        async for numbered in self.tail.more():
            for line in self._narrator.tell(numbered, self.tail.book):
                self.screen.line(line)

    def _say(self, event: str, text: str, tone: Tone) -> None:
        self.screen.line(Line(at=self.clock.now(), event=event, text=text, tone=tone))

    async def _summary(self) -> Summary:
        await self._tell_news()
        balance, ratio = self.tail.book.totals.balance, queries.protected_ratio(self.tail.book)
        whole = await _whole(self.journal)
        evidence = Evidence(published=self.published, entries=self.tail.entries, book=self.tail.book)
        return Summary(
            equity="unknown" if balance is None else f"{plain(round(balance.equity, 2))} {balance.asset}",
            protected="nothing held" if ratio is None else f"{plain(round(ratio * 100, 1))} %",
            verified=whole.evidence,
            checks=(*check(evidence), whole),
        )


async def _whole(journal: Journal) -> Check:
    verdict = await prove(journal)
    if isinstance(verdict, Broken):
        words = f"BROKEN at frame {verdict.number}: {verdict.why}"
    else:
        words = f"verified, {verdict.head.number} frames, head {verdict.head.hash[:12]}"
    return Check(claim="the journal is whole, frame by frame", held=not isinstance(verdict, Broken), evidence=words)


def price_of(url: str, symbol: Symbol) -> Decimal:
    """The engine's newest price of a symbol, as its HTTP shell tells it. Raises OSError when it cannot be asked."""
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=5)
    try:
        connection.request("GET", f"/price/{symbol}")
        answer = connection.getresponse()
        body = answer.read()
    finally:
        connection.close()
    if answer.status != http.client.OK:
        raise OSError(f"GET /price/{symbol} answered {answer.status}")
    return Decimal(json.loads(body, parse_float=Decimal)["price"])
