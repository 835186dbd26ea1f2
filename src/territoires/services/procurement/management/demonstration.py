"""Consultations of the demonstration's village: one under way with a warning, one that is validated."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from territoires.contracts.governance import Demonstration
from territoires.foundations.documents import api as documents
from territoires.kernel.actor import Actor, system_actor
from territoires.kernel.clock import legal_day

from ..actions import filing, holders, preparing, validating
from ..domain import timetable
from ..domain.quorum import SUITE
from ..domain.sealing import suites
from ..domain.wording import CriterionWords, LotWords
from ..models import Consultation
from ..queries.law import law_on
from ..queries.sheets import sheet_of

ROOF: dict[str, Any] = {
    "description": (
        "Exemple de démonstration. Dépose et remplacement de la couverture de l'école, reprise de la charpente, isolation"
        " des combles, pendant les vacances d'été."
    ),
    "estimated_value": Decimal(180000),
    "family": "École : toiture 2027",
    "cpv": "45261200",
    "nuts": "FRC11",
    "procedure": "adapted",
    "is_negotiated": True,
    "duration_months": 4,
    "validity_days": 120,
    "environmental_clause": "Les tuiles déposées sont réemployées ou recyclées; l'entreprise en donne la trace.",
    "contact_email": "mairie@village.example",
    "review_body": "Tribunal administratif de Dijon",
}
ROOF_LOTS = (
    LotWords(title="Charpente et couverture", cpv="45261200", estimated_value=Decimal(135000)),
    LotWords(title="Isolation des combles", cpv="45261200", estimated_value=Decimal(45000)),
)
MEALS: dict[str, Any] = {
    "description": "Exemple de démonstration. Repas de la cantine, quatre jours par semaine, livrés chauds.",
    "estimated_value": Decimal(72000),
    "family": "Restauration scolaire",
    "cpv": "55523100",
    "nuts": "FRC11",
    "procedure": "adapted",
    "duration_months": 12,
    "contact_email": "mairie@village.example",
}
CRITERIA = (
    CriterionWords(kind="price", weight=Decimal(50)),
    CriterionWords(kind="technical", name="Mémoire technique", weight=Decimal(30)),
    CriterionWords(kind="environment", weight=Decimal(20)),
)
FILES = (("reglement-de-consultation", "rules"), ("cahier-des-clauses", "contract"))


CUSTODIAN = "Gardien de démonstration"
STOCK = 40


def fill(given: Demonstration) -> None:
    """Adds the consultations to the demonstration that governance has just put in place."""
    stock_custodian()
    secretary = given.actors["village.secretary"]
    roof = _invent(secretary, "Réfection de la toiture de l'école (exemple)", "works", ROOF)
    roof = preparing.write_lots(actor=secretary, consultation=roof, lots=ROOF_LOTS)
    roof = preparing.write_criteria(actor=secretary, consultation=roof, criteria=CRITERIA)
    for name, kind in FILES:
        filing.add_document(actor=secretary, consultation=roof, document=_file(secretary, name), kind=kind)
        roof.refresh_from_db()
    validating.validate_consultation(actor=secretary, consultation=roof)
    meals = _invent(secretary, "Repas de la cantine scolaire (exemple)", "services", MEALS)
    preparing.write_criteria(actor=secretary, consultation=meals, criteria=CRITERIA)


def stock_custodian() -> None:
    """An invented custodian's keys, whose private halves nobody keeps: two officers open, the third key never serves."""
    for recovery, count in ((False, STOCK), (True, 1)):
        pairs = [suites.suite(SUITE).generate() for _ in range(count)]
        holders.import_custodian_keys(
            actor=system_actor("demonstration"),
            name=CUSTODIAN,
            suite=SUITE,
            keys=[holders.Offered(uuid4(), suites.suite(SUITE).public_bytes(one)) for one in pairs],
            for_recovery=recovery,
        )


def _invent(actor: Actor, title: str, category: str, words: dict[str, Any]) -> Consultation:
    """A draft with its words and the calendar that is proposed for it, from next week on."""
    started = preparing.start_consultation(actor=actor, title=title, category=category)
    written = preparing.revise_consultation(actor=actor, consultation=started, values=words)
    today = legal_day(actor.now())
    law = law_on(today)
    proposed = timetable.propose(sheet_of(written, today), law, publish_on=today + timedelta(days=7))
    dates = {name: getattr(proposed, name) for name in ("publish_on", "questions_until", "tenders_until")}
    return preparing.revise_consultation(actor=actor, consultation=written, values=dates)


def _file(actor: Actor, name: str) -> Any:
    text = f"{name} (exemple de démonstration)\n".encode()
    found = documents.receive(
        [text], name=f"{name}.txt", organisation=actor.acting_organisation(), actor=actor, limit=100_000
    )
    return found.pk
