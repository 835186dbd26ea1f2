"""People of an organisation, their roles and mandates, and who can do what there, scoped by the actor."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Prefetch, Q

from territoires.foundations.actions import api as actions
from territoires.foundations.identity import api as identity
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day
from territoires.kernel.text import fold

from ..models import identity_rows
from ..permissions import Governance

FEWEST_ADMINISTRATORS = 2


@dataclass(frozen=True, slots=True)
class RoleHeld:
    """A role in force: its assignment, code, label and last day."""

    id: UUID
    code: str
    label: str
    until: date | None


@dataclass(frozen=True, slots=True)
class PersonHere:
    """A person in an organisation, with the roles in force."""

    membership: UUID
    name: str
    email: str
    job_title: str
    since: date
    roles: tuple[RoleHeld, ...]


@dataclass(frozen=True, slots=True)
class MandateHeld:
    """Who acts for whom, in which role, between which days, by which instrument."""

    id: UUID
    representative: str
    principal: str
    powers: tuple[str, ...]
    since: date
    until: date | None
    instrument: str
    is_ended: bool


@dataclass(frozen=True, slots=True)
class Holder:
    """A person who holds a permission, through what, until when."""

    name: str
    through: str
    until: date | None


@dataclass(frozen=True, slots=True)
class RightHeld:
    """A permission in words, and who holds it in an organisation."""

    permission: str
    label: Any
    holders: tuple[Holder, ...]


def people_of(actor: Actor, organisation: Any) -> tuple[PersonHere, ...]:
    """The people of an organisation today, by name. Raises Denied."""
    actions.require(actor, Governance.READ_PEOPLE, organisation)
    day = legal_day(actor.now())
    memberships = (
        identity_rows("Membership")
        .filter(_in_force(day), organisation=organisation)
        .select_related("person__account")
        .prefetch_related(
            Prefetch("roles", identity_rows("RoleAssignment").filter(_in_force(day)).order_by("role"))
        )
        .order_by("person__name_folded", "id")
    )
    return tuple(_person(membership) for membership in memberships)


def open_invitations(actor: Actor, organisation: Any) -> list[Any]:
    """The invitations that wait for an answer, or waited too long, the last first. Raises Denied."""
    actions.require(actor, Governance.READ_PEOPLE, organisation)
    rows = identity_rows("Invitation").filter(organisation=organisation, accepted_at=None, cancelled_at=None)
    return list(rows.order_by("-created_at"))


def lacks_administrators(people: Iterable[PersonHere]) -> bool:
    """True while fewer than two people may give roles here: one absence would stop everything."""
    return sum(_is_administrator(person) for person in people) < FEWEST_ADMINISTRATORS


def mandates_of(actor: Actor, organisation: Any) -> tuple[MandateHeld, ...]:
    """The mandates that an organisation gave, and those that its own people hold elsewhere. Raises Denied."""
    actions.require(actor, Governance.READ_PEOPLE, organisation)
    day = legal_day(actor.now())
    rows = (
        identity_rows("Mandate")
        .filter(
            Q(principal=organisation)
            | Q(
                representative__memberships__organisation=organisation,
                representative__memberships__until_on=None,
            )
        )
        .select_related("principal", "representative")
        .order_by("principal__name_folded", "since_on", "id")
        .distinct()
    )
    return tuple(
        MandateHeld(
            id=row.pk,
            representative=row.representative.display_name,
            principal=row.principal.name,
            powers=(identity.role_label(row.role),),
            since=row.since_on,
            until=row.until_on,
            instrument=row.instrument,
            is_ended=row.revoked_at is not None or (row.until_on is not None and row.until_on < day),
        )
        for row in rows
    )


def services_of(organisation: Any) -> list[str]:
    """The codes of the services that somebody switched on for an organisation."""
    rows = identity_rows("ServiceActivation").filter(organisation=organisation, until_at=None)
    return list(rows.order_by("service").values_list("service", flat=True))


def rights_held(actor: Actor, organisation: Any) -> list[RightHeld]:
    """For each permission of the platform, who holds it in an organisation today, and why. Raises Denied."""
    actions.require(actor, Governance.EXPLAIN_RIGHTS, organisation)
    day = legal_day(actor.now())
    people = identity_rows("Person").filter(
        Q(
            pk__in=identity_rows("Membership")
            .filter(_in_force(day), organisation=organisation)
            .values("person")
        )
        | Q(
            pk__in=identity_rows("Mandate")
            .filter(_in_force(day), principal=organisation)
            .values("representative")
        )
    )
    acting = [
        (person.display_name, identity.actor_for_person(person, organisation, at=actor.now()))
        for person in people.order_by("name_folded", "id")
    ]
    found = [
        RightHeld(
            permission=permission,
            label=right.label,
            holders=tuple(
                Holder(name, holder.grants[permission].label, holder.grants[permission].until)
                for name, holder in acting
                if holder.holds(permission)
            ),
        )
        for permission, right in actions.declared().items()
    ]
    return sorted(found, key=lambda right: (not right.holders, fold(str(right.label))))


def _in_force(day: date) -> Q:
    return Q(since_on__lte=day) & (Q(until_on=None) | Q(until_on__gte=day))


def _person(membership: Any) -> PersonHere:
    account = getattr(membership.person, "account", None)
    return PersonHere(
        membership=membership.pk,
        name=membership.person.display_name,
        email=account.email if account else "",
        job_title=membership.job_title,
        since=membership.since_on,
        roles=tuple(
            RoleHeld(role.pk, role.role, identity.role_label(role.role, role.scope), role.until_on)
            for role in membership.roles.all()
        ),
    )


def _is_administrator(person: PersonHere) -> bool:
    return any(role.code == "administrator" for role in person.roles)
