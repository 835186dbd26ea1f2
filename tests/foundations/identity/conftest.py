"""A commune with two administrators, another commune, and the platform's operator."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from django.http import HttpResponse

from territoires.foundations.identity.actors import actor_for_person
from territoires.foundations.identity.models import (
    Account,
    Kind,
    Membership,
    Organisation,
    Person,
    RoleAssignment,
)
from territoires.kernel.actor import Actor, Assurance

PASSWORD = "quatre chevaux bleus galopent"
SINCE = date(2026, 1, 5)

Make = Callable[..., Person]


@pytest.fixture
def town(db) -> Organisation:
    return Organisation.objects.create(
        reference="213900012", siren="213900012", name="Commune Exemple", kind=Kind.COMMUNE
    )


@pytest.fixture
def other_town(db) -> Organisation:
    return Organisation.objects.create(
        reference="213900020", siren="213900020", name="Commune Modèle", kind=Kind.COMMUNE
    )


@pytest.fixture
def operator(db) -> Organisation:
    return Organisation.objects.create(
        reference="130012345", siren="130012345", name="Opérateur Essai", kind=Kind.OPERATOR
    )


@pytest.fixture
def person(db) -> Make:
    """Makes a person with an account, and a membership with roles where an organisation is given."""

    def make(name: str, organisation: Organisation | None = None, *roles: str) -> Person:
        made = Person.objects.create(given_names=name, usual_name="Exemple")
        Account.objects.create_user(f"{name.lower()}@mairie.example", PASSWORD, person=made)
        if organisation is not None:
            membership = Membership.objects.create(person=made, organisation=organisation, since_on=SINCE)
            for role in roles:
                RoleAssignment.objects.create(membership=membership, role=role, since_on=SINCE)
        return made

    return make


@pytest.fixture
def anne(person: Make, town: Organisation) -> Person:
    return person("Anne", town, "administrator")


@pytest.fixture
def bruno(person: Make, town: Organisation) -> Person:
    return person("Bruno", town, "administrator")


@pytest.fixture
def administrator(anne: Person, bruno: Person, town: Organisation) -> Actor:
    """Anne, one of two administrators, who has just proved her presence."""
    return present(anne, town)


def present(who: Person, organisation: Organisation | None) -> Actor:
    """The person acting there, with a fresh proof of presence."""
    now = datetime.now(UTC)
    fresh = Assurance(level=2, methods=("mfa", "password"), proved_at=now - timedelta(seconds=5))
    return actor_for_person(who, organisation, assurance=fresh)


def membership_of(who: Person) -> Membership:
    return Membership.objects.get(person=who)


def bare(response: HttpResponse) -> str:
    """The page without what was typed and without the draws against forgery."""
    return re.sub(r'value="[^"]*"|CSRFToken": "[^"]*"', "", response.content.decode())
