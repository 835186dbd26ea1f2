"""Which services are switched on for which bodies, scoped by the actor."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Prefetch, Q, QuerySet

from territoires.foundations.actions import api as actions
from territoires.foundations.identity import api as identity
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day

from ..models import identity_rows
from ..permissions import Governance
from .members import MemberFilter, MemberPage, page_of


@dataclass(frozen=True, slots=True)
class Switch:
    """One service for one body: ``since`` is None while it is off."""

    code: str
    label: Any
    since: datetime | None


def bodies(actor: Actor, asked: MemberFilter, *, after: str = "") -> MemberPage:
    """A page of the members, and of others that a service is switched on for, with their open activations."""
    open_ones = identity_rows("ServiceActivation").filter(until_at=None).order_by("service")
    found = bodies_of(actor).prefetch_related(Prefetch("activations", open_ones))
    return page_of(found, asked, after=after)


def bodies_of(actor: Actor, kind: str = "") -> QuerySet[Any]:
    """The bodies whose services the actor may see, of one kind or of all: members today, and who has a service."""
    today = legal_day(actor.now())
    is_member = Q(member_since__lte=today) & (Q(member_until=None) | Q(member_until__gte=today))
    served = identity_rows("ServiceActivation").filter(until_at=None).values("organisation")
    found: QuerySet[Any] = actions.visible(actor, Governance.READ_MEMBER)
    found = found.filter(is_member | Q(pk__in=served), closed_on=None)
    return found.filter(kind=kind) if kind else found


def switches_of(body: Any) -> list[Switch]:
    """Each service that can be switched, on or off for a body, in the order of their names."""
    since = {row.service: row.since_at for row in body.activations.all() if row.until_at is None}
    every = [Switch(code, label, since.get(code)) for code, label in identity.switchable_services().items()]
    return sorted(every, key=lambda switch: str(switch.label))


def concerned(actor: Actor, *, service: str, kind: str, on: bool) -> list[Any]:
    """The bodies of a kind, or of all, for which a service is not yet as asked, by name."""
    switched = Q(
        pk__in=identity_rows("ServiceActivation")
        .filter(service=service, until_at=None)
        .values("organisation")
    )
    found = bodies_of(actor, kind).filter(~switched if on else switched)
    return list(found.order_by("name_folded", "id"))
