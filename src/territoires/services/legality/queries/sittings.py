"""Sittings: those of the acting organisation, the lists of deliberations that anybody may read, what is proposed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from territoires.foundations.actions import api as actions
from territoires.foundations.packs import api as packs
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Missing

from ..domain import life
from ..domain.proposing import propose_matter
from ..domain.sitting import Ballot, list_due_on
from ..domain.wording import NUMBER, next_number
from ..models import Act, Sitting, Vote
from ..permissions import Legality
from .effect import days
from .readiness import classification

DELIBERATION = "1"
SHOWN = 100


def sittings_of(actor: Actor) -> list[Sitting]:
    """The sittings of the acting organisation, the latest first, each with the number of its acts as ``act_count``."""
    counted = Count("acts", filter=~Q(acts__state=life.DISCARDED))
    return list(
        actions.visible(actor, Legality.READ_SITTING)
        .annotate(act_count=counted)
        .order_by("-held_on", "-id")[:SHOWN]
    )


def sitting_of(actor: Actor, key: UUID, permission: Legality = Legality.READ_SITTING) -> Sitting:
    """One sitting on which the actor has the permission. Raises Missing."""
    return _found(actions.visible(actor, permission).filter(pk=key))


def public_sittings(actor: Actor, organisation: UUID) -> list[Sitting]:
    """The sittings of a body whose list of deliberations is published, the latest first."""
    visible: QuerySet[Sitting] = actions.visible(actor, Legality.CONSULT_SITTING).filter(
        organisation=organisation
    )
    return list(visible.order_by("-held_on", "-id")[:SHOWN])


def public_sitting(actor: Actor, organisation: UUID, key: UUID) -> Sitting:
    """One of them. Raises Missing."""
    return _found(actions.visible(actor, Legality.CONSULT_SITTING).filter(organisation=organisation, pk=key))


def acts_of(sitting: Sitting) -> list[Act]:
    """The acts of a sitting that were not thrown away, by number, with their votes."""
    return list(
        sitting.acts.exclude(state=life.DISCARDED).select_related("vote", "main").order_by("number", "id")
    )


def sittings_for(act: Act) -> list[Sitting]:
    """The sittings that a draft may belong to: those of its day, or the latest ones when it has none."""
    held = Sitting.objects.filter(organisation=act.organisation_id)
    if act.decided_on is not None:
        held = held.filter(Q(held_on=act.decided_on) | Q(pk=act.sitting_id))
    return list(held.order_by("-held_on", "-id")[:20])


def drafts_without_sitting(sitting: Sitting) -> list[Act]:
    """The drafts that could belong to the sitting: deliberations of its day, or without a day, that are in none."""
    drafts = Act.objects.filter(organisation=sitting.organisation_id, state=life.DRAFT, sitting=None)
    drafts = drafts.filter(Q(decided_on=sitting.held_on) | Q(decided_on=None))
    return list(drafts.filter(nature__in=("", DELIBERATION)).order_by("number", "id")[:20])


def on_line_among(keys: list[str]) -> set[str]:
    """Those of these acts that anybody may read."""
    found = Act.objects.filter(pk__in=keys, state=life.PUBLISHED).values_list("pk", flat=True)
    return {str(key) for key in found}


def ballot_of(act: Act) -> Ballot | None:
    """How the act was voted, None when nobody said it."""
    vote = Vote.objects.filter(act=act.pk).first()
    if vote is None:
        return None
    return Ballot(
        outcome=vote.outcome,
        votes_for=vote.votes_for,
        against=vote.against,
        abstention=vote.abstention,
        not_voting=vote.not_voting,
        names=vote.names,
    )


def due_on(sitting: Sitting) -> date:
    """The last day of the legal week of its list of deliberations."""
    return list_due_on(sitting.held_on, days("list-of-deliberations-days", sitting.held_on))


def latest_sitting(actor: Actor) -> Sitting | None:
    """The sitting after which a new one is most likely modelled."""
    found: Sitting | None = actions.visible(actor, Legality.READ_SITTING).order_by("-held_on", "-id").first()
    return found


def free_numbers(actor: Actor) -> Iterator[str]:
    """Numbers for new deliberations: those after the latest one that no live act bears; empty ones when none follows."""
    acts: QuerySet[Act] = actions.visible(actor, Legality.READ).filter(state__in=life.LIVE)
    latest = acts.filter(nature=DELIBERATION).exclude(number="").order_by("-drafted_at", "-id").first()
    number = latest.number if latest and NUMBER.fullmatch(latest.number) else ""
    taken = numbers_taken(actor)
    while number := next_number(number):
        if number not in taken:
            yield number
    while True:
        yield ""


def numbers_taken(actor: Actor) -> set[str]:
    """The numbers of the live acts of the last thousand."""
    acts: QuerySet[Act] = actions.visible(actor, Legality.READ).filter(state__in=life.LIVE)
    return set(acts.order_by("-drafted_at", "-id").values_list("number", flat=True)[:1000])


def matter_for(text: str, actor: Actor) -> str:
    """The matter that the words of an object propose, empty when none does."""
    today = legal_day(actor.now())
    known = {matter.code for matter in classification(today).choosable_matters}
    return propose_matter(text, packs.pack("actes-matter-words", on=today).entries, known)


def _found(sittings: Any) -> Sitting:
    sitting: Sitting | None = (
        sittings.select_related("organisation", "list_file", "minutes_file")
        .prefetch_related("secretaries")
        .first()
    )
    if sitting is None:
        raise Missing(
            "no-sitting",
            "There is no such sitting here, or it is not open to you.",
            "Go back to the list of sittings.",
        )
    return sitting
