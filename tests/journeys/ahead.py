"""A platform whose legal time runs ahead of the machine's, so that a deadline of days is reached in one journey.

How far ahead stands in a file of its folder, read at each question: the hour moves while every part runs. Only what
counts in law moves (the clock of actors, time-stamps, when somebody proved who she is); jobs and sessions do not: jobs
come more often.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from django.conf import settings

SECOND = 1_000_000_000
EACH_MINUTE, EACH_TEN_SECONDS = "* * * * *", "* * * * * */10"


def file_of(var: Path) -> Path:
    return var / "hours-ahead"


def move(var: Path, by: timedelta) -> None:
    """Moves the time of a running platform on, from where it stands."""
    file = file_of(var)
    file.with_suffix(".new").write_text(str(_read(file) + by.total_seconds()))
    file.with_suffix(".new").rename(file)


def seconds() -> float:
    return _read(file_of(settings.ENVIRONMENT.var))


def _read(file: Path) -> float:
    return float(file.read_text()) if file.exists() else 0.0


def instant(var: Path) -> datetime:
    """What a platform's clock shows."""
    return datetime.now(UTC) + timedelta(seconds=_read(file_of(var)))


def now() -> datetime:
    return instant(settings.ENVIRONMENT.var)


def install_clock() -> None:
    """To be called before anything takes the clock by its name."""
    from territoires.kernel import clock

    clock.system_clock = now


def install_hurry() -> None:
    """What is done each minute is done six times as often: a journey waits as its reader would, in less time."""
    from procrastinate.periodic import PeriodicRegistry

    register = PeriodicRegistry.register_task

    def sooner(self: PeriodicRegistry, *, cron: str, **given: Any) -> Any:
        return register(self, cron=EACH_TEN_SECONDS if cron == EACH_MINUTE else cron, **given)

    PeriodicRegistry.register_task = sooner  # type: ignore[method-assign]


def install_stamps() -> None:
    """Time-stamps: the watches of the authority see no jump, and the database's opinion is moved alike."""
    from territoires.foundations.trust import clock_guard, clock_mark

    true_boot, true_returning = clock_guard.since_boot, clock_mark._returning

    def moved(statement: str, parameters: list[int | str]) -> tuple[object, ...]:
        row = true_returning(statement, parameters)
        return (*row[:2], row[2] + _nanoseconds()) if len(row) == 3 else row

    clock_guard.ClockGuard.__init__.__kwdefaults__.update(
        wall=lambda: time.time_ns() + _nanoseconds(), steady=lambda: true_boot() + _nanoseconds()
    )
    clock_mark._returning = moved


def install_proofs() -> None:
    """When a person proved who she is."""
    from allauth.account.internal.flows import login, reauthentication

    shown = SimpleNamespace(time=lambda: time.time() + seconds())
    login.time = reauthentication.time = shown


def _nanoseconds() -> int:
    return int(seconds() * SECOND)
