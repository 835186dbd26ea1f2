"""What is public of a consultation, and what its buyer reads of the publication."""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce

from territoires.foundations.actions import api as actions
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Conflict, Missing, TooLate

from ..domain import extending, life
from ..models import (
    Amendment,
    Consultation,
    Correspondent,
    Piece,
    Question,
    QuestionState,
    Withdrawal,
)
from ..permissions import Procurement
from .law import law_on
from .rounds import FIRST, current_round, deadline_of

DEADLINE = Coalesce(F("applications_until"), F("tenders_until"))
MOST_WAITING, MOST_OF_ONE = 500, 20


def public_consultation(actor: Actor, key: UUID) -> Consultation:
    """A consultation that is or was public. Raises Missing."""
    found = actions.visible(actor, Procurement.CONSULT).select_related("organisation").filter(pk=key).first()
    if found is None:
        raise Missing(
            "no-consultation",
            "There is no such consultation, or it is not published.",
            "Search for it among the published consultations.",
        )
    return found


def first_deadline(consultation: Consultation) -> datetime | None:
    """Until when enterprises answer the call: with applications where the procedure has two stages, else with bids."""
    return deadline_of(consultation, FIRST)


def is_open(consultation: Consultation, at: datetime) -> bool:
    """Whether an answer is in time now: the deadline counts to the microsecond, whenever the platform takes note."""
    deadline = first_deadline(consultation)
    return consultation.state == life.PUBLISHED and deadline is not None and at <= deadline


def state_at(consultation: Consultation, at: datetime) -> str:
    """The state as it is read: closed as soon as the deadline of its round has passed."""
    after = life.AFTER_DEADLINE.get(consultation.state)
    if after is None:
        return consultation.state
    deadline = deadline_of(consultation, FIRST if after == life.CLOSED else current_round(consultation))
    return after if deadline is not None and at > deadline else consultation.state


def require_open(consultation: Consultation, at: datetime) -> None:
    """Raises TooLate once the deadline has passed, Conflict when it is not open for another reason."""
    if is_open(consultation, at):
        return
    deadline = first_deadline(consultation)
    if deadline is not None and at > deadline:
        raise TooLate(
            "consultation-closed", "The deadline of this consultation has passed.", "Nothing was changed."
        )
    raise Conflict(
        "consultation-not-open", "This consultation is not open.", "Look at its page to see where it stands."
    )


def takes_questions(consultation: Consultation, at: datetime) -> bool:
    """Whether a question may still be asked."""
    last = consultation.questions_until
    in_time = last is None or legal_day(at) <= last
    return in_time and (is_open(consultation, at) or consultation.state == life.SUSPENDED)


def answers_due(consultation: Consultation, at: datetime) -> datetime | None:
    """Until when an answer leaves enterprises the days that the text asks."""
    deadline = first_deadline(consultation)
    if deadline is None:
        return None
    return extending.last_answers(deadline, law_on(legal_day(at)), is_urgent=consultation.is_urgent)


def proposed_deadline(consultation: Consultation, at: datetime, *, is_substantial: bool) -> datetime | None:
    """The deadline to propose after a change made at that instant; None when the present one serves."""
    deadline = first_deadline(consultation)
    if deadline is None:
        return None
    return extending.proposed_deadline(
        at,
        deadline,
        law_on(legal_day(at)),
        is_urgent=consultation.is_urgent,
        is_substantial=is_substantial,
    )


# -- what changed -------------------------------------------------------------------------------------------------------


def amendments_of(consultation: Consultation) -> list[Amendment]:
    return list(Amendment.objects.filter(consultation=consultation))


def former_pieces_of(consultation: Consultation) -> list[Piece]:
    """The documents that no longer hold, the last to be retired first."""
    found = Piece.objects.filter(consultation=consultation, retired_in__isnull=False)
    return list(found.select_related("document").order_by("-retired_in", "position"))


def public_piece(consultation: Consultation, sha256: str) -> Piece:
    """One document, in force or not any more. Raises Missing."""
    found = Piece.objects.filter(consultation=consultation, sha256=sha256).select_related("document").first()
    if found is None:
        raise Missing(
            "no-document",
            "This file is not part of the consultation.",
            "Go back to its page and take the present one.",
        )
    return found


# -- questions ----------------------------------------------------------------------------------------------------------


