"""A consultation of three lots, from its need to its archived package: five bidders, two officers of three, one round of
negotiation, a standstill, signatures, the prefecture, open data."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Route, expect

from tests.conftest import SHARED
from tests.waiting import until

from .announcing import (
    complete_records,
    hurry_publishers,
    notices_of,
    prepare_result,
    send_notice,
    write_profile,
)
from .clerk import VILLAGE, Clerk
from .conftest import Town
from .emitted import EXPECTED, all_emitted_are_valid
from .evening import MAYOR, MINISTRY, at_the_front, change_channel, send
from .files import in_file, pdf
from .procuring import (
    EICAR,
    accept_key,
    add_files,
    admit,
    agree,
    all_sent,
    answer,
    award_first,
    begin_bid,
    begin_examination,
    choose_lots,
    complete_contract,
    deposit,
    fill,
    judge,
    linked,
    name_team,
    note,
    open_envelope,
    prepare,
    prepare_round,
    publish,
    send_letters,
    settle_warnings,
    sign_by_hand,
    sign_by_key,
    sign_up,
    tick,
)
from .test_joining import accept, enter, link_in_mail

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.runs_ahead,
    pytest.mark.timeout(1200),
    pytest.mark.flaky(reruns=0),  # a second try would meet what the first one left
]  # with the start of the platform

COUNCILLOR = "Émile Modèle"
OFFICERS = ("Claire Exemple", MAYOR, COUNCILLOR)
MONTHS = (
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
)
CONSORTIUM, INFECTED, LATE = (
    "Toitures Essai (exemple)",
    "Vitrages Modèle (exemple)",
    "Courants Essai (exemple)",
)
OFFICIAL = SHARED.is_dir()
"""Whether the official schemas and rules are there: without them notices and essential data are not tried."""
MINUTES = 150
"""Seconds: mails and transactions are asked for each minute, and the machine has other things to do."""


@dataclass
class Fair:
    """The town, and who is at which browser; everybody signs in again when days have gone by."""

    town: Town
    somebody: Callable[..., Clerk]
    folder: Path

    def at(self, person: str) -> Clerk:
        found = self.somebody()
        found.page.context.set_default_timeout(30_000)
        found.sign_in(person)
        return found

    def newcomer(self, place: int, enterprise: str) -> Clerk:
        """Somebody who signs up her enterprise, by the link of a mail."""
        person, address = self.somebody(), address_of(enterprise)
        person.page.context.set_default_timeout(30_000)
        sign_up(person, siret(place), enterprise, address)
        accept(person, link_in_mail(self.town, address))
        enter(person, address)
        return person

    def back(self, enterprise: str) -> Clerk:
        person = self.somebody()
        person.page.context.set_default_timeout(30_000)
        enter(person, address_of(enterprise))
        return person


def address_of(enterprise: str) -> str:
    return f"dominique@{enterprise.split()[0].lower()}.example"


def siret(place: int) -> str:
    """An invented number whose keys agree."""
    return _keyed(_keyed(f"9999902{place}") + "0001")


def _keyed(digits: str) -> str:
    doubled = (int(one) * (2 - place % 2) for place, one in enumerate(reversed(digits)))
    return f"{digits}{-sum(sum(divmod(one, 10)) for one in doubled) % 10}"


def test_a_consultation_is_carried_from_its_need_to_its_package(
    town: Town, somebody: Callable[..., Clerk], tmp_path: Path
) -> None:
    fair = Fair(town, somebody, tmp_path)
    hurry_publishers(town)
    buyer = fair.at("Claire Exemple")
    write_profile(buyer)
    address = prepare(buyer, "Rénovation de la salle des fêtes (exemple)", tmp_path)
    show_preparation(buyer, address)
    settle_warnings(buyer, address)
    name_team(buyer, address, "open", *OFFICERS)
    name_team(buyer, address, "evaluate", *OFFICERS[:2])
    for officer in OFFICERS:
        accept_key(fair.at(officer))
    until(lambda: _is_ready(buyer, address), MINUTES)
    buyer.picture("buyer-ready-to-open", at=f"{address}opening/")
    public = publish(buyer, address)
    buyer.picture("buyer-published", at=address)
    announce(buyer, address)

    five_answer(fair, public)
    town.wait(days=29)
    late_answer(fair, public)
    buyer, mayor = open_all(fair, address)
    negotiate(fair, address, public, buyer)
    buyer, mayor = evaluate(fair, address)
    award_after_standstill(fair, address, buyer)
    buyer, mayor = fair.at("Claire Exemple"), fair.at(MAYOR)
    contracts = sign_contracts(fair, buyer, mayor)
    transmit(fair, buyer, contracts)
    notify(fair, buyer, contracts)
    if OFFICIAL:
        send_notice(buyer, prepare_result(buyer, address))
        complete_records(buyer)
    is_told_to_all(fair, public)
    is_packaged(fair, address)


def announce(buyer: Clerk, address: str) -> None:
    """The notice of the call goes to the bulletin, judged by the official rules where they are."""
    if OFFICIAL:
        until(lambda: notices_of(buyer, address), MINUTES)
        for notice in notices_of(buyer, address):
            send_notice(buyer, notice)


def show_preparation(buyer: Clerk, address: str) -> None:
    """Pictures of a complete file, before its warnings are settled."""
    buyer.picture("buyer-consultation", at=address)
    for step in ("need", "procedure", "lots", "criteria", "calendar", "documents", "check"):
        buyer.picture(f"buyer-{step}", at=f"{address}{step}/")


def _is_ready(buyer: Clerk, address: str) -> bool:
    buyer.page.goto(f"{address}opening/")
    return bool(buyer.main.get_by_text(buyer.say("Everything is ready")).count())


# -- bids ---------------------------------------------------------------------------------------------------------------


def five_answer(fair: Fair, public: str) -> None:
    """One upload breaks and resumes, one bid is replaced, one is of a consortium, one is infected; the fifth waits."""
    folder = fair.folder
    resumed = fair.at("Manon Modèle")
    resumed.picture("enterprise-search", at=f"{resumed.site}/marches/")
    resumed.picture("enterprise-consultation", at=public)
    begin_bid(resumed, public, "Travaux Modèle")
    big = in_file(folder, "memoire.pdf", pdf("memoire") + b"\n%" + bytes(5_000_000))
    resumed.page.route("**/chunks/*", _cut_after_two)
    choose_lots(resumed, 1, 2, 3)
    add_files(resumed, 1, big)
    expect(resumed.page.locator("[data-alert]")).to_be_visible(timeout=60_000)
    resumed.page.unroute("**/chunks/*")
    resumed.page.reload()
    resumed.page.locator("[data-again]").first.set_input_files(str(big))
    all_sent(resumed, 1)
    add_files(resumed, 0, in_file(folder, "dc1.pdf", pdf("dc1")))
    for lot in (1, 2, 3):
        add_files(resumed, lot, in_file(folder, f"prix-{lot}.pdf", pdf(f"prix {lot}")))
    all_sent(resumed, 5)
    resumed.picture("enterprise-deposit", of="[data-deposit]")
    resumed.picture("enterprise-phone", width=390)
    deposit(resumed)
    resumed.picture("enterprise-receipt")

    replaced = fair.at("Inès Exemple")
    begin_bid(replaced, public, "Imprimerie Essai")
    answer(replaced, (1, 2), folder, "un")
    deposit(replaced)
    replaced.link("Change the bid and deposit again").click()
    add_files(replaced, 2, in_file(folder, "remise.pdf", pdf("remise")))
    all_sent(replaced, 1)
    deposit(replaced)

    together = fair.newcomer(1, CONSORTIUM)
    begin_bid(together, public, CONSORTIUM.split()[0])
    together.link("Say with whom you answer").click()
    tick(together, "consortium", "several")
    fill(together, {"members": f"{siret(4)} ; Isolation Modèle (exemple) ; combles"})
    together.send("Save")
    begin_bid(together, public, CONSORTIUM.split()[0], again=True)
    answer(together, (1, 3), folder, "ensemble")
    deposit(together)

    infected = fair.newcomer(2, INFECTED)
    begin_bid(infected, public, INFECTED.split()[0])
    answer(infected, (2,), folder, "infecte")
    add_files(infected, 2, in_file(folder, "tarif.txt", EICAR))
    all_sent(infected, 3)
    deposit(infected)
    fair.newcomer(3, LATE)


def _cut_after_two(route: Route) -> None:
    if int(route.request.url.rpartition("/")[2]) >= 2:
        route.abort()
    else:
        route.continue_()


def late_answer(fair: Fair, public: str) -> None:
    """Kept sealed, and told so."""
    late = fair.back(LATE)
    begin_bid(late, public, LATE.split()[0])
    answer(late, (3,), fair.folder, "tard")
    deposit(late)
    late.sees("Your bid came after the deadline")
    late.picture("enterprise-late")


def until_closed(buyer: Clerk, address: str) -> None:
    """What is due is closed each minute."""
    buyer.page.goto(address)
    state = buyer.page.locator(".page-head .tag, main .tag").first
    until(lambda: buyer.page.goto(address) and re.search("clos", state.inner_text(), re.I), MINUTES)


def open_all(fair: Fair, address: str) -> tuple[Clerk, Clerk]:
    """Two officers of three open both envelopes; what must stay closed does."""
    buyer, mayor = fair.at("Claire Exemple"), fair.at(MAYOR)
    until_closed(buyer, address)
    open_envelope(buyer, [buyer, mayor], address, "candidature")
    buyer.picture("buyer-opened", at=open_envelope(buyer, [mayor, buyer], address, "tender"))
    expect(buyer.main).to_contain_text("infecté")
    closed = buyer.main.locator("section", has_text=buyer.say("What stays closed"))
    expect(closed).to_contain_text(LATE)
    expect(closed).to_contain_text("remplacé par un dépôt ultérieur")
    return buyer, mayor


# -- to the award -------------------------------------------------------------------------------------------------------


def negotiate(fair: Fair, address: str, public: str, buyer: Clerk) -> None:
    """All are admitted and invited; three send a last bid, sealed for keys of its own."""
    begin_examination(buyer, address)
    for candidate in linked(buyer, f"{address}candidates/", "candidates"):
        admit(buyer, candidate)
    buyer.picture("buyer-candidates", at=f"{address}candidates/")
    prepare_round(buyer, address, until_on=fair.town.day(later=12))
    for officer in OFFICERS:
        accept_key(fair.at(officer))
    until(lambda: _is_ready(buyer, address), MINUTES)
    buyer.page.goto(f"{address}rounds/")
    buyer.main.locator("a[href$='/rounds/invite/']").first.click()
    expect(buyer.main.locator("[name=bidders]").first).to_be_visible()
    for invited in buyer.main.locator("[name=bidders]").all():
        invited.check()
    buyer.send("Send the invitations")
    for bidder, enterprise, lots in (
        (fair.at("Manon Modèle"), "Travaux", (1, 2, 3)),
        (fair.at("Inès Exemple"), "Imprimerie", (1, 2)),
        (fair.back(CONSORTIUM), CONSORTIUM.split()[0], (1, 3)),
    ):
        begin_bid(bidder, public, enterprise)
        answer(bidder, lots, fair.folder, f"final-{enterprise}", candidature=False)
        deposit(bidder)
    buyer.picture("buyer-round", at=f"{address}rounds/")
    fair.town.wait(days=13)
    buyer, mayor = fair.at("Claire Exemple"), fair.at(MAYOR)
    until_closed(buyer, address)
    open_envelope(buyer, [buyer, mayor], address, "tender")


def evaluate(fair: Fair, address: str) -> tuple[Clerk, Clerk]:
    """Two evaluators note each bid; the infected one is irregular."""
    buyer, mayor = fair.at("Claire Exemple"), fair.at(MAYOR)
    begin_examination(buyer, address)
    for place, bid in enumerate(linked(buyer, f"{address}bids/", "bids")):
        buyer.page.goto(bid)
        if INFECTED in (buyer.main.text_content() or ""):
            buyer.page.goto(f"{bid}judge/")
            tick(buyer, "state", "irregular")
            fill(buyer, {"reason": "Un fichier porte un programme malveillant, sans copie de sauvegarde."})
            buyer.send("Save")
            continue
        judge(buyer, bid, str(100_000 + 1000 * place))
        note(buyer, bid, "4")
        note(mayor, bid, "3")
        agree(buyer, bid, "4")
    for lot in range(3):
        buyer.page.goto(f"{address}bids/")
        with buyer.page.expect_navigation():
            buyer.main.locator("form[action$='/bids/rank/'] button").nth(lot).click()
    buyer.picture("buyer-ranked", at=f"{address}bids/")
    buyer.picture("buyer-next-step", at=f"{address}award/")
    return buyer, mayor


def award_after_standstill(fair: Fair, address: str, buyer: Clerk) -> None:
    """Nobody signs while the losers may go to the judge."""
    award_first(buyer, address)
    buyer.page.goto(f"{address}letters/")
    buyer.send("Keep a standstill")
    buyer.picture("buyer-letters")
    send_letters(buyer, address)
    buyer.picture("buyer-standstill", at=f"{address}award/")
    buyer.page.goto(address)
    expect(buyer.main).to_contain_text("Délai de suspension")
    fair.town.wait(days=14)


# -- contracts ----------------------------------------------------------------------------------------------------------


def sign_contracts(fair: Fair, buyer: Clerk, mayor: Clerk) -> list[str]:
    """One by hand on one side and electronically on the other, the rest by hand."""
    contracts = linked(buyer, f"{buyer.site}{buyer.procurement('contracts/')}", "contracts")
    assert len(contracts) == 3
    today = fair.town.day()
    for place, contract in enumerate(contracts):
        complete_contract(buyer, contract, fair.folder)
        scan = in_file(fair.folder, f"scan-{place}.pdf", pdf(f"scan {place}"))
        sign_by_hand(buyer, contract, "holder", "Manon Modèle", today, scan)
    sign_by_key(mayor, contracts[0], fair.folder)
    for place, contract in enumerate(contracts[1:]):
        scan = in_file(fair.folder, f"signe-{place}.pdf", pdf(f"signé {place}"))
        sign_by_hand(buyer, contract, "buyer", MAYOR, today, scan)
    buyer.picture("buyer-contract", at=contracts[0])
    return contracts


def transmit(fair: Fair, buyer: Clerk, contracts: list[str]) -> None:
    """Each contract is an act, which somebody signs for and another sends with a certificate, straight to the ministry."""
    change_channel(fair.somebody(), fair.town.day(), MINISTRY)
    numbers = []
    for contract in contracts:
        until(lambda c=contract: buyer.page.goto(c) and _act_of(buyer).count(), MINUTES)
        _act_of(buyer).first.click()
        buyer.page.wait_for_url(re.compile("/legality/[0-9a-f-]{36}/"))
        act = buyer.page.url
        buyer.sign(act)
        buyer.page.goto(f"{act}transmission/prepare/")
        buyer.send("Prepare the transmission")
        numbers.append(_number_of(buyer, act))
    sender = at_the_front(fair.town, buyer, fair.somebody)
    for outside in (fair.town.ministry, fair.town.third_party):
        outside.order("/behaviours/clear")
    send(sender, numbers)
    for contract in contracts:
        until(lambda c=contract: buyer.page.goto(c) and _may_notify(buyer), MINUTES)


def _act_of(buyer: Clerk) -> Locator:
    return buyer.main.locator(f"a[href^='/o/{VILLAGE}/legality/']")


def _number_of(buyer: Clerk, act: str) -> str:
    buyer.page.goto(act)
    found = re.search(r"\d{4}_\d{3}_L\d", buyer.main.text_content() or "")
    assert found
    return found[0]


def _may_notify(buyer: Clerk) -> bool:
    return bool(buyer.main.locator("form[action$='/send/']").count())


def notify(fair: Fair, buyer: Clerk, contracts: list[str]) -> None:
    """The holder receives each on its page; only then it is carried out."""
    for contract in contracts:
        buyer.page.goto(contract)
        with buyer.page.expect_navigation():
            buyer.main.locator("form[action$='/send/'] button").click()
    holder = fair.at("Manon Modèle")
    holder.open("/o/999990062/procurement/post/")
    holder.picture("enterprise-post")
    held = holder.main.locator("a[href*='/post/contracts/']").evaluate_all("all => all.map(one => one.href)")
    for contract in dict.fromkeys(held):
        holder.page.goto(contract)
        with holder.page.expect_navigation():
            holder.main.locator("form[action$='/receive/'] button").click()
    for contract in contracts:
        for step, name in (("begin", "Record the beginning"), ("end", "Record the end")):
            buyer.page.goto(f"{contract}{step}/")
            fill(buyer, {"day": fair.town.day()})
            if step == "end":
                tick(buyer, "end_kind", "done")
            buyer.send(name)


# -- what comes of it ---------------------------------------------------------------------------------------------------


def is_told_to_all(fair: Fair, public: str) -> None:
    """Everybody reads the releases of the procedure, to the end of its contracts."""
    citizen = fair.somebody()
    consultation = public.rstrip("/").rpartition("/")[2]
    address = f"{citizen.site}/marches/donnees/{consultation}/ocds.json"

    def tags() -> set[str]:
        found = citizen.page.request.get(address)
        return (
            {tag for one in json.loads(found.body())["releases"] for tag in one["tag"]} if found.ok else set()
        )

    until(lambda: {"tender", "award", "contract", "implementation"} <= tags(), MINUTES)


def is_packaged(fair: Fair, address: str) -> None:
    """The whole file leaves as one archive that says what it holds, and the consultation is archived."""
    buyer = fair.at("Claire Exemple")
    buyer.page.goto(f"{address}package/")
    buyer.picture("buyer-whole-file")
    with buyer.page.expect_download() as taken:
        buyer.main.locator("form[action$='/package/take/'] button").click()
    with zipfile.ZipFile(taken.value.path()) as whole:
        assert whole.testzip() is None
        names = whole.namelist()
    assert any(name.endswith("manifest.json") for name in names)
    with buyer.page.expect_navigation():
        buyer.main.locator("form[action$='/package/keep/'] button").click()
    until(lambda: buyer.page.goto(address) and buyer.main.get_by_text("Archivée").count(), MINUTES)
    if OFFICIAL:
        sent = {"boamp:E3", "boamp:E4"}
        all_emitted_are_valid(fair.town, buyer, address, package=taken.value.path(), expected=EXPECTED | sent)
