"""Each sample's truth: sound files of several countries, and known attacks."""

from __future__ import annotations

import pikepdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from territoires.foundations.trust import api as trust
from territoires.foundations.trust.api import Finding
from territoires.foundations.trust.validation.pdf import SIGNATURES_LIMIT
from territoires.kernel.errors import Invalid
from tests.foundations.trust.conftest import AT

UNREADABLE, BROKEN, NOT_COVERING, CHANGED, CHANGED_LAWFULLY = (
    Finding.UNREADABLE,
    Finding.BROKEN,
    Finding.NOT_COVERING,
    Finding.CHANGED,
    Finding.CHANGED_LAWFULLY,
)
INTEGRITY = {UNREADABLE, BROKEN, NOT_COVERING, CHANGED, CHANGED_LAWFULLY, Finding.FORGED}

TRUTHS: dict[str, list[set[Finding]]] = {
    # Sound, in the order of signing.
    "pades/DSS-1683.pdf": [set()],
    "pades/DSS1376-rev_n-3.pdf": [{CHANGED_LAWFULLY}],
    "pades/Signature-P-HU_MIC-1.pdf": [set()],
    "pades/doc-firmado-LT.pdf": [{CHANGED_LAWFULLY}],
    "pades/doc-firmado-T.pdf": [set()],
    "pades/pades-bes.pdf": [set()],
    "pades/pades-epes.pdf": [set()],
    "pades/pdf-signed-original.pdf": [set()],
    "pades/pkcs7.pdf": [set()],
    "parapheur/PDF_avec_tags-signature_pades.pdf": [set()],
    "pyhanko/pdf/minimal-two-fields-signed-twice.pdf": [{CHANGED_LAWFULLY}, set()],
    "pyhanko/pdf/pades-lta-dss-indirect-arrs-test.pdf": [{CHANGED_LAWFULLY}, {CHANGED_LAWFULLY}],
    "pyhanko/pdf/sig-no-signed-attrs.pdf": [set()],
    "pyhanko/pdf/form-update-override-appearance-stream.pdf": [{CHANGED_LAWFULLY}, set()],
    # Hybrid: what was added to it cannot be judged.
    "pades/timestamped_and_signed.pdf": [{CHANGED}, set()],
    # Attacks and damage.
    "pades/BadEncodedCMS.pdf": [{UNREADABLE}],
    "pades/DSS1376-rev_n.pdf": [{CHANGED}, set()],
    "pades/hide.pdf": [{UNREADABLE}],
    "pades/pades-signed-annot-added.pdf": [{CHANGED}],
    "pades/pades-t-duplicated-sigtst.pdf": [{UNREADABLE}],
    "pades/pdf-byterange-overlap.pdf": [{CHANGED_LAWFULLY}, {BROKEN, NOT_COVERING, CHANGED}],
    "pades/pdf-signed-added-page.pdf": [{CHANGED}],
    "pades/pdf-signed-out-of-byteRange.pdf": [{BROKEN, NOT_COVERING, CHANGED}],
    "pades/siwa.pdf": [{NOT_COVERING, CHANGED}],
    "pyhanko/pdf/base.pdf": [{UNREADABLE}],
    "pyhanko/pdf/form-update-override-appearance-stream-sneaky.pdf": [{CHANGED}, set()],
    "pyhanko/pdf/one-byterange.pdf": [{NOT_COVERING, CHANGED}],
    "pyhanko/pdf/pdf-sig-with-econtent.pdf": [{UNREADABLE}],
    "pyhanko/pdf/tail-uncovered.pdf": [{NOT_COVERING, CHANGED}],
}


@pytest.mark.parametrize("name", TRUTHS)
def test_each_sample_is_judged_as_it_is(shared_data, installation, name) -> None:
    found = trust.validate_pdf(shared_data / "exchange-signature" / name)
    assert [set(one.findings) & INTEGRITY for one in found] == TRUTHS[name]
    assert not any(one.is_trusted or one.holds for one in found)  # no authority of theirs is accepted here


@pytest.mark.parametrize("name", ["pdf-signed-corrupted.pdf", "pades_infinite_loop.pdf"])
def test_a_file_that_is_broken_is_no_answer(shared_data, installation, name) -> None:
    with pytest.raises(Invalid) as refused:
        trust.validate_pdf(shared_data / "exchange-signature/pades" / name)
    assert refused.value.code == "pdf-unreadable"


def test_a_file_without_signature_has_none(installation, act) -> None:
    assert trust.validate_pdf(act) == []


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7\n%%EOF", b"essai"])
def test_what_is_no_pdf_is_said(installation, tmp_path, data) -> None:
    (tmp_path / "file").write_bytes(data)
    with pytest.raises(Invalid) as refused:
        trust.validate_pdf(tmp_path / "file")
    assert refused.value.code == "pdf-unreadable"


@pytest.mark.django_db
def test_no_changed_byte_goes_unseen(key_of, act, tmp_path) -> None:
    """Anything but the room of the signature itself: what is left of zeros there says nothing."""
    path = tmp_path / "signed.pdf"
    trust.sign_pdf(act, path, key=key_of(), reason="Le maire", place="Essai", at=AT)
    data = path.read_bytes()
    start = data.index(b"/Contents <") + len(b"/Contents <")
    end = data.index(b">", start)
    outside = st.one_of(st.integers(0, start - 1), st.integers(end, len(data) - 1))

    @settings(max_examples=150, deadline=None)
    @given(outside, st.integers(1, 255))
    def change(at: int, difference: int) -> None:
        path.write_bytes(data[:at] + bytes((data[at] ^ difference,)) + data[at + 1 :])
        try:
            found = trust.validate_pdf(path)
        except Invalid:
            return
        assert not any(one.holds for one in found)

    change()


@pytest.mark.django_db
@given(cut=st.floats(0, 1))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_added_or_cut_at_the_end_goes_not_unseen(key_of, act, tmp_path, cut) -> None:
    path = tmp_path / "signed.pdf"
    if not path.exists():
        trust.sign_pdf(act, path, key=key_of(), reason="", place="", at=AT)
        (tmp_path / "whole").write_bytes(path.read_bytes())
    data = (tmp_path / "whole").read_bytes()
    for other in (data[: int(cut * (len(data) - 1))], data + b"% " + bytes(int(cut * 100))):
        path.write_bytes(other)
        try:
            found = trust.validate_pdf(path)
        except Invalid:
            continue
        assert not any(one.holds for one in found)


def test_a_file_made_to_exhaust_the_judge_is_refused(installation, tmp_path) -> None:
    path = tmp_path / "many.pdf"
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        value = pdf.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.Sig, ByteRange=[0, 0, 0, 0]))
        fields = [
            pdf.make_indirect(pikepdf.Dictionary(FT=pikepdf.Name.Sig, T=f"S{number}", V=value))
            for number in range(SIGNATURES_LIMIT + 1)
        ]
        pdf.Root.AcroForm = pikepdf.Dictionary(Fields=fields, SigFlags=3)
        pdf.save(path)
    with pytest.raises(Invalid) as refused:
        trust.validate_pdf(path)
    assert refused.value.code == "too-many-signatures"
