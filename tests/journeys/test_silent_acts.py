"""Acts that the public does not see: those that are notified to one person, and those that were withdrawn."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from .clerk import Clerk, new_number
from .files import in_file, pdf

pytestmark = [pytest.mark.browser, pytest.mark.slow]

INDIVIDUAL = "3"
RECIPIENT = "Dominique Essai"
OBJECT = "Pose de la girouette"


def everywhere(clerk: Clerk, number: str) -> dict[str, bool]:
    """By address, whether what anybody can read tells of the act."""
    register = f"/collectivites/{clerk.organisation}/actes"
    places = [
        f"/actes/?q={number}",
        f"{register}/",
        f"{register}/?q={number}",
        f"{register}/flux.atom",
        f"{register}/deliberations.csv",
        f"{register}/actes.json",
        f"/api/v1/legality/registers/{clerk.organisation}",
        f"/api/v1/legality/registers/{clerk.organisation}?q={number}",
    ]
    read = {}
    for place in places:
        answer = clerk.page.request.get(f"{clerk.site}{place}")
        assert answer.ok, place
        read[place] = OBJECT in answer.text()
    return read


def test_an_individual_act_is_notified_and_never_listed(clerk: Clerk, tmp_path: Path) -> None:
    number, proof = new_number("ARR"), in_file(tmp_path, "recepisse.pdf", pdf("proof"))
    main = in_file(tmp_path, "arrete.pdf", pdf(number))
    clerk.sign_in()
    act = clerk.draft(main, number=number, nature=INDIVIDUAL, Object=OBJECT, **{"Subject matter": "4.1"})
    clerk.sign(act)
    expect(clerk.link("Publish")).to_have_count(0)
    clerk.link("Notify").click()
    clerk.button("Record the notification").click()
    expect(clerk.main.get_by_role("alert")).to_be_visible()
    clerk.field("To whom").fill(RECIPIENT)
    clerk.field("On which day").fill("18/11/2026")
    clerk.main.get_by_role("radio").and_(clerk.page.locator("[value='registered_letter']")).check()
    clerk.field("Proof").set_input_files(proof)
    clerk.button("Record the notification").click()
    clerk.sees("The notification is recorded.")
    told = clerk.main.get_by_role("row").filter(has_text=RECIPIENT)
    expect(told).to_contain_text("recepisse.pdf")
    expect(told).to_contain_text("18")
    kept = clerk.page.request.get(f"{clerk.site}{told.get_by_role('link').get_attribute('href')}")
    assert kept.body() == proof.read_bytes()

    clerk.sign_out()
    assert not any(everywhere(clerk, number).values())
    assert clerk.page.request.get(clerk.public_address(act)).status == 404
    for file in (main, proof):
        clerk.open("/verifier/")
        clerk.field("File to verify").set_input_files(file)
        clerk.button("Verify").click()
        clerk.sees("This file is not known here")


def test_a_withdrawn_act_says_why(clerk: Clerk, tmp_path: Path) -> None:
    number, reason = new_number(), "Vote annulé par le conseil."
    clerk.sign_in()
    act, public = clerk.act_on_line(in_file(tmp_path, "acte.pdf", pdf(number)), number=number, Object=OBJECT)
    assert all(everywhere(clerk, number).values()), everywhere(clerk, number)
    clerk.page.goto(act)
    clerk.link("Withdraw the act").click()
    clerk.button("Withdraw the act").click()
    expect(clerk.main.get_by_role("alert")).to_be_visible()
    clerk.field("Reason").fill(reason)
    clerk.button("Withdraw the act").click()
    clerk.sees("The act is withdrawn; its address says why.")
    clerk.sign_out()

    answer = clerk.page.goto(public)
    assert answer and answer.status == 410
    expect(clerk.main).to_contain_text(reason)
    expect(clerk.main).to_contain_text("2026")
    assert not any(everywhere(clerk, number).values())
