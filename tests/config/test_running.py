"""The whole platform under its supervisor, in processes of its own."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from .waiting import until

pytestmark = pytest.mark.slow
FIRST_START_SECONDS = 180


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


class Platform:
    """One ``territoires run`` in a folder."""

    def __init__(self, var: Path) -> None:
        self.port = free_port()
        self.var = var
        var.mkdir(exist_ok=True)
        (var / "loaded").touch()  # territory and demonstration have tests of their own
        environment = {
            **{name: value for name, value in os.environ.items() if name != "TERRITOIRES_TEST_RUN"},
            "TERRITOIRES_VAR": str(var),
            "TERRITOIRES_PORT": str(self.port),
        }
        program = str(Path(sys.executable).parent / "territoires")
        self.process = subprocess.Popen(
            [program, "run"], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    def health(self) -> tuple[int, dict]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health", timeout=5) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)
        except OSError:
            return 0, {}

    def is_up(self) -> bool:
        assert self.process.poll() is None, self.process.stdout and self.process.stdout.read()
        return self.health()[0] == 200

    def processes(self) -> list[int]:
        """Every process that lives on this folder: the supervisor's children and PostgreSQL."""
        found = []
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                environment, command = (entry / "environ").read_bytes(), (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if os.fsencode(self.var) in environment + command:
                found.append(int(entry.name))
        return found


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    running = Platform(tmp_path_factory.mktemp("platform") / "var")
    until(running.is_up, FIRST_START_SECONDS)
    yield running
    running.process.kill()
    running.process.wait()


def test_a_killed_part_is_replaced_and_health_stays_or_comes_back(platform: Platform) -> None:
    children = Path(f"/proc/{platform.process.pid}/task/{platform.process.pid}/children")
    before = set(children.read_text().split())
    for pid in before:
        os.kill(int(pid), signal.SIGKILL)
    until(lambda: len(set(children.read_text().split()) - before) >= len(before), 60)
    until(platform.is_up, 60)


def test_a_second_platform_on_the_same_folder_is_refused(platform: Platform) -> None:
    second = Platform(platform.var)
    said, _ = second.process.communicate(timeout=60)
    assert second.process.returncode == 5
    assert "already runs on the folder" in said
    assert "Traceback" not in said


def test_a_signal_stops_all_of_it(platform: Platform) -> None:
    assert platform.processes()
    platform.process.send_signal(signal.SIGINT)
    said, _ = platform.process.communicate(timeout=30)
    assert platform.process.returncode == 0, said
    until(lambda: not platform.processes(), 10)
