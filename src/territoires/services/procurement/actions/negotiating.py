"""Rounds to which candidates are invited: the same invitation for all, a deadline and keys of their own.

The first one of a procedure in two stages is that of the tenders: who is invited to it was selected, and the other candidates
are told at the same time; a dialogue selects so at each round. Every other one negotiates; criteria are never negotiated.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from territoires.contracts import procurement_award as facts
from territoires.foundations.actions.api import Outcome, action
from territoires.kernel.actor import Actor
from territoires.kernel.clock import first_instant, legal_day
from territoires.kernel.errors import Conflict, Fault, Invalid
from territoires.kernel.fact import Fact

from ..domain.examination import ADMITTED, CANDIDACY, RECEIVED, UNSELECTED
from ..domain.findings import msgid
from ..domain.law import ADAPTED, CONCESSION, CONTEST, DIALOGUE, DIRECT, DYNAMIC, INNOVATION, NEGOTIATED
from ..domain.wording import stated
from ..models import (
    LONGEST_REASON,
    LONGEST_TEXT,
    Candidacy,
    Consultation,
    Letter,
    LetterKind,
    Lot,
    NegotiationRound,
)
from ..permissions import Procurement
from ..queries.award import awards_of
from ..queries.evaluation import bids_of, candidacies_of, lots_answered
from ..queries.law import law_on
from ..queries.letters import refusal_of
from ..queries.quorum import quorum_obstacles
from ..queries.rounds import (
    FIRST,
    awaits_tenders,
    current_round,
    in_dialogue,
    prepared_round,
    rounds_of,
)
from .examining import TOLD_OUT, require_analysis, require_opinions
from .moving import about, move
from .next_step import wait_for_next_step
from .policies import settle_policy
from .telling import tell_enterprise

SHORTEST = timedelta(days=2)
NEGOTIABLE = (DIRECT, NEGOTIATED, DIALOGUE, INNOVATION, CONCESSION)


def may_negotiate(consultation: Consultation) -> bool:
    """Whether the procedure allows it: by its nature, because an adapted one announced it, or with a contest's laureates."""
    return (
        consultation.procedure in NEGOTIABLE
        or (consultation.procedure == ADAPTED and consultation.is_negotiated)
        or (consultation.procedure == CONTEST and consultation.anonymity_lifted_at is not None)
    )


def may_open_round(consultation: Consultation) -> bool:
    """Whether one more round may be prepared now."""
    try:
        require_analysis(consultation)
        _require_negotiable(consultation)
    except Conflict:
        return False
    return True


@action(Procurement.NEGOTIATE, on="consultation")
def prepare_round(
    *,
    actor: Actor,
    consultation: Consultation,
    information: str,
    deadline_at: datetime,
    is_final: bool = False,
) -> Outcome[NegotiationRound]:
    """Makes the next round ready, or changes it: nobody is invited yet, and its keys are made meanwhile.

    Raises Conflict where the procedure does not negotiate or the final offers are in, Invalid for a deadline too near.
    """
    require_analysis(consultation)
    _require_negotiable(consultation)
    _require_time(consultation, deadline_at, actor)
    if consultation.procedure == DIALOGUE:
        is_final = _is_after_dialogue(consultation, is_final=is_final)
    made, _created = NegotiationRound.objects.update_or_create(
        consultation=consultation,
        round=current_round(consultation) + 1,
        defaults={
            "information": stated(information, limit=LONGEST_TEXT),
            "deadline_at": deadline_at.replace(microsecond=0),
            "is_final": is_final,
        },
    )
    policy = settle_policy(actor, consultation, made.round)
    fact = facts.RoundPrepared(
        **about(consultation), round=made.round, deadline_at=made.deadline_at, is_final=is_final
    )
    return Outcome(made, fact, *policy)


