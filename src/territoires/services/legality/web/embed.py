"""The register inside a site made elsewhere: the script, the list that it reads, and who may read what is public.

A page of another origin reads these answers because they say so (CORS). They are the same for everybody: the script
sends no cookie, and a browser would not lend one to an answer that is open to all origins.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import condition, require_safe

from territoires.foundations.identity import api as identity

from ..models import known
from ..queries import register as queries
from .forms import FilterForm
from .requests import actor_of, lists_of
from .words import Shown, shown

SCRIPT = Path(__file__).with_name("embed.js").read_bytes()
DIGEST = f'"{hashlib.sha256(SCRIPT).hexdigest()[:32]}"'
SIZE = 10
P = ParamSpec("P")


def open_to_other_sites(view: Callable[P, HttpResponseBase]) -> Callable[P, HttpResponseBase]:
    """Lets pages of every origin read the answer: for what is public, and for nothing else."""

    @functools.wraps(view)
    def answer(*args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        response = view(*args, **kwargs)
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        return response

    return answer


@open_to_other_sites
@require_safe
@cache_control(public=True, max_age=3600)
@condition(etag_func=lambda request: DIGEST)
def script(request: HttpRequest) -> HttpResponse:
    """``embed.js``, at an address that does not change: pages that hold it are not ours to correct."""
    return HttpResponse(SCRIPT, content_type="text/javascript; charset=utf-8")


@open_to_other_sites
@require_safe
@cache_control(public=True, max_age=60)
def acts(request: HttpRequest, organisation: str) -> HttpResponse:
    """A page of the body's register for the script, narrowed as the register's own page is."""
    actor, lists = actor_of(request), lists_of(request)
    body = identity.organisation_by_reference(organisation)
    filters = FilterForm(request.GET, lists=lists).filters()
    found = queries.register_of(actor, body.pk, filters, cursor=request.GET.get("after", ""), size=SIZE)
    place = {"organisation": body.reference}
    return JsonResponse(
        {
            "body": body.name,
            "register": request.build_absolute_uri(reverse("legality:register", kwargs=place)),
            "feed": request.build_absolute_uri(reverse("legality:feed", kwargs=place)),
            "acts": [_line(request, body.reference, shown(act, lists)) for act in found.acts],
            "next": _next(request, found.next),
        },
        json_dumps_params={"ensure_ascii": False},
    )


def _line(request: HttpRequest, reference: str, one: Shown) -> dict[str, str]:
    act = one.act
    address = reverse("legality:act", kwargs={"organisation": reference, "act": act.pk})
    return {
        "number": act.number,
        "object": act.object,
        "nature": one.nature,
        "matter": one.matter,
        "decided_on": known(act.decided_on).isoformat(),
        "published_on": known(act.published_on).isoformat(),
        "url": request.build_absolute_uri(address),
    }


def _next(request: HttpRequest, cursor: str | None) -> str | None:
    """The address of the page after this one, with the same filters."""
    if cursor is None:
        return None
    asked = [(name, value) for name, value in request.GET.items() if name != "after"]
    return request.build_absolute_uri(f"{request.path}?{urlencode([*asked, ('after', cursor)])}")
