"""A PDF is looked into by a bounded process before anybody relies on it."""

from __future__ import annotations

import io
import subprocess
import zipfile

import pikepdf
import pytest
from pikepdf import Dictionary, Name

from territoires.foundations.documents import api as documents
from territoires.foundations.documents import pdf as checking

from .conftest import deposit

pytestmark = pytest.mark.django_db


def pdf(change=None, **saving: object) -> bytes:
    made = pikepdf.new()
    made.add_blank_page()
    if change:
        change(made)
    buffer = io.BytesIO()
    made.save(buffer, **saving)
    return buffer.getvalue()


def codes(clerk, content: bytes, name: str = "acte.pdf") -> list[str]:
    return [fault.code for fault in documents.check_pdf(deposit(clerk, content, name))]


def warned(clerk, content: bytes) -> list[str]:
    inspection = documents.inspect_pdf(deposit(clerk, content))
    assert inspection.faults == []
    return [warning.code for warning in inspection.warnings]


def test_a_sound_pdf_has_no_fault(store, clerk):
    inspection = documents.inspect_pdf(deposit(clerk, pdf()))
    assert (inspection.pages, list(inspection.faults), list(inspection.warnings)) == (1, [], [])


LOCKED = pikepdf.Encryption(owner="o", user="u")
RESTRICTED = pikepdf.Encryption(owner="o", user="")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file-empty"),
        (b"MZ" + b"\x00" * 500, "file-disguised"),
        (b"bonjour", "file-disguised"),
        (pdf(encryption=LOCKED), "pdf-encrypted"),
        (pdf(encryption=RESTRICTED), "pdf-encrypted"),
        (pdf()[:-200], "pdf-broken"),
        (b"%PDF-1.7\n" + b"\x00" * 5000, "pdf-broken"),
        (pdf(lambda made: made.pages.__delitem__(0)), "pdf-without-page"),
    ],
)
def test_what_cannot_be_an_act_is_refused_with_its_remedy(store, clerk, content, code):
    (fault,) = documents.check_pdf(deposit(clerk, content))
    assert fault.code == code
    assert fault.remedy
    assert fault.message % fault.params


def test_a_pdf_that_is_an_archive_too_is_refused(store, clerk):
    buffer = io.BytesIO(pdf())
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr("evil.js", "x")
    assert codes(clerk, buffer.getvalue()) == ["file-disguised"]


def script(made: pikepdf.Pdf) -> None:
    made.Root.OpenAction = Dictionary(S=Name.JavaScript, JS="app.alert(1)")


def launch(made: pikepdf.Pdf) -> None:
    action = Dictionary(S=Name.Launch, F="cmd.exe")
    made.pages[0].Annots = [made.make_indirect(Dictionary(Subtype=Name.Link, A=action))]


def carry(made: pikepdf.Pdf) -> None:
    made.attachments["secret.exe"] = b"MZ"


@pytest.mark.parametrize(
    ("change", "code"), [(script, "pdf-script"), (launch, "pdf-launch"), (carry, "pdf-embedded-file")]
)
def test_what_acts_inside_a_pdf_is_warned_of(store, clerk, change, code):
    assert warned(clerk, pdf(change)) == [code]


def test_a_pdf_made_to_exhaust_takes_down_its_process_only(store, clerk, monkeypatch):
    def exhausted(*_: object, **__: object) -> None:
        raise subprocess.CalledProcessError(-9, "inspector")

    monkeypatch.setattr(checking.subprocess, "run", exhausted)
    assert codes(clerk, pdf()) == ["pdf-too-complex"]


def test_a_loop_in_the_page_tree_ends(store, clerk):
    def loop(made: pikepdf.Pdf) -> None:
        made.Root.Pages.Kids.append(made.Root.Pages)

    assert codes(clerk, pdf(loop)) in (["pdf-broken"], ["pdf-too-complex"])


def test_memory_is_bounded_in_the_inspector(store, clerk, tmp_path):
    """The limits hold for real: the same process cannot take two gigabytes."""
    code = (
        f"import runpy; limits = runpy.run_path({str(checking.INSPECTOR)!r});"
        "limits['limit_resources'](); bytearray(2 << 30)"
    )
    done = subprocess.run([checking.sys.executable, "-I", "-c", code], capture_output=True)
    assert b"MemoryError" in done.stderr