@action(Procurement.NEGOTIATE, on="consultation")
def open_round(
    *,
    actor: Actor,
    consultation: Consultation,
    bidders: Sequence[UUID],
    reasons: Mapping[UUID, str] | None = None,
    lots: Mapping[UUID, Collection[int]] | None = None,
    few_reason: str = "",
    version: int | None = None,
) -> Outcome[NegotiationRound]:
    """Invites the candidates, all with the same words, and opens the round to their sealed bids.

    To the tenders of a procedure in two stages, and to each round of a dialogue, it also selects: ``reasons`` say, by bidder, why a candidate that is fit is not
    invited, or not for all the lots that it answered (``lots`` names those for which it is, by number), and ``few_reason`` why fewer are than usual. Raises Conflict while its keys are not ready or a candidature is not
    examined, or the committee of a concession not heard, Invalid when nobody or somebody not admitted is invited, or a reason is missing.
    """
    prepared = prepared_round(consultation)
    if prepared is None:
        raise Conflict("no-round", "No round is ready.", "Prepare it first: what is negotiated, until when.")
    _require_negotiable(consultation)
    if obstacles := quorum_obstacles(consultation, prepared.round):
        raise Conflict(
            "round-without-keys",
            "The keys of this round are not ready: the new bids could not be sealed.",
            "Have the officers accept this round first.",
            faults=[one.as_fault() for one in obstacles],
        )
    _require_time(consultation, prepared.deadline_at, actor)
    if consultation.procedure == CONCESSION and not awaits_tenders(consultation):
        require_opinions(consultation, {bid.lot_id for bid in bids_of(consultation)}, legal_day(actor.now()))
    invited = _invited(consultation, bidders)
    selects = awaits_tenders(consultation)
    choices = _chosen_lots(
        consultation, prepared.round, invited, (lots or {}) if selects else {}, reasons or {}
    )
    selected: list[Fact] = []
    if selects:
        if prepared.round == FIRST + 1:
            prepared.few_reason = _require_enough(
                consultation, prepared.round, choices, few_reason, legal_day(actor.now())
            )
        selected = _select(actor, consultation, invited, reasons or {})
    move(consultation, "negotiate", actor, version)
    consultation.save()
    prepared.invited_at = actor.now()
    prepared.save()
    for choice in choices:
        _invite(actor, consultation, prepared, choice)
    wait_for_next_step(consultation, actor)
    fact = facts.RoundOpened(
        **about(consultation),
        round=prepared.round,
        deadline_at=prepared.deadline_at,
        is_final=prepared.is_final,
        bidders=tuple(one.bidder_id for one in invited),
        lots=tuple(
            f"{one.candidacy.bidder_id} {lot.number}" for one in choices if one.left for lot in one.lots
        ),
    )
    return Outcome(prepared, fact, *selected)


@dataclass(frozen=True, slots=True)
class Choice:
    """A candidate that is invited, to which of the lots that it answered; ``left``: not to these, for ``reason``."""

    candidacy: Candidacy
    lots: Sequence[Lot]
    left: Sequence[Lot] = ()
    reason: str = ""


def _chosen_lots(
    consultation: Consultation,
    round: int,
    invited: Sequence[Candidacy],
    lots: Mapping[UUID, Collection[int]],
    reasons: Mapping[UUID, str],
) -> list[Choice]:
    """Each is invited to the lots that it answered, or to those of them that were chosen: then it is told why."""
    found, faults = [], []
    for one in invited:
        answered = lots_answered(consultation, one.bidder_id, round)
        known = {lot.number for lot in answered}
        chosen = set(lots.get(one.bidder_id, known))
        left = [lot for lot in answered if lot.number not in chosen]
        if not chosen <= known or (known and not chosen):
            faults.append(
                Fault(
                    f"lots-{one.bidder_id}",
                    "selected-lot-unanswered",
                    "%(name)s is selected for a lot that it did not answer, or for none.",
                    "Choose among the lots of its candidature.",
                    {"name": one.bidder.name},
                )
            )
        elif left and not reasons.get(one.bidder_id, "").strip():
            faults.append(
                Fault(
                    f"reason-{one.bidder_id}",
                    "selection-reason-missing",
                    "%(name)s is not invited to all the lots that it answered, and it is not said why.",
                    "Say it from the conditions that were announced.",
                    {"name": one.bidder.name},
                )
            )
        reason = stated(reasons[one.bidder_id], limit=LONGEST_REASON) if left and not faults else ""
        found.append(Choice(one, [lot for lot in answered if lot not in left], left, reason))
    if faults:
        raise Invalid("invitation-refused", "Nobody was invited.", "Correct the choice.", faults=faults)
    return found


def _is_after_dialogue(consultation: Consultation, *, is_final: bool) -> bool:
    """Whether the round receives final tenders: once the dialogue was declared over, and not before."""
    if is_final and in_dialogue(consultation):
        raise Conflict(
            "dialogue-goes-on",
            "Final bids are asked for once the dialogue is over.",
            "Declare its end first.",
        )
    return not in_dialogue(consultation)


