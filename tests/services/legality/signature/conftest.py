"""A deliberation of a sitting, the mayor and the secretary who sign it, each with a key of the demonstration."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.apps import apps

from territoires.foundations.trust import api as trust
from territoires.kernel.actor import Actor, Assurance
from territoires.services.legality.actions import electronic
from territoires.services.legality.models import Act

from ..conftest import NOW, make_actor
from ..evening.conftest import acts_in, make_sitting


def make_person(given_names: str, usual_name: str) -> Any:
    return apps.get_model("identity.Person")._default_manager.create(
        given_names=given_names, usual_name=usual_name
    )


def make_signer(body: Any, given_names: str, usual_name: str, role: str = "executive") -> Actor:
    """Somebody signed in with that name, who proved their presence just now."""
    present = Assurance(level=2, methods=("password", "mfa"), proved_at=NOW)
    person = make_person(given_names, usual_name)
    return replace(make_actor(body, role), person=person.pk, assurance=present)


def key_file(given_names: str, usual_name: str, **options: Any) -> tuple[bytes, str]:
    return trust.issue_demonstration_certificate(
        given_names=given_names,
        usual_name=usual_name,
        **{"organisation_name": "Commune d'Exemple", "siren": "217104389"} | options,
    )


def make_key(given_names: str, usual_name: str) -> trust.SigningKey:
    return trust.open_key_file(*key_file(given_names, usual_name))


def make_awaited(actor: Actor, count: int = 1, *, first: int = 60) -> list[Act]:
    """Deliberations of one sitting whose signatures are asked."""
    sitting = make_sitting(actor, count, first=first)
    return [electronic.ask_signatures(actor=actor, act=act) for act in acts_in(sitting)]


@pytest.fixture
def mayor(body: Any) -> Actor:
    return make_signer(body, "Paul", "Essai")


@pytest.fixture
def clerk_of_sitting(body: Any) -> Actor:
    return make_signer(body, "Jeanne", "Modèle", role="elected")


@pytest.fixture(scope="session")
def mayors_key() -> trust.SigningKey:
    return make_key("Paul", "Essai")


@pytest.fixture(scope="session")
def secretarys_key() -> trust.SigningKey:
    return make_key("Jeanne", "Modèle")


@pytest.fixture
def awaited(secretary: Actor) -> Act:
    (act,) = make_awaited(secretary)
    return Act.objects.select_related("main", "organisation").get(pk=act.pk)
