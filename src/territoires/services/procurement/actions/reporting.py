"""The report of analysis is printed and kept: each one stays, with its number."""

from __future__ import annotations

from dataclasses import replace

from territoires.contracts import procurement_award as facts
from territoires.foundations.actions.api import Outcome, action
from territoires.foundations.documents import api as documents
from territoires.kernel.actor import Actor
from territoires.kernel.errors import Conflict

from ..models import AnalysisReport, Consultation
from ..permissions import Procurement
from ..queries.evaluation import bids_of, reports_of
from ..queries.report import report_of
from .moving import about

LARGEST = 30_000_000


@action(Procurement.ANALYSE, on="consultation")
def make_report(*, actor: Actor, consultation: Consultation, language: str = "fr") -> Outcome[AnalysisReport]:
    """Prints the evaluation as it stands and keeps it under the next number.

    Printed inside, so that a call sent again prints nothing. Raises Conflict while there is no bid to report on.
    """
    if not bids_of(consultation):
        raise Conflict("no-bid", "There is no opened bid to report on.", "Begin the examination first.")
    printed = documents.receive(
        [report_of(consultation, at=actor.now(), language=language)],
        name=f"rapport-analyse-{consultation.reference}.pdf",
        organisation=consultation.organisation_id,
        actor=replace(actor, idempotency_key=None),
        limit=LARGEST,
    )
    kept = documents.attach(printed, holder=consultation.subject)
    report = AnalysisReport(
        consultation=consultation,
        number=len(reports_of(consultation)) + 1,
        document=kept,
        sha256=kept.sha256,
        language=language,
        made_at=actor.now(),
    )
    report.save(force_insert=True)
    return Outcome(report, facts.ReportMade(**about(consultation), number=report.number, content=kept.sha256))
