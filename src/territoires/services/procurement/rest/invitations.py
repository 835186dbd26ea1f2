"""Invitations where nothing is public: named in preparation, one more or one less while the call is open, accepted."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from pydantic import Field

from territoires.foundations.registry.api import if_match

from ..actions import inviting, preparing
from ..domain.wording import MOST_INVITED, InvitedWords
from ..models import Correspondent
from ..permissions import Procurement
from ..queries.invitations import invitation_in, invitation_with, invitations_of
from .shared import Reason, State, actor_of, consultation_in, require, state_of

router = Router()


class Invited(Schema):
    """An enterprise by its SIRET; its link goes to ``email`` and serves the account of that SIRET alone."""

    siret: str = Field(pattern="^[0-9]{14}$")
    name: str = Field(min_length=1, max_length=200)
    email: str = Field(min_length=3, max_length=254, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")


class InvitedList(Schema):
    """All of them; nothing leaves before the publication."""

    invited: list[Invited] = Field(max_length=MOST_INVITED)


class InvitationOut(Invited):
    """``accepted_at`` is null while no account of the SIRET has come by the link; one withdrawn opens nothing."""

    id: UUID
    accepted_at: datetime | None
    withdrawn_at: datetime | None


class Acceptance(Schema):
    """The secret at the end of the link in the mail."""

    token: str = Field(max_length=64)


@router.get(
    "/consultations/{consultation}/invitations",
    response={200: list[InvitationOut]},
    summary="The enterprises invited",
)
def list_invitations(request: HttpRequest, consultation: UUID) -> list[InvitationOut]:
    """Where nothing is public; to a round, the letters say who is invited."""
    found = consultation_in(request, consultation, Procurement.READ)
    return [_out(one) for one in invitations_of(found)]


@router.put(
    "/consultations/{consultation}/invitations",
    response={200: State},
    summary="Name the enterprises to invite, in preparation",
)
def write_invitations(
    request: HttpRequest, response: HttpResponse, consultation: UUID, given: InvitedList
) -> State:
    found = consultation_in(request, consultation, Procurement.PREPARE)
    preparing.write_invited(
        actor=actor_of(request),
        consultation=found,
        invited=[_words(one) for one in given.invited],
        version=if_match(request),
    )
    return state_of(response, found)


@router.post(
    "/consultations/{consultation}/invitations",
    response={201: InvitationOut},
    summary="Invite one more enterprise while the call is open",
)
def invite_enterprise(request: HttpRequest, consultation: UUID, given: Invited) -> tuple[int, InvitationOut]:
    """Its mail leaves at once."""
    found = consultation_in(request, consultation, Procurement.AMEND)
    made = inviting.invite_enterprise(actor=actor_of(request), consultation=found, invited=_words(given))
    return 201, _out(made)


@router.post(
    "/consultations/{consultation}/invitations/{invitation}/withdraw",
    response={200: InvitationOut},
    summary="Take an invitation back",
)
def withdraw_invitation(
    request: HttpRequest, consultation: UUID, invitation: UUID, why: Reason
) -> InvitationOut:
    found = consultation_in(request, consultation, Procurement.AMEND)
    taken = inviting.withdraw_invitation(
        actor=actor_of(request),
        consultation=found,
        invitation=invitation_in(found, invitation),
        reason=why.reason,
    )
    return _out(taken)


@router.post(
    "/consultations/{consultation}/invitations/{invitation}/accept",
    response={200: InvitationOut},
    summary="Accept an invitation, for the enterprise of its SIRET",
)
def accept_invitation(
    request: HttpRequest, consultation: UUID, invitation: UUID, given: Acceptance
) -> InvitationOut:
    """Ids and secret stand in the link of the mail; the enterprise reads the call from then on, and may begin its bid."""
    actor = require(request, Procurement.BID_START)
    one = invitation_with(consultation, invitation, given.token)
    return _out(inviting.accept_invitation(actor=actor, invitation=one))


def _words(one: Invited) -> InvitedWords:
    return InvitedWords(one.name, one.siret, one.email)


def _out(one: Correspondent) -> InvitationOut:
    return InvitationOut(**{name: getattr(one, name) for name in InvitationOut.model_fields})
