"""The pages of acts: an agent's way from the draft to the register, what is kept on errors, what the public reads."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import date, timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from territoires.kernel.actor import Actor
from territoires.kernel.ids import new_id
from territoires.services.legality.actions.duties import choose_publication
from territoires.services.legality.domain.open_data import COLUMNS
from territoires.services.legality.models import Act

from .conftest import INDIVIDUAL, NOW, make_act, make_actor, make_body, pdf, receive

ATOM = "{http://www.w3.org/2005/Atom}"
SINCE = date(2026, 1, 1)
TYPED = {
    "number": "DEL_2026_050",
    "nature": "1",
    "matter_code": "7.1",
    "object": "Tarifs de la cantine",
    "decided_on": "12/11/2026",
    "given_names": "Paul",
    "usual_name": "Essai",
    "quality": "Maire",
}


def model(label: str) -> Any:
    return apps.get_model(label)._default_manager


def sign_in(client: Client, body: Any, role: str = "secretary") -> Any:
    """A person with a role in the body, signed in."""
    person = model("identity.Person").create(given_names="Claire", usual_name="Exemple")
    account = model("identity.Account").create_user(f"{new_id().hex}@exemple.test", person=person)
    membership = model("identity.Membership").create(person=person, organisation=body, since_on=SINCE)
    model("identity.RoleAssignment").create(membership=membership, role=role, since_on=SINCE)
    model("identity.ServiceActivation").get_or_create(
        organisation=body, service="legality", defaults={"since_at": NOW}
    )
    client.force_login(account)
    return account


def desk(name: str, body: Any, **place: Any) -> str:
    return reverse(f"legality_desk:{name}", kwargs={"organisation": body.reference, **place})


def public(name: str, body: Any, **place: Any) -> str:
    return reverse(f"legality:{name}", kwargs={"organisation": body.reference, **place})


def upload(content: bytes, name: str = "acte.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, "application/pdf")


def the_act() -> Act:
    return Act.objects.get()


@pytest.fixture
def agent(client: Client, body: Any) -> Client:
    sign_in(client, body)
    return client


def key_of(response: Any) -> str:
    found = re.search(r'name="_key" value="([^"]+)"', response.content.decode())
    assert found
    return found[1]


@pytest.mark.parametrize(
    ("mode", "doors", "aside"),
    [("electronic", ["notify", "publish"], ["post"]), ("posting", ["notify", "post"], ["publish"])],
)
def test_where_the_author_decides_two_equal_doors_say_when_each_is_right(
    agent: Client, body: Any, mode: str, doors: list[str], aside: list[str]
) -> None:
    body.population = 250
    body.save()
    secretary = make_actor(body)
    choose_publication(actor=secretary, mode=mode, from_on=date(2026, 1, 1), deliberation="DEL_2025_060")
    act = make_act(secretary, "signed", number="CC_1", nature="4", matter_code="1.4")
    page = agent.get(desk("act", body, act=act.pk)).content.decode()
    tiles = page[page.index('<ul class="tiles"') :].partition("</ul>")[0]
    addresses = {name: f'href="{desk(name, body, act=act.pk)}"' for name in (*doors, *aside)}
    assert [name for name in addresses if addresses[name] in tiles] == doors
    assert tiles.count('<p class="small">S') == 2
    assert all(page.count(address) == 1 for address in addresses.values())
    assert "button-legal" not in page


def test_where_the_nature_decides_there_is_one_main_button(agent: Client, body: Any) -> None:
    act = make_act(make_actor(body), "signed", **INDIVIDUAL)
    page = agent.get(desk("act", body, act=act.pk)).content.decode()
    assert 'class="tiles"' not in page and page.count("button-legal") == 1


# -- the agent --------------------------------------------------------------------------------------------------------


def test_an_agent_walks_an_act_from_draft_to_proof(agent: Client, body: Any) -> None:
    new = desk("new", body)
    key = key_of(agent.get(new))
    sent = agent.post(
        new, {**TYPED, "_key": key, "main": upload(pdf("a")), "annexes": [upload(pdf("b"), "plan.pdf")]}
    )
    act = the_act()
    assert sent.status_code == 302
    assert sent.url == desk("act", body, act=act.pk)
    page = agent.get(sent.url).content.decode()
    assert "plan.pdf" in page
    annex = act.annexes.get()
    edit = desk("edit", body, act=act.pk)
    shown = agent.get(edit)
    form = {
        **TYPED,
        "_key": key_of(shown),
        "version": act.version,
        "type-main": "99_DE",
        f"type-{annex.pk}": "99_SE",
    }
    assert agent.post(edit, form).status_code == 302
    sign = {"_key": "s", "signed_on": "13/11/2026", "original_is_kept": "on", "scan": upload(pdf("scan"))}
    assert agent.post(desk("sign", body, act=act.pk), sign).status_code == 302
    act.refresh_from_db()
    assert (act.state, act.main.name) == ("signed", "acte.pdf")
    assert agent.get(desk("publish", body, act=act.pk)).status_code == 200
    assert agent.post(desk("publish", body, act=act.pk), {"_key": "p"}).status_code == 302
    assert Client().get(public("act", body, act=act.pk)).status_code == 200
    steps = agent.get(desk("act", body, act=act.pk)).content.decode()
    assert "Claire Exemple" in steps


def test_a_complete_draft_goes_straight_to_its_signature(agent: Client, body: Any) -> None:
    sent = agent.post(desk("new", body), {**TYPED, "_key": "k", "main": upload(pdf("a")), "sign": ""})
    act = the_act()
    assert sent.url == desk("sign", body, act=act.pk)
    lacking = {**TYPED, "_key": "l", "version": act.version, "number": "", "sign": ""}
    assert agent.post(desk("edit", body, act=act.pk), lacking).url == desk("act", body, act=act.pk)


def test_the_desk_begins_an_act_for_whoever_may_draft(client: Client, body: Any) -> None:
    address = reverse("portal_desk:desk", kwargs={"organisation": body.reference})
    sign_in(client, body)
    assert desk("new", body) in client.get(address).content.decode()
    sign_in(client, body, role="observer")
    assert desk("new", body) not in client.get(address).content.decode()


def test_wrong_fields_are_told_and_everything_else_is_kept(agent: Client, body: Any) -> None:
    wrong = {**TYPED, "_key": "k", "decided_on": "31/02/2026", "main": upload(b"MZ" + bytes(100), "acte.pdf")}
    answer = agent.post(desk("new", body), wrong)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "31/02/2026" in page, "what was typed is still there"
    assert "12/11/2026" in page, "the remedy shows a date"
    act = the_act()
    assert (act.object, act.decided_on, act.main) == ("Tarifs de la cantine", None, None)
    assert f'action="{desk("edit", body, act=act.pk)}"' in page, "the next click corrects the same draft"


def test_a_proposal_is_taken_by_its_button_with_everything_else_that_is_typed(
    agent: Client, body: Any
) -> None:
    agent.post(
        desk("new", body), {**TYPED, "number": "Dél. 2026-050", "object": "Tarifs de l→eau", "_key": "k"}
    )
    act = the_act()
    edit = desk("edit", body, act=act.pk)
    buttons = dict(re.findall(r'name="(use-\w+)" value="([^"]*)"', agent.get(edit).content.decode()))
    assert buttons["use-number"] == "DEL_2026_050"
    assert set(buttons) == {"use-number", "use-object"}
    typed = {**TYPED, "number": "Dél. 2026-050", "quality": "Première adjointe", "version": act.version}
    agent.post(edit, {**typed, "_key": "l", "use-number": buttons["use-number"]})
    act.refresh_from_db()
    assert (act.number, act.quality) == ("DEL_2026_050", "Première adjointe")


def test_nothing_is_proposed_where_nothing_can_be_kept(agent: Client, body: Any) -> None:
    agent.post(desk("new", body), {**TYPED, "number": "?!", "_key": "k"})
    page = agent.get(desk("edit", body, act=the_act().pk)).content.decode()
    assert "DEL_2026_041" in page, "the remedy shows an example"
    assert 'name="use-number"' not in page


def test_a_sound_file_survives_a_wrong_date(agent: Client, body: Any) -> None:
    agent.post(desk("new", body), {**TYPED, "_key": "k", "decided_on": "demain", "main": upload(pdf("a"))})
    assert the_act().main is not None


def test_two_clicks_make_one_draft(agent: Client, body: Any) -> None:
    for _click in range(2):
        sent = agent.post(desk("new", body), {**TYPED, "_key": "same", "main": upload(pdf("a"))})
        assert sent.status_code == 302
    assert Act.objects.count() == 1


def test_somebody_elses_change_is_shown_and_nothing_typed_is_lost(agent: Client, body: Any) -> None:
    act = make_act(make_actor(body))
    edit = desk("edit", body, act=act.pk)
    assert agent.post(edit, {**TYPED, "_key": "1", "version": act.version}).status_code == 302
    late = agent.post(edit, {**TYPED, "object": "Ma version", "_key": "2", "version": act.version})
    assert late.status_code == 409
    page = late.content.decode()
    assert "Ma version" in page
    assert "Tarifs de la cantine" in page
    act.refresh_from_db()
    assert act.object == "Tarifs de la cantine"


def test_what_one_person_left_is_not_shown_to_another(client: Client, body: Any) -> None:
    sign_in(client, body)
    new = desk("new", body)
    client.get(new)
    client.session.flush()
    client.cookies.pop("sessionid", None)
    client.post(new, {**TYPED, "_key": "k"})
    sign_in(client, body)
    assert "Tarifs de la cantine" not in client.get(new).content.decode()


def test_refusals_of_a_gesture_are_told_in_its_form(agent: Client, body: Any) -> None:
    act = make_act(make_actor(body), "published")
    answer = agent.post(desk("withdraw", body, act=act.pk), {"_key": "w", "reason": "court"})
    assert answer.status_code == 422
    assert "court" in answer.content.decode()
    act = make_act(make_actor(body), "signed", **INDIVIDUAL)
    answer = agent.post(desk("publish", body, act=act.pk), {"_key": "p"})
    assert answer.status_code == 422
    act.refresh_from_db()
    assert act.state == "signed"


def test_a_notification_with_its_proof(agent: Client, body: Any) -> None:
    act = make_act(make_actor(body), "signed", **INDIVIDUAL)
    notice = {"recipient": "Camille Modèle", "notified_on": "18/11/2026", "means": "hand", "_key": "n"}
    sent = agent.post(desk("notify", body, act=act.pk), {**notice, "proof": upload(pdf("reçu"), "recu.pdf")})
    assert sent.status_code == 302
    page = agent.get(sent.url).content.decode()
    assert "Camille Modèle" in page
    assert "recu.pdf" in page


def test_a_selection_is_counted_before_it_is_published(agent: Client, body: Any) -> None:
    secretary = make_actor(body)
    ready = [make_act(secretary, "signed", number=f"DEL_{n}") for n in range(2)]
    left = make_act(secretary, "signed", **INDIVIDUAL)
    keys = [str(act.pk) for act in [*ready, left]]
    first = agent.post(desk("publish-selection", body), {"act": keys})
    assert first.status_code == 200
    assert Act.objects.filter(state="published").count() == 0
    agent.post(desk("publish-selection", body), {"act": keys, "confirmed": "1"})
    assert Act.objects.filter(state="published").count() == 2
    assert agent.post(desk("publish-selection", body), {"act": ["x", "'"]}).status_code == 200


def test_lists_are_filtered_in_the_address_and_exported(agent: Client, body: Any) -> None:
    secretary = make_actor(body)
    make_act(secretary, "published", number="DEL_1", object="=HYPERLINK budget")
    make_act(secretary, number="ARR_2", nature="2", object="Foire")
    page = agent.get(desk("acts", body), {"q": "foire", "nature": "2"}).content.decode()
    assert "ARR_2" in page
    assert "DEL_1" not in page
    assert agent.get(desk("acts", body), {"year": "abc", "since": "31/02/2026"}).status_code == 200
    table = b"".join(agent.get(desk("export", body, form="csv"), {"state": "published"}).streaming_content)
    [row] = csv.DictReader(io.StringIO(table.decode()))
    assert row["object"] == "'=HYPERLINK budget"
    rows = json.loads(b"".join(agent.get(desk("export", body, form="json")).streaming_content))
    assert {row["number"] for row in rows} == {"DEL_1", "ARR_2"}


@pytest.mark.parametrize(
    "name",
    ["act", "edit", "sign", "reopen", "publish", "notify", "withdraw", "discard", "certificate", "evidence"],
)
def test_an_act_of_another_body_is_not_there(agent: Client, body: Any, name: str) -> None:
    foreign = make_act(make_actor(make_body("Autre commune", "217004999")), "published")
    assert agent.get(desk(name, body, act=foreign.pk)).status_code == 404


def test_an_observer_reads_and_changes_nothing(client: Client, body: Any) -> None:
    sign_in(client, body, "observer")
    act = make_act(make_actor(body), "signed")
    assert client.get(desk("act", body, act=act.pk)).status_code == 200
    for name in ("edit", "publish", "withdraw", "sign"):
        assert client.post(desk(name, body, act=act.pk), {"_key": "x"}).status_code == 403


# -- the public -------------------------------------------------------------------------------------------------------


def test_the_register_and_an_act_are_open_to_everybody(client: Client, body: Any) -> None:
    act = make_act(make_actor(body), "published", object="Réfection de l'école")
    individual = make_act(make_actor(body), "notified", **INDIVIDUAL)
    page = client.get(public("register", body), {"q": "ecole"}).content.decode()
    assert act.number in page
    assert individual.number not in client.get(public("register", body)).content.decode()
    assert client.get(public("act", body, act=individual.pk)).status_code == 404
    shown = client.get(public("act", body, act=act.pk)).content.decode()
    for said in ("Paul Essai, Maire", "24 novembre 2026", act.main_sha256):
        assert said in shown
    file = client.get(public("file", body, act=act.pk, sha256=act.main_sha256))
    assert b"".join(file.streaming_content) == pdf(str(act.pk))
    assert client.get(public("file", body, act=act.pk, sha256="0" * 64)).status_code == 404


def test_hostile_addresses_are_answered(client: Client, body: Any) -> None:
    register = public("register", body)
    for query in (
        "after=xxx",
        "q=%00%27",
        "nature=%00",
        "year=99999999999",
        "matter=%F0%9F%98%80",
        "until=1/1/1",
    ):
        assert client.get(f"{register}?{query}").status_code in (200, 422), query
    assert client.get("/collectivites/%00/actes/").status_code == 404


def test_a_withdrawn_act_answers_410_with_its_reason(client: Client, body: Any) -> None:
    act = make_act(make_actor(body), "withdrawn")
    for name, place in (
        ("act", {}),
        ("file", {"sha256": act.main_sha256}),
        ("certificate", {}),
        ("evidence", {}),
    ):
        answer = client.get(public(name, body, act=act.pk, **place))
        assert answer.status_code == 410, name
        assert "Vote annulé" in answer.content.decode()
    page = client.get(public("act", body, act=act.pk)).content.decode()
    assert public("register", body) in page and act.object not in page


def test_the_act_of_one_body_is_not_in_the_register_of_another(client: Client, body: Any) -> None:
    act = make_act(make_actor(body), "published")
    other = make_body("Autre commune", "217004999")
    assert client.get(public("act", other, act=act.pk)).status_code == 404


def test_the_feed_is_valid_atom(client: Client, body: Any) -> None:
    act = make_act(make_actor(body), "published", object='Tarifs <b>&</b> "cantine"')
    answer = client.get(public("feed", body))
    assert answer["Content-Type"].startswith("application/atom+xml")
    feed = ElementTree.fromstring(answer.content)
    for name in ("id", "title", "updated"):
        assert feed.find(f"{ATOM}{name}").text
    [entry] = feed.findall(f"{ATOM}entry")
    assert entry.find(f"{ATOM}id").text.endswith(public("act", body, act=act.pk))
    assert entry.find(f"{ATOM}updated").text == "2026-11-24T09:00:00+00:00"
    assert "<b>&</b>" in entry.find(f"{ATOM}title").text
    assert entry.find(f"{ATOM}author/{ATOM}name").text == "Paul Essai, Maire"


def test_open_data_has_the_shape_of_the_scdl(client: Client, body: Any) -> None:
    act = make_act(make_actor(body), "published")
    table = b"".join(client.get(public("open-table", body)).streaming_content).decode()
    [row] = csv.DictReader(io.StringIO(table))
    assert tuple(row) == COLUMNS
    assert row["COLL_SIRET"] == "21710438900017"
    assert (row["DELIB_ID"], row["DELIB_DATE"], row["DELIB_MATIERE_CODE"]) == (
        act.number,
        "2026-11-12",
        "7.1",
    )
    assert row["DELIB_URL"].endswith(public("act", body, act=act.pk))
    [line] = json.loads(b"".join(client.get(public("open-json", body)).streaming_content))
    assert line["sha256"] == act.main_sha256


def test_the_register_follows_pages(client: Client, body: Any, secretary: Actor) -> None:
    for number in range(27):
        make_act(secretary.at(NOW + timedelta(seconds=number)), "published", number=f"DEL_{number}")
    first = client.get(public("register", body)).content.decode()
    following = re.search(r'rel="next" href="([^"]+)"', first)
    assert following
    second = client.get(public("register", body) + following[1].replace("&amp;", "&")).content.decode()
    assert "DEL_26" in first
    assert "DEL_0" in second


def test_everything_is_said_in_english_too(client: Client, body: Any) -> None:
    act = make_act(make_actor(body), "published")
    page = client.get(public("act", body, act=act.pk), headers={"Accept-Language": "en"}).content.decode()
    assert "Certificate of publication" in page
    french = client.get(public("act", body, act=act.pk), headers={"Accept-Language": "fr"}).content.decode()
    assert "Attestation de publication" in french


def test_a_received_file_of_nobody_is_not_public(client: Client, body: Any, secretary: Actor) -> None:
    act = make_act(secretary, "signed", **INDIVIDUAL)
    receive(secretary, pdf("secret"))
    assert client.get(public("file", body, act=act.pk, sha256=act.main_sha256)).status_code == 404


def test_the_types_of_files_follow_the_nature_that_is_chosen(agent: Client, body: Any) -> None:
    agent.post(desk("new", body), {**TYPED, "_key": "k", "main": upload(pdf("a"))})
    act = the_act()
    edit = desk("edit", body, act=act.pk)
    shown = agent.get(edit, {"nature": "3"}).content.decode()
    assert 'value="99_AI" selected' in shown and "99_DE" not in shown
    act.refresh_from_db()
    assert (act.nature, act.main_type) == ("1", "99_DE")


def test_a_type_of_the_former_nature_is_replaced_by_the_usual_one(agent: Client, body: Any) -> None:
    agent.post(desk("new", body), {**TYPED, "_key": "k", "main": upload(pdf("a"))})
    act = the_act()
    form = {**TYPED, "nature": "3", "_key": "l", "version": act.version, "type-main": "99_DE"}
    agent.post(desk("edit", body, act=act.pk), form)
    act.refresh_from_db()
    assert (act.nature, act.main_type) == ("3", "99_AI")
