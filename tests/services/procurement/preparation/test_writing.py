"""Documents that the platform writes from a consultation: they say what it says, and the body's own models replace them."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import Any

import pikepdf
import pytest
from docx import Document

from territoires.foundations.documents import api as documents
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Conflict, Denied, Invalid, Missing
from territoires.services.procurement.actions import preparing, stipulating, validating, writing
from territoires.services.procurement.domain import drafting
from territoires.services.procurement.domain.wording import (
    AskedPieceWords,
    BuyerWords,
    CriterionWords,
    LotWords,
    OptionWords,
    PartWords,
    SelectionWords,
)
from territoires.services.procurement.models import Consultation, DocumentTemplate
from territoires.services.procurement.queries.drafts import NAMES, draft_of, model_of, values_of
from territoires.services.procurement.queries.sheets import checked, pieces_of
from territoires.services.procurement.queries.written import DOCX_TYPE, as_docx
from tests.services.procurement.conftest import NOW, make_actor, make_body, make_consultation, receive

TODAY = legal_day(NOW)


def content_of(piece: Any) -> bytes:
    return b"".join(documents.open_stream(piece.document))


def words_of(content: bytes) -> str:
    """The text of an office document, tables included."""
    made: Any = Document(io.BytesIO(content))
    cells = [cell.text for table in made.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(one.text for one in made.paragraphs), *cells])


def made_of(consultation: Consultation) -> dict[str, Any]:
    return {piece.made_as: piece for piece in pieces_of(consultation) if piece.made_as}


def an_office_document(*lines: str) -> bytes:
    made: Any = Document()
    for line in lines:
        made.add_paragraph(line)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def rules_of(consultation: Consultation) -> str:
    check = checked(consultation, TODAY)
    draft = draft_of(drafting.RULES, consultation, check.sheet, check.law)
    return words_of(as_docx(draft, "Commune", "x"))


@pytest.fixture
def draft(secretary: Actor) -> Consultation:
    return make_consultation(secretary)


def test_all_documents_are_written_in_one_gesture(secretary: Actor, draft: Consultation) -> None:
    writing.write_documents(actor=secretary, consultation=draft, codes=drafting.CODES)
    made = made_of(draft)
    assert set(made) == {"rules.pdf", "engagement.pdf", "engagement.docx", "prices.pdf", "prices.docx"}
    assert {name: piece.kind for name, piece in made.items()}["engagement.docx"] == "contract"
    with pikepdf.open(io.BytesIO(content_of(made["rules.pdf"]))) as pdf:
        assert pdf.docinfo["/Title"] == "Règlement de la consultation"
    assert "Charpente et couverture" in words_of(content_of(made["engagement.docx"]))
    assert made["prices.docx"].document.media_type == DOCX_TYPE


def test_the_rules_say_limits_secret_safety_copy_and_signature(secretary: Actor, draft: Consultation) -> None:
    said = rules_of(draft)
    assert "2000 fichiers, 4 Gio pour un fichier, 16 Gio en tout" in said
    assert "copie de sauvegarde" in said and "programme informatique malveillant" in said
    assert f"/{draft.pk}" in said and "empreinte" in said
    assert "L'offre n'a pas à être signée au dépôt" in said
    preparing.revise_consultation(
        actor=secretary, consultation=draft, values={"signature_time": "deposit", "allows_variants": True}
    )
    draft.refresh_from_db()
    later = rules_of(draft)
    assert "signé électroniquement dès le dépôt" in later and "Les variantes sont admises" in later


def test_they_say_options_conditions_pieces_and_parts(secretary: Actor, draft: Consultation) -> None:
    stipulating.write_options(
        actor=secretary,
        consultation=draft,
        options=[OptionWords(kind="renewal", name="Reconduction d'un an", months=1)],
    )
    stipulating.write_selection(
        actor=secretary,
        consultation=draft,
        criteria=[
            SelectionWords(kind="tp-abil", text="Trois chantiers comparables", level="depuis cinq ans")
        ],
        pieces=[AskedPieceWords(asked_from="winner", code="tax")],
    )
    draft.refresh_from_db()
    said = rules_of(draft)
    assert "Reconduction d'un an" in said and "Trois chantiers comparables" in said
    assert "depuis cinq ans" in said and "Attestation fiscale" in said


def test_a_change_makes_them_stale_until_they_are_written_again(
    secretary: Actor, draft: Consultation
) -> None:
    writing.write_documents(actor=secretary, consultation=draft, codes=["rules"])
    before = made_of(draft)["rules.pdf"]
    draft.refresh_from_db()
    assert checked(draft, TODAY).is_ready
    preparing.revise_consultation(actor=secretary, consultation=draft, values={"validity_days": 90})
    draft.refresh_from_db()
    assert [s.finding.code for s in checked(draft, TODAY).standings] == ["document-stale"]
    with pytest.raises(Invalid):
        validating.validate_consultation(actor=secretary, consultation=draft)
    writing.write_documents(actor=secretary, consultation=draft, codes=["rules"])
    draft.refresh_from_db()
    after = made_of(draft)["rules.pdf"]
    assert (after.position, after.sha256 != before.sha256) == (before.position, True)
    assert validating.validate_consultation(actor=secretary, consultation=draft).state == "validated"


def test_they_bear_the_reference_that_the_validation_keeps(secretary: Actor, draft: Consultation) -> None:
    writing.write_documents(actor=secretary, consultation=draft, codes=["engagement"])
    draft.refresh_from_db()
    assert draft.reference in words_of(content_of(made_of(draft)["engagement.docx"]))
    done = validating.validate_consultation(actor=secretary, consultation=draft)
    assert done.reference == draft.reference and checked(done, TODAY).is_ready


def test_nothing_is_written_once_validated(secretary: Actor) -> None:
    done = make_consultation(secretary, "validated")
    with pytest.raises(Conflict):
        writing.write_documents(actor=secretary, consultation=done, codes=["rules"])
    assert made_of(done) == {}


@pytest.mark.parametrize("codes", [[], ["contract"], ["rules", "../x"]])
def test_an_unknown_document_is_refused(secretary: Actor, draft: Consultation, codes: list[str]) -> None:
    with pytest.raises(Invalid):
        writing.write_documents(actor=secretary, consultation=draft, codes=codes)


def test_an_observer_writes_nothing(body: Any, draft: Consultation) -> None:
    observer = make_actor(body, "observer")
    with pytest.raises(Denied):
        writing.write_documents(actor=observer, consultation=draft, codes=["rules"])
    with pytest.raises(Denied):
        writing.choose_template(actor=observer, code="rules", document=None)


def test_every_name_that_a_model_may_use_has_a_value(draft: Consultation) -> None:
    check = checked(draft, TODAY)
    assert set(values_of(draft, check.sheet, check.law)) == set(NAMES)


@pytest.mark.parametrize("code", drafting.CODES)
def test_the_platforms_model_may_be_sent_back_as_ones_own(secretary: Actor, code: str) -> None:
    blank = as_docx(model_of(code, TODAY), "{{ acheteur }}", "{{ objet }}")
    document = receive(secretary, blank, "modele.docx")
    writing.choose_template(actor=secretary, code=code, document=document.pk)
    assert DocumentTemplate.objects.get().code == code


def test_the_bodys_own_model_takes_its_place(secretary: Actor, draft: Consultation) -> None:
    writing.write_documents(actor=secretary, consultation=draft, codes=["rules"])
    own = an_office_document("Notre règlement pour {{ objet }}", "Lots :\n{{ lots }}", "Sans accolades")
    document = receive(secretary, own, "notre-modele.docx")
    writing.choose_template(actor=secretary, code="rules", document=document.pk)
    draft.refresh_from_db()
    assert [s.finding.code for s in checked(draft, TODAY).standings] == ["document-stale"]
    writing.write_documents(actor=secretary, consultation=draft, codes=["rules"])
    assert set(made_of(draft)) == {"rules.docx"}
    said = words_of(content_of(made_of(draft)["rules.docx"]))
    assert f"Notre règlement pour {draft.title}" in said and "Lot 2 : Isolation" in said
    writing.choose_template(actor=secretary, code="rules", document=None)
    writing.write_documents(actor=secretary, consultation=draft, codes=["rules"])
    assert set(made_of(draft)) == {"rules.pdf"}


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("modele.docx", an_office_document("{{ objet }} {{ surprise }}"), "template-unknown-names"),
        ("modele.pdf", b"%PDF-1.4 x", "template-not-docx"),
        ("modele.docx", an_office_document("{{ objet }}")[:-200], ""),
    ],
)
def test_what_cannot_serve_as_a_model_is_refused(
    secretary: Actor, name: str, content: bytes, code: str
) -> None:
    document = receive(secretary, content, name)
    with pytest.raises(Invalid) as refused:
        writing.choose_template(actor=secretary, code="rules", document=document.pk)
    assert not code or refused.value.code == code
    assert not DocumentTemplate.objects.exists()


def test_the_model_of_another_body_is_not_ours(secretary: Actor) -> None:
    other = make_actor(make_body("Ville d'Essai", "213105554"))
    document = receive(other, an_office_document("{{ objet }}"), "modele.docx")
    with pytest.raises(Missing):
        writing.choose_template(actor=secretary, code="rules", document=document.pk)


def test_what_a_buyer_types_is_never_a_formula_or_a_place(secretary: Actor) -> None:
    """Braces and markup typed in a title stay text."""
    one = make_consultation(secretary, title="Toit {acheteur} {{ siret }} #panic() =1+1")
    writing.write_documents(actor=secretary, consultation=one, codes=["engagement"])
    assert "Toit {acheteur} {{ siret }} #panic() =1+1" in words_of(
        content_of(made_of(one)["engagement.docx"])
    )


def test_they_say_lot_by_lot_what_was_entered(secretary: Actor, draft: Consultation) -> None:
    lot = LotWords(title="Charpente", cpv="45261100", additional_cpvs=["45422000"], nuts="FRC12")
    preparing.write_lots(actor=secretary, consultation=draft, lots=[lot, LotWords(title="Isolation")])
    parts = [PartWords(name="Méthode", weight=Decimal(30)), PartWords(name="Équipe", weight=Decimal(10))]
    preparing.write_criteria(
        actor=secretary,
        consultation=draft,
        criteria=[
            CriterionWords(kind="price", weight=Decimal(60)),
            CriterionWords(kind="technical", name="Mémoire", weight=Decimal(40), parts=parts),
        ],
    )
    stipulating.write_options(
        actor=secretary,
        consultation=draft,
        options=[
            OptionWords(kind="phase", name="Préau", lot_number=1),
            OptionWords(kind="renewal", name="Entretien", months=1),
        ],
    )
    draft.refresh_from_db()
    said = rules_of(draft)
    assert "45261100 45422000" in said and "(FRC12)" in said
    assert "dont Méthode" in said and "30 %" in said
    check = checked(draft, TODAY)
    prices = [
        row[1]
        for section in draft_of(drafting.PRICES, draft, check.sheet, check.law).sections
        if section.table
        for row in section.table.rows
        if row[1]
    ]
    assert prices == [
        "LOT 1 : Charpente",
        "Total du lot 1",
        "Option du lot 1 : Préau",
        "LOT 2 : Isolation",
        "Total du lot 2",
        "Option : Entretien",
    ]


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ("central", "achète comme centrale d'achat pour : Syndicat (99999006200013)."),
        ("group", "est le coordonnateur, par la convention 2026-04, avec : Syndicat (99999006200013)."),
    ],
)
def test_the_rules_name_the_other_buyers_and_in_which_form(
    secretary: Actor, draft: Consultation, form: str, said: str
) -> None:
    preparing.revise_consultation(
        actor=secretary,
        consultation=draft,
        values={"purchasing_form": form, "group_agreement": "2026-04"},
    )
    preparing.write_participants(
        actor=secretary, consultation=draft, buyers=[BuyerWords("99999006200013", "Syndicat")]
    )
    draft.refresh_from_db()
    assert said in rules_of(draft)
