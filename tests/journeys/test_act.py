"""From a PDF on a secretary's disk to a published act that anybody can verify without us."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import time
from pathlib import Path

import pikepdf
import pytest
from playwright.sync_api import Page, expect

from tests.browser import ROOT

from .conftest import Town

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SECRETARY = "claire.exemple@village.example"
SEALED_SECONDS = 20


def pdf(title: str) -> bytes:
    """A small sound PDF, different for each title."""
    file, buffer = pikepdf.new(), io.BytesIO()
    file.add_blank_page()
    file.docinfo["/Title"] = title
    file.save(buffer)
    return buffer.getvalue()


def in_file(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def desk_of(page: Page) -> str:
    """The start of the addresses of the body that the page acts for: /o/<reference>."""
    found = re.search(r"(.*/o/\d+)/", page.url)
    assert found, page.url
    return found[1]


def test_act_from_draft_to_proof(page: Page, town: Town, tmp_path: Path) -> None:
    town.sign_in(page, SECRETARY)
    desk = desk_of(page)
    register = f"{town.address}/collectivites/{desk.rpartition('/')[2]}/"

    # An incomplete draft is kept, and every fault is told with its remedy.
    page.goto(f"{desk}/legality/new/")
    page.check("[name=nature][value='1']")
    page.fill("[name=object]", "Réfection du toit de l'école")
    page.fill("[name=number]", "")
    page.set_input_files("[name=main]", in_file(tmp_path, "deliberation.pdf", pdf("draft")))
    page.click("main form button.button[type=submit] >> nth=-1")
    page.goto(re.sub(r"edit/.*", "", page.url))
    expect(page.locator(".notice.tone-wait li").first).to_be_visible()

    # Corrected, nothing is missing any more.
    page.goto(f"{page.url}edit/")
    page.fill("[name=number]", "DEL_2026_077")
    page.fill("[name=decided_on]", "12/11/2026")
    page.select_option("[name=matter_code]", "1.1")
    for name, value in (("given_names", "Paul"), ("usual_name", "Essai"), ("quality", "Maire")):
        page.fill(f"[name={name}]", value)
    page.select_option("[name=type-main]", index=1)
    page.click("main form button.button[type=submit] >> nth=-1")
    act = re.sub(r"edit/.*", "", page.url)
    page.goto(act)
    assert page.locator(".notice.tone-wait").count() == 0, page.inner_text("main")

    # Signed by hand, the scan is here; published by two clicks at once, once.
    page.goto(f"{act}sign/")
    page.set_input_files("[name=scan]", in_file(tmp_path, "scan.pdf", pdf("scan")))
    page.check("[name=original_is_kept]")
    page.click("main button.button-legal")
    page.wait_for_url(act)
    if "type" in page.inner_text("main") and page.locator("a[href$='/publish/']").count() == 0:
        pytest.fail(page.inner_text("main"))
    page.goto(f"{act}publish/")
    page.dblclick("main button.button-legal")
    page.wait_for_url(act)
    expect(page.locator(".timeline-done", has_text=re.compile("publi", re.I))).to_have_count(1)

    # A citizen, without account, reads it and takes its proofs.
    page.context.clear_cookies()
    page.goto(f"{register}actes/")
    page.click("a:has-text('DEL_2026_077')")
    public = page.url
    file = page.locator("main a[href*='/fichiers/']").first.get_attribute("href")
    shown = page.request.get(f"{town.address}{file}")
    assert shown.body() == (tmp_path / "scan.pdf").read_bytes()
    assert page.request.get(f"{public}certificat/").body().startswith(b"%PDF")
    bundle = in_file(tmp_path, "preuve.zip", sealed_bundle(page, public))
    page.goto(f"{town.address}/verifier/")
    fingerprint = re.sub(r"\s", "", page.inner_text(".hash-whole"))
    tool = [sys.executable, "-I", str(ROOT / "tools" / "verify_evidence.py"), str(bundle)]
    assert subprocess.run([*tool, "--fingerprint", fingerprint], capture_output=True).returncode == 0
    assert subprocess.run([*tool, "--fingerprint", "0" * 64], capture_output=True).returncode == 1

    for path in (tmp_path / "scan.pdf", bundle):
        page.goto(f"{town.address}/verifier/")
        page.set_input_files("main input[type=file]", path)
        page.click("main form button.button")
        expect(page.locator(".notice.tone-ok")).to_be_visible()

    # Withdrawn, its address stays and says so.
    town.sign_in(page, SECRETARY)
    page.goto(f"{act}withdraw/")
    page.fill("[name=reason]", "Vote annulé par le conseil.")
    page.click("main button.button-legal")
    page.wait_for_url(act)
    assert page.request.get(public).status == 410


def sealed_bundle(page: Page, public: str) -> bytes:
    """The evidence bundle, once the publication is sealed, within ``SEALED_SECONDS``."""
    until = time.monotonic() + SEALED_SECONDS
    while not (answer := page.request.get(f"{public}preuve/")).ok and time.monotonic() < until:
        page.wait_for_timeout(300)
    assert answer.ok, answer.text()
    return answer.body()
