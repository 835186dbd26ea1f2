"""What scripts add to pages that work without them."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser


def test_theme_is_remembered_and_served_with_the_first_byte(page: Page, bare_site: str) -> None:
    page.goto(f"{bare_site}/gallery/home/")
    page.select_option("[data-theme-choice]", "dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(18, 24, 22)"
    answer = page.goto(f"{bare_site}/gallery/home/")
    assert answer and 'data-bs-theme="dark"' in answer.text()


@pytest.mark.parametrize(("size", "said"), [(1_500_000, "1,5 Mo"), (30, "0,1 ko")])
def test_file_zone_names_what_it_holds(
    page: Page, bare_site: str, tmp_path: Path, size: int, said: str
) -> None:
    act = tmp_path / "délibération.pdf"
    act.write_bytes(b"0" * size)
    page.goto(f"{bare_site}/gallery/home/")
    page.set_input_files("input[type=file]", act)
    assert " ".join(page.inner_text("[data-file-list]").split()).startswith(f"délibération.pdf ({said})")


def test_copy_button_copies_the_whole_hash(page: Page, bare_site: str) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=bare_site)
    page.goto(f"{bare_site}/gallery/matter/")
    page.click("button[data-copy]")
    page.wait_for_function("document.querySelector('[data-copy] [role=status]').textContent !== ''")
    assert page.evaluate("navigator.clipboard.readText()") == page.get_attribute(
        "button[data-copy]", "data-copy"
    )


def test_error_summary_has_the_focus_and_leads_to_its_field(page: Page, bare_site: str) -> None:
    page.goto(f"{bare_site}/gallery/form/")
    assert page.evaluate("document.activeElement.className") == "error-summary"
    page.click(".error-summary a >> nth=0")
    assert page.evaluate("location.hash") == "#id_title"


def test_skip_link_is_the_first_stop(page: Page, bare_site: str) -> None:
    page.goto(f"{bare_site}/gallery/home/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"


def test_htmx_adds_no_style_that_the_policy_would_stop(page: Page, bare_site: str) -> None:
    page.goto(f"{bare_site}/gallery/home/")
    page.wait_for_function("document.querySelector('.file-drop-live')")  # htmx:load reached our scripts
    assert page.locator("style").count() == 0


@pytest.mark.parametrize("specimen", ["home", "desk", "form"])
def test_page_is_whole_without_scripts(browser: Browser, bare_site: str, specimen: str) -> None:
    context = browser.new_context(java_script_enabled=False, locale="fr-FR")
    page = context.new_page()
    page.goto(f"{bare_site}/gallery/{specimen}/")
    assert page.locator("main h1").is_visible()
    assert not page.locator("[data-theme-choice]").is_visible()
    for field in page.locator("input[type=file]").all():
        assert field.is_visible()
    context.close()


def test_print_leaves_the_chrome_out(page: Page, bare_site: str) -> None:
    page.goto(f"{bare_site}/gallery/matter/")
    page.emulate_media(media="print")
    assert not page.locator(".services").is_visible()
    assert not page.locator(".shell-foot").is_visible()
    assert page.locator("main h1").is_visible()
