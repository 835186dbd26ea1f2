"""Two tabs, two agents, two clicks, the back button: nothing is lost, nothing is done twice."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from .clerk import SECRETARY, VILLAGE, Clerk, new_number, say
from .files import in_file, pdf

pytestmark = [pytest.mark.browser, pytest.mark.slow]

MANDATED = "Alix Modèle"
MAYOR = "Paul Essai"
GROUPING = "999990013"
BESANCON = "212500565"


@pytest.fixture
def main(tmp_path: Path) -> Path:
    return in_file(tmp_path, "acte.pdf", pdf(tmp_path.name))


def publications(clerk: Clerk) -> Locator:
    """The steps of the timeline that say that the act was put on line."""
    return clerk.main.get_by_role("listitem").filter(has_text=say("Published in the public register"))


def acts_found(clerk: Clerk, number: str) -> Locator:
    """The acts of the desk that bear a number."""
    clerk.open(clerk.desk(f"?q={number}"))
    return clerk.main.get_by_role("link", name=re.compile(number))


def test_two_tabs_for_two_communes(clerk: Clerk, main: Path) -> None:
    clerk.sign_in(MANDATED)
    clerk.open("/bureaux/")
    references = re.findall(r"/o/(\d{9})/", " ".join(hrefs(clerk.main.get_by_role("link"))))
    other = next(reference for reference in references if reference not in (VILLAGE, GROUPING))
    tabs = [clerk, Clerk(clerk.page.context.new_page(), clerk.site, organisation=other)]
    numbers = [new_number(), new_number()]

    for tab, number in zip(tabs, numbers, strict=True):
        tab.open(tab.desk("new/"))
        tab.write(number=number, main=main)
    for tab in tabs:
        tab.save()
        tab.sees("The draft is saved.")
    acts = [tab.page.url for tab in tabs]

    for tab, own, foreign in ((tabs[0], *numbers), (tabs[1], *reversed(numbers))):
        expect(acts_found(tab, own)).to_have_count(1)
        expect(acts_found(tab, foreign)).to_have_count(0)
    answer = clerk.page.goto(acts[1].replace(other, VILLAGE))
    assert answer and answer.status == 404


def test_rights_follow_the_address(clerk: Clerk, main: Path) -> None:
    """The same person is the secretary of a village through a mandate, sees it from there alone, and is nobody elsewhere."""
    clerk.sign_in(MANDATED)
    act = clerk.draft(main)
    clerk.open(clerk.desk())
    expect(clerk.link("New act")).to_be_visible()
    for reference, status in ((GROUPING, 404), (BESANCON, 403)):
        answer = clerk.page.goto(act.replace(VILLAGE, reference))
        assert answer and answer.status == status
        expect(clerk.main.get_by_role("heading", level=1)).to_be_visible()


def hrefs(links: Locator) -> list[str]:
    return links.evaluate_all("links => links.map(link => link.getAttribute('href'))")


def test_two_clicks_publish_once(clerk: Clerk, main: Path) -> None:
    clerk.sign_in()
    act = clerk.draft(main)
    clerk.sign(act)
    clerk.link("Publish").click()
    clerk.button("Publish the act").dblclick()
    clerk.sees("The act is on line in the public register.")
    expect(publications(clerk)).to_have_count(1)

    clerk.page.go_back()
    if clerk.button("Publish the act").is_visible():
        clerk.button("Publish the act").click()
    clerk.page.goto(act)
    expect(publications(clerk)).to_have_count(1)


def test_a_form_sent_again_by_reloading_is_one_draft(clerk: Clerk, main: Path) -> None:
    clerk.sign_in()
    number = new_number()
    clerk.open(clerk.desk("new/"))
    clerk.write(number=number, main=main, **{"Date of the decision": "31/02/2026"})
    clerk.save()
    clerk.sees("This date does not exist. Write day, month and year: 12/11/2026.")
    clerk.page.reload()
    clerk.sees("This date does not exist. Write day, month and year: 12/11/2026.")
    expect(acts_found(clerk, number)).to_have_count(1)


def test_two_agents_on_one_draft(clerk: Clerk, somebody: Callable[..., Clerk], main: Path) -> None:
    """The second is told what the first saved; what she typed stays, and she may save it after all."""
    clerk.sign_in(SECRETARY)
    act = clerk.draft(main)
    mayor = somebody()
    mayor.sign_in(MAYOR)
    for agent, words in ((clerk, "Toiture de l'école"), (mayor, "Toit et gouttières de l'école")):
        agent.page.goto(f"{act}edit/")
        agent.field("Object").fill(words)
    clerk.save()
    clerk.sees("The draft is saved.")
    mayor.save()
    mayor.sees("What the draft says now")
    expect(mayor.main).to_contain_text("Toiture de l'école")
    expect(mayor.field("Object")).to_have_value("Toit et gouttières de l'école")
    mayor.save()
    mayor.sees("The draft is saved.")
    expect(mayor.main.get_by_role("heading", level=1)).to_have_text("Toit et gouttières de l'école")


def test_two_agents_publish_the_same_act(clerk: Clerk, somebody: Callable[..., Clerk], main: Path) -> None:
    clerk.sign_in(SECRETARY)
    act = clerk.draft(main)
    clerk.sign(act)
    mayor = somebody()
    mayor.sign_in(MAYOR)
    for agent in (clerk, mayor):
        agent.page.goto(f"{act}publish/")
    clerk.button("Publish the act").click()
    clerk.sees("The act is on line in the public register.")
    mayor.button("Publish the act").click()
    expect(mayor.main.get_by_role("alert")).to_be_visible()
    mayor.page.goto(act)
    expect(publications(mayor)).to_have_count(1)
