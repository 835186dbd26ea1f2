"""Anybody's reads: the public register of a body, and what is known of a file on line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from uuid import UUID

from django.db.models import F, Max, Min, Prefetch, Q, QuerySet

from territoires.foundations.actions import api as actions
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Gone
from territoires.ui.dates import long_date

from ..domain import life
from ..domain.transmission import RECEIVED
from ..models import Act, Annex, Transmission, known
from ..permissions import Legality
from .lists import PAGE, Filters, Page, narrowed, no_act, paged


def register_of(
    actor: Actor, organisation: UUID | None, filters: Filters, *, cursor: str = "", size: int = PAGE
) -> Page:
    """The published acts of a body (None: of every body), the latest put on line first.

    Raises Invalid for a foreign cursor.
    """
    acts = _register(actor, organisation, filters)
    if organisation is None and filters.words:
        return _paged_by_words(acts, cursor, size)
    return paged(acts, "published_at", cursor, size)


def whole_register_of(actor: Actor, organisation: UUID, filters: Filters) -> Iterator[Act]:
    """The same acts, all of them, for an export, each with how the State received it: ``received``, ``former``."""
    received = Transmission.objects.filter(state__in=RECEIVED)
    acts = (
        _register(actor, organisation, filters)
        .select_related("sitting", "vote", "former")
        .prefetch_related(Prefetch("transmissions", received, to_attr="received"))
    )
    return acts.order_by("-published_at", "-id").iterator(chunk_size=500)


def years_of(actor: Actor, organisation: UUID) -> list[int]:
    """The years between the first and the last decision of the register, the latest first."""
    ends = _register(actor, organisation, Filters()).aggregate(
        first=Min("decided_on"), last=Max("decided_on")
    )
    return list(range(ends["last"].year, ends["first"].year - 1, -1)) if ends["last"] else []


def act_once_public(actor: Actor, key: UUID) -> Act:
    """An act that is on line or was withdrawn since. Raises Missing otherwise."""
    act: Act | None = (
        actions.visible(actor, Legality.CONSULT).select_related("main", "organisation").filter(pk=key).first()
    )
    if act is None:
        raise no_act()
    return act


def public_act(actor: Actor, key: UUID) -> Act:
    """An act that is on line. Raises Gone, with the reason, when it was withdrawn; Missing otherwise."""
    act = act_once_public(actor, key)
    if act.state == life.WITHDRAWN:
        raise Gone(
            "act-withdrawn",
            "The act %(number)s was withdrawn on %(day)s. Reason given: %(reason)s",
            "Ask the body that took it; the proofs of its publication remain.",
            params={
                "number": act.number,
                "day": long_date(legal_day(known(act.withdrawn_at))),
                "reason": act.withdrawal_reason,
            },
        )
    return act


def found_on_line(actor: Actor, text: str, *, size: int) -> Sequence[Act]:
    """The published acts of every body that answer to some words; an agent finds those of the own body as ``ours``."""
    acts = _register(actor, None, Filters(text=text))
    if actor.holds(Legality.READ):
        acts = acts.exclude(organisation=actor.organisation)
    return _paged_by_words(acts, "", size).acts


def published_with(sha256: str) -> list[Act]:
    """The acts on line, of any body, that hold a file with this digest (hexadecimal)."""
    holders = Q(main_sha256=sha256) | Q(pk__in=Annex.objects.filter(sha256=sha256).values("act"))
    return list(Act.objects.filter(holders, state=life.PUBLISHED).select_related("organisation")[:20])


def _paged_by_words(acts: QuerySet[Act], cursor: str, size: int) -> Page:
    """The acts of every body that hold some words, in an order that no index gives: the words are looked up first.

    Walking the registers of all bodies from their latest act, until enough of them hold a rare word, would read them all.
    """
    return paged(acts.annotate(on_line_at=F("published_at") + timedelta()), "on_line_at", cursor, size)


def _register(actor: Actor, organisation: UUID | None, filters: Filters) -> QuerySet[Act]:
    acts: QuerySet[Act] = actions.visible(actor, Legality.CONSULT).filter(state=life.PUBLISHED)
    if organisation is not None:
        acts = acts.filter(organisation=organisation)
    return narrowed(acts, filters)
