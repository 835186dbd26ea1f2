"""What anybody downloads to prove an act, and the independent tool that judges it."""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
from pathlib import Path

from tests.browser import ROOT
from tests.waiting import until

from .clerk import Clerk

SEALED_SECONDS = 20


def downloaded(citizen: Clerk, name: str) -> bytes:
    """What a link of the page gives when it is clicked."""
    with citizen.page.expect_download() as download:
        citizen.main.get_by_role("link", name=re.compile(re.escape(name))).click()
    return download.value.path().read_bytes()


def sealed_bundle(citizen: Clerk) -> bytes:
    """The evidence bundle, once the publication is sealed."""
    link = citizen.link("Evidence bundle (ZIP)")
    address = f"{citizen.site}{link.get_attribute('href')}"
    until(lambda: citizen.page.request.get(address).ok, SEALED_SECONDS)
    return downloaded(citizen, citizen.say("Evidence bundle (ZIP)"))


def fingerprint(citizen: Clerk) -> str:
    """The root that the platform names on its page of verification."""
    page = citizen.page.context.new_page()
    page.goto(f"{citizen.site}/verifier/")
    shown = re.search(r"(?:[0-9a-f]{4}\s*){16}", page.get_by_role("main").text_content() or "")
    assert shown
    return re.sub(r"\s", "", shown[0])


def verified(bundle: Path, root: str | Path) -> bool:
    """What the independent tool says, with nothing but the root given by its user: its fingerprint, or its file."""
    tool = [sys.executable, "-I", str(ROOT / "tools" / "verify_evidence.py"), str(bundle)]
    given = ["--root", str(root)] if isinstance(root, Path) else ["--fingerprint", root]
    done = subprocess.run([*tool, *given], capture_output=True, text=True)
    assert done.returncode in (0, 1), done.stderr
    return done.returncode == 0


def messages_in(var: Path, sha256: str) -> dict[str, bytes]:
    """The XML of an archive that the ministry had, found by the digest that it noted among what the platform keeps."""
    kept = next((var / "files/documents").rglob(sha256))
    with tarfile.open(kept, "r:gz") as archive:
        return {
            member.name: archive.extractfile(member).read()  # type: ignore[union-attr]
            for member in archive
            if member.name.endswith(".xml")
        }
