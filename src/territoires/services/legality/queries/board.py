"""What still keeps each member from sending its acts by this platform: for the operator, member by member."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db.models import Q, QuerySet

from territoires.foundations.actions.api import ROLES, permissions_of
from territoires.foundations.identity import api as identity
from territoires.kernel.clock import legal_day

from ..domain.history import DONE
from ..models import ClassificationVersion, HistoryImport
from ..permissions import Legality
from .configuration import MemberWay, ways_of_members

AGREEMENT, CHANNEL, PEOPLE, CERTIFICATE = "agreement", "channel", "people", "certificate"
CLASSIFICATION, HISTORY = "classification", "history"
NO_PUBLIC_BODY = ("association", "enterprise", "operator")
STEPS = (AGREEMENT, CHANNEL, PEOPLE, CERTIFICATE, CLASSIFICATION, HISTORY)


@dataclass(frozen=True, slots=True)
class Member:
    """One body and the steps that are done for it; ``senders`` are the persons who may transmit there."""

    body: Any
    way: MemberWay | None
    senders: int
    done: frozenset[str] = field(default_factory=frozenset)

    @property
    def missing(self) -> tuple[str, ...]:
        """What still blocks the switch, in the order in which it is done."""
        return tuple(step for step in STEPS if step not in self.done)


def members(now: datetime) -> list[Member]:
    """The bodies that use the service, those that lack the most first. A fixed number of queries, however many they are."""
    ways = {one.body.pk: one for one in ways_of_members(now)}
    activated = _rows("ServiceActivation").filter(
        Q(until_at=None) | Q(until_at__gt=now), service="legality", since_at__lte=now
    )
    using = _rows("Organisation").filter(pk__in=activated.values("organisation"))
    bodies = list(using.exclude(kind__in=NO_PUBLIC_BODY).select_related("attached_to"))
    senders = _holders(Legality.SEND, now)
    certified = _certified(now, {person for persons in senders.values() for person in persons})
    departments = set(ClassificationVersion.objects.values_list("department", flat=True))
    brought = set(HistoryImport.objects.filter(state=DONE).values_list("organisation", flat=True))

    def judged(body: Any) -> Member:
        way, own = ways.get(body.pk), senders[body.pk]
        sirens = {body.siren, *([body.attached_to.siren] if body.attached_to else [])}
        agreement = way.agreement if way else None
        in_force = agreement is not None and agreement.from_on <= legal_day(now)
        said = {
            AGREEMENT: in_force,
            CHANNEL: way is not None and way.route is not None,
            PEOPLE: bool(own),
            CERTIFICATE: any(certified[person] & sirens for person in own),
            CLASSIFICATION: agreement is not None and agreement.department in departments,
            HISTORY: body.pk in brought,
        }
        return Member(body, way, len(own), frozenset(step for step, is_done in said.items() if is_done))

    return sorted(map(judged, bodies), key=lambda one: (-len(one.missing), one.body.name_folded))


def _holders(permission: Legality, now: datetime) -> defaultdict[UUID, set[UUID]]:
    """Who holds a permission by a role or a mandate, by organisation."""
    roles = [role for role in ROLES if permission in permissions_of(role)]
    rows = _rows("RoleAssignment").filter(
        identity.in_force(now),
        identity.in_force(now, "membership__"),
        role__in=roles,
        membership__person__account__is_active=True,
    )
    mandates = _rows("Mandate").filter(
        identity.in_force(now),
        Q(scope=[]) | Q(scope__contains=["legality"]),
        role__in=roles,
        representative__account__is_active=True,
    )
    found: defaultdict[UUID, set[UUID]] = defaultdict(set)
    for organisation, person in (
        *rows.values_list("membership__organisation", "membership__person"),
        *mandates.values_list("principal", "representative"),
    ):
        found[organisation].add(person)
    return found


def _certified(now: datetime, persons: Iterable[UUID]) -> defaultdict[UUID, set[str]]:
    """The SIRENs for which persons have a certificate that holds."""
    rows = _rows("PersonCertificate").filter(person__in=persons, ended_at=None, valid_until__gt=now)
    found: defaultdict[UUID, set[str]] = defaultdict(set)
    for person, siren in rows.values_list("person", "siren"):
        found[person].add(siren)
    return found


def _rows(model: str) -> QuerySet[Any]:
    rows: QuerySet[Any] = apps.get_model("identity", model)._default_manager.all()
    return rows
