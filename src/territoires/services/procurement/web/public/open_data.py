"""Open data for everybody: OCDS releases and records, the ordered feed, essential data of each body, their catalogue."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Missing

from ...domain.notices import ocds
from ...queries import open_data as queries
from ...queries.publication import public_consultation
from ..requests import actor_of

PUBLISHER = "Territoires"
LICENCE = "https://www.etalab.gouv.fr/licence-ouverte-open-licence/"
JSON = "application/json"
FRESH = 60


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """What is open, and how to harvest it."""
    context = {
        "bodies": queries.publishing_bodies(),
        "has_schema": queries.has_schema(legal_day(actor_of(request).now())),
    }
    return render(request, "procurement/public/open_data.html", context)


@require_safe
def feed(request: HttpRequest) -> HttpResponse:
    """The releases after ``cursor``, in the order in which they were made; ``next`` goes on from the last."""
    rows, cursor = queries.feed(request.GET.get("cursor", "")[:200])
    address = settings.SITE_URL + reverse("procurement:ocds-feed")
    package = ocds.release_package(
        [row.content for row in rows],
        uri=f"{address}?cursor={request.GET.get('cursor', '')[:200]}",
        publisher=PUBLISHER,
        at=rows[-1].dated_at if rows else actor_of(request).now(),
    )
    links = {"next": f"{address}?cursor={cursor}", "cursor": cursor, "is_complete": len(rows) < queries.PAGE}
    return _json(package | {"links": links}, seconds=0)


@require_safe
def releases(request: HttpRequest, consultation: UUID) -> HttpResponse:
    """The releases of one procedure, as a package."""
    found = public_consultation(actor_of(request), consultation)
    rows = queries.releases_of(found)
    _require(rows)
    uri = settings.SITE_URL + reverse("procurement:ocds", kwargs={"consultation": consultation})
    package = ocds.release_package(
        [row.content for row in rows], uri=uri, publisher=PUBLISHER, at=rows[-1].dated_at
    )
    return _json(package)


@require_safe
def record(request: HttpRequest, consultation: UUID) -> HttpResponse:
    """The record of one procedure: its releases and what they come to."""
    found = public_consultation(actor_of(request), consultation)
    rows = queries.releases_of(found)
    _require(rows)
    uri = settings.SITE_URL + reverse("procurement:ocds-record", kwargs={"consultation": consultation})
    made = ocds.record_of(queries.ocid_for(found), [row.content for row in rows])
    return _json(ocds.record_package([made], uri=uri, publisher=PUBLISHER, at=rows[-1].dated_at))


@require_safe
def decp(request: HttpRequest, organisation: str) -> HttpResponse:
    """The essential data of a body, whole, in the official format."""
    body = queries.public_body(organisation)
    content = queries.public_file(body.pk, legal_day(actor_of(request).now()))
    return _open(HttpResponse(content, content_type=JSON), FRESH)


@require_safe
def catalogue(request: HttpRequest) -> HttpResponse:
    """The data sets of this portal in DCAT: one a body, and the feed of releases."""
    sets = [_dataset(one) for one in queries.publishing_bodies()]
    sets.append(
        _described(
            "Consultations et marchés (OCDS)",
            "Chaque étape de chaque procédure, dans l'ordre, au format Open Contracting Data Standard.",
            reverse("procurement:ocds-feed"),
        )
    )
    content = {
        "@context": {
            "dcat": "http://www.w3.org/ns/dcat#",
            "dct": "http://purl.org/dc/terms/",
            "foaf": "http://xmlns.com/foaf/0.1/",
        },
        "@id": settings.SITE_URL + reverse("procurement:open-data-catalogue"),
        "@type": "dcat:Catalog",
        "dct:title": "Données ouvertes de la commande publique",
        "dct:license": {"@id": LICENCE},
        "dcat:dataset": sets,
    }
    response = HttpResponse(json.dumps(content, ensure_ascii=False), content_type="application/ld+json")
    return _open(response, FRESH)


def _dataset(one: dict[str, Any]) -> dict[str, Any]:
    path = reverse("procurement:decp", kwargs={"organisation": one["organisation__reference"]})
    made = _described(
        f"Données essentielles de la commande publique de {one['organisation__name']}",
        "Marchés et concessions notifiés, au format réglementaire.",
        path,
    )
    return made | {
        "dct:modified": one["latest"].date().isoformat(),
        "dct:publisher": {
            "@type": "foaf:Agent",
            "foaf:name": one["organisation__name"],
            "dct:identifier": one["organisation__siret"] or "",
        },
    }


def _described(title: str, description: str, path: str) -> dict[str, Any]:
    address = settings.SITE_URL + path
    return {
        "@id": f"{address}#dataset",
        "@type": "dcat:Dataset",
        "dct:title": title,
        "dct:description": description,
        "dct:language": "fr",
        "dct:license": {"@id": LICENCE},
        "dcat:distribution": {
            "@type": "dcat:Distribution",
            "dcat:downloadURL": {"@id": address},
            "dcat:mediaType": JSON,
        },
    }


def _require(rows: list[Any]) -> None:
    if not rows:
        raise Missing(
            "no-release-yet",
            "This consultation has no release yet.",
            "Come back in a minute: releases follow the publication.",
        )


def _json(content: Any, *, seconds: int = FRESH) -> HttpResponse:
    return _open(HttpResponse(json.dumps(content, ensure_ascii=False), content_type=JSON), seconds)


def _open(response: HttpResponse, seconds: int) -> HttpResponse:
    """Anybody's scripts may read it."""
    response["Access-Control-Allow-Origin"] = "*"
    response["Cache-Control"] = f"public, max-age={seconds}" if seconds else "no-store"
    return response
