"""An operator, a body with a published consultation, and the hours around an interruption."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from territoires.kernel.actor import Actor
from territoires.services.procurement.actions import listing
from territoires.services.procurement.models import Consultation
from tests.services.procurement.conftest import NOW, make_actor, make_consultation, make_person, rows

DEADLINE = NOW + timedelta(hours=3)


def make_operator() -> Any:
    return rows("identity.Organisation").create(
        reference="200066687", siren="200066687", name="Syndicat Exemple", kind="operator"
    )


def published(actor: Actor, deadline: Any = DEADLINE, **values: Any) -> Consultation:
    """A consultation that is open, as the verbs of publication leave it."""
    made = make_consultation(actor, "validated", **values)
    Consultation.objects.filter(pk=made.pk).update(
        state="published",
        published_at=NOW - timedelta(days=20),
        tenders_until=deadline,
        questions_until=None,
        publication_version=1,
    )
    made.refresh_from_db()
    listing.write_listing(actor, made)
    return made


@pytest.fixture
def operator(db: None) -> Actor:
    return operator_actor()


def operator_actor(body: Any = None) -> Actor:
    body = body or make_operator()
    person = make_person(body, "Odile")
    membership = rows("identity.Membership").get(person=person)
    rows("identity.RoleAssignment").create(
        membership=membership, role="operator", since_on=membership.since_on
    )
    return make_actor(body, "operator", person=person, is_operator=True)
