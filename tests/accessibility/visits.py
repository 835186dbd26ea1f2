"""Every page of the platform, in each of its states: who opens it, where, and what is done there.

``test_pages`` looks at all of them. A page that has an address and no visit makes ``test_visits`` fail, unless
``NOT_PAGES`` says why it needs none.
"""

from __future__ import annotations

import importlib
import io
import zipfile
from base64 import b64decode
from collections import ChainMap
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from itertools import chain
from pathlib import Path
from typing import Any

from django.conf import settings
from django.urls import reverse
from playwright.sync_api import Page

from territoires.services.governance.domain.demonstration import PASSWORD
from territoires.ui.gallery.views import SPECIMENS

from .content import PASSWORD_HOLDER
from .visit import (
    A_FILE,
    A_GESTURE,
    CITIZEN,
    ENTERPRISE,
    MANDATED,
    OPERATOR,
    OPERATORS,
    SECRETARY,
    SUPPORT,
    VILLAGE,
    Gesture,
    Site,
    Visit,
    clicked,
    filled,
    send,
    send_empty,
    then,
)

# -- gestures ---------------------------------------------------------------------------------------------------------


def write_while_read_only(page: Page, site: Site) -> None:
    mark = site.var / "read-only"
    mark.touch()
    try:
        send_empty(page, site)
    finally:
        mark.unlink()


def break_down(page: Page, site: Site) -> None:
    """The page of a failure of ours, which the web server gives as it stands."""
    failure = Path(__file__).parents[2] / "src" / "territoires" / "ui" / "templates" / "500.html"
    address = f"{site.address}/panne/"
    page.route(address, lambda route: route.fulfill(path=failure, content_type="text/html; charset=utf-8"))
    page.goto(address)


def ask_unknown(page: Page, site: Site) -> None:
    page.goto(f"{site.address}/nulle-part/")


def verify(name: str, content: Callable[[Page, Site], bytes]) -> Gesture:
    """Gives a file to the page that verifies."""

    def gesture(page: Page, site: Site) -> None:
        given = {"name": name, "mimeType": "application/octet-stream", "buffer": content(page, site)}
        page.set_input_files("main input[type=file]", given)  # type: ignore[arg-type]
        send(page, page.locator("main form button.button").last)

    return gesture


def published(page: Page, site: Site) -> bytes:
    """The main file of the published act, as the register gives it."""
    names = {"organisation": "village", "act": "act published", "sha256": "main published"}
    where = {name: site.content[value] for name, value in names.items()}
    return page.request.get(site.address + reverse("legality:file", kwargs=where)).body()


def bundle(page: Page, site: Site) -> bytes:
    where = {"organisation": site.content["village"], "act": site.content["act published"]}
    return page.request.get(site.address + reverse("legality:evidence", kwargs=where)).body()


def signed(page: Page, site: Site) -> bytes:
    """A PDF that somebody signed."""
    return b64decode(site.content["signed file"])


def tampered(page: Page, site: Site) -> bytes:
    """An evidence bundle in which the act was exchanged."""
    source, target = zipfile.ZipFile(io.BytesIO(bundle(page, site))), io.BytesIO()
    with zipfile.ZipFile(target, "w") as altered:
        for name in source.namelist():
            content = source.read(name)
            altered.writestr(name, content + b"%" if name.endswith(".pdf") else content)
    return target.getvalue()


