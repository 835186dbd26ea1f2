"""What anybody sees and does without an account: pages, documents, register, questions, feeds."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus
from xml.etree import ElementTree

import pytest
from django.core.cache import cache
from django.core.signing import get_cookie_signer
from django.test import Client
from django.urls import reverse
from lxml import etree

from territoires.foundations.documents import api as documents
from territoires.kernel.actor import Actor
from territoires.services.procurement.actions import amending, answering, corresponding
from territoires.services.procurement.actions.amending import NewPiece
from territoires.services.procurement.models import (
    Consultation,
    Correspondent,
    Question,
    SavedSearch,
    Withdrawal,
)
from territoires.services.procurement.queries.sheets import pieces_of
from territoires.services.procurement.web.public.feeds import escaped, folded
from tests.services.procurement.conftest import make_consultation, receive, rows

from .conftest import Publish, deadline, put_far, visitor

ATOM = "{http://www.w3.org/2005/Atom}"
TITLE = "Réfection de la toiture"
WHY = "Un document manquait au dossier."


@pytest.fixture(autouse=True)
def nobody_came_before(db: None) -> None:
    cache.clear()


@pytest.fixture
def anybody() -> Client:
    return Client(headers={"Accept-Language": "en"})


@pytest.fixture
def live(publish: Publish) -> Consultation:
    """On line, with a deadline and questions far beyond the clock of whoever runs the tests."""
    return put_far(publish())


def at(name: str, consultation: Consultation, **place: Any) -> str:
    return reverse(f"procurement:{name}", kwargs={"consultation": consultation.pk, **place})


def body_of(response: Any) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


# -- the pages ----------------------------------------------------------------------------------------------------------


def test_the_search_and_the_page_need_no_account(anybody: Client, live: Consultation) -> None:
    found = anybody.get("/marches/?q=toiture")
    assert found.status_code == 200 and TITLE in found.content.decode()
    page = anybody.get(at("consultation", live)).content.decode()
    for said in (
        live.reference,
        "reglement.pdf",
        "Mémoire technique",
        "Charpente et couverture",
        "Paris time",
    ):
        assert said in page
    assert "Estimate" not in page  # it stays the buyer's


def test_what_is_not_published_is_not_there(anybody: Client, secretary: Actor) -> None:
    draft = make_consultation(secretary, "validated")
    for name in ("consultation", "documents", "follow", "ask", "feed", "calendar", "json"):
        assert anybody.get(at(name, draft)).status_code == 404
    piece = pieces_of(draft)[0]
    assert anybody.get(at("document", draft, sha256=piece.sha256)).status_code == 404
    assert TITLE not in anybody.get("/marches/?with_closed=1").content.decode()


def test_a_body_has_a_list_of_its_own_and_the_home_a_tile(
    anybody: Client, live: Consultation, body: Any
) -> None:
    page = anybody.get(f"/collectivites/{body.reference}/marches/").content.decode()
    assert TITLE in page
    assert f"/marches/flux.atom?buyer={quote_plus(body.name)}" in unescape(page)
    assert "/marches/" in anybody.get("/").content.decode()
    assert anybody.get("/collectivites/000000000/marches/").status_code == 404


@pytest.mark.parametrize(
    "query", ["", "?cpv=45", "?mots=toiture", "?mots=%00", "?cpv=zz&mots=", "?mots=xyzzy"]
)
def test_codes_are_browsed(anybody: Client, db: None, query: str) -> None:
    assert anybody.get(f"/marches/cpv/{query}").status_code == 200


def test_a_code_chosen_in_the_tree_keeps_the_rest_of_the_search(anybody: Client, db: None) -> None:
    page = anybody.get("/marches/cpv/?q=ecole&category=works").content.decode()
    assert "/marches/?q=ecole&amp;category=works&amp;cpv=45" in page


def test_a_withdrawn_call_says_why_at_the_same_address(
    anybody: Client, live: Consultation, secretary: Actor
) -> None:
    amending.withdraw_consultation(actor=secretary, consultation=live, reason=WHY)
    page = anybody.get(at("consultation", live))
    assert page.status_code == 200 and WHY in page.content.decode()
    assert TITLE not in anybody.get("/marches/").content.decode()


def test_changes_and_answers_are_on_the_page(anybody: Client, live: Consultation, buyer: Actor) -> None:
    asked = answering.ask_question(
        actor=visitor(), consultation=live, text="Nous, Modèle, demandons la hauteur.", asker="Modèle Secret"
    )
    answering.answer_question(
        actor=buyer,
        consultation=live,
        question=asked.pk,
        public_text="Quelle hauteur ?",
        answer="Huit mètres.",
    )
    amending.amend_consultation(
        actor=buyer,
        consultation=live,
        summary="La date limite est repoussée.",
        reason=WHY,
        values={"tenders_until": deadline(live) + timedelta(days=7)},
    )
    page = anybody.get(at("consultation", live)).content.decode()
    assert "Quelle hauteur ?" in page and "Huit mètres." in page and "La date limite est repoussée." in page
    assert "Secret" not in page and "Nous, Modèle" not in page


# -- documents and register ---------------------------------------------------------------------------------------------


def test_a_document_leaves_without_a_name_and_the_register_says_so(
    anybody: Client, live: Consultation
) -> None:
    piece = pieces_of(live)[0]
    response = anybody.get(at("document", live, sha256=piece.sha256))
    assert body_of(response) == b"".join(documents.open_stream(piece.document))
    (line,) = Withdrawal.objects.all()
    assert (line.sha256, line.version, line.correspondent) == (piece.sha256, 1, None)
    assert len(line.address_hash) == 32 and "127.0.0.1" not in line.address_hash


def test_a_look_the_rest_of_a_download_and_a_second_click_are_no_withdrawals(
    anybody: Client, live: Consultation
) -> None:
    piece = pieces_of(live)[0]
    address = at("document", live, sha256=piece.sha256)
    anybody.head(address)
    anybody.get(address, headers={"Range": "bytes=5-"})
    assert not Withdrawal.objects.exists()
    anybody.get(address)
    anybody.get(address)
    assert Withdrawal.objects.count() == 1


def test_all_documents_leave_as_one_zip(anybody: Client, live: Consultation) -> None:
    response = anybody.get(at("documents", live))
    assert response.streaming and response["Content-Type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(body_of(response))) as whole:
        assert whole.testzip() is None
        assert sorted(whole.namelist()) == ["cahier.pdf", "reglement.pdf"]
        for piece in pieces_of(live):
            assert whole.read(piece.document.name) == b"".join(documents.open_stream(piece.document))
    assert Withdrawal.objects.get().sha256 == ""


def test_two_files_of_one_name_stay_two_in_the_zip(anybody: Client, live: Consultation, buyer: Actor) -> None:
    for content in (b"%PDF-1.4 un", b"%PDF-1.4 deux"):
        file = receive(buyer, content, "CAHIER.pdf")
        amending.amend_consultation(
            actor=buyer,
            consultation=live,
            summary="Un document de plus.",
            reason=WHY,
            pieces=[NewPiece(document=file.pk)],
        )
        live.refresh_from_db()
    with zipfile.ZipFile(io.BytesIO(body_of(anybody.get(at("documents", live))))) as whole:
        assert sorted(whole.namelist()) == ["CAHIER (2).pdf", "CAHIER (3).pdf", "cahier.pdf", "reglement.pdf"]


def test_a_zip_is_written_while_it_is_sent(buyer: Actor, live: Consultation) -> None:
    big = receive(buyer, b"%PDF-1.4" + b"x" * 6_000_000, "gros.pdf")
    chunks = list(documents.zip_stream([("gros.pdf", big)]))
    assert len(chunks) > 5 and max(map(len, chunks)) < 1_200_000


def test_a_former_document_stays_where_it_was(anybody: Client, live: Consultation, buyer: Actor) -> None:
    former = pieces_of(live)[0]
    file = receive(buyer, b"%PDF-1.4 neuf", "reglement.pdf")
    amending.amend_consultation(
        actor=buyer,
        consultation=live,
        summary="Le règlement est corrigé.",
        reason=WHY,
        pieces=[NewPiece(document=file.pk, replaces=former.sha256)],
    )
    assert anybody.get(at("document", live, sha256=former.sha256)).status_code == 200
    with zipfile.ZipFile(io.BytesIO(body_of(anybody.get(at("documents", live))))) as whole:
        assert whole.read("reglement.pdf") == b"%PDF-1.4 neuf"
    assert "since change 1" in anybody.get(at("consultation", live)).content.decode()


def test_who_leaves_a_name_takes_documents_under_it_until_it_is_taken_back(
    anybody: Client, live: Consultation
) -> None:
    form = {"name": "Manon Modèle", "email": "manon@travaux.example", "enterprise": "Travaux Modèle"}
    assert anybody.post(at("follow", live), form).status_code == 302
    one = Correspondent.objects.get()
    page = anybody.get(at("consultation", live)).content.decode()
    assert "manon@travaux.example" in page
    anybody.get(at("documents", live))
    assert Withdrawal.objects.get().correspondent == one
    stop = at("stop-telling", live, correspondent=one.pk, token=one.token)
    assert anybody.get(stop).status_code == 200
    one.refresh_from_db()
    assert one.stopped_at is None  # reading the page does nothing
    assert anybody.post(stop).status_code == 302
    assert "manon@travaux.example" not in anybody.get(at("consultation", live)).content.decode()


def test_typing_anothers_address_neither_rewrites_the_register_nor_ends_its_mails(
    anybody: Client, live: Consultation
) -> None:
    form = {"name": "Manon Modèle", "email": "manon@travaux.example", "enterprise": "Travaux Modèle"}
    anybody.post(at("follow", live), form)
    anybody.get(at("documents", live))
    rival = Client()
    forged = {"name": "Personne", "email": "MANON@travaux.example", "enterprise": "Entente Exemple"}
    assert rival.post(at("follow", live), forged).status_code == 302, (
        "nor is it told that the address is there"
    )
    page = rival.get(at("consultation", live)).content.decode()
    assert "manon@travaux.example" not in page and "/suivre/" in page
    one = Withdrawal.objects.get().correspondent
    assert one is not None and str(one.pk) not in page, "no link that would end the mails of the other"
    assert (one.name, one.enterprise) == ("Manon Modèle", "Travaux Modèle")


def test_a_forged_cookie_is_nobody(anybody: Client, live: Consultation) -> None:
    one = corresponding.join_correspondents(
        actor=visitor(), consultation=live, name="Manon", email="manon@travaux.example"
    )
    signer = get_cookie_signer(salt="marches-correspondantautre")
    for value in (str(one.pk), f"{one.pk}:x", signer.sign(str(one.pk))):
        anybody.cookies["marches-correspondant"] = value
        page = anybody.get(at("consultation", live))
        assert page.status_code == 200 and "manon@travaux.example" not in page.content.decode()


def test_an_address_that_is_none_is_told_at_its_field(anybody: Client, live: Consultation) -> None:
    answer = anybody.post(at("follow", live), {"name": "Manon", "email": "nulle part"})
    assert answer.status_code == 422 and 'value="Manon"' in answer.content.decode()
    assert not Correspondent.objects.exists()


# -- questions ----------------------------------------------------------------------------------------------------------


def test_a_question_is_asked_without_an_account(anybody: Client, live: Consultation) -> None:
    sent = {"text": "La zinguerie est-elle comprise ?", "lot_number": "1", "_key": "a-key"}
    for _twice in range(2):
        assert anybody.post(at("ask", live), sent).status_code == 302
    assert Question.objects.get().lot_number == 1


def test_ten_megabytes_are_no_question(anybody: Client, live: Consultation) -> None:
    answer = anybody.post(at("ask", live), {"text": "x" * 10_000_000})
    assert answer.status_code in (400, 413, 422)
    just = anybody.post(at("ask", live), {"text": "y" * 5000})
    assert just.status_code == 422 and "y" * 5000 in just.content.decode()
    assert not Question.objects.exists()


def test_one_network_does_not_ask_without_end(anybody: Client, live: Consultation) -> None:
    answers = [
        anybody.post(at("ask", live), {"text": f"La question numéro {number} ?"}).status_code
        for number in range(12)
    ]
    assert answers == [302] * 10 + [429] * 2


def test_once_questions_have_ended_the_page_is_not_offered(anybody: Client, live: Consultation) -> None:
    rows("t_procurement.Consultation").filter(pk=live.pk).update(questions_until="2026-01-05")
    assert anybody.get(at("ask", live)).status_code == 302
    kept = anybody.post(at("ask", live), {"text": "Ma question arrive trop tard."})
    assert kept.status_code == 422 and "Ma question arrive trop tard." in kept.content.decode()


# -- alerts -------------------------------------------------------------------------------------------------------------


def test_a_search_is_saved_confirmed_and_ended_by_buttons(anybody: Client, live: Consultation) -> None:
    sent = {"email": "manon@travaux.example", "frequency": "daily"}
    answer = anybody.post("/marches/alertes/?q=toiture&cpv=45", sent)
    assert answer.status_code == 200 and "manon@travaux.example" in answer.content.decode()
    one = SavedSearch.objects.get()
    assert one.criteria == {"q": "toiture", "cpv": "45"}
    confirm = reverse("procurement:confirm-search", kwargs={"search": one.pk, "token": one.confirm_token})
    stop = reverse("procurement:stop-search", kwargs={"search": one.pk, "token": one.stop_token})
    assert anybody.get(confirm).status_code == anybody.get(stop).status_code == 200
    one.refresh_from_db()
    assert one.confirmed_at is None and one.stopped_at is None
    assert anybody.post(confirm)["Location"] == "/marches/?q=toiture&cpv=45"
    assert anybody.post(stop).status_code == 302
    assert anybody.get(stop).status_code == 404
    wrong = reverse("procurement:confirm-search", kwargs={"search": one.pk, "token": "x"})
    assert anybody.get(wrong).status_code == 404


@pytest.mark.parametrize(
    "sent", [{}, {"email": "nulle part", "frequency": "daily"}, {"email": "a@b.example", "frequency": "x"}]
)
def test_what_is_missing_is_told(anybody: Client, db: None, sent: dict[str, str]) -> None:
    assert anybody.post("/marches/alertes/", sent).status_code == 422
    assert not SavedSearch.objects.exists()


# -- feeds --------------------------------------------------------------------------------------------------------------


def test_a_search_is_followed_as_atom(anybody: Client, live: Consultation) -> None:
    response = anybody.get("/marches/flux.atom?q=toiture")
    assert response["Content-Type"].startswith("application/atom+xml")
    (entry,) = ElementTree.fromstring(response.content).iter(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}title") == live.title
    assert str(entry.findtext(f"{ATOM}id")).endswith(at("consultation", live))
    assert not list(
        ElementTree.fromstring(anybody.get("/marches/flux.atom?q=tracteur").content).iter(f"{ATOM}entry")
    )


def test_a_consultation_is_followed_as_atom(anybody: Client, live: Consultation, buyer: Actor) -> None:
    amending.amend_consultation(
        actor=buyer, consultation=live, summary="Le titre change.", reason=WHY, values={"title": "Toitures"}
    )
    found = ElementTree.fromstring(anybody.get(at("feed", live)).content)
    assert next(found.iter(f"{ATOM}entry")).findtext(f"{ATOM}summary") == "Le titre change."
    ids = [one.findtext(f"{ATOM}id") for one in found.iter(f"{ATOM}entry")]
    assert len(ids) == len(set(ids)) == 2


def test_every_feed_is_valid_atom(anybody: Client, live: Consultation, buyer: Actor) -> None:
    """Against the grammar of RFC 4287: also with what no XML holds in a title, and with nothing at all."""
    grammar = etree.RelaxNG(etree.parse(str(Path(__file__).with_name("atom.rng"))))
    amending.amend_consultation(
        actor=buyer, consultation=live, summary="Le titre change.", reason=WHY, values={"title": "Toitures"}
    )
    rows("t_procurement.Listing").filter(consultation=live).update(
        title="Toit \ufffe & <b>\x0b", buyer="A\x01"
    )
    for address in ("/marches/flux.atom", "/marches/flux.atom?q=tracteur", at("feed", live)):
        found = etree.fromstring(anybody.get(address).content)
        grammar.assertValid(found)
    (title,) = etree.fromstring(anybody.get("/marches/flux.atom").content).iterfind(
        f"{ATOM}entry/{ATOM}title"
    )
    assert title.text == "Toit  & <b>"


def test_a_summary_is_text_and_never_becomes_markup(
    anybody: Client, live: Consultation, buyer: Actor
) -> None:
    told = "Une pente < 15 % & <script>alert(1)</script>"
    amending.amend_consultation(
        actor=buyer, consultation=live, summary=told, reason=WHY, values={"title": "Toitures"}
    )
    entry = next(ElementTree.fromstring(anybody.get(at("feed", live)).content).iter(f"{ATOM}entry"))
    summary = entry.find(f"{ATOM}summary")
    assert summary is not None and summary.get("type") == "html"
    assert "<" not in str(summary.text) and unescape(str(summary.text)) == told


def test_every_calendar_holds_what_an_agenda_needs(anybody: Client, live: Consultation) -> None:
    """RFC 5545, 3.6: each event once, with its stamp and its start; nothing open at the end."""
    for address in ("/marches/calendrier.ics", "/marches/calendrier.ics?q=tracteur", at("calendar", live)):
        text = anybody.get(address).content.decode().replace("\r\n ", "")
        lines = [line.partition(":")[::2] for line in text.removesuffix("\r\n").split("\r\n")]
        names = [name.partition(";")[0] for name, _value in lines]
        assert lines[:2] == [("BEGIN", "VCALENDAR"), ("VERSION", "2.0")] and lines[-1] == ("END", "VCALENDAR")
        events = names.count("BEGIN") - 1
        assert names.count("END") - 1 == events
        assert events == (0 if "tracteur" in address else names.count("SUMMARY"))
        for needed in ("UID", "DTSTAMP", "DTSTART", "SUMMARY"):
            assert names.count(needed) == events, (address, needed)
        assert len({value for name, value in lines if name == "UID"}) == events


def test_deadlines_go_into_an_agenda(anybody: Client, live: Consultation) -> None:
    for address in ("/marches/calendrier.ics?q=toiture", at("calendar", live)):
        text = anybody.get(address).content
        assert text.startswith(b"BEGIN:VCALENDAR\r\n") and text.endswith(b"END:VCALENDAR\r\n")
        assert max(len(line) for line in text.split(b"\r\n")) <= 75
        stamp = deadline(live).strftime("%Y%m%dT%H%M%SZ").encode()
        assert b"DTSTART:" + stamp in text


def test_text_cannot_leave_its_line_in_an_agenda() -> None:
    assert escaped("a;b,c\\d\r\nEND:VEVENT") == "a\\;b\\,c\\\\d\\nEND:VEVENT"
    long = "é" * 200
    lines = folded(f"SUMMARY:{long}").split("\r\n")
    assert all(len(line.encode()) <= 75 for line in lines)
    assert "".join(line.removeprefix(" ") for line in lines) == f"SUMMARY:{long}"


def test_all_of_it_is_there_for_programs(anybody: Client, live: Consultation) -> None:
    listed = json.loads(anybody.get("/marches/marches.json?q=toiture").content)
    assert [one["id"] for one in listed["items"]] == [str(live.pk)] and listed["next"] is None
    one = json.loads(anybody.get(at("json", live)).content)
    assert one["reference"] == live.reference and one["value"] is None
    assert {document["sha256"] for document in one["documents"]} == {p.sha256 for p in pieces_of(live)}
    assert [criterion["weight"] for criterion in one["criteria"]] == ["50.00", "30.00", "20.00"]


def test_a_long_list_is_read_page_by_page_by_programs(anybody: Client, publish: Publish) -> None:
    for number in range(3):
        publish(title=f"Toiture {number}")
    rows("t_procurement.Listing").update(deadline_at="2080-01-01T00:00:00Z")
    from territoires.services.procurement.queries import listings

    present, listings.MOST_IN_FEED = listings.MOST_IN_FEED, 2
    try:
        first = json.loads(anybody.get("/marches/marches.json").content)
        second = json.loads(anybody.get(first["next"].removeprefix("http://testserver")).content)
    finally:
        listings.MOST_IN_FEED = present
    assert [len(first["items"]), len(second["items"]), second["next"]] == [2, 1, None]


@pytest.mark.parametrize("name", ["flux.atom", "calendrier.ics", "marches.json", ""])
@pytest.mark.parametrize(
    "query", ["after=x", "q=%00", "q=%ff%fe", "since=31/02/2026", "amount_from=NaN", "place=../.."]
)
def test_hostile_queries_break_no_list(anybody: Client, db: None, name: str, query: str) -> None:
    assert anybody.get(f"/marches/{name}?{query}").status_code in (200, 422)


def test_a_page_may_be_asked_only_as_it_is_offered(anybody: Client, live: Consultation) -> None:
    for name in ("consultation", "documents", "feed", "json"):
        assert anybody.post(at(name, live)).status_code == 405
