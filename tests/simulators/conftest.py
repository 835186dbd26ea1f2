"""The simulators as they run beside the platform: a process of their own."""

from __future__ import annotations

import itertools
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.waiting import until

from .ministry import Ministry
from .s2low import ThirdParty

ROOT = Path(__file__).parents[2]


@contextmanager
def running(folder: Path) -> Iterator[Ministry]:
    """The simulators in a process of their own, killed at the end."""
    port = folder / "simulators.port"
    port.unlink(missing_ok=True)
    command = [sys.executable, "-m", "simulators", "--var", str(folder), "--until-eof"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE) as world:
        try:
            until(lambda: port.exists() and port.read_text())
            yield Ministry(folder, int(port.read_text()), itertools.count(1))
        finally:
            world.kill()


@pytest.fixture(scope="session")
def running_ministry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ministry]:
    with running(tmp_path_factory.mktemp("simulators")) as ministry:
        yield ministry


@pytest.fixture
def ministry(running_ministry: Ministry) -> Ministry:
    """The one process of the run, with nothing asked of it and an empty mailbox; acts stay known from test to test."""
    running_ministry.order("/behaviours/clear")
    running_ministry.order("/settings")
    until(lambda: running_ministry.call("/")["waiting"] == 0)
    running_ministry.empty_mailbox()
    return running_ministry


@pytest.fixture
def third_party(running_ministry: Ministry) -> ThirdParty:
    """The S2LOW side of the one process of the run, with nothing asked of it; transactions stay from test to test."""
    found = ThirdParty(running_ministry.folder, running_ministry.control_port)
    found.order("/behaviours/clear")
    found.order("/settings")
    return found
