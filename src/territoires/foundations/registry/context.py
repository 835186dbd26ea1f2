"""What the shell of every page shows: platform, organisation, navigation."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from .services import manifests

LONGEST_LINE = 8  # entries that stand in one line on a desk


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor: the names that ``ui``'s layouts read."""
    acting = getattr(request, "acting", None)
    services = navigation(request) if acting else []
    return {
        "platform_name": settings.PLATFORM_NAME,
        "region_name": settings.REGION_NAME,
        "is_demonstration": settings.ENVIRONMENT.is_demonstration,
        "is_read_only": settings.ENVIRONMENT.read_only_mark.exists(),
        "acting": acting,
        "navigation": services,
        "current_service": next((link["label"] for link in services if link["current"]), ""),
        "folded_navigation": [link for link in services if link["folded"]],
        "switch_url": reverse("portal:desks") if _is_signed_in(request) else "",
        "search_url": _at("portal_desk:search", acting.organisation.reference) if acting else "",
        "footer": [
            {"label": link.label, "url": reverse(link.url_name)}
            for manifest in manifests().values()
            for link in manifest.footer
        ],
    }


def _is_signed_in(request: HttpRequest) -> bool:
    user = getattr(request, "user", None)  # an error may come before it is known
    return user is not None and user.is_authenticated


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The services that the actor may enter in the acting organisation, the present one marked.

    Of a long list, the rare ones are ``folded``, except where one is.
    """
    actor, organisation = request.actor, request.acting.organisation.reference  # type: ignore[attr-defined]
    found: list[dict[str, Any]] = []
    above: list[tuple[int, dict[str, Any]]] = []
    for manifest in manifests().values():
        for entry in manifest.navigation:
            if actor.holds(entry.permission):
                own, *beside = (_at(name, organisation) for name in (entry.url_name, *entry.beside))
                link = {"label": entry.label, "url": own, "current": False, "folded": entry.is_rare}
                found.append(link)
                above += [(len(url), link) for url in (own, *beside) if request.path.startswith(url)]
    # Of the doors above the page, the nearest: the console lies under the desk's address.
    if above:
        max(above, key=lambda door: door[0])[1]["current"] = True
    for link in found:
        link["folded"] = link["folded"] and not link["current"] and len(found) > LONGEST_LINE
    return found


def _at(name: str, organisation: str) -> str:
    return reverse(name, kwargs={"organisation": organisation})


__all__ = ["navigation", "shell"]
