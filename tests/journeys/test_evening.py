"""One evening's council: twelve files dropped together, voted on one page, signed by those whom the law names."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from territoires.foundations.trust import api as trust
from tests.browser import Look

from .clerk import Clerk
from .conftest import Town
from .evening import (
    MAYOR,
    SECRETARY_OF_SITTING,
    evening_files,
    give_matters,
    open_sitting,
    publish_list,
    sign_everything,
    the_act,
)
from .files import in_file

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PHONE = Look(390, "light", "fr")


def test_twelve_deliberations_of_one_evening(
    town: Town, somebody: Callable[..., Clerk], clerk: Clerk, tmp_path: Path
) -> None:
    clerk.sign_in()
    sitting = open_sitting(clerk, evening_files(tmp_path), town.day(later=-1))
    expect(
        clerk.main.get_by_role("listitem").filter(has=clerk.page.locator("fieldset, select"))
    ).to_have_count(12)
    assert clerk.fits()
    give_matters(clerk)
    clerk.button("Save, empty votes as unanimous").click()
    clerk.sees("The table is saved.")
    publish_list(clerk)
    clerk.page.goto(sitting)
    clerk.main.get_by_role("button", name=re.compile("12")).click()
    expect(clerk.main).to_contain_text("12 actes")

    citizen = somebody()
    citizen.open(f"/collectivites/{clerk.organisation}/seances/")
    citizen.main.get_by_role("table").get_by_role("link").first.click()
    expect(citizen.main.get_by_role("row")).to_have_count(13)

    for name in (SECRETARY_OF_SITTING, MAYOR):
        signer = somebody(PHONE)
        signer.sign_in(name)
        assert sign_everything(signer, tmp_path) == 12
        assert signer.fits()

    clerk.page.goto(sitting)
    clerk.main.locator(".ballot-title a").first.click()
    clerk.sees("Electronic signatures")
    signatures = trust.validate_pdf(in_file(tmp_path, "act.pdf", the_act(clerk)))
    # The town has an authority of its own, which this process does not accept: only the bytes are judged here.
    assert [
        (one.signer.holder, one.is_intact and one.covers_document) for one in signatures if one.signer
    ] == [
        (SECRETARY_OF_SITTING, True),
        (MAYOR, True),
    ]
