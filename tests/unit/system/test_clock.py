"""The system's clock under a hand that sets it."""

import attrs

from petrosa_adapters.system import SystemClock

SECOND_NS = 1_000_000_000


@attrs.define
class Watch:
    """Two time sources that a test winds, in nanoseconds."""

    wall: int = 1_000 * SECOND_NS
    steady: int = 0

    def pass_(self, seconds: int) -> None:
        """Time goes by."""
        self.wall += seconds * SECOND_NS
        self.steady += seconds * SECOND_NS

    def set_by(self, seconds: int) -> None:
        """Somebody sets the wall clock."""
        self.wall += seconds * SECOND_NS


def clock_of(watch: Watch) -> SystemClock:
    """A clock on the watch."""
    return SystemClock(wall_ns=lambda: watch.wall, steady_ns=lambda: watch.steady)


def test_it_shows_utc():
    """Given a clock that nobody sets, then it is the system's, in microseconds."""
    watch = Watch()
    clock = clock_of(watch)
    watch.pass_(5)

    assert clock.now() == 1_005_000_000


def test_a_step_forward_is_followed():
    """Given the wall clock jumps an hour ahead, then so do we."""
    watch = Watch()
    clock = clock_of(watch)
    watch.set_by(3_600)

    assert clock.now() == 4_600_000_000


def test_a_step_back_is_walked_off_at_half_speed():
    """Given the wall clock is set back a minute, then we go on at half speed, and are at UTC again after two."""
    watch = Watch()
    clock = clock_of(watch)
    watch.set_by(-60)

    read = []
    for _ in range(4):
        read.append(clock.now() // 1_000_000)
        watch.pass_(40)

    assert read == [1_000, 1_020, 1_040, 1_060]
    assert clock.now() == watch.wall // 1_000


def test_reading_often_does_not_slow_it_down():
    """Given a clock behind UTC's step that is read every nanosecond, then rounding does not make it stand still."""
    watch = Watch()
    clock = clock_of(watch)
    watch.set_by(-60)
    for _ in range(4_000):
        watch.wall += 1
        watch.steady += 1
        clock.now()

    assert clock.now() == 1_000_000_002
