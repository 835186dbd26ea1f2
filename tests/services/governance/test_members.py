"""What each may see: the operator all members, an administrator the own organisation, others nothing."""

from __future__ import annotations

from datetime import date

import pytest

from territoires.contracts.governance import Demonstration
from territoires.foundations.packs.api import pack
from territoires.kernel.actor import Actor
from territoires.kernel.errors import Denied, Missing
from territoires.services.governance.actions.demonstration import _fill, demonstration
from territoires.services.governance.actions.territory import load_territory
from territoires.services.governance.domain.territory import read_territory
from territoires.services.governance.management.authority import platform_actor
from territoires.services.governance.models import organisations
from territoires.services.governance.permissions import Governance
from territoires.services.governance.queries import members as queries
from territoires.services.governance.queries import people
from territoires.services.governance.queries.members import MemberFilter
from territoires.services.governance.queries.territory import territory_state

from .domain.specimens import AUTHORITIES, DEPARTMENTS, REGIONS, commune, grouping, siren

pytestmark = pytest.mark.django_db
PLATFORM = platform_actor("test", Governance.LOAD_DEMONSTRATION, Governance.LOAD_TERRITORY)
VILLAGE, NEIGHBOUR, TOWN, GROUPING = (siren(stem) for stem in (4001, 4002, 4003, 4004))


@pytest.fixture
def shown(db: None) -> Demonstration:
    files = {
        "communes": [
            commune("9A001", "Saint-Éloi", VILLAGE, population=198),
            commune("9A002", "Voisin", NEIGHBOUR, population=320),
            commune("9A003", "Bourg", TOWN, population=4200),
        ],
        "groupings": [grouping(GROUPING, "CC du Village", VILLAGE, NEIGHBOUR, TOWN)],
        "departments": DEPARTMENTS,
        "regions": REGIONS,
        "upper_authorities": AUTHORITIES,
    }
    load_territory(actor=PLATFORM, territory=read_territory(region="99", vintage=2026, **files))
    _fill(actor=PLATFORM)
    return demonstration(PLATFORM)


def names(actor: Actor, **asked: str) -> list[str]:
    return [row.name for row in queries.members(actor, MemberFilter(**asked)).rows]


def test_the_operator_sees_all_and_an_administrator_only_the_own(shown: Demonstration) -> None:
    assert len(names(shown.actors["operator.operator"])) == organisations().count()
    assert names(shown.actors["village.administrator"]) == ["Saint-Éloi"]
    assert names(shown.actors["town.observer"]) == []
    assert names(Actor()) == []


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"text": "saint eloi"}, ["Saint-Éloi"]),
        ({"text": "ELOI"}, ["Saint-Éloi"]),
        ({"text": VILLAGE}, ["Saint-Éloi"]),
        ({"text": "rien de tel"}, []),
        ({"kind": "commune", "college": "communes-medium"}, ["Bourg"]),
        ({"department": "9A", "kind": "epci"}, ["CC du Village"]),
        ({"college": "health"}, ["Hôpital Exemple (démonstration)"]),
    ],
)
def test_filters(shown: Demonstration, asked: dict[str, str], expected: list[str]) -> None:
    assert names(shown.actors["operator.operator"], **asked) == expected


def test_pages_follow_each_other_without_gap_or_double(
    shown: Demonstration, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "PAGE", 3)
    actor, seen, after = shown.actors["operator.operator"], [], ""
    while True:
        page = queries.members(actor, MemberFilter(), after=after)
        seen += [row.pk for row in page.rows]
        after = page.next
        if not after:
            break
    assert len(seen) == len(set(seen)) == organisations().count() == page.total


def test_another_organisation_is_missing_not_denied(shown: Demonstration) -> None:
    with pytest.raises(Missing):
        queries.member(shown.actors["village.administrator"], TOWN)
    assert queries.member(shown.actors["village.administrator"], VILLAGE).name == "Saint-Éloi"


def test_people_and_their_roles(shown: Demonstration) -> None:
    village = organisations().get(siren=VILLAGE)
    found = people.people_of(shown.actors["village.administrator"], village)
    assert [person.name for person in found] == ["Paul Essai", "Claire Exemple", "Émile Modèle"]
    assert not people.lacks_administrators(found)
    with pytest.raises(Denied):
        people.people_of(shown.actors["town.administrator"], village)
    assert people.people_of(shown.actors["operator.operator"], village) == found


def test_who_can_do_what_names_the_mandate(shown: Demonstration) -> None:
    village = organisations().get(siren=VILLAGE)
    rights = people.rights_held(shown.actors["village.administrator"], village)
    read = next(right for right in rights if right.permission == Governance.READ_PEOPLE)
    by_name = {holder.name: holder for holder in read.holders}
    assert {"Claire Exemple", "Paul Essai", "Alix Modèle"} <= by_name.keys()
    assert by_name["Alix Modèle"].until is not None
    with pytest.raises(Denied):
        people.rights_held(shown.actors["village.secretary"], organisations().get(siren=TOWN))


def test_mandates_show_on_both_sides(shown: Demonstration) -> None:
    village = organisations().get(siren=VILLAGE)
    operator = organisations().get(kind="operator")
    (given,) = people.mandates_of(shown.actors["village.administrator"], village)
    assert (given.representative, given.principal, given.is_ended) == ("Alix Modèle", "Saint-Éloi", False)
    assert len(people.mandates_of(shown.actors["operator.operator"], operator)) == 3


def test_colleges_count_what_the_actor_may_see(shown: Demonstration) -> None:
    counts = {college.code: college.count for college in queries.colleges(shown.actors["operator.operator"])}
    assert len(counts) == 12
    assert (counts["communes-small"], counts["communes-medium"], counts["groupings"]) == (2, 1, 1)


def test_the_state_of_the_territory_is_the_operators(shown: Demonstration) -> None:
    state = territory_state(shown.actors["operator.operator"])
    assert dict(state.counts)["commune"] == 3
    assert state.load is not None and state.load.vintage == 2026
    with pytest.raises(Denied):
        territory_state(shown.actors["village.administrator"])


def test_a_siren_that_sirene_did_not_confirm_says_so(shown: Demonstration) -> None:
    day = date(2026, 11, 24)
    listed = pack("upper-authorities", on=day).by_code("department-21")
    department = organisations().model(siren=listed["siren"], kind="department")
    assert queries.has_unchecked_siren(department, day)
    assert not queries.has_unchecked_siren(organisations().get(siren=VILLAGE), day)
