"""Who works on a consultation, and as what."""

from __future__ import annotations

from uuid import UUID

from territoires.contracts import procurement as facts
from territoires.foundations.actions.api import Outcome, action
from territoires.kernel.actor import Actor
from territoires.kernel.errors import Invalid, Missing

from ..models import Consultation, Member, TeamRole
from ..permissions import Procurement
from ..queries.team import candidates_of
from .holders import arrive, depart
from .moving import about


@action(Procurement.STAFF, on="consultation", along=("organisation",))
def join_team(*, actor: Actor, consultation: Consultation, person: UUID, role: str) -> Outcome[Consultation]:
    """Puts a person of the body, or somebody who holds a mandate of it, on the team. Raises Invalid."""
    if role not in TeamRole.values:
        raise Invalid("role-unknown", "This role is unknown.", "Choose one in the list.")
    if person not in candidates_of(consultation.organisation_id, actor.now()):
        raise Invalid(
            "not-of-the-body",
            "This person neither belongs to your body nor holds a mandate of it.",
            "Ask an administrator to invite the person, or to give a mandate.",
        )
    Member.objects.get_or_create(consultation=consultation, person_id=person, role=role)
    opening = arrive(actor, consultation, person) if role == TeamRole.OPEN else []
    return Outcome(consultation, _changed(consultation, person, role, joined=True), *opening)


@action(Procurement.STAFF, on="consultation", along=("organisation",))
def leave_team(*, actor: Actor, consultation: Consultation, person: UUID, role: str) -> Outcome[Consultation]:
    """Takes a person off the team, in that role. Raises Missing."""
    gone, _ = Member.objects.filter(consultation=consultation, person_id=person, role=role).delete()
    if not gone:
        raise Missing("not-on-team", "This person is no longer on the team.", "Reload the page.")
    opening = depart(actor, consultation, person) if role == TeamRole.OPEN else []
    return Outcome(consultation, _changed(consultation, person, role, joined=False), *opening)


def _changed(consultation: Consultation, person: UUID, role: str, *, joined: bool) -> facts.TeamChanged:
    named = Member.objects.filter(consultation=consultation, role=TeamRole.VALIDATE)
    consultation.validators = list(named.values_list("person_id", flat=True))
    consultation.save()
    return facts.TeamChanged(**about(consultation), person=person, role=role, joined=joined)
