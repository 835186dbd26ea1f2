"""An evidence bundle dropped on the page is judged by the very tool that travels in it, in a process of its own."""

from __future__ import annotations

import resource
import shutil
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from territoires.foundations.journal import api as journal
from territoires.foundations.trust import api as trust

SECONDS = 20


@dataclass(frozen=True, slots=True)
class BundleVerdict:
    """``holds`` against this platform's own root, list of keys and revocations; ``report`` is what the tool printed, in the reader's language.

    ``holds`` is None when the tool could not judge: too long, too large, or no openssl here. That accuses nobody.
    """

    holds: bool | None
    report: str


def judge(path: str, language: str) -> BundleVerdict | None:
    """The verdict on an evidence bundle; None when the file is not one. Raises Unavailable when too many files are judged."""
    if not _looks_like_a_bundle(path):
        return None
    command = [sys.executable, "-I", str(journal.verifier_path()), path]
    command += ["--fingerprint", trust.trust_chain().root_fingerprint, "--language", language]
    with tempfile.TemporaryDirectory() as folder:
        given = {"--log-keys": journal.published_log_keys(), "--crl": trust.revocation_lists()}
        for option, content in given.items():
            if content:
                file = Path(folder, option.strip("-"))
                file.write_bytes(content)
                command += [option, str(file)]
        try:
            with trust.judging():
                done = subprocess.run(
                    command, capture_output=True, text=True, timeout=SECONDS, preexec_fn=_limited
                )
        except subprocess.TimeoutExpired:
            return BundleVerdict(None, "")
    report = done.stdout.strip()
    # A verdict is printed; a tool that was stopped, or broke, prints none.
    was_judged = bool(report) and shutil.which("openssl") is not None
    return BundleVerdict(done.returncode == 0 if was_judged else None, report)


def _looks_like_a_bundle(path: str) -> bool:
    if not zipfile.is_zipfile(path):
        return False
    try:
        with zipfile.ZipFile(path) as archive:
            return {"manifest.json", "index.html"} <= set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError):
        return False


def _limited() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (settings.VERIFIER_MEMORY, settings.VERIFIER_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
