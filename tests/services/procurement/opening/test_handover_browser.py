"""An officer hands over to her successor, each in a browser of her own; the successor opens."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from territoires.foundations.journal import api as journal
from territoires.services.procurement.domain import session
from territoires.services.procurement.models import Handover, OpeningOrder
from territoires.services.procurement.queries import handovers
from tests.services.procurement.conftest import make_actor, make_person, rows

from . import hands
from .test_browser import (
    PATIENCE,
    PHRASE,
    Arrive,
    accept,
    arrive,
    desk,
    give,
    live_world,
    pytestmark,
)
from .world import Officer, World

__all__ = ["arrive", "live_world", "pytestmark"]


def step(page: Page, site: str, world: World, handover: Handover, name: str) -> None:
    """Deals, or takes over, with the pass-phrase."""
    page.goto(desk(site, world, f"{world.consultation.pk}/opening/replace/{handover.pk}/"))
    page.locator("#passphrase-handover").check()
    page.locator("#secret-handover").fill(PHRASE)
    page.locator(f'[data-step="{name}"] button').click()
    expect(page.locator("[data-said] .tone-ok")).to_be_visible(timeout=PATIENCE)


def test_the_browsers_hand_over_what_the_platform_checks(
    live_world: World, arrive: Arrive, site: str
) -> None:
    world = live_world
    body = world.consultation.organisation
    # the mayor's key is the test's own, so that Python deals what browsers take over, and the other way round
    claire = arrive(0)
    accept(claire, site, world)
    mayor = world.officers[1]
    mayor.accept(world.consultation)
    mayor.try_key(world.consultation)
    world.keeper.work_once()
    world.opener.work_once()
    world.published()
    world.bid(0)
    world.closed()

    claire.goto(desk(site, world, f"{world.consultation.pk}/opening/replace/"))
    person = make_person(body, "Successeure")
    world.officers.append(Officer(make_actor(body, "executive", person=person)))
    claire.reload()
    claire.locator("select[name=leaving]").select_option(str(mayor.holder))
    claire.locator("select[name=successor]").select_option(str(person.pk))
    claire.locator("input[name=leaving_deals][value=yes]").check()
    claire.locator("main form[method=post] button").last.click()
    handover = Handover.objects.get()
    successor = arrive(2, 390, "en")
    accept(successor, site, world)
    handover.refresh_from_db()
    assert handover.begun_at is not None and handover.transfers.count() == 2

    step(claire, site, world, handover, "deal")
    hands.deal(world, handover, mayor)
    step(successor, site, world, handover, "receive")
    step(claire, site, world, handover, "receive")
    hands.bring(world, handover, "reception")
    handover.refresh_from_db()
    assert handover.ended_at is not None and handovers.passing(handover) == []
    assert successor.evaluate("document.documentElement.scrollWidth <= innerWidth")

    journal.sequence_once()  # their browsers ask the proof of each deposit
    order = world.ask()
    world.keeper.work_once()
    for page in (claire, successor):
        give(page, site, world, order, "passphrase", PHRASE)
        expect(page.locator("[data-said] .tone-ok")).to_be_visible(timeout=PATIENCE)
    world.opener.work_once()
    order = OpeningOrder.objects.get(pk=order.pk)
    assert order.state == session.OPENED
    assert rows("t_procurement.OpenedFile").filter(order=order, verdict="clear").count() == 1
