"""The lists of the deliberations examined, sitting by sitting: open to everybody (CGCT L.2121-25)."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from territoires.foundations.documents import api as documents
from territoires.foundations.identity import api as identity
from territoires.kernel.errors import Missing

from ..models import Sitting, VoteOutcome, known
from ..queries import sittings as queries
from .requests import actor_of


@require_safe
def sittings(request: HttpRequest, organisation: str) -> HttpResponse:
    """The sittings of a body whose list is published, the latest first."""
    body = identity.organisation_by_reference(organisation)
    found = queries.public_sittings(actor_of(request), body.pk)
    return render(request, "legality/public_sittings.html", {"body": body, "sittings": found})


@require_safe
def sitting(request: HttpRequest, organisation: str, sitting: UUID) -> HttpResponse:
    """One list, line by line, each leading to its act once that is on line."""
    found = _sitting(request, organisation, sitting)
    on_line = queries.on_line_among([line["act"] for line in found.listed])
    outcomes = dict(VoteOutcome.choices)
    lines = [
        {**line, "said": outcomes.get(line["outcome"], ""), "is_on_line": line["act"] in on_line}
        for line in found.listed
    ]
    context = {"body": found.organisation, "sitting": found, "lines": lines}
    return render(request, "legality/public_sitting.html", context)


@require_safe
def list_file(request: HttpRequest, organisation: str, sitting: UUID, sha256: str) -> HttpResponseBase:
    """The list as it was published; its digest stands in its address."""
    file = known(_sitting(request, organisation, sitting).list_file)
    if file.sha256 != sha256:
        raise Missing(
            "list-replaced",
            "This list was replaced by a newer one.",
            "Open the page of the sitting: the present list is there.",
        )
    return documents.download_response(file, request, inline=True)


@require_safe
def minutes_file(request: HttpRequest, organisation: str, sitting: UUID, sha256: str) -> HttpResponseBase:
    """The minutes as they were published; their digest stands in their address."""
    file = _sitting(request, organisation, sitting).minutes_file
    if file is None or file.sha256 != sha256:
        raise Missing(
            "minutes-replaced",
            "These minutes are not published, or were replaced by newer ones.",
            "Open the page of the sitting.",
        )
    return documents.download_response(file, request, inline=True)


def _sitting(request: HttpRequest, organisation: str, key: UUID) -> Sitting:
    body = identity.organisation_by_reference(organisation)
    return queries.public_sitting(actor_of(request), body.pk, key)
