"""The first minute's script, story, checks and screens: everything of it that needs no process."""

import asyncio
import io
import json
from decimal import Decimal

import attrs
import pytest
from rich.console import Console

from petrosa_adapters.memory import MemoryJournal, MemoryStore
from petrosa_adapters.sqlite import SqliteJournal
from petrosa_adapters.wire import read_signal
from petrosa_core.audit.entries import EntryIntended, LeadershipTaken, MessageDeadLettered, SignalJudged, SignalRepeated
from petrosa_core.signal import Signal, Undecodable
from petrosa_core.values import AccountId, Market, Mode, Moment, StrategyId
from petrosa_entrypoints.demo.checks import JUDGES, Check, Evidence, check
from petrosa_entrypoints.demo.child import the_day
from petrosa_entrypoints.demo.screen import JsonScreen, RichScreen, Summary, screen_for
from petrosa_entrypoints.demo.script import PRICES, SCRIPT, Part, Published
from petrosa_entrypoints.demo.show import show_settings
from petrosa_entrypoints.demo.stack import child_env
from petrosa_entrypoints.demo.story import Line, Narrator, Tone
from petrosa_entrypoints.demo.tail import Numbered, Tail
from petrosa_entrypoints.settings import Settings

NOW = Moment(1_787_313_601_000_000)


def publish(run="r1", price="50000"):
    """Every beat as it would go out."""
    bodies: dict[Part, bytes] = {}
    for beat in SCRIPT:
        body = bodies[beat.same_as] if beat.same_as else beat.body(run, Decimal(price), NOW)
        bodies[beat.part] = body
        yield Published(beat=beat, signal_id=beat.signal_id(run), body=body)


# ---------------------------------------------------------------- the script


def test_every_part_is_played_once_and_judged():
    """given the parts worth seeing, when the script and the judges are counted, then each part is in both, once."""
    assert [beat.part for beat in SCRIPT] == list(Part)
    assert [part for part in JUDGES if part is not None] == list(Part)


def test_what_is_published_is_what_the_codec_reads():
    """given the script's bodies, when the one codec reads them, then all but the malformed are signals of the known name."""
    for published in publish():
        message = read_signal(published.body, received_at=NOW, headers={}, fallback="x")
        if published.beat.part is Part.MALFORMED:
            assert isinstance(message, Undecodable)
        else:
            assert isinstance(message, Signal)
            assert message.signal_id == published.signal_id
            assert message.price == Decimal(50_000)


def test_the_duplicate_is_the_very_same_message():
    """given the filled signal, when the duplicate is published, then it has the same bytes and the same name."""
    told = {published.beat.part: published for published in publish()}

    assert told[Part.DUPLICATE].body == told[Part.FILLED].body
    assert told[Part.DUPLICATE].signal_id == told[Part.FILLED].signal_id


def test_another_show_has_other_signals():
    """given two shows, when their signals are compared, then none of one is known to the other."""
    one, other = ({published.signal_id for published in publish(run)} for run in ("r1", "r2"))

    assert one.isdisjoint(other)


def test_the_synthetic_day_is_the_same_every_time():
    """given the same seed, when the day is played twice, then it has the same prices; it prices every symbol of the script."""
    settings = Settings()

    assert list(the_day(7, settings)) == list(the_day(7, settings))
    assert list(the_day(7, settings)) != list(the_day(8, settings))
    assert {quote.symbol for _, quote in the_day(7, settings)} == set(PRICES) >= {beat.symbol for beat in SCRIPT}


# ---------------------------------------------------------------- the environment of the processes


def test_a_child_has_what_it_is_given_and_nothing_twice():
    """given a setting in either form, when a child is given another value, then only that is left."""
    env = {"PATH": "/bin", "NATS_URL_FILE": "url", "HTTP_PORT": "1", "API_TOKENS": "t", "API_TOKENS_FILE": "f"}

    assert child_env(env, {"NATS_URL": "nats://x"}, frozenset({"API_TOKENS"})) == {
        "PATH": "/bin",
        "HTTP_PORT": "1",
        "NATS_URL": "nats://x",
    }


