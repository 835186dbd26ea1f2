"""Every address of the platform is visited, or is told not to be a page."""

from __future__ import annotations

from tests.routes.table import REST, routes

from .visits import ARCHETYPES, NOT_PAGES, UNNAMED, VISITS


def test_every_page_is_visited() -> None:
    known = {visit.route for visit in VISITS} | set(NOT_PAGES) | set(UNNAMED)
    forgotten = [
        r.template
        for r in routes()
        if not r.template.startswith(REST) and (r.name or r.template) not in known
    ]
    assert forgotten == []


def test_no_page_is_left_out_and_visited_both() -> None:
    assert {visit.route for visit in VISITS} & set(NOT_PAGES) == set()


def test_what_is_left_out_is_there() -> None:
    there = {route.name or route.template for route in routes()}
    assert set(NOT_PAGES) | set(UNNAMED) <= there


def test_visits_have_names_of_their_own() -> None:
    assert len({str(visit) for visit in VISITS}) == len(VISITS)


def test_archetypes_are_visited() -> None:
    assert set(ARCHETYPES) <= {str(visit) for visit in VISITS}
