"""The account pages, which come from a library, keep our policy; how they look, ``test_pages`` sees."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from playwright.sync_api import Page

pytestmark = pytest.mark.browser

PASSWORD = "une phrase de passe d'essai"


def sign_in(page: Page, site: str) -> None:
    """Signs an invented person in, through the form."""
    account = get_user_model().objects.create_user("claire@exemple.test", PASSWORD)
    account.emailaddress_set.update_or_create(
        email=account.email, defaults={"verified": True, "primary": True}
    )
    page.goto(f"{site}/accounts/login/?next=/accounts/2fa/")
    page.fill("input[name=login]", account.email)
    page.fill("input[name=password]", PASSWORD)
    page.click("main form .form-actions button >> nth=0")
    page.wait_for_url(f"{site}/accounts/2fa/")


def confirm(page: Page, site: str) -> None:
    """Gives the password again, as the second factor's pages ask."""
    page.goto(f"{site}/accounts/reauthenticate/?next=/accounts/2fa/")
    page.fill("input[type=password]", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url(f"{site}/accounts/2fa/")


def test_second_factor_asks_the_password_again(page: Page, site: str) -> None:
    sign_in(page, site)
    page.goto(f"{site}/accounts/2fa/totp/activate/")
    assert page.url.startswith(f"{site}/accounts/reauthenticate/")


def test_passkey_is_added_under_the_policy(page: Page, site: str) -> None:
    sign_in(page, site)
    confirm(page, site)
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    key = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    devtools.send(
        "WebAuthn.addVirtualAuthenticator",
        {"options": {**key, "isUserVerified": True, "automaticPresenceSimulation": True}},
    )
    page.goto(f"{site}/accounts/2fa/webauthn/add/")
    page.fill("input[name=name]", "Clé d'essai")
    with page.expect_navigation():
        page.click("#mfa_webauthn_add")
    page.goto(f"{site}/accounts/2fa/webauthn/")
    assert "Clé d'essai" in page.inner_text("main")
