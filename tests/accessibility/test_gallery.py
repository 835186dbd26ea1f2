"""axe-core finds nothing on any specimen: light, dark, 320 px, 200 %; and nothing leaves the page sideways."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from territoires.ui.gallery.views import SPECIMENS
from tests.accessibility.axe import findings
from tests.browser import Look

pytestmark = pytest.mark.browser

LOOKS = [Look(theme="light"), Look(theme="dark", language="en"), Look(width=320), Look(zoom=200, width=1280)]


@pytest.mark.parametrize("look", LOOKS, ids=str)
@pytest.mark.parametrize("name", SPECIMENS)
def test_specimen_is_accessible(page: Page, bare_site: str, name: str, look: Look) -> None:
    look.apply_to(page, bare_site)
    page.goto(f"{bare_site}/gallery/{name}/")
    assert findings(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
