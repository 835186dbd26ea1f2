"""Giving and ending a mandate on the page: who may, what is refused, and that scope and days hold."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse, reverse_lazy

from territoires.foundations.identity import services
from territoires.kernel.clock import legal_day, system_clock
from territoires.services.governance.models import identity_rows
from tests.services.legality.conftest import pdf

from .test_members import NEIGHBOUR, TOWN, VILLAGE, shown
from .test_pages import SignIn, at, sign_in

__all__ = ["shown", "sign_in"]
pytestmark = pytest.mark.django_db
ACTS = reverse_lazy("legality_desk:acts", args=[VILLAGE])
PAUL, HUGO = "paul.essai@village.example", "hugo.essai@town.example"


def in_days(days: int) -> date:
    return legal_day(system_clock()) + timedelta(days=days)


def asked(**given: Any) -> dict[str, Any]:
    return {
        "usual_name": "Essai",
        "email": HUGO,
        "role": "secretary",
        "scope": [],
        "until": in_days(30).isoformat(),
        "instrument": "Convention 2026-07",
        **given,
    }


def given(client: Client, **words: Any) -> Any:
    answer = client.post(at(VILLAGE, "mandates/"), asked(**words))
    assert answer.status_code == 302, answer.content.decode()
    return identity_rows("Mandate").get(principal__siren=VILLAGE, representative__account__email=HUGO)


def test_an_administrator_lends_a_role_to_somebody_of_elsewhere(sign_in: SignIn) -> None:
    hugo = sign_in(HUGO)
    assert hugo.get(str(ACTS)).status_code == 403
    file = SimpleUploadedFile("convention.pdf", pdf("a"), "application/pdf")
    mandate = given(sign_in(PAUL), file=file)
    assert hugo.get(str(ACTS)).status_code == 200
    assert mandate.document.organisation_id == mandate.principal_id
    for client, place in ((sign_in(PAUL), VILLAGE), (sign_in("nadia.essai@town.example"), TOWN)):
        page = client.get(at(place, "mandates/")).content.decode()
        assert "Hugo Essai" in page and "Convention 2026-07" in page
        told = client.get(at(place, f"mandates/{mandate.pk}/instrument/"))
        assert b"".join(told.streaming_content) == pdf("a")
    stranger = sign_in("anne.exemple@neighbour.example")
    assert stranger.get(at(NEIGHBOUR, f"mandates/{mandate.pk}/instrument/")).status_code == 404


def test_a_mandate_that_ends_closes_the_tab_that_is_open(sign_in: SignIn) -> None:
    mandate = given(sign_in(PAUL))
    hugo = sign_in(HUGO)
    new = reverse("legality_desk:new", args=[VILLAGE])
    assert hugo.get(new).status_code == 200
    sign_in(PAUL).post(at(VILLAGE, "mandates/end/"), {"mandate": mandate.pk})
    assert hugo.post(new, {"object": "Voirie"}).status_code == 403
    mandate.refresh_from_db()
    assert mandate.ended_at is not None
    assert mandate.until_on == in_days(30)


def test_a_mandate_past_its_last_day_closes_it_too(sign_in: SignIn) -> None:
    mandate = given(sign_in(PAUL))
    hugo = sign_in(HUGO)
    assert hugo.get(str(ACTS)).status_code == 200
    identity_rows("Mandate").filter(pk=mandate.pk).update(since_on=in_days(-9), until_on=in_days(-1))
    assert hugo.get(str(ACTS)).status_code == 403


def test_a_mandate_to_come_opens_nothing_yet(sign_in: SignIn) -> None:
    given(sign_in(PAUL), since=in_days(2).isoformat())
    assert sign_in(HUGO).get(str(ACTS)).status_code == 403


def test_a_mandate_is_limited_to_its_services(sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(services._labels, "archives", "Archives")
    given(sign_in(PAUL), scope=["archives"])
    hugo = sign_in(HUGO)
    assert hugo.get(str(ACTS)).status_code == 403
    assert "Archives" in sign_in(PAUL).get(at(VILLAGE, "mandates/")).content.decode()


@pytest.mark.parametrize(
    "words",
    [
        {"instrument": " "},
        {"until": "2020-01-01"},
        {"since": (date(2026, 1, 5)).isoformat(), "until": "2026-01-04"},
        {"role": "operator"},
        {"scope": ["telepathy"]},
        {"email": "claire.exemple@village.example", "usual_name": "Exemple"},  # belongs to the village
        {"file": SimpleUploadedFile("acte.pdf", b"MZ" + bytes(99))},
    ],
)
def test_what_is_refused_gives_nothing(sign_in: SignIn, words: dict[str, Any]) -> None:
    before = identity_rows("Mandate").count()
    answer = sign_in(PAUL).post(at(VILLAGE, "mandates/"), asked(**words))
    assert answer.status_code == 422
    assert identity_rows("Mandate").count() == before


def test_an_unknown_address_and_a_wrong_name_get_one_answer(sign_in: SignIn) -> None:
    """Otherwise the form would tell who has an account."""
    client = sign_in(PAUL)
    told = [
        client.post(at(VILLAGE, "mandates/"), asked(**words)).context["form"].errors
        for words in ({"email": "nobody@town.example"}, {"usual_name": "Autre"})
    ]
    assert told[0] == told[1] != {}


@pytest.mark.parametrize("who", ["claire.exemple@village.example", "emile.modele@village.example"])
def test_only_an_administrator_gives_one(sign_in: SignIn, who: str) -> None:
    identity_rows("RoleAssignment").filter(
        membership__person__account__email=who, role="administrator"
    ).delete()
    client = sign_in(who)
    before = identity_rows("Mandate").count()
    assert client.post(at(VILLAGE, "mandates/"), asked()).status_code == 403
    assert identity_rows("Mandate").count() == before


def test_the_other_side_does_not_end_it(sign_in: SignIn) -> None:
    mandate = given(sign_in(PAUL))
    foreign = sign_in("nadia.essai@town.example")
    assert foreign.post(at(TOWN, "mandates/end/"), {"mandate": mandate.pk}).status_code == 403
    mandate.refresh_from_db()
    assert mandate.ended_at is None
