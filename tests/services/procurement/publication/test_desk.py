"""The buyer's pages around the publication: the last look, changes with files, questions, the register."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from territoires.foundations.journal import api as journal
from territoires.kernel.actor import Actor
from territoires.kernel.clock import PARIS, legal_day
from territoires.services.procurement.actions import answering, corresponding
from territoires.services.procurement.domain import life
from territoires.services.procurement.domain.findings import Finding, Severity
from territoires.services.procurement.domain.tables import defused
from territoires.services.procurement.models import Consultation, Question
from territoires.services.procurement.queries import readiness
from territoires.services.procurement.queries.publication import amendments_of, answers_due, former_pieces_of
from territoires.services.procurement.queries.sheets import pieces_of
from tests.routes.world import World
from tests.services.procurement.conftest import make_consultation, rows

from .conftest import Publish, deadline, put_far, visitor

WHY = "Un document manquait au dossier."


@pytest.fixture
def desk(body: Any) -> Client:
    """The secretary's browser."""
    rows("identity.ServiceActivation").create(
        organisation=body, service="procurement", since_at="2026-01-05T00:00:00Z"
    )
    world = World(home=body, foreign=None, operator=None, idle=None)
    return world.client(world.person(body, "secretary"))


@pytest.fixture
def live(publish: Publish) -> Consultation:
    return put_far(publish())


def at(name: str, consultation: Consultation, **place: Any) -> str:
    where = {"organisation": consultation.organisation.reference, "consultation": consultation.pk}
    return reverse(f"procurement_desk:{name}", kwargs=where | place)


def fields(consultation: Consultation, **given: Any) -> dict[str, Any]:
    """The form of a change as the browser sends it when nothing else is touched."""
    until = deadline(consultation).astimezone(PARIS)
    return {
        "summary": "Le règlement est corrigé.",
        "reason": WHY,
        "title": consultation.title,
        "description": consultation.description,
        "contact_email": consultation.contact_email,
        "review_body": consultation.review_body,
        "questions_until": consultation.questions_until.strftime("%d/%m/%Y"),  # type: ignore[union-attr]
        "tenders_on": until.strftime("%d/%m/%Y"),
        "tenders_at": until.strftime("%H:%M"),
        "version": consultation.version,
    } | given


def test_the_last_look_shows_what_freezes_and_publishes(desk: Client, secretary: Actor) -> None:
    done = _validated(secretary)
    page = desk.get(at("publish", done)).content.decode()
    assert "Mémoire technique" in page and "reglement.pdf" in page
    answer = desk.post(at("publish", done), {"version": done.version, "shows_value": "on"})
    assert answer.status_code == 302
    done.refresh_from_db()
    assert (done.state, done.shows_value) == (life.PUBLISHED, True)
    assert desk.get(at("publish", done)).status_code == 302


def _validated(secretary: Actor) -> Consultation:
    """Validated, with a deadline far beyond the clock of whoever runs the tests."""
    return put_far(make_consultation(secretary, "validated"))


