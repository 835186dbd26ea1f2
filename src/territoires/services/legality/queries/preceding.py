"""The acts that an act changes or that change it, and those among which one is chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from territoires.kernel.errors import Missing

from ..domain import life
from ..domain.history import RECEIVED_THEN
from ..domain.preceding import CHANGEABLE
from ..domain.transmission import RECEIVED
from ..models import Act
from .lists import Filters, narrowed

SHOWN = 20


@dataclass(frozen=True, slots=True)
class Bound:
    """The act that an act changes, and those that change it, the oldest first."""

    preceding: Act | None
    following: Sequence[Act]


def changeable_acts(act: Act, text: str) -> list[Act]:
    """The acts of the same body that this one may change, by words of number and object, the latest decision first."""
    found = narrowed(_changeable(act), Filters(text=text))
    return list(found.select_related("former").order_by("-decided_on", "-id")[:SHOWN])


def changeable_act(act: Act, key: UUID) -> Act:
    """One of them. Raises Missing."""
    found = _changeable(act).filter(pk=key).first()
    if found is None:
        raise Missing(
            "no-preceding-act",
            "This act cannot be the earlier one: your body has not signed it, withdrew it, or took it later.",
            "Search for it by its number or its object.",
        )
    return found


def bound_acts(act: Act) -> Bound:
    """For those who may read the acts of its body."""
    followed = act.following.exclude(state=life.DISCARDED).select_related("organisation")
    return Bound(act.preceding, list(followed.order_by("decided_on", "id")[:SHOWN]))


def bound_acts_on_line(act: Act) -> Bound:
    """For anybody: those on line alone."""
    before = act.preceding
    followed = act.following.filter(state=life.PUBLISHED).select_related("organisation")
    return Bound(
        before if before is not None and before.state == life.PUBLISHED else None,
        list(followed.order_by("decided_on", "id")[:SHOWN]),
    )


def state_identifier(act: Act) -> str:
    """What the State calls an act that it has received, here or elsewhere (IDActe); empty when it knows none."""
    if act.taken_over_at is not None:
        return act.former.identifier if act.former.status == RECEIVED_THEN else ""
    received = act.transmissions.filter(state__in=RECEIVED).order_by("-rank")
    return received.values_list("identifier", flat=True).first() or ""


def _changeable(act: Act) -> QuerySet[Act]:
    """Neither itself, nor what changes it already, nor what was decided later."""
    acts = Act.objects.filter(organisation=act.organisation_id, state__in=CHANGEABLE)
    acts = acts.exclude(pk=act.pk).exclude(preceding=act.pk)
    return acts.filter(decided_on__lte=act.decided_on) if act.decided_on else acts
