"""A session that ends in the middle of a form loses nothing: neither what was typed nor the file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from .clerk import SECRETARY, Clerk, new_number
from .files import in_file, pdf

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SAVE = "Save the draft"
Interruption = Callable[[Clerk], None]


def signed_out_elsewhere(clerk: Clerk) -> None:
    """In another tab, or by the hours: the session is no more."""
    other = Clerk(clerk.page.context.new_page(), clerk.site)
    other.open(other.desk())
    other.sign_out()


def signed_in_again_elsewhere(clerk: Clerk) -> None:
    """The forms of the first session now bear a stale token."""
    other = Clerk(clerk.page.context.new_page(), clerk.site)
    other.open(other.desk())
    other.sign_out()
    other.sign_in()


def send(clerk: Clerk, button: str, name: str = SECRETARY) -> None:
    """Sends the form and comes back to it: by signing in where nobody is signed in any more."""
    clerk.send(button)
    signing_in = clerk.link("Sign in and go on")
    if signing_in.is_visible():
        address = signing_in.get_attribute("href") or ""
        clerk.sign_in(name, then=address.partition("next=")[2])


@pytest.mark.parametrize("interrupt", [signed_out_elsewhere, signed_in_again_elsewhere])
def test_a_draft_comes_back(clerk: Clerk, interrupt: Interruption, tmp_path: Path) -> None:
    number = new_number()
    clerk.sign_in()
    clerk.open(clerk.desk("new/"))
    clerk.write(number=number, main=in_file(tmp_path, "acte.pdf", pdf(number)), Object="Toit de l'église")
    interrupt(clerk)
    send(clerk, SAVE)
    expect(clerk.field("Number")).to_have_value(number)
    expect(clerk.field("Object")).to_have_value("Toit de l'église")
    expect(clerk.field("Subject matter")).to_have_value("1.1")
    expect(clerk.main).to_contain_text("acte.pdf")
    clerk.save()
    clerk.sees("Nothing is missing: the act can be signed.")
    expect(clerk.page.get_by_role("link", name="acte.pdf").first).to_be_visible()


@pytest.mark.parametrize("interrupt", [signed_out_elsewhere, signed_in_again_elsewhere])
def test_a_signature_comes_back(clerk: Clerk, interrupt: Interruption, tmp_path: Path) -> None:
    box = "The act is signed by hand, and our body keeps the paper original in its register."
    clerk.sign_in()
    act = clerk.draft(in_file(tmp_path, "acte.pdf", pdf(tmp_path.name)))
    clerk.link("Declare it signed by hand").click()
    clerk.field("Scan of the signed original").set_input_files(in_file(tmp_path, "scan.pdf", pdf(act)))
    clerk.field(box).check()
    interrupt(clerk)
    send(clerk, "Record the signature")
    expect(clerk.field(box)).to_be_checked()
    expect(clerk.main).to_contain_text("scan.pdf")
    clerk.button("Record the signature").click()
    clerk.sees("The act is signed; it now waits to take effect.")
    expect(clerk.page.get_by_role("link", name="scan.pdf").first).to_be_visible()


def test_nobody_else_finds_what_was_typed(clerk: Clerk, tmp_path: Path) -> None:
    clerk.sign_in()
    clerk.open(clerk.desk("new/"))
    clerk.write(number=new_number(), Object="Secret de Claire")
    signed_out_elsewhere(clerk)
    send(clerk, SAVE, "Paul Essai")
    clerk.open(clerk.desk("new/"))
    expect(clerk.field("Object")).to_have_value("")
