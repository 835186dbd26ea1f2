"""The candidates are told, all in one gesture; their questions about it are answered in time."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext_noop as _

from territoires.contracts import procurement_award as facts
from territoires.foundations.actions.api import Outcome, action
from territoires.foundations.documents import api as documents
from territoires.foundations.worklist import api as worklist
from territoires.kernel.actor import Actor
from territoires.kernel.clock import first_instant, legal_day
from territoires.kernel.errors import Conflict

from ..domain import life
from ..domain.life import LIFE
from ..domain.wording import stated
from ..models import LONGEST_TEXT, BidderRequest, Candidacy, Consultation, Letter, LetterKind, ReasonsAsked
from ..permissions import Procurement
from ..queries.award import decision_letters, procedure_of, standstill_of
from ..queries.evaluation import candidacies_of, candidacy_of, deposited
from ..queries.law import law_on
from ..queries.letters import Draft, drafts_of, printed
from ..queries.rounds import FIRST
from .moving import about, move
from .next_step import wait_for_next_step
from .telling import tell_enterprise

LARGEST_LETTER = 5_000_000
REASONS = "reasons-asked"
REFUSALS = (LetterKind.REJECTED_BID, LetterKind.REJECTED_CANDIDACY, LetterKind.UNSELECTED)


@action(Procurement.AWARD, on="consultation")
def keep_standstill(*, actor: Actor, consultation: Consultation, keeps: bool) -> Outcome[Consultation]:
    """Whether a buyer who owes no standstill keeps one all the same. Raises Conflict once the letters have left."""
    _require_decided(consultation)
    if procedure_of(consultation, legal_day(actor.now())).is_formal:
        raise Conflict(
            "standstill-by-law", "The law itself sets the standstill of this procedure.", "Send the letters."
        )
    consultation.keeps_standstill = keeps
    consultation.save()
    return Outcome(consultation, facts.StandstillChosen(**about(consultation), keeps=keeps))


@action(Procurement.AWARD, on="consultation")
def tell_candidates(
    *, actor: Actor, consultation: Consultation, version: int | None = None
) -> Outcome[Consultation]:
    """Prints a letter for each candidate and sends them, all or none. The standstill runs from this day, where one is due.

    Printed inside, so that a call sent again prints nothing. Raises Conflict when nothing is decided.
    """
    _require_decided(consultation)
    sent = []
    for draft in drafts_of(consultation, actor.now()):
        letter = Letter(
            consultation=consultation,
            candidacy=draft.candidacy,
            bidder=draft.candidacy.bidder,
            kind=draft.kind,
            body=draft.body,
            sent_at=actor.now(),
        )
        letter.document = documents.attach(_printed(actor, draft, consultation), holder=letter.subject)
        letter.sha256 = letter.document.sha256
        letter.save(force_insert=True)
        sent.append(letter)
    reached = [_tell(actor, consultation, letter) for letter in sent]
    due = standstill_of(consultation, law_on(legal_day(actor.now())))
    if due is not None and due.until is not None:
        move(consultation, "tell_losers", actor, version)
        consultation.save()
    _nothing_more_is_asked(consultation)
    wait_for_next_step(consultation, actor)
    fact = facts.LettersSent(
        **about(consultation),
        bidders=tuple(one.bidder_id for one in sent),
        electronic=all(reached),
        standstill_days=due.days if due else 0,
        sign_from=due.sign_from if due else None,
        letters=tuple(one.sha256 for one in sent),
    )
    return Outcome(consultation, fact)


@action(Procurement.READ_LETTER, on="letter")
def open_letter(*, actor: Actor, letter: Letter) -> Outcome[Letter]:
    """Somebody of the enterprise reads a letter: the first time is the proof of its receipt."""
    if letter.first_opened_at is None:
        letter.first_opened_at, letter.opened_by_id = actor.now(), actor.person
        letter.save()
    fact = facts.LetterOpened(
        subject=letter.subject,
        matter=letter.consultation_id,
        bidder=letter.bidder_id,
        letter_kind=letter.kind,
    )
    return Outcome(letter, fact)


@action(Procurement.READ_LETTER, on="letter")
def ask_reasons(*, actor: Actor, letter: Letter) -> Outcome[ReasonsAsked]:
    """A candidate that was not chosen asks why. Raises Conflict for another letter, or when it has asked already."""
    if letter.kind not in REFUSALS:
        raise Conflict("no-reasons", "This letter refuses nothing.", "Write to the buyer.")
    if ReasonsAsked.objects.filter(candidacy=letter.candidacy_id).exists():
        raise Conflict("reasons-asked", "Your enterprise has asked already.", "Wait for the answer.")
    made = ReasonsAsked.objects.create(
        consultation=letter.consultation,
        candidacy=letter.candidacy,
        person_id=actor.person,
        asked_at=actor.now(),
    )
    today = legal_day(actor.now())
    due_on = today + timedelta(days=int(law_on(today).rules["reasons-days"].value))
    consultation = letter.consultation
    worklist.open_item(
        organisation=consultation.organisation_id,
        subject=letter.subject,
        matter=consultation.pk,
        kind=REASONS,
        title=f"{consultation.reference} {letter.bidder.name}",
        verb=_("Give the reasons"),
        address=reverse(
            "procurement_desk:letters",
            kwargs={"organisation": consultation.organisation.reference, "consultation": consultation.pk},
        ),
        permission=Procurement.AWARD,
        due_at=first_instant(due_on + timedelta(days=1)),
        state_label=LIFE.states[consultation.state].label,
        at=actor.now(),
    )
    fact = facts.ReasonsRequested(
        subject=letter.subject, matter=consultation.pk, bidder=letter.bidder_id, due_on=due_on
    )
    return Outcome(made, fact)


@action(Procurement.AWARD, on="consultation")
def give_reasons(*, actor: Actor, consultation: Consultation, candidacy: UUID, text: str) -> Outcome[Letter]:
    """Answers a candidate that asked why. Raises Conflict when it asked nothing, Invalid for an empty answer."""
    found: Candidacy = candidacy_of(consultation, candidacy)
    asked = ReasonsAsked.objects.filter(candidacy=found, answer=None).first()
    if asked is None:
        raise Conflict("nothing-asked", "This candidate waits for no answer.", "Nothing to do.")
    letter = Letter.objects.create(
        consultation=consultation,
        candidacy=found,
        bidder=found.bidder,
        kind=LetterKind.REASONS,
        body={"paragraphs": [stated(text, limit=LONGEST_TEXT)]},
        sent_at=actor.now(),
    )
    asked.answer = letter
    asked.save()
    for before in Letter.objects.filter(candidacy=found, kind__in=REFUSALS):
        worklist.close_items(before.subject, REASONS)
    _tell(actor, consultation, letter)
    fact = facts.ReasonsGiven(subject=letter.subject, matter=consultation.pk, bidder=found.bidder_id)
    return Outcome(letter, fact)


def tell_of_end(actor: Actor, consultation: Consultation, reason: str) -> None:
    """Inside an action: every enterprise that answered learns that the procedure ends without contract, and why."""
    for one in deposited(consultation, FIRST):
        Candidacy.objects.get_or_create(
            consultation=consultation, bidder=one.deposit.bidder, defaults={"deposit": one.deposit}
        )
    for candidacy in candidacies_of(consultation):
        letter = Letter.objects.create(
            consultation=consultation,
            candidacy=candidacy,
            bidder=candidacy.bidder,
            kind=LetterKind.CLOSED,
            body={"state": consultation.state, "paragraphs": [reason]},
            sent_at=actor.now(),
        )
        _tell(actor, consultation, letter)
    _nothing_more_is_asked(consultation)


def _nothing_more_is_asked(consultation: Consultation) -> None:
    """What an enterprise left without an answer waits on its desk no more."""
    for asked in BidderRequest.objects.filter(consultation=consultation, answered_at=None):
        worklist.close_items(asked.subject)


def _printed(actor: Actor, draft: Draft, consultation: Consultation) -> Any:
    return documents.receive(
        [printed(draft, consultation, actor.now())],
        name=f"lettre-{draft.candidacy.bidder.reference}.pdf",
        organisation=consultation.organisation_id,
        actor=replace(actor, idempotency_key=None),
        limit=LARGEST_LETTER,
    )


def _tell(actor: Actor, consultation: Consultation, letter: Letter) -> bool:
    return tell_enterprise(
        actor,
        consultation,
        letter.bidder,
        about=letter.pk,
        template="letter",
        page="letter",
        first=letter.candidacy.deposit.person_id,
        kind=letter.kind,
    )


def _require_decided(consultation: Consultation) -> None:
    if consultation.state != life.DECIDED:
        raise Conflict(
            "not-decided",
            "The candidates are told once every lot is decided, and once only.",
            "Decide the lots that are still open.",
        )
    if decision_letters(consultation):
        raise Conflict("letters-sent", "The candidates were told already.", "Read the letters that left.")
