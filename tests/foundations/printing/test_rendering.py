"""What is printed is kept by archives, read by screen readers, and never runs what it is given."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime
from pathlib import Path

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import territoires
from territoires.foundations.printing import api as printing
from territoires.foundations.printing.rendering import DATA_LIMIT
from territoires.kernel.errors import Invalid

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
VERIFICATION = printing.Verification("https://territoires.example/verifier/7QK4", "7QK4-M2PX")
CERTIFICATE = {
    "title": "Certificat de publication",
    "paragraphs": ["L’acte ci-dessous a été publié."],
    "facts": [{"label": "Empreinte", "value": "a" * 64, "code": True}],
    "place_and_date": "Fait à Éclaron, le 24 novembre 2026",
}
LETTER = {
    "title": "Notification d’un arrêté",
    "recipient": ["Madame Camille Exemple", "1 rue de l’Église", "70000 Vesoul"],
    "place_and_date": "Vesoul, le 24 novembre 2026",
    "salutation": "Madame,",
    "paragraphs": ["Nous vous notifions l’arrêté joint."],
    "signatory": "Le maire",
}


def render(template: str = "printing/certificate", **changed: object) -> pikepdf.Pdf:
    data = {**(LETTER if template.endswith("letter") else CERTIFICATE), **changed}
    pdf = printing.render(
        template, data, language="fr", issuer="Commune d’Exemple", verification=VERIFICATION, at=NOW
    )
    return pikepdf.open(io.BytesIO(pdf))


@pytest.mark.parametrize("template", ["printing/certificate", "printing/letter"])
def test_it_is_archivable_and_accessible(template):
    pdf = render(template)
    with pdf.open_metadata() as metadata:
        assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("2", "B")
        assert metadata["pdfuaid:part"] == "1"
        assert metadata["dc:title"]
    assert str(pdf.Root.Lang) == "fr"
    assert [round(float(side)) for side in pdf.pages[0].mediabox] == [0, 0, 595, 842]


def test_the_same_data_gives_the_same_bytes():
    given_twice = [
        printing.render("printing/letter", LETTER, language="fr", issuer="Commune", at=NOW) for _ in range(2)
    ]
    assert given_twice[0] == given_twice[1]


def test_it_links_to_where_it_is_verified():
    pdf = render()
    (page,) = pdf.pages
    assert VERIFICATION.address in [str(note.A.URI) for note in page.Annots]


def test_a_long_text_takes_several_pages():
    assert len(render(paragraphs=["Considérant que " * 60] * 20).pages) > 2


@pytest.mark.parametrize(
    "hostile",
    [
        '#read("/etc/passwd")',
        '#eval("panic()")',
        '"}; #panic("x")',
        "$ x ^ $ #[*] <label> @reference",
        "\\u{0} \x00 \ud7ff \uffff \"' \\",
        "إيلاف 漢字 😀 \u202eexe",
    ],
)
def test_text_stays_text(hostile):
    assert len(render(title=hostile, paragraphs=[hostile], place_and_date=hostile).pages) == 1


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=300))
def test_any_text_can_be_printed(text):
    render("printing/letter", title=text or "x", recipient=[text, text], paragraphs=[text])


def test_too_much_is_refused_in_words():
    with pytest.raises(Invalid):
        render(paragraphs=["x" * DATA_LIMIT])


@pytest.mark.parametrize("name", ["printing/none", "../x", "none/letter", "printing/frame/../letter"])
def test_an_unknown_template_is_an_error(name):
    with pytest.raises(LookupError):
        printing.render(name, {}, language="fr", issuer="x")


def test_templates_fetch_no_package_and_evaluate_no_text():
    templates = list(Path(territoires.__file__).parent.glob("*/*/typst/*.typ"))
    assert len(templates) >= 3
    for path in templates:
        code = re.sub(r"//.*", "", path.read_text())
        assert not re.search(r"@preview|@local|\beval\(|\bread\(|\bplugin\(", code), path


def test_a_file_is_dated_to_the_second() -> None:
    """The present instant has microseconds, which the compiler refuses."""
    pdf = printing.render(
        "printing/letter", LETTER, language="fr", issuer="Commune", at=NOW.replace(microsecond=123456)
    )
    assert pdf == printing.render("printing/letter", LETTER, language="fr", issuer="Commune", at=NOW)
