"""An agent's reads: the acts of the acting organisation, their files and their notifications."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from territoires.foundations.actions import api as actions
from territoires.kernel.actor import Actor
from territoires.kernel.errors import Missing

from ..domain import life
from ..domain.wording import NUMBER, ActWords, next_number
from ..models import Act, Annex, Notification
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


def annexes_of(act: Act) -> list[Annex]:
    return list(act.annexes.select_related("document"))


def annex_of(act: Act, key: UUID) -> Annex:
    """One annex of the act. Raises Missing."""
    annex = act.annexes.select_related("document").filter(pk=key).first()
    if annex is None:
        raise Missing("no-annex", "This annex is no longer there.", "Reload the page of the act.")
    return annex


def notifications_of(act: Act) -> list[Notification]:
    return list(act.notifications.select_related("proof"))


def received(actor: Actor, key: UUID) -> Any:
    """A document that the acting organisation received and still holds. Raises Missing."""
    model = Act._meta.get_field("main").related_model
    found = model._default_manager.filter(pk=key, organisation_id=actor.organisation, purged_at=None).first()
    if found is None:
        raise Missing("no-file", "The file you sent is no longer there.", "Send it again.")
    return found


def document_of(act: Act, sha256: str) -> UUID | None:
    """The document of the act that has these bytes, main or annex; None when there is none."""
    if act.main_sha256 == sha256:
        return act.main_id
    return act.annexes.filter(sha256=sha256).values_list("document_id", flat=True).first()


def file_of(act: Act, sha256: str) -> Any:
    """The document of the act with these bytes: the act itself, an annex, a proof of notification. Raises Missing."""
    if act.main_sha256 == sha256:
        return act.main
    for holder, field in ((act.annexes, "document"), (act.notifications, "proof")):
        found = holder.filter(**{f"{field}__sha256": sha256}).select_related(field).first()
        if found is not None:
            return getattr(found, field)
    raise Missing("no-file", "This act holds no such file.", "Go back to the page of the act.")


def public_file_of(act: Act, sha256: str) -> Any:
    """The same among what is on line: never a proof of notification. Raises Missing."""
    if document_of(act, sha256) is None:
        raise Missing("no-file", "This act holds no such file.", "Go back to the page of the act.")
    return file_of(act, sha256)


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
