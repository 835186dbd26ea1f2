"""What the pages read off a request: who acts, the lists in force for them, the keys in a form."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from uuid import UUID

from django.http import HttpRequest

from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day

from ..domain.classification import Classification
from ..queries.readiness import classification_of


def actor_of(request: HttpRequest) -> Actor:
    return request.actor  # type: ignore[attr-defined, no-any-return]


def lists_of(request: HttpRequest) -> Classification:
    """Natures, matters and types of pieces in force on the actor's legal day, for the acting organisation."""
    actor = actor_of(request)
    return classification_of(actor.organisation, legal_day(actor.now()))


def keyed(request: HttpRequest, key: str) -> Actor:
    """The actor, whose next gesture is done once however often it arrives with this key."""
    return replace(actor_of(request), idempotency_key=key or None)


def keys_in(texts: Iterable[str]) -> list[UUID]:
    """The keys that are well formed; the others name nothing."""
    return [UUID(text) for text in texts if _is_key(text)]


def _is_key(text: str) -> bool:
    try:
        return bool(UUID(text))
    except ValueError:
        return False
