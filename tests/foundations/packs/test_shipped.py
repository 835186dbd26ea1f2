"""The packs that the platform ships: whole, sourced, and the same as the official lists where those are at hand."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from datetime import date
from pathlib import Path

import pytest

from territoires.foundations.packs.api import all_packs, pack
from territoires.kernel.clock import legal_day, system_clock
from territoires.kernel.errors import Missing, Unavailable
from territoires.kernel.siret import is_siren

TODAY = date(2026, 11, 30)
NAMESPACE = "{http://www.interieur.gouv.fr/ACTES#v1.1-20040216}"


def test_every_pack_names_its_source_and_the_day_it_was_checked() -> None:
    packs = all_packs()
    assert len(packs) >= 8
    for one in packs:
        assert one.source and one.entries, one.name
        assert one.valid_from <= one.checked_on <= legal_day(system_clock()), one.name


def test_every_label_stands_in_both_languages() -> None:
    for one in all_packs():
        for entry in one.entries:
            if "label_fr" in entry:
                assert entry["label_fr"] and entry["label_en"], (one.name, entry["code"])


def test_matters_form_a_tree_of_two_levels() -> None:
    matters = pack("actes-matters", on=TODAY)
    codes = {entry["code"] for entry in matters.entries}
    assert len(codes) == 9 + 57
    assert all(entry["parent"] in codes for entry in matters.entries if entry["parent"])
    assert matters.by_code("7.10")["parent"] == "7"


def test_each_nature_has_its_default_piece_among_the_types_it_takes() -> None:
    types = pack("actes-piece-types", on=TODAY)
    natures = pack("actes-natures", on=TODAY).entries
    assert [nature["abbreviation"] for nature in natures] == ["DE", "AR", "AI", "CC", "BF", "AU"]
    for nature in natures:
        assert nature["code"] in types.by_code(nature["default_piece"])["natures"]
    assert [nature["code"] for nature in natures if nature["individual"]] == ["3"]
    assert [nature["code"] for nature in natures if nature["published_by_default"]] == ["1", "2", "5"]


def test_colleges_are_twelve_and_split_municipalities_without_gap() -> None:
    colleges = pack("colleges", on=TODAY).entries
    assert len(colleges) == 12
    bounds = [
        (e.get("population_from", 0), e.get("population_to"))
        for e in colleges
        if "7210" in e["legal_categories"]
    ]
    assert bounds == [(0, 3499), (3500, 20000), (20001, None)]


def test_colleges_speak_of_known_legal_categories() -> None:
    known = {entry["code"] for entry in pack("legal-categories", on=TODAY).entries}
    asked = {code for entry in pack("colleges", on=TODAY).entries for code in entry["legal_categories"]}
    assert asked <= known


def test_departments_and_region_have_a_siren_whose_key_holds() -> None:
    entries = pack("upper-authorities", on=TODAY).entries
    assert all(is_siren(e["siren"]) and e["sources"] and not e["verified"] for e in entries)
    assert len({e["siren"] for e in entries}) == len(entries)
    own = [e for e in entries if e["kind"] == "department" and e["legal_category"] == "7220"]
    assert len(own) == 94
    assert all(e["siren"].startswith(f"22{e['insee'][:2]}") for e in own if e["insee"] != "976")
    places = [place for e in entries for place in (e["code"], *e["also"])]
    assert len(places) == len(set(places))
    assert sum(place.startswith("region-") for place in places) == 18
    assert (
        sum(place.startswith("department-") for place in places) == 101 + 1
    )  # Alsace is one and stands for two


def test_the_threshold_of_electronic_publication_is_3500() -> None:
    rules = pack("publication-rules", on=TODAY)
    assert rules.by_code("electronic-from-inhabitants")["value"] == 3500
    assert rules.by_code("publicity-months")["value"] == 2


def test_a_day_before_the_reform_has_no_rules_and_says_so() -> None:
    with pytest.raises(Unavailable) as refusal:
        pack("publication-rules", on=date(2022, 6, 30))
    assert refusal.value.code == "pack-missing"
    assert refusal.value.params["known"] == "2022-07-01"


def test_an_unknown_code_is_missing() -> None:
    with pytest.raises(Missing):
        pack("actes-natures", on=TODAY).by_code("7")


def test_types_and_matters_are_those_of_the_official_classification(shared_data: Path) -> None:
    root = ElementTree.parse(
        shared_data / "legality-accounting/actes/classification/classification-2017-12-08.xml"
    ).getroot()
    official: dict[str, set[str]] = {}
    for nature in root.iter(f"{NAMESPACE}NatureActe"):
        for piece in nature.iter(f"{NAMESPACE}TypePJNatureActe"):
            code = piece.get(f"{NAMESPACE}CodeTypePJ", "")
            official.setdefault(code, set()).add(nature.get(f"{NAMESPACE}CodeNatureActe", ""))
    ours = {e["code"]: set(e["natures"]) for e in pack("actes-piece-types", on=TODAY).entries}
    assert ours == official
    matters = {
        f"{first.get(f'{NAMESPACE}CodeMatiere')}.{second.get(f'{NAMESPACE}CodeMatiere')}"
        for first in root.iter(f"{NAMESPACE}Matiere1")
        for second in first.findall(f"{NAMESPACE}Matiere2")
    }
    assert {e["code"] for e in pack("actes-matters", on=TODAY).entries if e["parent"]} == matters
