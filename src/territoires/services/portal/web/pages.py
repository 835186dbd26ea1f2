"""Public pages: home, communes, one public body, the desks that I may sit at, and what the law asks us to say."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from territoires.foundations.identity import api as identity
from territoires.foundations.registry.api import BodyDoor, manifests, rest_api

from ..domain import understand
from ..queries import doors as queries
from .verify import FileForm


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """One question, one large field; what is behind each door said first."""
    services_first = sorted(manifests().values(), key=lambda manifest: manifest.always_on)
    tiles = [tile for manifest in services_first for tile in manifest.tiles]
    context = {
        "tiles": tiles,
        "communes_count": queries.count_communes(),
        "publications": queries.latest_publications(request.actor),  # type: ignore[attr-defined]
        "form": FileForm(),
    }
    return render(request, "portal/home.html", context)


@require_safe
def communes(request: HttpRequest) -> HttpResponse:
    """The communes that answer to what was typed. One answer only: straight to its page."""
    text = request.GET.get("q", "").strip()
    search = understand(text)
    found = [] if search.is_empty else queries.find_communes(search)
    is_fragment = bool(request.htmx)  # type: ignore[attr-defined]
    if len(found) == 1 and not is_fragment:
        return redirect("portal:body", organisation=found[0].organisation.reference)
    template = "portal/communes.html#results" if is_fragment else "portal/communes.html"
    context = {"text": text, "found": found, "most": queries.MOST, "asked": not search.is_empty}
    return render(request, template, context)


@require_safe
def body(request: HttpRequest, organisation: str) -> HttpResponse:
    """A public body: who it is, what it publishes here."""
    found = queries.public_body(organisation)
    context = {
        "doors": _doors(found["body"]),
        "publications": queries.latest_publications(request.actor, body=found["body"].pk),  # type: ignore[attr-defined]
        **found,
    }
    return render(request, "portal/body.html", context)


def _doors(body: Any) -> list[BodyDoor]:
    """The doors of the services that are switched on for a body; of those that were, what leads to publications."""
    now, ever = identity.services_of(body), identity.services_of(body, ever=True)
    return [
        door
        for manifest in manifests().values()
        for door in manifest.body_doors
        if manifest.code in (ever if door.stays else now)
    ]


@require_safe
def desks(request: HttpRequest) -> HttpResponse:
    """The organisations that I act for. One only: straight to its desk."""
    if not request.user.is_authenticated:
        return redirect("account_login")
    person = request.user.person
    places = identity.places_of(person) if person else []
    if len(places) == 1:
        return redirect("portal_desk:desk", organisation=places[0].organisation.reference)
    return render(request, "portal/desks.html", {"places": places})


@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    """The accessibility statement (law 2005-102, article 47)."""
    return render(request, "portal/accessibility.html")


@require_safe
def legal_notice(request: HttpRequest) -> HttpResponse:
    """Who publishes, who hosts, what is kept of visitors."""
    return render(request, "portal/legal_notice.html", {"operator": identity.operator()})


@require_safe
def api_reference(request: HttpRequest) -> HttpResponse:
    """The REST verbs, read from the OpenAPI document itself."""
    schema = rest_api().get_openapi_schema()
    verbs = [
        {
            "method": method.upper(),
            "path": path,
            "summary": operation.get("summary", ""),
            "tag": operation["tags"][0],
        }
        for path, operations in schema["paths"].items()
        for method, operation in operations.items()
    ]
    return render(request, "portal/api.html", {"verbs": verbs, "version": schema["info"]["version"]})
