"""The operator's reads: which bodies may send, how, and since when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.apps import apps

from territoires.foundations.packs import api as packs
from territoires.kernel.clock import legal_day, system_clock
from territoires.kernel.errors import Missing

from ..domain.classification import Label
from ..models import Convention, Route


@dataclass(slots=True)
class MemberWay:
    """What is recorded of one body: the agreement in force, else the next; the channel in force and the one to come."""

    body: Any
    agreement: Convention | None = None
    route: Route | None = None
    next_route: Route | None = None


def ways_of_members(now: datetime) -> list[MemberWay]:
    """The bodies of which something is recorded, by name; what has ended is left out."""
    found: dict[UUID, MemberWay] = {}
    for convention in Convention.objects.select_related("organisation", "document").order_by("from_on"):
        if convention.until_on is None or convention.until_on >= legal_day(now):
            member = _of(found, convention.organisation)
            if member.agreement is None or convention.from_on <= legal_day(now):
                member.agreement = convention
    for route in Route.objects.select_related("organisation").order_by("from_at"):
        member = _of(found, route.organisation)
        if route.from_at <= now:
            member.route = route
        else:
            member.next_route = member.next_route or route
    return sorted(found.values(), key=lambda member: member.body.name_folded)


def agreement_at(key: UUID) -> Convention:
    """An agreement by its key, for the operator. Raises Missing."""
    found = Convention.objects.select_related("organisation", "document").filter(pk=key).first()
    if found is None:
        raise Missing("no-agreement", "There is no such agreement.", "Go back to the list of agreements.")
    return found


def body_at(key: UUID) -> Any:
    """An organisation by its key."""
    rows: Any = apps.get_model("identity.Organisation")._default_manager
    return rows.get(pk=key)


def authority_natures() -> list[tuple[str, Label]]:
    """The kinds of bodies of @ctes, by code."""
    entries = packs.pack("authority-natures", on=legal_day(system_clock())).entries
    return [(entry["code"], Label(entry["label_fr"], entry["label_en"])) for entry in entries]


def _of(found: dict[UUID, MemberWay], body: Any) -> MemberWay:
    return found.setdefault(body.pk, MemberWay(body))
