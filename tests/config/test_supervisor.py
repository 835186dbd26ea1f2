"""Parts are restarted when they die, and none is left when the supervisor ends, however it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.waiting import until

PROGRAM = """
import subprocess, sys, time
from pathlib import Path
from territoires.config.supervisor import Part, Supervisor

folder = Path(sys.argv[1])

def part(name):
    import os
    child = subprocess.Popen(["sleep", "300"])
    (folder / name).write_text(f"{os.getpid()} {child.pid}")
    time.sleep(300)

supervisor = Supervisor([Part(name, lambda name=name: part(name)) for name in ("one", "two")])
supervisor.start()
supervisor.watch()
"""


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(tmp_path)], stderr=subprocess.DEVNULL
    ) as process:
        until(lambda: len(pids(tmp_path)) == 4)
        yield process
        process.kill()


def pids(folder: Path) -> list[int]:
    return [int(pid) for path in folder.iterdir() for pid in path.read_text().split()]


def test_a_part_that_dies_is_started_again_and_its_children_end(
    supervisor: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    part, child = (int(pid) for pid in (tmp_path / "one").read_text().split())
    other = (tmp_path / "two").read_text()
    os.kill(part, signal.SIGKILL)
    until(lambda: (tmp_path / "one").read_text().split()[:1] not in ([], [str(part)]))
    until(lambda: not alive(child))
    assert (tmp_path / "two").read_text() == other


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_everything(
    supervisor: subprocess.Popen[bytes], tmp_path: Path, number: signal.Signals
) -> None:
    running = pids(tmp_path)
    supervisor.send_signal(number)
    assert supervisor.wait(timeout=15) == 0
    assert not [pid for pid in running if alive(pid)]


def test_parts_end_when_the_supervisor_is_killed(supervisor: subprocess.Popen[bytes], tmp_path: Path) -> None:
    parts = [int((tmp_path / name).read_text().split()[0]) for name in ("one", "two")]
    supervisor.kill()
    until(lambda: not any(alive(pid) for pid in parts))
