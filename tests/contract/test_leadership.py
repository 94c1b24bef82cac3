"""Contract of Leadership: L1 to L4, over every adapter that claims to be one, in time that the test winds."""

import asyncio
from collections.abc import AsyncIterator

import attrs
import pytest
from tests.contract.shelves import MemoryShelf, Shelf, SqliteShelf

from petrosa_core.ports import Leadership
from petrosa_core.values import SECOND, Duration, Moment

LEASE = 10 * SECOND


@attrs.define
class WoundClock:
    """A clock that moves when it is told to."""

    moment: Moment = attrs.field(default=Moment(1_000 * SECOND))

    def now(self) -> Moment:
        """The time that the test has set."""
        return self.moment

    async def sleep(self, duration: Duration) -> None:
        """Let the time pass at once."""
        self.pass_(duration)

    def pass_(self, duration: Duration) -> None:
        """Move on."""
        self.moment = Moment(self.moment + duration)


@pytest.fixture(params=["memory", "sqlite"])
async def shelf(request, tmp_path) -> AsyncIterator[Shelf]:
    """Everything that claims to hold a lease."""
    shelf: Shelf = MemoryShelf() if request.param == "memory" else SqliteShelf(tmp_path / "journal.db")
    yield shelf
    await shelf.close()


@pytest.fixture
def clock() -> WoundClock:
    """The one clock of all replicas."""
    return WoundClock()


async def replicas(shelf: Shelf, clock: WoundClock, count: int) -> list[Leadership]:
    """So many replicas, each with connections of its own."""
    return [await shelf.leadership(clock, LEASE) for _ in range(count)]


async def test_l1_one_of_many_leads(shelf: Shelf, clock: WoundClock):
    """Given replicas that all reach for the lease at once, then one has it, until its lease is over."""
    crowd = await replicas(shelf, clock, 4)

    taken = await asyncio.gather(*(replica.acquire(str(number)) for number, replica in enumerate(crowd)))

    assert sorted(taken) == [False, False, False, True]
    leader = taken.index(True)
    for number, replica in enumerate(crowd):
        assert replica.held_until() == (clock.now() + LEASE if number == leader else 0)


async def test_l1_a_renewed_lease_keeps_the_others_out(shelf: Shelf, clock: WoundClock):
    """Given a leader that renews in time, again and again, then another never gets the lease."""
    first, second = await replicas(shelf, clock, 2)
    for _ in range(5):
        assert await first.acquire("first") is True
        clock.pass_(LEASE // 2)
        assert await second.acquire("second") is False


async def test_l2_a_lease_that_is_not_renewed_runs_out(shelf: Shelf, clock: WoundClock):
    """Given a leader that falls silent, then its lease is in the past when another may take it, and not before."""
    first, second = await replicas(shelf, clock, 2)
    await first.acquire("first")

    clock.pass_(LEASE - 1)
    assert await second.acquire("second") is False
    assert first.held_until() > clock.now()

    clock.pass_(1)
    assert first.held_until() <= clock.now()
    assert await second.acquire("second") is True
    assert await first.acquire("first") is False
    assert first.held_until() == 0


async def test_l2_a_restarted_replica_takes_its_own_lease_again(shelf: Shelf, clock: WoundClock):
    """Given a leader that comes back under its name within its lease, then it leads on."""
    first, again = await replicas(shelf, clock, 2)
    await first.acquire("first")
    clock.pass_(SECOND)

    assert await again.acquire("first") is True
    assert again.held_until() == clock.now() + LEASE


async def test_l3_release_gives_the_lease_up_at_once(shelf: Shelf, clock: WoundClock):
    """Given a leader that releases, then another leads at the same moment."""
    first, second = await replicas(shelf, clock, 2)
    await first.acquire("first")

    await first.release("first")

    assert first.held_until() == 0
    assert await second.acquire("second") is True


async def test_l3_releasing_what_is_not_held_is_harmless(shelf: Shelf, clock: WoundClock):
    """Given a leader, when another releases, twice, then the leader still leads."""
    first, second = await replicas(shelf, clock, 2)
    await first.acquire("first")

    await second.release("second")
    await second.release("second")

    assert await second.acquire("second") is False
    assert await first.acquire("first") is True


async def test_l4_a_store_that_cannot_be_reached_gives_no_lease(shelf: Shelf, clock: WoundClock):
    """Given a leader whose store fails, then it cannot renew, nothing is raised, and it leads until its lease is over."""
    (leader,) = await replicas(shelf, clock, 1)
    await leader.acquire("leader")
    until = leader.held_until()
    clock.pass_(SECOND)

    with shelf.out_of_order():
        assert await leader.acquire("leader") is False
        assert leader.held_until() == until
        await leader.release("somebody")

    assert await leader.acquire("leader") is True
