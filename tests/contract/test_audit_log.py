"""Contract of AuditLog: A1 to A6, over every adapter that claims to be one."""

from collections.abc import AsyncIterator
from decimal import Decimal

import pytest
from tests.contract.shelves import MemoryShelf, Shelf, SqliteShelf, some_frames, whole

from petrosa_core.ports import AuditLog, Logged, Unavailable

DOCUMENT = {
    "symbol": "BTCUSDT",
    "quantity": Decimal("0.00100"),
    "price": Decimal("12345678901234567890.123456789"),
    "attempts": 3,
    "simulated": True,
    "error": None,
    "strategy_id": "é😀\u2028\x00\"'; DROP TABLE trade_audit_log",
    "metadata": {"journal_seq": 7, "reasons": ["a", {"limit": Decimal("-0.5")}], "none": []},
}


@pytest.fixture(params=["memory", "sqlite"])
async def shelf(request, tmp_path) -> AsyncIterator[Shelf]:
    """Everything that claims to hold an AuditLog."""
    shelf: Shelf = MemoryShelf() if request.param == "memory" else SqliteShelf(tmp_path / "journal.db")
    yield shelf
    await shelf.close()


@pytest.fixture
async def log(shelf: Shelf) -> AuditLog:
    """An empty log."""
    return await shelf.audit_log()


async def test_a1_the_newest_upsert_stays_whatever_the_order(log: AuditLog):
    """Given upserts of one trade that come late, twice and in the wrong order, then the one of the highest entry stands."""
    for seq in (3, 9, 9, 5, 1):
        assert await log.upsert({"seq": seq}, "trade", seq) is None

    assert await log.get("trade") == Logged(trade_id="trade", seq=9, document={"seq": 9})


async def test_a1_an_upsert_of_the_same_entry_changes_nothing(log: AuditLog):
    """Given a document of entry 9, when another comes for entry 9, then the first stands: the projection is a function."""
    await log.upsert({"say": "first"}, "trade", 9)
    await log.upsert({"say": "second"}, "trade", 9)

    assert await log.get("trade") == Logged(trade_id="trade", seq=9, document={"say": "first"})


async def test_a1_two_projectors_make_one_log(shelf: Shelf, log: AuditLog):
    """Given two replicas that project at the same time, then each trade has the newest document of the two."""
    other = await shelf.audit_log()
    for seq in range(1, 21):
        await (log if seq % 2 else other).upsert({"seq": seq}, f"trade-{seq % 3}", seq)

    recent = await log.recent(10)
    assert not isinstance(recent, Unavailable)
    assert {(logged.trade_id, logged.seq) for logged in recent} == {("trade-2", 20), ("trade-1", 19), ("trade-0", 18)}


async def test_a2_a_document_comes_back_equal(log: AuditLog):
    """Given a document with exact numbers and hostile text, then it is read as it was written, digit for digit."""
    await log.upsert(DOCUMENT, "trade", 7)

    logged = await log.get("trade")
    assert isinstance(logged, Logged)
    assert logged.document == DOCUMENT
    assert str(logged.document["quantity"]) == "0.00100"
    assert await log.get("another") is None


async def test_a2_what_happens_to_the_callers_document_later_is_not_logged(log: AuditLog):
    """Given a document that its owner goes on writing in, then the log keeps what it was given."""
    document = {"fills": [1]}
    await log.upsert(document, "trade", 1)
    document["fills"].append(2)

    assert await log.get("trade") == Logged(trade_id="trade", seq=1, document={"fills": [1]})


async def test_a3_the_checkpoint_moves_forward_only_and_by_itself_alone(shelf: Shelf, log: AuditLog):
    """Given passed entries in any order, then the checkpoint is the highest; an upsert does not move it."""
    assert await log.checkpoint() == 0
    await log.upsert({}, "trade", 99)
    for seq in (4, 9, 6):
        assert await log.passed(seq) is None

    assert await log.checkpoint() == 9
    assert await (await shelf.audit_log()).checkpoint() == 9


async def test_a4_recent_pages_through_everything_once(log: AuditLog):
    """Given trades that share entries, then pages of any length hold every document once, the newest first."""
    for number in range(7):
        await log.upsert({"number": number}, f"trade-{number}", number // 2)

    pages, before = [], None
    while page := await log.recent(3, before):
        assert not isinstance(page, Unavailable)
        pages.append([(logged.seq, logged.trade_id) for logged in page])
        before = page[-1]

    everything = [place for page in pages for place in page]
    assert [len(page) for page in pages] == [3, 3, 1]
    assert everything == sorted(((number // 2, f"trade-{number}") for number in range(7)), reverse=True)


async def test_a5_clear_forgets_the_log_and_leaves_the_journal(shelf: Shelf, log: AuditLog):
    """Given a journal and its log, when the log is cleared, then it can be built again out of the same journal."""
    journal = await shelf.journal()
    (frame,) = some_frames(1)
    await journal.append(frame)
    await log.upsert({}, "trade", 5)
    await log.passed(5)

    assert await log.clear() is None

    assert (await log.checkpoint(), await log.recent(10), await log.get("trade")) == (0, (), None)
    assert await whole(journal) == [frame]
    assert await log.upsert({"again": True}, "trade", 1) is None
    assert await log.get("trade") == Logged(trade_id="trade", seq=1, document={"again": True})


async def test_a6_a_store_that_cannot_write_says_so_and_recovers_by_itself(shelf: Shelf, log: AuditLog):
    """Given a store that cannot write, then every change is Unavailable and reading goes on; afterwards all of it works."""
    await log.upsert({"seq": 1}, "trade", 1)

    with shelf.out_of_order():
        changes = [await log.upsert({}, "trade", 2), await log.passed(2), await log.clear()]
        read = await log.get("trade")

    assert [type(change) for change in changes] == [Unavailable] * 3
    assert read == Logged(trade_id="trade", seq=1, document={"seq": 1})
    assert await log.upsert({}, "trade", 2) is None
