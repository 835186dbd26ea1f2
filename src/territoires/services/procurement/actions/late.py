"""A late bid is opened only by a reasoned decision of the buyer, or the order of a judge (CCP R2151-5; CE 449250)."""

from __future__ import annotations

from uuid import UUID

from territoires.contracts import procurement_bids as facts
from territoires.foundations.actions.api import Outcome, action
from territoires.foundations.documents import api as documents
from territoires.kernel.actor import Actor
from territoires.kernel.errors import Conflict, Invalid

from ..domain.wording import stated
from ..models import LONGEST_REASON, Consultation, LateDecision
from ..permissions import Procurement
from ..queries.dossiers import dossier_of, late_deposit
from .next_step import wait_for_next_step

LARGEST = 200 * 1024 * 1024


@action(Procurement.DEPOSIT_ADMIT, on="consultation")
def admit_late_deposit(
    *, actor: Actor, consultation: Consultation, deposit: UUID, ground: str, reason: str
) -> Outcome[LateDecision]:
    """Lets a late deposit be opened; the dossier on which it is decided is kept. Raises Invalid, Conflict, Missing."""
    found = late_deposit(consultation, deposit)
    if ground not in LateDecision.Ground.values:
        raise Invalid("ground-unknown", "This ground is unknown.", "Choose one in the list.")
    if LateDecision.objects.filter(deposit=found).exists():
        raise Conflict("already-admitted", "It was already decided.", "Look at the register of deposits.")
    decision = LateDecision(
        deposit=found,
        ground=ground,
        reason=stated(reason, limit=LONGEST_REASON),
        person_id=actor.person,
        decided_at=actor.now(),
    )
    decision.save(force_insert=True)
    dossier = documents.receive(
        [dossier_of(found, actor.now())],
        name=f"dossier-{found.number}.json",
        organisation=actor.acting_organisation(),
        actor=actor.once(""),
        limit=LARGEST,
    )
    documents.attach(dossier, holder=found.subject)
    wait_for_next_step(consultation, actor)
    fact = facts.LateDepositAdmitted(
        subject=found.subject,
        matter=consultation.pk,
        ground=ground,
        completed_at=found.completed_at,
        deadline_at=found.deadline_at,
        dossier=dossier.sha256,
        reason=decision.reason,
    )
    return Outcome(decision, fact)
