"""The desk: what waits for me in the acting organisation, worst first."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet

from territoires.kernel.actor import Actor
from territoires.kernel.errors import Invalid

from .models import NEVER, Item

PAGE = 25
SOON = timedelta(days=7)
MOST = 999


@dataclass(frozen=True, slots=True)
class Desk:
    """One page of items; ``next`` is the cursor of the following page, None on the last one."""

    items: Sequence[Item]
    next: str | None


@dataclass(frozen=True, slots=True)
class Counters:
    """How many items wait, by urgency: late, due within seven days, later, without deadline.

    A figure above ``MOST`` means "more than that".
    """

    late: int
    soon: int
    later: int
    undated: int

    @property
    def total(self) -> int:
        return self.late + self.soon + self.later + self.undated


def desk(
    actor: Actor,
    *,
    cursor: str | None = None,
    urgency: str | None = None,
    kind: str | None = None,
    size: int = PAGE,
) -> Desk:
    """A page of what the actor may do next, the most overdue first, without deadline last.

    ``urgency`` is a field of ``Counters``. Raises Invalid for a cursor or an urgency that is not ours.
    """
    items = mine(actor)
    if urgency:
        items = items.filter(_urgency(urgency, actor.now()))
    if kind:
        items = items.filter(kind=kind)
    if cursor:
        sort_at, key = _place(cursor)
        items = items.filter(Q(sort_at__gt=sort_at) | Q(sort_at=sort_at, id__gt=key), sort_at__gte=sort_at)
    # Chosen in the index alone, then fetched: an index filter on its included columns spares the rows passed over.
    chosen = items.order_by("sort_at", "id").values("pk")[: size + 1]
    found = list(Item.objects.filter(pk__in=chosen).order_by("sort_at", "id"))
    more = len(found) > size
    return Desk(found[:size], _cursor(found[size - 1]) if more else None)


def counters(actor: Actor) -> Counters:
    """The figures at the top of the desk; beyond ``MOST`` nobody counts, and neither does the database."""
    items, now = mine(actor).order_by("sort_at", "id"), actor.now()
    return Counters(
        **{name: items.filter(_urgency(name, now))[: MOST + 1].count() for name in Counters.__slots__}
    )


def mine(actor: Actor) -> QuerySet[Item]:
    """The open items that are the actor's in the acting organisation: by name, or by a permission held there."""
    if actor.organisation is None:
        return Item.objects.none()
    held = [permission for permission in actor.grants if actor.reaches(permission)]
    addressed = Q(person_id=None, permission__in=held)
    if actor.person is not None:
        addressed |= Q(person_id=actor.person)
    return Item.objects.filter(addressed, organisation_id=actor.organisation)


def _urgency(name: str, now: datetime) -> Q:
    rules = {
        "late": Q(sort_at__lt=now),
        "soon": Q(sort_at__gte=now, sort_at__lt=now + SOON),
        "later": Q(sort_at__gte=now + SOON, sort_at__lt=NEVER),
        "undated": Q(sort_at=NEVER),
    }
    if name not in rules:
        raise Invalid("unknown-urgency", "This filter does not exist.", "Choose one of those shown.")
    return rules[name]


def _cursor(item: Item) -> str:
    return base64.urlsafe_b64encode(f"{item.sort_at.isoformat()} {item.pk}".encode()).decode()


def _place(cursor: str) -> tuple[datetime, UUID]:
    try:
        instant, key = base64.urlsafe_b64decode(cursor.encode()).decode().split(" ")
        place = datetime.fromisoformat(instant)
        if place.tzinfo is None:
            raise ValueError("a cursor holds an aware instant")
        return place, UUID(key)
    except (ValueError, binascii.Error) as error:
        raise Invalid(
            "malformed-cursor", "This page of the list does not exist.", "Start again from the first page."
        ) from error
