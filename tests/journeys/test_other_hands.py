"""The same act without a mouse, and without JavaScript."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from .clerk import SECRETARY, Clerk, new_number, say
from .files import in_file, pdf, with_one_byte_changed
from .keyboard import Keyboard

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_keyboard_only(clerk: Clerk, tmp_path: Path) -> None:
    keys, number = Keyboard(clerk.page), new_number()
    clerk.open("/")
    keys.follow(say("Sign in"))
    keys.push(SECRETARY)
    keys.follow(say("Acts"))
    keys.follow(say("New act"))
    keys.give(say("The act"), in_file(tmp_path, "acte.pdf", pdf(number)))
    keys.reach(clerk.main.get_by_role("radio").first.evaluate("radio => radio.labels[0].innerText"))
    clerk.page.keyboard.press("Space")
    for label, text in (("Number", number), ("Date of the decision", "12/11/2026"), ("Object", "Toit")):
        keys.write(say(label), text)
    keys.choose(say("Subject matter"), "1.1")
    for label, text in (
        ("First name of the author", "Paul"),
        ("Name of the author", "Essai"),
        ("Quality of the author", "Maire"),
    ):
        keys.write(say(label), text)
    keys.push(say("Save the draft"))
    clerk.sees("Nothing is missing: the act can be signed.")
    keys.follow(say("Declare it signed by hand"))
    keys.give(say("Scan of the signed original"), in_file(tmp_path, "scan.pdf", pdf(f"scan {number}")))
    keys.tick(say("The act is signed by hand, and our body keeps the paper original in its register."))
    keys.push(say("Record the signature"))
    keys.follow(say("Publish"))
    keys.push(say("Publish the act"))
    clerk.sees("The act is on line in the public register.")


def test_without_javascript(somebody: Callable[..., Clerk], tmp_path: Path) -> None:
    number, scan = new_number(), in_file(tmp_path, "scan.pdf", pdf(tmp_path.name))
    clerk = somebody(java_script_enabled=False)
    clerk.sign_in()
    act = clerk.draft(in_file(tmp_path, "acte.pdf", pdf(number)), number=number)
    clerk.sign(act, scan)
    clerk.publish(act)
    clerk.sign_out()

    clerk.open("/")
    clerk.main.get_by_role("searchbox").fill("Aisy")
    clerk.button("Find").click()
    clerk.main.get_by_role("link", name=re.compile("^Aisy-sous-Thil")).click()
    clerk.main.get_by_role("link", name=re.compile(say("Acts and decisions"))).click()
    clerk.field("Words").fill(number)
    clerk.field("Words").press("Enter")
    clerk.read_in_register(number)
    expect(clerk.main).to_contain_text("Paul Essai, Maire")

    changed = in_file(tmp_path, "changed.pdf", with_one_byte_changed(scan.read_bytes()))
    for file, answer in (
        (scan, "This file is known, to the last byte"),
        (changed, "This file is not known here"),
    ):
        clerk.open("/verifier/")
        clerk.field("File to verify").set_input_files(file)
        clerk.button("Verify").click()
        clerk.sees(answer)
