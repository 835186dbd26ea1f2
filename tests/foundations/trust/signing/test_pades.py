"""PAdES B-T: checked by our validator and by Poppler's; no earlier byte changes; unfit files are refused whole."""

from __future__ import annotations

import os
import shutil
import subprocess
from datetime import UTC, datetime, timedelta

import pikepdf
import pytest
from asn1crypto import cms
from cryptography.hazmat.primitives.serialization import pkcs12

from territoires.foundations.trust import api as trust
from territoires.foundations.trust.api import Finding, VisibleStamp
from territoires.foundations.trust.signing.certificates import card_of
from territoires.kernel.errors import Invalid
from tests.foundations.trust.conftest import AT, SIREN

pytestmark = pytest.mark.django_db

STAMP = VisibleStamp(("Camille Exemple", "Maire d’Essai", "Signé électroniquement le 24 novembre 2026"))


def sign(source, target, key, **options):
    return trust.sign_pdf(source, target, key=key, reason="Le maire", place="Essai", at=AT, **options)


def test_a_signature_holds_and_tells_who_when_and_why(key_of, act, tmp_path) -> None:
    signed = sign(act, tmp_path / "signed.pdf", key_of(), stamp=STAMP)
    (found,) = trust.validate_pdf(signed.path)
    assert found.holds
    assert found.is_intact and found.covers_document and found.is_trusted
    assert found.signer and found.signer.holder == "Camille Exemple"
    assert (found.reason, found.place, found.claimed_at, found.field) == (
        "Le maire",
        "Essai",
        AT,
        signed.field,
    )
    assert found.stamped_at and abs(found.stamped_at - datetime.now(UTC)) < timedelta(minutes=1)
    assert found.findings == (Finding.REVOCATION_UNKNOWN,)


def test_a_second_signature_is_added_and_breaks_nothing(key_of, act, tmp_path) -> None:
    once, twice = tmp_path / "1.pdf", tmp_path / "2.pdf"
    sign(act, once, key_of(), stamp=STAMP)
    sign(once, twice, key_of("Dominique", "Modèle"), stamp=STAMP)
    assert twice.read_bytes().startswith(once.read_bytes())
    assert once.read_bytes().startswith(act.read_bytes())
    first, second = trust.validate_pdf(twice)
    assert first.holds and second.holds
    assert first.signer and second.signer
    assert (first.signer.surname, second.signer.surname) == ("Exemple", "Modèle")
    with pikepdf.open(twice) as pdf:
        boxes = [[float(side) for side in one.Rect] for one in pdf.pages[-1].Annots]
    (a0, b0, a1, b1), (c0, d0, c1, d1) = boxes
    assert a1 <= c0 or c1 <= a0 or b1 <= d0 or d1 <= b0


def test_the_cms_is_baseline_t_and_strict_der(key_of, act, tmp_path) -> None:
    """EN 319 142-1, table 1: what must be there, and signing-time, which must not."""
    signed = sign(act, tmp_path / "signed.pdf", key_of())
    with pikepdf.open(signed.path) as pdf:
        value = pdf.Root.AcroForm.Fields[0].V
        assert str(value.SubFilter) == "/ETSI.CAdES.detached"
        contents = bytes(value.Contents)
    content = cms.ContentInfo.load(contents)
    data = content.dump()
    assert contents.rstrip(b"\0") == data.rstrip(b"\0")
    copy = cms.ContentInfo.load(data, strict=True).copy()
    (signer,) = copy["content"]["signer_infos"]
    assert {one["type"].native for one in signer["signed_attrs"]} == {
        "content_type",
        "message_digest",
        "signing_certificate_v2",
    }
    assert [one["type"].native for one in signer["unsigned_attrs"]] == ["signature_time_stamp_token"]


def test_one_changed_byte_is_seen(key_of, act, tmp_path) -> None:
    signed = sign(act, tmp_path / "signed.pdf", key_of())
    data = signed.path.read_bytes()
    signed.path.write_bytes(data.replace(b"(Essai)", b"(Passe)", 1))
    (found,) = trust.validate_pdf(signed.path)
    assert Finding.BROKEN in found.findings
    assert not found.holds


