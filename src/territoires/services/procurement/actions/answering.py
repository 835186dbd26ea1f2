"""Questions of enterprises, and the answers that all may read."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_noop as _

from territoires.contracts import procurement_publication as facts
from territoires.foundations.actions.api import Outcome, action
from territoires.foundations.worklist import api as worklist
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Conflict, Fault, Invalid, TooLate
from territoires.kernel.text import clean

from ..domain import extending, life
from ..domain.law import ADAPTED
from ..domain.wording import one_line, stated
from ..models import LONGEST_ANSWER, LONGEST_QUESTION, LONGEST_REASON, Consultation, Question, QuestionState
from ..permissions import Procurement
from ..queries.law import law_on
from ..queries.publication import (
    answers_due,
    first_deadline,
    is_open,
    next_question_number,
    question_of,
    takes_questions,
    too_many_wait,
)
from ..queries.sheets import lots_of
from .amending import extended, have_told
from .publishing import desk_address

QUESTION = "procurement.question"
SHORTEST = 10


@action(Procurement.ASK)
def ask_question(
    *,
    actor: Actor,
    consultation: Consultation,
    text: str,
    lot_number: int | None = None,
    asker: str = "",
    email: str = "",
) -> Outcome[Question]:
    """Asks the buyer of an open consultation. ``asker`` and ``email`` may be empty; nobody but the buyer sees them.

    Raises TooLate once questions have ended, Invalid for what says nothing or too much, Conflict when so many of the
    asker wait, or of all who ask without an account, that no more are taken.
    """
    _require_asking(consultation, actor)
    question = Question(
        consultation=consultation,
        lot_number=lot_number if lot_number in {lot.number for lot in lots_of(consultation)} else None,
        text=_said("text", text, LONGEST_QUESTION),
        asked_at=actor.now(),
        person_id=actor.person,
        asker=one_line(asker)[:200],
        email=_email(email),
        language=actor.language[:2],
    )
    question.save(force_insert=True)
    worklist.open_item(
        organisation=consultation.organisation_id,
        subject=question.subject,
        matter=consultation.pk,
        kind=QUESTION,
        title=f"{consultation.reference} {question.text}"[:200],
        verb=_("Answer the question"),
        address=f"{desk_address('questions', consultation)}{question.pk}/",
        permission=Procurement.ANSWER,
        due_at=answers_due(consultation, actor.now()),
        state_label=_("Question of an enterprise"),
        tone="wait",
        at=actor.now(),
    )
    fact = facts.QuestionAsked(
        subject=question.subject,
        matter=consultation.pk,
        lot_number=question.lot_number,
        text=question.text,
        asker=question.asker,
        email=question.email,
    )
    return Outcome(question, fact)


@action(Procurement.ANSWER, on="consultation")
def answer_question(
    *,
    actor: Actor,
    consultation: Consultation,
    question: UUID,
    public_text: str,
    answer: str,
    tenders_until: datetime | None = None,
    late_reason: str = "",
) -> Outcome[Question]:
    """Publishes the question, as the buyer words it without its author, and the answer.

    Too near the deadline, it puts the deadline off to ``tenders_until``, or says why not in ``late_reason``. Raises
    TooLate after the deadline, Invalid for a late answer with neither (in a formal procedure: without the first).
    """
    found = question_of(consultation, question)
    _require_answering(consultation, found, actor.now())
    is_late = is_late_answer(consultation, actor.now())
    found.late_reason = _late_reason(consultation, actor, tenders_until, late_reason) if is_late else ""
    found.public_text = _said("public_text", public_text, LONGEST_QUESTION)
    found.answer = _said("answer", answer, LONGEST_ANSWER, shortest=1)
    found.state, found.number = QuestionState.ANSWERED, next_question_number(consultation)
    found.answered_at, found.answered_by_id = actor.now(), actor.person
    found.save()
    worklist.close_items(found.subject)
    more: tuple[Any, ...] = ()
    if tenders_until is not None and consultation.state == life.PUBLISHED:
        why = f"Réponse à la question {found.number}, publiée à tous les candidats."
        field = "applications_until" if consultation.applications_until else "tenders_until"
        more = tuple(extended(actor, consultation, why, why, {field: tenders_until}).facts)
    have_told(consultation, found.pk)
    fact = facts.QuestionAnswered(
        subject=found.subject,
        matter=consultation.pk,
        number=found.number,
        is_late=is_late,
        question=found.public_text,
        answer=found.answer,
    )
    return Outcome(found, fact, *more)


@action(Procurement.ANSWER, on="consultation")
def dismiss_question(
    *, actor: Actor, consultation: Consultation, question: UUID, reason: str
) -> Outcome[Question]:
    """Leaves a question without a public answer: an insult, a mistake, the same one again. The reason stays in the file."""
    found = question_of(consultation, question)
    if found.state != QuestionState.OPEN:
        raise _answered()
    found.state, found.late_reason = QuestionState.DISMISSED, stated(reason, limit=LONGEST_REASON)
    found.answered_at, found.answered_by_id = actor.now(), actor.person
    found.save()
    worklist.close_items(found.subject)
    fact = facts.QuestionDismissed(subject=found.subject, matter=consultation.pk, reason=found.late_reason)
    return Outcome(found, fact)


def _require_asking(consultation: Consultation, actor: Actor) -> None:
    if not takes_questions(consultation, actor.now()):
        raise TooLate(
            "questions-ended",
            "Questions about this consultation have ended; yours was not sent.",
            "Read the answers already given; for a real obstacle, write to the address of the buyer.",
        )
    if not too_many_wait(consultation, actor.person):
        return
    if actor.person is not None:
        raise Conflict(
            "too-many-of-yours",
            "So many questions of yours wait here that no more are taken.",
            "Wait for the answers, or write to the address of the buyer.",
        )
    raise Conflict(
        "too-many-questions",
        "So many questions without an account wait that no more are taken now.",
        "Sign in to ask yours, or write to the address of the buyer.",
    )


def _require_answering(consultation: Consultation, question: Question, at: datetime) -> None:
    if question.state != QuestionState.OPEN:
        raise _answered()
    if not is_open(consultation, at) and consultation.state != life.SUSPENDED:
        raise TooLate(
            "consultation-closed",
            "The deadline has passed: an answer now would serve nobody.",
            "Leave the question without an answer, with that reason.",
        )


def is_late_answer(consultation: Consultation, at: datetime) -> bool:
    """Whether an answer given now leaves enterprises fewer whole days than the text asks."""
    deadline = first_deadline(consultation)
    if deadline is None or consultation.state == life.SUSPENDED:
        return False
    return extending.is_late(at, deadline, law_on(legal_day(at)), is_urgent=consultation.is_urgent)


def _late_reason(
    consultation: Consultation, actor: Actor, tenders_until: datetime | None, late_reason: str
) -> str:
    """Why the deadline does not move; nothing where it does. A formal procedure has no choice."""
    if tenders_until is not None:
        return ""
    if clean(late_reason) and consultation.procedure == ADAPTED:
        return stated(late_reason, limit=LONGEST_REASON)
    days = extending.information_days(law_on(legal_day(actor.now())), is_urgent=consultation.is_urgent)
    fault = Fault(
        "tenders_until",
        "answer-late",
        "Fewer than %(days)s whole days are left before the deadline: enterprises must have the time to use this answer.",
        "Put the deadline off.",
        {"days": days},
    )
    raise Invalid(
        "answer-late", "The answer was not published.", "Put the deadline off first.", faults=[fault]
    )


def _answered() -> Conflict:
    return Conflict(
        "question-settled", "This question is already settled; nothing was done twice.", "Read its answer."
    )


def _said(field: str, given: str, longest: int, *, shortest: int = SHORTEST) -> str:
    found = clean(given)
    if shortest <= len(found) <= longest:
        return found
    fault = Fault(
        field,
        "text-length",
        "This text is empty, too short, or has more than %(limit)d characters.",
        "Write it in a few sentences; attach nothing here.",
        {"limit": longest},
    )
    raise Invalid("text-refused", "Nothing was sent.", "Correct it.", faults=[fault])


def _email(given: str) -> str:
    found = clean(given)
    if not found:
        return ""
    try:
        validate_email(found)
    except ValidationError as error:
        raise wrong_email() from error
    return found


def wrong_email() -> Invalid:
    fault = Fault("email", "malformed-address", "This is no e-mail address.", "Correct it.")
    return Invalid("malformed-address", "Nothing was sent.", "Correct the address.", faults=[fault])
