"""The platform that is visited: the real territory, the demonstration, and what ``content`` adds to it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator

import psycopg
import pytest
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import Browser, Page

from territoires.config.postgres import Cluster
from territoires.services.governance.domain.demonstration import PASSWORD
from tests.browser import ROOT, new_context, serving
from tests.conftest import RUN, clone_template

from .visit import Site


@pytest.fixture(scope="package")
def filled_site(cluster: Cluster) -> Iterator[Site]:
    """One platform for all visits of a worker: none changes what another one shows."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    name, var = f"visited_{worker}", RUN / f"visited-{worker}"
    clone_template(cluster, name)
    own = {
        "DATABASE_URL": cluster.url(name),
        "TERRITOIRES_VAR": str(var),
        "TERRITOIRES_VERIFIER_MEMORY": "128",  # a file that exhausts it is made and judged at once
    }
    environment = {**os.environ, **own, "DJANGO_SETTINGS_MODULE": settings.SETTINGS_MODULE}
    said = ""
    for command in (
        ["django", "load", "territory"],
        ["django", "demo", "load"],
        ["tests.accessibility.content"],
    ):
        done = subprocess.run(
            [sys.executable, "-m", *command], cwd=ROOT, env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        said = done.stdout
    with serving(own) as address:
        yield Site(address, var, own["DATABASE_URL"], json.loads(said))


@pytest.fixture(scope="package")
def seats() -> dict[str, Page]:
    """The pages that stay open between visits, by who sits there: a browser learns a page's scripts once."""
    return {}


def seated(browser: Browser, site: Site, who: str) -> Page:
    """A page in a browser of its own for somebody, signed in, or for nobody in particular."""
    page = new_context(browser).new_page()
    if who:
        sign_in(page, site, who)
    return page


def sign_in(page: Page, site: Site, email: str) -> None:
    """One click on an invented person, without the pages around it."""
    page.context.request.get(site.address + reverse("account_login"))
    post(page, site, "demonstration_sign_in", account=email, next=reverse("portal:accessibility"))


def post(page: Page, site: Site, name: str, **form: str) -> None:
    """Sends a form from the page's own session."""
    token = next(cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "csrftoken")
    answer = page.context.request.post(
        site.address + reverse(name), form={**form, "csrfmiddlewaretoken": token}
    )
    assert answer.ok, answer.text()


def prove(page: Page, site: Site) -> None:
    """Gives the password again, however many visits of the same minute did."""
    with psycopg.connect(site.database, autocommit=True) as connection:
        connection.execute("DELETE FROM registry_cache WHERE cache_key LIKE '%:rl:%'")
    post(page, site, "account_reauthenticate", password=PASSWORD)