def test_the_show_heeds_none_of_the_operators_limits():
    """given an operator who is strict, when the show's engine is told its settings, then it is the script's that hold."""
    env = {"PATH": "/bin", "CONFIDENCE_MIN": "0.99", "API_TOKENS": "x", "MARKET": "spot", "HTTP_HOST": "::"}
    settings = Settings.from_env({"MARKET": "spot", "DATA_DIR": "elsewhere"})

    told = Settings.from_env(show_settings(env, settings))

    assert told.policy.confidence_min == Decimal("0.5")
    assert told.account.market is Market.SPOT
    assert told.api.host == "127.0.0.1"
    assert str(told.journal_path) == "elsewhere/show/journal.db"


# ---------------------------------------------------------------- the story


async def read_all(path):
    """(tail, lines) of a whole journal."""
    journal = await SqliteJournal.open(path, account=AccountId("default"), market=Market.USDM, mode=Mode.SIMULATION)
    read, narrator = Tail(journal), Narrator()
    lines = [line async for numbered in read.more() for line in narrator.tell(numbered, read.book)]
    await journal.close()
    return read, lines


@pytest.fixture(scope="module")
def told(traded):
    """(tail, lines) of everything that the small account has in its journal."""
    return asyncio.run(read_all(traded[0] / "default" / "journal.db"))


@pytest.fixture
def tail(told):
    """The journal, read to its end."""
    return told[0]


@pytest.fixture
def story(told):
    """The story as lines."""
    return told[1]


def test_the_story_of_a_trade_is_told_in_order(story):
    """given a journal with a trade, two refusals and a dead letter, when it is told, then each is a line, in order."""
    events = [line.event for line in story]

    assert events[0] == "engine_leads"
    way = [event for event in events if event in {"size_reduced", "entry_intended", "entry_filled", "protected"}]
    assert way == ["size_reduced", "entry_intended", "entry_filled", "protected"]  # the signal's quantity is a ceiling
    assert events.count("refused") == 2
    assert events.count("dead_lettered") == 1


def test_a_refusal_is_told_with_value_and_limit(story):
    """given a refusal, when it is told, then its numbers are in the text and in the fields."""
    line = next(line for line in story if line.event == "refused")

    assert "CONFIDENCE_TOO_LOW (0.42 against 0.5)" in line.text
    assert line.tone is Tone.REFUSAL


def test_protection_is_told_once(story):
    """given several answers to exits of one trade, when they are told, then it is called protected once."""
    lines = [line for line in story if line.event == "protected"]

    assert len(lines) == 1
    assert isinstance(lines[0].fields["naked_ms"], int)


async def test_a_tail_reads_on_where_it_ended():
    """given a journal that was read to its end, when nothing is appended, then nothing is told again."""
    journal = MemoryJournal(MemoryStore(), account=AccountId("a"), market=Market.USDM, mode=Mode.SIMULATION)

    assert [numbered async for numbered in Tail(journal).more()] == []


# ---------------------------------------------------------------- the checks


def test_without_a_journal_nothing_held():
    """given everything published and nothing recorded, when the promises are checked, then every one of them failed."""
    published = {each.beat.part: each for each in publish()}
    evidence = Evidence(published=published, entries=[], book=Tail(_nothing()).book)

    assert [c.claim for c in check(evidence) if c.held] == []


def _nothing():
    return MemoryJournal(MemoryStore(), account=AccountId("a"), market=Market.USDM, mode=Mode.SIMULATION)


