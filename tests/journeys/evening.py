"""What a secretary and those who sign do with the deliberations of one evening, for the journeys that need one."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import expect

from .clerk import VILLAGE, Clerk, new_number
from .conftest import Town
from .files import in_file, pdf

MAYOR, SECRETARY_OF_SITTING, OPERATOR = "Paul Essai", "Émile Modèle", "Olive Exemple"
MINISTRY, THIRD_PARTY = "actes-ministry", "actes-s2low"
CHANNELS = {MINISTRY: "Direct to the ministry", THIRD_PARTY: "Through an approved third party (S2LOW)"}
TITLES = ("Budget annexe", "Tarifs de la salle", "Subvention au club", "Voirie communale")


def evening_files(folder: Path) -> list[Path]:
    return [
        in_file(folder, f"{new_number()} {TITLES[place % 4]} {place}.pdf", pdf(f"evening {place}"))
        for place in range(12)
    ]


def open_sitting(clerk: Clerk, files: list[Path], day: str) -> str:
    """Of a day in the past, as it is typed."""
    clerk.open(clerk.desk("sittings/new/"))
    clerk.field("The deliberations").set_input_files(files)
    secretary = SECRETARY_OF_SITTING.split()
    typed = {
        "Day of the sitting": day,
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


def at_the_front(town: Town, clerk: Clerk, somebody: Callable[..., Clerk]) -> Clerk:
    """The same person where certificates are presented, hers being enrolled."""
    clerk.open("/certificats/")
    clerk.main.get_by_role("button", name=re.compile("Aisy-sous-Thil")).click()
    password = clerk.main.locator("code").first.inner_text()
    link = clerk.main.locator("a[download]").get_attribute("href") or ""
    holder = somebody(
        storage_state=clerk.page.context.storage_state(),
        ignore_https_errors=True,  # the browser does not know the demonstration's authority
        client_certificates=[
            {
                "origin": town.front,
                "pfx": base64.b64decode(link.partition("base64,")[2]),
                "passphrase": password,
            }
        ],
    )
    holder.site = town.front
    holder.open("/certificats/presenter/")
    holder.send("It is mine: enrol it")
    if "/step-up/" in holder.page.url:
        holder.send("It is me")
        holder.button("It is mine: enrol it").click()
    holder.sees("This certificate is yours")
    return holder


def send(transmitter: Clerk, numbers: list[str]) -> None:
    """Confirms those acts, and no other that waits."""
    transmitter.open(transmitter.desk("to-confirm/"))
    expect(transmitter.main).to_contain_text("Votre certificat est présenté : Claire Exemple")
    for box in transmitter.main.get_by_role("checkbox").all():
        box.set_checked(any(number in (box.get_attribute("aria-label") or "") for number in numbers))
    transmitter.send("Send those ticked to the prefecture")
    if "/step-up/" in transmitter.page.url:
        transmitter.send("It is me")
        send(transmitter, numbers)
        return
    count = len(numbers)
    expect(transmitter.main).to_contain_text("1 acte part" if count == 1 else f"{count} actes partent")


def change_channel(operator: Clerk, day: str, channel: str) -> None:
    """From that day on the village sends by this channel, one of MINISTRY and THIRD_PARTY."""
    operator.sign_in(OPERATOR)
    operator.turn_to("Agreements with the State")
    operator.link("Record a channel").click()
    operator.main.locator(f"[value={channel}]").check()
    typed = {
        "Body": VILLAGE,
        "From which day": day,
        "Transmitter": "TER",
        "Address of the answers": "actes@plateforme.test",
    }
    for label, text in typed.items():
        operator.field(label).fill(text)
    operator.button("Record").click()
    expect(operator.main).to_contain_text("Aisy-sous-Thil")
    operator.sees(CHANNELS[channel])
