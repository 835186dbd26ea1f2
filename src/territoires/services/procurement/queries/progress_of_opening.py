"""How far an opening is, as the worker says it: shown while it lasts, kept nowhere."""

from __future__ import annotations

from django.core.cache import cache

from ..models import OpeningOrder

_KEPT_SECONDS = 600


def say_progress(order: OpeningOrder, done: int, of: int) -> None:
    """So many bids are done."""
    cache.set(f"opening:{order.pk}", (done, of), _KEPT_SECONDS)


def progress_of(order: OpeningOrder) -> tuple[int, int] | None:
    """Bids done, and how many there are; None when nothing was said."""
    found: tuple[int, int] | None = cache.get(f"opening:{order.pk}")
    return found
