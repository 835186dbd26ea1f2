"""People of an organisation: invitations, roles, departures, and who can do what."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from territoires.foundations.identity import api as identity
from territoires.foundations.registry.api import Day

from ..permissions import Governance
from ..queries import people as queries
from .shared import MEMBER, actor_of, member_in

router = Router()


class RoleOut(Schema):
    """A role in force; ``id`` ends it."""

    id: UUID
    code: str
    label: str
    until: date | None


class PersonOut(Schema):
    """A person of the organisation; ``membership`` names her place there."""

    membership: UUID
    name: str
    email: str
    job_title: str
    since: date
    roles: list[RoleOut]


class PeopleOut(Schema):
    """``lacks_administrators`` while fewer than two persons may give roles."""

    people: list[PersonOut]
    lacks_administrators: bool


class RoleIn(Schema):
    """``scope``: codes of services, none for the whole organisation; ``until``: the last day."""

    role: str = Field(max_length=40)
    scope: list[str] = Field(default=[], max_length=50)
    until: Day | None = None


class InvitationIn(RoleIn):
    email: str = Field(max_length=254)
    given_names: str = Field(max_length=100)
    usual_name: str = Field(max_length=100)
    job_title: str = Field(default="", max_length=100)


class InvitedOut(Schema):
    """An invitation that waits for its answer until ``expires_at``."""

    id: UUID
    email: str
    given_names: str
    usual_name: str
    roles: list[str]
    created_at: datetime
    expires_at: datetime


class AgainIn(Schema):
    """The corrected address; empty: the same."""

    email: str = Field(default="", max_length=254)


class RoleGiven(RoleIn):
    """``instrument``: the decision that gives it."""

    instrument: str = Field(default="", max_length=200)


class HolderOut(Schema):
    name: str
    through: str
    until: date | None


class RightOut(Schema):
    """A permission in words, and who holds it there, through what."""

    permission: str
    label: str
    holders: list[HolderOut]


@router.get(
    MEMBER + "/people", response={200: PeopleOut}, summary="Who is in an organisation, with which roles"
)
def list_people(request: HttpRequest, member: str) -> PeopleOut:
    return _people(request, member_in(request, member, Governance.READ_PEOPLE))


@router.get(
    MEMBER + "/invitations", response={200: list[InvitedOut]}, summary="The invitations without answer"
)
def list_pending(request: HttpRequest, member: str) -> list[InvitedOut]:
    found = member_in(request, member, Governance.READ_PEOPLE)
    return [_invited(one) for one in queries.open_invitations(actor_of(request), found)]


@router.post(MEMBER + "/invitations", response={201: InvitedOut}, summary="Invite a person")
def invite_person(request: HttpRequest, member: str, given: InvitationIn) -> tuple[int, InvitedOut]:
    """The mail leaves at once and is good for fourteen days. A key invites no administrator."""
    found = member_in(request, member, Governance.KEEP_PEOPLE)
    plain = given.model_dump(exclude={"role"})
    made = identity.invite_person(actor=actor_of(request), organisation=found, roles=[given.role], **plain)
    return 201, _invited(made)


@router.post(
    MEMBER + "/invitations/{invitation}/again",
    response={201: InvitedOut},
    summary="Send an invitation again, to a corrected address perhaps",
)
def invite_again(
    request: HttpRequest, member: str, invitation: UUID, given: AgainIn
) -> tuple[int, InvitedOut]:
    """The former link dies; the answer is the new invitation."""
    found = _of(request, member, "Invitation", invitation)
    return 201, _invited(identity.send_again(actor=actor_of(request), invitation=found, email=given.email))


@router.delete(
    MEMBER + "/invitations/{invitation}", response={200: InvitedOut}, summary="Cancel an invitation"
)
def cancel_invitation(request: HttpRequest, member: str, invitation: UUID) -> InvitedOut:
    found = _of(request, member, "Invitation", invitation)
    return _invited(identity.cancel_invitation(actor=actor_of(request), invitation=found))


@router.post(
    MEMBER + "/people/{membership}/roles", response={200: PeopleOut}, summary="Give a role to a person"
)
def assign_role(request: HttpRequest, member: str, membership: UUID, given: RoleGiven) -> PeopleOut:
    """Held already: its services and its end are corrected. A key makes no administrator."""
    found = _of(request, member, "Membership", membership)
    identity.assign_role(actor=actor_of(request), membership=found, **given.model_dump())
    return _people(request, found.organisation)


@router.delete(MEMBER + "/roles/{assignment}", response={200: PeopleOut}, summary="End a role, at once")
def end_role(request: HttpRequest, member: str, assignment: UUID) -> PeopleOut:
    found = _of(request, member, "RoleAssignment", assignment)
    identity.end_role(actor=actor_of(request), assignment=found)
    return _people(request, found.membership.organisation)


@router.delete(
    MEMBER + "/people/{membership}",
    response={200: PeopleOut},
    summary="End everything that a person holds in an organisation",
)
def end_membership(request: HttpRequest, member: str, membership: UUID) -> PeopleOut:
    """Roles, mandates, keys and sessions end now."""
    found = _of(request, member, "Membership", membership)
    identity.end_membership(actor=actor_of(request), membership=found)
    return _people(request, found.organisation)


@router.get(MEMBER + "/rights", response={200: list[RightOut]}, summary="Who can do what, and through what")
def list_rights(request: HttpRequest, member: str) -> list[RightOut]:
    found = member_in(request, member, Governance.EXPLAIN_RIGHTS)
    return [
        RightOut(
            permission=str(one.permission),
            label=str(one.label),
            holders=[HolderOut(name=h.name, through=h.through, until=h.until) for h in one.holders],
        )
        for one in queries.rights_held(actor_of(request), found)
    ]


def _of(request: HttpRequest, member: str, model: str, key: UUID) -> Any:
    """What the organisation gave, for who keeps its people."""
    return queries.held_here(member_in(request, member, Governance.KEEP_PEOPLE), model, key)


def _people(request: HttpRequest, organisation: Any) -> PeopleOut:
    here = queries.people_of(actor_of(request), organisation)
    return PeopleOut(
        people=[
            PersonOut(
                **{name: getattr(one, name) for name in PersonOut.model_fields if name != "roles"},
                roles=[
                    RoleOut(**{name: getattr(role, name) for name in RoleOut.model_fields})
                    for role in one.roles
                ],
            )
            for one in here
        ],
        lacks_administrators=queries.lacks_administrators(here),
    )


def _invited(one: Any) -> InvitedOut:
    return InvitedOut(**{name: getattr(one, name) for name in InvitedOut.model_fields})