def _require_negotiable(consultation: Consultation) -> None:
    is_system = consultation.procedure == DYNAMIC
    if is_system or not (may_negotiate(consultation) or awaits_tenders(consultation)):
        raise Conflict(
            "not-negotiated",
            "This procedure does not negotiate: bids are judged as they are.",
            "An adapted procedure negotiates when its documents announced it.",
        )
    if awards_of(consultation):
        raise Conflict("already-decided", "A lot is decided already.", "Take the decision back first.")
    if any(one.is_final and one.invited_at is not None for one in rounds_of(consultation)):
        raise Conflict(
            "final-offers-in",
            "The final offers are in: nothing is negotiated any more.",
            "Evaluate them, and decide.",
        )


def _require_time(consultation: Consultation, deadline: datetime, actor: Actor) -> None:
    """The days that a bid takes; for the tenders of a formal procedure, those of the law, whole (CCP R2161-7)."""
    if deadline - actor.now() < SHORTEST:
        fault = Fault(
            "until_on",
            "round-too-short",
            "The round leaves less than two days.",
            "Leave the time that a new bid takes.",
        )
        raise Invalid("round-refused", "The round was not saved.", "Correct it.", faults=[fault])
    if not awaits_tenders(consultation):
        return
    today = legal_day(actor.now())
    law = law_on(today)
    limit = law.procedures[consultation.procedure].tenders
    days = limit.shortest(has_prior_notice=consultation.has_prior_notice, is_urgent=consultation.is_urgent)
    if days is None or not limit.is_verified:
        return
    last = law.calendar.last_day(today, days)
    if deadline < first_instant(last + timedelta(days=1)):
        fault = Fault(
            "until_on",
            "tenders-too-early",
            "The time to submit a bid is shorter than %(days)s whole days from the invitation: they end with %(last)s"
            " (%(article)s).",
            "Put the deadline after that day.",
            {"days": days, "last": last, "article": limit.article},
        )
        raise Invalid("round-refused", "The round was not saved.", "Correct it.", faults=[fault])


def _require_enough(
    consultation: Consultation, round: int, choices: Sequence[Choice], few_reason: str, today: date
) -> str:
    """The number of candidates that was announced, then that of the law, when so many are fit: for each lot where there
    are lots. Gives the reason to keep."""
    fit = [one for one in candidacies_of(consultation) if one.state == ADMITTED]
    answered = {
        one.pk: {lot.number for lot in lots_answered(consultation, one.bidder_id, round)} for one in fit
    }
    lots = sorted(set().union(*answered.values()))
    if not lots:
        return _require_enough_of(consultation, len(choices), len(fit), few_reason, today)
    kept = ""
    for number in lots:
        invited = sum(number in {lot.number for lot in one.lots} for one in choices)
        able = sum(number in one for one in answered.values())
        kept = _require_enough_of(consultation, invited, able, few_reason, today) or kept
    return kept


def _require_enough_of(
    consultation: Consultation, invited: int, fit: int, few_reason: str, today: date
) -> str:
    if consultation.most_candidates is not None and invited > consultation.most_candidates:
        raise _selection_refused(
            "bidders",
            "invited-too-many",
            msgid("More candidates are chosen than the %(most)d that the notice announced."),
            {"most": consultation.most_candidates},
        )
    if invited < min(fit, consultation.fewest_candidates or 0):
        raise _selection_refused(
            "bidders",
            "invited-too-few",
            msgid(
                "Fewer candidates are chosen than the %(fewest)d that the notice announced, though enough are fit."
            ),
            {"fewest": consultation.fewest_candidates},
        )
    least = law_on(today).rules.get(f"fewest-candidates-{consultation.procedure}")
    if least is None or invited >= min(fit, int(least.value)):
        return ""
    if least.is_verified:
        raise _selection_refused(
            "bidders",
            "invited-below-law",
            msgid(
                "At least %(fewest)d candidates are invited in this procedure, if so many are fit (%(article)s)."
            ),
            {"fewest": int(least.value), "article": least.article},
        )
    if not few_reason.strip():
        raise _selection_refused(
            "few_reason",
            "few-reason-missing",
            msgid("Fewer than %(fewest)d candidates are chosen though more are fit, and it is not said why."),
            {"fewest": int(least.value)},
        )
    return stated(few_reason, limit=LONGEST_REASON)


