"""The minutes that the opening worker wrote, and what still waits for some."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Count, QuerySet

from territoires.kernel.errors import Missing

from ..domain import session
from ..models import Destruction, Minuted, Minutes, OpeningOrder, SafetyCopy, SafetyCopyState

LANGUAGES = ("fr", "en")
T = TypeVar("T", OpeningOrder, SafetyCopy, Destruction)


def minutes_of(thing: Minuted) -> list[Minutes]:
    """One in each language, French first."""
    return list(Minutes.objects.filter(**Minutes.about(thing)).select_related("document"))


def minutes_in(thing: Minuted, language: str) -> Minutes:
    """Those in a language. Raises Missing."""
    for one in minutes_of(thing):
        if one.language == language:
            return one
    raise Missing("no-minutes", "These minutes are not written yet.", "Wait a few seconds.")


def without_minutes() -> list[Minuted]:
    """What has ended and whose minutes are not all written."""
    copies = SafetyCopy.objects.filter(state__in=(SafetyCopyState.OPENED, SafetyCopyState.INFECTED))
    return [
        *_lacking(OpeningOrder.objects.filter(state=session.OPENED).select_related("policy")),
        *_lacking(copies.select_related("settled_by", "deposit__bidder")),
        *_lacking(Destruction.objects.filter(done_at__isnull=False).select_related("ordered_by")),
    ]


def _lacking(rows: QuerySet[T]) -> QuerySet[T]:
    counted = rows.annotate(written=Count("minutes")).filter(written__lt=len(LANGUAGES))
    return counted.select_related("consultation__organisation")
