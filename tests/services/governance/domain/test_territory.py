from __future__ import annotations

import csv
import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from territoires.kernel.errors import Invalid
from territoires.services.governance.domain.colleges import college_of
from territoires.services.governance.domain.territory import (
    Known,
    Merger,
    Territory,
    compare,
    read_territory,
    values_of,
)

from .specimens import (
    AFTER,
    ALPHA,
    AUTHORITIES,
    BEFORE,
    BETA,
    BEYOND,
    GAMMA,
    GROUPING,
    NEW,
    OTHER_GROUPING,
    arguments,
)


def held(territory: Territory) -> list[Known]:
    return [Known(b.siren, b.kind, b.insee, values_of(b)) for b in territory.bodies]


def test_bodies_of_the_region_only_and_groupings_across_its_border() -> None:
    territory = read_territory(**arguments(BEFORE, 2025))
    assert territory.counts() == {"region": 1, "department": 1, "epci": 2, "commune": 3}
    assert (BEYOND, GROUPING) not in territory.memberships
    assert territory.memberships == {(ALPHA, GROUPING), (BETA, GROUPING), (GAMMA, OTHER_GROUPING)}


def test_a_body_without_siren_is_named_and_never_given_one() -> None:
    given = arguments(BEFORE, 2025) | {"upper_authorities": []}
    territory = read_territory(**given)
    assert territory.without_siren == ("Modèle (region-99)", "Modèle (department-9A)")
    assert territory.counts()["department"] == 0


def test_one_body_stands_for_several_places_and_a_commune_for_none_but_itself() -> None:
    region, single = AUTHORITIES[0], AUTHORITIES[1] | {"also": ("department-9B",)}
    departments = [{"code": code, "region": "99", "nom": f"Modèle {code}"} for code in ("9B", "9C")]
    commune = {"code": "commune-9C", "kind": "commune", "insee": "9C", "siren": NEW, "name": "Ville Modèle"}
    territory = read_territory(
        **arguments(BEFORE, 2025)
        | {
            "departments": departments,
            "upper_authorities": [region, single, commune | {"also": ("department-9C",)}],
        }
    )
    assert [body.name for body in territory.bodies if body.kind == "department"] == ["Département Modèle"]
    assert territory.stood_for == (("Modèle 9B", "Département Modèle"), ("Modèle 9C", "Ville Modèle"))
    assert territory.without_siren == ()


def test_the_same_territory_changes_nothing() -> None:
    territory = read_territory(**arguments(BEFORE, 2025))
    assert compare(territory, held(territory), territory.memberships, frozenset()).is_empty


def test_a_newer_vintage_replays_mergers() -> None:
    old, new = read_territory(**arguments(BEFORE, 2025)), read_territory(**arguments(AFTER, 2026))
    changes = compare(new, held(old), old.memberships, frozenset())
    assert [body.siren for body in changes.opened] == [NEW]
    assert set(changes.closed) == {
        Merger(ALPHA, NEW),
        Merger(BETA, NEW),
        Merger(GROUPING, OTHER_GROUPING),
    }
    assert {body.name for body in changes.revised} >= {"Gamma", "CC des Modèles réunis"}


def test_a_closed_body_is_not_opened_again() -> None:
    territory = read_territory(**arguments(BEFORE, 2025))
    changes = compare(territory, [], (), frozenset({ALPHA}))
    assert ALPHA not in {body.siren for body in changes.opened}


def test_an_unknown_region_is_refused() -> None:
    with pytest.raises(Invalid, match="unknown-region"):
        read_territory(**(arguments(BEFORE, 2025) | {"region": "97"}))


@given(
    st.recursive(
        st.none() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_any_malformed_file_is_refused_in_words(rows: object) -> None:
    given_ = arguments(BEFORE, 2025) | {"communes": rows}
    try:
        read_territory(**given_)  # type: ignore[arg-type]
    except Invalid as refusal:
        assert refusal.code == "territory-malformed"


@pytest.mark.parametrize(
    ("population", "college"),
    [(0, "s"), (3499, "s"), (3500, "m"), (20000, "m"), (20001, "l"), (None, "other")],
)
def test_college_of_a_municipality_follows_its_population(population: int | None, college: str) -> None:
    bounds = [("s", None, 3499), ("m", 3500, 20000), ("l", 20001, None)]
    colleges = [
        {"code": code, "rank": rank, "legal_categories": ["7210"]}
        | ({"population_from": low} if low is not None else {})
        | ({"population_to": high} if high is not None else {})
        for rank, (code, low, high) in enumerate(bounds)
    ]
    assert (
        college_of(kind="commune", legal_category="7210", population=population, colleges=colleges) == college
    )


def test_the_real_region_has_its_published_counts(shared_data: Path) -> None:
    folder = shared_data / "opendata-territory-grants" / "territoire"
    package = _package()
    files = {
        name: json.loads((package / f"{name}.json").read_text())
        for name in ("communes", "epci", "regions", "departements")
    }
    from territoires.foundations.packs.api import pack

    territory = read_territory(
        region="27",
        vintage=2026,
        communes=files["communes"],
        groupings=files["epci"],
        departments=files["departements"],
        regions=files["regions"],
        upper_authorities=pack("upper-authorities", on=date(2026, 11, 24)).entries,
    )
    assert territory.counts() == {"region": 1, "department": 8, "epci": 116, "commune": 3685}
    with (folder / "bfc_communes_2026.csv").open(encoding="utf-8-sig", newline="") as lines:
        expected = {
            (row["code_insee"], row["siren"], row["nom"], int(row["population"]))
            for row in csv.DictReader(lines)
        }
    assert {
        (b.insee, b.siren, b.name, b.population) for b in territory.bodies if b.kind == "commune"
    } == expected
    with (folder / "bfc_communes_2026.csv").open(encoding="utf-8-sig", newline="") as lines:
        pairs = {(row["siren"], row["epci_siren"]) for row in csv.DictReader(lines) if row["epci_siren"]}
    assert territory.memberships == pairs


def _package() -> Path:
    root = Path(__file__).resolve().parents[4]
    folder = root / "frontend" / "node_modules" / "@etalab" / "decoupage-administratif" / "data"
    if not folder.is_dir():
        pytest.skip("the package @etalab/decoupage-administratif is not installed in frontend/")
    return folder
