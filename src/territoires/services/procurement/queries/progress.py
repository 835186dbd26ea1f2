"""How far a long job is, as the worker says it: shown while it lasts, kept nowhere."""

from __future__ import annotations

from django.core.cache import cache
from django.db.models import Model

_KEPT_SECONDS = 600


def say_progress(one: Model, done: int, of: int) -> None:
    """So much is done of what the job of ``one`` has to do."""
    cache.set(_key(one), (done, of), _KEPT_SECONDS)


def progress_of(one: Model) -> tuple[int, int] | None:
    """How much is done, and how much there is; None when nothing was said."""
    found: tuple[int, int] | None = cache.get(_key(one))
    return found


def _key(one: Model) -> str:
    return f"{one._meta.label_lower}:{one.pk}"
