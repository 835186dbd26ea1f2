"""The platform as it runs: the real territory, the demonstration, and every part beside the database."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import pytest
from playwright.sync_api import Page

from territoires.config.postgres import Cluster
from tests.browser import ROOT, serving
from tests.conftest import RUN, TEMPLATE, _execute

LOOPS = ("run_sequencer", "run_followers")
LOOP = (
    "import django, threading; django.setup();"
    "from territoires.foundations.journal import api; api.{loop}(threading.Event())"
)


@dataclass(frozen=True)
class Town:
    """A running platform: its ``address`` and its folder."""

    address: str
    var: Path

    def sign_in(self, page: Page, email: str, then: str = "/bureaux/") -> None:
        """One click on an invented person of the demonstration."""
        page.goto(f"{self.address}/accounts/login/?next={then}")
        form = page.locator("form", has=page.locator(f"input[name=account][value='{email}']"))
        form.evaluate("form => form.closest('details')?.setAttribute('open', '')")
        button = form.locator("button")
        button.click()


@pytest.fixture(scope="session")
def town(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """One platform for all journeys of a worker; each journey makes acts of its own."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    name, var = f"town_{worker}", RUN / f"town-{worker}"
    _execute(cluster, f'CREATE DATABASE "{name}" TEMPLATE {TEMPLATE}')
    own = {"DATABASE_URL": cluster.url(name), "TERRITOIRES_VAR": str(var)}
    environment = {**os.environ, **own, "DJANGO_SETTINGS_MODULE": "territoires.config.settings"}
    for command in (["load", "territory"], ["demo", "load"]):
        subprocess.run(
            [sys.executable, "-m", "django", *command],
            cwd=ROOT,
            env=environment,
            check=True,
            capture_output=True,
        )
    with ExitStack() as parts:
        for loop in LOOPS:
            parts.enter_context(_Loop(loop, environment))
        yield Town(parts.enter_context(serving(own)), var)


class _Loop:
    """A process that runs one loop of the journal until the journeys end."""

    def __init__(self, loop: str, environment: dict[str, str]) -> None:
        self.command, self.environment = [sys.executable, "-c", LOOP.format(loop=loop)], environment

    def __enter__(self) -> None:
        self.process = subprocess.Popen(self.command, cwd=ROOT, env=self.environment)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.terminate()
        self.process.wait(timeout=10)
