"""A long life: many leaders, more frames than one reading takes."""

from tests.support.decisions import NOW
from tests.unit.application.test_writer import RULES, Listener, loud, taken_over

from petrosa_adapters.memory import MemoryJournal, MemoryStore
from petrosa_adapters.system import VirtualRuntime, run
from petrosa_core.application import open_desk
from petrosa_core.application.writer import Writer
from petrosa_core.audit import GENESIS, encode, seal
from petrosa_core.audit.entries import JournalOpened, LeadershipTaken, Payload
from petrosa_core.values import AccountId, Market, Mode

ACCOUNT = AccountId("default")
LEADERS = 1_203
"""More than two readings of five hundred frames, and no round number."""


def a_long_journal() -> MemoryStore:
    """Every frame but the first is another leader's."""
    store, head = MemoryStore(), GENESIS
    for number in range(1, LEADERS + 1):
        entry = (
            JournalOpened(account=ACCOUNT, market=Market.USDM, mode=Mode.SIMULATION, at=NOW)
            if number == 1
            else LeadershipTaken(replica=f"r{number}", build="", settings="", at=NOW)
        )
        frame = seal(ACCOUNT, head, f"r{number}", encode(Payload(seq=number, entries=(entry,))))
        store.frames.append(frame)
        head = frame.head
    return store


def test_the_leaders_of_a_long_history_stop_nobody_from_reading_all_of_it():
    """given a journal of many leaders, when a new one starts, then it goes on behind the very last frame."""

    async def story() -> None:
        store = a_long_journal()
        journal = MemoryJournal(store, account=ACCOUNT, market=Market.USDM, mode=Mode.SIMULATION)
        runtime = VirtualRuntime(loud)
        writer = Writer(journal=journal, runtime=runtime, rules=RULES, replica="new", reader=Listener())
        runtime.spawn("writer", writer.run())

        await writer.load()
        await writer.ask(taken_over("new"))

        assert not writer.stood_down
        assert writer.head.number == LEADERS + 1
        assert (await open_desk(journal)).book.totals.leader == "new"

    run(story())
