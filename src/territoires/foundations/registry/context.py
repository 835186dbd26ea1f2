"""What the shell of every page shows: platform, organisation, navigation."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from .services import manifests


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor: the names that ``ui``'s layouts read."""
    acting = getattr(request, "acting", None)
    return {
        "platform_name": settings.PLATFORM_NAME,
        "region_name": settings.REGION_NAME,
        "is_demonstration": settings.ENVIRONMENT.is_demonstration,
        "acting": acting,
        "navigation": navigation(request) if acting else [],
        "switch_url": reverse("portal:desks") if acting else "",
        "footer": [
            {"label": link.label, "url": reverse(link.url_name)}
            for manifest in manifests().values()
            for link in manifest.footer
        ],
    }


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The services that the actor may enter in the acting organisation, the present one marked."""
    actor, organisation = request.actor, request.acting.organisation.reference  # type: ignore[attr-defined]
    found = []
    for manifest in manifests().values():
        for entry in manifest.navigation:
            if not actor.holds(entry.permission):
                continue
            url = reverse(entry.url_name, kwargs={"organisation": organisation})
            found.append({"label": entry.label, "url": url, "current": _is_current(request, url)})
    return found


def _is_current(request: HttpRequest, url: str) -> bool:
    return request.path == url or (request.path.startswith(url) and url.count("/") > 3)


__all__ = ["navigation", "shell"]
