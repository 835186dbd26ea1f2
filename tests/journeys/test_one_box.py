"""What a clerk finds from the head of the desk, and the proposal that she takes, both without a script."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from .clerk import Clerk


def test_a_proposal_is_taken_by_its_button_and_never_by_the_enter_key(somebody: Callable[..., Clerk]) -> None:
    clerk = somebody(java_script_enabled=False)
    clerk.sign_in()
    clerk.open(clerk.desk("new/"))
    clerk.write(number="Dél. 2026-881", Object="Tarifs du lavoir banal")
    clerk.save()
    clerk.link("Complete the draft").click()
    clerk.field("Quality of the author").fill("Première adjointe")
    clerk.field("Quality of the author").press("Enter")
    clerk.link("Complete the draft").click()
    expect(clerk.field("Number")).to_have_value("Dél. 2026-881")
    expect(clerk.field("Quality of the author")).to_have_value("Première adjointe")
    clerk.main.locator("button[name=use-number]").click()
    clerk.link("Complete the draft").click()
    expect(clerk.field("Number")).to_have_value("DEL_2026_881")


def test_an_act_is_found_from_the_head_of_the_desk(somebody: Callable[..., Clerk]) -> None:
    clerk = somebody(java_script_enabled=False)
    clerk.sign_in()
    clerk.open(clerk.desk("new/"))
    clerk.write(number="DEL_2026_882", Object="Réfection de la chaussée du Bief")
    clerk.save()
    box = clerk.page.get_by_role("banner").get_by_role("searchbox")
    box.fill("refection chaussee")
    box.press("Enter")
    clerk.main.get_by_role("link", name="DEL_2026_882").click()
    expect(clerk.main).to_contain_text("Réfection de la chaussée du Bief")
