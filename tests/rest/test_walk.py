"""The example of docs/rest.md as it stands there: an act from draft to proof, by curl alone."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from territoires.foundations.journal import api as journal
from tests.browser import ROOT
from tests.routes.world import World, rows
from tests.services.legality.conftest import make_body, pdf

pytestmark = pytest.mark.skipif(not (shutil.which("curl") and shutil.which("jq")), reason="needs curl and jq")
EXAMPLE = re.compile(r"```sh\n(set -eu\n.*?)```", re.DOTALL)


@pytest.fixture
def sealed(live_database: str) -> Iterator[None]:
    """The sequencer at work."""
    stop = threading.Event()
    worker = threading.Thread(target=journal.run_sequencer, args=(stop,))
    worker.start()
    yield
    stop.set()
    worker.join()


def test_an_act_goes_from_draft_to_proof_by_curl(site: str, sealed: None, tmp_path: Path) -> None:
    body = make_body()
    rows("identity.ServiceActivation").create(
        organisation=body, service="legality", since_at="2026-01-05T00:00:00Z"
    )
    key = World(home=body, foreign=None, operator=None, idle=None).key(body, "secretary")
    (tmp_path / "acte.pdf").write_bytes(pdf("cantine"))
    example = EXAMPLE.search((ROOT / "docs/rest.md").read_text(encoding="utf-8"))
    assert example is not None
    given = {"API": f"{site}/api/v1", "KEY": key, "BODY": body.reference}
    done = subprocess.run(
        ["bash", "-c", example[1]], cwd=tmp_path, env=os.environ | given, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "attestation.pdf").read_bytes().startswith(b"%PDF")
