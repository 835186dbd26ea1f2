"""The same verbs over HTTP, under ``/api/v1/procurement/``: thin, every rule is the action's.

Words are those of OCDS where it has them; values are euros without VAT.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field

from territoires.foundations.actions import api as rights
from territoires.foundations.registry.api import Day, Instant, etag, if_match
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day

from ..actions import preparing, stipulating, submitting, validating
from ..domain.life import LIFE
from ..domain.sheet import LONGEST_TITLE
from ..domain.wording import (
    AskedPieceWords,
    CriterionWords,
    LotWords,
    OptionWords,
    PartWords,
    SelectionWords,
    buyers_in,
)
from ..models import LONGEST_REASON, LONGEST_TEXT, Consultation, Criterion
from ..permissions import Procurement
from ..queries import consultations as queries
from ..queries.buyers import buyers_of
from ..queries.sheets import (
    asked_pieces_of,
    checked,
    criteria_of,
    lots_of,
    options_of,
    selection_of,
)
from ..queries.wording import filled
from .shared import Reason

router = Router()
Category = Literal["goods", "services", "works"]
Amount = Decimal
Cpv = Annotated[str, Field(pattern="^[0-9]{8}$")]


class Beginning(Schema):
    """What is bought, in one line."""

    title: str = Field(min_length=1, max_length=LONGEST_TITLE)
    main_procurement_category: Category


class CopyIn(Schema):
    """What the copy buys, in one line."""

    title: str = Field(min_length=1, max_length=LONGEST_TITLE)


class ConsultationChanges(Schema):
    """The fields to change; those that are absent stay."""

    reference: str = Field(default="", max_length=32)
    title: str = Field(default="", max_length=LONGEST_TITLE)
    description: str = Field(default="", max_length=LONGEST_TEXT)
    main_procurement_category: Category | None = None
    regime: Literal["authority", "utility"] = "authority"
    is_social_service: bool = False
    estimated_value: Amount | None = Field(default=None, max_digits=14, decimal_places=2)
    family: str = Field(default="", max_length=120)
    committed_elsewhere: Amount = Field(default=Decimal(0), max_digits=14, decimal_places=2)
    cpv: str = Field(default="", pattern="^([0-9]{8})?$")
    additional_cpvs: list[Cpv] = Field(default=[], max_length=20)
    nuts: str = Field(default="", max_length=5)
    purchasing_form: Literal["", "group", "central"] = ""
    group_agreement: str = Field(default="", max_length=300)
    procedure: str = Field(default="", max_length=12)
    procedure_ground: str = Field(default="", max_length=LONGEST_REASON)
    is_negotiated: bool = False
    is_two_stage: bool = False
    technique: Literal["", "framework"] = ""
    framework_maximum: Amount | None = Field(default=None, max_digits=14, decimal_places=2)
    division_reason: str = Field(default="", max_length=LONGEST_REASON)
    duration_months: int | None = Field(default=None, ge=1, le=1200)
    validity_days: int | None = Field(default=None, ge=1, le=1000)
    allows_variants: bool = False
    variant_conditions: str = Field(default="", max_length=LONGEST_TEXT)
    reserved_for: str = Field(default="", max_length=12)
    fewest_candidates: int | None = Field(default=None, ge=1, le=1000)
    most_candidates: int | None = Field(default=None, ge=1, le=1000)
    prize: Amount | None = Field(default=None, ge=0, max_digits=14, decimal_places=2)
    environmental_clause: str = Field(default="", max_length=LONGEST_TEXT)
    social_clause: str = Field(default="", max_length=LONGEST_TEXT)
    minimum_turnover: Amount | None = Field(default=None, max_digits=14, decimal_places=2)
    signature_time: Literal["award", "deposit"] = "award"
    contact_email: str = Field(default="", max_length=254)
    review_body: str = Field(default="", max_length=200)
    is_urgent: bool = False
    urgency_reason: str = Field(default="", max_length=LONGEST_REASON)
    has_prior_notice: bool = False
    publish_on: Day | None = None
    questions_until: Day | None = None
    applications_until: Instant | None = None
    invite_on: Day | None = None
    tenders_until: Instant | None = None


class LotIn(Schema):
    """One lot, in the order of its number; ``minimum_turnover`` absent: that of the consultation is asked."""

    title: str = Field(min_length=1, max_length=LONGEST_TITLE)
    cpv: str = Field(default="", pattern="^([0-9]{8})?$")
    estimated_value: Amount | None = Field(default=None, gt=0, max_digits=14, decimal_places=2)
    is_small: bool = False
    additional_cpvs: list[Cpv] = Field(default=[], max_length=20)
    nuts: str = Field(default="", max_length=5)
    reserved_for: str = Field(default="", max_length=12)
    minimum_turnover: Amount | None = Field(default=None, ge=0, max_digits=14, decimal_places=2)


class PartIn(Schema):
    """A part of a criterion; ``weight`` in percent of the whole note."""

    name: str = Field(min_length=1, max_length=200)
    weight: Decimal = Field(gt=0, le=100, max_digits=5, decimal_places=2)


class CriterionIn(Schema):
    """One award criterion, in its order; ``weight`` in percent, ``lot_number`` absent for all lots."""

    kind: str = Field(max_length=20)
    name: str = Field(default="", max_length=200)
    weight: Decimal = Field(gt=0, le=100, max_digits=5, decimal_places=2)
    lot_number: int | None = Field(default=None, ge=1)
    parts: list[PartIn] = []


class OptionIn(Schema):
    """One option; ``value`` for each of ``times``; ``months``: how long one renewal lasts."""

    kind: Literal["renewal", "phase", "extra"]
    name: str = Field(min_length=1, max_length=LONGEST_TITLE)
    value: Amount | None = Field(default=None, ge=0, max_digits=14, decimal_places=2)
    times: int = Field(default=1, ge=1, le=20)
    months: int | None = Field(default=None, ge=0, le=600)
    lot_number: int | None = Field(default=None, ge=1)


class Options(Schema):
    """All the options; ``adds_to_values``: the estimated values did not count them, and grow."""

    options: list[OptionIn]
    adds_to_values: bool = True


class SelectionIn(Schema):
    """What a candidate must be able to do; kinds of eForms: sui-act, ef-stan, tp-abil."""

    kind: Literal["sui-act", "ef-stan", "tp-abil"]
    text: str = Field(min_length=1, max_length=1000)
    level: str = Field(default="", max_length=500)


class PieceIn(Schema):
    """A piece asked; ``code`` one of the list procurement-pieces, or empty with a name."""

    asked_from: Literal["candidate", "tenderer", "winner"]
    code: str = Field(default="", max_length=30)
    name: str = Field(default="", max_length=LONGEST_TITLE)


class Selection(Schema):
    """All that is asked of candidates."""

    selection: list[SelectionIn]
    asked_pieces: list[PieceIn]


class Buyer(Schema):
    """Another buyer for whom the body buys; the platform gives the name of one that it knows."""

    siret: str = Field(pattern="^[0-9]{14}$")
    name: str = Field(default="", max_length=200)


class Buyers(Schema):
    buyers: list[Buyer] = Field(max_length=500)


class Lots(Schema):
    """All the lots; none: the consultation is not divided."""

    lots: list[LotIn]


class Criteria(Schema):
    """All the criteria; their weights add up to 100 for the lots that they are for."""

    criteria: list[CriterionIn]


class ConsultationLine(Schema):
    id: UUID
    state: str
    version: int
    reference: str
    title: str
    main_procurement_category: str
    tenders_until: datetime | None
    changed_at: datetime


class ConsultationOut(ConsultationChanges):
    """A consultation whole; ``verbs`` are those that its state allows."""

    id: UUID
    state: str
    version: int
    main_procurement_category: str = ""  # type: ignore[assignment]
    lots: list[LotIn]
    criteria: list[CriterionIn]
    options: list[OptionIn]
    selection: list[SelectionIn]
    asked_pieces: list[PieceIn]
    buyers: list[Buyer]
    submitted_at: datetime | None
    verbs: list[str]


class ConsultationPage(Schema):
    items: list[ConsultationLine]
    count: int


class FindingOut(Schema):
    """``severity``: missing and refusal stop the validation, a warning is overridden with a reason."""

    code: str
    step: str
    field: str
    severity: str
    message: str
    remedy: str
    article: str
    reason: str = Field("", description="Why the buyer goes on in spite of the warning")


class Check(Schema):
    law_of: date
    is_ready: bool
    findings: list[FindingOut]


class ConsultationNarrowing(Schema):
    q: str = Field(default="", max_length=200)
    state: str = Field(default="", pattern=f"^({'|'.join(LIFE.states)})?$")
    offset: int = Field(default=0, ge=0, le=1_000_000)
    limit: int = Field(default=50, ge=1, le=200)


@router.get("/consultations", response={200: ConsultationPage}, summary="List the consultations of your body")
def list_consultations(request: HttpRequest, narrowing: Query[ConsultationNarrowing]) -> ConsultationPage:
    if not _actor(request).holds(Procurement.READ):
        raise rights.denied(
            Procurement.READ
        )  # an empty list would let the caller believe that there is nothing
    found = queries.consultations_of(_actor(request), words=narrowing.q, state=narrowing.state)
    page = found[narrowing.offset : narrowing.offset + narrowing.limit]
    return ConsultationPage(items=[_line(one) for one in page], count=found.count())


@router.post("/consultations", response={201: ConsultationOut}, summary="Begin a consultation")
def start_consultation(
    request: HttpRequest, response: HttpResponse, beginning: Beginning
) -> tuple[int, ConsultationOut]:
    one = preparing.start_consultation(
        actor=_actor(request), title=beginning.title, category=beginning.main_procurement_category
    )
    response["Location"] = f"{request.path.rstrip('/')}/{one.pk}"
    return 201, _shown(request, response, one.pk)


@router.post(
    "/consultations/{consultation}/copies",
    response={201: ConsultationOut},
    summary="Begin a consultation from the words of another",
)
def copy_consultation(
    request: HttpRequest, response: HttpResponse, consultation: UUID, given: CopyIn
) -> tuple[int, ConsultationOut]:
    """Its words, lots and criteria; neither its calendar nor its files."""
    actor = _actor(request)
    if not actor.holds(Procurement.START):
        raise rights.denied(Procurement.START)
    source = queries.consultation_of(actor, consultation)
    one = preparing.copy_consultation(actor=actor, source=source, title=given.title)
    return 201, _shown(request, response, one.pk)


@router.get("/consultations/{consultation}", response={200: ConsultationOut}, summary="Read a consultation")
def read_consultation(request: HttpRequest, response: HttpResponse, consultation: UUID) -> ConsultationOut:
    return _shown(request, response, consultation)


@router.patch(
    "/consultations/{consultation}",
    response={200: ConsultationOut},
    summary="Change a consultation in preparation",
)
def revise_consultation(
    request: HttpRequest, response: HttpResponse, consultation: UUID, changes: ConsultationChanges
) -> ConsultationOut:
    values = changes.model_dump(exclude_unset=True)
    return _performed(request, response, preparing.revise_consultation, consultation, values=values)


@router.delete(
    "/consultations/{consultation}", response={200: ConsultationOut}, summary="Discard a consultation"
)
def discard_consultation(request: HttpRequest, response: HttpResponse, consultation: UUID) -> ConsultationOut:
    return _performed(request, response, preparing.discard_consultation, consultation)


@router.put(
    "/consultations/{consultation}/lots", response={200: ConsultationOut}, summary="Write the lots anew"
)
def write_lots(
    request: HttpRequest, response: HttpResponse, consultation: UUID, written: Lots
) -> ConsultationOut:
    words = [LotWords(**lot.model_dump()) for lot in written.lots]
    return _performed(request, response, preparing.write_lots, consultation, lots=words)


@router.put(
    "/consultations/{consultation}/criteria",
    response={200: ConsultationOut},
    summary="Write the award criteria anew",
)
def write_criteria(
    request: HttpRequest, response: HttpResponse, consultation: UUID, written: Criteria
) -> ConsultationOut:
    words = [
        CriterionWords(
            **one.model_dump(exclude={"parts"}), parts=[PartWords(**part.model_dump()) for part in one.parts]
        )
        for one in written.criteria
    ]
    return _performed(request, response, preparing.write_criteria, consultation, criteria=words)


@router.put(
    "/consultations/{consultation}/options", response={200: ConsultationOut}, summary="Write the options anew"
)
def write_options(
    request: HttpRequest, response: HttpResponse, consultation: UUID, written: Options
) -> ConsultationOut:
    words = [OptionWords(**one.model_dump()) for one in written.options]
    return _performed(
        request,
        response,
        stipulating.write_options,
        consultation,
        options=words,
        adds_to_values=written.adds_to_values,
    )


@router.put(
    "/consultations/{consultation}/selection",
    response={200: ConsultationOut},
    summary="Write anew what is asked of candidates",
)
def write_selection(
    request: HttpRequest, response: HttpResponse, consultation: UUID, written: Selection
) -> ConsultationOut:
    return _performed(
        request,
        response,
        stipulating.write_selection,
        consultation,
        criteria=[SelectionWords(**one.model_dump()) for one in written.selection],
        pieces=[AskedPieceWords(**one.model_dump()) for one in written.asked_pieces],
    )


@router.put(
    "/consultations/{consultation}/buyers",
    response={200: ConsultationOut},
    summary="Name the other buyers for whom your body buys",
)
def write_buyers(
    request: HttpRequest, response: HttpResponse, consultation: UUID, written: Buyers
) -> ConsultationOut:
    found = buyers_in("\n".join(f"{one.siret} {one.name}" for one in written.buyers))
    return _performed(request, response, preparing.write_participants, consultation, buyers=found)


@router.post(
    "/consultations/{consultation}/submit",
    response={200: ConsultationOut},
    summary="Ask for the validation of a consultation",
)
def submit_consultation(request: HttpRequest, response: HttpResponse, consultation: UUID) -> ConsultationOut:
    return _performed(request, response, submitting.submit_consultation, consultation)


@router.post(
    "/consultations/{consultation}/return",
    response={200: ConsultationOut},
    summary="Send a consultation back to who prepares it",
)
def return_consultation(
    request: HttpRequest, response: HttpResponse, consultation: UUID, why: Reason
) -> ConsultationOut:
    return _performed(request, response, submitting.return_consultation, consultation, reason=why.reason)


@router.get(
    "/consultations/{consultation}/check",
    response={200: Check},
    summary="What a consultation lacks, and what a text forbids",
)
def check_consultation(request: HttpRequest, consultation: UUID) -> Check:
    actor = _actor(request)
    found = checked(queries.consultation_of(actor, consultation), legal_day(actor.now()))
    return Check(
        law_of=found.law.on,
        is_ready=found.is_ready,
        findings=[_finding(one) for one in found.standings],
    )


@router.post(
    "/consultations/{consultation}/validate",
    response={200: ConsultationOut},
    summary="Approve the file of a consultation",
)
def validate_consultation(
    request: HttpRequest, response: HttpResponse, consultation: UUID
) -> ConsultationOut:
    return _performed(request, response, validating.validate_consultation, consultation)


@router.post(
    "/consultations/{consultation}/reopen",
    response={200: ConsultationOut},
    summary="Take a validated consultation back to preparation",
)
def reopen_consultation(
    request: HttpRequest, response: HttpResponse, consultation: UUID, why: Reason
) -> ConsultationOut:
    return _performed(request, response, validating.reopen_consultation, consultation, reason=why.reason)


def _performed(
    request: HttpRequest, response: HttpResponse, verb: Callable[..., Any], key: UUID, **arguments: Any
) -> ConsultationOut:
    found = queries.consultation_of(_actor(request), key)
    verb(actor=_actor(request), consultation=found, version=if_match(request), **arguments)
    return _shown(request, response, key)


def _actor(request: HttpRequest) -> Actor:
    return request.actor  # type: ignore[attr-defined, no-any-return]


def _shown(request: HttpRequest, response: HttpResponse, key: UUID) -> ConsultationOut:
    one = queries.consultation_of(_actor(request), key)
    response["ETag"] = etag(one.version)
    return ConsultationOut(
        **{name: getattr(one, name) for name in ConsultationChanges.model_fields},
        id=one.pk,
        state=one.state,
        version=one.version,
        lots=[_same(LotIn, lot) for lot in lots_of(one)],
        criteria=[_criterion(each) for each in criteria_of(one)],
        options=[_same(OptionIn, each) for each in options_of(one)],
        selection=[_same(SelectionIn, each) for each in selection_of(one)],
        asked_pieces=[_same(PieceIn, each) for each in asked_pieces_of(one)],
        buyers=[_same(Buyer, each) for each in buyers_of(one)],
        submitted_at=one.submitted_at,
        verbs=LIFE.verbs(one.state),
    )


def _criterion(one: Criterion) -> CriterionIn:
    names = [name for name in CriterionIn.model_fields if name != "parts"]
    parts = [PartIn(name=part.name, weight=part.weight) for part in one.parts.all()]
    return CriterionIn(**{name: getattr(one, name) for name in names}, parts=parts)


def _same(schema: type[Any], row: Any) -> Any:
    """The fields of a row that the schema names."""
    return schema(**{name: getattr(row, name) for name in schema.model_fields})


def _line(one: Consultation) -> ConsultationLine:
    return ConsultationLine(**{name: getattr(one, name) for name in ConsultationLine.model_fields})


def _finding(standing: Any) -> FindingOut:
    finding = standing.finding
    return FindingOut(
        code=finding.code,
        step=finding.step,
        field=finding.field,
        severity=finding.severity,
        message=filled(finding.message, finding.params),
        remedy=filled(finding.remedy, finding.params),
        article=finding.article,
        reason=standing.override.reason if standing.override else "",
    )
