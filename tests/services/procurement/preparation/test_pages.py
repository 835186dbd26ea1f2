"""The pages of options, candidatures, written documents and validation, without a script; and what a session's end keeps."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from territoires.kernel.actor import Actor
from territoires.services.procurement.models import Consultation, DocumentTemplate
from territoires.services.procurement.queries.buyers import buyers_of
from territoires.services.procurement.queries.sheets import (
    asked_pieces_of,
    criteria_of,
    lots_of,
    options_of,
    pieces_of,
    selection_of,
)
from tests.routes.kept import token_in
from tests.services.procurement.conftest import make_consultation, rows
from tests.services.procurement.test_pages import agent, at, need, rows_of, text  # noqa: F401

from .test_writing import an_office_document

Agent = Client


@pytest.fixture
def draft(secretary: Actor) -> Consultation:
    return make_consultation(secretary)


def test_options_are_written_and_counted(agent: Agent, draft: Consultation) -> None:  # noqa: F811
    line = {"kind": "renewal", "name": "Reconduction", "value": "10 000", "times": "2", "months": "1"}
    sent = rows_of("options", line, {"kind": "renewal", "name": ""})
    answer = agent.post(at(draft, "options/"), sent | {"adds_to_values": "yes", "next": ""})
    assert answer["Location"] == at(draft, "criteria/")
    draft.refresh_from_db()
    assert (draft.estimated_value, options_of(draft)[0].times) == (200000, 2)
    page = text(agent.get(at(draft, "options/")))
    assert "How the value divides" in page and "Reconduction" in page


def test_a_faulty_option_keeps_what_was_typed(agent: Agent, draft: Consultation) -> None:  # noqa: F811
    sent = rows_of("options", {"kind": "renewal", "name": "Préau", "value": "beaucoup", "times": "99"})
    answer = agent.post(at(draft, "options/"), sent | {"variant_conditions": "Trois au plus."})
    page = text(answer)
    assert answer.status_code == 422 and 'value="beaucoup"' in page and "Trois au plus." in page
    assert options_of(draft) == []


def test_what_candidates_are_asked_is_written(agent: Agent, draft: Consultation) -> None:  # noqa: F811
    assert "Here are the usual pieces" in text(agent.get(at(draft, "selection/")))
    sent = rows_of("selection", {"kind": "tp-abil", "text": "Trois chantiers", "level": ""})
    sent |= rows_of("pieces", {"code": "letter", "asked_from": "tenderer"}, {"code": "", "name": "Plan"})
    agent.post(at(draft, "selection/"), sent)
    assert [one.text for one in selection_of(draft)] == ["Trois chantiers"]
    assert [one.name for one in asked_pieces_of(draft)] == ["Lettre de candidature (DC1), ou DUME", "Plan"]
    page = text(agent.get(at(draft, "selection/")))
    assert 'value="Lettre de candidature' not in page, "a piece of the pack bears its own name"


def test_weights_that_are_not_a_whole_are_kept_and_told(agent: Agent, draft: Consultation) -> None:  # noqa: F811
    lines = [{"kind": "price", "weight": "60"}, {"kind": "technical", "name": "Mémoire", "weight": "50"}]
    sent = rows_of("criteria", *lines) | {"next": "1"}
    following = agent.post(at(draft, "criteria/"), sent, follow=True)
    assert following.redirect_chain[-1][0].endswith("/selection/")
    assert "The weights add up to 110 %, not 100 %." in text(following)
    assert [one.weight for one in criteria_of(draft)] == [60, 50]


def test_parts_and_further_codes_are_typed_on_lines(agent: Agent, draft: Consultation) -> None:  # noqa: F811
    line = {"kind": "technical", "name": "Mémoire", "weight": "100", "parts": "Méthode 60\nÉquipe 40"}
    agent.post(at(draft, "criteria/"), rows_of("criteria", line))
    assert [part.name for part in criteria_of(draft)[0].parts.all()] == ["Méthode", "Équipe"]
    assert "Méthode 60" in text(agent.get(at(draft, "criteria/")))
    refused = agent.post(at(draft, "criteria/"), rows_of("criteria", line | {"parts": "Méthode"}))
    assert refused.status_code == 422 and "has no weight" in text(refused)
    lot = {"title": "Charpente", "cpv": "45261200", "estimated_value": "180000"}
    more = {
        "additional_cpvs": "45422000 45430000",
        "nuts": "FRC12",
        "reserved_for": "inclusion",
        "minimum_turnover": "90 000",
    }
    agent.post(at(draft, "lots/"), rows_of("lots", lot | more))
    kept = lots_of(draft)[0]
    assert (kept.additional_cpvs, kept.nuts) == (["45422000", "45430000"], "FRC12")
    assert (kept.reserved_for, kept.minimum_turnover) == ("inclusion", 90_000)
    assert (
        agent.post(at(draft, "lots/"), rows_of("lots", lot | {"additional_cpvs": "toit"})).status_code == 422
    )


def test_a_group_is_shown_with_its_names(agent: Agent, draft: Consultation) -> None:  # noqa: F811
    group = {"purchasing_form": "group", "participants": "217 104 389 00010 Commune modèle"}
    agent.post(at(draft, "need/"), need(**group, group_agreement="Convention 2026-4"))
    assert [(one.siret, one.name) for one in buyers_of(draft)] == [("21710438900010", "Commune d'Exemple")]
    page = text(agent.get(at(draft)))
    assert "is its coordinator" in page and "Convention 2026-4" in page


def test_documents_are_written_looked_at_and_written_again(agent: Agent, draft: Consultation) -> None:  # noqa: F811
    page = text(agent.get(at(draft, "documents/")))
    assert "Have documents written" in page
    looked = agent.get(at(draft, "documents/preview/rules/"))
    assert looked.content.startswith(b"%PDF") and len(pieces_of(draft)) == 2
    for _time in range(2):
        agent.post(at(draft, "documents/write/"), {"codes": ["rules", "prices"]})
        made = {one.made_as for one in pieces_of(draft) if one.made_as}
        assert made == {"rules.pdf", "prices.pdf", "prices.docx"}
    answer = agent.post(at(draft, "documents/write/"), {}, follow=True)
    assert "No document is chosen" in text(answer)
    assert agent.get(at(draft, "documents/preview/nothing/")).status_code == 404


def test_a_body_keeps_its_own_model(agent: Agent, draft: Consultation) -> None:  # noqa: F811
    page = text(agent.get(at(None, "templates/")))
    assert "Models of documents" in page and "copie" in page
    blank = agent.get(at(None, "templates/rules/model/"))
    own = SimpleUploadedFile("notre.docx", blank.content)
    agent.post(at(None, "templates/rules/"), {"document": own})
    assert DocumentTemplate.objects.get().code == "rules"
    assert agent.get(at(None, "templates/rules/own/")).status_code == 200
    odd = SimpleUploadedFile("notre.docx", an_office_document("{{ inconnu }}"))
    refused = agent.post(at(None, "templates/prices/"), {"document": odd})
    assert refused.status_code == 422 and "inconnu" in text(refused)
    agent.post(at(None, "templates/rules/drop/"))
    assert not DocumentTemplate.objects.exists()
    assert agent.get(at(None, "templates/rules/own/")).status_code == 404


def test_a_file_is_submitted_and_sent_back(agent: Agent, draft: Consultation) -> None:  # noqa: F811
    agent.post(at(draft, "submit/"))
    page = text(agent.get(at(draft)))
    assert "Its validation is asked" in page and "Send it back" in page
    assert agent.post(at(draft, "return/"), {"reason": ""}).status_code == 422
    agent.post(at(draft, "return/"), {"reason": "Le calendrier est trop court."})
    draft.refresh_from_db()
    assert draft.submitted_at is None and "Its validation is asked" not in text(agent.get(at(draft)))


def test_how_a_procedure_goes_is_told_with_what_the_platform_does_not_do_yet(
    agent: Agent,  # noqa: F811
    draft: Consultation,
) -> None:
    for procedure, is_partly_here in (("dynamic", False), ("innovation", True)):
        agent.post(at(draft, "procedure/"), {"procedure": procedure})
        page = text(agent.get(at(draft, "procedure/")))
        assert "How it goes" in page and ("not on this platform yet" in page) == is_partly_here, procedure


# -- a session that ends ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("page", "sent", "shown"),
    [
        ("need/", need(description="Dépose des tuiles"), "Dépose des tuiles"),
        ("options/", rows_of("options", {"kind": "phase", "name": "Préau"}), 'value="Préau"'),
        ("terms/", {"environmental_clause": "Tuiles réemployées"}, "Tuiles réemployées"),
        ("criteria/", rows_of("criteria", {"kind": "price", "name": "Coût total"}), 'value="Coût total"'),
        ("return/", {"reason": "Le calendrier"}, "Le calendrier"),
    ],
)
def test_what_was_typed_comes_back_after_signing_in_again(
    agent: Agent,  # noqa: F811
    draft: Consultation,
    page: str,
    sent: dict[str, str],
    shown: str,
) -> None:
    token = token_in(agent.get(at(draft, page)))
    account = rows("identity.Account").get(email="claire@exemple.test")
    del agent.cookies["sessionid"]
    kept = agent.post(at(draft, page), sent | {"csrfmiddlewaretoken": token})
    assert kept.status_code == 401 and "nothing is lost" in text(kept)
    draft.refresh_from_db()
    assert draft.description != "Dépose des tuiles"
    agent.force_login(account, backend="allauth.account.auth_backends.AuthenticationBackend")
    back = text(agent.get(at(draft, page)))
    assert shown in back and "look at what you had typed" in back
