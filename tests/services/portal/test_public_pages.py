"""The home and the page of a body list what the services have just made public."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse

from territoires.foundations.registry.api import Publication, manifest_of
from territoires.kernel.actor import Actor
from territoires.kernel.clock import system_clock
from territoires.services.portal.queries import doors as queries
from territoires.services.portal.web import pages
from tests.services.legality.conftest import make_act, make_actor, make_body

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def publication(title: str, hours_ago: int) -> Publication:
    return Publication(title, "Kind", "Body", f"/{title}/", NOON - timedelta(hours=hours_ago))


def test_publications_of_all_services_are_merged_latest_first(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    def acts(actor: Actor, body: UUID | None, count: int) -> list[Publication]:
        asked.append((body, count))
        return [publication(f"act-{hours}", hours) for hours in (1, 3, 5, 7, 9)]

    services = {
        "acts": SimpleNamespace(latest=acts),
        "mute": SimpleNamespace(latest=None),
        "tenders": SimpleNamespace(latest=lambda actor, body, count: [publication("tender-2", 2)]),
    }
    monkeypatch.setattr(queries.registry, "manifests", lambda: services)
    found = queries.latest_publications(SimpleNamespace())  # type: ignore[arg-type]
    assert [one.title for one in found] == ["act-1", "tender-2", "act-3", "act-5", "act-7"]
    assert asked == [(None, queries.LATEST)]


@pytest.mark.django_db
def test_home_and_body_list_the_acts_on_line_and_no_other(client: Client) -> None:
    village, town = make_body(), make_body("Ville d'Exemple", "219900002")
    on_line = make_act(make_actor(village), "published", object="Tarifs de la salle des fêtes")
    make_act(make_actor(village), "withdrawn", number="DEL_2", object="Cession du lavoir")
    make_act(make_actor(village), "signed", number="DEL_3", object="Emprunt pour la toiture")
    make_act(make_actor(town), "published", number="DEL_4", object="Règlement du marché")

    def page(name: str, **place: str) -> str:
        return str(client.get(reverse(name, kwargs=place)).content, "utf-8")

    home = page("portal:home")
    assert "Tarifs de la salle des fêtes" in home and "Règlement du marché" in home
    assert "Cession du lavoir" not in home and "Emprunt pour la toiture" not in home
    own = page("portal:body", organisation=village.reference)
    address = reverse("legality:act", kwargs={"organisation": village.reference, "act": on_line.pk})
    assert address in own and "Règlement du marché" not in own


@pytest.mark.django_db
def test_a_body_that_published_nothing_says_so(client: Client) -> None:
    body = make_body()
    address = reverse("portal:body", kwargs={"organisation": body.reference})
    page = client.get(address, headers={"accept-language": "en"})
    assert "Nothing is published here yet" in str(page.content, "utf-8")


def doors(client: Client, body: Any) -> str:
    """What stands before the list of publications."""
    page = client.get(reverse("portal:body", kwargs={"organisation": body.reference})).content.decode()
    return page.partition("<h2>")[0]


def test_a_door_is_shown_once_its_service_is_switched_on(
    db: None, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    body, activations = make_body(), apps.get_model("identity.ServiceActivation")._default_manager
    address = reverse("legality:register", kwargs={"organisation": body.reference})
    assert address not in doors(client, body)
    on = activations.create(organisation=body, service="legality", since_at=system_clock())
    assert address in doors(client, body)
    on.until_at = system_clock()
    on.save()
    assert address in doors(client, body)  # what was published stays
    passing = [replace(door, stays=False) for door in manifest_of("legality").body_doors]
    closed = replace(manifest_of("legality"), body_doors=passing)
    monkeypatch.setattr(pages, "manifests", lambda: {"legality": closed})
    assert address not in doors(client, body)