def test_another_authority_is_not_trusted(key_of, act, tmp_path, installation) -> None:
    """The same words in the certificate are not the same root."""
    signed = sign(act, tmp_path / "signed.pdf", key_of())
    shutil.rmtree(installation.ENVIRONMENT.keys)
    installation.ENVIRONMENT.keys.mkdir()
    from territoires.foundations.trust.material import _read

    _read.cache_clear()
    (found,) = trust.validate_pdf(signed.path)
    assert found.is_intact
    assert not found.is_trusted
    assert not found.holds
    assert {Finding.UNKNOWN_AUTHORITY, Finding.BAD_TIME_STAMP} <= set(found.findings)


@pytest.mark.skipif(not shutil.which("pdfsig"), reason="Poppler's pdfsig is not installed")
def test_poppler_agrees(key_of, act, tmp_path) -> None:
    signed = sign(act, tmp_path / "signed.pdf", key_of(), stamp=STAMP)
    twice = sign(signed.path, tmp_path / "twice.pdf", key_of("Dominique", "Modèle"))
    command = ["pdfsig", "-nocert", str(twice.path)]
    said = subprocess.run(
        command, capture_output=True, text=True, env={"HOME": str(tmp_path), "PATH": os.defpath}
    ).stdout
    assert said.count("Signature is Valid") == 2
    assert said.count("ETSI.CAdES.detached") == 2
    assert said.count("Total document signed") == 1


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("EmptyPage-corrupted.pdf", "pdf-not-signable"),
        ("open_protected.pdf", "pdf-encrypted"),
        ("edition_protected_none.pdf", "pdf-encrypted"),
        ("../pades/timestamped_and_signed.pdf", "pdf-not-signable"),  # hybrid: readers do not show the same
        ("edition_protected_signing_allowed_with_field.pdf", "pdf-encrypted"),
    ],
)
def test_unfit_files_are_refused_and_leave_nothing(shared_data, key_of, tmp_path, name, code) -> None:
    target = tmp_path / "signed.pdf"
    with pytest.raises(Invalid) as refused:
        sign(shared_data / "exchange-signature/pdf-to-sign" / name, target, key_of())
    assert refused.value.code == code
    assert not target.exists()


@pytest.mark.parametrize(
    "name",
    [
        "pdf-to-sign/EmptyPage.pdf",
        "pdf-to-sign/empty-two-pages.pdf",
        "pdf-to-sign/not_signed_pdfa.pdf",
        "pdf-to-sign/pdf-2.0.pdf",
        "pdf-to-sign/pdf-two-fields.pdf",
        "pdf-to-sign/rotate90-rotated.pdf",
        "pdf-to-sign/test_-90.pdf",
        "pdf-to-sign/test_90.pdf",
        "pdf-to-sign/unsignedPDFWithSignatureFieldButInvisible.pdf",
        "parapheur/PDF_avec_tags.pdf",
        "parapheur/main-1_1.pdf",
    ],
)
def test_real_files_are_signed_twice(shared_data, key_of, tmp_path, name) -> None:
    source = shared_data / "exchange-signature" / name
    once = sign(source, tmp_path / "1.pdf", key_of(), stamp=STAMP)
    twice = sign(once.path, tmp_path / "2.pdf", key_of("Dominique", "Modèle"), stamp=STAMP)
    assert twice.path.read_bytes().startswith(source.read_bytes())
    assert [one.holds for one in trust.validate_pdf(twice.path)] == [True, True]


@pytest.mark.parametrize(
    "name", ["pades/pdf-signed-original.pdf", "parapheur/PDF_avec_tags-signature_pades.pdf"]
)
def test_signatures_of_elsewhere_stay_as_they_were(shared_data, key_of, tmp_path, name) -> None:
    source = shared_data / "exchange-signature" / name
    (before,) = trust.validate_pdf(source)
    signed = sign(source, tmp_path / "signed.pdf", key_of(), stamp=STAMP)
    after, ours = trust.validate_pdf(signed.path)
    assert (after.is_intact, after.covers_document, after.signer) == (True, True, before.signer)
    assert ours.holds


