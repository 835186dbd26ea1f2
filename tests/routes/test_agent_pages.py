"""Every address under ``/o/<organisation>/``, tried by every role, a stranger, and people of elsewhere.

Generated from the resolver and the table of roles: a new page is tried as soon as it has an address.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from territoires.foundations.actions.api import ROLES, permissions_of
from territoires.kernel.ids import new_id

from .table import Route, agent_routes
from .world import SECRET, SINCE, YESTERDAY, World, again, content_of, rows

METHODS = ("get", "post")
PAGES = agent_routes()
each_page = pytest.mark.parametrize("route", PAGES, ids=str)


def place(world: World, organisation: Any, **other: Any) -> dict[str, Any]:
    """A value for each argument that an address may take, all of ``home``."""
    act = world.acts["draft"]
    return {
        "organisation": organisation.reference,
        "reference": organisation.reference,
        "act": act.pk,
        "sitting": world.sitting.pk,
        "annex": world.annex.pk,
        "sha256": act.main_sha256,
        "form": "csv",
        "letter": new_id(),
        "job": 1,
        "history": new_id(),
        "convention": new_id(),
        "parcel": new_id(),
        "arrival": new_id(),
        "mandate": new_id(),
        "consultation": world.consultation.pk,
        "candidacy": new_id(),
        "admission": new_id(),
        "bid": new_id(),
        "criterion": new_id(),
        "meeting": new_id(),
        "committee": new_id(),
        "contract": new_id(),
        "asked": new_id(),
        "number": 1,
        "kind": "notices",
        "entry": new_id(),
        "package": new_id(),
        "dispute": new_id(),
        "run": new_id(),
        "touched": new_id(),
        "incident": new_id(),
        "template": "rules",
        "question": new_id(),
        "correspondent": new_id(),
        "search": new_id(),
        "order": new_id(),
        "handover": new_id(),
        "file": new_id(),
        "copy": new_id(),
        "language": "fr",
        "draft": new_id(),
        "deposit": new_id(),
        "attestation": new_id(),
        "index": 0,
        "receipt": "deposit",
        "shape": "json",
        "paper": "dc1",
        "espd": "dume.pdf",
        "room": new_id(),
        "secret": "x",
        "notice": new_id(),
        "record": new_id(),
        "day": "2026-03-02",
        "listing": new_id(),
        "address": "avis-12",
    } | other


def tried(client: Client, address: str) -> list[Any]:
    """The answers to both methods; none is a failure of ours."""
    answers = [getattr(client, method)(address) for method in METHODS]
    for answer in answers:
        assert answer.status_code < 500, f"{answer.request['REQUEST_METHOD']} {address}"
    return answers


def is_refused(answers: list[Any]) -> bool:
    statuses = {answer.status_code for answer in answers}
    return 403 in statuses and statuses <= {403, 405}


def shows_nothing_foreign(answers: list[Any]) -> bool:
    return not any(SECRET in content_of(answer).decode(errors="replace") for answer in answers)


def test_the_table_is_not_empty() -> None:
    assert len(PAGES) > 25


@each_page
def test_every_page_says_its_permission(route: Route) -> None:
    known = set().union(*(permissions_of(role) for role in ROLES))
    assert route.permission is not None, f"{route.name} lacks @page(Permission.X)"
    assert str(route.permission) in known, "no role holds it: nobody could ever open this page"


@each_page
def test_a_stranger_signs_in_first(world: World, route: Route) -> None:
    address = route.at(**place(world, world.home))
    read, written = Client().get(address), Client().post(address)
    assert read.status_code == 302 and read["Location"].startswith("/accounts/login/?next=")
    assert written.status_code == 403
    assert shows_nothing_foreign([read, written])


@each_page
def test_each_role_opens_what_the_table_says(world: World, seats: dict[str, Client], route: Route) -> None:
    """All of them in one world, which costs more to make than a page to open."""
    for role in ROLES:
        seat = world.seat_of(role)
        answers = tried(again(seats[role]), route.at(**place(world, seat)))
        allowed = str(route.permission) in permissions_of(role)
        assert is_refused(answers) is not allowed, (role, [answer.status_code for answer in answers])
        if seat == world.home:
            assert shows_nothing_foreign(answers), role


@each_page
def test_a_role_elsewhere_opens_nothing_here(world: World, route: Route) -> None:
    everything = world.person(world.foreign, *(r for r in ROLES if ROLES[r].audience != "operator"))
    assert is_refused(tried(world.client(everything), route.at(**place(world, world.home))))


@each_page
def test_a_role_that_ended_opens_nothing(world: World, route: Route) -> None:
    seat = world.operator if "operator" in _holders(route) else world.home
    former = world.person(seat, *_holders(route), until=YESTERDAY)
    assert is_refused(tried(world.client(former), route.at(**place(world, seat))))


@each_page
def test_a_mandate_opens_what_its_role_opens(world: World, route: Route) -> None:
    lender = world.person(world.foreign, "secretary")
    rows("identity.Mandate").create(
        principal=world.home,
        representative=lender,
        role="secretary",
        since_on=SINCE,
        instrument="Délibération DEL_2026_001",
    )
    answers = tried(world.client(lender), route.at(**place(world, world.home)))
    assert is_refused(answers) is not (str(route.permission) in permissions_of("secretary"))
    assert shows_nothing_foreign(answers)


@pytest.mark.parametrize("route", [r for r in PAGES if "/legality/" in r.template], ids=str)
def test_a_service_that_is_off_opens_nothing(world: World, route: Route) -> None:
    secretary = world.person(world.idle, "secretary")
    assert is_refused(tried(world.client(secretary), route.at(**place(world, world.idle))))


@pytest.mark.parametrize("route", [r for r in PAGES if "act" in r.arguments], ids=str)
def test_an_act_of_elsewhere_is_not_there(world: World, route: Route) -> None:
    client = world.client(world.person(world.home, "secretary"))
    theirs = {"act": world.foreign_act.pk, "annex": world.foreign_annex.pk}
    for values in (theirs, {"act": new_id()}):
        answers = tried(client, route.at(**place(world, world.home, **values)))
        statuses = {answer.status_code for answer in answers}
        assert 404 in statuses and statuses <= {404, 405}
        assert shows_nothing_foreign(answers)


@pytest.mark.parametrize("route", [r for r in PAGES if "consultation" in r.arguments], ids=str)
def test_a_consultation_of_elsewhere_is_not_there(world: World, route: Route) -> None:
    client = world.client(world.person(world.home, "secretary", "representative"))
    for key in (world.foreign_consultation.pk, new_id()):
        answers = tried(client, route.at(**place(world, world.home, consultation=key)))
        statuses = {answer.status_code for answer in answers}
        assert 404 in statuses and statuses <= {404, 405}
        assert shows_nothing_foreign(answers)


@pytest.mark.parametrize("route", [r for r in PAGES if "annex" in r.arguments], ids=str)
def test_an_annex_of_elsewhere_is_not_there(world: World, route: Route) -> None:
    client = world.client(world.person(world.home, "secretary"))
    answer = client.post(route.at(**place(world, world.home, annex=world.foreign_annex.pk)))
    assert answer.status_code == 404
    assert rows("t_legality.Annex").filter(pk=world.foreign_annex.pk).exists()


@pytest.mark.parametrize("route", [r for r in PAGES if "reference" in r.arguments], ids=str)
@pytest.mark.parametrize("role", ["administrator", "secretary", "executive"])
def test_a_member_of_elsewhere_is_not_there(world: World, route: Route, role: str) -> None:
    client = world.client(world.person(world.home, role))
    answers = tried(client, route.at(**place(world, world.home, reference=world.foreign.reference)))
    assert {answer.status_code for answer in answers} <= {404, 405}
    assert shows_nothing_foreign(answers)


@each_page
def test_no_page_speaks_of_a_member_named_in_its_query(world: World, route: Route) -> None:
    """``?member=`` lets the operator keep any member's people: for everybody else it opens nothing."""
    client = world.client(world.person(world.home, "administrator", "secretary"))
    address = f"{route.at(**place(world, world.home))}?member={world.foreign.reference}"
    assert shows_nothing_foreign(tried(client, address))


