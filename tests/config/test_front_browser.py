"""In Chromium: an invented person gets a certificate, presents it at the front and enrols it, and stays signed in."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from territoires.foundations.identity.models import (
    Account,
    Kind,
    Membership,
    Organisation,
    Person,
    PersonCertificate,
)
from territoires.foundations.trust import api as trust
from territoires.kernel.clock import legal_day, system_clock
from tests.browser import ROOT, START_SECONDS, serving
from tests.waiting import until

from .test_front import PART, client_context

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def anne(live_database: str) -> Person:
    town = Organisation.objects.create(
        reference="213900012", siren="213900012", name="Commune Exemple", kind=Kind.COMMUNE
    )
    made = Person.objects.create(given_names="Anne", usual_name="Exemple")
    Account.objects.create_user("anne@mairie.example", "-", person=made, is_demonstration=True)
    membership = Membership.objects.create(person=made, organisation=town, since_on=legal_day(system_clock()))
    membership.roles.create(role="secretary", since_on=membership.since_on)
    return made


@pytest.fixture
def addresses(live_database: str, anne: Person) -> Iterator[tuple[str, str]]:
    """The platform's address, and that of its front on the next port."""
    trust.accepted_authorities()  # makes the authority, before two processes do
    server = serving({"DATABASE_URL": live_database})
    front = f"https://localhost:{server.port + 1}"
    server.environment["TERRITOIRES_CERTIFICATE_URL"] = front
    with server as address:
        own = {"DATABASE_URL": live_database, "TERRITOIRES_PORT": str(server.port)}
        part = subprocess.Popen([sys.executable, "-c", PART], cwd=ROOT, env={**os.environ, **own})
        try:
            until(lambda: answers(f"{front}/static/ui/mark.svg"), START_SECONDS)
            yield address, front
        finally:
            part.kill()
            part.wait()


def answers(address: str) -> bool:
    try:
        urllib.request.urlopen(address, timeout=5, context=client_context()).close()
    except (OSError, urllib.error.URLError):
        return False
    return True


def test_a_certificate_is_got_presented_and_enrolled(
    browser: Browser, addresses: tuple[str, str], anne: Person
) -> None:
    site, front = addresses
    first = browser.new_context(locale="fr-FR")
    page = first.new_page()
    page.goto(f"{site}/accounts/login/?next=/certificats/")
    page.get_by_role("button", name="Anne Exemple").first.click()
    page.get_by_role("button", name="En obtenir un pour Commune Exemple").click()
    password = page.locator("main code").first.inner_text()
    file = page.locator("main a[download]")
    pfx = base64.b64decode((file.get_attribute("href") or "").partition("base64,")[2])
    with page.expect_download() as download:
        file.click()
    assert download.value.suggested_filename == "certificat-213900012.p12"
    assert download.value.path().read_bytes() == pfx

    second = browser.new_context(
        locale="fr-FR",
        storage_state=first.storage_state(),
        ignore_https_errors=True,
        client_certificates=[{"origin": front, "pfx": pfx, "passphrase": password}],
    )
    page = second.new_page()
    page.goto(f"{site}/certificats/")
    page.get_by_role("link", name="Présenter un certificat").click()
    page.get_by_role("button", name="C’est le mien").click()
    expect(page.get_by_role("main")).to_contain_text("Ce certificat est le vôtre")
    assert page.url == f"{front}/certificats/presenter/"
    assert PersonCertificate.objects.filter(person=anne, siren="213900012", ended_at=None).exists()
    page.get_by_role("link", name="Continuer sans certificat").click()
    expect(page.get_by_role("main")).to_contain_text("en usage")
    assert page.url == f"{site}/certificats/"
    for context in (first, second):
        context.close()
