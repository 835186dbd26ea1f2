"""Passkeys, security keys and printed codes in a real browser, with a virtual authenticator."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.sessions.models import Session
from django.contrib.sessions.serializers import JSONSerializer
from django.core import signing
from django.core.cache import cache
from playwright.sync_api import CDPSession, Page, expect

from territoires.foundations.identity.actors import session_assurance
from territoires.foundations.identity.models import Account, Person

from .conftest import PASSWORD

pytestmark = pytest.mark.browser

EMAIL = "clara@mairie.example"
STEP_UP = "/step-up/?level=2&within=300&next=/communes/"


@pytest.fixture
def clara(live_database: str) -> Account:
    cache.clear()
    made = Person.objects.create(given_names="Clara", usual_name="Exemple")
    return Account.objects.create_user(EMAIL, PASSWORD, person=made)


@pytest.fixture
def devtools(page: Page) -> Iterator[CDPSession]:
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    yield session
    session.detach()


def plug(devtools: CDPSession, *, unlocks: bool) -> None:
    """A passkey that a gesture unlocks, or a plain USB key that is only touched."""
    options = {
        "protocol": "ctap2",
        "transport": "internal" if unlocks else "usb",
        "hasResidentKey": unlocks,
        "hasUserVerification": unlocks,
        "isUserVerified": unlocks,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def sign_in(page: Page, site: str) -> None:
    page.goto(f"{site}/accounts/login/?next=/communes/")
    page.fill("input[name=login]", EMAIL)
    page.fill("input[name=password]", PASSWORD)
    page.click("#passkey_login >> xpath=preceding-sibling::button")


def sign_out(page: Page, site: str) -> None:
    page.goto(f"{site}/accounts/logout/")
    page.click("main form button")
    page.wait_for_url(lambda url: "logout" not in url)


def confirm_password(page: Page, site: str, then: str) -> None:
    page.goto(f"{site}/accounts/reauthenticate/?next={then}")
    page.fill("main input[type=password]", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url(f"{site}{then}")


def add_key(page: Page, site: str, *, passwordless: bool) -> None:
    confirm_password(page, site, "/accounts/2fa/webauthn/add/")
    page.fill("input[name=name]", "Clé d'essai")
    if passwordless:
        page.check("input[name=passwordless]")
    with page.expect_navigation():
        page.click("#mfa_webauthn_add")


def proved(page: Page) -> int:
    """The level of the browser's session, read by the key of the server, which is another process."""
    (key,) = [c["value"] for c in page.context.cookies() if c["name"] == settings.SESSION_COOKIE_NAME]
    session = signing.loads(
        Session.objects.get(pk=key).session_data,
        key=(Path(os.environ["TERRITOIRES_VAR"]) / "keys" / "django").read_text().strip(),
        salt="django.contrib.sessions.SessionStore",
        serializer=JSONSerializer,
    )
    return session_assurance(session["account_authentication_methods"]).level


def test_a_passkey_is_made_signs_in_alone_and_confirms(
    page: Page, site: str, clara: Account, devtools: CDPSession
) -> None:
    plug(devtools, unlocks=True)
    sign_in(page, site)
    page.wait_for_url(f"{site}/communes/")
    add_key(page, site, passwordless=True)
    assert Authenticator.objects.get(user=clara, type="webauthn").wrap().is_passwordless
    sign_out(page, site)
    page.goto(f"{site}/accounts/login/?next=/communes/")
    page.click("#passkey_login")
    page.wait_for_url(f"{site}/communes/")
    assert proved(page) == 2
    page.goto(site + STEP_UP)
    page.fill("main input[type=password]", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url(re.compile("/accounts/2fa/webauthn/reauthenticate/"))
    page.click("#mfa_webauthn_reauthenticate")
    page.wait_for_url(f"{site}/communes/")
    assert proved(page) == 2


def test_a_usb_key_follows_the_password(page: Page, site: str, clara: Account, devtools: CDPSession) -> None:
    plug(devtools, unlocks=False)
    sign_in(page, site)
    page.wait_for_url(f"{site}/communes/")
    add_key(page, site, passwordless=False)
    sign_out(page, site)
    sign_in(page, site)
    page.wait_for_url(re.compile("/accounts/2fa/authenticate/"))
    page.click("#mfa_webauthn_authenticate")
    page.wait_for_url(f"{site}/communes/")
    assert proved(page) == 2


def test_each_printed_code_serves_once(page: Page, site: str, clara: Account) -> None:
    sign_in(page, site)
    page.wait_for_url(f"{site}/communes/")
    confirm_password(page, site, "/codes-imprimes/")
    page.click("main form button")
    printed = page.locator("main ol .code")
    expect(printed).to_have_count(10)
    codes = printed.all_inner_texts()
    assert len(set(codes)) == 10
    for code, opens in ((codes[0], True), (codes[0], False), (codes[1], True)):
        page.context.clear_cookies()
        sign_in(page, site)
        page.wait_for_url(re.compile("/accounts/2fa/authenticate/"))
        page.fill("input[name=code]", code)
        page.click("main form button >> nth=0")
        if opens:
            page.wait_for_url(f"{site}/communes/")
            assert proved(page) == 2
        else:
            page.locator(".field-faulty").wait_for()
            assert "authenticate" in page.url
