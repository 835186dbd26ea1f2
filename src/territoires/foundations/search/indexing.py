"""Putting things in the index and taking them out: from an action, or from a subscription that can be replayed."""

from __future__ import annotations

from uuid import UUID

from territoires.kernel.fact import Subject
from territoires.kernel.text import clean, fold

from .models import SearchDocument

BODY = 200_000
"""Characters of the body that are indexed: a tsvector holds a megabyte."""


def index(
    subject: Subject,
    *,
    organisation: UUID | None,
    title: str,
    body: str = "",
    address: str,
    permission: str = "",
    published: bool = False,
) -> None:
    """Makes the subject findable, or corrects what is found; the same call twice changes nothing."""
    shown = clean(title)[:500]
    SearchDocument.objects.update_or_create(
        subject_type=subject.type,
        subject_id=subject.id,
        defaults={
            "organisation_id": organisation,
            "title": shown,
            "title_folded": fold(shown)[:600],
            "body_folded": fold(body[:BODY])[:BODY],
            "address": address,
            "permission": str(permission),
            "published": published,
        },
    )


def forget(subject: Subject) -> None:
    """The subject is found no more."""
    SearchDocument.objects.filter(subject_type=subject.type, subject_id=subject.id).delete()


def clear(subject_type: str) -> int:
    """Empties the index of one type before it is rebuilt; returns how many entries went."""
    return SearchDocument.objects.filter(subject_type=subject_type).delete()[0]