def heavy(page: Page, site: Site) -> bytes:
    """An evidence bundle whose list takes more memory than its judge has."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as whole:
        whole.writestr("manifest.json", f"[{'[],' * 3_000_000}0]")
        whole.writestr("index.html", "")
    return target.getvalue()


def add_key(page: Page, site: Site) -> None:
    """Adds a security key that Chromium invents, unless the account has one."""
    page.goto(site.address + reverse("mfa_list_webauthn"))
    if page.locator("main a[href*='/remove/']").count():
        return
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    key = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    options = {**key, "isUserVerified": True, "automaticPresenceSimulation": True}
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    page.goto(site.address + reverse("mfa_add_webauthn"))
    page.fill("input[name=name]", "Clé d'essai")
    send(page, page.locator("#mfa_webauthn_add"))
    page.goto(site.address + reverse("mfa_list_webauthn"))


def ask_key(page: Page, site: Site) -> None:
    add_key(page, site)
    page.goto(site.address + reverse("mfa_reauthenticate_webauthn"))


def send_certificate(content: bytes) -> Gesture:
    """Has a file looked at; empty, none."""

    def gesture(page: Page, site: Site) -> None:
        field = page.locator("input[type=file]")
        if content:
            field.set_input_files({"name": "moi.pem", "mimeType": "text/plain", "buffer": content})
        send(page, page.locator("main form", has=field).locator("button[type=submit]").last)

    return gesture


def import_members(page: Page, site: Site) -> None:
    """Tries a file with a good line and a wrong one."""
    lines = (
        "SIREN;Prénoms;Nom;Courriel;Fonction;Rôle;Jusqu'au",
        f"{site.content['town']};Jean;Essai;jean@essai.example;agent;agent;",
        "123;Jean;Essai;jean@essai.example;agent;agent;",
    )
    given = {"name": "membres.csv", "mimeType": "text/csv", "buffer": "\r\n".join(lines).encode()}
    page.set_input_files("main input[type=file]", given)  # type: ignore[arg-type]
    send(page, page.locator("main form.form button.button").last)


def preview_switch(page: Page, site: Site) -> None:
    """Asks which towns a service would be switched off for."""
    page.select_option("main [name=kind]", "commune")
    page.check("main [name=on][value=off]")
    send(page, page.locator("main form.form button.button").last)


# -- visits -----------------------------------------------------------------------------------------------------------

SIGN_IN = filled(login=PASSWORD_HOLDER, password=PASSWORD)


GALLERY = (
    Visit("gallery:index"),
    *(Visit("gallery:specimen", name, where={"name": name}) for name in SPECIMENS),
)
PUBLIC = (
    Visit("portal:home"),
    Visit("portal:communes"),
    Visit("portal:communes", "found", query="?q=saint"),
    Visit("portal:communes", "nothing found", query="?q=xyzzy"),
    Visit("portal:search"),
    Visit("portal:search", "found", query="?q=budget"),
    Visit("portal:search", "nothing found", query="?q=xyzzy"),
    Visit("portal:body", where=VILLAGE),
    Visit("portal:body", "that ended", where={"organisation": "former"}),
    Visit("portal:verify"),
    Visit("portal:verify", "without file", gesture=send_empty, status=422),
    Visit("portal:verify", "known file", gesture=verify("acte.pdf", published)),
    Visit("portal:verify", "unknown file", gesture=verify("inconnu.pdf", lambda page, site: b"%PDF-1.4")),
    Visit("portal:verify", "signed file", gesture=verify("signe.pdf", signed)),
    Visit("portal:verify", "bundle that holds", gesture=verify("preuve.zip", bundle)),
    Visit("portal:verify", "tampered bundle", gesture=verify("preuve.zip", tampered)),
    Visit("portal:verify", "bundle that could not be judged", gesture=verify("preuve.zip", heavy)),
    Visit("portal:accessibility"),
    Visit("portal:legal-notice"),
    Visit("portal:api"),
)
ERRORS = (
    Visit("", "failure", start="portal:home", gesture=break_down, language="fr"),
    Visit("", "unknown address", start="portal:home", gesture=ask_unknown, status=404),
    Visit("portal_desk:console", "refused", SECRETARY, VILLAGE, status=403),
    Visit("portal_desk:replay-job", "by hand", OPERATOR, {**OPERATORS, "job": "1"}, status=405),
    Visit("portal_desk:replay", "by hand", OPERATOR, {**OPERATORS, "letter": "dead letter"}, status=405),
    Visit("enterprise_sign_up", "while read only", gesture=write_while_read_only, status=503),
)
ACCOUNT = (
    Visit("account_login"),
    Visit("account_login", "wrong", gesture=filled(login="x@y.example", password="wrong"), status=200),
    Visit("account_signup"),
    Visit("account_inactive"),
    Visit("account_email_verification_sent"),
    Visit("account_confirm_email", where={"key": "confirmation"}),
    Visit("account_confirm_email", "unknown", where={"key": "unknown"}),
    Visit("account_reset_password"),
    Visit("account_reset_password", "without address", gesture=send_empty),
    Visit("account_reset_password_done"),
    Visit("account_reset_password_from_key", where={"uidb36": "uid", "key": "reset"}),
    Visit("account_reset_password_from_key", "unknown", where={"uidb36": "uid", "key": "x-y"}),
    Visit("account_reset_password_from_key_done"),
    Visit("mfa_authenticate", start="account_login", gesture=SIGN_IN),
    Visit(
        "mfa_authenticate",
        "wrong code",
        start="account_login",
        gesture=then(SIGN_IN, filled(code="000000")),
    ),
    Visit("account_logout", who=CITIZEN),
    Visit("account_reauthenticate", who=CITIZEN),
    Visit("account_reauthenticate", "wrong", CITIZEN, gesture=send_empty),
    Visit("account_email", who=PASSWORD_HOLDER),
    Visit("account_change_password", who=CITIZEN),
    Visit("account_change_password", "empty", CITIZEN, gesture=send_empty),
    Visit("mfa_index", who=CITIZEN),
    Visit("mfa_index", "with factors", PASSWORD_HOLDER),
    Visit("mfa_reauthenticate", who=PASSWORD_HOLDER),
    Visit(
        "mfa_reauthenticate_webauthn", who=ENTERPRISE, start="mfa_list_webauthn", gesture=ask_key, proved=True
    ),
    Visit("mfa_activate_totp", who=CITIZEN, proved=True),
    Visit("mfa_activate_totp", "wrong code", CITIZEN, gesture=send_empty, proved=True),
    Visit("mfa_deactivate_totp", who=PASSWORD_HOLDER, proved=True),
    Visit("mfa_view_recovery_codes", who=PASSWORD_HOLDER, proved=True),
    Visit("mfa_generate_recovery_codes", who=PASSWORD_HOLDER, proved=True),
    Visit("mfa_add_webauthn", who=CITIZEN, proved=True),
    Visit("mfa_list_webauthn", who=ENTERPRISE, gesture=add_key, proved=True),
    Visit(
        "mfa_edit_webauthn",
        who=ENTERPRISE,
        start="mfa_list_webauthn",
        gesture=then(add_key, clicked("main a[href*='/edit/']")),
        proved=True,
    ),
    Visit(
        "mfa_remove_webauthn",
        who=ENTERPRISE,
        start="mfa_list_webauthn",
        gesture=then(add_key, clicked("main a[href*='/remove/']")),
        proved=True,
    ),
    Visit("socialaccount_login_cancelled"),
    Visit("socialaccount_login_error", status=401),
    Visit("socialaccount_connections", who=CITIZEN),
    Visit("usersessions_list", who=CITIZEN),
    Visit("step_up", who=SECRETARY),
    Visit("printed_codes", who=CITIZEN, proved=True),
    Visit("printed_codes", "the sheet", CITIZEN, gesture=clicked("main form.form button"), proved=True),
    Visit("certificates", who=CITIZEN),
    Visit("certificates", "without file", SECRETARY, gesture=send_certificate(b""), status=422),
    Visit("certificates", "that is none", SECRETARY, gesture=send_certificate(b"-"), status=422),
    Visit("present_certificate", who=SECRETARY),
    Visit(
        "demonstration_certificate",
        who=SECRETARY,
        start="certificates",
        gesture=clicked("main form[action$='/demonstration/'] button"),
    ),
    Visit("invitation", where={"token": "invitation"}),
    Visit("invitation", "faulty", where={"token": "invitation"}, gesture=send_empty),
    Visit("enterprise_sign_up"),
    Visit("enterprise_sign_up", "faulty", gesture=send_empty),
)
DESK = (
    Visit("portal:desks", who=MANDATED),
    Visit("portal:desks", "none", CITIZEN),
    Visit("portal_desk:desk", who=SECRETARY, where=VILLAGE),
    Visit("portal_desk:desk", "late ones", SECRETARY, VILLAGE, query="?urgency=late"),
    Visit("portal_desk:desk", "empty", ENTERPRISE, {"organisation": "enterprise"}),
    Visit("portal_desk:search", who=SECRETARY, where=VILLAGE),
    Visit("portal_desk:search", "found", SECRETARY, VILLAGE, query="?q=budget"),
    Visit("portal_desk:search", "nothing found", SECRETARY, VILLAGE, query="?q=xyzzy"),
    Visit("portal_desk:console", who=OPERATOR, where=OPERATORS),
    Visit("portal_desk:journal", who=OPERATOR, where=OPERATORS),
    Visit("portal_desk:dead-letters", who=OPERATOR, where=OPERATORS),
    Visit("portal_desk:exchanges", who=OPERATOR, where=OPERATORS),
    Visit("portal_desk:exchanges", "to read only", who=SUPPORT, where=OPERATORS),
    Visit("portal_desk:discard-arrival", who=OPERATOR, where={**OPERATORS, "arrival": "arrival"}),
    Visit(
        "portal_desk:discard-arrival",
        "faulty",
        OPERATOR,
        {**OPERATORS, "arrival": "arrival"},
        gesture=send_empty,
        status=422,
    ),
    Visit("governance_desk:members", who=OPERATOR, where=OPERATORS),
    Visit("governance_desk:members", "nothing found", OPERATOR, OPERATORS, query="?text=xyzzy"),
    Visit("governance_desk:member", who=OPERATOR, where={**OPERATORS, "reference": "village"}),
    Visit("governance_desk:member", "that ended", OPERATOR, {**OPERATORS, "reference": "former"}),
    Visit("governance_desk:services", who=OPERATOR, where=OPERATORS),
    Visit("governance_desk:services", "nothing found", OPERATOR, OPERATORS, query="?text=xyzzy"),
    Visit("governance_desk:body-services", who=OPERATOR, where={**OPERATORS, "reference": "village"}),
    Visit("governance_desk:switch-services", who=OPERATOR, where=OPERATORS),
    Visit("governance_desk:switch-services", "shown first", OPERATOR, OPERATORS, gesture=preview_switch),
    Visit("governance_desk:switch-services", "faulty", OPERATOR, OPERATORS, status=422, gesture=send_empty),
    Visit("governance_desk:people", who=SECRETARY, where=VILLAGE),
    Visit("governance_desk:people", "faulty", SECRETARY, VILLAGE, status=422, gesture=filled(email="?")),
    Visit("governance_desk:mandates", who=SECRETARY, where=VILLAGE),
    Visit("governance_desk:mandates", "none", OPERATOR, OPERATORS),
    Visit(
        "governance_desk:mandates", "faulty", SECRETARY, VILLAGE, status=422, gesture=filled(instrument="")
    ),
    Visit("governance_desk:keys", who=SECRETARY, where=VILLAGE),
    Visit("governance_desk:keys", "none", OPERATOR, OPERATORS),
    Visit("governance_desk:keys", "faulty", SECRETARY, VILLAGE, status=422, gesture=filled(label="")),
    Visit("governance_desk:rights", who=SECRETARY, where=VILLAGE),
    Visit("governance_desk:colleges", who=OPERATOR, where=OPERATORS),
    Visit("governance_desk:import", who=OPERATOR, where=OPERATORS),
    Visit("governance_desk:import", "without file", OPERATOR, OPERATORS, status=422, gesture=send_empty),
    Visit("governance_desk:import", "tried", OPERATOR, OPERATORS, gesture=import_members),
    Visit("governance_desk:territory", who=OPERATOR, where=OPERATORS),
)
# Home, desk, matter and list: what the other pages are made after.
ARCHETYPES = ("portal:home", "portal_desk:desk", "legality_desk:act published", "legality:register")


def of_services(name: str) -> Iterator[Any]:
    """What each service's own ``visits`` module holds under ``name``."""
    for code in settings.ENABLED_SERVICES:
        if find_spec(f"tests.services.{code}.visits"):
            yield getattr(importlib.import_module(f"tests.services.{code}.visits"), name)


