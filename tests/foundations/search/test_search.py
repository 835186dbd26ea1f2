"""Words are found with or without accents, whole or begun, and never beyond the reader's rights."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from territoires.foundations.search import api as search
from territoires.foundations.search import searching
from territoires.kernel.actor import Actor, Grant
from territoires.kernel.fact import Subject
from territoires.kernel.ids import new_id

pytestmark = pytest.mark.django_db

TOWN, OTHER = new_id(), new_id()
READ = "legality:act:read"
STRANGER = Actor()


@pytest.fixture(autouse=True)
def sources(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(searching, "_sources", {})
    search.declare_sources([search.SearchSource("test.act", "Acts")])
    yield


def agent(organisation: UUID = TOWN, *, services: frozenset[str] = frozenset({"legality"})) -> Actor:
    grants = {READ: Grant(READ, "role", "Agent")}
    return Actor(person=new_id(), organisation=organisation, grants=grants, services=services)


def entry(title: str, **given_: object) -> Subject:
    subject = Subject("test.act", new_id())
    search.index(
        **{
            "subject": subject,
            "organisation": TOWN,
            "title": title,
            "address": "/a",
            "permission": READ,
            **given_,
        }
    )
    return subject


def titles(text: str, actor: Actor = STRANGER) -> list[str]:
    return [hit.title for found in search.search(actor, text) for hit in found.hits]


@pytest.mark.parametrize(
    "text", ["éclairage", "ECLAIRAGE", "eclairages", "éclair", "marché d'éclairage", "marches eclairage"]
)
def test_accents_case_plural_and_beginnings_do_not_matter(text):
    entry("Marché d’éclairage public", published=True)
    assert titles(text) == ["Marché d’éclairage public"]


def test_all_words_are_asked_for():
    entry("Éclairage de l’école", published=True)
    assert titles("éclairage piscine") == []


def test_the_title_weighs_more_than_the_body():
    entry("Budget", body="voirie voirie", published=True)
    entry("Voirie", body="", published=True)
    assert titles("voirie") == ["Voirie", "Budget"]


def test_what_is_not_published_is_found_by_permission_in_its_organisation_alone():
    entry("Voirie secrète")
    assert titles("voirie", agent()) == ["Voirie secrète"]
    assert titles("voirie") == []
    assert titles("voirie", agent(OTHER)) == []
    assert titles("voirie", agent(services=frozenset())) == []
    assert titles("voirie", Actor(person=new_id(), organisation=TOWN)) == []


def test_an_entry_without_permission_is_not_open_to_all():
    entry("Voirie", permission="")
    assert titles("voirie") == titles("voirie", agent()) == []


def test_indexing_again_corrects_and_forgetting_removes():
    subject = entry("Voirie", published=True)
    entry("Piscine", subject=subject, published=True)
    assert (titles("voirie"), titles("piscine")) == ([], ["Piscine"])
    search.forget(subject)
    assert titles("piscine") == []


def test_clearing_empties_one_type_only():
    entry("Voirie", published=True)
    entry("Voirie", subject=Subject("test.other", new_id()), published=True)
    assert search.clear("test.act") == 1
    assert searching.SearchDocument.objects.count() == 1


def test_a_source_may_answer_from_its_own_tables():
    def query(actor: Actor, text: str, limit: int) -> list[search.Hit]:
        return [search.Hit("/c/1", f"{text} {limit}")]

    search.declare_sources([search.SearchSource("test.commune", "Communes", query)])
    assert titles("Vesoul") == ["Vesoul 20"]


def test_two_sources_of_one_name_are_refused():
    with pytest.raises(ValueError, match="twice"):
        search.declare_sources([search.SearchSource("test.act", "Others")])


@pytest.mark.parametrize("text", ["", " ", "' & | ! <-> :*", "le la les", "\x00", "mot " * 5000, "a:*B & !c"])
def test_odd_questions_get_a_calm_answer(text):
    entry("Voirie", published=True)
    assert titles(text) == []


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=200))
def test_no_text_breaks_the_search(text):
    entry(text, body=text, published=True)
    search.search(STRANGER, text)
