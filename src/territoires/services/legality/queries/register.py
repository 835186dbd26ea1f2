"""Anybody's reads: the public register of a body, and what is known of a file on line."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from django.db.models import Max, Min, Q, QuerySet

from territoires.foundations.actions import api as actions
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Gone

from ..domain import life
from ..models import Act, Annex
from ..permissions import Legality
from .lists import PAGE, Filters, Page, narrowed, no_act, paged


def register_of(
    actor: Actor, organisation: UUID | None, filters: Filters, *, cursor: str = "", size: int = PAGE
) -> Page:
    """The published acts of a body (None: of every body), the latest put on line first.

    Raises Invalid for a foreign cursor.
    """
    return paged(
        _register(actor, organisation, filters),
        "published_at",
        cursor,
        size,
    )


def whole_register_of(actor: Actor, organisation: UUID, filters: Filters) -> Iterator[Act]:
    """The same acts, all of them, for an export."""
    return _register(actor, organisation, filters).order_by("-published_at", "-id").iterator(chunk_size=500)


def years_of(actor: Actor, organisation: UUID) -> list[int]:
    """The years between the first and the last decision of the register, the latest first."""
    ends = _register(actor, organisation, Filters()).aggregate(
        first=Min("decided_on"), last=Max("decided_on")
    )
    return list(range(ends["last"].year, ends["first"].year - 1, -1)) if ends["last"] else []


def public_act(actor: Actor, key: UUID) -> Act:
    """An act that is on line. Raises Gone, with the reason, when it was withdrawn; Missing otherwise."""
    act = (
        actions.visible(actor, Legality.CONSULT).select_related("main", "organisation").filter(pk=key).first()
    )
    if act is None:
        raise no_act()
    if act.state == life.WITHDRAWN:
        raise Gone(
            "act-withdrawn",
            "The act %(number)s was withdrawn on %(day)s. Reason given: %(reason)s",
            "Ask the body that took it; the proofs of its publication remain.",
            params={
                "number": act.number,
                "day": legal_day(act.withdrawn_at).strftime("%d/%m/%Y"),
                "reason": act.withdrawal_reason,
            },
        )
    return act


def published_with(sha256: str) -> list[Act]:
    """The acts on line, of any body, that hold a file with this digest (hexadecimal)."""
    holders = Q(main_sha256=sha256) | Q(pk__in=Annex.objects.filter(sha256=sha256).values("act"))
    return list(Act.objects.filter(holders, state=life.PUBLISHED).select_related("organisation")[:20])


def published_count() -> int:
    """How many acts the platform's registers hold."""
    return Act.objects.filter(state=life.PUBLISHED).count()


def _register(actor: Actor, organisation: UUID | None, filters: Filters) -> QuerySet[Act]:
    acts: QuerySet[Act] = actions.visible(actor, Legality.CONSULT).filter(state=life.PUBLISHED)
    if organisation is not None:
        acts = acts.filter(organisation=organisation)
    return narrowed(acts, filters)
