"""What the evaluation gives to read: the printed report, the table for spreadsheets."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import get_language, gettext_lazy
from django.views.decorators.http import require_safe

from territoires.foundations.documents import api as documents
from territoires.foundations.registry.api import page
from territoires.kernel.clock import legal_day

from ...actions import reporting
from ...domain.tables import defused
from ...permissions import Procurement
from ...queries import evaluation as queries
from ...queries.report import table_of
from ..after_opening.consultation import consultation_place, found_for, require_reader
from ..gesture import Button, Place
from ..requests import actor_of


def _report_place(request: HttpRequest, organisation: str, consultation: UUID) -> Place:
    """The report is written in the language of the page."""
    place = consultation_place("award", Procurement.ANALYSE)(request, organisation, consultation)
    language = "en" if (get_language() or "fr").startswith("en") else "fr"
    return replace(place, arguments={**place.arguments, "language": language})


make_report = Button(
    permission=Procurement.ANALYSE,
    verb=reporting.make_report,
    done=gettext_lazy("The report is printed and kept."),
    load=_report_place,
).view()


@require_safe
@page(Procurement.READ)
def report(request: HttpRequest, organisation: str, consultation: UUID, number: int) -> HttpResponseBase:
    """A printed report."""
    found = found_for(request, consultation)
    require_reader(request, found)
    return documents.download_response(queries.report_numbered(found, number).document, request)


@require_safe
@page(Procurement.READ)
def table(request: HttpRequest, organisation: str, consultation: UUID) -> HttpResponse:
    """The notes as a table for spreadsheets; no cell can run as a formula."""
    found = found_for(request, consultation)
    require_reader(request, found)
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    for row in table_of(found, legal_day(actor_of(request).now())):
        writer.writerow([defused(cell) for cell in row])
    answer = HttpResponse("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="analyse-{found.pk}.csv"'
    return answer
