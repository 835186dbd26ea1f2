"""One box for everything that the services let people find: open to all, and at the desk under the agent's rights."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from territoires.foundations.registry.api import page
from territoires.foundations.search import api as finding
from territoires.kernel.actor import Actor

from ..domain import understand
from ..permissions import Portal
from ..queries import doors as queries


def communes(actor: Actor, text: str, count: int) -> Sequence[finding.Hit]:
    """The communes that answer, for the search of the platform: they are public."""
    return [
        finding.Hit(
            reverse("portal:body", kwargs={"organisation": one.organisation.reference}),
            one.organisation.name,
            " · ".join(filter(None, [", ".join(one.organisation.postal_codes), one.department_name])),
        )
        for one in queries.find_communes(understand(text), limit=count)
    ]


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """What is public."""
    return _answer(request, "public")


@require_safe
@page(Portal.READ_DESK)
def desk_search(request: HttpRequest, organisation: str) -> HttpResponse:
    """What the agent may read in the acting organisation, then what is public."""
    return _answer(request, "desk")


def _answer(request: HttpRequest, layout: str) -> HttpResponse:
    text = request.GET.get("q", "").strip()
    context = {
        "layout": f"ui/layouts/{layout}.html",
        "text": text,
        "found": finding.search(request.actor, text),  # type: ignore[attr-defined]
        "most": finding.LIMIT,
    }
    return render(request, "portal/search.html", context)
