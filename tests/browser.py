"""A real browser on a real server: Debian's Chromium through Playwright, Granian on the test's own database.

``site`` is the server's address, ``page`` a fresh browser page on it. Chromium is given no network of its own: the
pages must need nothing but the server.
"""

from __future__ import annotations

import os
import random
import shutil
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Page, sync_playwright

from tests.waiting import until

ROOT = Path(__file__).resolve().parent.parent
CHROMIUM = (
    os.environ.get("TERRITOIRES_CHROMIUM")
    or shutil.which(
        "chromium-headless-shell"
    )  # without windows: a page opens in a third of the processor time
    or shutil.which("chromium")
)
FLAGS = [
    "--no-sandbox",
    "--disable-dev-shm-usage",  # a container gives little of it: a page that runs out of it crashes, or hangs
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    # 127.0.0.1: a client certificate is presented through a proxy of Playwright's own, on this machine
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
]
START_SECONDS = 90
WIDTHS = {"phone": 390, "tablet": 768, "desk": 1440}


@dataclass(frozen=True)
class Look:
    """One way of looking at a page."""

    width: int = 1440
    theme: str = "light"
    language: str = "fr"
    zoom: int = 100

    def __str__(self) -> str:
        return f"{self.width}-{self.theme}-{self.language}-{self.zoom}"

    def apply_to(self, page: Page, site: str) -> None:
        """Sets size, colours and language. A zoom of 200 % leaves half the width in CSS pixels."""
        page.set_viewport_size({"width": self.width * 100 // self.zoom, "height": 900 * 100 // self.zoom})
        page.context.add_cookies(
            [
                {"name": "theme", "value": self.theme, "url": site},
                {"name": "django_language", "value": self.language, "url": site},
            ]
        )


EVERY_LOOK = [
    Look(width, theme, language)
    for width in WIDTHS.values()
    for theme in ("light", "dark")
    for language in ("fr", "en")
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for the run."""
    if not CHROMIUM:
        pytest.skip("chromium is absent: browser tests not run")
    # Playwright keeps an event loop in this thread, which Django would take for asynchronous code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield running
        running.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser without past."""
    fresh = new_context(browser)
    yield fresh
    fresh.close()


def new_context(browser: Browser) -> BrowserContext:
    """A browser without past; French, in Paris."""
    fresh = browser.new_context(
        locale="fr-FR", timezone_id="Europe/Paris", viewport={"width": 1440, "height": 900}
    )
    fresh.set_default_timeout(8_000)
    return fresh


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page of its own, watched."""
    with watched(context.new_page()) as fresh:
        yield fresh
        fresh.close()


@contextmanager
def watched(page: Page) -> Iterator[Page]:
    """A page that fails its test when the content security policy stopped something, or a script broke."""
    found: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if _is_breach(message.text):
            found.append(message.text)

    def note(error: Error) -> None:
        found.append(str(error))

    page.on("console", hear)
    page.on("pageerror", note)
    yield page
    page.remove_listener("console", hear)
    page.remove_listener("pageerror", note)
    assert not found


def _is_breach(text: str) -> bool:
    return "Content Security Policy" in text


@pytest.fixture
def site(live_database: str) -> Iterator[str]:
    """The address of a server of its own on the test's database."""
    with serving({"DATABASE_URL": live_database}) as address:
        yield address


@pytest.fixture(scope="session")
def bare_site() -> Iterator[str]:
    """A server without a database, for pages that need none: the gallery."""
    with serving({"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}) as address:
        yield address


class serving:  # noqa: N801 - read as a phrase: with serving(...)
    """Starts Granian as in production, waits for it, stops it."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.port = free_port()
        self.address = f"http://localhost:{self.port}"
        self.environment = {
            **os.environ,
            **environment,
            "TERRITOIRES_URL": self.address,
        }

    def __enter__(self) -> str:
        self.process = subprocess.Popen(
            [
                str(Path(sys.executable).with_name("granian")),
                "--interface=wsgi",
                f"--port={self.port}",
                "--log-level=warning",
                "territoires.config.wsgi:application",
            ],
            cwd=ROOT,
            env=self.environment,
        )
        until(self._answers, START_SECONDS)
        return self.address

    def _answers(self) -> bool:
        assert self.process.poll() is None, "the server stopped while starting"
        try:
            urllib.request.urlopen(f"{self.address}/static/ui/mark.svg", timeout=2).close()
        except (OSError, urllib.error.URLError):
            return False
        return True

    def __exit__(self, *exc: object) -> None:
        self.process.terminate()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def free_port() -> int:
    """A port that is free with the next one, which is the front's: below those that the system lends to anybody."""
    while True:
        port = random.randrange(20_000, 32_000, 2)
        try:
            for one in (port, port + 1):
                socket.create_server(("127.0.0.1", one)).close()
        except OSError:
            continue
        return port
