"""Stamps: upright where they are seen, on turned, cropped and scaled pages; the signed file is never touched."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess

import pikepdf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from territoires.foundations.trust import api as trust
from territoires.foundations.trust.api import VisibleStamp
from territoires.foundations.trust.signing.geometry import Page, page_frame
from territoires.kernel.errors import Invalid
from tests.foundations.trust.conftest import AT

LINES = ("Envoyé en préfecture le 24/11/2026", "Reçu en préfecture le 24/11/2026", "ID : 021-212100077-X-DE")
TURNS = (0, 90, 180, 270)
sizes = st.floats(20, 5000)
points = st.floats(-1000, 1000)


@given(points, points, sizes, sizes, st.sampled_from(TURNS), st.floats(0.1, 10), points, points)
def test_the_two_frames_are_each_other_s_inverse(left, bottom, width, height, turn, unit, x, y) -> None:
    page = Page((left, bottom, left + width, bottom + height), turn, unit)
    box = (x, y, x + 50, y + 20)
    assert page.box_seen(page.box_to_user(box)) == pytest.approx(box, abs=1e-6)
    corners = {page.to_user(0, 0), page.to_user(page.width, page.height)}
    assert {round(one[0] - left, 3) for one in corners} == {0, round(width, 3)}


@pytest.mark.parametrize(
    "entries",
    [{}, {"/MediaBox": [0, 0, 0, 0]}, {"/CropBox": [900, 900, 990, 990], "/Rotate": 45, "/UserUnit": 0}],
)
def test_nonsense_becomes_a_plain_sheet(entries) -> None:
    page = page_frame(entries)
    assert (round(page.width), round(page.height), page.turn, page.unit) == (595, 842, 0, 1)


@pytest.fixture
def odd(tmp_path):
    """Pages turned each way, all cropped, the last one in a unit of two points."""
    path = tmp_path / "odd.pdf"
    with pikepdf.new() as pdf:
        for turn in TURNS:
            page = pdf.add_blank_page(page_size=(600, 800))
            page.Rotate, page.CropBox = turn, [50, 100, 550, 760]
        page.obj.UserUnit = 2
        pdf.save(path)
    return path


def words_of(path, page: int) -> list[tuple[float, float, str]]:
    """Left, top (from the top) and text of each word, in the page as seen."""
    said = subprocess.run(
        ["pdftotext", "-bbox", "-cropbox", "-f", str(page), "-l", str(page), path, "-"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    found = re.findall(
        r'<word xMin="([\d.-]+)" yMin="([\d.-]+)" xMax="[\d.]+" yMax="[\d.]+">(.*?)</word>', said
    )
    return [(float(x), float(y), text) for x, y, text in found]


@pytest.mark.skipif(not shutil.which("pdftotext"), reason="Poppler's pdftotext is not installed")
def test_a_copy_is_stamped_upright_at_the_top_right_of_each_page(odd, tmp_path) -> None:
    copy = tmp_path / "copy.pdf"
    trust.stamp_copy(odd, copy, lines=LINES, at=AT)
    for number, turn in enumerate(TURNS, 1):
        words = words_of(copy, number)
        assert [text for _x, _y, text in words][:3] == ["Envoyé", "en", "préfecture"], turn
        (x0, y0, _), (x1, y1, _) = words[0], words[1]
        assert x1 > x0 and y1 == pytest.approx(y0, abs=0.5)  # read from left to right
        assert y0 < 40


def test_a_copy_claims_no_signature_and_leaves_the_signed_file_alone(db, key_of, act, tmp_path) -> None:
    stamp = VisibleStamp(("Camille Exemple",))
    signed = trust.sign_pdf(
        act, tmp_path / "s.pdf", key=key_of(), reason="", place="", at=AT, stamp=stamp
    ).path
    before = hashlib.sha256(signed.read_bytes()).hexdigest()
    copy = tmp_path / "copy.pdf"
    trust.stamp_copy(signed, copy, lines=LINES, at=AT)
    assert hashlib.sha256(signed.read_bytes()).hexdigest() == before
    assert trust.validate_pdf(copy) == []
    with pikepdf.open(copy) as pdf:
        assert "/AcroForm" not in pdf.Root
        assert not any("/Annots" in page and len(page.Annots) for page in pdf.pages)
        # The drawing of the signature is still there, beside the stamp.
        assert len(pdf.pages[-1].Resources.XObject) == 2
        assert b"/Artifact BMC" in pdf.pages[0].Contents[-1].read_bytes()


@pytest.mark.parametrize("name", ["open_protected.pdf", "readme.txt"])
def test_what_cannot_be_copied_is_said(shared_data, tmp_path, name) -> None:
    with pytest.raises(Invalid):
        trust.stamp_copy(
            shared_data / "exchange-signature/pdf-to-sign" / name, tmp_path / "c.pdf", lines=LINES, at=AT
        )
    assert not (tmp_path / "c.pdf").exists()


@pytest.mark.django_db
@pytest.mark.parametrize("page", [0, 1, 2, 3, -1, 99])
def test_visible_signatures_stay_on_their_page_and_apart(key_of, odd, tmp_path, page) -> None:
    source = odd
    for number in range(4):
        target = tmp_path / f"{number}.pdf"
        trust.sign_pdf(
            source,
            target,
            key=key_of(),
            reason="",
            place="",
            at=AT,
            stamp=VisibleStamp(("Camille Exemple",), page=page),
        )
        source = target
    with pikepdf.open(source) as pdf:
        shown = pdf.pages[min(page, 3)]
        entries = ("/MediaBox", "/CropBox", "/Rotate", "/UserUnit")
        frame = page_frame({name: shown.obj.get(name) for name in entries})
        boxes = [frame.box_seen(tuple(float(side) for side in one.Rect)) for one in shown.Annots]
    assert len(boxes) == 4
    for place, (x0, y0, x1, y1) in enumerate(boxes):
        assert x0 >= 0 and y0 >= 0 and x1 <= frame.width + 0.01 and y1 <= frame.height + 0.01
        for a0, b0, a1, b1 in boxes[:place]:
            assert x1 <= a0 or a1 <= x0 or y1 <= b0 or b1 <= y0
