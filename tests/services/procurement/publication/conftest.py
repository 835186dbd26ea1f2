"""Consultations on line. Who opens the bids is another part's: here its officers are taken as ready."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from unittest import mock

import pytest

from territoires.kernel.actor import Actor, system_actor
from territoires.kernel.clock import PARIS, fixed_clock
from territoires.services.procurement.actions import (
    amending,
    answering,
    corresponding,
    preparing,
    publishing,
    validating,
)
from territoires.services.procurement.domain.wording import CriterionWords, InvitedWords
from territoires.services.procurement.models import Consultation
from territoires.services.procurement.queries import readiness
from territoires.services.procurement.queries.law import law_on
from tests.services.procurement.conftest import make_consultation, receive, rows

PUBLISHED_AT = datetime(2026, 12, 7, 9, tzinfo=UTC)
Publish = Callable[..., Consultation]


@pytest.fixture(autouse=True)
def officers_are_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "quorum_obstacles", lambda consultation: [])


@pytest.fixture
def buyer(secretary: Actor) -> Actor:
    """The secretary, on the day that the calendar names for the publication."""
    return secretary.at(PUBLISHED_AT)


@pytest.fixture
def publish(secretary: Actor, buyer: Actor) -> Publish:
    """A consultation on line, with its two lots and two documents."""

    def make(shows_value: bool = False, **values: Any) -> Consultation:
        done = make_consultation(secretary, "validated", **values)
        return publishing.publish_consultation(actor=buyer, consultation=done, shows_value=shows_value)

    return make


@pytest.fixture
def public(publish: Publish) -> Consultation:
    return publish()


def visitor(at: datetime = PUBLISHED_AT + timedelta(hours=1), language: str = "fr") -> Actor:
    """Anybody."""
    return Actor(clock=fixed_clock(at), language=language)


def worker(at: datetime) -> Actor:
    return replace(system_actor("worker"), clock=fixed_clock(at))


def published(actor: Actor, **values: Any) -> Consultation:
    """On line now, with a question that waits, one that is answered, a change, and somebody who left an address."""
    with mock.patch.object(readiness, "quorum_obstacles", return_value=[]):
        made = publishing.publish_consultation(
            actor=actor, consultation=make_consultation(actor, "validated", **values)
        )
    for text in ("Quelle est la hauteur du bâtiment ?", "La zinguerie est-elle comprise dans le lot 1 ?"):
        asked = answering.ask_question(actor=visitor(actor.now()), consultation=made, text=text)
    answering.answer_question(
        actor=actor, consultation=made, question=asked.pk, public_text=asked.text, answer="Oui, elle l'est."
    )
    corresponding.join_correspondents(
        actor=visitor(actor.now()), consultation=made, name="Manon Modèle", email="manon@travaux.example"
    )
    corresponding.take_documents(actor=visitor(actor.now()), consultation=made, address_hash="0" * 32)
    plan = receive(actor, f"%PDF-1.4 plan {made.pk}".encode(), "plan-de-charpente.pdf")
    made.refresh_from_db()
    amending.amend_consultation(
        actor=actor,
        consultation=made,
        summary="Le plan de la charpente est ajouté, et la date limite repoussée.",
        reason="Ce plan manquait au dossier.",
        values={"tenders_until": deadline(made) + timedelta(days=7)},
        pieces=[amending.NewPiece(document=plan.pk, kind="technical")],
    )
    made.refresh_from_db()
    return made


def invited_to_bid(actor: Actor, sirets: Sequence[str], **values: Any) -> Consultation:
    """A purchase without publicity on line now, to which the enterprises of these SIRETs are invited."""
    one = make_consultation(
        actor, procedure="direct", estimated_value=Decimal(30000), family="Réparation urgente", **values
    )
    preparing.write_lots(actor=actor, consultation=one, lots=[])
    preparing.write_criteria(
        actor=actor, consultation=one, criteria=[CriterionWords(kind="price", weight=Decimal(100))]
    )
    invited = [
        InvitedWords(f"Couverture {n} (exemple)", siret, f"c{n}@couverture.example")
        for n, siret in enumerate(sirets)
    ]
    preparing.write_invited(actor=actor, consultation=one, invited=invited)
    one.refresh_from_db()
    ready = validating.validate_consultation(actor=actor, consultation=one)
    with mock.patch.object(readiness, "quorum_obstacles", return_value=[]):
        return publishing.publish_consultation(actor=actor, consultation=ready)


def put_far(consultation: Consultation) -> Consultation:
    """With a deadline on a working day beyond the clock of whoever runs the tests: pages have no other clock."""
    soonest = max(deadline(consultation), datetime.now(UTC)) + timedelta(days=60)
    day = law_on(datetime.now(UTC).date()).calendar.working_day_from(soonest.date())
    until = datetime.combine(day, time(12), PARIS)
    rows("t_procurement.Consultation").filter(pk=consultation.pk).update(
        tenders_until=until, questions_until=day - timedelta(days=30)
    )
    rows("t_procurement.Listing").filter(pk=consultation.pk).update(deadline_at=until)
    consultation.refresh_from_db()
    return consultation


def deadline(consultation: Consultation) -> datetime:
    assert consultation.tenders_until is not None
    return consultation.tenders_until
