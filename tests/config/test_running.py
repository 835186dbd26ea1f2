"""The whole platform under its supervisor, in processes of its own."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser import free_port
from tests.waiting import until

pytestmark = pytest.mark.slow
FIRST_START_SECONDS = 180


class Platform:
    """One ``territoires run`` in a folder."""

    def __init__(self, var: Path, port: int | None = None) -> None:
        self.port = port or free_port()
        self.var = var
        var.mkdir(exist_ok=True)
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

    def read(self, path: str) -> bytes:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=60) as answer:
            return bytes(answer.read())

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
    """Started from nothing: it makes its database, and loads the territory and the demonstration."""
    running = Platform(tmp_path_factory.mktemp("platform") / "var")
    until(running.is_up, FIRST_START_SECONDS)
    yield running
    running.process.kill()
    running.process.wait()


def test_a_pdf_is_printed_by_the_process_that_started_first_of_all(platform: Platform) -> None:
    """What the demonstration prints while it loads must not leave the parts, forked later, waiting for its threads."""
    acts = platform.read("/actes/").decode()
    address = re.search(r'href="(/collectivites/\d+/actes/[0-9a-f-]{36}/)"', acts)
    assert address
    assert platform.read(f"{address[1]}certificat/").startswith(b"%PDF-")


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


def test_the_front_answers_on_the_next_port(platform: Platform) -> None:
    unchecked = ssl.create_default_context()
    unchecked.check_hostname, unchecked.verify_mode = False, ssl.CERT_NONE
    until(platform.is_up, 60)
    assert platform.health()[1]["parts"]["front"] == "up"
    address = f"https://127.0.0.1:{platform.port + 1}/health"
    with urllib.request.urlopen(address, timeout=10, context=unchecked) as answer:
        assert answer.status == 200


def test_a_next_port_that_is_taken_is_one_sentence(tmp_path: Path) -> None:
    port = free_port()
    with socket.create_server(("127.0.0.1", port + 1)):
        said, _ = Platform(tmp_path / "var", port).process.communicate(timeout=60)
    assert f"Port {port + 1} cannot be used" in said
    assert "Traceback" not in said


def test_a_signal_stops_all_of_it(platform: Platform) -> None:
    assert platform.processes()
    platform.process.send_signal(signal.SIGINT)
    said, _ = platform.process.communicate(timeout=30)
    assert platform.process.returncode == 0, said
    until(lambda: not platform.processes(), 10)