def _selection_refused(field: str, code: str, message: str, params: dict[str, Any]) -> Invalid:
    fault = Fault(field, code, message, "Choose others, or say why.", params)
    return Invalid("invitation-refused", "Nobody was invited.", "Correct the choice.", faults=[fault])


def _select(
    actor: Actor, consultation: Consultation, invited: Sequence[Candidacy], reasons: Mapping[UUID, str]
) -> list[Fact]:
    """The candidates that are not invited take no further part: each is told so, and why."""
    told_before = set(
        Letter.objects.filter(consultation=consultation, kind__in=TOLD_OUT).values_list(
            "candidacy", flat=True
        )
    )
    every = [one for one in candidacies_of(consultation) if one.pk not in told_before]
    if any(one.state == RECEIVED for one in every):
        raise Conflict(
            "candidates-to-examine",
            "A candidature is not examined yet: nobody was invited.",
            "Admit or refuse every candidate first.",
        )
    chosen = {one.pk for one in invited}
    left = [one for one in every if one.pk not in chosen]
    fit = [one for one in left if one.state == ADMITTED]
    faults = [
        Fault(
            f"reason-{one.bidder_id}",
            "selection-reason-missing",
            "%(name)s is not invited, and it is not said why.",
            "Say it from the conditions that were announced.",
            {"name": one.bidder.name},
        )
        for one in fit
        if not reasons.get(one.bidder_id, "").strip()
    ]
    if faults:
        raise Invalid("invitation-refused", "Nobody was invited.", "Correct the choice.", faults=faults)
    told: list[Fact] = []
    for one in fit:
        one.state = CANDIDACY.after(one.state, "set_aside")
        one.reason = stated(reasons[one.bidder_id], limit=LONGEST_REASON)
        one.decided_at, one.decided_by_id = actor.now(), actor.person
        one.save()
        told.append(
            facts.CandidacyDecided(
                **about(consultation),
                candidacy=one.pk,
                bidder=one.bidder_id,
                state=one.state,
                reason=one.reason,
            )
        )
    for one in left:
        kind = LetterKind.UNSELECTED if one.state == UNSELECTED else LetterKind.REJECTED_CANDIDACY
        write_letter(actor, consultation, one, kind, FIRST, {"lots": [], "paragraphs": refusal_of(one)})
    return told


def _invited(consultation: Consultation, bidders: Sequence[UUID]) -> list[Candidacy]:
    wanted = set(bidders)
    found = [one for one in candidacies_of(consultation) if one.bidder_id in wanted]
    if not found or len(found) != len(wanted) or any(one.state != ADMITTED for one in found):
        fault = Fault(
            "bidders",
            "invited-not-admitted",
            "Nobody is chosen, or somebody who was not admitted.",
            "Invite candidates that were admitted.",
        )
        raise Invalid("invitation-refused", "Nobody was invited.", "Correct the choice.", faults=[fault])
    return found


def _invite(actor: Actor, consultation: Consultation, prepared: NegotiationRound, choice: Choice) -> None:
    body = {
        "information": prepared.information,
        "deadline_at": prepared.deadline_at.isoformat(),
        "is_final": prepared.is_final,
        "on": legal_day(actor.now()).isoformat(),
        "only_lots": _told(choice.lots),
        "left_lots": _told(choice.left),
        "left_reason": choice.reason,
    }
    write_letter(actor, consultation, choice.candidacy, LetterKind.INVITATION, prepared.round, body)


def _told(lots: Sequence[Lot]) -> list[dict[str, Any]]:
    return [{"id": str(lot.pk), "number": lot.number, "title": lot.title} for lot in lots]


def write_letter(
    actor: Actor,
    consultation: Consultation,
    candidacy: Candidacy,
    kind: LetterKind,
    round: int,
    body: dict[str, Any],
) -> None:
    """Inside an action: a letter of a round leaves, and its enterprise is told."""
    letter = Letter.objects.create(
        consultation=consultation,
        candidacy=candidacy,
        bidder=candidacy.bidder,
        kind=kind,
        round=round,
        body=body,
        sent_at=actor.now(),
    )
    tell_enterprise(
        actor,
        consultation,
        candidacy.bidder,
        about=letter.pk,
        template="letter",
        page="letter",
        first=candidacy.deposit.person_id,
        kind=kind,
    )
