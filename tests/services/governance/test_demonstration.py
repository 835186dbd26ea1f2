"""The demonstration: drawn, invented, complete, loaded once, refused in production."""

from __future__ import annotations

import dataclasses

import pytest
from django.conf import settings
from django.core.management import call_command

from territoires.kernel.errors import Denied, Unavailable
from territoires.kernel.siret import is_siren
from territoires.services.governance.actions.demonstration import demonstration, load_demonstration
from territoires.services.governance.actions.territory import load_territory
from territoires.services.governance.domain.demonstration import (
    BODIES,
    MANDATED,
    MANDATES,
    PEOPLE,
    Candidate,
    draw,
)
from territoires.services.governance.domain.territory import read_territory
from territoires.services.governance.management.authority import platform_actor
from territoires.services.governance.models import identity_rows, organisations
from territoires.services.governance.permissions import Governance
from territoires.services.governance.queries.demonstration import accounts

from .domain.specimens import AUTHORITIES, DEPARTMENTS, REGIONS, commune, grouping, siren

ACTOR = platform_actor("test", Governance.LOAD_DEMONSTRATION, Governance.LOAD_TERRITORY)
VILLAGE, NEIGHBOUR, TOWN, GROUPING = siren(3001), siren(3002), siren(3003), siren(3004)


@pytest.fixture
def territory(db: None) -> None:
    load_territory(
        actor=ACTOR,
        territory=read_territory(
            region="99",
            vintage=2026,
            communes=[
                commune("9A001", "Village", VILLAGE, population=198),
                commune("9A002", "Voisin", NEIGHBOUR, population=320),
                commune("9A003", "Bourg", TOWN, population=4200),
            ],
            groupings=[grouping(GROUPING, "CC du Village", VILLAGE, NEIGHBOUR, TOWN)],
            departments=DEPARTMENTS,
            regions=REGIONS,
            upper_authorities=AUTHORITIES,
        ),
    )


def test_invented_bodies_have_keys_that_hold_in_a_range_that_nobody_bears() -> None:
    assert all(is_siren(body.siren) and body.siren.startswith("99999") for body in BODIES)


def test_everybody_is_visibly_invented() -> None:
    assert {person.usual_name for person in PEOPLE} == {"Exemple", "Essai", "Modèle"}
    assert all(person.email.endswith(".example") for person in PEOPLE)
    assert len({person.email for person in PEOPLE}) == len(PEOPLE)


def test_every_organisation_has_two_administrators() -> None:
    places = {person.place for person in PEOPLE if person.place}
    assert places >= {body.key for body in BODIES}
    for place in places:
        assert sum("administrator" in p.roles for p in PEOPLE if p.place == place) >= 2, place


def test_a_territory_without_a_village_says_what_to_load() -> None:
    with pytest.raises(Unavailable, match="no-territory"):
        draw([Candidate("1", "commune", "9A001", "9A", "7210", 200)])


def test_it_is_drawn_from_the_territory_and_loaded_once(territory: None) -> None:
    assert load_demonstration(actor=ACTOR)
    assert not load_demonstration(actor=ACTOR)
    members = set(organisations().filter(member_since__isnull=False).values_list("siren", flat=True))
    assert members >= {VILLAGE, NEIGHBOUR, TOWN, GROUPING}
    assert identity_rows("Account").filter(is_demonstration=True).count() == len(PEOPLE)
    assert len(accounts()) == len(PEOPLE)


def test_the_agent_of_the_grouping_acts_for_each_commune_through_its_mandate(territory: None) -> None:
    load_demonstration(actor=ACTOR)
    given = demonstration(ACTOR)
    for key in MANDATES:
        actor = given.actors[f"{key}.mandated"]
        assert actor.organisation == given.organisations[key]
        assert actor.mandate is not None
        assert actor.holds(Governance.READ_PEOPLE)
    assert MANDATED.place == "operator"


def test_the_accounts_open_with_the_printed_password(
    territory: None, capsys: pytest.CaptureFixture[str]
) -> None:
    from django.contrib.auth.hashers import check_password

    call_command("demo", "load")
    printed = capsys.readouterr().out
    password = printed.strip().rpartition(" ")[2]
    assert MANDATED.email in printed
    assert check_password(password, identity_rows("Account").get(email=MANDATED.email).password)


def test_production_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    production = dataclasses.replace(settings.ENVIRONMENT, mode="production")
    monkeypatch.setattr(settings, "ENVIRONMENT", production)
    for what in ("load", "reset", "accounts"):
        with pytest.raises(Denied, match="not-a-demonstration"):
            call_command("demo", what)
