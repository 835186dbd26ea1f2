"""The European validation service (TED CVS): asked about a notice before it is submitted, where the operator has set it.

``POST /v1/notices/validation``, a key in ``X-API-Key``, JSON with the notice in base64; the answer is a report in SVRL.
Source: docs.ted.europa.eu/api, Validation API.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass

from territoires.foundations.exchange import api as exchange
from territoires.foundations.exchange.transports import https
from territoires.kernel.actor import system_actor
from territoires.kernel.errors import TerritoiresError

from ..actions import notice_records
from ..domain.notices.judging import Judgement
from ..domain.notices.svrl import read_report
from ..queries.notice_ways import Way
from ..queries.notices import notice_by_key
from .asking import MOST_WORDS

PATH = "/v1/notices/validation"
LARGEST_REPORT = 16 * 1024 * 1024
WORKER = "worker"


@dataclass(frozen=True, slots=True)
class Report:
    """``trouble`` is a code of the bus: the service gave no answer that can be used."""

    findings: tuple[Judgement, ...] = ()
    trouble: str = ""

    @property
    def answer(self) -> str:
        if self.trouble:
            return notice_records.UNASKED
        return notice_records.NOT_VALID if any(one.stops for one in self.findings) else notice_records.VALID


def check(way: Way, outgoing: exchange.Outgoing) -> exchange.Refused | None:
    """Asks, keeps the answer with the notice, and refuses what the service found wrong. A service that does not answer
    stops nothing: the publisher checks every notice itself."""
    found = notice_by_key(outgoing.subject.id)
    if found is None:
        return None
    report = ask(way, b"".join(outgoing.chunks()))
    notice_records.record_checked(
        actor=system_actor(WORKER, organisation=found.organisation_id),
        notice=found,
        answer=report.answer,
        findings=report.findings,
        trouble=report.trouble,
    )
    if report.answer != notice_records.NOT_VALID:
        return None
    wrong = [f"{one.rule} {one.detail}".strip() for one in report.findings if one.stops]
    return exchange.Refused("refused", " ; ".join(wrong)[:MOST_WORDS])


def ask(way: Way, notice: bytes) -> Report:
    """What the service says of a notice, by its static rules; the dynamic ones need what it alone knows."""
    asked = {
        "notice": base64.b64encode(notice).decode(),
        "language": "fr",
        "validationMode": "static",
    }
    try:
        reply = https.request(
            "POST",
            f"{way.url}{PATH}",
            trust=way.trust,
            headers={"X-API-Key": way.key, "Accept": "application/xml"},
            body=https.Body(json.dumps(asked).encode(), "application/json"),
            most_answered=LARGEST_REPORT,
        )
    except https.Unsettled as unsettled:
        return Report(trouble=unsettled.delivery.reason)
    if reply.status in (401, 403):
        return Report(trouble="not-let-in")
    if reply.status != 200:
        return Report(trouble="not-available" if reply.status >= 429 else "odd-answer")
    try:
        return Report(tuple(read_report(reply.body)))
    except TerritoiresError:
        return Report(trouble="odd-answer")
