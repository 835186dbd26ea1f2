"""How people come in, prove who they are, and leave."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from itertools import count

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import expect

from tests.waiting import until

from .clerk import SECRETARY, Clerk, say
from .conftest import Town

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PASSWORD = "une phrase assez longue pour personne"
LA_POSTE = "356 000 000 49837"
_people = count(1)


def new_address() -> str:
    return f"dominique.essai-{next(_people)}@courrier.example"


def link_in_mail(town: Town, address: str) -> str:
    """The link of the last mail that the worker sent to an address."""
    until(lambda: town.mails(address))
    found = re.search(r"http\S+", town.mails(address)[-1])
    assert found
    return found[0]


def accept(person: Clerk, link: str) -> None:
    person.page.goto(link)
    person.field("Choose a password").fill(PASSWORD)
    person.button("Accept").click()
    person.page.wait_for_url(re.compile("/accounts/login/"))


def enter(person: Clerk, address: str) -> None:
    """Signs in by address and password, as outside of the demonstration."""
    person.open("/accounts/login/?next=/bureaux/")
    person.main.locator("[name=login]").fill(address)
    person.main.locator("[name=password]").fill(PASSWORD)
    person.button("Sign in").click()


def prove(person: Clerk, code: str) -> None:
    """The second factor, after the password."""
    person.page.wait_for_url(re.compile("/accounts/2fa/authenticate/"))
    person.main.locator("[name=code]").fill(code)
    person.main.locator("[name=code]").press("Enter")


def confirm_password(person: Clerk) -> None:
    if "/reauthenticate/" in person.page.url:
        person.main.locator("[type=password]").fill(PASSWORD)
        person.main.locator("[type=password]").press("Enter")
        person.page.wait_for_url(lambda url: "/reauthenticate/" not in url)


def test_an_enterprise_signs_up(somebody: Callable[..., Clerk], town: Town) -> None:
    person, address = somebody(), new_address()
    person.open("/accounts/login/")
    person.link("How to join").click()
    person.link("Sign up an enterprise").click()
    filled = {
        "SIRET": "356 000 000 49838",
        "Name of the enterprise or association": "Bureau Essai",
        "Your given names": "Dominique",
        "Your name": "Essai",
        "Your e-mail address at work": address,
    }
    for label, text in filled.items():
        person.field(label).fill(text)
    person.button("Sign up").click()
    person.sees("This is not a SIRET: its 14 digits do not agree.")
    expect(person.field("Your name")).to_have_value("Essai")
    person.field("SIRET").fill(LA_POSTE)
    person.button("Sign up").click()
    person.sees("Look at your mail")
    accept(person, link_in_mail(town, address))
    enter(person, address)
    expect(person.page.get_by_role("banner")).to_contain_text("Bureau Essai")


def test_a_person_is_invited_proves_herself_and_leaves(somebody: Callable[..., Clerk], town: Town) -> None:
    administrator, person, address = somebody(), somebody(), new_address()
    administrator.sign_in(SECRETARY)
    invite(administrator, address)
    accept(person, link_in_mail(town, address))
    enter(person, address)
    expect(person.page.get_by_role("banner")).to_contain_text("Dominique Essai")

    secret = add_application(person)
    codes = print_codes(person)
    for proof in (code_of(secret), codes[0]):
        person.sign_out()
        enter(person, address)
        prove(person, proof)
        expect(person.page.get_by_role("banner")).to_contain_text("Dominique Essai")

    depart(administrator)
    answer = person.page.reload()
    assert answer and "/accounts/login/" in person.page.url


def invite(administrator: Clerk, address: str) -> None:
    administrator.open(f"/o/{administrator.organisation}/governance/people/")
    form = administrator.page.locator(
        "form", has=administrator.page.get_by_role("button", name=say("Invite"), exact=True)
    )
    for label, text in (("Given names", "Dominique"), ("Name", "Essai"), ("E-mail", address)):
        form.get_by_label(say(label), exact=True).fill(text)
    form.get_by_label(say("Role"), exact=True).select_option("agent")
    administrator.button("Invite").click()
    administrator.sees("The invitation has left; it is good for fourteen days.")


def depart(administrator: Clerk) -> None:
    """Two clicks by an administrator, and everything ends."""
    administrator.open(f"/o/{administrator.organisation}/governance/people/")
    leaving = administrator.main.locator("details").filter(has_text=re.compile("Dominique Essai"))
    leaving.locator("summary").click()
    leaving.get_by_role("button").click()
    administrator.sees("Roles, mandates and access here have ended.")


def add_application(person: Clerk) -> str:
    """A second factor by an application; answers its secret."""
    person.open("/accounts/2fa/totp/activate/")
    confirm_password(person)
    secret = person.main.locator("#authenticator_secret").input_value()
    person.main.locator("[name=code]").fill(code_of(secret))
    person.main.locator("[name=code]").press("Enter")
    person.page.wait_for_url(lambda url: "/activate/" not in url)
    return secret


def print_codes(person: Clerk) -> list[str]:
    person.open("/codes-imprimes/")
    confirm_password(person)
    person.button("Make a sheet").click()
    person.sees(
        "Print this page now: the codes are shown once. Each serves once, after your password; keep the sheet away from the computer."
    )
    return person.main.get_by_role("listitem").all_inner_texts()


def code_of(secret: str) -> str:
    """What the application shows now (RFC 6238)."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def test_one_click_for_each_role(somebody: Callable[..., Clerk]) -> None:
    visitor = somebody()
    visitor.open("/accounts/login/")
    people = visitor.main.locator("li > form button").all_inner_texts()
    assert len(people) >= 8
    for name in people:
        visitor.sign_in(name)
        visitor.open("/")
        visitor.sign_out()
        expect(visitor.page.get_by_role("banner").get_by_role("link", name=say("Sign in"))).to_be_visible()