@pytest.mark.parametrize(
    "route", [r for r in PAGES if r.template.endswith(("role/", "end/", "departure/"))], ids=str
)
def test_people_of_elsewhere_cannot_be_touched(world: World, route: Route) -> None:
    client = world.client(world.person(world.home, "administrator"))
    theirs = rows("identity.Membership").get(organisation=world.foreign, roles__role="agent")
    assignment = theirs.roles.get()
    mandate = rows("identity.Mandate").create(
        principal=world.foreign,
        representative=world.person(),
        role="agent",
        instrument="Arrêté 7",
        since_on=SINCE,
    )
    form = {
        "membership": theirs.pk,
        "assignment": assignment.pk,
        "mandate": mandate.pk,
        "role": "observer",
    }
    answer = client.post(route.at(**place(world, world.home)), form)
    assert answer.status_code in (403, 404)
    for row in (theirs, mandate):
        row.refresh_from_db()
        assert (row.until_on, row.ended_at) == (None, None)
    assert list(theirs.roles.values_list("role", "until_on", "ended_at")) == [("agent", None, None)]


def test_an_unknown_organisation_is_not_there(world: World) -> None:
    client = world.client(world.person(world.home, "secretary"))
    for reference in ("999999999", "abc", "%00", "２１７１０４３８９"):
        assert client.get(f"/o/{reference}/portal/").status_code == 404


def _holders(route: Route) -> list[str]:
    """The roles that open a page: the operator's when those of a commune do not."""
    found = [role for role in ROLES if str(route.permission) in permissions_of(role)]
    return [r for r in found if ROLES[r].audience != "operator"] or found
