"""What proves an act: certificate, evidence bundle judged by the verifier itself, recognition of a file."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from territoires.foundations.journal import api as journal
from territoires.foundations.trust import api as trust
from territoires.kernel.actor import Actor
from territoires.kernel.errors import Conflict
from territoires.services.legality.actions import filing, publishing, signing
from territoires.services.legality.manifest import recognise
from territoires.services.legality.queries import proofs

from .conftest import INDIVIDUAL, make_act, make_actor, make_body, pdf, sound


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_published_and_a_notified_act_are_certified(secretary: Actor, language: str) -> None:
    for act in (make_act(secretary, "published"), make_act(secretary, "notified", **INDIVIDUAL)):
        file = pikepdf.open(io.BytesIO(proofs.certificate_of(act, language=language)))
        assert str(file.Root.Lang) == language
        assert len(file.pages) == 1


def test_there_is_nothing_to_certify_of_a_draft(secretary: Actor) -> None:
    with pytest.raises(Conflict):
        proofs.certificate_of(make_act(secretary), language="fr")


def test_a_published_file_is_recognised_and_a_notified_one_is_not(secretary: Actor, body: Any) -> None:
    act = make_act(secretary, "published")
    [known] = recognise(act.main_sha256)
    assert known.url.endswith(f"/collectivites/{body.reference}/actes/{act.pk}/")
    assert recognise(make_act(secretary, "notified", **INDIVIDUAL).main_sha256) == []


def test_the_bundle_convinces_the_verifier(
    live_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "territoires.foundations.journal.witness.path", lambda: tmp_path / "checkpoints.jsonl"
    )
    secretary = make_actor(make_body())
    act = make_act(secretary)
    plan = sound(secretary, pdf("plan"), "plan.pdf")
    filing.add_annex(actor=secretary, act=act, file=plan, piece_type="99_SE")
    act = signing.declare_signed(actor=secretary, act=act, signed_on=act.decided_on, original_is_kept=True)
    act = publishing.publish_act(actor=secretary, act=act)
    journal.sequence_once()
    bundle = tmp_path / "preuve.zip"
    bundle.write_bytes(b"".join(proofs.bundle_of(act, is_public=True)))
    files = [name for name in zipfile.ZipFile(bundle).namelist() if name.startswith("files/")]
    assert len(files) == 2
    command = [sys.executable, "-I", str(journal.verifier_path()), str(bundle)]
    trusted = [*command, "--fingerprint", trust.trust_chain().root_fingerprint]
    done = subprocess.run(trusted, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert subprocess.run(command, capture_output=True, timeout=60, check=False).returncode == 1
