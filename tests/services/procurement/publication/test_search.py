"""The search among the published consultations: what it finds, how it pages, what hostile words do to it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from territoires.kernel.errors import Invalid
from territoires.kernel.text import fold
from territoires.services.procurement.domain.searching import Criteria, places, prefixes, read_criteria
from territoires.services.procurement.models import Listing
from territoires.services.procurement.queries import listings
from territoires.services.procurement.queries.cpv import children_of, path_of
from territoires.services.procurement.queries.listings import search

AT = datetime(2026, 12, 10, 9, tzinfo=UTC)
DAY = timedelta(days=1)


def put(title: str, **given: Any) -> Listing:
    """A listing of another platform: the search makes no difference."""
    cpv, nuts, buyer = given.pop("cpv", ""), given.pop("nuts", ""), given.pop("buyer", "Commune d'Exemple")
    return Listing.objects.create(
        **{
            "source": "ailleurs",
            "url": "https://ailleurs.example/1",
            "title": title,
            "buyer": buyer,
            "words_folded": fold(f"{title} {buyer}"),
            "cpv": cpv,
            "cpv_prefixes": prefixes(cpv),
            "nuts": nuts,
            "places": places(nuts),
            "published_at": AT - DAY,
            "changed_at": AT - DAY,
            "deadline_at": AT + 20 * DAY,
        }
        | given
    )


def titles(criteria: Criteria = Criteria(), **options: Any) -> list[str]:  # noqa: B008
    return [one.title for one in search(criteria, AT, **options).listings]


@pytest.mark.parametrize(
    "words",
    ["toiture", "TOITURES", "réfection école", "ecole refection", "toit", "l'école", "exemple toiture"],
)
def test_words_are_found_without_accents_in_any_order_and_number(db: None, words: str) -> None:
    put("Réfection de la toiture de l'École")
    put("Achat de tracteurs")
    assert titles(Criteria(q=words)) == ["Réfection de la toiture de l'École"]


def test_a_stem_finds_the_other_forms(db: None) -> None:
    put("Entretien des chevaux municipaux")
    assert titles(Criteria(q="entretiens")) == ["Entretien des chevaux municipaux"]


def test_each_filter_narrows(db: None) -> None:
    put("Toiture", cpv="45261200", nuts="FRC11", main_procurement_category="works", amount=Decimal(180000))
    put("Repas", cpv="55523100", nuts="FRC14", main_procurement_category="services", deadline_at=AT + 5 * DAY)
    put("Ponts", cpv="45221100", nuts="FRC11", main_procurement_category="works", buyer="Département Essai")
    assert set(titles(Criteria(cpv="45"))) == {"Toiture", "Ponts"}
    assert titles(Criteria(cpv="4526")) == ["Toiture"]
    assert titles(Criteria(place="FRC14")) == ["Repas"]
    assert len(titles(Criteria(place="FRC"))) == 3
    assert titles(Criteria(category="services")) == ["Repas"]
    assert titles(Criteria(buyer="departement essai")) == ["Ponts"]
    assert titles(Criteria(amount_from=Decimal(100000), amount_until=Decimal(200000))) == ["Toiture"]
    assert titles(Criteria(until=(AT + 6 * DAY).date())) == ["Repas"]
    assert titles(Criteria(q="toiture", cpv="4522")) == []


def test_closed_ones_are_found_only_when_asked_for(db: None) -> None:
    put("Ouverte")
    put("Passée", deadline_at=AT - DAY)
    put("Retirée", status="ended")
    put("Sans date", deadline_at=None)
    assert set(titles()) == {"Ouverte", "Sans date"}
    assert len(titles(Criteria(with_closed=True))) == 4


@pytest.mark.parametrize("counted", [1000, 5])
@pytest.mark.parametrize("sort", ["", "deadline"])
def test_pages_follow_each_other_without_gap_or_double(
    db: None, sort: str, counted: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether few are found, and sorted here, or many, and walked in the order of an index."""
    monkeypatch.setattr(listings, "MOST_COUNTED", counted)
    for number in range(12):
        # Several of one instant: the key decides.
        put(f"n {number}", published_at=AT - (number // 3) * DAY, deadline_at=AT + (1 + number // 4) * DAY)
    criteria, seen, cursor = Criteria(sort=sort), [], ""
    while True:
        page = search(criteria, AT, cursor=cursor, size=5)
        seen += [one.title for one in page.listings]
        if page.next is None:
            break
        cursor = page.next
    assert len(seen) == len(set(seen)) == 12
    by = "deadline_at" if sort else "-published_at"
    instants = {one.title: getattr(one, by.lstrip("-")) for one in Listing.objects.all()}
    found = [instants[title] for title in seen]
    assert found == sorted(found, reverse=not sort)


def test_how_many_there_are_is_counted_up_to_a_limit(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3):
        put(f"n {number}")
    assert search(Criteria(), AT, size=1).count == 3
    monkeypatch.setattr(listings, "MOST_COUNTED", 2)
    assert search(Criteria(), AT, size=1).is_more


@pytest.mark.parametrize("cursor", ["x", "AAAA", "=====", "MDAw", "é"])
def test_a_foreign_cursor_is_refused(db: None, cursor: str) -> None:
    with pytest.raises(Invalid):
        search(Criteria(), AT, cursor=cursor)


@pytest.mark.parametrize(
    "words",
    [
        "' OR 1=1 --",
        "a & | ! ( )",
        ":*",
        "\x00",
        "a" * 100_000,
        "\\",
        "%",
        "école:*&!b",
        "🚒",
        "un " * 500,
        "-",
        "l'",
    ],
)
def test_hostile_words_find_nothing_and_break_nothing(db: None, words: str) -> None:
    put("Réfection")
    criteria = read_criteria({"q": words, "buyer": words, "cpv": words, "place": words, "sort": words})
    titles(criteria)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@example({"amount_from": "0"})
@given(st.dictionaries(st.sampled_from(list(Criteria.__dataclass_fields__)), st.text(max_size=60)))
def test_what_is_read_from_an_address_is_read_again_the_same(given_query: dict[str, str]) -> None:
    criteria = read_criteria(given_query)
    assert read_criteria(criteria.as_query()) == criteria


def test_depths_of_codes_and_places() -> None:
    assert prefixes("45000000") == ["45"]
    assert prefixes("45261211") == ["45", "452", "4526", "45261", "452612", "4526121", "45261211"]
    assert read_criteria({"cpv": "45261200-9"}).cpv == "452612"
    assert read_criteria({"cpv": "30000000"}).cpv == "30"
    assert places("FRC11") == ["FR", "FRC", "FRC1", "FRC11"]
    assert prefixes("") == places("") == []


def test_the_tree_of_codes_goes_down_one_level_at_a_time() -> None:
    divisions = children_of("", AT.date())
    assert {one.depth for one in divisions} == {2} and len(divisions) == 45
    assert [one.code for one in path_of("45", AT.date())] == ["45000000"]
