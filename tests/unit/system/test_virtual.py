"""Virtual time, and death by SIGKILL within it."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from petrosa_adapters.system import Killed, Stalled, VirtualLoop, VirtualRuntime, bury, run
from petrosa_core.values import DAY, HOUR, SECOND


def loud(name: str, error: BaseException) -> None:
    """No task may fail in these stories."""
    raise AssertionError(f"{name} failed") from error


@pytest.fixture(autouse=True)
def graves() -> Iterator[None]:
    """The dead are let go of when the story is over."""
    yield
    bury()


def test_a_year_passes_in_no_time():
    """Given a sleep of a year and one of a microsecond after it, then both end exactly when they should."""

    async def story() -> None:
        runtime = VirtualRuntime(loud)
        start = runtime.now()
        await runtime.sleep(365 * DAY)
        assert runtime.now() == start + 365 * DAY
        await runtime.sleep(1)
        assert runtime.now() == start + 365 * DAY + 1

    run(story())


def test_waiting_for_nothing_is_found():
    """Given everything waits and no timer is set, then the run ends with Stalled instead of hanging."""

    async def story() -> None:
        await asyncio.Event().wait()

    with pytest.raises(Stalled):
        run(story())


def test_a_call_in_a_thread_is_made_on_the_loop():
    """Given work for an executor, then it is done, and what it raises is raised."""

    async def story() -> None:
        assert await asyncio.to_thread(divmod, 7, 2) == (3, 1)
        with pytest.raises(ZeroDivisionError):
            await asyncio.to_thread(divmod, 7, 0)

    run(story(), seed=3)


async def a_race(trace: list[tuple[int, int]]) -> None:
    """Ten tasks that yield and sleep, and write down when they run."""
    loop = asyncio.get_running_loop()

    async def racer(number: int) -> None:
        for lap in range(4):
            await asyncio.sleep(0 if lap % 2 else 0.001 * (number % 3))
            trace.append((number, round(loop.time() * 1_000)))

    await asyncio.gather(*(racer(number) for number in range(10)))


def traced(seed: int | None) -> list[tuple[int, int]]:
    """The race's trace under a seed."""
    trace: list[tuple[int, int]] = []
    run(a_race(trace), seed=seed)
    return trace


@given(st.integers(0, 2**32))
def test_law_the_same_seed_gives_the_same_run(seed):
    """A schedule that found a bug finds it again."""
    assert traced(seed) == traced(seed)


def test_seeds_differ():
    """Given other seeds, then tasks that could run in any order do."""
    assert len({tuple(traced(seed)) for seed in range(20)}) > 10


def test_without_a_seed_the_order_is_asyncios():
    """Given no seed, then what was ready first runs first, as in the loop of production."""
    assert [number for number, _ in traced(None)][:4] == [0, 3, 6, 9]


def test_the_killed_say_nothing():
    """Given tasks in every kind of wait, when their process is killed, then no except, finally or exit of theirs runs."""
    said: list[str] = []

    async def story() -> None:
        runtime = VirtualRuntime(loud)

        class Held:
            async def __aenter__(self) -> None:
                said.append("entered")

            async def __aexit__(self, *_: object) -> None:
                said.append("exited")

        async def endless() -> AsyncIterator[int]:
            try:
                while True:
                    yield 1
                    await asyncio.sleep(1)
            finally:
                said.append("generator closed")

        async def works() -> None:
            async with Held():
                try:
                    await asyncio.gather(*(runtime.sleep(HOUR) for _ in range(3)))
                finally:
                    said.append("finally")

        async def listens() -> None:
            async for _ in endless():
                pass

        runtime.spawn("works", works())
        runtime.spawn("listens", listens())
        await asyncio.sleep(10)
        runtime.kill()
        await asyncio.sleep(2 * 3600)

    run(story())

    assert said == ["entered"]


def test_children_die_with_their_process_and_strangers_live():
    """Given subtasks of two processes, when one is killed, then all of its own stop and all of the other's go on."""
    ticks = {"a": 0, "b": 0}

    async def story() -> None:
        async def ticking(name: str) -> None:
            while True:
                await asyncio.sleep(1)
                ticks[name] += 1

        async def parent(name: str) -> None:
            async with asyncio.TaskGroup() as group:
                group.create_task(ticking(name))
                group.create_task(ticking(name))

        first, second = VirtualRuntime(loud), VirtualRuntime(loud)
        first.spawn("a", parent("a"))
        second.spawn("b", parent("b"))
        await asyncio.sleep(5.5)
        first.kill()
        await asyncio.sleep(5)
        await second.close()

    run(story())

    assert ticks == {"a": 10, "b": 20}


def test_who_dies_within_a_call_does_not_return_from_it():
    """Given a process that dies in the middle of its own call, then nothing after that line runs."""
    said: list[str] = []

    async def story() -> None:
        runtime = VirtualRuntime(loud)

        async def fatal() -> None:
            said.append("before")
            try:
                await runtime.die()
            finally:
                said.append("after")

        with pytest.raises(Killed):
            await runtime.within(fatal())
        assert not runtime.alive
        with pytest.raises(Killed):
            await runtime.within(fatal())

    run(story())

    assert said == ["before"]


def test_a_result_comes_out_of_a_process():
    """Given work within a process, then whoever asked gets its result or its error."""

    async def story() -> None:
        runtime = VirtualRuntime(loud)

        async def answers() -> int:
            await runtime.sleep(SECOND)
            return 7

        async def fails() -> int:
            raise ZeroDivisionError

        assert await runtime.within(answers()) == 7
        with pytest.raises(ZeroDivisionError):
            await runtime.within(fails())

    run(story())


def test_a_clock_may_be_wrong():
    """Given a process whose clock is an hour off, then only its own idea of now differs."""

    async def story() -> None:
        right = VirtualRuntime(loud)
        wrong = VirtualRuntime(loud, start=type(right.now())(right.now() + HOUR))
        await right.sleep(SECOND)
        assert wrong.now() - right.now() == HOUR

    run(story())


def test_the_loop_has_no_sockets():
    """Given a loop that is closed unused, then nothing is left open (pytest turns a leak into a failure)."""
    VirtualLoop().close()
