"""The national open-data portal as a producer meets it: a file put in the place of a resource, with a key.

``POST /api/1/datasets/<dataset>/resources/<resource>/upload/`` (a form with ``file``), the key in ``X-API-KEY``;
``GET /r/<resource>`` gives the file back to anybody. What is no JSON with ``marches`` is refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

from .control_api import Answer
from .publishing import Publisher, Request, Served, has_header

SUMMARY = "The national open-data portal: HTTPS with a key, a file put in the place of a resource."
UPLOAD = re.compile(r"/api/1/datasets/([\w-]{1,60})/resources/([\w-]{1,60})/upload/")
READ = re.compile(r"/r/([\w-]{1,60})")


def _kind_of(method: str, place: str) -> str:
    return "upload" if UPLOAD.fullmatch(place) else "status"


def _serve(publisher: Publisher, request: Request) -> Served:
    if read := READ.fullmatch(request.place):
        row = publisher.found(read[1])
        return (200, json.loads(row["content"])) if row else (404, {"message": "no such resource"})
    place = UPLOAD.fullmatch(request.place)
    if place is None or request.method != "POST":
        return 404, {"message": "no such address"}
    file = request.form.file("file")
    if file is None:
        return 400, {"message": "a file is expected"}
    try:
        content = json.loads(file.content)
    except ValueError:
        return 400, {"message": "the file is no JSON"}
    if not isinstance(content, dict) or not isinstance(content.get("marches"), dict):
        return 422, {"message": "the file holds no essential data"}
    publisher.put(place[2], file.content)
    return 200, {"id": place[2], "filesize": len(file.content)}


_PUBLISHER = Publisher(
    "opendata",
    _kind_of,
    _serve,
    has_header("X-API-KEY"),
    {"datasets": {"*": {"dataset": "decp-{siret}", "resource": "decp-{siret}"}}},
    is_open=lambda place: place.startswith("/r/"),
)


def start(folder: Path) -> None:
    """Starts listening."""
    _PUBLISHER.start(folder)


def answer(method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
    """The control API."""
    return _PUBLISHER.answer(method, path, headers, body)
