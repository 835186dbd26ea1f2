"""Whatever file is sent, the answer is clear, the draft stays, and nothing breaks."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from .clerk import Clerk, new_number
from .files import active_pdf, bomb, forged_bundle, in_file, locked_pdf, pdf

pytestmark = [pytest.mark.browser, pytest.mark.slow]

MIB = 1024 * 1024
BAD = {
    "facture.pdf": (b"MZ" + bytes(2000), "n.est pas ce que son nom annonce"),
    "verrouille.pdf": (locked_pdf(), "verrouillé"),
    "vide.pdf": (b"", "vide"),
    "tronque.pdf": (pdf("cut")[:300], "endommagé"),
    "texte.pdf": ("Le conseil décide.".encode(), "PDF"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_told_and_the_words_stay(clerk: Clerk, name: str, tmp_path: Path) -> None:
    content, told = BAD[name]
    clerk.sign_in()
    clerk.open(clerk.desk("new/"))
    number = new_number()
    clerk.write(number=number, main=in_file(tmp_path, name, content))
    clerk.save()
    refusal = clerk.main.get_by_role("alert")
    expect(refusal).to_contain_text(re.compile(told, re.I))
    expect(refusal).to_contain_text(name)
    expect(clerk.field("Number")).to_have_value(number)
    clerk.field("The act").set_input_files(in_file(tmp_path, "bon.pdf", pdf(name)))
    clerk.save()
    clerk.sees("Nothing is missing: the act can be signed.")


def test_active_content_is_told(clerk: Clerk, tmp_path: Path) -> None:
    clerk.sign_in()
    clerk.open(clerk.desk("new/"))
    clerk.write(number=new_number(), main=in_file(tmp_path, "actif.pdf", active_pdf()))
    clerk.save()
    expect(clerk.main).to_contain_text(re.compile("script", re.I))


def test_a_zip_bomb_is_not_opened(clerk: Clerk, tmp_path: Path) -> None:
    clerk.sign_in()
    clerk.open(clerk.desk("new/"))
    clerk.write(number=new_number(), main=in_file(tmp_path, "acte.pdf", pdf("beside a bomb")))
    clerk.field("Annexes").set_input_files(in_file(tmp_path, "annexe.zip", bomb()))
    clerk.save()
    expect(clerk.main).to_contain_text("annexe.zip")
    expect(clerk.main).to_contain_text(re.compile("ni PDF, ni XML|ZIP|zip"))
    clerk.open("/verifier/")
    clerk.field("File to verify").set_input_files(in_file(tmp_path, "preuve.zip", forged_bundle()))
    clerk.button("Verify").click()
    clerk.sees("This evidence bundle does not hold")


@pytest.mark.parametrize("size", [151 * MIB, 210 * MIB], ids=["over-the-law", "over-the-door"])
def test_a_huge_file_is_told_and_the_words_stay(clerk: Clerk, size: int, tmp_path: Path) -> None:
    huge = in_file(tmp_path, "enorme.pdf", pdf("huge"))
    with huge.open("r+b") as file:
        file.truncate(size)
    number = new_number()
    clerk.sign_in()
    clerk.open(clerk.desk("new/"))
    clerk.write(number=number, main=huge)
    clerk.save()
    expect(clerk.main).to_contain_text(re.compile("dépasse|Mio"), timeout=30_000)
    if clerk.field("Number").count() == 0:
        clerk.page.go_back()
    expect(clerk.field("Number")).to_have_value(number)


def test_a_strange_name_stays_a_name(clerk: Clerk, tmp_path: Path) -> None:
    name = 'l\'"acte" <b>gras</b> \u202egnp.\u202c 🎉.pdf'.replace("/", "")
    number = new_number()
    clerk.sign_in()
    _act, public = clerk.act_on_line(in_file(tmp_path, name, pdf(name)), number=number)
    clerk.page.goto(public)
    link = clerk.main.get_by_role("link", name=re.compile("🎉"))
    shown = link.inner_text()
    assert "\u202e" not in shown and "acte" in shown and link.locator("b").count() == 0
    address = f"{clerk.site}{link.get_attribute('href')}"
    answer = clerk.page.request.get(address)
    assert answer.ok and "\u202e" not in answer.headers["content-disposition"]
    assert re.search("filename\\*=utf-8''", answer.headers["content-disposition"], re.I)
