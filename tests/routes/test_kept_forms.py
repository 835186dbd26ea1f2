"""A form sent after the session ended waits for its author: whatever the page, for nobody else, and once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape, unescape
from typing import Any
from urllib.parse import quote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from django.test import Client
from django.urls import reverse

from territoires.foundations.actions.api import ROLES
from tests.services.legality.conftest import pdf

from .kept import fields_of, sign_in, signed_out, token_in, value_of, waiting_in
from .table import Route, routes
from .test_agent_pages import place
from .world import YESTERDAY, World, again, rows

POSTED = [route for route in routes() if not route.template.startswith(("api/", "health"))]
NOT_KEPT = {
    "o/<str:organisation>/legality/signatures/": "a private key and its password",
    "o/<str:organisation>/procurement/contracts/<uuid:contract>/sign/": "a private key and its password",
    "o/<str:organisation>/procurement/post/contracts/<uuid:contract>/": "a private key and its password",
    "step-up/": "a password, a one-time code",
    "codes-imprimes/": "codes, after the password",
}
EVERY_ROLE = [role for role in ROLES if ROLES[role].audience != "operator"]
ACCOUNT = "accounts/"  # passwords, codes and passkeys, each asked anew


@pytest.fixture(scope="module")
def given(built: World, everybody: Client, django_db_blocker: Any) -> tuple[Client, str]:
    """A browser that was given forms, whose session ended; and the token of those forms."""
    with django_db_blocker.unblock():
        browser = again(everybody)
        token = token_in(browser.get(f"/o/{built.home.reference}/legality/new/"))
        return signed_out(browser), token


@pytest.mark.parametrize("route", POSTED, ids=str)
def test_what_was_typed_waits_wherever_a_stranger_is_refused(
    world: World, given: tuple[Client, str], route: Route
) -> None:
    client, token = given
    browser = again(client)
    others = {
        "token": "x:y:z",
        "uidb36": "1",
        "key": "a-b",
        "pk": 1,
        "name": "buttons",
        "certificate": world.annex.pk,
    }
    seat = world.operator if "console" in route.template else world.home
    address = route.at(**place(world, seat, **others)) if route.name else f"/{route.template}"
    answer = browser.post(address, {"csrfmiddlewaretoken": token, "typed": "Toit", "password": "secret"})
    is_refused = answer.status_code in (401, 403) or answer.get("Location", "").startswith(
        reverse("account_login")
    )
    waiting = [QueryDict(one["fields"]).dict() for one in waiting_in(browser)]
    if route.template in NOT_KEPT or route.template.startswith(ACCOUNT):
        assert waiting == [], NOT_KEPT.get(route.template, ACCOUNT)
    elif is_refused:
        assert (answer.status_code, waiting) == (401, [{"typed": "Toit"}])
    else:
        assert not route.template.startswith("o/") and waiting == [], "open to all: the page itself answers"


@dataclass(frozen=True)
class Typing:
    """A form of a service: where it stands, what is typed in it (one text at least is looked for), its file."""

    page: str
    typed: dict[str, Any]
    file: str = ""
    is_operators: bool = False

    def address(self, world: World) -> str:
        seat = world.operator if self.is_operators else world.home
        places = {"act": world.acts["published"].pk, "consultation": world.consultation.pk}
        return f"/o/{seat.reference}/{self.page.format(**places)}"

    def sent(self, token: str) -> dict[str, Any]:
        files = {self.file: SimpleUploadedFile("pièce.pdf", CONTENT, "application/pdf")} if self.file else {}
        return {**self.typed, **files, "csrfmiddlewaretoken": token}


CONTENT = pdf("pièce")
INVITED = {"email": "jo@exemple.test", "given_names": "Jo", "usual_name": "L’Exemple", "role": "agent"}
FORMS = {
    "governance: an invitation": Typing("governance/people/", INVITED),
    "governance: a mandate": Typing("governance/mandates/", {"instrument": "Délibération “7” & <8>"}, "file"),
    "legality: acts of before": Typing("legality/history/", {"device": "Ancien dispositif"}, "table"),
    "legality: a withdrawal": Typing("legality/{act}/withdraw/", {"reason": "Erreur\r\nde montant"}),
    "legality: an agreement": Typing(
        "legality/agreements/new/", {"office": "Préfecture d’essai"}, "file", True
    ),
    "procurement: a committee": Typing("procurement/committees/new/", {"name": "CAO de 2026"}),
    "procurement: an interruption": Typing("procurement/incidents/new/", {"what": "Rien ne part"}, "", True),
    "procurement: an enterprise's safe": Typing(
        "procurement/safe/", {"valid_until": "2026-12-31"}, "document"
    ),
    "procurement: an enterprise's sheet": Typing("procurement/enterprise/", {"signatory": "Manon Modèle"}),
}
each_form = pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)


@pytest.fixture
def somebody(world: World, everybody: Client) -> Client:
    return again(everybody)


def person_of(client: Client) -> Any:
    return client.get("/").wsgi_request.user.person


def stopped(client: Client, address: str, form: dict[str, Any]) -> Client:
    """The browser, whose form found no session any more."""
    browser = signed_out(client)
    answer = browser.post(address, form, headers={"Referer": f"http://testserver{address}"})
    assert answer.status_code == 401 and b"nothing is lost" in answer.content
    assert f"next={quote(address, safe='')}" in answer.content.decode()
    return browser


def holds(page: Any, form: Typing) -> bool:
    return all(value_of(page, name) == escape(text) for name, text in form.typed.items() if name != "role")


@each_form
def test_it_comes_back_to_its_author_and_to_nobody_else(world: World, somebody: Client, form: Typing) -> None:
    address, author = form.address(world), person_of(somebody)
    browser = stopped(somebody, address, form.sent(token_in(somebody.get(address))))
    sign_in(browser, author)
    back = browser.get(address)
    assert holds(back, form) and b"look at what you had typed" in back.content
    assert ("pièce.pdf" in back.content.decode()) is bool(form.file)
    colleague = again(browser)
    seat, roles = (world.operator, ["operator"]) if form.is_operators else (world.home, EVERY_ROLE)
    sign_in(colleague, world.person(seat, *roles))
    assert not holds(colleague.get(address), form)


@each_form
def test_it_comes_back_where_its_token_went_stale(world: World, somebody: Client, form: Typing) -> None:
    """Its author signed in again in another tab meanwhile."""
    address, author = form.address(world), person_of(somebody)
    token = token_in(somebody.get(address))
    browser = signed_out(somebody)
    sign_in(browser, author)
    browser.get(address)
    answer = browser.post(address, form.sent(token))
    assert (answer.status_code, answer["Location"]) == (302, address)
    assert holds(browser.get(address), form)


def test_a_form_of_somebody_elses_tab_is_not_given_to_who_signed_in_since(
    world: World, somebody: Client
) -> None:
    form = FORMS["governance: an invitation"]
    address = form.address(world)
    token = token_in(somebody.get(address))
    browser = signed_out(somebody)
    sign_in(browser, world.person(world.home, *EVERY_ROLE))
    browser.get(address)
    assert browser.post(address, form.sent(token)).status_code == 403
    assert not holds(browser.get(address), form)
    assert not rows("identity.Invitation").filter(email=INVITED["email"]).exists()


def test_what_came_back_is_sent_once(world: World, somebody: Client) -> None:
    form = FORMS["governance: an invitation"]
    address, author = form.address(world), person_of(somebody)
    browser = stopped(somebody, address, form.sent(token_in(somebody.get(address))))
    sign_in(browser, author)
    for _click in range(2):
        again_sent = fields_of(browser.get(address), address) | {"role": "agent"}
        browser.post(address, again_sent)
    assert rows("identity.Invitation").filter(email=INVITED["email"]).count() == 1
    assert not holds(browser.get(address), form), "nothing waits any more"


def test_a_file_comes_with_the_form_sent_again(world: World, somebody: Client) -> None:
    form = FORMS["legality: acts of before"]
    address, author = form.address(world), person_of(somebody)
    browser = stopped(somebody, address, form.sent(token_in(somebody.get(address))))
    sign_in(browser, author)
    fields = fields_of(browser.get(address), address)
    too_long = browser.post(address, fields | {"device": "x" * 5000})
    assert too_long.status_code == 422 and "pièce.pdf" in too_long.content.decode()
    done = browser.post(address, fields_of(too_long, address) | {"device": "Ancien dispositif"})
    assert done.status_code == 302
    brought = rows("t_legality.HistoryImport").get(device="Ancien dispositif")
    assert (brought.document.name, brought.document.size) == ("pièce.pdf", len(CONTENT))
    assert browser.post(address, fields | {"_key": "another"}).status_code == 422, (
        "the file left with the form"
    )


def test_form_and_file_wait_over_as_many_ends_as_there_are(world: World, somebody: Client) -> None:
    form = FORMS["legality: acts of before"]
    address, author = form.address(world), person_of(somebody)
    browser = stopped(somebody, address, form.sent(token_in(somebody.get(address))))
    for _end in range(2):  # it comes back, and is sent once more too late
        sign_in(browser, author)
        fields = fields_of(browser.get(address), address)
        browser = stopped(browser, address, fields)
    colleague = again(browser)
    sign_in(colleague, world.person(world.home, *EVERY_ROLE))
    assert not holds(colleague.get(address), form)
    assert colleague.post(address, fields_of(colleague.get(address), address) | fields).status_code == 403
    sign_in(browser, author)
    browser = signed_out(browser)  # and once nothing was sent
    sign_in(browser, author)
    done = browser.post(address, fields_of(browser.get(address), address))
    assert done.status_code == 302
    brought = rows("t_legality.HistoryImport").get(device="Ancien dispositif")
    assert (brought.document.name, brought.document.size) == ("pièce.pdf", len(CONTENT))


def test_what_waits_can_be_left(world: World, somebody: Client) -> None:
    form = FORMS["governance: a mandate"]
    address, author = form.address(world), person_of(somebody)
    browser = stopped(somebody, address, form.sent(token_in(somebody.get(address))))
    sign_in(browser, author)
    forget = re.search(r'href="([^"]*_forget=\w+)"', browser.get(address).content.decode())
    assert forget and browser.get(unescape(forget[1]))["Location"] == address
    assert not holds(browser.get(address), form)


def test_where_the_form_is_gone_its_texts_are_shown(world: World, somebody: Client) -> None:
    """A page that another gesture closed, an address that only takes forms."""
    address, author = f"/o/{world.home.reference}/governance/people/invitation/", person_of(somebody)
    token = token_in(somebody.get(f"/o/{world.home.reference}/governance/people/"))
    browser = stopped(somebody, address, {"csrfmiddlewaretoken": token, "email": "jo@exemple.test"})
    sign_in(browser, author)
    page = browser.get(address)
    assert page.status_code == 200 and "jo@exemple.test" in page.content.decode()


def test_two_tabs_for_two_communes_keep_each_its_own(world: World, somebody: Client) -> None:
    """What was typed for one commune is never recorded for the other, whichever the browser looked at last."""
    person = world.person(world.home, "secretary")
    world.seat(person, world.foreign, "secretary")
    browser = world.client(person)
    here, there = (f"/o/{one.reference}/legality/new/" for one in (world.home, world.foreign))
    token = token_in(browser.get(here))
    browser.get(there)
    gone = stopped(browser, here, {"csrfmiddlewaretoken": token, "number": "DEL_ICI", "object": "Ici"})
    sign_in(gone, person)
    assert value_of(gone.get(there), "object") == "" and value_of(gone.get(here), "object") == "Ici"
    gone.post(here, fields_of(gone.get(here), here))
    assert rows("t_legality.Act").get(number="DEL_ICI").organisation_id == world.home.pk


def test_a_stranger_keeps_nothing(world: World) -> None:
    browser = Client()
    answer = browser.post(f"/o/{world.home.reference}/legality/new/", {"object": "Toit"})
    assert answer.status_code == 403 and not waiting_in(browser)


def test_who_left_a_body_fills_nothing_there(world: World) -> None:
    person = world.person(world.home, "secretary")
    browser = world.client(person)
    address = f"/o/{world.home.reference}/legality/new/"
    token = token_in(browser.get(address))
    rows("identity.RoleAssignment").filter(membership__person=person).update(until_on=YESTERDAY)
    before = rows("documents.Document").count()
    file = SimpleUploadedFile("acte.pdf", CONTENT, "application/pdf")
    answer = signed_out(browser).post(address, {"csrfmiddlewaretoken": token, "object": "Toit", "main": file})
    assert answer.status_code == 401 and b"choose them again" in answer.content
    assert rows("documents.Document").count() == before
