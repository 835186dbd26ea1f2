"""The public register of a body: open to everybody, without account; each list and each act has a stable address."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from territoires.foundations.documents import api as documents
from territoires.foundations.identity import api as identity
from territoires.kernel.errors import Missing

from ..domain.life import WITHDRAWN
from ..models import Act
from ..queries import files, proofs
from ..queries import register as queries
from ..queries.lists import Filters
from ..queries.preceding import bound_acts_on_line
from .downloads import certificate_response, evidence_response
from .effect import effect_of_public
from .feeds import atom
from .forms import FilterForm
from .requests import actor_of, lists_of
from .tables import deliberations_csv, public_json
from .words import shown


@require_safe
def latest(request: HttpRequest) -> HttpResponse:
    """The latest acts of every body of the platform, and the way to a body's own register."""
    actor, lists = actor_of(request), lists_of(request)
    form = FilterForm(request.GET, lists=lists)
    found = queries.register_of(actor, None, form.filters(), cursor=request.GET.get("after", ""))
    return render(
        request,
        "legality/latest.html",
        {"form": form, "acts": [shown(act, lists) for act in found.acts], "next": found.next},
    )


@require_safe
def acts(request: HttpRequest, organisation: str) -> HttpResponse:
    """The published acts of a body, the latest put on line first, filters in the address."""
    actor, lists = actor_of(request), lists_of(request)
    body = identity.organisation_by_reference(organisation)
    form = FilterForm(request.GET, lists=lists, years=queries.years_of(actor, body.pk))
    filters = form.filters()
    found = queries.register_of(actor, body.pk, filters, cursor=request.GET.get("after", ""))
    context = {
        "body": body,
        "form": form,
        "filtered": filters != Filters(),
        "acts": [shown(act, lists) for act in found.acts],
        "next": found.next,
    }
    return render(request, "legality/register.html", context)


@require_safe
def feed(request: HttpRequest, organisation: str) -> HttpResponse:
    """The same list as an Atom feed (RFC 4287), latest first."""
    actor, lists = actor_of(request), lists_of(request)
    body = identity.organisation_by_reference(organisation)
    found = queries.register_of(actor, body.pk, FilterForm(request.GET, lists=lists).filters())
    return atom(request, body, [shown(act, lists) for act in found.acts])


@require_safe
def open_table(request: HttpRequest, organisation: str) -> HttpResponseBase:
    """The register in the open-data shape "Délibérations" of the SCDL."""
    body, found = _whole(request, organisation)
    return deliberations_csv(request, body, found, lists_of(request))


@require_safe
def open_json(request: HttpRequest, organisation: str) -> HttpResponseBase:
    """The register as JSON, with nature, date on line and digests."""
    body, found = _whole(request, organisation)
    return public_json(request, body, found, lists_of(request))


@require_safe
def act(request: HttpRequest, organisation: str, act: UUID) -> HttpResponse:
    """An act on line: who took it, since when it is here, its files and its proof."""
    found = _in_register(queries.act_once_public(actor_of(request), act), organisation)
    if found.state == WITHDRAWN:
        context = {"body": found.organisation, "act": found, "shown": shown(found, lists_of(request))}
        return render(request, "legality/withdrawn_act.html", context, status=410)
    context = {
        "body": found.organisation,
        "act": found,
        "shown": shown(found, lists_of(request)),
        "annexes": files.annexes_of(found),
        "proof": proofs.publication_of(found),
        "effect": effect_of_public(found),
        "bound": bound_acts_on_line(found),
    }
    return render(request, "legality/public_act.html", context)


@require_safe
def file(request: HttpRequest, organisation: str, act: UUID, sha256: str) -> HttpResponseBase:
    """A file of the act; its digest stands in its address, so that what it names never changes."""
    document = files.public_file_of(_act(request, organisation, act), sha256)
    return documents.download_response(document, request, inline=True)


@require_safe
def certificate(request: HttpRequest, organisation: str, act: UUID) -> HttpResponseBase:
    """The certificate of publication, as PDF."""
    return certificate_response(_act(request, organisation, act))


@require_safe
def evidence(request: HttpRequest, organisation: str, act: UUID) -> HttpResponseBase:
    """The evidence bundle: the files, the facts and their proofs, as ZIP."""
    return evidence_response(_act(request, organisation, act), is_public=True)


def _act(request: HttpRequest, organisation: str, key: UUID) -> Act:
    return _in_register(queries.public_act(actor_of(request), key), organisation)


def _in_register(found: Act, organisation: str) -> Act:
    if found.organisation.reference != organisation:
        raise Missing(
            "no-act", _("There is no such act in this register."), _("Search for it in the register.")
        )
    return found


def _whole(request: HttpRequest, organisation: str) -> tuple[Any, Any]:
    body = identity.organisation_by_reference(organisation)
    filters = FilterForm(request.GET, lists=lists_of(request)).filters()
    return body, queries.whole_register_of(actor_of(request), body.pk, filters)
