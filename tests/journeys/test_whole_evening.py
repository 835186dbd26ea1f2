"""A council's evening from its twelve files to twelve executory acts, by two channels, proved without us."""

from __future__ import annotations

import re
import warnings
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from territoires.foundations.trust import api as trust
from tests.conftest import SHARED
from tests.services.legality.embed.other_site import standing
from tests.waiting import until

from .clerk import VILLAGE, Clerk
from .conftest import Town
from .emitted import STATE, Emitted, Official
from .evening import (
    MAYOR,
    SECRETARY_OF_SITTING,
    THIRD_PARTY,
    at_the_front,
    change_channel,
    evening_files,
    give_matters,
    open_sitting,
    publish_list,
    send,
    sign_everything,
    the_act,
)
from .files import in_file, pdf, with_one_part_changed
from .proving import messages_in, sealed_bundle, verified

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.flaky(reruns=0),  # a second try would meet what the first one left
]  # with the start of the platform

BY_HAND = 2
"""How many of the twelve are signed on paper."""
BY_MINISTRY = 6
REFUSED = 2
"""The place of the act that the ministry refuses, once."""
MINUTES = 150
"""Seconds: mails and transactions are asked for each minute, and the machine has other things to do."""
AN_HOUR = 3600.0


def test_twelve_acts_take_effect_while_their_body_changes_its_channel(
    town: Town, somebody: Callable[..., Clerk], tmp_path: Path
) -> None:
    clerk = somebody()
    clerk.sign_in()
    sitting = voted_evening(clerk, tmp_path, town.day(later=-1))
    acts = acts_of(clerk)
    numbers = [number_of(clerk, place) for place in range(12)]
    sign_in_three_ways(clerk, somebody, sitting, acts, tmp_path)

    clerk.page.goto(sitting)
    clerk.main.get_by_role("button", name=re.compile("12.*préfecture")).click()
    expect(clerk.main).to_contain_text("12 actes sont prêts pour la préfecture")
    transmitter = at_the_front(town, clerk, somebody)
    misbehave(town, refusing=numbers[REFUSED])
    send(transmitter, numbers[:BY_MINISTRY])
    until(lambda: saying(clerk, sitting, "Sent, not yet acknowledged") >= BY_MINISTRY - 1, MINUTES)
    change_channel(somebody(), town.day(), THIRD_PARTY)
    send(transmitter, numbers[BY_MINISTRY:])
    until(lambda: saying(clerk, sitting, "Sent, not yet acknowledged") == 11, MINUTES)
    until(lambda: saying(clerk, sitting, "Refused by the State") == 1, MINUTES)
    assert len(received(town, numbers)) == BY_MINISTRY  # each of both has acts that it has not answered
    assert created(town, numbers) == Counter(numbers[BY_MINISTRY:])

    correct(clerk, acts[REFUSED])
    send(transmitter, [numbers[REFUSED]])
    for outside in (town.ministry, town.third_party):
        outside.order("/behaviours/clear")
    publish_all(clerk, sitting)
    until(lambda: saying(clerk, sitting, "Received at the prefecture") == 12, MINUTES)
    assert received(town, numbers) == Counter(numbers[:BY_MINISTRY])
    assert created(town, numbers) == Counter([*numbers[BY_MINISTRY:], numbers[REFUSED]])

    for act in (acts[0], acts[REFUSED], acts[-1]):
        is_executory(clerk, act)
    is_sealed_on_a_copy(clerk, acts[REFUSED], tmp_path)
    is_shown_elsewhere(town, clerk, somebody(), acts[0], numbers[0])
    is_proved_without_us(town, somebody(), clerk.public_address(acts[REFUSED]), tmp_path)
    are_valid_messages(town)


# -- the evening, and its signatures ------------------------------------------------------------------------------------


def voted_evening(clerk: Clerk, folder: Path, day: str) -> str:
    """Twelve deliberations, all adopted, the third against two votes; their list on line. Answers the sitting's page."""
    sitting = open_sitting(clerk, evening_files(folder), day)
    give_matters(clerk)
    for column, count in (("votes_for", "8"), ("against", "2"), ("abstention", "0")):
        clerk.main.locator(f"input[name$={column}]").nth(2).fill(count)
    clerk.button("Save, empty votes as unanimous").click()
    clerk.sees("The table is saved.")
    publish_list(clerk)
    clerk.page.goto(sitting)
    return sitting


def acts_of(clerk: Clerk) -> list[str]:
    """The addresses of the twelve acts, in the order of the table."""
    links = clerk.main.locator(".ballot-title a").all()
    return [f"{clerk.site}{link.get_attribute('href')}" for link in links]


def number_of(clerk: Clerk, place: int) -> str:
    return clerk.main.locator("input[name$=number]").nth(place).input_value()


def sign_in_three_ways(
    clerk: Clerk, somebody: Callable[..., Clerk], sitting: str, acts: list[str], folder: Path
) -> None:
    """Two on paper with their scan, ten electronically by secretary and mayor; the seal comes with the copies."""
    for place in range(BY_HAND):
        clerk.sign(acts[place], in_file(folder, f"scan-{place}.pdf", pdf(f"scan {place}")))
    clerk.page.goto(sitting)
    clerk.main.get_by_role("button", name=re.compile(f"{12 - BY_HAND}")).click()
    for name in (SECRETARY_OF_SITTING, MAYOR):
        signer = somebody()
        signer.sign_in(name)
        assert sign_everything(signer, folder) >= 12 - BY_HAND
    clerk.page.goto(acts[REFUSED])
    signatures = trust.validate_pdf(in_file(folder, "signed.pdf", the_act(clerk)))
    assert [one.signer.holder for one in signatures if one.signer and one.is_intact] == [
        SECRETARY_OF_SITTING,
        MAYOR,
    ]


