"""A file is approved: nothing is missing, nothing is forbidden, and each warning is heeded or answered."""

from __future__ import annotations

from territoires.contracts import procurement as facts
from territoires.foundations.actions.api import Outcome, action
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Conflict, Invalid

from ..domain.life import DRAFT
from ..domain.wording import stated
from ..models import LONGEST_REASON, Consultation, Override
from ..permissions import Procurement
from ..queries.references import next_reference
from ..queries.sheets import checked, lots_of
from .moving import about, move
from .submitting import send_back


@action(Procurement.PREPARE, on="consultation")
def override_warning(
    *, actor: Actor, consultation: Consultation, finding: str, reason: str
) -> Outcome[Consultation]:
    """Goes on in spite of a warning. Raises Invalid without a reason, Conflict where the text itself forbids."""
    if consultation.state != DRAFT:
        move(consultation, "prepare", actor, None)
    told = {one.finding.key: one.finding for one in checked(consultation, legal_day(actor.now())).standings}
    if finding not in told:
        raise Conflict(
            "no-such-warning", "This warning no longer stands; nothing was done.", "Look at the check again."
        )
    if told[finding].stops:
        raise Conflict(
            "not-a-warning",
            "This is no warning: it must be mended, no reason replaces it.",
            "Mend it in the step that it names.",
        )
    Override.objects.update_or_create(
        consultation=consultation,
        finding=finding,
        defaults={
            "reason": stated(reason, limit=LONGEST_REASON),
            "person_id": actor.person,
            "given_at": actor.now(),
        },
    )
    fact = facts.WarningOverridden(**about(consultation), finding=finding, reason=reason.strip())
    return Outcome(consultation, fact)


@action(Procurement.VALIDATE, on="consultation")
def validate_consultation(
    *, actor: Actor, consultation: Consultation, version: int | None = None
) -> Outcome[Consultation]:
    """Approves the file, checked once more against the law of its day of publication. Raises Invalid, with all that stops it."""
    move(consultation, "validate", actor, version)
    check = checked(consultation, legal_day(actor.now()))
    if not check.is_ready:
        raise Invalid(
            "not-ready",
            "The consultation was not validated: something must be mended or answered first.",
            "Look at the check: each line says where.",
            faults=[one.finding.as_fault() for one in check.standings if one.stops],
        )
    consultation.validated_at = actor.now()
    consultation.reference = consultation.reference or next_reference(consultation, legal_day(actor.now()))
    consultation.save()
    fact = facts.ConsultationValidated(
        **about(consultation),
        reference=consultation.reference,
        procedure=consultation.procedure,
        lots=len(lots_of(consultation)),
        law_of=check.law.on.isoformat(),
        overridden=tuple(one.finding.code for one in check.standings),
    )
    return Outcome(consultation, fact)


@action(Procurement.VALIDATE, on="consultation")
def reopen_consultation(
    *, actor: Actor, consultation: Consultation, reason: str, version: int | None = None
) -> Outcome[Consultation]:
    """Takes a validated consultation back to preparation, while nobody outside knows of it."""
    move(consultation, "reopen", actor, version)
    consultation.validated_at = None
    said = stated(reason, limit=LONGEST_REASON)
    consultation.save()
    send_back(actor, consultation)
    return Outcome(consultation, facts.ConsultationReopened(**about(consultation), reason=said))
