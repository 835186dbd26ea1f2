"""A fresh machine that lacks something gets one sentence with the remedy, and never a traceback."""

from __future__ import annotations

import importlib.util
import os
import socket
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "tools" / "bootstrap.py"
NOWHERE = "http://127.0.0.1:9/simple"


@pytest.fixture
def bootstrap() -> ModuleType:
    spec = importlib.util.spec_from_file_location("bootstrap", SCRIPT)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def start(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    surroundings = {
        **os.environ,
        "TERRITOIRES_VENV": str(folder / "venv"),
        "TERRITOIRES_VAR": str(folder / "var"),
        "TERRITOIRES_PORT": "8999",
        **environment,
    }
    return subprocess.run(
        [sys.executable, str(SCRIPT), "run"], env=surroundings, capture_output=True, text=True, timeout=60
    )


def one_sentence(done: subprocess.CompletedProcess[str], *words: str) -> None:
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    said = done.stderr.strip()
    assert len(said.splitlines()) == 1
    for word in words:
        assert word in said


def test_a_taken_port(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        one_sentence(start(tmp_path, TERRITOIRES_PORT=port), f"Port {port} is taken", "make run PORT=")


def test_a_port_that_is_none(tmp_path: Path) -> None:
    one_sentence(start(tmp_path, TERRITOIRES_PORT="eighty"), "'eighty' is no port", "PORT=8123")


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    var = "/sys/kernel/territoires" if os.geteuid() == 0 else str(closed / "var")
    one_sentence(start(tmp_path, TERRITOIRES_VAR=var), "cannot be written", "VAR=")


def test_a_registry_that_does_not_answer(tmp_path: Path) -> None:
    settings = {"PIP_INDEX_URL": NOWHERE, "PIP_EXTRA_INDEX_URL": NOWHERE, "PIP_RETRIES": "0"}
    for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL"):
        settings[name] = NOWHERE
    one_sentence(start(tmp_path, PIP_CONFIG_FILE="/dev/null", **settings), "does not answer", "PIP_INDEX_URL")


def test_an_old_python(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    monkeypatch.setattr(bootstrap.sys, "version_info", (3, 9, 2))
    assert bootstrap.main(["run"]) == 1
    assert "is too old: 3.11 or later" in capsys.readouterr().err


def test_a_full_disk(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys) -> None:
    monkeypatch.setattr(bootstrap, "VAR", tmp_path / "var")
    monkeypatch.setattr(bootstrap, "VENV", tmp_path / "venv")
    usage = bootstrap.shutil.disk_usage(tmp_path)
    monkeypatch.setattr(bootstrap.shutil, "disk_usage", lambda folder: usage._replace(free=5_000_000))
    assert bootstrap.main(["install"]) == 1
    assert "is full: 5 MB are free" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("error: failed to write: No space left on device (os error 28)", "The disk is full."),
        ("npm error code ENOTFOUND", "The package registry does not answer."),
        ("error: Failed to fetch: `https://pypi.example/simple/`", "The package registry does not answer."),
        ("Hash mismatch for `django==5.2`: hash mismatch", "A package is not the one that was pinned."),
        ("failed to create directory: Permission denied", "A folder cannot be written."),
    ],
)
def test_what_a_tool_says_is_told_in_words(bootstrap: ModuleType, said: str, meant: str) -> None:
    assert bootstrap._meaning(said, ["uv", "pip", "install"]).startswith(meant)


def test_a_password_in_an_index_is_never_shown(bootstrap: ModuleType) -> None:
    shown = bootstrap._without_password("https://someone:secret@mirror.example/simple/uv/")
    assert shown == "https://mirror.example/simple/uv/"


def test_a_done_step_is_not_done_again(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(bootstrap, "VENV", tmp_path)
    done: list[int] = []
    for digest in ("one", "one", "two"):
        bootstrap._step("Step", "step", digest, lambda: done.append(1))
    assert len(done) == 2
