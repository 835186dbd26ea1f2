"""Releases and records against the official schema; the feed that skips nothing."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT4

from territoires.services.procurement.domain.notices import ocds

from .conftest import HOLDER, SIRET

NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)
BUYER = ocds.PartyData(siret=SIRET, name="Commune d'Exemple", email="mairie@village.example")
SUPPLIER = ocds.PartyData(siret=HOLDER, name="Toitures Modèle")


@lru_cache(maxsize=1)
def schemas(folder: Path) -> tuple[dict[str, Any], Any]:
    read = {one.name: json.loads(one.read_text()) for one in folder.glob("*.json")}
    registry: Any = Registry()
    for schema in read.values():
        registry = registry.with_resource(schema["id"], Resource(contents=schema, specification=DRAFT4))
    return read, registry


def faults(folder: Path, name: str, content: Any) -> list[str]:
    """What the official schema has against a package."""
    read, registry = schemas(folder / "procurement/ocds/schema")
    validator = jsonschema.Draft4Validator(read[name], registry=registry)
    return [f"{one.json_path}: {one.message[:200]}" for one in validator.iter_errors(content)]


def a_tender(**values: Any) -> ocds.TenderData:
    return ocds.TenderData(
        **{
            "id": "c1",
            "title": "Toiture",
            "description": "Dépose et couverture.",
            "status": "active",
            "method": "open",
            "method_details": "Procédure adaptée",
            "category": "works",
            "cpv": "45261200",
            "value": Decimal("180000.50"),
            "lots": [ocds.LotData(number=1, title="Charpente", value=Decimal(120000))],
            "published_at": NOW,
            "tenders_until": NOW + timedelta(days=30),
            "questions_until": date(2026, 12, 20),
            "url": "https://plateforme.example/marches/1/",
            "documents": [
                ocds.DocumentData(
                    id="1",
                    title="Règlement",
                    url="https://plateforme.example/1",
                    media_type="application/pdf",
                    published_at=NOW,
                )
            ],
            "amendments": [{"id": "2", "date": ocds.instant(NOW), "rationale": "La date est reportée."}],
        }
        | values
    )


def a_release(rank: int, tag: str, **values: Any) -> dict[str, Any]:
    return ocds.release_of(
        ocds.ReleaseData(
            **{
                "ocid": "ocds-213czf-1",
                "rank": rank,
                "tag": tag,
                "at": NOW + timedelta(days=rank),
                "buyer": BUYER,
                "tender": a_tender(),
            }
            | values
        )
    )


AWARDS = [
    ocds.AwardData(
        id="a1",
        lot=1,
        status="active",
        decided_on=date(2026, 12, 20),
        value=Decimal(100000),
        suppliers=[SUPPLIER],
    ),
    ocds.AwardData(id="a2", lot=None, status="unsuccessful", decided_on=date(2026, 12, 20)),
]
CONTRACTS = [
    ocds.SignedData(
        id="2026-001-L1",
        award="a1",
        title="Toiture",
        status="active",
        value=Decimal(110000),
        signed_on=date(2026, 12, 30),
        starts_on=date(2027, 1, 4),
        changes=[ocds.ContractChangeData(id="1", on=date(2027, 2, 1), rationale="Humidité")],
    )
]


@pytest.mark.parametrize("tag", ocds.TAGS)
def test_each_release_is_what_the_official_schema_asks(shared_data: Path, tag: str) -> None:
    release = a_release(1, tag, awards=AWARDS, contracts=CONTRACTS)
    package = ocds.release_package([release], uri="https://x.example/p", publisher="P", at=NOW)
    assert faults(shared_data, "release-package-schema.json", package) == []
    assert release["tag"] == [tag]


def test_a_record_gathers_releases_and_what_they_come_to(shared_data: Path) -> None:
    releases = [
        a_release(1, ocds.TENDER),
        a_release(2, ocds.AMENDMENT, tender=a_tender(title="Toiture et zinguerie")),
        a_release(3, ocds.AWARD, awards=AWARDS, tender=a_tender(title="Toiture et zinguerie")),
        a_release(4, ocds.CONTRACT, awards=AWARDS, contracts=CONTRACTS, tender=a_tender(status="complete")),
    ]
    record = ocds.record_of("ocds-213czf-1", releases)
    package = ocds.record_package([record], uri="https://x.example/r", publisher="P", at=NOW)
    assert faults(shared_data, "record-package-schema.json", package) == []
    compiled = record["compiledRelease"]
    assert compiled["tender"]["status"] == "complete"
    assert [one["id"] for one in compiled["awards"]] == ["a1", "a2"]
    titles = [one["value"] for one in record["versionedRelease"]["tender"]["title"]]
    assert titles == ["Toiture", "Toiture et zinguerie", "Toiture"]


def test_nothing_empty_is_said(shared_data: Path) -> None:
    bare = a_release(
        1,
        ocds.TENDER,
        tender=a_tender(value=None, lots=[], documents=[], amendments=[], description="", cpv=""),
    )
    text = json.dumps(bare)
    assert "null" not in text and '""' not in text and "[]" not in text
    package = ocds.release_package([bare], uri="https://x.example/p", publisher="P", at=NOW)
    assert faults(shared_data, "release-package-schema.json", package) == []


def test_merging_asks_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    def refuse(*_given: Any, **_options: Any) -> None:
        raise AssertionError("a connection was asked for")

    monkeypatch.setattr(socket, "create_connection", refuse)
    assert ocds.record_of("o", [a_release(1, ocds.TENDER)])["compiledRelease"]["tag"] == ["compiled"]
