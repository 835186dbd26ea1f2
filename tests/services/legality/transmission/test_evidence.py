"""What the State answered is proved without us: the bundle of an acknowledged act convinces the offline verifier."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

from territoires.foundations.journal import api as journal
from territoires.foundations.trust import api as trust
from territoires.services.legality.queries import proofs
from tests.waiting import until

from .conftest import Town, is_in, send_waiting


def test_the_bundle_proves_the_acknowledgement_offline(live_town: Town, tmp_path: Path) -> None:
    transmission = live_town.confirmed()
    send_waiting()
    until(is_in(transmission, "acknowledged"))
    journal.sequence_once()
    journal.follow_once()  # the record of the sending comes after its answer, and changes nothing
    transmission.refresh_from_db()
    assert transmission.state == "acknowledged"
    bundle = tmp_path / "preuve.zip"
    bundle.write_bytes(b"".join(proofs.bundle_of(transmission.act, is_public=False)))
    held = [zipfile.ZipFile(bundle).read(name) for name in zipfile.ZipFile(bundle).namelist()]
    assert any(transmission.identifier.encode() in content and b"ARActe" in content for content in held)
    command = [sys.executable, "-I", str(journal.verifier_path()), str(bundle)]
    command += ["--fingerprint", trust.trust_chain().root_fingerprint]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