def test_a_file_is_never_signed_in_its_own_place(key_of, act) -> None:
    before = act.read_bytes()
    with pytest.raises(ValueError, match="own place"):
        sign(act, act, key_of())
    assert act.read_bytes() == before


def altered(act, change) -> None:
    with pikepdf.open(act, allow_overwriting_input=True) as pdf:
        change(pdf)
        pdf.save(act)


def test_what_forbids_a_signature_is_said(key_of, act, tmp_path) -> None:
    def dynamic(pdf: pikepdf.Pdf) -> None:
        pdf.Root.AcroForm = pikepdf.Dictionary(Fields=[], XFA=pdf.make_stream(b"<xfa/>"))

    def closed(pdf: pikepdf.Pdf) -> None:
        parameters = pikepdf.Dictionary(Type=pikepdf.Name.TransformParams, V=pikepdf.Name("/1.2"), P=1)
        reference = pikepdf.Dictionary(TransformMethod=pikepdf.Name.DocMDP, TransformParams=parameters)
        value = pdf.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.Sig, Reference=[reference]))
        pdf.Root.Perms = pikepdf.Dictionary(DocMDP=value)

    for change, code in ((dynamic, "pdf-dynamic-form"), (closed, "pdf-closed-by-its-author")):
        other = tmp_path / f"{code}.pdf"
        shutil.copyfile(act, other)
        altered(other, change)
        with pytest.raises(Invalid) as refused:
            sign(other, tmp_path / "signed.pdf", key_of())
        assert refused.value.code == code
        assert not (tmp_path / "signed.pdf").exists()


def test_letters_that_the_font_has_not_do_not_stop_a_signature(key_of, act, tmp_path) -> None:
    stamp = VisibleStamp(("Łukasz Ελένη 王", "#strong[x] *y* $z$"))
    signed = sign(act, tmp_path / "signed.pdf", key_of(), stamp=stamp)
    assert [one.holds for one in trust.validate_pdf(signed.path)] == [True]


def test_a_time_stamped_signature_outlives_its_certificate(installation, act, tmp_path) -> None:
    now = datetime.now(UTC)
    key = trust.open_key_file(
        *trust.issue_demonstration_certificate(
            given_names="Camille",
            usual_name="Exemple",
            organisation_name="Commune d’Essai",
            siren=SIREN,
            until=now + timedelta(minutes=5),
        )
    )
    signed = sign(act, tmp_path / "signed.pdf", key)
    (found,) = trust.validate_pdf(signed.path, at=now + timedelta(days=700))
    assert found.holds


@pytest.mark.parametrize(
    ("options", "finding"),
    [
        (lambda now: {"usage": "transmitter"}, Finding.NOT_FOR_SIGNING),
        (lambda now: {"until": now - timedelta(minutes=1)}, Finding.EXPIRED),
    ],
    ids=["authentication", "expired"],
)
def test_certificates_that_may_not_sign_are_named(installation, act, tmp_path, options, finding) -> None:
    """Made with another program, which does not look."""
    data, password = trust.issue_demonstration_certificate(
        given_names="Camille",
        usual_name="Exemple",
        organisation_name="Commune d’Essai",
        siren=SIREN,
        **options(datetime.now(UTC)),
    )
    file = pkcs12.load_pkcs12(data, password.encode())
    certificate = file.cert.certificate
    key = trust.SigningKey(
        certificate, [one.certificate for one in file.additional_certs], card_of(certificate), file.key
    )
    signed = sign(act, tmp_path / "signed.pdf", key)
    (found,) = trust.validate_pdf(signed.path)
    assert found.is_intact
    assert finding in found.findings
    assert not found.holds
