"""Between the desk and the venue: a submission goes once, with a void stamp never; a question is read until answered."""

from collections.abc import Awaitable, Callable
from decimal import Decimal
from itertools import pairwise

import attrs
import pytest
from tests.support.decisions import a_quote
from tests.support.desk import Desk

from petrosa_adapters.paper import Fate, Faults, PaperVenue
from petrosa_adapters.system import VirtualRuntime, run
from petrosa_core.application.carrier import Carrier
from petrosa_core.desk import Input, LookUp, Send, SendCancel
from petrosa_core.desk.inputs import CancelSettled, OrderLookedUp, RequestSettled
from petrosa_core.execution import Accepted, Cancellation, NotFound, OrderHistory, Rejected, Unanswered, Unreadable
from petrosa_core.order import Submission
from petrosa_core.values import MILLISECOND, SECOND, Amount, Duration, Market, Moment, Money

Story = Callable[["Bench"], Awaitable[None]]


def loud(name: str, error: BaseException) -> None:
    """No task may fail in these stories."""
    raise AssertionError(f"{name} failed") from error


class Bench:
    """A desk, a venue, and the carrier between them; what it posts is kept, and stepped when the test says so."""

    def __init__(self) -> None:
        """A signal has been accepted; its entry waits to be sent."""
        self.desk = Desk()
        self.desk.signal()
        self.runtime = VirtualRuntime(loud)
        self.faults = Faults()
        self.venue = PaperVenue.open(
            market=Market.USDM,
            instruments=self.desk.instruments,
            balance=Money(Amount(10_000), "USDT"),
            clock=self.runtime,
            faults=self.faults,
        )
        self.venue.price(attrs.evolve(a_quote("101"), as_of=self.runtime.now()))
        self.posted: list[Input] = []
        self.carrier = Carrier(venue=self.venue, runtime=self.runtime, book=lambda: self.desk.book, post=self.post)

    def post(self, given: Input) -> None:
        """Keep what came back, and step it."""
        self.posted.append(given)
        self.desk.now = self.runtime.now()
        self.desk.do(given)

    def count_submissions(self) -> list[Submission]:
        """A list that grows with every request to submit that leaves."""
        asked: list[Submission] = []

        def keep(submission: Submission) -> Fate:
            asked.append(submission)
            return Fate()

        self.faults.on_submit = keep
        return asked

    @property
    def entry(self) -> Send:
        """The entry's command."""
        send = self.desk.commands[-1]
        assert isinstance(send, Send)
        return send

    async def carry(self, command: Send | SendCancel | LookUp) -> Input:
        """Carry a command out and return what it came to."""
        count = len(self.posted)
        self.carrier.carry_out(command)
        while len(self.posted) == count:
            await self.runtime.sleep(10 * MILLISECOND)
        return self.posted[-1]


def tell(story: Story) -> None:
    """Let a story happen in virtual time."""

    async def whole() -> None:
        await story(Bench())

    run(whole())


def test_a_submission_goes_once_with_its_stamp_and_its_answer_comes_back():
    """given an entry, when it is carried out, then the venue has it, and the answer is posted under its name."""

    async def story(bench: Bench) -> None:
        settled = await bench.carry(bench.entry)

        assert isinstance(settled, RequestSettled)
        assert isinstance(settled.outcome, Accepted)
        assert settled.client_order_id == bench.entry.submission.client_order_id
        assert settled.signal_id == bench.desk.trade.signal_id
        assert isinstance(await bench.venue.find(bench.desk.trade.symbol, settled.client_order_id), OrderHistory)
        assert bench.carrier.in_flight == 0

    tell(story)


def test_what_is_on_its_way_is_counted():
    """given a slow venue, when an entry is on its way, then one is in flight, and none when it is answered."""

    async def story(bench: Bench) -> None:
        bench.faults.on_submit = lambda _: Fate(delay=SECOND)
        bench.carrier.carry_out(bench.entry)
        await bench.runtime.sleep(MILLISECOND)
        assert bench.carrier.in_flight == 1

        await bench.runtime.sleep(2 * SECOND)

        assert bench.carrier.in_flight == 0

    tell(story)


def test_silence_is_posted_as_silence():
    """given a request that is lost, when nothing comes back, then unanswered is posted, never a refusal."""

    async def story(bench: Bench) -> None:
        bench.faults.on_submit = lambda _: Fate(lost=True)
        settled = await bench.carry(bench.entry)

        assert isinstance(settled, RequestSettled)
        assert isinstance(settled.outcome, Unanswered)

    tell(story)


@pytest.mark.parametrize(
    ("age", "goes"),
    [
        (0, True),
        (5 * SECOND, True),
        (5 * SECOND + 1, False),
        (-500 * MILLISECOND, True),
        (-500 * MILLISECOND - 1, False),
    ],
)
def test_an_entry_with_a_void_stamp_does_not_leave(age: Duration, goes: bool):
    """given a stamp too old for its window, or from before a step of the clock, when it is carried out, then it is refused."""

    async def story(bench: Bench) -> None:
        asked = bench.count_submissions()
        stamped = attrs.evolve(bench.entry, signed_at=Moment(bench.venue.now() - age))
        settled = await bench.carry(stamped)

        assert isinstance(settled, RequestSettled)
        assert (len(asked) == 1) is goes
        if not goes:
            assert isinstance(settled.outcome, Rejected)
            assert settled.outcome.code == -1021
            assert not settled.outcome.retryable
            assert f"{age // MILLISECOND} ms ago" in settled.outcome.message

    tell(story)


