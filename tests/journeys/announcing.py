"""What a buyer does so that a consultation is told to the public: the notices sent, the essential data completed."""

from __future__ import annotations

import re
import urllib.request

from playwright.sync_api import Locator

from tests.waiting import until

from .clerk import VILLAGE, Clerk
from .conftest import Town
from .procuring import fill, linked, tick

MINUTES = 150
"""Seconds: publishers are asked each minute, and the machine has other things to do."""
SIRET = "21210007700016"
"""Of the village, with a key that holds: essential data name it."""
PROFILE = {
    "siret": f"{VILLAGE}00016",
    "street": "1 place de la Mairie",
    "postal_code": "21400",
    "city": "Aisy-sous-Thil",
    "email": "mairie@village.example",
    "telephone": "+33 380000000",
    "review_name": "Tribunal administratif de Dijon",
    "review_siret": "17210001000018",
    "review_postal_code": "21000",
    "review_city": "Dijon",
    "review_email": "greffe@tribunal.example",
    "review_telephone": "+33 380000001",
}
ANSWERS = {
    "ccag": "Travaux",
    "formePrix": "Forfaitaire",
    "marcheInnovant": "false",
    "attributionAvance": "false",
}
TICKED = {
    "typesPrix": "Définitif révisable",
    "modalitesExecution": "Sans objet",
    "considerationsSociales": "Clause sociale",
    "considerationsEnvironnementales": "Clause environnementale",
}


def hurry_publishers(town: Town) -> None:
    """The simulated publishers accept and publish at once."""
    for name in ("ted", "boamp"):
        urllib.request.urlopen(
            urllib.request.Request(
                f"http://127.0.0.1:{town.ministry.control_port}/{name}/settings",
                b'{"delay": 0}',
                {"Content-Type": "application/json"},
            ),
            timeout=20,
        ).close()


def write_profile(buyer: Clerk) -> None:
    """What every notice says of the body and of its judge, once for all."""
    buyer.open(buyer.procurement("notices/profile/"))
    fill(buyer, PROFILE)
    number = buyer.main.locator("[name=siret]")
    if number.count() and not number.input_value():
        number.fill(SIRET)
    for name in ("nuts", "review_nuts"):
        buyer.main.locator(f"[name={name}]").select_option("FRC11")
    buyer.send("Save")


def prepare_result(buyer: Clerk, address: str) -> str:
    """The award notice, written from the decisions; answers its address."""
    buyer.page.goto(f"{address}notices/new/")
    tick(buyer, "does", "result")
    tick(buyer, "channel", "notices-boamp")
    buyer.send("Prepare it")
    buyer.page.wait_for_url(re.compile(r"/notices/[0-9a-f-]{36}/$"))
    return buyer.page.url


def notices_of(buyer: Clerk, address: str) -> list[str]:
    """The addresses of the notices of a consultation."""
    return linked(buyer, f"{address}notices/", "notices")


def send_notice(buyer: Clerk, notice: str) -> None:
    """Writes a notice anew for the day, with the sizes of who bid where they are asked, and sends it to be published."""
    until(lambda: buyer.page.goto(notice) and _rewriting(buyer).count(), MINUTES)
    for size in buyer.main.locator("select[name^=size-]").all():
        size.select_option("small")
    for name, place in (("postcode", "21000"), ("town", "Dijon")):
        for field in buyer.main.locator(f"input[name^={name}-]").all():
            field.fill(place)
    for department in buyer.main.locator("select[name^=nuts-]").all():
        department.select_option("FRC11")
    with buyer.page.expect_navigation():
        _rewriting(buyer).locator("button").click()
    going = buyer.main.locator("a[href$='/send/']")
    until(lambda: buyer.page.goto(notice) and going.count(), MINUTES)
    going.click()
    buyer.send("Send it")
    published = buyer.main.locator("a[href$='/correct/']")
    until(lambda: buyer.page.goto(notice) and published.count(), MINUTES)


def _rewriting(buyer: Clerk) -> Locator:
    return buyer.main.locator("form[action$='/rewrite/']")


def complete_records(buyer: Clerk) -> None:
    """Gives what only the buyer knows of each contract, and hands the file of the body to the portal."""
    page = f"{buyer.site}{buyer.procurement('open-data/')}"
    for record in linked(buyer, page, "open-data"):
        buyer.page.goto(record)
        for name, value in ANSWERS.items():
            buyer.main.locator(f"select[name={name}]").select_option(value)
        for name, value in TICKED.items():
            tick(buyer, name, value)
        buyer.send("Save")
        buyer.page.goto(record)
        buyer.sees("Complete: it is public")
    buyer.page.goto(page)
    with buyer.page.expect_navigation():
        buyer.main.locator("form[action$='/open-data/publish/'] button").click()
    there = buyer.main.get_by_text(buyer.say("on the portal"))
    until(lambda: buyer.page.goto(page) and there.count(), MINUTES)
