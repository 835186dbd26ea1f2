"""Notices from their preparation to their publication, and what they say of the body."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from ninja import Router, Schema
from pydantic import Field

from territoires.foundations.documents import api as documents
from territoires.foundations.registry.api import Day, etag, if_match
from territoires.kernel.clock import legal_day

from ..actions import notices as verbs
from ..domain.notices.judging import Judgement
from ..models import LONGEST_REASON, BuyerProfile, Notice, NoticeChannel
from ..permissions import Procurement
from ..queries import notices as queries
from ..queries.buyers import body_of
from ..queries.notice_data import profile_of_body, subtype_of
from ..queries.notice_rules import told
from .shared import FILE_READ, Reason, actor_of, consultation_in, require

router = Router()
ALL = "/consultations/{consultation}/notices"
ONE = ALL + "/{notice}"
Purpose = Literal["prior", "call", "intention", "result"]
Size = Literal["micro", "small", "medium", "large"]


class NoticeOut(Schema):
    """A notice for one publisher; ``name`` is how the publisher knows it. ``changes`` is the notice that it corrects,
    ``reason`` why it was refused or given up, ``last_on`` the last legal day for its sending."""

    id: UUID
    channel: str
    subtype: str
    name: str
    state: str
    version: int
    sha256: str
    changes: UUID | None
    reason: str
    prepared_at: datetime
    last_on: date | None
    sent_at: datetime | None
    published_on: date | None
    publication_number: str


class RuleFinding(Schema):
    """What an official rule found. One that ``stops`` keeps the notice here; ``step`` is the part that mends it."""

    rule: str
    stops: bool
    label: str
    sentence: str
    lot: str
    step: str


class NoticeChecked(NoticeOut):
    """With what the official rules said of its bytes; ``rules`` is their version, empty while they were not asked."""

    rules: str
    findings: list[RuleFinding]


class ProfileIn(Schema):
    """What notices say of the body and of the court that hears complaints; fields that are absent stay.

    ``legal_type`` and ``activity`` are codes of eForms (buyer-legal-type, main-activity), ``entity_activity`` that of a
    network that the body runs; ``nuts`` codes of the third level; telephones begin with the country.
    """

    legal_type: str = ""
    activity: str = ""
    entity_activity: str = ""
    street: str = ""
    postal_code: str = ""
    city: str = ""
    nuts: str = ""
    email: str = ""
    telephone: str = ""
    website: str = ""
    review_name: str = ""
    review_siret: str = ""
    review_city: str = ""
    review_postal_code: str = ""
    review_nuts: str = ""
    review_email: str = ""
    review_telephone: str = ""


class ProfileOut(ProfileIn):
    version: int


class NoticeBeginning(Schema):
    """``does``: what it is for. The last two explain an intention to award without a call, and serve it alone."""

    does: Purpose
    channel: NoticeChannel
    justification: str = Field(default="", max_length=20)
    change_text: str = Field(default="", max_length=LONGEST_REASON)


class PlaceIn(Schema):
    postal_code: str = Field(default="", max_length=10)
    city: str = Field(default="", max_length=100)
    nuts: str = Field(default="", max_length=5)
    legal_type: str = Field(default="", max_length=20)


class EnterpriseTold(Schema):
    """What no other source says of an organisation: its size, of a winner or another buyer its place, of the latter also
    its ``legal_type`` (buyer-legal-type)."""

    siret: str = Field(pattern="^[0-9]{14}$")
    size: Size | None = None
    place: PlaceIn | None = None


class RewritingIn(Schema):
    """Nobody named: what was told before stays."""

    enterprises: list[EnterpriseTold] = Field(default=[], max_length=500)


class CorrectionIn(Schema):
    """``change_text`` is published."""

    change_reason: Literal["cor-buy", "update-add", "cancel"]
    change_text: str = Field(min_length=1, max_length=LONGEST_REASON)


class PublicationIn(Schema):
    """As they stand on the published notice."""

    number: str = Field(min_length=1, max_length=40)
    published_on: Day


@router.get(
    ALL, response={200: list[NoticeOut]}, summary="The notices of a consultation, and what became of them"
)
def list_notices(request: HttpRequest, consultation: UUID) -> list[NoticeOut]:
    found = consultation_in(request, consultation, Procurement.READ)
    return [_notice(one) for one in queries.notices_of(found)]


@router.post(ALL, response={201: NoticeOut}, summary="Begin a notice")
def begin_notice(
    request: HttpRequest, response: HttpResponse, consultation: UUID, given: NoticeBeginning
) -> tuple[int, NoticeOut]:
    """A job writes it from the consultation and asks the official rules: read it again for what they found."""
    found = consultation_in(request, consultation, Procurement.NOTICE_PREPARE)
    actor = actor_of(request)
    made = verbs.prepare_notice(
        actor=actor,
        consultation=found,
        subtype=subtype_of(found, given.does, legal_day(actor.now())),
        **given.model_dump(exclude={"does"}),
    )
    return 201, _answered(response, made)


@router.get(ONE, response={200: NoticeChecked}, summary="A notice, with what the official rules found")
def read_notice(
    request: HttpRequest, response: HttpResponse, consultation: UUID, notice: UUID
) -> NoticeChecked:
    found = _found(request, consultation, notice, Procurement.READ)
    response["ETag"] = etag(found.version)
    day = legal_day(found.prepared_at)
    findings = [told(Judgement(**one), day) for one in found.findings]
    return NoticeChecked(
        **_notice(found).model_dump(),
        rules=found.rules,
        findings=[
            RuleFinding(**{name: getattr(one, name) for name in RuleFinding.model_fields}) for one in findings
        ],
    )


@router.post(ONE + "/rewrite", response={200: NoticeOut}, summary="Write it anew, and have it checked again")
def rewrite_notice(
    request: HttpRequest, response: HttpResponse, consultation: UUID, notice: UUID, given: RewritingIn
) -> NoticeOut:
    """From what the consultation says now, until it has left; a refused one takes another name."""
    sizes = {one.siret: one.size for one in given.enterprises if one.size}
    places = {one.siret: one.place.model_dump() for one in given.enterprises if one.place}
    return _performed(
        request,
        response,
        (consultation, notice, Procurement.NOTICE_PREPARE),
        verbs.rewrite_notice,
        sizes=sizes or None,
        places=places or None,
    )


@router.post(ONE + "/send", response={200: NoticeOut}, summary="Send it to its publisher, as it was checked")
def send_notice(request: HttpRequest, response: HttpResponse, consultation: UUID, notice: UUID) -> NoticeOut:
    return _performed(request, response, (consultation, notice, Procurement.NOTICE_SEND), verbs.order_notice)


@router.post(
    ONE + "/correct", response={201: NoticeOut}, summary="Begin the correction of a published notice"
)
def correct_notice(
    request: HttpRequest, response: HttpResponse, consultation: UUID, notice: UUID, given: CorrectionIn
) -> tuple[int, NoticeOut]:
    """The correction is a notice of its own, for the same publisher."""
    found = _found(request, consultation, notice, Procurement.NOTICE_PREPARE)
    made = verbs.prepare_notice(
        actor=actor_of(request),
        consultation=found.consultation,
        subtype=found.subtype,
        channel=found.channel,
        changes=found.pk,
        **given.model_dump(),
    )
    return 201, _answered(response, made)


@router.post(ONE + "/withdraw", response={200: NoticeOut}, summary="Give it up, or ask it back")
def withdraw_notice(
    request: HttpRequest, response: HttpResponse, consultation: UUID, notice: UUID, why: Reason
) -> NoticeOut:
    """What its publisher has is asked back, as long as its publication has not begun."""
    return _performed(
        request,
        response,
        (consultation, notice, Procurement.NOTICE_SEND),
        verbs.stop_notice,
        reason=why.reason,
    )


@router.post(ONE + "/publication", response={200: NoticeOut}, summary="Tell that it was published elsewhere")
def tell_publication(
    request: HttpRequest, response: HttpResponse, consultation: UUID, notice: UUID, given: PublicationIn
) -> NoticeOut:
    """For a notice that was entered at the publisher's own site."""
    return _performed(
        request,
        response,
        (consultation, notice, Procurement.NOTICE_SEND),
        verbs.tell_publication,
        **given.model_dump(),
    )


