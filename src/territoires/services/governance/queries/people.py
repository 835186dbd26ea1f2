"""People of an organisation, their roles and mandates, and who can do what there, scoped by the actor."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db.models import Prefetch, Q
from django.utils.translation import gettext_noop

from territoires.foundations.actions import api as actions
from territoires.foundations.identity import api as identity
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Missing
from territoires.kernel.text import fold

from ..models import identity_rows
from ..permissions import Governance

FEWEST_ADMINISTRATORS = 2
_GIVER = {"RoleAssignment": "membership__organisation", "Mandate": "principal"}


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
    has_file: bool
    is_ours: bool  # given by the organisation that is looked at, which may end it
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
    now_in_force = identity.in_force(actor.now())
    memberships = (
        identity_rows("Membership")
        .filter(now_in_force, organisation=organisation)
        .select_related("person__account")
        .prefetch_related(
            Prefetch("roles", identity_rows("RoleAssignment").filter(now_in_force).order_by("role"))
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
    day = legal_day(actor.now())
    rows = _mandates(actor, organisation).select_related("principal", "representative")
    return tuple(
        MandateHeld(
            id=row.pk,
            representative=row.representative.display_name,
            principal=row.principal.name,
            powers=(identity.role_label(row.role, row.scope),),
            since=row.since_on,
            until=row.until_on,
            instrument=row.instrument,
            has_file=row.document_id is not None,
            is_ours=row.principal_id == organisation.pk,
            is_ended=row.ended_at is not None or (row.until_on is not None and row.until_on < day),
        )
        for row in rows.order_by("principal__name_folded", "since_on", "id")
    )


def instrument_of(actor: Actor, organisation: Any, mandate: UUID) -> Any:
    """The file of a mandate that ``mandates_of`` shows. Raises Denied, or Missing without such a file."""
    found = _mandates(actor, organisation).filter(pk=mandate, document__isnull=False).first()
    if found is None:
        raise Missing(
            "no-instrument-file",
            gettext_noop("There is no such file here."),
            gettext_noop("Go back to the list of mandates."),
        )
    return found.document


def held_here(organisation: Any, model: str, key: UUID) -> Any:
    """The ``Membership``, ``RoleAssignment``, ``Mandate``, ``Invitation`` or ``ApiKey`` that an organisation gave.

    Raises Missing for one of elsewhere, as for none.
    """
    found = identity_rows(model).filter(pk=key, **{_GIVER.get(model, "organisation"): organisation}).first()
    if found is None:
        raise Missing(
            "not-held-here",
            gettext_noop("There is nothing of the kind in this organisation."),
            gettext_noop("Read the list again."),
        )
    return found


def instrument_sent(actor: Actor, organisation: Any, key: UUID) -> UUID:
    """The file that this very person sent for a mandate of the organisation: another's is not hers to show. Raises Missing."""
    documents = apps.get_model("documents.Document")._default_manager
    if not documents.filter(pk=key, organisation_id=organisation.pk, received_by=actor.person).exists():
        raise Missing(
            "no-instrument-file",
            gettext_noop("You sent no such file for this organisation; no mandate was given."),
            gettext_noop("Send the file first; its answer gives its id."),
        )
    return key


def outsider(email: str, usual_name: str) -> Any:
    """The person who signs in with this address and bears this name, or None: both, so that neither is told alone."""
    account = (
        identity_rows("Account")
        .filter(email__iexact=email, is_active=True, person__isnull=False)
        .select_related("person")
        .first()
    )
    return account.person if account and fold(account.person.usual_name) == fold(usual_name) else None


def rights_held(actor: Actor, organisation: Any) -> list[RightHeld]:
    """For each permission of the platform, who holds it in an organisation today, and why. Raises Denied."""
    actions.require(actor, Governance.EXPLAIN_RIGHTS, organisation)
    now_in_force = identity.in_force(actor.now())
    people = identity_rows("Person").filter(
        Q(pk__in=identity_rows("Membership").filter(now_in_force, organisation=organisation).values("person"))
        | Q(
            pk__in=identity_rows("Mandate")
            .filter(now_in_force, principal=organisation)
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


def _mandates(actor: Actor, organisation: Any) -> Any:
    actions.require(actor, Governance.READ_PEOPLE, organisation)
    of_our_people = Q(
        identity.in_force(actor.now(), "representative__memberships__"),
        representative__memberships__organisation=organisation,
    )
    return identity_rows("Mandate").filter(Q(principal=organisation) | of_our_people).distinct()


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
