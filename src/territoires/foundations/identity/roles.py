"""Actions on roles and mandates: giving them, taking them back, and never leaving an organisation to nobody."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext_noop

from territoires.contracts.identity import MandateGiven, MandateRevoked, RoleAssigned, RoleEnded
from territoires.foundations.actions.api import ROLES, Outcome, Role, action, permissions_of
from territoires.foundations.documents import api as documents
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Conflict, Denied, Invalid, Missing
from territoires.kernel.fact import Subject
from territoires.kernel.ids import new_id
from territoires.kernel.text import clean

from .models import Kind, Mandate, Membership, Organisation, Person, RoleAssignment, in_force
from .permissions import Identity
from .services import switchable_services, unknown_service

ADMINISTRATOR = "administrator"
ADMINISTRATORS_NEEDED = 2
OPERATOR_AUDIENCE = "operator"
# What a program may do is what agents and representatives may: nobody signs or decides by a key.
PROGRAM_AUDIENCES = ("agent", "enterprise")
# What proves a presence, or would outlive the key that did it: no program does it.
BY_A_PERSON = frozenset(
    {Identity.ISSUE_KEY, Identity.ENROL_CERTIFICATE, Identity.END_CERTIFICATE, Identity.SUSPEND}
)
PROGRAM = "key:"
LONGEST_INSTRUMENT = 200


@action(Identity.ASSIGN_ROLE, on="membership")
def assign_role(
    *,
    actor: Actor,
    membership: Membership,
    role: str,
    scope: Collection[str] = (),
    until: date | None = None,
    instrument: str = "",
) -> Outcome[RoleAssignment]:
    """Gives a role to a member from today, until a day included. Held already: its scope and end are corrected.

    ``scope`` limits it to some services, by code; empty is the whole organisation. Raises Invalid for an unknown role
    or service, a role of another kind of organisation or a past day, Denied for a role above the actor's own.
    """
    check_role(actor, membership.organisation, role, until, scope)
    assignment = give_role(
        actor, membership, role, until, scope=scope, instrument=clean(instrument)[:LONGEST_INSTRUMENT]
    )
    return Outcome(assignment, assigned(assignment, membership))


@action(Identity.END_ROLE, on="assignment")
def end_role(*, actor: Actor, assignment: RoleAssignment) -> Outcome[RoleAssignment]:
    """Takes a role back at once. Raises Conflict when too few administrators would remain."""
    membership = assignment.membership
    if assignment.role == ADMINISTRATOR:
        keep_administered(membership.organisation_id, without=membership.person_id, at=actor.now())
    end_at_once(RoleAssignment.objects.filter(pk=assignment.pk), actor.now())
    return Outcome(
        assignment,
        RoleEnded(
            subject=Subject("identity.role", assignment.pk),
            matter=membership.pk,
            organisation=membership.organisation_id,
            person=membership.person_id,
            role=assignment.role,
        ),
    )


@action(Identity.GIVE_MANDATE, on="principal")
def give_mandate(
    *,
    actor: Actor,
    principal: Organisation,
    representative: Person,
    role: str,
    instrument: str,
    scope: Collection[str] = (),
    since: date | None = None,
    until: date | None = None,
    document: UUID | None = None,
) -> Outcome[Mandate]:
    """Lends a role of ``principal`` to a person from outside, perhaps for some services only, from today by default.

    ``instrument`` names the decision that gives it (a decree, a power of attorney); ``document`` is its file, when the
    principal keeps it here. Raises Invalid without instrument, with days in disorder or for a member of the principal,
    Denied for a role above the actor's own, Missing for a file of somebody else.
    """
    since = since or legal_day(actor.now())
    check_role(actor, principal, role, until, scope)
    if Membership.objects.filter(
        in_force(actor.now()), person=representative, organisation=principal
    ).exists():
        raise Invalid(
            "mandate-within",
            gettext_noop("This person belongs to the organisation; no mandate was given."),
            gettext_noop("Give a role instead, on the page of people."),
        )
    named = clean(instrument)[:LONGEST_INSTRUMENT]
    if not named:
        raise Invalid(
            "no-instrument",
            gettext_noop("A mandate needs the decision that gives it; nothing was done."),
            gettext_noop("Write its number and its date."),
        )
    if until is not None and until < since:
        raise _past(until)
    mandate_id = new_id()
    mandate = Mandate.objects.create(
        id=mandate_id,
        principal=principal,
        representative=representative,
        role=role,
        scope=sorted(set(scope)),
        since_on=since,
        until_on=until,
        instrument=named,
        document=_kept_instrument(mandate_id, principal, document),
        granted_by_id=actor.person,
    )
    return Outcome(
        mandate,
        MandateGiven(
            subject=Subject("identity.mandate", mandate.pk),
            organisation=principal.pk,
            person=representative.pk,
            role=role,
            scope=tuple(mandate.scope),
            since=since,
            until=until,
            instrument=named,
            content=mandate.document.sha256 if mandate.document else "",
        ),
    )


def _kept_instrument(mandate: UUID, principal: Organisation, document: UUID | None) -> Any:
    if document is None:
        return None
    kept = documents.attach(document, holder=Subject("identity.mandate", mandate))
    if kept.organisation_id != principal.pk:
        raise Missing(
            "no-instrument-file",
            gettext_noop("This file is not among those of the organisation; no mandate was given."),
            gettext_noop("Send it again with the form."),
        )
    return kept


@action(Identity.REVOKE_MANDATE, on="mandate")
def revoke_mandate(*, actor: Actor, mandate: Mandate) -> Outcome[Mandate]:
    """Takes a mandate back at once. Twice is the same."""
    end_at_once(Mandate.objects.filter(pk=mandate.pk), actor.now())
    return Outcome(
        mandate,
        MandateRevoked(
            subject=Subject("identity.mandate", mandate.pk),
            organisation=mandate.principal_id,
            person=mandate.representative_id,
        ),
    )


def check_role(
    actor: Actor, organisation: Organisation, role: str, until: date | None, scope: Collection[str] = ()
) -> None:
    """Raises Invalid for a role that this kind of organisation does not have, an unknown service in its scope or a
    past end; Denied for a role that the actor may not give.

    Roles of the platform's operator are given by who holds them: an administrator gives the others, whose powers end
    at the organisation's own door. A key makes nobody administrator or operator: who steals it gains nothing that
    outlives it.
    """
    known = ROLES.get(role)
    if known is None:
        raise _refused_role(gettext_noop("There is no role %(role)s; nothing was done."), role)
    if until is not None and until < legal_day(actor.now()):
        raise _past(until)
    _check_scope(role, scope)
    if role == ADMINISTRATOR or known.audience == OPERATOR_AUDIENCE:
        _require_person(actor)
    if known.audience == OPERATOR_AUDIENCE:
        if not organisation.is_operator or not permissions_of(role) <= actor.grants.keys():
            raise Denied(
                "role-above-own",
                gettext_noop("This role is above yours: you cannot give it."),
                gettext_noop("Ask a person who holds it."),
            )
    elif known not in roles_for(organisation):
        raise _refused_role(gettext_noop("This organisation has no role %(role)s; nothing was done."), role)


def roles_for(organisation: Organisation) -> list[Role]:
    """The roles that can be held in an organisation, by its kind. A citizen acts for oneself, so in none."""
    if organisation.kind in (Kind.ENTERPRISE, Kind.ASSOCIATION):
        audiences = {"agent", "enterprise"}
    elif organisation.is_operator:
        audiences = {"agent", "elected", OPERATOR_AUDIENCE}
    else:
        audiences = {"agent", "elected"}
    return [role for role in ROLES.values() if role.audience in audiences]


def permissions_for_programs(organisation: Organisation, owner: Actor) -> frozenset[str]:
    """What a key of the organisation may do at most, whose ``owner`` acts there.

    What its administrator may let a person do: she seldom holds these permissions, but gives the roles that do, and a
    key in the same way. Of administration and of the platform itself, only what she holds, save ``BY_A_PERSON``.
    """
    roles = roles_for(organisation)
    lent = (role.code for role in roles if role.audience in PROGRAM_AUDIENCES and role.code != ADMINISTRATOR)
    # Nothing of who a body is, though a secretary may say by which SIRET it buys.
    given = frozenset().union(*(permissions_of(code) for code in lent)) - frozenset(Identity)
    offices = (
        role.code for role in roles if role.code == ADMINISTRATOR or role.audience == OPERATOR_AUDIENCE
    )
    own = frozenset().union(*(permissions_of(code) for code in offices)) & owner.grants.keys()
    return given | (own - BY_A_PERSON)


def give_role(
    actor: Actor,
    membership: Membership,
    role: str,
    until: date | None,
    *,
    scope: Collection[str] = (),
    instrument: str = "",
) -> RoleAssignment:
    """The assignment in force of a role, made or corrected; the caller has checked the right."""
    held = RoleAssignment.objects.filter(in_force(actor.now()), membership=membership, role=role).first()
    assignment = held or RoleAssignment(membership=membership, role=role, since_on=legal_day(actor.now()))
    assignment.until_on, assignment.granted_by_id = until, actor.person
    assignment.scope = sorted(set(scope))
    assignment.instrument = instrument or assignment.instrument
    assignment.save()
    return assignment


def assigned(assignment: RoleAssignment, membership: Membership) -> RoleAssigned:
    """The fact of an assignment."""
    return RoleAssigned(
        subject=Subject("identity.role", assignment.pk),
        matter=membership.pk,
        organisation=membership.organisation_id,
        person=membership.person_id,
        role=assignment.role,
        scope=tuple(assignment.scope),
        until=assignment.until_on,
        instrument=assignment.instrument,
    )


def administrators(organisation: UUID, at: datetime) -> set[UUID]:
    """The persons who administer an organisation at an instant with an account that can sign in.

    What somebody ended no longer counts, even an instant after ``at``: who waited for the lock began before.
    """
    rows = RoleAssignment.objects.filter(
        in_force(at),
        in_force(at, "membership__"),
        ended_at=None,
        membership__ended_at=None,
        role=ADMINISTRATOR,
        membership__organisation=organisation,
        membership__person__account__is_active=True,
    )
    return set(rows.values_list("membership__person_id", flat=True))


def keep_administered(organisation: UUID, *, without: UUID, at: datetime) -> None:
    """Raises Conflict when fewer than two administrators would remain without this person.

    The organisation's row is locked: two departures at once cannot both be the last but one.
    """
    Organisation.objects.select_for_update().get(pk=organisation)
    present = administrators(organisation, at)
    if without in present and len(present - {without}) < ADMINISTRATORS_NEEDED:
        raise Conflict(
            "too-few-administrators",
            gettext_noop("An organisation keeps at least two administrators; nothing was changed."),
            gettext_noop("Give the role to another person first."),
        )


def end_at_once(rows: QuerySet[Any], now: datetime) -> int:
    """Ends memberships, roles or mandates now, and returns how many were not ended yet; their days stay as decided."""
    return rows.filter(ended_at=None).update(ended_at=now)


def _check_scope(role: str, scope: Collection[str]) -> None:
    if scope and role == ADMINISTRATOR:
        raise Invalid(
            "administrator-of-all",
            gettext_noop("An administrator keeps the whole organisation; nothing was done."),
            gettext_noop("Leave the services empty, or choose another role."),
        )
    for code in sorted(set(scope) - switchable_services().keys()):
        raise unknown_service(code)


def _require_person(actor: Actor) -> None:
    if (actor.machine or "").startswith(PROGRAM):
        raise Denied(
            "role-by-a-person",
            gettext_noop("A program makes nobody administrator or operator; nothing was done."),
            gettext_noop("Give this role on the page of people."),
        )


def _refused_role(message: str, role: str) -> Invalid:
    return Invalid(
        "unknown-role", message, gettext_noop("Choose one of the list."), params={"role": role[:40]}
    )


def _past(day: date) -> Invalid:
    return Invalid(
        "past-day",
        gettext_noop("The end %(day)s is before the beginning; nothing was done."),
        gettext_noop("Choose a later day, or none."),
        params={"day": day},
    )
