"""What a secretary and those who sign do with the deliberations of one evening, for the journeys that need one."""

from __future__ import annotations

import base64
from datetime import date, timedelta
from pathlib import Path

from .clerk import Clerk, new_number
from .files import in_file, pdf

MAYOR, SECRETARY_OF_SITTING = "Paul Essai", "Émile Modèle"
TITLES = ("Budget annexe", "Tarifs de la salle", "Subvention au club", "Voirie communale")


def evening_files(folder: Path) -> list[Path]:
    return [
        in_file(folder, f"{new_number()} {TITLES[place % 4]} {place}.pdf", pdf(f"evening {place}"))
        for place in range(12)
    ]


def open_sitting(clerk: Clerk, files: list[Path]) -> str:
    clerk.open(clerk.desk("sittings/new/"))
    clerk.field("The deliberations").set_input_files(files)
    yesterday = date.today() - timedelta(days=1)
    secretary = SECRETARY_OF_SITTING.split()
    typed = {
        "Day of the sitting": yesterday.strftime("%d/%m/%Y"),
        "Members in office": "11",
        "Present": "8",
        "Represented": "2",
        "First name of who presided": "Paul",
        "Name of who presided": "Essai",
        "Quality": "Maire",
        "First name of the secretary of the sitting": secretary[0],
        "Name of the secretary": secretary[1],
    }
    for label, text in typed.items():
        clerk.field(label).fill(text)
    clerk.button("Open the sitting").click(timeout=60_000)  # twelve files are read to their end
    clerk.sees("quorum reached")
    return clerk.page.url


def give_matters(clerk: Clerk) -> None:
    """What the words did not propose."""
    for select in clerk.main.locator("select[name$=matter_code]").all():
        if not select.input_value():
            select.select_option("9.1")


def publish_list(clerk: Clerk) -> None:
    clerk.link("Publish the list of deliberations").click()
    clerk.button("Publish the list").click()
    clerk.sees("List published")


def sign_everything(signer: Clerk, folder: Path) -> int:
    """Gets a key of the demonstration and signs all that waits; answers how many were."""
    signer.open(signer.desk("signatures/"))
    signer.button("Get a key file").click()
    password = signer.main.locator("code").inner_text()
    link = signer.link("Keep the key file (.p12)").get_attribute("href") or ""
    key = in_file(folder, "cle.p12", base64.b64decode(link.partition("base64,")[2]))
    signer.open(signer.desk("signatures/"))
    waiting = signer.main.locator("input[name=act]").count()
    signer.field("Your key file").set_input_files(key)
    signer.field("Its password").fill(password)
    signer.button("Sign those ticked").click(timeout=60_000)
    signer.sees("Nothing waits for your signature")
    return waiting


def the_act(clerk: Clerk) -> bytes:
    address = clerk.link("Read the act").get_attribute("href")
    return clerk.page.request.get(f"{clerk.site}{address}").body()
