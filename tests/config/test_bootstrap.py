"""A fresh machine that lacks something gets one sentence with the remedy, and never a traceback."""

from __future__ import annotations

import contextlib
import errno
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
NO_REGISTRY = {
    "PIP_RETRIES": "0",
    "PIP_CONFIG_FILE": "/dev/null",
    **dict.fromkeys(("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "UV_DEFAULT_INDEX", "UV_INDEX_URL"), NOWHERE),
}


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


def test_the_next_port_taken(tmp_path: Path) -> None:
    """The demonstration takes two ports; a production leaves the next one to the proxy."""
    port = free_pair()
    with socket.create_server(("127.0.0.1", port + 1)):
        words = (f"Port {port + 1}, which takes client certificates beside port {port}, is taken", "next one")
        one_sentence(start(tmp_path, TERRITOIRES_PORT=str(port)), *words)
        done = start(tmp_path, TERRITOIRES_PORT=str(port), TERRITOIRES_MODE="production", **NO_REGISTRY)
        one_sentence(done, "does not answer")


def free_pair() -> int:
    """A port that is free together with the next one."""
    for _ in range(50):
        with socket.create_server(("127.0.0.1", 0)) as first, contextlib.suppress(OSError):
            port = int(first.getsockname()[1])
            socket.create_server(("127.0.0.1", port + 1)).close()
            return port
    raise AssertionError("no two ports follow each other")


def test_the_last_port_has_no_next_one(tmp_path: Path) -> None:
    one_sentence(start(tmp_path, TERRITOIRES_PORT="65535"), "'65535' is no port", "65534")


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    var = "/sys/kernel/territoires" if os.geteuid() == 0 else str(closed / "var")
    one_sentence(start(tmp_path, TERRITOIRES_VAR=var), "cannot be written", "VAR=")


def test_a_registry_that_does_not_answer(tmp_path: Path) -> None:
    one_sentence(start(tmp_path, **NO_REGISTRY), "does not answer", "PIP_INDEX_URL")


def test_certificates_that_are_not_there(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    monkeypatch.setenv("PIP_CERT", str(tmp_path / "none.pem"))
    with pytest.raises(bootstrap.Failure, match=r"none\.pem cannot be used .* Correct PIP_CERT"):
        bootstrap._fetch(NOWHERE)


def test_an_old_python(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    monkeypatch.setattr(bootstrap.sys, "version_info", (3, 9, 2))
    assert bootstrap.main(["run"]) == 1
    assert "is too old: 3.11 or later" in capsys.readouterr().err


def test_a_disk_that_is_full_before_anything_is_done(full_disk: Path, tmp_path: Path) -> None:
    one_sentence(start(tmp_path, TERRITOIRES_VAR=str(full_disk / "var")), "is full", "1 MB are free", "VAR=")
    one_sentence(start(full_disk, TERRITOIRES_VAR=str(tmp_path / "var")), "is full", "1500 MB are needed")


def test_a_disk_that_fills_under_a_tool_whose_log_is_lost_too(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, full_disk: Path, tmp_path: Path
) -> None:
    monkeypatch.setattr(bootstrap, "VAR", full_disk)
    monkeypatch.setattr(bootstrap, "VENV", tmp_path)
    with pytest.raises(bootstrap.Failure, match=r"^The disk is full\. Free at least 2 GB"):
        bootstrap._call(["false"])


def test_what_the_installer_makes_is_closed_to_others(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(bootstrap, "VAR", tmp_path / "var")
    monkeypatch.setattr(bootstrap, "VENV", tmp_path / "venv")
    monkeypatch.setattr(bootstrap, "FIRST_INSTALL_BYTES", 0)
    bootstrap._check_folders()
    assert bootstrap.VAR.stat().st_mode & 0o077 == 0


def test_a_folder_that_was_there_and_is_closed_is_named_itself(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def refuse(dir: str) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", f"{dir}/tmp1234")

    monkeypatch.setattr(bootstrap, "VAR", tmp_path)
    monkeypatch.setattr(bootstrap.tempfile, "TemporaryFile", refuse)
    with pytest.raises(bootstrap.Failure, match=f"^The folder {tmp_path} cannot be written"):
        bootstrap._check_folders()


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


def with_nothing_but_chromium(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, called: list[str]
) -> None:
    monkeypatch.setattr(bootstrap, "develop", lambda: None)
    monkeypatch.setattr(
        bootstrap.shutil, "which", lambda name, **_: name if name in ("chromium", "apt-get") else None
    )
    monkeypatch.setattr(bootstrap, "_call", lambda command, **_: called.append(" ".join(command)))


def test_root_gets_the_tools_that_judge_what_we_emit(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[str] = []
    with_nothing_but_chromium(bootstrap, monkeypatch, called)
    monkeypatch.setattr(bootstrap.os, "geteuid", lambda: 0)
    bootstrap.browser()
    tools = " chromium-headless-shell libxml2-utils poppler-utils openssl"
    assert "install" in called[1] and called[1].endswith(tools)


def test_who_may_not_install_them_is_told_the_command_and_goes_on(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    called: list[str] = []
    with_nothing_but_chromium(bootstrap, monkeypatch, called)
    monkeypatch.setattr(bootstrap.os, "geteuid", lambda: 1000)
    bootstrap.browser()
    assert not called and "libxml2-utils" in capsys.readouterr().out


def test_a_browser_that_the_tests_do_not_know_is_no_browser(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TERRITOIRES_CHROMIUM", raising=False)
    monkeypatch.setattr(bootstrap, "develop", lambda: None)
    monkeypatch.setattr(bootstrap.os, "geteuid", lambda: 1000)
    monkeypatch.setattr(
        bootstrap.shutil, "which", lambda name, **_: name if name == "google-chrome" else None
    )
    with pytest.raises(bootstrap.Failure, match=r"Install it as root: apt-get install .* chromium"):
        bootstrap.browser()
