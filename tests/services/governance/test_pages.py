"""The pages: what they show, and whom they refuse."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from territoires.contracts.governance import Demonstration
from territoires.foundations.identity import api as identity
from territoires.services.governance.models import identity_rows, organisations

from .test_members import TOWN, VILLAGE, shown

__all__ = ["shown"]
pytestmark = pytest.mark.django_db
OPERATOR = "999990013"
SignIn = Callable[[str], Client]
PAGES = (
    "members/",
    "services/",
    "services/switch/",
    "people/",
    "mandates/",
    "keys/",
    "rights/",
    "colleges/",
    "import/",
    "territory/",
)
OWN = ("services/", "people/", "mandates/", "keys/", "rights/")


@pytest.fixture
def sign_in(shown: Demonstration) -> SignIn:
    def _sign_in(email: str) -> Client:
        client = Client()
        client.force_login(
            identity_rows("Account").get(email=email),
            backend="allauth.account.auth_backends.AuthenticationBackend",
        )
        return client

    return _sign_in


def at(reference: str, page: str) -> str:
    return f"/o/{reference}/governance/{page}"


@pytest.mark.parametrize("page", PAGES)
def test_the_operator_opens_every_page(sign_in: SignIn, page: str) -> None:
    assert sign_in("olive.exemple@operator.example").get(at(OPERATOR, page)).status_code == 200


@pytest.mark.parametrize("page", PAGES)
def test_an_administrator_opens_the_own_pages_only(sign_in: SignIn, page: str) -> None:
    expected = 200 if page in OWN else 403
    assert sign_in("paul.essai@village.example").get(at(VILLAGE, page)).status_code == expected


@pytest.mark.parametrize("page", PAGES)
def test_nobody_opens_the_pages_of_a_foreign_organisation(sign_in: SignIn, page: str) -> None:
    assert sign_in("paul.essai@village.example").get(at(TOWN, page)).status_code == 403


@pytest.mark.parametrize("page", PAGES)
def test_a_stranger_is_sent_to_sign_in(shown: Demonstration, page: str) -> None:
    response = Client().get(at(VILLAGE, page))
    assert response.status_code == 302
    assert "login" in response["Location"]


def test_the_list_filters_and_exports(sign_in: SignIn) -> None:
    client = sign_in("olive.exemple@operator.example")
    page = client.get(at(OPERATOR, "members/"), {"text": "saint eloi"}).content.decode()
    assert "Saint-Éloi" in page and "Voisin" not in page
    body = b"".join(client.get(at(OPERATOR, "members/export.json"), {"text": "saint eloi"}).streaming_content)
    assert [row["siren"] for row in json.loads(body)] == [VILLAGE]
    text = b"".join(client.get(at(OPERATOR, "members/export.csv")).streaming_content).decode("utf-8-sig")
    assert len(text.splitlines()) == organisations().count() + 1
    assert client.get(at(OPERATOR, "members/export.exe")).status_code == 404


def test_a_member_page_tells_who_it_is(sign_in: SignIn) -> None:
    page = sign_in("olive.exemple@operator.example").get(at(OPERATOR, f"members/{VILLAGE}/")).content.decode()
    assert "Saint-Éloi" in page and "Paul Essai" in page and "CC du Village" in page
    own = sign_in("paul.essai@village.example")
    assert own.get(at(VILLAGE, f"members/{VILLAGE}/")).status_code == 200
    assert own.get(at(VILLAGE, f"members/{TOWN}/")).status_code == 404


def test_an_administrator_gives_and_ends_a_role(sign_in: SignIn) -> None:
    client = sign_in("paul.essai@village.example")
    membership = identity_rows("Membership").get(person__usual_name="Modèle", organisation__siren=VILLAGE)
    client.post(at(VILLAGE, "people/role/"), {"membership": membership.pk, "role": "observer"})
    held = identity_rows("RoleAssignment").filter(membership=membership, role="observer")
    assert held.count() == 1
    client.post(at(VILLAGE, "people/role/end/"), {"assignment": held.get().pk})
    assert held.get().ended_at is not None


def test_a_mistyped_invitation_is_corrected_then_cancelled(sign_in: SignIn) -> None:
    client = sign_in("paul.essai@village.example")
    given = {"given_names": "Ana", "usual_name": "Essai", "email": "anna@village.example", "role": "agent"}
    client.post(at(VILLAGE, "people/"), given)
    waiting = identity_rows("Invitation").filter(organisation__siren=VILLAGE, cancelled_at=None)
    page = client.get(at(VILLAGE, "people/")).content.decode()
    assert "anna@village.example" in page
    renewed = {"invitation": waiting.get().pk, "email": "ana@village.example"}
    client.post(at(VILLAGE, "people/invitation/"), renewed)
    assert waiting.get().email == "ana@village.example"
    client.post(at(VILLAGE, "people/invitation/"), {"invitation": waiting.get().pk, "cancel": ""})
    assert not waiting.exists()


def test_a_role_is_limited_to_a_service_until_a_day(sign_in: SignIn) -> None:
    client = sign_in("paul.essai@village.example")
    membership = identity_rows("Membership").get(person__usual_name="Modèle", organisation__siren=VILLAGE)
    given = {"membership": membership.pk, "role": "secretary", "scope": "legality", "until": "2099-12-31"}
    page = client.post(at(VILLAGE, "people/role/"), given, follow=True).content.decode()
    held = identity_rows("RoleAssignment").get(membership=membership, role="secretary")
    assert (held.scope, held.until_on.isoformat()) == (["legality"], "2099-12-31")
    assert identity.role_label("secretary", ["legality"]) in page
    assert client.post(at(VILLAGE, "people/role/"), given | {"scope": "telepathy"}).status_code == 422


def form_about(response: Any, key: Any) -> str:
    """The form of one person or invitation, on the page of people."""
    page = response.content.decode()
    assert response.status_code == 422
    return next(form for form in page.split("<form") if f'value="{key}"' in form).partition("</form>")[0]


def test_a_role_that_is_refused_is_told_in_its_form_as_it_was_filled_in(sign_in: SignIn) -> None:
    client = sign_in("paul.essai@village.example")
    membership = identity_rows("Membership").get(person__usual_name="Modèle", organisation__siren=VILLAGE)
    given = {"membership": membership.pk, "role": "secretary", "scope": "legality", "until": "2020-01-31"}
    response = client.post(at(VILLAGE, "people/role/"), given)
    form = form_about(response, membership.pk)
    assert "error-summary" in form and "2020-01-31" in form
    assert re.search(r'value="secretary" selected', form) and re.search(
        r'value="legality"[^>]* checked', form
    )
    assert "<details open><summary>" in response.content.decode()
    assert not identity_rows("RoleAssignment").filter(membership=membership, role="secretary").exists()
    assert client.get(at(VILLAGE, "people/role/"))["Location"] == at(VILLAGE, "people/")


def test_a_role_above_ones_own_is_told_in_the_form(sign_in: SignIn) -> None:
    """Only who holds a role of the operator gives it."""
    membership = identity_rows("Membership").get(person__usual_name="Exemple", organisation__siren=OPERATOR)
    identity_rows("RoleAssignment").filter(membership=membership, role="operator").delete()
    client = sign_in("olive.exemple@operator.example")
    response = client.post(at(OPERATOR, "people/role/"), {"membership": membership.pk, "role": "operator"})
    assert "error-summary" in form_about(response, membership.pk)
    assert not identity_rows("RoleAssignment").filter(membership=membership, role="operator").exists()


def test_an_invitation_that_cannot_leave_keeps_the_corrected_address(sign_in: SignIn) -> None:
    client = sign_in("paul.essai@village.example")
    given = {"given_names": "Ana", "usual_name": "Essai", "email": "anna@village.example", "role": "agent"}
    client.post(at(VILLAGE, "people/"), given)
    waiting = identity_rows("Invitation").get(organisation__siren=VILLAGE, cancelled_at=None)
    again = {"invitation": waiting.pk, "email": "ana@village"}
    form = form_about(client.post(at(VILLAGE, "people/invitation/"), again), waiting.pk)
    assert "error-summary" in form and 'value="ana@village"' in form
    identity_rows("Invitation").filter(pk=waiting.pk).update(roles=["king"])
    form = form_about(
        client.post(at(VILLAGE, "people/invitation/"), again | {"email": "ana@village.example"}), waiting.pk
    )
    assert "error-summary" in form and 'value="ana@village.example"' in form
    client.post(at(VILLAGE, "people/invitation/"), {"invitation": waiting.pk, "cancel": ""}, follow=True)
    gone = client.post(
        at(VILLAGE, "people/invitation/"), again | {"email": "ana@village.example"}, follow=True
    )
    assert gone.redirect_chain == [(at(VILLAGE, "people/"), 302)] and len(gone.context["messages"]) == 1


def test_an_administrator_gives_no_role_in_a_foreign_organisation(sign_in: SignIn) -> None:
    client = sign_in("paul.essai@village.example")
    foreign = identity_rows("Membership").filter(organisation__siren=TOWN).first()
    response = client.post(at(VILLAGE, "people/role/"), {"membership": foreign.pk, "role": "observer"})
    assert response.status_code == 404
    assert not identity_rows("RoleAssignment").filter(
        membership=foreign, role="observer", granted_by__isnull=False
    )


def test_a_malformed_form_is_refused_in_words(sign_in: SignIn) -> None:
    client = sign_in("paul.essai@village.example")
    assert client.post(at(VILLAGE, "people/role/"), {"membership": "x", "role": "king"}).status_code == 422


def test_a_file_is_tried_before_it_is_carried_out(sign_in: SignIn) -> None:
    client = sign_in("olive.exemple@operator.example")
    text = f"SIREN;Prénoms;Nom;Courriel;Rôle\n{VILLAGE};Ana;Essai;ana@village.example;observer\n123;;;;\n"
    file = SimpleUploadedFile("membres.csv", text.encode())
    tried = client.post(at(OPERATOR, "import/"), {"file": file})
    assert tried.status_code == 200 and "Ana Essai" in tried.content.decode()
    assert not identity_rows("Account").filter(email="ana@village.example").exists()
    client.post(at(OPERATOR, "import/"), {"held": tried.context["held"]})
    assert identity_rows("Account").filter(email="ana@village.example").exists()
    assert client.post(at(OPERATOR, "import/"), {"held": "forged"}).status_code == 422


@pytest.mark.parametrize("page", PAGES)
def test_the_door_that_leads_to_a_page_is_marked_in_the_navigation(sign_in: SignIn, page: str) -> None:
    text = sign_in("olive.exemple@operator.example").get(at(OPERATOR, page)).content.decode()
    by_members = ("members/", "services/", "services/switch/", "colleges/", "import/", "territory/")
    door = "members/" if page in by_members else "people/"
    navigation = text[text.index('<nav class="services"') :].partition("</nav>")[0]
    marked = [line for line in navigation.split("<li>") if 'aria-current="page"' in line]
    assert [at(OPERATOR, door) in line for line in marked] == [True, True], (
        "in the line, and in a phone's menu"
    )
