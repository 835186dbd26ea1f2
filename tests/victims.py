"""Processes to be killed, forked from one that has loaded the platform: the death is real, the loading is done once.

``victim(work, *arguments)`` starts one on the test's own database; ``killed`` waits for its end by SIGKILL.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from functools import reduce
from importlib import import_module
from multiprocessing import forkserver, get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import django
import pytest

django.setup()  # here and, once for all victims, in the process that they are forked from

from django.conf import settings  # noqa: E402
from django.db import connections  # noqa: E402

from territoires.config.database import entry  # noqa: E402

ROOT = Path(__file__).resolve().parents[1]
FORKED = get_context("forkserver")
FORKED.set_forkserver_preload([__name__])
Victim = Callable[..., BaseProcess]


@pytest.fixture(scope="session")
def forking() -> None:
    """The process that victims are forked from; it finds the tree under test whatever is installed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT / "src"), str(ROOT)]))
        forkserver.ensure_running()


@pytest.fixture
def victim(live_database: str, forking: None) -> Iterator[Victim]:
    """Starts victims with the test's own database and settings; all of them are dead at the end."""
    running: list[BaseProcess] = []

    def started(work: Callable[..., None], *arguments: Any, **changed: Any) -> BaseProcess:
        process = FORKED.Process(target=_enter, args=(live_database, changed, work, arguments))
        process.start()
        running.append(process)
        return process

    yield started
    for process in running:
        process.kill()
        process.join()


def killed(process: BaseProcess, seconds: float = 90) -> bool:
    """Whether a victim died by SIGKILL, not by a fault of its own."""
    process.join(seconds)
    return process.exitcode == -signal.SIGKILL


def die_at(module: str, name: str, when: str, turn: int) -> None:
    """Puts death in the place of one call of a function (or ``Class.method``): ``before`` its work, ``after`` it, or after
    ``half`` of a write."""
    *path, name = name.split(".")
    place = reduce(getattr, path, import_module(module))
    work, turns = getattr(place, name), iter(range(1, turn + 1))

    def dying(*args: Any, **kwargs: Any) -> Any:
        is_last = next(turns) == turn
        if is_last and when == "half":
            args = (args[0], args[1][: len(args[1]) // 2])
        answer = None if is_last and when == "before" else work(*args, **kwargs)
        if is_last:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

    setattr(place, name, dying)


def _enter(
    database: str, changed: dict[str, Any], work: Callable[..., None], arguments: tuple[Any, ...]
) -> None:
    connections["default"].settings_dict.update(entry(database))
    for name, value in changed.items():
        setattr(settings, name, value)
    work(*arguments)
