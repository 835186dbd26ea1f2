"""The platform as it runs: the real territory, the demonstration, and every part beside the database."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from territoires.config.postgres import Cluster
from territoires.kernel.clock import legal_day
from tests.browser import ROOT, Look, serving
from tests.conftest import RUN, SHARED, clone_template
from tests.simulators.ministry import Ministry
from tests.simulators.s2low import ThirdParty
from tests.waiting import until

from . import ahead
from .clerk import Clerk

PART = (
    "import sys, django; django.setup();"
    "from territoires.config.parts import all_parts;"
    "next(part for part in all_parts() if part.name == sys.argv[1]).work()"
)
WIDE = Look()
START_SECONDS = 180
PARTS = ("worker", "sequencer", "followers", "timekeeper", "opener", "simulators", "front")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A journey that lets days go by comes last: what the others prove is judged by the machine's own clock."""
    items.sort(key=lambda item: item.get_closest_marker("runs_ahead") is not None)


@dataclass
class Town:
    """A running platform: its ``address``, that of its ``front``, its folder. Its parts can be killed and started again."""

    address: str
    front: str
    var: Path
    environment: dict[str, str]
    parts: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, part: str) -> None:
        command = [sys.executable, "-c", PART, part]
        self.parts[part] = subprocess.Popen(command, cwd=ROOT, env=self.environment)

    def kill(self, part: str) -> None:
        self.parts[part].kill()
        self.parts[part].wait()

    def wait(self, **span: float) -> None:
        """Lets days go by in a moment, for everything that counts in law."""
        ahead.move(self.var, timedelta(**span))

    def day(self, *, later: int = 0) -> str:
        """The legal day of the town, or some days later, as it is typed."""
        return f"{legal_day(ahead.instant(self.var)) + timedelta(days=later):%d/%m/%Y}"

    def stop(self) -> None:
        for process in self.parts.values():
            process.terminate()
        for process in self.parts.values():
            process.wait(timeout=10)

    def is_up(self) -> bool:
        """Whether every part says that it lives: until then they start, and pages are slow."""
        try:
            with urllib.request.urlopen(f"{self.address}/health", timeout=20) as answer:
                return not json.load(answer)["down"]
        except OSError:
            return False

    @property
    def ministry(self) -> Ministry:
        """The simulated ministry, which takes another port whenever it is started again."""
        return Ministry(self.var, self._simulators(), itertools.count(1))

    @property
    def third_party(self) -> ThirdParty:
        return ThirdParty(self.var, self._simulators())

    def _simulators(self) -> int:
        port = self.var / "simulators.port"
        until(lambda: port.exists() and port.read_text())
        return int(port.read_text())

    def mails(self, recipient: str) -> list[str]:
        """The texts of the mails that the worker sent to an address."""
        sent = [
            message_from_bytes(file.read_bytes().rstrip(b"-\n"), policy=policy.default)
            for file in sorted((self.var / "mail").glob("*"))
        ]
        return [mail.get_content() for mail in sent if mail["To"] == recipient]


@pytest.fixture(scope="package")
def town(cluster: Cluster) -> Iterator[Town]:
    """One platform for all journeys of a worker, stopped after the last; each journey makes acts of its own."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    name, var = f"town_{worker}", RUN / f"town-{worker}"
    clone_template(cluster, name)
    own = {
        "DATABASE_URL": cluster.url(name),
        "TERRITOIRES_VAR": str(var),
        "DJANGO_SETTINGS_MODULE": "tests.journeys.settings",
        "SIMULATORS_CLOCK": str(ahead.file_of(var)),
        "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),
    }
    if SHARED.is_dir():
        from .emitted import official_rules

        own["TERRITOIRES_PACKS"] = str(official_rules(var / "packs"))
    environment = {**os.environ, **own}
    for command in (["load", "territory"], ["demo", "load"]):
        django = [sys.executable, "-m", "django", *command]
        subprocess.run(django, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)
    server = serving(own)
    front = f"https://localhost:{server.port + 1}"
    server.environment["TERRITOIRES_CERTIFICATE_URL"] = front
    with server as address:
        addresses = {"TERRITOIRES_URL": address, "TERRITOIRES_PORT": str(server.port)}
        running = Town(address, front, var, {**environment, **addresses})
        for part in PARTS:
            running.start(part)
        until(running.is_up, START_SECONDS)
        yield running
        running.stop()


@pytest.fixture
def clerk(page: Page, town: Town) -> Clerk:
    """The village's secretary at a desk of 1440 px, in French, not yet signed in."""
    return Clerk(page, town.address)


@pytest.fixture
def somebody(browser: Browser, town: Town) -> Iterator[Callable[..., Clerk]]:
    """Other people, each in a browser of their own; takes the browser's options."""
    opened = []

    def arrive(look: Look = WIDE, **options: object) -> Clerk:
        fresh = browser.new_context(locale="fr-FR", timezone_id="Europe/Paris", **options)
        fresh.set_default_timeout(8_000)
        opened.append(fresh)
        page = fresh.new_page()
        look.apply_to(page, town.address)
        return Clerk(page, town.address, look.language)

    yield arrive
    for context in opened:
        context.close()
