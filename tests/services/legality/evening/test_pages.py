"""One evening through its pages: twelve files dropped together, one table, one list on line."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.apps import apps
from django.test import Client

from territoires.services.legality.models import Act, Sitting, Vote
from tests.routes.kept import token_in

from ..conftest import make_act, make_actor, pdf
from ..effect.test_actions import receive_at_prefecture
from ..test_pages import desk, key_of, public, sign_in, upload
from .conftest import acts_in, make_sitting

OBJECTS = ("Budget primitif", "Tarifs de la cantine", "Subvention au club", "Vœu pour la poste")


@pytest.fixture
def agent(client: Client, body: Any) -> Client:
    sign_in(client, body)
    return client


def table_of(sitting: Sitting, **change: Any) -> dict[str, Any]:
    """The table as a browser sends it back."""
    sent: dict[str, Any] = {"_key": "table", "version": sitting.version}
    for act in acts_in(sitting):
        row = {
            "version": act.version,
            "number": act.number,
            "object": act.object,
            "matter_code": act.matter_code,
        } | change
        sent |= {f"{act.pk}-{name}": value for name, value in row.items()}
    return sent


def test_twelve_files_become_twelve_drafts(agent: Client, body: Any, evening_form: dict[str, Any]) -> None:
    make_act(make_actor(body), "signed", number="DEL_2026_041")
    files = [upload(pdf(f"{n}"), f"{OBJECTS[n % 4]} {n}.pdf") for n in range(11)]
    files.append(upload(pdf("numbered"), "DEL_2026_099_Motion.pdf"))
    key = key_of(agent.get(desk("new-sitting", body)))
    form = {
        **evening_form,
        "_key": key,
        "documents": files,
        "without_file": "Cession du chemin\n\nRejet du bail\n",
    }
    sent = agent.post(desk("new-sitting", body), form)
    sitting = Sitting.objects.get()
    assert sent.url == desk("sitting", body, sitting=sitting.pk)
    acts = acts_in(sitting)
    assert len(acts) == 14
    assert {act.decided_on for act in acts} == {sitting.held_on}
    assert {(act.given_names, act.usual_name, act.quality, act.nature) for act in acts} == {
        ("Paul", "Essai", "Maire", "1")
    }
    numbers = [act.number for act in acts]
    assert numbers == sorted({*numbers}) and numbers[0] == "DEL_2026_042" and "DEL_2026_099" in numbers
    matters = {act.object.rstrip(" 0123456789"): act.matter_code for act in acts}
    assert matters["Budget primitif"] == "7.1"
    assert matters["Subvention au club"] == "7.5"
    assert matters["Motion"] == "9.4"
    assert sum(act.main is None for act in acts) == 2
    again = agent.post(desk("new-sitting", body), {**form, "documents": []})
    assert again.status_code == 302
    assert Sitting.objects.count() == 1, "two clicks are one evening"


def test_a_wrong_evening_keeps_its_files(agent: Client, body: Any, evening_form: dict[str, Any]) -> None:
    wrong = {**evening_form, "present": "80", "documents": [upload(pdf("a"), "Budget.pdf")]}
    answer = agent.post(desk("new-sitting", body), wrong)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Budget.pdf" in page
    received = page.split('name="received" value="')[1].split('"')[0]
    right = {**evening_form, "_key": key_of(answer), "received": received}
    assert agent.post(desk("new-sitting", body), right).status_code == 302
    (act,) = acts_in(Sitting.objects.get())
    assert act.main.name == "Budget.pdf"


def test_a_bad_file_is_told_by_its_name_and_stops_no_other(
    agent: Client, body: Any, evening_form: dict[str, Any]
) -> None:
    files = [upload(b"MZ" + bytes(100), "virus.pdf"), upload(pdf("a"), "Budget.pdf"), upload(b"", "vide.pdf")]
    answer = agent.post(desk("new-sitting", body), {**evening_form, "documents": files}, follow=True)
    page = answer.content.decode()
    assert "virus.pdf" in page and "vide.pdf" in page
    assert [act.main.name for act in acts_in(Sitting.objects.get())] == ["Budget.pdf"]


def test_the_table_saves_words_and_votes_together(agent: Client, body: Any) -> None:
    sitting = make_sitting(make_actor(body))
    first = acts_in(sitting)[0]
    assert agent.get(desk("sitting", body, sitting=sitting.pk)).status_code == 200
    sent = table_of(sitting, outcome="adopted", votes_for="9", against="0", abstention="1", not_voting="0")
    sent[f"{first.pk}-object"] = "Budget corrigé"
    assert agent.post(desk("sitting-votes", body, sitting=sitting.pk), sent).status_code == 302
    first.refresh_from_db()
    assert (first.object, first.vote.votes_for) == ("Budget corrigé", 9)
    assert Vote.objects.count() == 2


def test_empty_rows_become_unanimous_when_asked(agent: Client, body: Any) -> None:
    sitting = make_sitting(make_actor(body))
    first, second = acts_in(sitting)
    sent = table_of(sitting) | {"unanimous": "1", f"{second.pk}-outcome": "rejected"}
    assert agent.post(desk("sitting-votes", body, sitting=sitting.pk), sent).status_code == 302
    assert (first.vote.outcome, first.vote.votes_for, second.vote.outcome) == ("adopted", 10, "rejected")
    assert second.vote.votes_for is None


@pytest.mark.parametrize("typed", ["douze", "-1", "99999", "9"])
def test_a_false_count_is_told_in_its_row(agent: Client, body: Any, typed: str) -> None:
    sitting = make_sitting(make_actor(body))
    answer = agent.post(
        desk("sitting-votes", body, sitting=sitting.pk),
        table_of(sitting, outcome="adopted", votes_for=typed),
    )
    assert answer.status_code == 422
    assert f'value="{typed}"' in answer.content.decode(), "what was typed is still there"
    assert not Vote.objects.exists()


def test_the_list_goes_on_line_and_leads_to_the_acts(agent: Client, body: Any) -> None:
    actor = make_actor(body)
    sitting = make_sitting(actor)
    assert Client().get(public("sitting", body, sitting=sitting.pk)).status_code == 404
    assert agent.get(desk("sitting-list", body, sitting=sitting.pk))["Content-Type"] == "application/pdf"
    agent.post(desk("sitting-votes", body, sitting=sitting.pk), table_of(sitting) | {"unanimous": "1"})
    page = agent.get(desk("publish-list", body, sitting=sitting.pk))
    assert "Budget 1" in page.content.decode()
    sent = {"_key": key_of(page), "version": Sitting.objects.get().version}
    assert agent.post(desk("publish-list", body, sitting=sitting.pk), sent).status_code == 302
    sitting = Sitting.objects.get()
    read = Client().get(public("sitting", body, sitting=sitting.pk))
    assert "Budget 0" in read.content.decode()
    assert (
        public("sitting", body, sitting=sitting.pk) in Client().get(public("sittings", body)).content.decode()
    )
    file = public("sitting-list", body, sitting=sitting.pk, sha256=sitting.list_file.sha256)
    assert b"".join(Client().get(file).streaming_content).startswith(b"%PDF")
    other = public("sitting-list", body, sitting=sitting.pk, sha256="00" * 32)
    assert Client().get(other).status_code == 404


def test_the_votes_stand_in_the_open_data(agent: Client, body: Any) -> None:
    from datetime import date

    from territoires.services.legality.actions import publishing, signing

    actor = make_actor(body)
    sitting = make_sitting(actor, 1)
    agent.post(desk("sitting-votes", body, sitting=sitting.pk), table_of(sitting) | {"unanimous": "1"})
    act = signing.declare_signed(
        actor=actor, act=Act.objects.get(), signed_on=date(2026, 11, 24), original_is_kept=True
    )
    publishing.publish_act(actor=actor, act=act)
    receive_at_prefecture(act, date(2026, 11, 24))
    table = b"".join(Client().get(public("open-table", body)).streaming_content).decode()
    (line,) = csv.DictReader(io.StringIO(table))
    votes = {name: line[f"VOTE_{name}"] for name in ("EFFECTIF", "REEL", "POUR", "CONTRE", "ABSTENTION")}
    assert votes == {"EFFECTIF": "11", "REEL": "10", "POUR": "10", "CONTRE": "0", "ABSTENTION": "0"}
    assert (line["PREF_ID"][:13], line["PREF_DATE"]) == ("038-217104389", "2026-11-24")


def test_what_was_recorded_is_corrected(agent: Client, body: Any, evening_form: dict[str, Any]) -> None:
    sitting = make_sitting(make_actor(body))
    address = desk("edit-sitting", body, sitting=sitting.pk)
    assert "Jeanne" in agent.get(address).content.decode()
    form = {**evening_form, "version": sitting.version, "present": "7", "second_given_names": "Luc"}
    assert agent.post(address, form).status_code == 422, "a secretary without a name"
    form |= {"second_usual_name": "Exemple"}
    assert agent.post(address, form).status_code == 302
    sitting.refresh_from_db()
    assert (sitting.present, sitting.secretaries.count()) == (7, 2)


def test_more_files_join_the_evening(agent: Client, body: Any) -> None:
    sitting = make_sitting(make_actor(body), 1)
    address = desk("sitting-files", body, sitting=sitting.pk)
    key = key_of(agent.get(address))
    for _click in range(2):
        file = upload(pdf("plus"), "Subvention.pdf")
        sent = {"_key": key, "documents": [file], "without_file": "Bail rejeté"}
        assert agent.post(address, sent).url == desk("sitting", body, sitting=sitting.pk)
    assert [act.object for act in acts_in(sitting)] == ["Budget 0", "Subvention", "Bail rejeté"]


def test_votes_typed_when_the_session_ends_wait_for_their_author(agent: Client, body: Any) -> None:
    sitting = make_sitting(make_actor(body), 1)
    address = desk("sitting-votes", body, sitting=sitting.pk)
    token = token_in(agent.get(desk("sitting", body, sitting=sitting.pk)))
    account = agent.session["_auth_user_id"]
    agent.cookies["sessionid"] = ""
    typed = table_of(sitting, outcome="adopted", votes_for="7", names="Contre : un")
    ended = agent.post(address, {**typed, "csrfmiddlewaretoken": token})
    assert ended.status_code == 401
    assert not Vote.objects.exists()
    agent.force_login(apps.get_model("identity.Account")._default_manager.get(pk=account))
    page = agent.get(address).content.decode()
    assert 'value="7"' in page and "Contre : un" in page


def test_the_file_field_says_how_many_it_takes(agent: Client, body: Any) -> None:
    many = agent.get(desk("new-sitting", body), headers={"Accept-Language": "en"}).content.decode()
    assert "Choose files" in many and "Choose a file" not in many
