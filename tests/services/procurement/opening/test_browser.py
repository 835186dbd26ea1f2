"""Officers in real browsers: they accept, try, lose a way to their key, and open together."""

from __future__ import annotations

import io
import time
import zipfile
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from playwright.sync_api import Browser, Page, Route, expect

from territoires.foundations.journal import api as journal
from territoires.kernel.clock import system_clock
from territoires.services.procurement.domain import session
from territoires.services.procurement.domain.quorum import SUITE
from territoires.services.procurement.domain.sealing import suites
from territoires.services.procurement.models import HolderKey, KeySlot, OpenedFile, OpeningOrder
from territoires.services.procurement.queries import quorum
from tests.services.procurement.conftest import make_body, rows

from .world import PLAIN, World, make_world

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PHRASE = "quatre mots pour une clé"
# Argon2id takes 64 MiB and its time, five times for an acceptance: more on a busy machine.
PATIENCE = 90_000
Arrive = Callable[..., Page]


def account_of(world: World, number: int) -> Any:
    """An account for an officer, with the role of her actor in the world."""
    person = rows("identity.Person").get(pk=world.officers[number].actor.person)
    role = "secretary" if number == 0 else "executive"
    rows("identity.RoleAssignment").create(
        membership=person.memberships.get(), role=role, since_on="2026-01-05"
    )
    return rows("identity.Account").create_user(f"officier{number}@exemple.test", person=person)


