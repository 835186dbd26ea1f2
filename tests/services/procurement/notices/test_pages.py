"""The pages of notices and essential data: what they show, what they refuse, what stays when something is wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from territoires.kernel.actor import Actor
from territoires.services.procurement.actions import notices as verbs
from territoires.services.procurement.models import BuyerProfile, Notice, OpenImport, OpenRecord
from territoires.services.procurement.web.notice_forms import ProfileForm
from tests.services.procurement.conftest import make_consultation, rows

from .conftest import PROFILE, SIREN, SIRET, World, judged, make_buyer
from .content import WRONG
from .content import judged as judged_as
from .test_decp import BROKEN

pytestmark = pytest.mark.usefixtures("db")
HOME = f"/o/{SIREN}/procurement/"


@pytest.fixture
def buyer() -> Actor:
    return make_buyer()[1]


@pytest.fixture
def agent(buyer: Actor) -> Client:
    """The secretary's browser, in English."""
    body = rows("identity.Organisation").get(siren=SIREN)
    person = rows("identity.Person").get(pk=buyer.person)
    account = rows("identity.Account").create_user("claire@exemple.test", person=person)
    rows("identity.RoleAssignment").create(
        membership=person.memberships.get(), role="secretary", since_on="2026-01-05"
    )
    for service in ("procurement", "portal"):
        rows("identity.ServiceActivation").create(
            organisation=body, service=service, since_at="2026-01-05T00:00:00Z"
        )
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(account, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def text(answer: Any) -> str:
    return str(answer.content.decode())


def prepare(agent: Client, buyer: Actor) -> Notice:
    consultation = make_consultation(buyer, "validated")
    answer = agent.post(f"{HOME}{consultation.pk}/notices/new/", {"does": "call", "channel": "notices-boamp"})
    notice = Notice.objects.get(consultation=consultation)
    assert answer.status_code == 302 and answer["Location"].endswith(f"/notices/{notice.pk}/")
    return notice


def test_a_notice_is_prepared_followed_sent_and_read(
    agent: Client, buyer: Actor, rules: Path, world: World
) -> None:
    verbs.write_profile(actor=buyer, values=PROFILE)
    notice = prepare(agent, buyer)
    here = f"{HOME}{notice.consultation_id}/notices/"
    assert "Being checked" in text(agent.get(f"{here}{notice.pk}/"))
    judged(notice)
    page = text(agent.get(f"{here}{notice.pk}/"))
    assert "(version 1.15.1) found nothing wrong" in page and "send/" in page
    assert agent.get(f"{here}{notice.pk}/notice.xml").status_code == 200
    assert agent.get(f"{here}{notice.pk}/send/").status_code == 200
    assert agent.post(f"{here}{notice.pk}/send/", {}).status_code == 302
    notice.refresh_from_db()
    assert notice.state == "ordered"
    assert "Leaving" in text(agent.get(here))


def test_what_is_wrong_is_told_in_plain_words_with_the_page_that_mends_it(
    agent: Client, buyer: Actor, rules: Path
) -> None:
    notice = prepare(agent, buyer)
    judged_as(buyer, notice, WRONG)
    notice.refresh_from_db()
    page = text(agent.get(f"{HOME}{notice.consultation_id}/notices/{notice.pk}/"))
    assert "To mend before it can leave" in page
    assert "is missing" in page and "BR-BT-00513-0052" in page and "LOT-0001" in page
    assert f"{HOME}notices/profile/" in page and f"{notice.consultation_id}/need/" in page
    again = agent.post(
        f"{HOME}{notice.consultation_id}/notices/{notice.pk}/rewrite/", {"version": notice.version}
    )
    assert again.status_code == 302
    notice.refresh_from_db()
    assert (notice.sha256, notice.findings) == ("", [])


def test_a_form_without_an_answer_keeps_what_was_typed(agent: Client, buyer: Actor) -> None:
    consultation = make_consultation(buyer, "validated")
    answer = agent.post(f"{HOME}{consultation.pk}/notices/new/", {"change_text": "Parce que."})
    assert answer.status_code == 422 and "Parce que." in text(answer)
    assert not Notice.objects.exists()
    notice = prepare(agent, buyer)
    judged_as(buyer, notice, ())
    told = agent.post(
        f"{HOME}{notice.consultation_id}/notices/{notice.pk}/published/",
        {"number": "26-1", "published_on": "31/02/2026"},
    )
    assert told.status_code == 422 and "26-1" in text(told)


def test_what_notices_say_of_the_body_is_kept_once(agent: Client, buyer: Actor, rules: Path) -> None:
    page = text(agent.get(f"{HOME}notices/profile/"))
    assert "Local authority" in page or "Autorité locale" in page
    wrong = agent.post(f"{HOME}notices/profile/", PROFILE | {"email": "nulle part"})
    assert wrong.status_code == 422 and "1 place de la Mairie" in text(wrong)
    elsewhere = agent.post(f"{HOME}notices/profile/", PROFILE | {"siret": "99999006200017"})
    assert elsewhere.status_code == 422 and "is not a SIRET of" in text(elsewhere)
    rows("identity.Organisation").filter(siren=SIREN).update(siret="")
    assert (
        agent.post(f"{HOME}notices/profile/", PROFILE | {"siret": f" {SIRET[:9]} {SIRET[9:]}"}).status_code
        == 302
    )
    assert rows("identity.Organisation").get(siren=SIREN).siret == SIRET
    assert BuyerProfile.objects.get().city == "Exemple"


def test_a_file_of_a_former_platform_is_read_and_its_repairs_told(agent: Client, rules: Path) -> None:
    file = SimpleUploadedFile("decp.json", json.dumps(BROKEN).encode())
    answer = agent.post(f"{HOME}open-data/import/", {"document": file})
    assert answer.status_code == 302
    run = OpenImport.objects.get()
    assert (run.taken, run.refused) == (2, 4)
    log = text(agent.get(answer["Location"]))
    assert "a day was written year first" in log and "15/05/2024" in log
    assert "its number has more than 16 characters" in log
    listed = text(agent.get(f"{HOME}open-data/"))
    assert "2024001" in listed and "To complete" in listed
    assert json.loads(agent.get(f"{HOME}open-data/decp.json").content) == {"marches": {"marche": []}}


@pytest.mark.parametrize("content", [b"", b"not json", b"{}"])
def test_a_file_that_is_none_is_refused_in_words(agent: Client, rules: Path, content: bytes) -> None:
    answer = agent.post(f"{HOME}open-data/import/", {"document": SimpleUploadedFile("decp.json", content)})
    assert answer.status_code == 422 and not OpenImport.objects.exists()


def test_a_contract_awarded_elsewhere_is_entered_completed_and_published(agent: Client, rules: Path) -> None:
    sound = json.loads(Path(__file__).with_name("sound_record.json").read_text())
    first = agent.post(f"{HOME}open-data/new/", {"id": "2024-17", "objet": "Voirie"})
    assert first.status_code == 302
    record = OpenRecord.objects.get()
    assert record.content["acheteur"] == {"id": SIRET}
    page = text(agent.get(f"{HOME}open-data/{record.pk}/"))
    assert "What keeps it from being published" in page and "formePrix is missing" in page
    typed = {
        **{name: sound[name] for name in ("nature", "procedure", "ccag", "formePrix", "dureeMois")},
        "id": "2024-17",
        "objet": "Voirie",
        "codeCPV": "45233000",
        "montant": "118 000,50",
        "dateNotification": "15/05/2024",
        "offresRecues": "3",
        "titulaires": "552 045 999 00869",
        "typeGroupementOperateurs": "Pas de groupement",
        "place_code": "21",
        "place_kind": "Code département",
        "typesPrix": ["Définitif révisable"],
        "techniques": ["Sans objet"],
        "modalitesExecution": ["Sans objet"],
        "considerationsSociales": ["Pas de considération sociale"],
        "considerationsEnvironnementales": ["Clause environnementale"],
        "marcheInnovant": "false",
        "attributionAvance": "false",
        "sousTraitanceDeclaree": "false",
    }
    assert agent.post(f"{HOME}open-data/{record.pk}/", typed).status_code == 302
    record.refresh_from_db()
    assert record.revision == 2 and record.content["montant"] == 118000.5
    public = Client().get(f"/marches/donnees/decp/{SIREN}.json").json()
    assert [one["id"] for one in public["marches"]["marche"]] == ["2024-17"]
    taken = agent.post(f"{HOME}open-data/new/", {"id": "2024-17"})
    assert taken.status_code == 422 and "already has a record" in text(taken)


def test_without_the_official_format_the_pages_say_so(agent: Client, no_rules: None) -> None:
    for page in ("open-data/", "open-data/new/"):
        answer = agent.get(f"{HOME}{page}")
        assert answer.status_code == 200
        assert "The official format is not on this platform" in text(answer)
    assert agent.get(f"{HOME}open-data/decp.json").status_code == 404
    assert "not on this platform" in text(Client(headers={"Accept-Language": "en"}).get("/marches/donnees/"))


def test_the_network_of_a_body_stays_where_the_official_lists_are_missing(
    buyer: Actor, no_rules: None
) -> None:
    for network, choices in (("", [""]), ("water", ["", "water"])):
        profile = BuyerProfile(organisation_id=buyer.organisation, entity_activity=network)
        form = ProfileForm(profile=profile, kinds={}, activities={}, places=[])
        assert [code for code, _label in form.fields["entity_activity"].choices] == choices