def test_an_exit_is_never_held_back_by_its_stamp():
    """given an exit whose stamp looks old, when it is carried out, then it goes: what reduces risk passes."""

    async def story(bench: Bench) -> None:
        asked = bench.count_submissions()
        old = attrs.evolve(bench.entry, signed_at=Moment(bench.venue.now() - 60 * SECOND), after_append=False)
        await bench.carry(old)

        assert len(asked) == 1

    tell(story)


def test_a_cancel_comes_back_with_the_venues_word():
    """given a resting entry, when it is cancelled twice, then the first is done and the second gone."""

    async def story(bench: Bench) -> None:
        await bench.carry(bench.entry)
        trade = bench.desk.trade
        cancel = SendCancel(signal_id=trade.signal_id, symbol=trade.symbol, client_order_id=trade.entry.client_order_id)
        answers = [await bench.carry(cancel), await bench.carry(cancel)]

        assert [answer.answer for answer in answers if isinstance(answer, CancelSettled)] == [
            Cancellation.DONE,
            Cancellation.GONE,
        ]

    tell(story)


def test_a_reading_says_when_it_was_asked():
    """given a slow read, when it comes back, then it carries the venue's time at which it was asked."""

    async def story(bench: Bench) -> None:
        bench.faults.on_read = lambda _: Fate(delay=2 * SECOND)
        asked = bench.venue.now()
        trade = bench.desk.trade
        look = LookUp(signal_id=trade.signal_id, symbol=trade.symbol, client_order_id=trade.entry.client_order_id)
        read = await bench.carry(look)

        assert isinstance(read, OrderLookedUp)
        assert isinstance(read.found, NotFound)
        assert (read.asked_at, read.at) == (asked, asked + 2 * SECOND)

    tell(story)


def test_a_question_is_read_ever_more_slowly_until_it_is_answered():
    """given an entry that never arrived, when it is in question, then reads go out 0.1, 0.2, 0.5, 1, 2, 4, 4 s apart."""

    async def story(bench: Bench) -> None:
        start = bench.runtime.now()
        bench.desk.unanswered("e1")
        bench.carrier.resolve(bench.desk.trade.signal_id)
        bench.carrier.resolve(bench.desk.trade.signal_id)

        await bench.runtime.sleep(60 * SECOND)

        reads = [read.asked_at - start for read in bench.posted if isinstance(read, OrderLookedUp)]
        assert reads == [at * MILLISECOND for at in (100, 300, 800, 1800, 3800, 7800, 11800, 15800, 19800, 23800)]
        assert bench.desk.ending == "entry-abandoned"

    tell(story)


def test_an_exit_in_question_is_read_every_second():
    """given a stop that cannot be read, when it is in question, then reads are never more than a second apart."""

    async def story(bench: Bench) -> None:
        bench.desk.accepted("e1").filled("e1")
        bench.desk.unanswered("s1")
        bench.faults.on_read = lambda _: Fate(lost=True)
        bench.carrier.resolve(bench.desk.trade.signal_id)

        await bench.runtime.sleep(60 * SECOND)

        reads = [read for read in bench.posted if isinstance(read, OrderLookedUp)]
        assert all(isinstance(read.found, Unreadable) for read in reads)
        gaps = [after.asked_at - before.at for before, after in pairwise(reads[3:])]
        assert set(gaps) == {SECOND}

    tell(story)


def test_a_question_that_is_answered_otherwise_is_read_no_more():
    """given an entry in question, when a report answers it before the first read, then nothing is read."""

    async def story(bench: Bench) -> None:
        bench.desk.unanswered("e1")
        bench.carrier.resolve(bench.desk.trade.signal_id)
        bench.desk.filled("e1")

        await bench.runtime.sleep(10 * SECOND)

        assert bench.posted == []

    tell(story)


def test_an_entry_that_rests_is_read_every_two_seconds():
    """given an accepted entry, when nothing is heard of it, then it is read: its fill may have been lost in silence."""

    async def story(bench: Bench) -> None:
        bench.desk.accepted("e1")
        bench.carrier.resolve(bench.desk.trade.signal_id)

        await bench.runtime.sleep(9 * SECOND)
        bench.desk.filled("e1")
        await bench.runtime.sleep(9 * SECOND)

        assert len([read for read in bench.posted if isinstance(read, OrderLookedUp)]) == 4

    tell(story)


def test_a_question_of_a_trade_that_is_gone_is_no_question():
    """given an ended trade, when its questions are to be resolved, then there are none."""

    async def story(bench: Bench) -> None:
        bench.desk.refused("e1")
        bench.carrier.resolve(bench.desk.trade.signal_id)

        await bench.runtime.sleep(10 * SECOND)

        assert bench.posted == []
        assert bench.desk.trade.held == Decimal(0)

    tell(story)
