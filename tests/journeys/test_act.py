"""From a PDF on a secretary's disk to a published act that anybody can verify without us.

Three looks hold every width, colour and language; ``TERRITOIRES_TEST_FULL=1`` walks all twelve.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest
from playwright.sync_api import expect

from tests.browser import EVERY_LOOK, Look

from .clerk import Clerk, new_number
from .eyes import FULL, Eyes
from .files import in_file, pdf, with_one_byte_changed, with_one_part_changed
from .proving import downloaded, fingerprint, sealed_bundle, verified

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FEW_LOOKS = [
    Look(390, "light", "fr"),
    Look(768, "dark", "en"),
    Look(1440, "dark", "fr"),
]
DROP = """([zone, name, bytes]) => {
    const given = new DataTransfer();
    given.items.add(new File([new Uint8Array(bytes)], name));
    zone.dispatchEvent(new DragEvent("drop", { dataTransfer: given, bubbles: true, cancelable: true }));
}"""


@pytest.mark.parametrize("look", EVERY_LOOK if FULL else FEW_LOOKS, ids=str)
def test_from_draft_to_proof(somebody: Callable[..., Clerk], look: Look, tmp_path: Path) -> None:
    number, scan = new_number(), in_file(tmp_path, "scan.pdf", pdf(f"scan {look}"))
    clerk, eyes = somebody(look), Eyes("act", look)
    clerk.sign_in()
    eyes.see(clerk, "desk")
    act = faulty_draft(clerk, eyes, number, in_file(tmp_path, "deliberation.pdf", pdf(f"draft {look}")))
    mend(clerk, eyes, act, number)
    take_effect(clerk, eyes, act, scan)

    citizen = somebody(look)
    find(citizen, eyes, number)
    assert citizen.page.locator("html").get_attribute("lang") == look.language
    assert citizen.page.locator("html").get_attribute("data-bs-theme") == look.theme
    file = citizen.main.get_by_role("link", name="scan.pdf").get_attribute("href")
    assert citizen.page.request.get(f"{citizen.site}{file}").body() == scan.read_bytes()
    assert is_archivable(downloaded(citizen, citizen.say("Certificate of publication (PDF)")))
    bundle = in_file(tmp_path, "preuve.zip", sealed_bundle(citizen))
    assert verified(bundle, fingerprint(citizen))
    assert not verified(bundle, "0" * 64)

    citizen.open("/verifier/")
    eyes.see(citizen, "verify")
    for path, damage in ((scan, with_one_byte_changed), (bundle, with_one_part_changed)):
        changed = in_file(tmp_path, f"changed-{path.name}", damage(path.read_bytes()))
        drop(citizen, path)
        expect(citizen.main.locator(".notice.tone-ok")).to_be_visible()
        eyes.see(citizen, f"verified-{path.stem}")
        drop(citizen, changed)
        expect(citizen.main.locator(".notice.tone-bad, .notice.tone-wait")).to_be_visible()
        eyes.see(citizen, f"changed-{path.stem}")
        assert not verified(changed, fingerprint(citizen))


def faulty_draft(clerk: Clerk, eyes: Eyes, number: str, main: Path) -> str:
    """A draft with three faults: each is told in words with its remedy, and what was typed stays."""
    clerk.turn_to("Acts")
    expect(clerk.link("New act")).to_be_visible()
    eyes.see(clerk, "acts")
    clerk.link("New act").click()
    expect(clerk.field("Object")).to_be_visible()
    eyes.see(clerk, "blank")
    clerk.write(
        number=f"{number.lower()} bis", main=main, **{"Date of the decision": "31/02/2026", "Object": ""}
    )
    clerk.save()
    clerk.sees("This date does not exist. Write day, month and year: 12/11/2026.")
    expect(clerk.field("Date of the decision")).to_have_value("31/02/2026")
    clerk.sees("The object of the act is empty.")
    clerk.sees("Say in one sentence what is decided.")
    eyes.see(clerk, "faulty")
    clerk.link("Leave without saving").click()
    clerk.page.wait_for_url(re.compile(r"/legality/[0-9a-f-]{36}/$"))
    return clerk.page.url


def mend(clerk: Clerk, eyes: Eyes, act: str, number: str) -> None:
    """Every fault leads to its field; once all are corrected, the act can be signed."""
    clerk.page.goto(act)
    faults = clerk.main.locator(".notice.tone-wait").get_by_role("link")
    assert faults.count() >= 3
    eyes.see(clerk, "faults")
    faults.first.click()
    clerk.write(number=number)
    clerk.save()
    clerk.sees("Nothing is missing: the act can be signed.")
    eyes.see(clerk, "sound")


def take_effect(clerk: Clerk, eyes: Eyes, act: str, scan: Path) -> None:
    """Signed by hand, then on line; looked at before and after each."""
    clerk.link("Declare it signed by hand").click()
    expect(clerk.button("Record the signature")).to_be_visible()
    eyes.see(clerk, "sign")
    clerk.sign(act, scan)
    eyes.see(clerk, "signed")
    clerk.link("Publish").click()
    expect(clerk.button("Publish the act")).to_be_visible()
    eyes.see(clerk, "publish")
    clerk.publish(act)
    eyes.see(clerk, "published")


def find(citizen: Clerk, eyes: Eyes, number: str) -> None:
    """From the public home to the act, by the commune's name."""
    citizen.open("/")
    eyes.see(citizen, "home")
    citizen.main.get_by_role("searchbox").fill("aisy sous thil")
    citizen.main.get_by_role("searchbox").press("Enter")
    register = citizen.main.get_by_role("link", name=citizen.say("Acts and decisions"))
    expect(register).to_be_visible()
    eyes.see(citizen, "commune")
    register.click()
    expect(citizen.main.get_by_role("row").filter(has_text=number)).to_be_visible()
    eyes.see(citizen, "register")
    citizen.read_in_register(number)
    expect(citizen.main).to_contain_text("Paul Essai, Maire")
    eyes.see(citizen, "act")


def is_archivable(content: bytes) -> bool:
    """PDF/A-2, by what the file says of itself; and it has a page."""
    with pikepdf.open(io.BytesIO(content)) as file:
        return file.open_metadata().pdfa_status.startswith("2") and len(file.pages) > 0


def drop(citizen: Clerk, path: Path) -> None:
    """Drops a file on the page of verification."""
    citizen.open("/verifier/")
    zone = citizen.page.locator("[data-file-drop]").element_handle()
    citizen.page.evaluate(DROP, [zone, path.name, list(path.read_bytes())])
    expect(citizen.main.get_by_role("listitem").filter(has_text=path.name)).to_be_visible()
    citizen.button("Verify").click()
