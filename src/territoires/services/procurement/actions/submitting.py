"""Who prepares hands the file to who validates; who validates may hand it back. Each finds it on her desk."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext_noop as _

from territoires.contracts import procurement as facts
from territoires.foundations.actions.api import Outcome, action
from territoires.foundations.worklist import api as worklist
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Conflict, Invalid

from ..domain.wording import stated
from ..models import LONGEST_REASON, Consultation, Member, TeamRole
from ..permissions import Procurement
from ..queries.sheets import checked
from .moving import RETURNED, TO_VALIDATE, about, move


@action(Procurement.PREPARE, on="consultation", along=("organisation",))
def submit_consultation(
    *, actor: Actor, consultation: Consultation, version: int | None = None
) -> Outcome[Consultation]:
    """Asks for the validation of a complete file. Raises Invalid with all that is still missing."""
    move(consultation, "prepare", actor, version)
    check = checked(consultation, legal_day(actor.now()))
    if not check.is_ready:
        raise Invalid(
            "not-ready",
            "The validation was not asked: something must be mended or answered first.",
            "Look at the check: each line says where.",
            faults=[one.finding.as_fault() for one in check.standings if one.stops],
        )
    consultation.submitted_at = actor.now()
    consultation.save()
    worklist.close_items(consultation.subject, RETURNED)
    _wait(
        actor,
        consultation,
        TO_VALIDATE,
        consultation.validators,
        verb=_("Validate the consultation"),
        permission=Procurement.VALIDATE,
        state_label=_("To validate"),
    )
    return Outcome(consultation, facts.ConsultationSubmitted(**about(consultation)))


@action(Procurement.VALIDATE, on="consultation", along=("organisation",))
def return_consultation(
    *, actor: Actor, consultation: Consultation, reason: str, version: int | None = None
) -> Outcome[Consultation]:
    """Sends a file back to who prepares it. Raises Conflict when its validation was not asked, Invalid without a reason."""
    if consultation.submitted_at is None:
        raise Conflict(
            "not-submitted",
            "Its validation is not asked, or no longer: nothing was sent back.",
            "Look at the consultation as it now stands.",
        )
    said = stated(reason, limit=LONGEST_REASON)
    move(consultation, "prepare", actor, version)
    consultation.save()
    send_back(actor, consultation)
    return Outcome(consultation, facts.ConsultationReturned(**about(consultation), reason=said))


def send_back(actor: Actor, consultation: Consultation) -> None:
    """Inside a verb that takes the file from who validates: it waits for the others who prepare it."""
    preparing = Member.objects.filter(consultation=consultation, role=TeamRole.PREPARE)
    persons = set(preparing.values_list("person_id", flat=True)) - {actor.person}
    if persons:
        _wait(
            actor,
            consultation,
            RETURNED,
            sorted(persons),
            verb=_("Mend the consultation that was sent back"),
            permission=Procurement.PREPARE,
            state_label=_("Sent back"),
        )


def _wait(
    actor: Actor,
    consultation: Consultation,
    kind: str,
    persons: Iterable[UUID],
    *,
    verb: str,
    permission: Procurement,
    state_label: str,
) -> None:
    place = {"organisation": consultation.organisation.reference, "consultation": consultation.pk}
    named: list[UUID | None] = [*persons]
    for person in named or [None]:
        worklist.open_item(
            organisation=consultation.organisation_id,
            subject=consultation.subject,
            matter=consultation.pk,
            kind=kind,
            title=f"{consultation.reference} {consultation.title}".strip(),
            verb=verb,
            address=reverse("procurement_desk:consultation", kwargs=place),
            permission=permission,
            person=person,
            state_label=state_label,
            at=actor.now(),
        )