def session_of(account: Any) -> str:
    """A session that has just proved a password and a second factor."""
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    now = time.time()
    store[SESSION_KEY] = str(account.pk)
    store[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    store[HASH_SESSION_KEY] = account.get_session_auth_hash()
    store["account_authentication_methods"] = [
        {"method": "password", "at": now},
        {"method": "mfa", "at": now},
    ]
    store.create()
    return str(store.session_key)


@pytest.fixture
def live_world(live_database: str, tmp_path: Path) -> World:
    body = make_body()
    for service in ("procurement", "portal"):
        rows("identity.ServiceActivation").create(
            organisation=body, service=service, since_at="2026-01-05T00:00:00Z"
        )
    return make_world(body, tmp_path)


@pytest.fixture
def arrive(browser: Browser, live_world: World, site: str) -> Iterator[Arrive]:
    """An officer in a browser of her own, signed in."""
    contexts = []

    def officer(number: int, width: int = 1440, language: str = "fr") -> Page:
        context = browser.new_context(
            locale="fr-FR", timezone_id="Europe/Paris", viewport={"width": width, "height": 900}
        )
        context.set_default_timeout(20_000)
        contexts.append(context)
        key = session_of(account_of(live_world, number))
        context.add_cookies(
            [
                {"name": settings.SESSION_COOKIE_NAME, "value": key, "url": site},
                {"name": "django_language", "value": language, "url": site},
            ]
        )
        return context.new_page()

    yield officer
    for context in contexts:
        context.close()


def desk(site: str, world: World, path: str = "") -> str:
    return f"{site}/o/{world.consultation.organisation.reference}/procurement/{path}"


def accept(page: Page, site: str, world: World, phrase: str = PHRASE) -> list[str]:
    """The whole acceptance, by keyboard alone from the pass-phrase on; gives the words of the paper."""
    page.goto(desk(site, world, "officer/"))
    page.locator("#phrase").fill(phrase)
    page.locator("#phrase-again").fill(phrase)
    page.keyboard.press("Enter")
    expect(page.locator("[data-words] li")).to_have_count(15, timeout=PATIENCE)
    words = page.locator("[data-words] li").all_inner_texts()
    page.locator("#typed").fill(" ".join(reversed(words)))
    page.locator('[data-step="confirm"] button').click()
    expect(page.locator("[data-said] .tone-bad")).to_be_visible(timeout=PATIENCE)
    page.locator("#typed").fill(" ".join(word[:4] for word in words))
    page.locator('[data-step="confirm"] button').press("Enter")
    expect(page.locator("[data-said] .tone-ok")).to_be_visible(timeout=PATIENCE)
    return words


def give(page: Page, site: str, world: World, order: OpeningOrder, way: str, secret: str) -> None:
    page.goto(desk(site, world, f"{world.consultation.pk}/opening/{order.pk}/release/"))
    expect(page.locator('[data-step="release"] button')).to_be_enabled(timeout=PATIENCE)
    page.locator(f"#{way}-release").check()
    page.locator("#secret-release").fill(secret)
    page.locator("#secret-release").press("Enter")


def without_proofs(route: Route) -> None:
    """A platform that lists what it cannot prove."""
    papers = route.fetch().json()
    route.fulfill(json={**papers, "proofs": {}})


def test_two_officers_accept_lose_a_way_and_open_together(
    live_world: World, arrive: Arrive, site: str
) -> None:
    world = live_world
    claire, mayor = arrive(0), arrive(1, 390, "en")
    accept(claire, site, world)
    words = accept(mayor, site, world, "another phrase for me")
    assert HolderKey.objects.filter(role="officer", tried_at__isnull=False).count() == 2
    assert KeySlot.objects.count() == 4
    world.keeper.work_once()
    world.opener.work_once()
    assert quorum.quorum_obstacles(world.consultation) == []
    claire.goto(desk(site, world, f"{world.consultation.pk}/opening/"))
    policy = quorum.current_policy(world.consultation)
    assert policy is not None
    expect(claire.locator(f'[data-copy="{policy.sha256}"]')).to_be_visible()

    world.published()
    world.bid(0, files=[("offre.pdf", PLAIN), ("prix ../été.csv", b"1;2")])
    world.bid(1)
    world.closed()
    journal.sequence_once()
    claire.goto(desk(site, world, f"{world.consultation.pk}/opening/"))
    with claire.expect_navigation():
        claire.locator('form:has(input[value="tender"]) button').click()
    world.opener.work_once()
    order = OpeningOrder.objects.get()
    assert order.state == session.READY
    expect(claire.locator(f'[data-copy="{order.sha256}"]')).to_be_visible()

    claire.route("**/papers/", without_proofs)
    give(claire, site, world, order, "passphrase", PHRASE)
    expect(claire.locator("[data-said] .tone-bad")).to_contain_text("le dépôt d'une offre", timeout=PATIENCE)
    claire.unroute("**/papers/")
    give(claire, site, world, order, "passphrase", "une autre phrase")
    expect(claire.locator("[data-said] .tone-bad")).to_be_visible(timeout=PATIENCE)
    give(claire, site, world, order, "passphrase", PHRASE)
    expect(claire.locator("[data-said] .tone-ok")).to_contain_text("au journal", timeout=PATIENCE)
    world.keeper.work_once()
    world.opener.work_once()
    order.refresh_from_db()
    assert order.state == session.READY

    KeySlot.objects.filter(holder__person_id=world.officers[1].actor.person, kind="passphrase").delete()
    give(mayor, site, world, order, "recovery", " ".join(words))
    expect(mayor.locator("[data-said] .tone-ok")).to_be_visible(timeout=PATIENCE)
    assert mayor.evaluate("document.documentElement.scrollWidth <= innerWidth")
    world.opener.work_once()
    order.refresh_from_db()
    assert order.state == session.OPENED
    world.opener.work_once()

    claire.goto(desk(site, world, f"{world.consultation.pk}/opening/{order.pk}/"))
    expect(claire.get_by_role("link", name="tender-offre.pdf").first).to_be_visible()
    answer = claire.request.get(desk(site, world, f"{world.consultation.pk}/opened/all.zip"))
    with zipfile.ZipFile(io.BytesIO(answer.body())) as whole:
        names = whole.namelist()
        assert all(len(name.split("/")) == 4 and ".." not in name.split("/") for name in names)
        assert PLAIN in [whole.read(name) for name in names]
    assert OpenedFile.objects.filter(order=order, verdict="clear").count() == 3


def test_before_the_deadline_the_page_refuses_and_the_journal_keeps_who_tried(
    live_world: World, arrive: Arrive, site: str
) -> None:
    from datetime import timedelta

    world = live_world
    later = system_clock() + timedelta(days=2)
    rows("t_procurement.Consultation").filter(pk=world.consultation.pk).update(tenders_until=later)
    world.consultation.refresh_from_db()
    world.ready().published()
    world.bid(0)
    world.closed()
    page = arrive(0)
    page.goto(desk(site, world, f"{world.consultation.pk}/opening/"))
    assert page.locator('form:has(input[name="envelope"])').count() == 0
    token = page.locator("body").get_attribute("hx-headers") or "{}"
    page.evaluate(
        """async ([url, headers]) => {
          const body = new FormData(); body.set("envelope", "tender");
          await fetch(url, { method: "POST", headers: JSON.parse(headers), body });
        }""",
        [desk(site, world, f"{world.consultation.pk}/opening/ask/"), token],
    )
    assert not OpeningOrder.objects.exists()
    told = [one.kind for one in journal.timeline(world.consultation.pk)]
    assert "procurement.opening.refused" in told


def test_a_passkey_with_a_secret_opens_and_is_never_alone(
    live_world: World, arrive: Arrive, site: str
) -> None:
    world = live_world
    page = arrive(0)
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    devices.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "ctap2Version": "ctap2_1",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
                "hasPrf": True,
            }
        },
    )
    page.goto(desk(site, world, "officer/"))
    expect(page.locator("#way-passkey")).to_be_visible()
    page.locator("#way-passkey").check()
    page.locator('[data-step="accept"] button').click()
    expect(page.locator("[data-words] li")).to_have_count(15, timeout=PATIENCE)
    words = page.locator("[data-words] li").all_inner_texts()
    page.locator("#typed").fill(" ".join(words))
    page.locator('[data-step="confirm"] button').click()
    expect(page.locator("[data-said] .tone-ok")).to_be_visible(timeout=PATIENCE)
    assert sorted(KeySlot.objects.values_list("kind", flat=True)) == ["passkey", "recovery"]
    page.goto(desk(site, world, "officer/"))
    page.locator("main details summary").click()
    place = world.consultation.pk
    page.locator(f"#passkey-{place}").check()
    page.locator('[data-step="trial"] button').click()
    expect(page.locator("[data-said] .tone-ok")).to_be_visible(timeout=PATIENCE)

    page.goto(desk(site, world, f"{place}/opening/way/1/"))
    page.locator("#passkey-add").check()
    page.locator("#phrase").fill(PHRASE)
    page.locator("#phrase-again").fill(PHRASE)
    page.locator('[data-step="add"] button').click()
    expect(page.locator("[data-said] .tone-ok")).to_be_visible(timeout=PATIENCE)
    added = KeySlot.objects.get(kind="passphrase")

    page.goto(desk(site, world, "officer/"))
    line = page.locator("[data-check]")
    expect(line).to_contain_text("connaît votre clé")
    suite = suites.suite(SUITE)  # somebody puts a key in the place of hers
    HolderKey.objects.filter(pk=added.holder_id).update(public_key=suite.public_bytes(suite.generate()))
    page.reload()
    expect(page.locator("[data-said] .tone-bad")).to_be_visible()
