"""An agent's reads: the acts of the acting organisation and their notifications."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from uuid import UUID

from territoires.foundations.actions import api as actions
from territoires.kernel.actor import Actor

from ..domain import life
from ..domain.wording import NUMBER, ActWords, next_number
from ..models import Act, Notification
from ..permissions import Legality
from .lists import PAGE, Filters, Page, narrowed, no_act, paged


def acts_of(actor: Actor, filters: Filters, *, cursor: str = "", size: int = PAGE) -> Page:
    """The acts of the acting organisation, the latest changed first. Raises Invalid for a foreign cursor."""
    acts = narrowed(actions.visible(actor, Legality.READ), filters)
    if not filters.state:
        acts = acts.exclude(state=life.DISCARDED)
    return paged(acts, "changed_at", cursor, size)


def all_acts_of(actor: Actor, filters: Filters) -> Iterator[Act]:
    """The same acts as ``acts_of``, all of them, for an export."""
    acts = narrowed(actions.visible(actor, Legality.READ), filters).exclude(state=life.DISCARDED)
    return acts.order_by("-changed_at", "-id").iterator(chunk_size=500)


def act_of(actor: Actor, key: UUID, permission: Legality = Legality.READ) -> Act:
    """One act on which the actor has the permission. Raises Missing."""
    act = actions.visible(actor, permission).select_related("main", "organisation").filter(pk=key).first()
    if act is None:
        raise no_act()
    return act


def acts_among(actor: Actor, keys: Sequence[UUID], permission: Legality) -> list[Act]:
    """Those of the given acts on which the actor has the permission, in the order of their decision."""
    return list(actions.visible(actor, permission).filter(pk__in=keys).order_by("decided_on", "number"))


def proposed_act(key: UUID) -> Act | None:
    """The act that another service proposed under this id, for a follower."""
    return Act.objects.filter(pk=key, part_of__isnull=False).first()


def notifications_of(act: Act) -> list[Notification]:
    return list(act.notifications.select_related("proof"))


def proposed_words(actor: Actor) -> ActWords:
    """What a new act most likely says: the author of the latest one and the number after the latest of the year."""
    latest = (
        actions.visible(actor, Legality.READ)
        .filter(state__in=life.LIVE)
        .order_by("-drafted_at", "-id")
        .first()
    )
    if latest is None:
        return ActWords()
    return ActWords(
        number=_next_free(latest) if NUMBER.fullmatch(latest.number) else "",
        given_names=latest.given_names,
        usual_name=latest.usual_name,
        quality=latest.quality,
    )


def _next_free(act: Act) -> str:
    taken = set(
        Act.objects.filter(organisation=act.organisation_id, state__in=life.LIVE)
        .order_by("-drafted_at", "-id")
        .values_list("number", flat=True)[:200]
    )
    number = next_number(act.number)
    while number in taken:
        number = next_number(number)
    return number
