"""The European publisher of notices (TED), its publication API: submit, ask, read the report, take back.

Addresses are those of ``/api/v2/notice/notices``: ``POST submit`` (a form with ``metadata`` and the file ``notice``),
``GET <id>-<version>``, ``GET <id>-<version>/validation-report``, ``POST <id>-<version>/stop-publication``; a key as
``Bearer``. The validation service (CVS), ``POST /v1/notices/validation`` with the key in ``X-API-Key`` and a JSON of
the notice in base64, answers a report in SVRL: what ``notice_check`` finds; behaviours of the call ``validate`` with
``outcome`` reject and the rule in ``words`` make it find one thing more. A notice that is submitted is judged likewise,
and refused with what is wrong; its report stays at ``validation-report``. One that is taken is SUBMITTED, then PUBLISHING, then PUBLISHED; or VALIDATION_FAILED, NOT_PUBLISHED, STOPPED.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from .control_api import Answer
from .notice_check import ERROR, Finding, Unread, findings, name_of, report
from .publishing import Publisher, Request, Served, has_header, step_of

SUMMARY = "The Official Journal's publication API (TED): HTTPS with a key, notices in eForms."
API = "/api/v2/notice/notices"
VALIDATION = "/v1/notices/validation"
LANGUAGES, MODES = ("en", "fr"), ("static", "dynamic")
STATES = {
    "received": "SUBMITTED",
    "accepted": "PUBLISHING",
    "published": "PUBLISHED",
    "rejected": "NOT_PUBLISHED",
    "stopped": "STOPPED",
}

_REPORTS: dict[str, bytes] = {}
"""What was found in each notice that was submitted since the start, refused ones too."""


def _kind_of(method: str, place: str) -> str:
    if place == f"{API}/submit":
        return "submit"
    if place == VALIDATION:
        return "validate"
    return "stop" if place.endswith("/stop-publication") else "status"


def _serve(publisher: Publisher, request: Request) -> Served:
    if request.method == "POST" and request.place == VALIDATION:
        return _validate(request)
    if not request.place.startswith(f"{API}/"):
        return 404, {"message": "no such address"}
    rest = request.place.removeprefix(f"{API}/")
    if request.method == "POST" and rest == "submit":
        return _submit(publisher, request)
    name, _slash, verb = rest.partition("/")
    if verb == "validation-report" and name in _REPORTS:
        return 200, _REPORTS[name]
    row = publisher.found(name)
    if row is None:
        return 404, {"message": f"{name}: unknown"}
    if request.method == "POST" and verb == "stop-publication":
        return _stop(publisher, row)
    return (200, _told(row)) if not verb else (404, {"message": "no such address"})


def _submit(publisher: Publisher, request: Request) -> Served:
    notice = request.form.file("notice")
    try:
        metadata = json.loads(request.form.first("metadata"))
    except ValueError:
        return 400, {"message": "metadata is no JSON"}
    if notice is None or "@" not in str(metadata.get("noticeAuthorEmail", "")):
        return 400, {"message": "a notice and noticeAuthorEmail are expected"}
    try:
        name, folder = name_of(notice.content)
        found = findings(notice.content)
    except Unread as failure:
        return 400, {"message": str(failure)}
    _REPORTS[name] = report(found)
    if wrong := [f"{one.rule}: {one.words}" for one in found if one.role == ERROR]:
        return 400, {"message": "VALIDATION_FAILED", "errors": wrong}
    if not publisher.keep(name, folder, notice.content, request.behaviour):
        return 409, {"message": f"{name}: submitted already"}
    return 202, {"id": name, "status": "SUBMITTED"}


def _validate(request: Request) -> Served:
    try:
        asked = json.loads(request.body)
        found = findings(base64.b64decode(asked["notice"], validate=True))
    except (ValueError, KeyError, TypeError) as failure:
        return 400, {"message": f"the notice cannot be read: {failure}"}
    if asked.get("language") not in LANGUAGES or asked.get("validationMode") not in MODES:
        return 400, {"message": "The 'language' or the 'validationMode' parameter is not valid."}
    if request.behaviour.outcome == "reject":
        found.append(Finding(request.behaviour.words or "BR-BT-00131-0022", "rule|text|of the simulator"))
    return 200, report(found)


def _stop(publisher: Publisher, row: Mapping[str, Any]) -> Served:
    if step_of(row) not in ("received", "stopped"):
        return 409, {"message": "its publication has begun"}
    publisher.stop(row["name"])
    return 200, {"id": row["name"], "status": "STOPPED"}


def _told(row: Mapping[str, Any]) -> dict[str, Any]:
    step = step_of(row)
    told: dict[str, Any] = {"id": row["name"], "status": STATES[step]}
    if step == "published":
        day = _no_weekend(datetime.fromtimestamp(row["at"], UTC))
        told |= {"publicationId": f"{row['number']:06}-{day:%Y}", "publicationDate": f"{day:%Y-%m-%d}"}
    if step == "rejected":
        told["message"] = row["words"] or "does not conform"
    return told


def _no_weekend(day: datetime) -> datetime:
    """Nothing is published on a Saturday or a Sunday."""
    return day if day.weekday() < 5 else day + timedelta(days=7 - day.weekday())


KEYS = (has_header("Authorization", "Bearer "), has_header("X-API-Key"))
_PUBLISHER = Publisher(
    "ted",
    _kind_of,
    _serve,
    lambda headers, key: any(shows(headers, key) for shows in KEYS),
    {"contact": "avis@plateforme.example", "validation": {}},
)


def start(folder: Path) -> None:
    """Starts listening."""
    _PUBLISHER.start(folder)


def answer(method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
    """The control API."""
    return _PUBLISHER.answer(method, path, headers, body)