# -- sending ------------------------------------------------------------------------------------------------------------


def misbehave(town: Town, *, refusing: str) -> None:
    """The ministry refuses one act; it and the third party let the others wait."""
    for outside in (town.ministry, town.third_party):
        outside.order("/behaviours/clear")
    town.ministry.order("/behaviours", siren=VILLAGE, number=refusing, anomaly="Code matière inconnu")
    for outside in (town.ministry, town.third_party):
        outside.order("/behaviours", siren=VILLAGE, times=0, delay=AN_HOUR)


def saying(clerk: Clerk, sitting: str, state: str) -> int:
    """How many acts of the evening are there on their way, as its page says."""
    clerk.page.goto(sitting)
    return clerk.main.locator(".ballot-head").filter(has_text=clerk.say(state)).count()


def received(town: Town, numbers: list[str]) -> Counter[str]:
    """How often the ministry had each of those acts, whatever it answered."""
    names = [
        name
        for one in town.ministry.call("/received")
        for name in messages_in(town.var, one["sha256"])
        if "-1-1_" in name and name.endswith(".xml")
    ]
    return Counter(number for number in numbers for name in names if f"-{number}-" in name)


def created(town: Town, numbers: list[str]) -> Counter[str]:
    """How often the third party had each of them."""
    made = town.third_party.control("/transactions")
    acts = [one["act"] for one in made if one["type"] == "1"]
    return Counter(number for number in numbers for act in acts if f"-{number}-" in act)


def correct(clerk: Clerk, act: str) -> None:
    clerk.page.goto(act)
    clerk.sees("The State refused the act")
    expect(clerk.main).to_contain_text("Code matière inconnu")
    clerk.link("Correct and send again").click()
    clerk.field("Subject matter").select_option("9.1")
    clerk.button("Prepare it again").click()
    clerk.sees("The act is corrected and ready again; it leaves once somebody confirms it.")


def publish_all(clerk: Clerk, sitting: str) -> None:
    clerk.page.goto(sitting)
    clerk.main.get_by_role("button", name=re.compile("Publier 12 actes…")).click()
    clerk.main.get_by_role("button", name="Publier 12 actes").click()
    expect(clerk.main).to_contain_text("12 actes sont en ligne")


# -- what comes of it ---------------------------------------------------------------------------------------------------


def is_executory(clerk: Clerk, act: str) -> None:
    clerk.page.goto(act)
    notice = clerk.main.locator(".notice").filter(has_text="Exécutoire depuis le")
    expect(notice).to_contain_text(clerk.say("published on line on"), ignore_case=True)
    expect(notice).to_contain_text(clerk.say("received at the prefecture on"))


def is_sealed_on_a_copy(clerk: Clerk, act: str, folder: Path) -> None:
    """The copy bears the body's seal, which the page calls no signature; the signed bytes are as they were."""
    clerk.page.goto(act)
    clerk.sees("sealed by your body, which protects the copy; a seal is no signature")
    before = the_act(clerk)
    address = clerk.link("Copy with its stamps (PDF)").get_attribute("href")
    copy = in_file(folder, "copy.pdf", clerk.page.request.get(f"{clerk.site}{address}").body())
    seal = trust.validate_pdf(copy)[-1]
    assert seal.signer is not None and seal.signer.holder == "Aisy-sous-Thil" and seal.is_intact
    assert "scellée" in seal.reason
    assert the_act(clerk) == before


def is_shown_elsewhere(town: Town, clerk: Clerk, citizen: Clerk, act: str, number: str) -> None:
    """In a page of another origin, from which a line leads to the act."""
    with standing(town.address, clerk.organisation) as site:
        citizen.page.goto(site.address)
        citizen.page.get_by_label("Rechercher un acte").fill(number)
        citizen.page.get_by_label("Rechercher un acte").press("Enter")
        expect(citizen.page.get_by_role("status")).to_have_text("1 acte affiché")
        citizen.page.locator("[data-territoires-acts] li > a").click()
        citizen.page.wait_for_url(clerk.public_address(act))


def is_proved_without_us(town: Town, citizen: Clerk, address: str, folder: Path) -> None:
    citizen.page.goto(address)
    content = sealed_bundle(citizen)
    root = town.var / "keys/trust/root.pem"
    assert verified(in_file(folder, "preuve.zip", content), root)
    assert not verified(in_file(folder, "changed.zip", with_one_part_changed(content)), root)


def are_valid_messages(town: Town) -> None:
    """Each message that the ministry had, by the official schema."""
    if not SHARED.is_dir():
        warnings.warn("the official schema is absent: the messages are not checked", stacklevel=1)
        return
    official = Official(town.var / "official")
    messages = [
        Emitted(STATE, name, content)
        for one in town.ministry.call("/received")
        for name, content in messages_in(town.var, one["sha256"]).items()
    ]
    assert len(messages) >= 2 * BY_MINISTRY  # an envelope and a message each
    assert [fault for one in messages for fault in official.faults(one)] == []