VISITS = (*GALLERY, *PUBLIC, *ERRORS, *ACCOUNT, *DESK, *chain.from_iterable(of_services("VISITS")))

NOT_PAGES = dict(
    ChainMap(
        {
            "account_set_password": "nobody is without a password here: it leads to the page that changes it",
            "account_confirm_login_code": "no code is sent by mail here: it leads to the sign-in",
            "mfa_login_webauthn": A_FILE,
            "mfa_download_recovery_codes": A_FILE,
            "socialaccount_signup": "without a sign-in from elsewhere under way it leads to the sign-in",
            "demonstration_sign_in": A_GESTURE,
            "end_certificate": A_GESTURE,
            "set_language": A_GESTURE,
            "portal:verifier": A_FILE,
            "portal:organisation": "it leads to the desk",
            "portal_desk:send-again": A_GESTURE,
            "portal_desk:replay-arrival": A_GESTURE,
            "portal_desk:arrival-file": A_FILE,
            "governance_desk:attach": A_GESTURE,
            "governance_desk:correct-invitation": A_GESTURE,
            "governance_desk:assign-role": A_GESTURE,
            "governance_desk:end-role": A_GESTURE,
            "governance_desk:departure": A_GESTURE,
            "governance_desk:end-mandate": A_GESTURE,
            "governance_desk:instrument": A_FILE,
            "governance_desk:revoke-key": A_GESTURE,
            "governance_desk:members-export": A_FILE,
            "governance_desk:import-model": A_FILE,
        },
        *of_services("NOT_PAGES"),
    )
)
UNNAMED = {
    "health": A_FILE,
    "tsa": A_FILE,
    # allauth's former addresses of a sign-in from elsewhere, which lead to its present ones
    "accounts/social/login/cancelled/": A_GESTURE,
    "accounts/social/login/error/": A_GESTURE,
    "accounts/social/signup/": A_GESTURE,
    "accounts/social/connections/": A_GESTURE,
}
