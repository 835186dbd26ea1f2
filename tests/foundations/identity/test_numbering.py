"""By which SIRET a body is known."""

from __future__ import annotations

import pytest

from territoires.foundations.identity import api as identity
from territoires.kernel.errors import Denied, Invalid
from territoires.kernel.siret import luhn

from .conftest import present

pytestmark = pytest.mark.django_db


def siret_of(siren: str) -> str:
    return next(f"{siren}0001{key}" for key in range(10) if luhn(f"{siren}0001{key}"))


def test_a_body_says_by_which_establishment_it_is_known(administrator, town):
    number = siret_of(town.siren)
    identity.number_organisation(actor=administrator, organisation=town, siret=f"{number[:9]} {number[9:]}")
    town.refresh_from_db()
    assert town.siret == number and town.reference == town.siren


def test_the_number_of_another_body_or_of_none_is_refused(administrator, town, other_town):
    for number in ("", "abc", town.siren, siret_of(other_town.siren), siret_of(town.siren)[:-1] + "x"):
        with pytest.raises(Invalid):
            identity.number_organisation(actor=administrator, organisation=town, siret=number)
    town.refresh_from_db()
    assert not town.siret


def test_nobody_numbers_another_body(administrator, person, town, other_town):
    for actor in (administrator, present(person("Olga", town, "observer"), town)):
        with pytest.raises(Denied):
            identity.number_organisation(
                actor=actor, organisation=other_town, siret=siret_of(other_town.siren)
            )
