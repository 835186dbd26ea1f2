"""What the page says of a bundle that its tool could not judge: neither that it holds nor that it does not."""

from __future__ import annotations

import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest

from territoires.services.portal.queries import bundles

pytestmark = pytest.mark.django_db


@pytest.fixture
def bundle(tmp_path: Path) -> str:
    """What looks like an evidence bundle and holds nothing."""
    path = tmp_path / "bundle.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("manifest.json", "index.html"):
            archive.writestr(name, "{}")
    return str(path)


def test_one_that_is_false_does_not_hold(bundle: str) -> None:
    verdict = bundles.judge(bundle, "en")
    assert verdict and verdict.holds is False and verdict.report


def test_one_that_takes_too_long_is_not_judged(bundle: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(*_command: Any, **_more: Any) -> None:
        raise subprocess.TimeoutExpired("verify", 1)

    monkeypatch.setattr(bundles.subprocess, "run", slow)
    assert bundles.judge(bundle, "en") == bundles.BundleVerdict(None, "")


def test_one_that_breaks_the_tool_is_not_judged(bundle: str, settings: Any) -> None:
    settings.VERIFIER_MEMORY = 1024 * 1024  # Python itself does not start in it
    assert bundles.judge(bundle, "en") == bundles.BundleVerdict(None, "")


def test_where_openssl_is_missing_nothing_is_judged(bundle: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundles.shutil, "which", lambda _name: None)
    verdict = bundles.judge(bundle, "en")
    assert verdict and verdict.holds is None
