"""The packs of procurement against the official lists, where these are at hand."""

from __future__ import annotations

import re
from datetime import date
from itertools import pairwise
from pathlib import Path

from lxml import etree

from territoires.foundations.packs.api import all_packs, pack

TODAY = date(2026, 11, 30)


def test_divisions_are_those_of_the_official_list(shared_data: Path) -> None:
    labels = (shared_data / "procurement/eforms/translations/code_fr.xml").read_text()
    official = set(re.findall(r'"code\|name\|cpv\.(\d\d000000)"', labels))
    assert {entry["code"] for entry in pack("cpv-divisions", on=TODAY).entries} == official


def test_social_services_are_codes_of_the_official_list(shared_data: Path) -> None:
    labels = (shared_data / "procurement/eforms/translations/code_fr.xml").read_text()
    official = set(re.findall(r'"code\|name\|cpv\.(\d{8})"', labels))
    ranges = [(one["code"], one["last"]) for one in pack("procurement-social-services", on=TODAY).entries]
    assert {code for both in ranges for code in both} <= official
    assert all(first <= last for first, last in ranges)
    apart = sorted(ranges)
    assert all(one[1] < other[0] for one, other in pairwise(apart))


def test_departments_have_their_official_code(shared_data: Path) -> None:
    codes = shared_data / "procurement/eforms/codelists/nuts_nuts-fra-lvl3.gc"
    rows = etree.parse(codes).iter("{*}Row", "Row")
    official = {
        values[0]: values[1].replace("’", "'")
        for row in rows
        if len(values := [v.text or "" for v in row.iter("{*}SimpleValue", "SimpleValue")]) > 1
    }
    del official["FRZZZ"]  # outside of the regions
    departments = pack("nuts-departments", on=TODAY).entries
    assert {entry["code"]: entry["label_fr"] for entry in departments} == official
    assert len({entry["department"] for entry in departments}) == len(departments) == 101


def test_kinds_of_criteria_are_known_of_the_official_list(shared_data: Path) -> None:
    codes = (shared_data / "procurement/eforms/codelists/award-criterion-type.gc").read_text()
    for entry in pack("procurement-criteria", on=TODAY).entries:
        assert f">{entry['eforms']}<" in codes


def test_what_was_not_read_is_said() -> None:
    """A pack with an unverified line says so at its head, where ``territoires packs`` shows it."""
    ours = [p for p in all_packs() if p.subject == "procurement"]
    assert ours
    for one in ours:
        doubts = [
            e for e in one.entries if e.get("is_verified") is False or e.get("tender_is_verified") is False
        ]
        assert not doubts or one.unverified, one.name