def answered_of(consultation: Consultation) -> list[Question]:
    """The answers that all may read, the last first."""
    found = Question.objects.filter(consultation=consultation, state=QuestionState.ANSWERED)
    return list(found.order_by("-number"))


def questions_of(consultation: Consultation) -> list[Question]:
    """All the questions, those that wait first."""
    found = Question.objects.filter(consultation=consultation).order_by("asked_at")
    return sorted(found, key=lambda one: one.state != QuestionState.OPEN)


def question_of(consultation: Consultation, key: UUID) -> Question:
    """One question of the consultation. Raises Missing."""
    found = Question.objects.filter(consultation=consultation, pk=key).first()
    if found is None:
        raise Missing("no-question", "There is no such question here.", "Go back to the questions.")
    return found


def next_question_number(consultation: Consultation) -> int:
    return Question.objects.filter(consultation=consultation, number__isnull=False).count() + 1


def too_many_wait(consultation: Consultation, person: UUID | None) -> bool:
    """Whether no more questions of a person are taken: each account has its own bound, visitors without one share theirs.

    Thus whoever fills the list without an account closes the door to nobody who has one.
    """
    waiting = Question.objects.filter(consultation=consultation, state=QuestionState.OPEN, person=person)
    return waiting.count() >= (MOST_WAITING if person is None else MOST_OF_ONE)


def news_of(consultation: Consultation, key: UUID) -> Amendment | Question:
    """The amendment or the question of that id."""
    amendment = Amendment.objects.filter(consultation=consultation, pk=key).first()
    return amendment or question_of(consultation, key)


# -- the register -------------------------------------------------------------------------------------------------------


def correspondents_of(consultation: Consultation) -> list[Correspondent]:
    """Those who are to be told."""
    return list(Correspondent.objects.filter(consultation=consultation, stopped_at=None, withdrawn_at=None))


def correspondent_with(consultation: Consultation, key: UUID, token: str) -> Correspondent:
    """The correspondent whose link this is. Raises Missing."""
    found = Correspondent.objects.filter(consultation=consultation, pk=key).first()
    if found is None or not hmac.compare_digest(found.token.encode(), token.encode()):
        raise Missing("no-such-link", "This link does not exist.", "Take it again from the last mail.")
    return found


def correspondent_by_key(consultation: Consultation, key: UUID) -> Correspondent | None:
    """One who is still to be told."""
    return Correspondent.objects.filter(consultation=consultation, pk=key, stopped_at=None).first()


def correspondent_at(consultation: Consultation, email: str) -> Correspondent | None:
    return Correspondent.objects.filter(
        consultation=consultation, email__iexact=email, withdrawn_at=None
    ).first()


def withdrawals_of(consultation: Consultation) -> QuerySet[Withdrawal]:
    """The register, in its order."""
    return Withdrawal.objects.filter(consultation=consultation).select_related("correspondent")


@dataclass(frozen=True, slots=True)
class RegisterCount:
    lines: int
    named: int


def register_count(consultation: Consultation) -> RegisterCount:
    found = Withdrawal.objects.filter(consultation=consultation)
    return RegisterCount(found.count(), found.exclude(correspondent=None).count())


def took_lately(
    consultation: Consultation, *, sha256: str, address_hash: str, correspondent: UUID | None, since: datetime
) -> bool:
    """Whether the same file left for the same place a moment ago: a second click is no second withdrawal."""
    return Withdrawal.objects.filter(
        consultation=consultation,
        sha256=sha256,
        address_hash=address_hash,
        correspondent=correspondent,
        withdrawn_at__gte=since,
    ).exists()


# -- what the clock calls -----------------------------------------------------------------------------------------------


def named(key: UUID) -> Consultation:
    """The consultation that a job names."""
    return Consultation.objects.get(pk=key)


def to_close(at: datetime) -> list[Consultation]:
    """Those whose call or later round the deadline has closed, and of which the platform has not taken note yet."""
    calls = Consultation.objects.filter(state=life.PUBLISHED).alias(deadline=DEADLINE)
    rounds = Consultation.objects.filter(state=life.NEGOTIATING)
    return [*calls.filter(deadline__lt=at), *(one for one in rounds if state_at(one, at) != one.state)]


def to_publish(at: datetime) -> Iterable[Consultation]:
    """The scheduled consultations whose time has come."""
    return Consultation.objects.filter(state=life.SCHEDULED, publish_at__lte=at)