def test_what_stops_the_publication_is_listed(
    desk: Client, secretary: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    lacking = Finding(
        code="officers-missing",
        step="opening",
        field="",
        severity=Severity.MISSING,
        message="Nobody is named to open the bids.",
        remedy="Name two persons.",
    )
    monkeypatch.setattr(readiness, "quorum_obstacles", lambda consultation: [lacking])
    done = _validated(secretary)
    assert "Nobody is named to open the bids." in desk.get(at("publish", done)).content.decode()
    answer = desk.post(at("publish", done), {"version": done.version})
    assert answer.status_code == 422 and "Nobody is named to open the bids." in answer.content.decode()


def test_a_publication_is_scheduled_and_called_off(desk: Client, secretary: Actor) -> None:
    done = _validated(secretary)
    wrong = desk.post(at("schedule", done), {"publish_on": "31/02/2030", "publish_hour": "9 h"})
    assert wrong.status_code == 422 and "31/02/2030" in wrong.content.decode()
    later = (datetime.now(UTC) + timedelta(days=3)).strftime("%d/%m/%Y")
    sent = {"publish_on": later, "publish_hour": "9:00", "version": done.version}
    assert desk.post(at("schedule", done), sent).status_code == 302
    done.refresh_from_db()
    assert done.state == life.SCHEDULED and done.publish_at is not None
    assert done.publish_at.astimezone(PARIS).hour == 9
    assert desk.post(at("call-off", done), {"version": done.version}).status_code == 302
    done.refresh_from_db()
    assert done.state == life.VALIDATED


def test_a_change_replaces_a_document_and_keeps_the_deadline(desk: Client, live: Consultation) -> None:
    former = pieces_of(live)[0]
    new = SimpleUploadedFile("reglement.pdf", b"%PDF-1.4 corrige", "application/pdf")
    sent = fields(live, document_1=new, replaces_1=former.sha256)
    assert desk.post(at("amend", live), sent).status_code == 302
    (made,) = amendments_of(live)
    assert not made.moves_deadline and made.changes == []
    assert [piece.sha256 for piece in former_pieces_of(live)] == [former.sha256]


def test_a_refused_change_keeps_what_was_typed_and_the_file(desk: Client, live: Consultation) -> None:
    new = SimpleUploadedFile("plan.pdf", b"%PDF-1.4 plan", "application/pdf")
    sent = fields(live, document_2=new, reason="", is_substantial="on")
    refused = desk.post(at("amend", live), sent)
    page = refused.content.decode()
    assert refused.status_code == 422
    assert "Le règlement est corrigé." in page and "plan.pdf" in page
    kept = refused.context["form"]["kept_2"].value()
    again = fields(live, kept_2=kept, kind_2="technical")
    assert desk.post(at("amend", live), again).status_code == 302
    assert "plan.pdf" in {piece.document.name for piece in pieces_of(live)}


def test_an_earlier_deadline_is_refused_at_its_field(desk: Client, live: Consultation) -> None:
    earlier = (deadline(live) - timedelta(days=5)).strftime("%d/%m/%Y")
    desk.cookies["django_language"] = "fr"
    answer = desk.post(at("amend", live), fields(live, tenders_on=earlier))
    page = answer.content.decode()
    assert answer.status_code == 422 and earlier in page
    assert "les entreprises comptent dessus" in page
    assert amendments_of(live) == []


def test_a_call_is_suspended_resumed_and_withdrawn(desk: Client, live: Consultation) -> None:
    assert desk.post(at("suspend", live), {"reason": ""}).status_code == 422
    assert desk.post(at("suspend", live), {"reason": WHY}).status_code == 302
    assert desk.get(at("resume", live)).status_code == 200
    until = deadline(live) + timedelta(days=9)
    sent = {"reason": WHY, "tenders_on": until.strftime("%d/%m/%Y"), "tenders_at": "12:00"}
    assert desk.post(at("resume", live), sent).status_code == 302
    assert desk.post(at("withdraw", live), {"reason": WHY}).status_code == 302
    live.refresh_from_db()
    assert live.state == life.WITHDRAWN
    assert WHY in desk.get(at("consultation", live)).content.decode()


def test_a_question_is_answered_from_its_page(desk: Client, live: Consultation) -> None:
    one = answering.ask_question(
        actor=visitor(), consultation=live, text="Quelle est la hauteur du bâtiment ?", asker="Modèle"
    )
    asked = desk.get(at("questions", live))
    assert "Modèle" in asked.content.decode()
    late = answers_due(live, datetime.now(PARIS))
    assert late and asked.context["last_day"] == legal_day(late) - timedelta(days=1)
    assert desk.get(at("answer", live, question=one.pk)).status_code == 200
    empty = desk.post(at("answer", live, question=one.pk), {"public_text": "Quelle hauteur ?", "answer": ""})
    assert empty.status_code == 422 and "Quelle hauteur ?" in empty.content.decode()
    sent = {"public_text": "Quelle hauteur ?", "answer": "Huit mètres."}
    assert desk.post(at("answer", live, question=one.pk), sent).status_code == 302
    assert Question.objects.get().state == "answered"
    assert desk.post(at("answer", live, question=one.pk), sent).status_code == 409
    assert desk.get(at("answer", live, question=live.pk)).status_code == 404


def test_a_question_is_left_aside_from_its_page(desk: Client, live: Consultation) -> None:
    one = answering.ask_question(actor=visitor(), consultation=live, text="Achetez mes tuiles à bas prix !")
    assert desk.post(at("dismiss", live, question=one.pk), {"reason": ""}).status_code == 422
    sent = {"reason": "Ce n'est pas une question."}
    assert desk.post(at("dismiss", live, question=one.pk), sent).status_code == 302
    assert Question.objects.get().state == "dismissed"


def test_the_register_lists_who_took_what_and_defuses_formulas(desk: Client, live: Consultation) -> None:
    named = corresponding.join_correspondents(
        actor=visitor(),
        consultation=live,
        name="=HYPERLINK(1)",
        email="manon@travaux.example",
        enterprise="+33 Travaux",
    )
    piece = pieces_of(live)[0]
    for known, sha256 in ((None, piece.sha256), (named, "")):
        corresponding.take_documents(
            actor=visitor(),
            consultation=live,
            address_hash="0" * 32,
            sha256=sha256,
            correspondent=known,
        )
    page = desk.get(at("register", live)).content.decode()
    assert "manon@travaux.example" in page and piece.document.name in page
    response = desk.get(at("register-table", live))
    text = b"".join(response.streaming_content).decode()
    first, second = csv.DictReader(io.StringIO(text))
    assert (first["nom"], first["fichier"], first["sha256"]) == ("anonyme", "reglement.pdf", piece.sha256)
    assert (second["nom"], second["entreprise"]) == ("'=HYPERLINK(1)", "'+33 Travaux")
    assert second["fichier"] == "dossier complet"
    told = [one.kind for one in journal.timeline(live.pk)]
    assert {"procurement.correspondent.joined", "procurement.documents.taken"} <= set(told)


def test_what_begins_a_formula_does_not(db: None) -> None:
    for value in ("=1+1", "+1", "-1", "@SUM", "\t=1", " =1", "\r=1"):
        assert defused(value).startswith("'")
    assert defused("Travaux = Modèle") == "Travaux = Modèle"


def test_another_body_reads_nothing_of_it(desk: Client, live: Consultation, body: Any) -> None:
    world = World(home=body, foreign=None, operator=None, idle=None)
    stranger = world.client(world.person())
    for name in ("publish", "amend", "questions", "register", "register-table", "abandon"):
        assert stranger.get(at(name, live)).status_code == 403


def test_the_consultation_says_where_its_publication_stands(desk: Client, live: Consultation) -> None:
    page = desk.get(at("consultation", live)).content.decode()
    assert f"/marches/{live.pk}/" in page and at("amend", live) in page
    assert at("abandon", live) not in page  # before the deadline it is withdrawn, not given up
