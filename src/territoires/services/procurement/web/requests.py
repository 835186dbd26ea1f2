"""What the pages read off a request."""

from __future__ import annotations

from django.http import HttpRequest, QueryDict

from territoires.foundations.registry.api import kept_fields
from territoires.kernel.actor import Actor


def actor_of(request: HttpRequest) -> Actor:
    return request.actor  # type: ignore[attr-defined, no-any-return]


def keyed(request: HttpRequest, key: str) -> Actor:
    """The actor, whose next gesture is done once however often it arrives with this key."""
    return actor_of(request).once(key)


def sent(request: HttpRequest) -> QueryDict | None:
    """What a form sent, even if it is nothing; None where the page is only read."""
    return request.POST if request.method == "POST" else None


def typed(request: HttpRequest) -> QueryDict | None:
    """What a form sent, or what it held when its author's session ended; None where nothing was typed."""
    return request.POST if request.method == "POST" else kept_fields(request)
