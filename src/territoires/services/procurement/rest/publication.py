"""From the publication to the deadline: publish, correct, answer; the register of withdrawals."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from ninja import Query, Router, Schema
from pydantic import Field

from territoires.foundations.registry.api import Day, Instant

from ..actions import amending, answering, publishing
from ..domain.sheet import LONGEST_TITLE
from ..models import LONGEST_ANSWER, LONGEST_QUESTION, LONGEST_REASON, LONGEST_TEXT, Withdrawal
from ..permissions import Procurement
from ..queries import publication as queries
from ..queries.change_proofs import Change, changes_of
from .shared import (
    TABLE_READ,
    Page,
    PageAfter,
    Reason,
    State,
    actor_of,
    consultation_in,
    paged,
    performed,
    table,
)

router = Router()


class Publishing(Schema):
    """``shows_value``: the estimate is public, too."""

    shows_value: bool = False


class Scheduling(Publishing):
    publish_at: Instant


class AmendmentIn(Schema):
    """What changes; fields that are absent stay. Deadlines only move later."""

    summary: str = Field(max_length=LONGEST_TEXT)
    reason: str = Field(max_length=LONGEST_REASON)
    is_substantial: bool = False
    title: str | None = Field(default=None, max_length=LONGEST_TITLE)
    description: str | None = Field(default=None, max_length=LONGEST_TEXT)
    contact_email: str | None = Field(default=None, max_length=254)
    review_body: str | None = Field(default=None, max_length=200)
    questions_until: Day | None = None
    applications_until: Instant | None = None
    tenders_until: Instant | None = None


class Resuming(Schema):
    """A suspended call resumes with a deadline to come."""

    reason: str = Field(max_length=LONGEST_REASON)
    tenders_until: Instant
    applications_until: Instant | None = None


class AmendmentOut(Schema):
    """One change; ``changes`` lists the corrected fields with their value before and after.

    ``documents`` are the digests of those that came with it; ``policy_sha256`` the hash of the opening rules that a moved
    deadline wrote anew, else empty.
    """

    version: int
    verb: str
    summary: str
    reason: str
    is_substantial: bool
    changes: list[dict[str, Any]]
    tenders_before: datetime | None
    tenders_after: datetime | None
    made_at: datetime
    documents: list[str]
    policy_sha256: str


class QuestionOut(Schema):
    """A question, without its author."""

    id: UUID
    state: str
    number: int | None
    lot_number: int | None
    text: str
    public_text: str
    answer: str
    asked_at: datetime
    answered_at: datetime | None


class AnswerIn(Schema):
    """``public_text`` is the question as all read it, without what would name its author."""

    public_text: str = Field(max_length=LONGEST_QUESTION)
    answer: str = Field(max_length=LONGEST_ANSWER)
    tenders_until: Instant | None = None
    late_reason: str = Field(default="", max_length=LONGEST_REASON)


class WithdrawalOut(Schema):
    """One line of the register; ``name`` and ``email`` are empty for somebody who left none."""

    id: UUID
    withdrawn_at: datetime
    sha256: str
    version: int
    name: str
    email: str
    enterprise: str


@router.post("/consultations/{consultation}/publish", response={200: State}, summary="Publish a consultation")
def publish_consultation(
    request: HttpRequest, response: HttpResponse, consultation: UUID, how: Publishing
) -> State:
    return performed(
        request,
        response,
        publishing.publish_consultation,
        consultation,
        Procurement.PUBLISH,
        shows_value=how.shows_value,
    )


@router.post(
    "/consultations/{consultation}/schedule", response={200: State}, summary="Publish at an appointed time"
)
def schedule_publication(
    request: HttpRequest, response: HttpResponse, consultation: UUID, how: Scheduling
) -> State:
    return performed(
        request,
        response,
        publishing.schedule_publication,
        consultation,
        Procurement.PUBLISH,
        publish_at=how.publish_at,
        shows_value=how.shows_value,
    )


@router.post(
    "/consultations/{consultation}/call-off",
    response={200: State},
    summary="Call a scheduled publication off",
)
def call_off_publication(request: HttpRequest, response: HttpResponse, consultation: UUID) -> State:
    return performed(request, response, publishing.call_off_publication, consultation, Procurement.PUBLISH)


@router.get(
    "/consultations/{consultation}/amendments",
    response={200: list[AmendmentOut]},
    summary="What changed since the publication",
)
def list_amendments(request: HttpRequest, consultation: UUID) -> list[AmendmentOut]:
    found = consultation_in(request, consultation, Procurement.READ)
    return [_amendment(one) for one in changes_of(found)]


@router.post(
    "/consultations/{consultation}/amendments",
    response={200: State},
    summary="Correct a published consultation, or put its deadline off",
)
def amend_consultation(
    request: HttpRequest, response: HttpResponse, consultation: UUID, given: AmendmentIn
) -> State:
    said = given.model_dump(exclude_unset=True, exclude={"summary", "reason", "is_substantial"})
    return performed(
        request,
        response,
        amending.amend_consultation,
        consultation,
        Procurement.AMEND,
        summary=given.summary,
        reason=given.reason,
        is_substantial=given.is_substantial,
        values={name: value for name, value in said.items() if value is not None},
    )


@router.post("/consultations/{consultation}/suspend", response={200: State}, summary="Interrupt the call")
def suspend_consultation(
    request: HttpRequest, response: HttpResponse, consultation: UUID, why: Reason
) -> State:
    return performed(
        request,
        response,
        amending.suspend_consultation,
        consultation,
        Procurement.AMEND,
        reason=why.reason,
    )


@router.post("/consultations/{consultation}/resume", response={200: State}, summary="Resume a suspended call")
def resume_consultation(
    request: HttpRequest, response: HttpResponse, consultation: UUID, given: Resuming
) -> State:
    values = given.model_dump(exclude_unset=True, exclude={"reason"})
    return performed(
        request,
        response,
        amending.resume_consultation,
        consultation,
        Procurement.AMEND,
        reason=given.reason,
        values=values,
    )


@router.post(
    "/consultations/{consultation}/withdraw",
    response={200: State},
    summary="Take the call back before its deadline",
)
def withdraw_consultation(
    request: HttpRequest, response: HttpResponse, consultation: UUID, why: Reason
) -> State:
    return performed(
        request,
        response,
        amending.withdraw_consultation,
        consultation,
        Procurement.AMEND,
        reason=why.reason,
    )


@router.post(
    "/consultations/{consultation}/abandon", response={200: State}, summary="Declare without follow-up"
)
def abandon_consultation(
    request: HttpRequest, response: HttpResponse, consultation: UUID, why: Reason
) -> State:
    return performed(
        request,
        response,
        amending.abandon_consultation,
        consultation,
        Procurement.AMEND,
        reason=why.reason,
    )


@router.get(
    "/consultations/{consultation}/questions",
    response={200: list[QuestionOut]},
    summary="The questions of enterprises, those that wait first",
)
def list_questions(request: HttpRequest, consultation: UUID) -> list[QuestionOut]:
    found = consultation_in(request, consultation, Procurement.ANSWER)
    return [_question(one) for one in queries.questions_of(found)]


@router.post(
    "/consultations/{consultation}/questions/{question}/answer",
    response={200: QuestionOut},
    summary="Answer a question, for all to read",
)
def answer_question(request: HttpRequest, consultation: UUID, question: UUID, given: AnswerIn) -> QuestionOut:
    found = consultation_in(request, consultation, Procurement.ANSWER)
    answered = answering.answer_question(
        actor=actor_of(request), consultation=found, question=question, **given.model_dump()
    )
    return _question(answered)


@router.post(
    "/consultations/{consultation}/questions/{question}/dismiss",
    response={200: QuestionOut},
    summary="Leave a question without a public answer",
)
def dismiss_question(request: HttpRequest, consultation: UUID, question: UUID, why: Reason) -> QuestionOut:
    found = consultation_in(request, consultation, Procurement.ANSWER)
    return _question(
        answering.dismiss_question(
            actor=actor_of(request), consultation=found, question=question, reason=why.reason
        )
    )


@router.get(
    "/consultations/{consultation}/withdrawals",
    response={200: Page[WithdrawalOut]},
    summary="The register of withdrawals",
)
def list_withdrawals(request: HttpRequest, consultation: UUID, page: Query[PageAfter]) -> Page[WithdrawalOut]:
    found = consultation_in(request, consultation, Procurement.REGISTER)
    rows, following = paged(queries.withdrawals_of(found), "withdrawn_at", page)
    return Page[WithdrawalOut](items=[_withdrawal(one) for one in rows], next=following)


@router.get(
    "/consultations/{consultation}/withdrawals.csv",
    summary="The register of withdrawals, as CSV",
    openapi_extra=TABLE_READ,
)
def export_withdrawals(request: HttpRequest, consultation: UUID) -> HttpResponseBase:
    found = consultation_in(request, consultation, Procurement.REGISTER)
    names = list(WithdrawalOut.model_fields)
    return table("retraits.csv", names, _withdrawal_lines(queries.withdrawals_of(found), names))


def _withdrawal_lines(rows: Any, names: list[str]) -> Iterator[list[Any]]:
    for one in rows.iterator(500):
        shown = _withdrawal(one)
        yield [str(value) if isinstance(value := getattr(shown, name), UUID) else value for name in names]


def _withdrawal(one: Withdrawal) -> WithdrawalOut:
    known = one.correspondent
    return WithdrawalOut(
        id=one.pk,
        withdrawn_at=one.withdrawn_at,
        sha256=one.sha256,
        version=one.version,
        name=known.name if known else "",
        email=known.email if known else "",
        enterprise=known.enterprise if known else "",
    )


def _amendment(one: Change) -> AmendmentOut:
    names = AmendmentOut.model_fields.keys() - {"documents", "policy_sha256"}
    plain = {name: getattr(one.amendment, name) for name in names}
    return AmendmentOut(
        **plain,
        documents=[piece.sha256 for piece in one.documents],
        policy_sha256=one.policy_sha256,
    )


def _question(one: Any) -> QuestionOut:
    return QuestionOut(**{name: getattr(one, name) for name in QuestionOut.model_fields})
