"""The search among the published consultations, the tree of CPV codes, and the same lists for other programs."""

from __future__ import annotations

import dataclasses
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from territoires.foundations.identity import api as identity
from territoires.kernel.clock import legal_day

from ...domain.searching import Criteria
from ...models import Listing
from ...queries import listings
from ...queries.cpv import children_of, path_of, search_cpv, vocabulary
from ..requests import actor_of
from ..words import category_label
from . import feeds
from .forms import SearchForm


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Every consultation of the platform, and those elsewhere that it knows of, filters in the address."""
    form = _form(request)
    context = {**_found(request, form.criteria()), "form": form, "body": None}
    return render(request, "procurement/public/search.html", context)


@require_safe
def of_body(request: HttpRequest, organisation: str) -> HttpResponse:
    """The same search among the consultations of one body."""
    body = identity.organisation_by_reference(organisation)
    form = _form(request)
    context = {**_found(request, form.criteria(), body), "form": form, "body": body}
    return render(request, "procurement/public/search.html", context)


@require_safe
def cpv(request: HttpRequest) -> HttpResponse:
    """The vocabulary as a tree, one level a page, or by words; each code leads back to the search that one came from."""
    day, language = _today(request), get_language() or "fr"
    kept = _form(request).criteria().as_query()
    under = kept.pop("cpv", "")
    words = request.GET.get("mots", "")[:200].replace("\0", "")
    codes = search_cpv(words, day) if words else children_of(under, day)
    lines = [
        {
            "code": one.code,
            "label": one.label.in_language(language),
            "choose": _with(kept, one.code[: one.depth]),
            "open": "" if not children_of(one.code[: one.depth], day) else one.code[: one.depth],
        }
        for one in codes
    ]
    path = [
        {"under": one.code[: one.depth], "label": one.label.in_language(language)}
        for one in path_of(under, day)
    ]
    context = {
        "lines": lines,
        "path": path,
        "under": under,
        "words": words,
        "kept": kept,
        "is_whole": vocabulary(day).is_whole,
        "back": f"{reverse('procurement:search')}?{urlencode(kept)}",
    }
    return render(request, "procurement/public/cpv.html", context)


@require_safe
def atom(request: HttpRequest) -> HttpResponse:
    """The search as an Atom feed, the latest first."""
    return feeds.search_atom(request, _feed_listings(request), page=_page_of(request))


@require_safe
def ics(request: HttpRequest) -> HttpResponse:
    """The deadlines of the search, for an agenda."""
    events = (feeds.deadline_event(request, one) for one in _feed_listings(request) if one.deadline_at)
    return feeds.calendar("Marchés publics", events)


@require_safe
def as_json(request: HttpRequest) -> HttpResponse:
    """The search as JSON, by pages: ``next`` is the address of the following one, null at the end."""
    found = listings.search(
        _form(request).criteria(),
        actor_of(request).now(),
        cursor=_cursor(request),
        size=listings.MOST_IN_FEED,
    )
    query = request.GET.copy()
    query["after"] = found.next or ""
    following = request.build_absolute_uri(f"{request.path}?{query.urlencode()}") if found.next else None
    items = [feeds.listing_json(request, one) for one in found.listings]
    return feeds.as_json({"items": items, "next": following}, "marches.json")


def _found(request: HttpRequest, criteria: Criteria, body: Any = None) -> dict[str, Any]:
    now, cursor = actor_of(request).now(), _cursor(request)
    found = listings.search(
        criteria,
        now,
        organisation=body.pk if body else None,
        cursor=cursor,
    )
    # Feeds and alerts of a body's page keep to that body.
    kept = criteria.as_query() | ({"buyer": body.name} if body else {})
    return {
        "found": found,
        "lines": [line(one, now) for one in found.listings],
        "filtered": criteria.are_set,
        "narrowed": dataclasses.replace(criteria, q="").are_set,
        "query": urlencode(kept),
        "cpv_path": _labels(criteria.cpv, _today(request)),
        "most": listings.MOST_COUNTED,
        "now": now,
    }


def line(one: Listing, now: Any) -> dict[str, Any]:
    """A listing as it is read in a list."""
    is_over = one.deadline_at is not None and one.deadline_at < now
    status = Listing.Status.CLOSED if is_over and one.status == Listing.Status.OPEN else one.status
    tones = {"open": "run", "suspended": "bad", "closed": "wait", "ended": "none"}
    return {
        "listing": one,
        "status": Listing.Status(status).label,
        "tone": tones[status],
        "is_open": status == Listing.Status.OPEN,
        "category": category_label(one.main_procurement_category),
        "url": one.url
        or reverse("procurement:consultation", kwargs={"consultation": one.consultation_id or one.pk}),
    }


def _form(request: HttpRequest) -> SearchForm:
    return SearchForm(request.GET, today=_today(request))


def _feed_listings(request: HttpRequest) -> list[Listing]:
    criteria = _form(request).criteria()
    return list(listings.search(criteria, actor_of(request).now(), size=listings.MOST_IN_FEED).listings)


def _page_of(request: HttpRequest) -> str:
    return f"{reverse('procurement:search')}?{request.GET.urlencode()}"


def _with(kept: dict[str, str], digits: str) -> str:
    return f"{reverse('procurement:search')}?{urlencode({**kept, 'cpv': digits})}"


def _labels(digits: str, day: date) -> list[str]:
    language = get_language() or "fr"
    return [one.label.in_language(language) for one in path_of(digits, day)] if digits else []


def _cursor(request: HttpRequest) -> str:
    return request.GET.get("after", "")


def _today(request: HttpRequest) -> date:
    return legal_day(actor_of(request).now())