@router.get(ONE + "/file", summary="The bytes of a notice, as they are sent", openapi_extra=FILE_READ)
def read_notice_file(request: HttpRequest, consultation: UUID, notice: UUID) -> HttpResponseBase:
    found = _found(request, consultation, notice, Procurement.READ)
    return documents.download_response(queries.document_of(found), request)


@router.get("/buyer-profile", response={200: ProfileOut}, summary="What notices say of your body")
def read_buyer_profile(request: HttpRequest, response: HttpResponse) -> ProfileOut:
    actor = require(request, Procurement.PROFILE_WRITE)
    return _profile(response, profile_of_body(body_of(actor.acting_organisation())))


@router.patch(
    "/buyer-profile", response={200: ProfileOut}, summary="Write what notices say of your body, once for all"
)
def write_buyer_profile(request: HttpRequest, response: HttpResponse, given: ProfileIn) -> ProfileOut:
    actor = require(request, Procurement.PROFILE_WRITE)
    values = given.model_dump(exclude_unset=True)
    return _profile(response, verbs.write_profile(actor=actor, values=values, version=if_match(request)))


def _profile(response: HttpResponse, one: BuyerProfile) -> ProfileOut:
    response["ETag"] = etag(one.version)
    return ProfileOut(**{name: getattr(one, name) for name in ProfileOut.model_fields})


def _found(request: HttpRequest, consultation: UUID, notice: UUID, permission: Procurement) -> Notice:
    consultation_in(request, consultation, permission)
    return queries.notice_of(actor_of(request), consultation, notice)


def _performed(
    request: HttpRequest,
    response: HttpResponse,
    place: tuple[UUID, UUID, Procurement],
    verb: Callable[..., Notice],
    **arguments: Any,
) -> NoticeOut:
    """Calls a versioned verb on a notice, and answers it with its new ETag."""
    found = _found(request, *place)
    made = verb(
        actor=actor_of(request),
        consultation=found.consultation,
        notice=found.pk,
        version=if_match(request),
        **arguments,
    )
    return _answered(response, made)


def _answered(response: HttpResponse, made: Notice) -> NoticeOut:
    response["ETag"] = etag(made.version)
    return _notice(made)


def _notice(one: Notice) -> NoticeOut:
    plain = {name: getattr(one, name) for name in NoticeOut.model_fields.keys() - {"id", "changes"}}
    return NoticeOut(id=one.pk, changes=one.changes_id, **plain)
