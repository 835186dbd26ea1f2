"""The report of analysis: printed from the evaluation as it stands, each one kept with its number."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from ninja import Router, Schema

from territoires.foundations.documents import api as documents

from ..actions import reporting
from ..models import AnalysisReport
from ..permissions import Procurement
from ..queries import evaluation as queries
from .shared import FILE_READ, actor_of, consultation_in

router = Router()
ALL = "/consultations/{consultation}/reports"


class ReportIn(Schema):
    language: Literal["fr", "en"] = "fr"


class ReportOut(Schema):
    number: int
    sha256: str
    language: str
    made_at: datetime


@router.get(ALL, response={200: list[ReportOut]}, summary="The reports of analysis that were printed")
def list_reports(request: HttpRequest, consultation: UUID) -> list[ReportOut]:
    found = consultation_in(request, consultation, Procurement.ANALYSE)
    return [_report(one) for one in queries.reports_of(found)]


@router.post(ALL, response={201: ReportOut}, summary="Print the report of analysis and keep it")
def make_report(request: HttpRequest, consultation: UUID, given: ReportIn) -> tuple[int, ReportOut]:
    """Earlier ones stay; this one takes the next number."""
    found = consultation_in(request, consultation, Procurement.ANALYSE)
    made = reporting.make_report(actor=actor_of(request), consultation=found, language=given.language)
    return 201, _report(made)


@router.get(ALL + "/{number}", summary="A report of analysis, as PDF", openapi_extra=FILE_READ)
def read_report(request: HttpRequest, consultation: UUID, number: int) -> HttpResponseBase:
    found = consultation_in(request, consultation, Procurement.ANALYSE)
    return documents.download_response(queries.report_numbered(found, number).document, request)


def _report(one: AnalysisReport) -> ReportOut:
    return ReportOut(**{name: getattr(one, name) for name in ReportOut.model_fields})
