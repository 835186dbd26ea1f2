"""The desk: what waits for me in the organisation that stands in the address, worst first."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from territoires.foundations.registry.api import manifests, page
from territoires.foundations.worklist import api as worklist
from territoires.kernel.actor import Actor

from ..permissions import Portal


@require_safe
@page(Portal.READ_DESK)
def entrance(request: HttpRequest, organisation: str) -> HttpResponse:
    """What remains of an agent's address when its end is cut off: it leads to the desk."""
    return redirect("portal_desk:desk", organisation=organisation)


@require_safe
@page(Portal.READ_DESK)
def desk(request: HttpRequest, organisation: str) -> HttpResponse:
    """One page of open items; ``after`` in the address is where it starts, ``urgency`` what it keeps."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    urgency = request.GET.get("urgency") or None
    shown = worklist.desk(actor, cursor=request.GET.get("after") or None, urgency=urgency)
    context = {
        "desk": shown,
        "counters": worklist.counters(actor),
        "most": worklist.MOST,
        "urgency": urgency,
        "gestures": _gestures(request),
    }
    return render(request, "portal/desk.html", context)


def _gestures(request: HttpRequest) -> list[dict[str, Any]]:
    """What may be begun from the desk, as the services announce it."""
    return [
        {"label": gesture.label, "url": reverse(gesture.url_name, kwargs=request.resolver_match.kwargs)}  # type: ignore[union-attr]
        for manifest in manifests().values()
        for gesture in manifest.gestures
        if request.actor.holds(gesture.permission)  # type: ignore[attr-defined]
    ]
