"""The register in pages of a site made elsewhere, on an origin of its own, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from territoires.config.postgres import Cluster
from territoires.services.legality.models import Act
from tests.accessibility.axe import findings
from tests.browser import serving
from tests.conftest import living_database
from tests.services.legality.conftest import make_act, make_actor, make_body

from .other_site import OtherSite, standing

pytestmark = pytest.mark.browser
COUNT = 12
STRICT = (
    "default-src 'none'; script-src {site}; connect-src {site}; base-uri 'none'; form-action 'none';"
    " require-trusted-types-for 'script'; trusted-types 'none'"
)
REFUSING = "default-src 'self'; script-src 'none'"
NOT_READING = "default-src 'none'; script-src {site}"


@pytest.fixture(scope="module")
def register(cluster: Cluster, django_db_setup: None, django_db_blocker: Any) -> Iterator[tuple[str, str]]:
    """A platform, which these tests only read, and a body with more published acts than a page of the list holds.

    One of them is to be searched for.
    """
    with living_database(cluster, django_db_blocker) as url, serving({"DATABASE_URL": url}) as site:
        body = make_body()
        actor = make_actor(body)
        for number in range(COUNT):
            make_act(
                actor, "published", number=f"DEL_{number:02}", object=f"Décision <b>{number}</b> & suite"
            )
        make_act(actor, "published", number="DEL_99", object="Tarifs de la cantine")
        yield site, body.reference


@pytest.fixture
def elsewhere(register: tuple[str, str]) -> Iterator[OtherSite]:
    with standing(*register) as other:
        yield other


def lines(page: Page) -> list[str]:
    return page.locator("[data-territoires-acts] li > a").all_inner_texts()


def test_the_list_is_searched_and_turned_in_a_page_of_another_origin(
    page: Page, context: BrowserContext, elsewhere: OtherSite
) -> None:
    page.goto(elsewhere.address)
    status = page.get_by_role("status")
    expect(status).to_have_text("10 actes affichés")
    assert lines(page)[:2] == ["Tarifs de la cantine", "Décision <b>11</b> & suite"]
    assert findings(page) == []
    assert not page.get_by_role("button", name="Page précédente").is_visible()

    page.get_by_role("button", name="Page suivante").press("Enter")
    expect(status).to_have_text("3 actes affichés, page 2")
    expect(status).to_be_focused()
    page.get_by_role("button", name="Page précédente").click()
    expect(status).to_have_text("10 actes affichés")

    page.get_by_label("Rechercher un acte").fill("cantine")
    page.get_by_label("Rechercher un acte").press("Enter")
    expect(status).to_have_text("1 acte affiché")
    page.get_by_label("Rechercher un acte").fill("xyzzy")
    page.get_by_role("button", name="Rechercher").click()
    expect(status).to_have_text("Aucun acte ne répond à cette recherche.")

    assert context.cookies() == []
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0
    assert page.url == elsewhere.address


def test_a_line_leads_to_the_act_and_its_proof(page: Page, elsewhere: OtherSite) -> None:
    page.goto(elsewhere.address)
    act = Act.objects.get(number="DEL_99")
    page.get_by_role("link", name="Tarifs de la cantine").click()
    page.wait_for_url(f"{elsewhere.register}{act.pk}/")


def test_a_strict_policy_of_the_site_needs_two_sources_and_no_style(page: Page, elsewhere: OtherSite) -> None:
    elsewhere.policy, elsewhere.language = STRICT, "en-GB"
    page.goto(elsewhere.address)
    expect(page.get_by_role("status")).to_have_text("10 acts shown")
    expect(page.get_by_label("Search for an act")).to_be_visible()
    edge = page.locator("[data-territoires-acts] button").first.evaluate(
        "b => getComputedStyle(b).borderTopWidth"
    )
    assert edge == "1px"


@pytest.mark.parametrize("policy", [REFUSING, NOT_READING])
def test_the_plain_link_stays_where_the_policy_refuses_the_list(
    context: BrowserContext, elsewhere: OtherSite, policy: str
) -> None:
    elsewhere.policy = policy
    page = context.new_page()
    page.goto(elsewhere.address)
    link = page.get_by_role("link", name="Actes de la commune")
    expect(link).to_be_visible()
    link.click()
    page.wait_for_url(elsewhere.register)


def test_a_platform_that_does_not_answer_leaves_the_link(page: Page, elsewhere: OtherSite) -> None:
    page.route("**/liste.json*", lambda route: route.abort())
    page.goto(elsewhere.address)
    expect(page.get_by_role("status")).to_contain_text("ne peut pas être lue pour le moment")
    expect(page.get_by_role("link", name="Actes de la commune")).to_be_visible()


def test_the_address_of_the_link_narrows_the_list(page: Page, elsewhere: OtherSite) -> None:
    elsewhere.register += "?nature=1&amp;q=cantine"
    page.goto(elsewhere.address)
    expect(page.get_by_role("status")).to_have_text("1 acte affiché")
