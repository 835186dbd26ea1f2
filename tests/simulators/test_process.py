"""The simulators' process: it serves until it is told, or until whoever started it is gone."""

from __future__ import annotations

import subprocess
import sys
import urllib.request
from pathlib import Path

from tests.waiting import until

ROOT = Path(__file__).parents[2]


def test_the_simulators_end_with_whoever_started_them(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "simulators", "--var", str(tmp_path), "--until-eof"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE) as world:
        port = tmp_path / "simulators.port"
        until(lambda: port.exists() and port.read_text())
        with urllib.request.urlopen(f"http://127.0.0.1:{port.read_text()}/", timeout=5) as answer:
            assert answer.status == 200
        assert world.poll() is None
        assert world.stdin is not None
        world.stdin.close()
        assert world.wait(timeout=10) == 0
