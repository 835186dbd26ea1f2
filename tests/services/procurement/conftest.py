"""A body, its agents, and consultations brought to a state by their actions."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.apps import apps

from territoires.foundations.actions.api import permissions_of
from territoires.foundations.documents import api as documents
from territoires.kernel.actor import Actor, Grant
from territoires.kernel.clock import fixed_clock, legal_day
from territoires.services.procurement.actions import filing, preparing, validating
from territoires.services.procurement.domain import timetable
from territoires.services.procurement.domain.sheet import Sheet
from territoires.services.procurement.domain.wording import CriterionWords, LotWords
from territoires.services.procurement.models import Consultation
from territoires.services.procurement.queries.law import law_on

NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)
ROOF = {
    "description": "Dépose des tuiles, charpente, couverture, zinguerie.",
    "estimated_value": Decimal(180000),
    "family": "École : toiture 2027",
    "cpv": "45261200",
    "nuts": "FRC11",
    "procedure": "adapted",
    "duration_months": 4,
    "validity_days": 120,
    "environmental_clause": "Les tuiles déposées sont réemployées ou recyclées.",
    "contact_email": "mairie@village.example",
    "review_body": "Tribunal administratif de Dijon",
}
LOTS = (
    LotWords(title="Charpente et couverture", cpv="45261200", estimated_value=Decimal(120000)),
    LotWords(title="Isolation", cpv="45261200", estimated_value=Decimal(60000)),
)
CRITERIA = (
    CriterionWords(kind="price", weight=Decimal(50)),
    CriterionWords(kind="technical", name="Mémoire technique", weight=Decimal(30)),
    CriterionWords(kind="environment", weight=Decimal(20)),
)
TITLE = "Réfection de la toiture de l'école"


def rows(label: str) -> Any:
    return apps.get_model(label)._default_manager


def make_body(name: str = "Commune d'Exemple", siren: str = "217104389") -> Any:
    return rows("identity.Organisation").create(
        reference=siren, siren=siren, siret=f"{siren}00017", name=name, kind="commune"
    )


def make_person(body: Any = None, name: str = "Claire") -> Any:
    person = rows("identity.Person").create(given_names=name, usual_name="Exemple")
    if body is not None:
        rows("identity.Membership").create(person=person, organisation=body, since_on=date(2026, 1, 5))
    return person


def make_actor(body: Any, role: str = "secretary", *, person: Any = None, **fields: Any) -> Actor:
    found = person or make_person(body)
    return Actor(
        person=found.pk,
        organisation=body.pk,
        grants={p: Grant(p, "role", role) for p in permissions_of(role)},
        services=frozenset({"procurement"}),
        clock=fixed_clock(NOW),
        **fields,
    )


def receive(actor: Actor, content: bytes, name: str = "reglement.pdf") -> Any:
    return documents.receive(
        [content], name=name, organisation=actor.organisation, actor=actor, limit=10_000_000
    )


def calendar(actor: Actor) -> dict[str, Any]:
    """Dates a week from the actor's day on, as they are proposed."""
    today = legal_day(actor.now())
    law = law_on(today)
    proposed = timetable.propose(Sheet(procedure="adapted"), law, publish_on=today + timedelta(days=7))
    return {name: getattr(proposed, name) for name in ("publish_on", "questions_until", "tenders_until")}


def make_consultation(actor: Actor, state: str = "draft", **values: Any) -> Consultation:
    """A whole consultation in a state, by the verbs that lead there; ``blank`` has nothing but its title."""
    title = values.pop("title", TITLE)
    started = preparing.start_consultation(actor=actor, title=title, category="works")
    if state == "blank":
        return started
    written = preparing.revise_consultation(
        actor=actor, consultation=started, values=ROOF | calendar(actor) | values
    )
    written = preparing.write_lots(actor=actor, consultation=written, lots=LOTS)
    written = preparing.write_criteria(actor=actor, consultation=written, criteria=CRITERIA)
    for name, kind in (("reglement.pdf", "rules"), ("cahier.pdf", "technical")):
        document = receive(actor, f"%PDF-1.4 {name} {started.pk}".encode(), name)
        filing.add_document(actor=actor, consultation=written, document=document.pk, kind=kind)
    written.refresh_from_db()
    if state == "draft":
        return written
    if state == "discarded":
        return preparing.discard_consultation(actor=actor, consultation=written)
    return validating.validate_consultation(actor=actor, consultation=written)


def mandated(body: Any, role: str = "agent") -> Actor:
    """Somebody of elsewhere who acts for the body by mandate, in a role."""
    person = make_person(name="Alix")
    mandate = rows("identity.Mandate").create(
        principal=body,
        representative=person,
        role=role,
        since_on=date(2026, 1, 5),
        instrument="Délibération DEL_2026_001",
    )
    return replace(make_actor(body, role, person=person), mandate=mandate.pk)


@pytest.fixture
def body(db: None) -> Any:
    return make_body()


@pytest.fixture
def secretary(body: Any) -> Actor:
    return make_actor(body)
