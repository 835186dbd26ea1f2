"""A program prepares a consultation: the same rules as the pages, told in JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from territoires.kernel.actor import Actor
from territoires.services.procurement.models import Consultation
from tests.routes.world import World

from .conftest import CRITERIA, LOTS, ROOF, make_consultation, rows

API = "/api/v1/procurement/consultations"


class Program:
    """A key of the body, in English."""

    def __init__(self, body: Any) -> None:
        rows("identity.ServiceActivation").create(
            organisation=body, service="procurement", since_at="2026-01-05T00:00:00Z"
        )
        key = World(home=body, foreign=None, operator=None, idle=None).key(body, "secretary")
        self.headers = {"Accept-Language": "en", "Authorization": f"Bearer {key}"}

    def __call__(self, method: str, path: str = "", body: Any = None, **headers: str) -> Any:
        """``path`` follows that of the consultations; ``/..`` leads out of it."""
        is_file = isinstance(body, bytes)
        sent = body if is_file else json.dumps(body, default=str) if body is not None else ""
        media_type = "application/octet-stream" if is_file else "application/json"
        address = f"{API}{path}".replace("/consultations/..", "")
        return Client().generic(method, address, sent, media_type, headers=self.headers | headers)


@pytest.fixture
def program(body: Any) -> Program:
    return Program(body)


def test_from_the_first_line_to_the_validation(program: Program) -> None:
    begun = program("POST", "", {"title": "Toiture", "main_procurement_category": "works"})
    assert begun.status_code == 201 and begun["ETag"]
    one = f"/{begun.json()['id']}"
    assert {f["severity"] for f in program("GET", f"{one}/check").json()["findings"]} == {"missing"}
    changed = program("PATCH", one, ROOF)
    assert changed.status_code == 200 and changed.json()["estimated_value"] == "180000.00"
    lots = [{"title": lot.title, "cpv": lot.cpv, "estimated_value": lot.estimated_value} for lot in LOTS]
    assert len(program("PUT", f"{one}/lots", {"lots": lots}).json()["lots"]) == 2
    criteria = [{"kind": c.kind, "weight": c.weight} for c in CRITERIA]
    assert program("PUT", f"{one}/criteria", {"criteria": criteria}).json()["criteria"][0]["name"] == "Prix"
    refused = program("POST", f"{one}/validate")
    assert refused.status_code == 422
    assert {fault["code"] for fault in refused.json()["faults"]} >= {
        "documents-missing",
        "publish-on-missing",
    }


def test_a_stale_version_changes_nothing(program: Program, secretary: Actor) -> None:
    one = make_consultation(secretary, "blank")
    stale = program("PATCH", f"/{one.pk}", {"title": "Autre"}, **{"If-Match": '"99"'})
    assert stale.status_code == 412
    one.refresh_from_db()
    assert one.title != "Autre"


@pytest.mark.parametrize(
    "changes",
    [
        {"cpv": "toit"},
        {"estimated_value": -5},
        {"estimated_value": "NaN"},
        {"tenders_until": "demain"},
        {"title": "\x00"},
        {"nuts": "x" * 9},
    ],
    ids=str,
)
def test_what_cannot_be_kept_is_refused_with_its_field(
    program: Program, secretary: Actor, changes: dict[str, Any]
) -> None:
    one = make_consultation(secretary, "blank")
    answer = program("PATCH", f"/{one.pk}", changes)
    assert answer.status_code == 422
    assert any(next(iter(changes)) in fault["field"] for fault in answer.json()["faults"])


def test_the_list_is_that_of_the_body(program: Program, secretary: Actor) -> None:
    make_consultation(secretary, "blank")
    found = program("GET", "?q=toiture").json()
    assert (found["count"], found["items"][0]["title"]) == (1, Consultation.objects.get().title)
    assert program("GET", "?q=xyzzy").json() == {"items": [], "count": 0}


def test_a_copy_takes_the_words_and_not_the_moment(program: Program, secretary: Actor) -> None:
    source = make_consultation(secretary, "validated")
    assert program("POST", f"/{source.pk}/copies", {"title": ""}).status_code == 422
    copied = program("POST", f"/{source.pk}/copies", {"title": "Toiture de la mairie"})
    assert copied.status_code == 201 and copied["ETag"]
    made = copied.json()
    assert (made["title"], made["state"], made["tenders_until"]) == ("Toiture de la mairie", "draft", None)
    assert len(made["lots"]) == len(LOTS)


def test_documents_are_written_from_the_platforms_model_or_from_the_bodys(
    program: Program, secretary: Actor
) -> None:
    one = make_consultation(secretary)
    there = f"/{one.pk}/written-documents"
    assert program("POST", there, {"codes": []}).status_code == 422
    assert program("POST", there, {"codes": ["rules", "rules"]}).status_code == 200
    names = {piece["name"] for piece in program("GET", f"/{one.pk}/documents").json()}
    model = program("GET", "/../templates/prices")
    kept = program("PUT", "/../templates/prices?name=notre.docx", model.content)
    assert kept.status_code == 200, kept.content
    assert program("PUT", "/../templates/prices?name=x.docx", b"%PDF-1.4 autre").status_code == 422
    assert [own["code"] for own in program("GET", "/../templates").json()] == ["prices"]
    assert program("POST", there, {"codes": ["prices"]}).status_code == 200
    added = {piece["name"] for piece in program("GET", f"/{one.pk}/documents").json()} - names
    assert len(added) == 1 and next(iter(added)).endswith(".docx")
    assert program("DELETE", "/../templates/prices").status_code == 204
    assert program("DELETE", "/../templates/prices").status_code == 404
