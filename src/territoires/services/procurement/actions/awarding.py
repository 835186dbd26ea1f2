"""The decision on each lot, taken back or completed, and the procedure that ends without contract."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from territoires.contracts import procurement_award as facts
from territoires.foundations.actions.api import Outcome, action
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Conflict, Fault, Invalid
from territoires.kernel.fact import Fact

from ..domain import life
from ..domain.bid_life import ADMISSIBLE
from ..domain.committees import CAO, CDSP
from ..domain.committees import UNSUCCESSFUL as DECLARED
from ..domain.examination import ADMITTED, OUT
from ..domain.wording import stated
from ..models import (
    LONGEST_REASON,
    Award,
    AwardOutcome,
    Bid,
    Candidacy,
    CommitteeDecision,
    Consultation,
    Contract,
    Envelope,
)
from ..permissions import Procurement
from ..queries.award import (
    awaited_committee,
    awarded,
    awards_of,
    committee_award,
    contracts_of,
    decision_letters,
    ranked_first,
    said_by,
)
from ..queries.evaluation import bid_of, bids_for, scope_of, scopes
from ..queries.opening import openable
from ..queries.rounds import current_round, require_named
from .closing import require_all_settled
from .examining import require_analysis, require_opinions
from .letters import tell_of_end
from .moving import about, move
from .next_step import wait_for_next_step
from .numbering import contract_number

_BEFORE_EXAMINATION = (life.CLOSED, life.OPENING, life.ROUND_CLOSED, life.ROUND_OPENING)


@action(Procurement.AWARD, on="consultation")
def award_lot(
    *,
    actor: Actor,
    consultation: Consultation,
    lot: UUID | None,
    bid: UUID,
    reason: str,
    proofs_are_complete: bool,
    version: int | None = None,
) -> Outcome[Award]:
    """Awards a lot to the bid that comes first. Raises Conflict where the committee decides and has not, or for another bid.

    The winner has shown its proofs, or they were got directly (CCP R2144-4 to R2144-7): it is said, and recorded.
    """
    require_analysis(consultation)
    require_named(consultation)
    scope = scope_of(consultation, lot)
    _require_undecided(consultation, lot)
    chosen = bid_of(consultation, bid)
    _require_best(consultation, chosen, lot)
    decision = _committee_says(consultation, chosen, lot, legal_day(actor.now()))
    if not proofs_are_complete:
        fault = Fault(
            "proofs_are_complete",
            "proofs-missing",
            "The proofs of the chosen enterprise are not said to be complete.",
            "Ask for those that you cannot get by yourself, then tick the box.",
        )
        raise Invalid("award-refused", "Nothing was awarded.", "See the point below.", faults=[fault])
    award = _decide(
        actor,
        consultation,
        Award(
            consultation=consultation,
            lot=scope,
            outcome=AwardOutcome.AWARDED,
            bid=chosen,
            deposit=chosen.deposit,
            supplier=chosen.candidacy.bidder,
            amount=chosen.price,
            reason=stated(reason, limit=LONGEST_REASON),
            by_committee=decision,
        ),
    )
    return Outcome(award, _told(award), *_completed(actor, consultation, version))


@action(Procurement.AWARD, on="consultation")
def close_lot(
    *,
    actor: Actor,
    consultation: Consultation,
    lot: UUID | None,
    outcome: str,
    reason: str,
    without_committee: str = "",
    version: int | None = None,
) -> Outcome[Award]:
    """Ends a lot without contract: ``unsuccessful`` when no bid can be accepted, ``abandoned`` for the general interest.

    ``without_committee`` says why it is unsuccessful though the tender committee, which chooses, has not found it so: no text
    names who declares it. Raises Conflict when a bid of the lot is admissible and it is said to be unsuccessful; Invalid
    without reason.
    """
    require_analysis(consultation)
    scope = scope_of(consultation, lot)
    _require_undecided(consultation, lot)
    if outcome not in (AwardOutcome.UNSUCCESSFUL, AwardOutcome.ABANDONED):
        raise Invalid("outcome-unknown", "This end is unknown.", "Choose one of the two.")
    admissible = [
        one
        for one in bids_for(consultation, scope)
        if one.state == ADMISSIBLE and one.candidacy.state == ADMITTED
    ]
    if outcome == AwardOutcome.UNSUCCESSFUL and admissible:
        raise Conflict(
            "bids-admissible",
            "This lot has an admissible bid: it is not unsuccessful.",
            "Award it, or declare it without follow-up for a reason of general interest.",
        )
    award = Award(
        consultation=consultation, lot=scope, outcome=outcome, reason=stated(reason, limit=LONGEST_REASON)
    )
    _hear_committee(award, without_committee, legal_day(actor.now()))
    _decide(actor, consultation, award)
    return Outcome(award, _told(award), *_completed(actor, consultation, version))


@action(Procurement.AWARD, on="consultation")
def withdraw_decision(
    *, actor: Actor, consultation: Consultation, lot: UUID | None, reason: str
) -> Outcome[Award]:
    """Takes the decision on a lot back, while no candidate was told of any. Raises Conflict afterwards."""
    if consultation.state not in (life.ANALYSIS, life.DECIDED) or decision_letters(consultation):
        raise Conflict(
            "candidates-told",
            "The candidates were told of the decision: it is no longer taken back here.",
            "If it is wrong, declare the procedure without follow-up, with its reason.",
        )
    found = next((one for one in awards_of(consultation) if one.lot_id == lot), None)
    if found is None:
        raise Conflict("not-decided", "Nothing is decided on this lot.", "Reload the page.")
    found.withdrawn_at = actor.now()
    found.withdrawal_reason = stated(reason, limit=LONGEST_REASON)
    found.save()
    Contract.objects.filter(consultation=consultation, state="drafted").delete()
    # What a side has signed on paper stays in the file.
    Contract.objects.filter(award=found, state="signing").update(
        state="given_up", end_reason=found.withdrawal_reason
    )
    if consultation.state == life.DECIDED:
        move(consultation, "reconsider", actor, None)
        consultation.save()
    wait_for_next_step(consultation, actor)
    fact = facts.LotDecisionWithdrawn(
        subject=found.subject, matter=consultation.pk, lot=lot, reason=found.withdrawal_reason
    )
    return Outcome(found, fact)


@action(Procurement.AWARD, on="consultation")
def end_without_contract(
    *,
    actor: Actor,
    consultation: Consultation,
    outcome: str,
    reason: str,
    without_committee: str = "",
    version: int | None = None,
) -> Outcome[Consultation]:
    """Ends the whole procedure: ``abandoned`` (general interest) until the signature, ``unsuccessful`` without any bid.

    Raises Conflict once a contract is signed, while a bid is still being checked or, for an unsuccessful one, while a bid
    is closed or may still be accepted; Invalid when it is unsuccessful without the tender committee, and ``without_committee`` does not say why.
    """
    if any(one.state not in ("drafted", "signing", "given_up") for one in contracts_of(consultation)):
        raise Conflict(
            "contract-signed", "A contract is signed: the procedure is over.", "End the contract itself."
        )
    require_all_settled(consultation, current_round(consultation))
    if outcome == AwardOutcome.UNSUCCESSFUL and _has_admissible(consultation):
        raise Conflict(
            "bids-admissible",
            "A bid may still be accepted: the procedure is not unsuccessful.",
            "Examine the bids, or declare it without follow-up for a reason of general interest.",
        )
    if outcome == AwardOutcome.UNSUCCESSFUL and _has_closed(consultation):
        raise Conflict(
            "bids-closed",
            "Bids that arrived in time are not open yet: the procedure is not unsuccessful.",
            "Open them first, or declare it without follow-up for a reason of general interest.",
        )
    verb = "declare_unsuccessful" if outcome == AwardOutcome.UNSUCCESSFUL else "abandon"
    said = stated(reason, limit=LONGEST_REASON)
    ends = [
        Award(consultation=consultation, lot=lot, outcome=outcome, reason=said)
        for lot in scopes(consultation)
        if not Award.objects.filter(consultation=consultation, lot=lot, withdrawn_at=None).exists()
    ]
    for award in ends:
        _hear_committee(award, without_committee, legal_day(actor.now()))
    move(consultation, verb, actor, version)
    consultation.save()
    Contract.objects.filter(consultation=consultation, state__in=["drafted", "signing"]).update(
        state="given_up"
    )
    for award in ends:
        _decide(actor, consultation, award)
    tell_of_end(actor, consultation, said)
    wait_for_next_step(consultation, actor)
    fact = facts.ConsultationEndedWithout(**about(consultation), state=consultation.state, reason=said)
    return Outcome(consultation, fact)


def _has_admissible(consultation: Consultation) -> bool:
    waiting = Candidacy.objects.filter(consultation=consultation).exclude(state__in=OUT)
    return Bid.objects.filter(
        consultation=consultation, candidacy__in=waiting, state__in=["opened", "explaining", "admissible"]
    ).exists()


def _has_closed(consultation: Consultation) -> bool:
    if consultation.state not in _BEFORE_EXAMINATION:
        return False
    round = current_round(consultation)
    return any(openable(consultation, round, envelope) for envelope in Envelope.values)


def _require_undecided(consultation: Consultation, lot: UUID | None) -> None:
    if any(one.lot_id == lot for one in awards_of(consultation)):
        raise Conflict("lot-decided", "This lot is decided already.", "Take the decision back first.")


def _require_best(consultation: Consultation, bid: Bid, lot: UUID | None) -> None:
    first = ranked_first(consultation, lot)
    if not first:
        raise Conflict("not-ranked", "The bids of this lot are not ranked.", "Rank them first.")
    if bid.pk not in {one.pk for one in first}:
        raise Conflict(
            "not-first",
            "This bid does not come first: another one is economically the most advantageous.",
            "If the first one can no longer be chosen, eliminate it with its reason, and rank again.",
        )


def _committee_says(
    consultation: Consultation, bid: Bid, lot: UUID | None, day: date
) -> CommitteeDecision | None:
    kind = awaited_committee(consultation, day)
    if kind == CDSP:
        require_opinions(consultation, [lot], day)
    if kind != CAO:
        return None
    decision = committee_award(consultation, lot)
    if decision is None:
        raise Conflict(
            "committee-awards",
            "Above the European threshold the tender committee chooses, and it has not: nothing was awarded"
            " (CGCT L1414-2).",
            "Convene it; its decision is then carried out here.",
        )
    if decision.bid_id != bid.pk:
        raise Conflict(
            "committee-chose-another",
            "The tender committee chose another bid for this lot.",
            "Carry out its decision.",
        )
    return decision


def _hear_committee(award: Award, without: str, day: date) -> None:
    """The tender committee found the bids of the lot unacceptable, or it is said why it was not asked; without any bid it
    has nothing to say."""
    consultation, lot = award.consultation, award.lot
    if (
        award.outcome != AwardOutcome.UNSUCCESSFUL
        or not bids_for(consultation, lot)
        or awaited_committee(consultation, day) != CAO
    ):
        return
    found = said_by(consultation, CAO).get(award.lot_id)
    if found is not None and found.outcome == DECLARED:
        award.by_committee = found
        return
    if not without.strip():
        fault = Fault(
            "without_committee",
            "committee-not-heard",
            "Above the European threshold the tender committee chooses (CGCT L1414-2), and it has not found this lot"
            " unsuccessful.",
            "Convene it, or write why you declare it without its decision.",
        )
        raise Invalid("end-refused", "Nothing was ended.", "See the point below.", faults=[fault])
    award.without_committee = stated(without, limit=LONGEST_REASON)


def _decide(actor: Actor, consultation: Consultation, award: Award) -> Award:
    held_at = award.by_committee.meeting.held_at if award.by_committee else None
    award.decided_at, award.person_id = actor.now(), actor.person
    award.decided_on = legal_day(held_at or actor.now())
    award.save(force_insert=True)
    return award


def _told(award: Award) -> facts.LotDecided:
    return facts.LotDecided(
        subject=award.subject,
        matter=award.consultation_id,
        lot=award.lot_id,
        outcome=award.outcome,
        bid=award.bid_id,
        supplier=award.supplier_id,
        amount=award.amount,
        decided_on=award.decided_on,
        by_committee=award.by_committee_id is not None,
        without_committee=award.without_committee,
        reason=award.reason,
    )


def _completed(actor: Actor, consultation: Consultation, version: int | None) -> list[Fact]:
    """Once every lot is decided, the consultation is; its contracts wait to be signed."""
    decisions = awards_of(consultation)
    if len(decisions) < len(scopes(consultation)):
        wait_for_next_step(consultation, actor)
        return []
    won = awarded(consultation)
    counts: dict[str, Any] = {
        name: sum(one.outcome == name for one in decisions) for name in AwardOutcome.values
    }
    move(consultation, "decide" if won else _end_of(counts), actor, version)
    consultation.save()
    drafted = {one.award_id for one in contracts_of(consultation)}
    for award in won:
        if award.pk not in drafted:
            _draft_contract(actor, consultation, award)
    if not won:
        tell_of_end(actor, consultation, " ".join(dict.fromkeys(one.reason for one in decisions)))
    wait_for_next_step(consultation, actor)
    return [facts.ConsultationDecided(**about(consultation), state=consultation.state, **counts)]


def _end_of(counts: Mapping[str, int]) -> str:
    return "declare_unsuccessful" if counts[AwardOutcome.UNSUCCESSFUL] else "abandon"


def _draft_contract(actor: Actor, consultation: Consultation, award: Award) -> None:
    if award.supplier is None or award.amount is None:
        return
    title = consultation.title if award.lot is None else f"{consultation.title} – {award.lot}"
    contract = Contract.objects.create(
        organisation_id=consultation.organisation_id,
        consultation=consultation,
        award=award,
        lot=award.lot,
        number=contract_number(consultation, award.lot),
        title=title[:300],
        holder=award.supplier,
        amount=award.amount,
        duration_months=consultation.duration_months,
        invoicing_siret=consultation.organisation.siret,
        created_at=actor.now(),
    )
    _write_holders(contract, award)


def _write_holders(contract: Contract, award: Award) -> None:
    """The enterprise that bid, and those that bid with it."""
    lead = contract.holder
    contract.holders.create(siret=lead.siret or lead.siren, name=lead.name, is_lead=True)
    if award.deposit is None:
        return
    for member in award.deposit.draft.members.exclude(siret=lead.siret):
        contract.holders.create(siret=member.siret, name=member.name)
