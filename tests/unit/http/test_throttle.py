"""How often a client may ask: the laws of the two counters."""

from hypothesis import given
from hypothesis import strategies as st

from petrosa_adapters.http.throttle import CLIENTS_MAX, Failures, Throttle
from petrosa_core.values import MINUTE, SECOND, Moment

STEPS = st.lists(st.integers(min_value=0, max_value=SECOND), min_size=1, max_size=60)


@given(per_second=st.integers(min_value=1, max_value=50), steps=STEPS)
def test_no_second_passes_more_than_twice_the_rate(per_second: int, steps: list[int]):
    """given requests at any times, when they are let through, then no second has more than a burst and the steady rate."""
    throttle, now, passed = Throttle(per_second), 0, []
    for step in steps:
        now += step
        if throttle.wait("client", Moment(now)) == 0:
            passed.append(now)

    assert all(sum(start <= at < start + SECOND for at in passed) <= 2 * per_second for start in passed)


@given(per_second=st.integers(min_value=1, max_value=50), steps=STEPS)
def test_who_waits_as_told_passes(per_second: int, steps: list[int]):
    """given a request that was told to wait, when it comes again after that time, then it passes."""
    throttle, now = Throttle(per_second), 0
    for step in steps:
        now += step
        now += throttle.wait("client", Moment(now))

    assert throttle.wait("client", Moment(now + SECOND)) == 0


def test_clients_do_not_count_for_each_other():
    """given one client at its limit, when another asks, then it passes."""
    throttle = Throttle(1)

    assert [throttle.wait(client, Moment(0)) > 0 for client in ("a", "a", "b")] == [False, True, False]


def test_the_memory_is_bounded():
    """given more clients than are remembered, when they have all asked, then the quietest are forgotten."""
    throttle, failures = Throttle(1), Failures(5, MINUTE)
    for client in range(CLIENTS_MAX + 10):
        throttle.wait(str(client), Moment(0))
        failures.wait(str(client), Moment(0))

    assert len(throttle._whole_again) == len(failures._counted) == CLIENTS_MAX
    assert throttle.wait("0", Moment(0)) == 0
    assert throttle.wait(str(CLIENTS_MAX + 9), Moment(0)) > 0


def test_failures_are_told_to_wait_until_they_are_forgotten():
    """given five failures allowed in a minute, when the sixth comes, then what is left of the minute is told."""
    failures = Failures(5, MINUTE)
    waits = [failures.wait("client", Moment(second * SECOND)) for second in range(6)]

    assert waits == [0, 0, 0, 0, 0, 55 * SECOND]
    assert failures.wait("client", Moment(MINUTE)) == 0
