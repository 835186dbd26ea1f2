"""The national publisher (BOAMP): an eSender that takes deposits of notices, and the open data of what is published.

``POST /depots`` (a form with ``id``, ``contact`` and the file ``avis``), ``GET /depots/<id>``,
``POST /depots/<id>/retrait``, a key in ``X-Api-Key``; the open data, ``GET
/api/explore/v2.1/catalog/datasets/boamp/records?where=id="..."``, are everybody's. A deposit is recu, accepte, publie
(with its web id, such as 26-12345), rejete, retire.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from .control_api import Answer
from .notice_check import Unread, faults, name_of
from .publishing import Publisher, Request, Served, has_header, step_of

SUMMARY = "The BOAMP: an eSender that takes notices over HTTPS, and the open data of what is published."
DEPOSITS = "/depots"
RECORDS = "/api/explore/v2.1/catalog/datasets/boamp/records"
STATES = {
    "received": "recu",
    "accepted": "accepte",
    "published": "publie",
    "rejected": "rejete",
    "stopped": "retire",
}


def _kind_of(method: str, place: str) -> str:
    if place == RECORDS:
        return "records"
    if place == DEPOSITS:
        return "submit"
    return "stop" if place.endswith("/retrait") else "status"


def _serve(publisher: Publisher, request: Request) -> Served:
    if request.place == RECORDS:
        return 200, _records(publisher, request.query)
    if request.method == "POST" and request.place == DEPOSITS:
        return _deposit(publisher, request)
    name, _slash, verb = request.place.removeprefix(f"{DEPOSITS}/").partition("/")
    row = publisher.found(name)
    if row is None:
        return 404, {"motif": f"{name} : inconnu"}
    if request.method == "POST" and verb == "retrait":
        if step_of(row) not in ("received", "stopped"):
            return 409, {"motif": "l'avis est déjà accepté"}
        publisher.stop(name)
        return 200, {"id": name, "etat": "retire"}
    return (200, _told(row)) if not verb else (404, {"motif": "adresse inconnue"})


def _deposit(publisher: Publisher, request: Request) -> Served:
    notice = request.form.file("avis")
    if notice is None:
        return 400, {"motif": "un fichier « avis » est attendu"}
    try:
        name, folder = name_of(notice.content)
        wrong = faults(notice.content)
    except Unread as failure:
        return 400, {"motif": str(failure)}
    if name != request.form.first("id"):
        return 400, {"motif": f"l'avis se nomme {name}"}
    if wrong:
        return 400, {"motif": "avis non conforme", "errors": wrong}
    if not publisher.keep(name, folder, notice.content, request.behaviour):
        return 409, {"motif": f"{name} : déjà déposé"}
    return 201, {"id": name, "etat": "recu"}


def _told(row: Mapping[str, Any]) -> dict[str, Any]:
    step = step_of(row)
    told: dict[str, Any] = {"id": row["name"], "etat": STATES[step]}
    if step == "published":
        told |= _web_id(row)
    if step == "rejected":
        told["motif"] = row["words"] or "avis non conforme"
    return told


def _web_id(row: Mapping[str, Any]) -> dict[str, str]:
    day = datetime.fromtimestamp(row["at"], UTC)
    return {"idweb": f"{day:%y}-{10000 + row['number']}", "dateparution": f"{day:%Y-%m-%d}"}


def _records(publisher: Publisher, query: str) -> dict[str, Any]:
    where = parse_qs(query).get("where", [""])[0]
    wanted = re.fullmatch(r'id="([0-9a-f-]{1,60})"', where)
    row = publisher.found(wanted[1]) if wanted else None
    if row is None or step_of(row) != "published":
        return {"total_count": 0, "results": []}
    return {
        "total_count": 1,
        "results": [{"id": row["name"], "contractfolderid": row["folder"], **_web_id(row)}],
    }


_PUBLISHER = Publisher(
    "boamp",
    _kind_of,
    _serve,
    has_header("X-Api-Key"),
    {"contact": "avis@plateforme.example"},
    is_open=lambda place: place == RECORDS,
)


def start(folder: Path) -> None:
    """Starts listening."""
    _PUBLISHER.start(folder)


def answer(method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
    """The control API."""
    return _PUBLISHER.answer(method, path, headers, body)
