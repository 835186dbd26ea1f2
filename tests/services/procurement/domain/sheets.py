"""Sound sheets, from which each test takes one thing away."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from territoires.kernel.clock import PARIS
from territoires.services.procurement.domain.law import Law
from territoires.services.procurement.domain.sheet import (
    AskedPieceSheet,
    CriterionSheet,
    LotSheet,
    OptionSheet,
    PartSheet,
    Sheet,
)
from territoires.services.procurement.queries.law import law_on

TODAY = date(2026, 11, 30)


def law(on: date = TODAY) -> Law:
    return law_on(on)


def noon(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, 12, tzinfo=PARIS)


def criterion(kind: str, weight: int, lot: int | None = None) -> CriterionSheet:
    return CriterionSheet(kind=kind, label=kind, weight=Decimal(weight), lot=lot)


def lot(number: int, value: int, **more: Any) -> LotSheet:
    return LotSheet(number=number, title=f"Lot {number}", cpv="45000000", value=Decimal(value), **more)


def parted(weight: int) -> CriterionSheet:
    """Half the note, in two parts; the first of them given."""
    parts = (
        PartSheet(name="Prix des travaux", weight=Decimal(weight)),
        PartSheet(name="Reste", weight=Decimal(10)),
    )
    return CriterionSheet(kind="price", label="Prix", weight=Decimal(50), parts=parts)


def option(
    *, value: int | None = 1000, months: int | None = 1, times: int = 1, lot: int | None = None
) -> OptionSheet:
    """A renewal of a month."""
    worth = None if value is None else Decimal(value)
    return OptionSheet(kind="renewal", name="Reconduction", value=worth, months=months, times=times, lot=lot)


def piece(code: str, asked_from: str) -> AskedPieceSheet:
    return AskedPieceSheet(code=code, asked_from=asked_from, name=code)


def roof(**other: Any) -> Sheet:
    """A village's adapted procedure for the roof of its school, with nothing to say against it."""
    values: dict[str, Any] = {
        "title": "Réfection de la toiture de l'école",
        "description": "Dépose des tuiles, charpente, couverture, zinguerie.",
        "category": "works",
        "estimated_value": Decimal(180000),
        "family": "École : toiture 2027",
        "cpv": "45260000",
        "nuts": "FRC11",
        "procedure": "adapted",
        "duration_months": 4,
        "validity_days": 120,
        "lots": (lot(1, 120000), lot(2, 60000)),
        "criteria": (criterion("price", 50), criterion("technical", 30), criterion("environment", 20)),
        "environmental_clause": "Les tuiles déposées sont réemployées ou recyclées.",
        "contact_email": "mairie@village.example",
        "review_body": "Tribunal administratif de Dijon",
        "publish_on": date(2026, 12, 7),
        "questions_until": date(2026, 12, 22),
        "tenders_until": noon(2027, 1, 11),
        "documents": ("rules", "contract", "technical"),
    }
    return Sheet(**(values | other))


def formal(**other: Any) -> Sheet:
    """A town's open call for cleaning its buildings."""
    values: dict[str, Any] = {
        "category": "services",
        "estimated_value": Decimal(400000),
        "family": "Nettoyage des locaux",
        "procedure": "open",
        "lots": (lot(1, 200000), lot(2, 200000)),
        "social_clause": "Cinq cents heures d'insertion.",
        "tenders_until": noon(2027, 1, 20),
        "questions_until": date(2027, 1, 8),
    }
    return roof(**(values | other))
