"""What happens at once: two departures, many guesses from several processes, one answer for strangers."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.hashers import get_hasher
from django.core.cache import cache
from django.db import connection
from django.test import Client

from territoires.foundations.identity import api as identity
from territoires.foundations.identity.models import (
    Account,
    Kind,
    Membership,
    Organisation,
    Person,
    RoleAssignment,
)
from territoires.foundations.identity.roles import administrators
from territoires.foundations.identity.tokens import token_of
from territoires.kernel.actor import Actor
from territoires.kernel.clock import system_clock
from territoires.kernel.errors import Conflict

from .conftest import PASSWORD, present

SINCE = date(2026, 1, 5)


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """What each call answered or raised, all of them started together, each on a connection of its own."""
    start = threading.Barrier(len(calls))
    answers: list[Any] = [None] * len(calls)

    def run(place: int) -> None:
        start.wait(timeout=20)
        try:
            answers[place] = calls[place]()
        except Exception as error:
            answers[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return answers


def administrator(town: Organisation, name: str) -> Person:
    made = Person.objects.create(given_names=name, usual_name="Exemple")
    Account.objects.create_user(f"{name.lower()}@mairie.example", PASSWORD, person=made)
    membership = Membership.objects.create(person=made, organisation=town, since_on=SINCE)
    RoleAssignment.objects.create(membership=membership, role="administrator", since_on=SINCE)
    return made


def test_of_two_departures_at_once_one_is_refused(live_database):
    town = Organisation.objects.create(
        reference="213900012", siren="213900012", name="Commune Exemple", kind=Kind.COMMUNE
    )
    anne, bruno, chloe = (administrator(town, name) for name in ("Anne", "Bruno", "Chloé"))
    answers = at_once(
        *(
            lambda who=who, by=by: identity.end_membership(
                actor=present(by, town), membership=Membership.objects.get(person=who)
            )
            for who, by in ((bruno, anne), (chloe, anne))
        )
    )
    refused = [answer for answer in answers if isinstance(answer, Conflict)]
    assert [error.code for error in refused] == ["too-few-administrators"]
    assert len(administrators(town.pk, system_clock())) == 2


def test_a_departure_and_the_end_of_a_role_at_once_leave_two(live_database):
    town = Organisation.objects.create(
        reference="213900012", siren="213900012", name="Commune Exemple", kind=Kind.COMMUNE
    )
    anne, bruno, chloe = (administrator(town, name) for name in ("Anne", "Bruno", "Chloé"))
    answers = at_once(
        lambda: identity.end_membership(
            actor=present(anne, town), membership=Membership.objects.get(person=bruno)
        ),
        lambda: identity.end_role(
            actor=present(anne, town), assignment=RoleAssignment.objects.get(membership__person=chloe)
        ),
    )
    assert [a.code for a in answers if isinstance(a, Conflict)] == ["too-few-administrators"]
    assert len(administrators(town.pk, system_clock())) == 2


def test_an_invitation_accepted_twice_at_once_makes_one_member(live_database):
    town = Organisation.objects.create(
        reference="213900012", siren="213900012", name="Commune Exemple", kind=Kind.COMMUNE
    )
    invitation = identity.invite_person(
        actor=present(administrator(town, "Anne"), town),
        organisation=town,
        email="eva@mairie.example",
        given_names="Eva",
        usual_name="Essai",
        roles=["agent"],
    )
    token = token_of(invitation)
    answers = at_once(
        *(lambda: identity.accept_invitation(actor=Actor(), token=token, password=PASSWORD) for _ in range(2))
    )
    assert sorted(type(answer).__name__ for answer in answers) == ["Gone", "Membership"]
    assert Account.objects.filter(email="eva@mairie.example").count() == 1


def test_guesses_made_at_once_share_one_limit(live_database):
    """The counters are in the database, so threads here stand for the processes of a platform."""
    cache.clear()
    assert settings.CACHES["default"]["BACKEND"].endswith("DatabaseCache")
    person = Person.objects.create(given_names="Clara", usual_name="Exemple")
    Account.objects.create_user("clara@mairie.example", PASSWORD, person=person)
    wrong = {"login": "clara@mairie.example", "password": "pas le bon mot de passe"}
    at_once(*(lambda: Client().post("/accounts/login/", wrong) for _ in range(8)))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM journal_entry"
            " WHERE convert_from(body, 'UTF8') LIKE '%identity.account.sign_in_failed%'"
        )
        assert cursor.fetchone()[0] <= 5
    right = Client()
    right.post("/accounts/login/", wrong | {"password": PASSWORD})
    assert "_auth_user_id" not in right.session


@pytest.mark.django_db
def test_a_stranger_costs_the_work_of_a_known_address(person, monkeypatch):
    cache.clear()
    person("Clara")
    hasher, worked = type(get_hasher()), []
    encode = hasher.encode
    monkeypatch.setattr(hasher, "encode", lambda *given: worked.append("encode") or encode(*given))
    verify = hasher.verify
    monkeypatch.setattr(hasher, "verify", lambda *given: worked.append("verify") or verify(*given))
    for email in ("clara@mairie.example", "nobody@mairie.example"):
        worked.clear()
        Client().post("/accounts/login/", {"login": email, "password": "pas le bon mot de passe"})
        assert len(worked) == 1, email
