"""A clock that jumps or stands behind a certified time is refused, in the process and across restarts."""

from __future__ import annotations

import pytest

from territoires.foundations.trust import api as trust
from territoires.foundations.trust.clock_guard import LEAD, ClockGuard, ClockRefused, Mark
from territoires.foundations.trust.clock_mark import DatabaseMark

SECOND = 1_000_000_000
START = 1_800_000_000 * SECOND


class Machine:
    """Clocks to move by hand, and a mark that outlives the guards."""

    def __init__(self) -> None:
        self.wall, self.steady, self.until, self.fault, self.skew = START, 0, 0, "", 0

    def guard(self) -> ClockGuard:
        return ClockGuard(self, wall=lambda: self.wall, steady=lambda: self.steady)

    def wait(self, nanoseconds: int) -> None:
        self.wall += nanoseconds
        self.steady += nanoseconds

    def advance(self, until: int) -> Mark:
        if not self.fault:
            self.until = max(self.until, until)
        return Mark(self.until, self.fault, self.wall + self.skew)

    def refuse(self, fault: str) -> None:
        self.fault = fault

    def clear(self) -> None:
        self.fault, self.until = "", self.wall


def test_time_that_passes_is_certified() -> None:
    machine = Machine()
    guard = machine.guard()
    for _ in range(10):
        machine.wait(SECOND // 3)
        assert guard.now() == machine.wall
        assert machine.until >= machine.wall


@pytest.mark.parametrize("step", [-2 * SECOND, 2 * SECOND])
def test_a_step_is_refused_until_it_is_cleared(step: int) -> None:
    machine = Machine()
    guard, other = machine.guard(), machine.guard()
    guard.now()
    machine.wall += step
    with pytest.raises(ClockRefused, match="jumped"):
        guard.now()
    machine.wait(10 * SECOND)
    with pytest.raises(ClockRefused, match="jumped"):
        guard.now()
    with pytest.raises(ClockRefused):
        other.now()
    machine.clear()
    assert guard.now() == machine.wall


def test_a_slow_correction_is_no_step() -> None:
    machine = Machine()
    guard = machine.guard()
    for _ in range(100):
        machine.wait(SECOND)
        machine.wall -= 10_000_000
        guard.now()


@pytest.mark.parametrize("stall", [SECOND // 2, 30 * SECOND])
def test_a_process_kept_waiting_while_others_certify_is_not_taken_for_a_clock_behind(stall: int) -> None:
    machine = Machine()
    guard, other = machine.guard(), machine.guard()
    advance = machine.advance

    def slowly(until: int) -> Mark:
        machine.advance = advance  # type: ignore[method-assign]
        machine.wait(stall)
        other.now()
        return advance(until)

    machine.advance = slowly  # type: ignore[method-assign]
    guard.now()
    assert not machine.fault


def test_a_restart_behind_the_mark_is_refused() -> None:
    machine = Machine()
    machine.guard().now()
    machine.wall -= 3600 * SECOND
    with pytest.raises(ClockRefused, match="behind"):
        machine.guard().now()


def test_a_second_process_at_the_same_time_is_not_refused() -> None:
    machine = Machine()
    machine.guard().now()
    assert machine.guard().now() == START


def test_the_database_servers_clock_is_a_second_opinion() -> None:
    machine = Machine()
    machine.skew = 3 * SECOND
    with pytest.raises(ClockRefused, match="database"):
        machine.guard().now()


def test_an_unsynchronised_clock_is_refused_where_it_must_be_synchronised() -> None:
    guard = ClockGuard(
        Machine(), wall=lambda: START, steady=lambda: 0, synchronised=lambda: "Unsynchronised."
    )
    with pytest.raises(ClockRefused, match="Unsynchronised"):
        guard.now()


def test_the_mark_is_durable_and_never_goes_back(live_database) -> None:
    keeper = DatabaseMark()
    mark = keeper.advance(START + LEAD)
    assert (mark.until, mark.fault) == (START + LEAD, "")
    assert keeper.advance(START).until == START + LEAD
    keeper.refuse("The clock jumped.")
    assert trust.clock_fault() == "The clock jumped."
    assert keeper.advance(START + 9 * SECOND).until == START + LEAD
    trust.clear_clock()
    assert trust.clock_fault() == ""
