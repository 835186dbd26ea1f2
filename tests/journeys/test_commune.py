"""A citizen finds a commune by whatever she knows of it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page

from .conftest import Town

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.mark.parametrize("field", ["name", "name without accents", "postal code", "SIREN"])
def test_commune_is_found(page: Page, town: Town, field: str) -> None:
    asked = {
        "name": "Besançon",
        "name without accents": "besancon",
        "postal code": "25000",
        "SIREN": "212500565",
    }[field]
    page.goto(town.address)
    page.fill("main input[type=search]", asked)
    page.press("main input[type=search]", "Enter")
    page.wait_for_url(re.compile("communes|collectivites"))
    assert "Besançon" in page.inner_text("main")