def test_each_promise_fails_without_its_evidence(tail, traded):
    """given evidence for a refusal and a dead letter, when one entry of it is taken away or doubled, then the promise fails."""
    verdicts = traded[1]
    letter = next(n.entry for n in tail.entries if isinstance(n.entry, MessageDeadLettered))
    published = {each.beat.part: each for each in publish()}
    published[Part.REFUSED] = attrs.evolve(published[Part.REFUSED], signal_id=verdicts["unsure"].signal_id)
    published[Part.MALFORMED] = attrs.evolve(published[Part.MALFORMED], body=letter.raw)

    def held(entries, part):
        return JUDGES[part](Evidence(published=published, entries=entries, book=tail.book)).held

    for part, kind in ((Part.REFUSED, SignalJudged), (Part.MALFORMED, MessageDeadLettered)):
        without = [n for n in tail.entries if not isinstance(n.entry, kind)]
        twice = [*tail.entries, *(n for n in tail.entries if isinstance(n.entry, kind))]
        assert held(tail.entries, part)
        assert not held(without, part)
        assert not held(twice, part)


def test_an_entry_that_was_sent_twice_fails_its_promise(tail, traded):
    """given a filled, protected trade, when a second entry of it is in the journal, then duplicate and kill are not kept."""
    bought = traded[1]["bought"].signal_id
    published = {
        each.beat.part: attrs.evolve(each, signal_id=bought)
        for each in publish()
        if each.beat.part in {Part.FILLED, Part.DUPLICATE, Part.KILLED}
    }
    starts = [n for n in tail.entries if isinstance(n.entry, LeadershipTaken)]
    entry = next(n for n in tail.entries if isinstance(n.entry, EntryIntended))
    repeat = SignalRepeated(
        signal_id=bought, strategy_id=StrategyId("momentum"), transport="nats", message_id="m", at=NOW
    )
    good = [*tail.entries, *starts, Numbered(99, repeat)]

    def held(entries, part):
        return JUDGES[part](Evidence(published=published, entries=entries, book=tail.book)).held

    for part in (Part.DUPLICATE, Part.KILLED):
        assert held(good, part)
        assert not held([*good, entry], part)
    assert not held(tail.entries, Part.DUPLICATE)
    assert not held(tail.entries, Part.KILLED)


# ---------------------------------------------------------------- the screens

LINE = Line(at=NOW, event="refused", text="[bold]momentum\x1b[31m: REFUSED", tone=Tone.REFUSAL, fields={"seq": 3})
KEPT = Summary(equity="10 USDT", protected="100 %", verified="ok", checks=[Check(claim="c", held=True, evidence="e")])


def test_without_a_terminal_every_line_is_a_json_object():
    """given a pipe, when the show is told, then every line is JSON with an event, and numbers are exact."""
    out = io.StringIO()
    screen = screen_for(out)
    screen.title("next", {"part": "filled"})
    screen.line(LINE)
    screen.summary(KEPT)
    screen.hints("look", {"why": "petrosa why x"})
    lines = [json.loads(line) for line in out.getvalue().splitlines()]

    assert isinstance(screen, JsonScreen)
    assert [line["event"] for line in lines] == ["title", "refused", "check", "summary", "next"]
    assert lines[3]["kept"] is True


def test_on_a_terminal_nothing_from_outside_is_markup():
    """given text with markup and control codes, when it is shown to people, then they see it as it is."""
    out = io.StringIO()
    screen = RichScreen(Console(file=out, force_terminal=True, markup=False, highlight=False, width=100))
    screen.title("next", {})
    screen.line(LINE)
    screen.summary(KEPT)
    screen.hints("look", {"why": "petrosa why x"})

    assert r"[bold]momentum\x1b[31m: REFUSED" in out.getvalue()
    assert "held" in out.getvalue()


def test_one_broken_promise_is_not_kept():
    """given one promise that did not hold, when the summary is asked, then the show as a whole did not keep them."""
    broken = attrs.evolve(KEPT, checks=[*KEPT.checks, Check(claim="d", held=False, evidence="e")])
    out = io.StringIO()
    JsonScreen(out).summary(broken)

    assert not broken.kept
    assert json.loads(out.getvalue().splitlines()[-1])["kept"] is False
