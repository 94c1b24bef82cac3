"""Contract of Clock and Runtime: the machine's own, and the virtual one that tests are run on."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest

from petrosa_adapters.system import AsyncioRuntime, SystemClock, VirtualRuntime, bury, run
from petrosa_core.ports import Runtime
from petrosa_core.values import HOUR, MILLISECOND

BLINK = MILLISECOND
"""Long enough to be asked for, short enough for a machine that waits for real."""

Story = Callable[[Runtime, list[tuple[str, BaseException]]], Awaitable[None]]


def on_the_machine(story: Story) -> None:
    """Run the story in real time."""

    async def main() -> None:
        failures: list[tuple[str, BaseException]] = []
        runtime = AsyncioRuntime(SystemClock(), lambda name, error: failures.append((name, error)))
        await story(runtime, failures)
        await runtime.close()

    asyncio.run(main())


def in_virtual_time(story: Story) -> None:
    """Run the story in virtual time."""

    async def main() -> None:
        failures: list[tuple[str, BaseException]] = []
        runtime = VirtualRuntime(lambda name, error: failures.append((name, error)))
        await story(runtime, failures)
        await runtime.close()

    run(main(), seed=1)


@pytest.fixture(params=[pytest.param(on_the_machine, id="asyncio"), pytest.param(in_virtual_time, id="virtual")])
def play(request) -> Iterator[Any]:
    """Everything that claims to be a Runtime."""
    yield request.param
    bury()


def test_c1_time_never_goes_back(play):
    """Given time is read again and again, with waits and without, then no reading is below the one before."""

    async def story(runtime: Runtime, _: object) -> None:
        read = []
        for count in range(50):
            read.append(runtime.now())
            if count % 10 == 0:
                await runtime.sleep(BLINK)

        assert read == sorted(read)

    play(story)


def test_c2_sleep_is_no_shorter_than_asked(play):
    """Given many lengths of sleep, then the loop's clock has moved on by as much at least."""

    async def story(runtime: Runtime, _: object) -> None:
        elapsed = asyncio.get_running_loop().time
        for duration in (0, 1, 333, BLINK, 2 * BLINK + 1):
            before = elapsed()
            await runtime.sleep(duration)
            assert elapsed() >= before + duration / 1_000_000

    play(story)


def test_r1_a_task_that_dies_is_reported_at_once(play):
    """Given a task that raises, then its name and its error are told before the next timer; one that ends is not."""

    async def story(runtime: Runtime, failures: list[tuple[str, BaseException]]) -> None:
        async def fails() -> None:
            raise ZeroDivisionError

        async def ends() -> None:
            pass

        runtime.spawn("fails", fails())
        runtime.spawn("ends", ends())
        await runtime.sleep(BLINK)

        assert [(name, type(error)) for name, error in failures] == [("fails", ZeroDivisionError)]

    play(story)


def test_r2_a_task_is_kept_until_it_ends(play):
    """Given a task that nobody else holds, when memory is collected, then it still runs to its end."""
    import gc

    async def story(runtime: Runtime, _: object) -> None:
        flag, done = runtime.signalled(), []

        async def works() -> None:
            await flag.wait()
            done.append(True)

        runtime.spawn("works", works())
        await runtime.sleep(BLINK)
        gc.collect()
        flag.set()
        await runtime.sleep(BLINK)

        assert done == [True]

    play(story)


def test_r2_closing_ends_what_runs(play):
    """Given a task that would wait for ever, when the runtime closes, then it is cancelled and has cleaned up."""

    async def story(runtime: Any, failures: list[tuple[str, BaseException]]) -> None:
        said = []

        async def waits() -> None:
            try:
                await runtime.signalled().wait()
            finally:
                said.append("cleaned up")

        runtime.spawn("waits", waits())
        await runtime.sleep(BLINK)
        await runtime.close()
        runtime.spawn("too late", waits())
        await runtime.sleep(BLINK)

        assert (said, failures) == (["cleaned up"], [])

    play(story)


def test_a_flag_wakes_every_waiter_and_can_be_lowered(play):
    """Given two waiters, when the flag is raised, then both go on; lowered, a third waits."""

    async def story(runtime: Runtime, _: object) -> None:
        flag, woken = runtime.signalled(), []

        async def waits(name: str) -> None:
            await flag.wait()
            woken.append(name)

        runtime.spawn("a", waits("a"))
        runtime.spawn("b", waits("b"))
        await runtime.sleep(BLINK)
        flag.set()
        await runtime.sleep(BLINK)
        flag.clear()
        runtime.spawn("c", waits("c"))
        await runtime.sleep(BLINK)

        assert sorted(woken) == ["a", "b"]

    play(story)


def test_first_is_true_when_one_is_done_and_cancels_the_rest(play):
    """Given one that is done soon and one that never is, then the answer is True and the other has ended."""

    async def story(runtime: Runtime, _: object) -> None:
        ended = []

        async def never() -> None:
            try:
                await runtime.signalled().wait()
            finally:
                ended.append("never")

        assert await runtime.first(runtime.sleep(BLINK), never(), within=HOUR) is True
        assert ended == ["never"]

    play(story)


def test_first_is_false_when_the_time_runs_out(play):
    """Given nothing that is ever done, then the answer is False when the time is over."""

    async def story(runtime: Runtime, _: object) -> None:
        assert await runtime.first(runtime.signalled().wait(), within=BLINK) is False

    play(story)


def test_first_raises_what_the_first_raised(play):
    """Given work that fails, then its error comes out here and is not lost."""

    async def story(runtime: Runtime, _: object) -> None:
        async def fails() -> None:
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await runtime.first(fails(), runtime.signalled().wait(), within=HOUR)

    play(story)
