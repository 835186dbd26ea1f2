"""What buyers, opening officers and enterprises do at their browsers, from a need to an archived contract."""

from __future__ import annotations

import base64
import re
from pathlib import Path

from playwright.sync_api import expect

from tests.waiting import until

from .clerk import Clerk
from .files import in_file, pdf

PHRASE = "les moineaux du toit chantent tôt"
LOTS = (
    ("Charpente et couverture", "45261000", "150000"),
    ("Menuiseries extérieures", "45421000", "90000"),
    ("Électricité", "45310000", "60000"),
)
CRITERIA = (
    ("price", "50", "Prix"),
    ("technical", "30", "Mémoire technique"),
    ("environment", "20", "Environnement"),
)
GOING_ON = "Le dossier est simple, et les entreprises du pays en ont été informées."
FIRST_OF_CONSULTATION = re.compile(r"^(.*/procurement/[0-9a-f-]{36}/)")


def fill(clerk: Clerk, words: dict[str, str]) -> None:
    """Fills fields by the names they are sent under."""
    for name, text in words.items():
        clerk.main.locator(f"[name='{name}']").fill(text)


def tick(clerk: Clerk, name: str, value: str) -> None:
    clerk.main.locator(f"[name='{name}'][value='{value}']:not([type=hidden])").check()


def keep(clerk: Clerk) -> None:
    clerk.send("Save and go on")


# -- preparing ----------------------------------------------------------------------------------------------------------


def prepare(clerk: Clerk, title: str, folder: Path) -> str:
    """A works consultation of three lots by adapted procedure with negotiation; answers the address of its page."""
    clerk.open(clerk.procurement("new/"))
    fill(clerk, {"title": title})
    tick(clerk, "category", "works")
    clerk.send("Start")
    found = FIRST_OF_CONSULTATION.match(clerk.page.url)
    assert found
    address = found[1]
    _say_the_need(clerk, address)
    _choose_procedure(clerk, address)
    _divide(clerk, address)
    _weigh(clerk, address)
    _set_terms(clerk, address)
    _take_calendar(clerk, address)
    _add_documents(clerk, address, folder)
    return address


def _say_the_need(clerk: Clerk, address: str) -> None:
    clerk.page.goto(f"{address}need/")
    words = {
        "description": "Couverture, menuiseries et électricité de la salle des fêtes.",
        "estimated_value": "300000",
        "family": "Salle des fêtes 2027",
        "cpv": "45454000",
    }
    fill(clerk, words)
    clerk.main.locator("[name=nuts]").select_option("FRC11")
    keep(clerk)


def _choose_procedure(clerk: Clerk, address: str) -> None:
    clerk.page.goto(f"{address}procedure/")
    tick(clerk, "procedure", "adapted")
    clerk.main.locator("[name=is_negotiated]").check()
    keep(clerk)


def _divide(clerk: Clerk, address: str) -> None:
    clerk.page.goto(f"{address}lots/")
    for place, (title, cpv, value) in enumerate(LOTS):
        if not clerk.main.locator(f"[name=lots-{place}-title]").count():
            clerk.send("Save and add lots")
        row = f"lots-{place}"
        fill(clerk, {f"{row}-title": title, f"{row}-cpv": cpv, f"{row}-estimated_value": value})
    keep(clerk)


def _weigh(clerk: Clerk, address: str) -> None:
    clerk.page.goto(f"{address}criteria/")
    for place, (kind, weight, name) in enumerate(CRITERIA):
        clerk.main.locator(f"[name=criteria-{place}-kind]").select_option(kind)
        fill(clerk, {f"criteria-{place}-weight": weight, f"criteria-{place}-name": name})
    keep(clerk)


def _set_terms(clerk: Clerk, address: str) -> None:
    clerk.page.goto(f"{address}terms/")
    words = {
        "duration_months": "8",
        "validity_days": "120",
        "environmental_clause": "Les déchets du chantier sont triés; l'entreprise en donne la trace.",
        "social_clause": "Cent heures sont réservées à des personnes éloignées de l'emploi.",
        "contact_email": "mairie@village.example",
        "review_body": "Tribunal administratif de Dijon",
    }
    fill(clerk, words)
    tick(clerk, "signature_time", "award")
    keep(clerk)


def _take_calendar(clerk: Clerk, address: str) -> None:
    clerk.page.goto(f"{address}calendar/")
    clerk.send("Take this calendar")


def _add_documents(clerk: Clerk, address: str, folder: Path) -> None:
    clerk.page.goto(f"{address}documents/")
    clerk.send("Write them and add them")
    for name, kind in (("clauses.pdf", "contract"), ("plans.pdf", "technical")):
        clerk.page.goto(f"{address}documents/")
        clerk.main.locator("[name=document]").set_input_files(in_file(folder, name, pdf(name)))
        tick(clerk, "kind", kind)
        clerk.send("Add this document")


def settle_warnings(clerk: Clerk, address: str) -> None:
    """Goes on in spite of each warning, for a reason that stays in the file."""
    for _ in range(20):
        clerk.page.goto(f"{address}check/")
        going_on = clerk.main.locator("a[href*='/check/override/']")
        if not going_on.count():
            return
        with clerk.page.expect_navigation():
            going_on.first.click()
        clerk.main.locator("textarea").first.fill(GOING_ON)
        clerk.send("Keep this reason and go on")
    raise AssertionError("warnings do not end")


# -- who opens and who evaluates ----------------------------------------------------------------------------------------


def name_team(clerk: Clerk, address: str, role: str, *people: str) -> None:
    for person in people:
        clerk.page.goto(f"{address}team/")
        clerk.main.locator("select[name=person]").select_option(label=person)
        tick(clerk, "role", role)
        clerk.send("Add to the team")
        clerk.sees("The team is changed.")


def accept_key(officer: Clerk) -> list[str]:
    """Accepts to open the bids, in her own browser; answers the words of her paper."""
    officer.open(officer.procurement("officer/"))
    prove(officer, "Confirm that it is you")
    fill_ids(officer, {"phrase": PHRASE, "phrase-again": PHRASE})
    officer.page.locator(
        "[data-step=accept] button[type=submit], [data-step=accept] .form-actions button"
    ).click()
    written = officer.page.locator("[data-words] li")
    expect(written).to_have_count(15)
    words = written.all_inner_texts()
    fill_ids(officer, {"typed": " ".join(words)})
    officer.page.locator("[data-step=confirm] button").click()
    expect(officer.page.locator("[data-said] .tone-ok")).to_be_visible(timeout=30_000)
    return words


def prove(clerk: Clerk, asked_by: str) -> None:
    """Says once more who she is, where the page asks for it."""
    link = clerk.link(asked_by)
    if link.count():
        link.click()
        clerk.send("It is me")


def fill_ids(clerk: Clerk, words: dict[str, str]) -> None:
    for identifier, text in words.items():
        clerk.page.locator(f"#{identifier}").fill(text)


# -- publishing ---------------------------------------------------------------------------------------------------------


def publish(clerk: Clerk, address: str) -> str:
    """Validates and puts on line; answers the public address."""
    clerk.page.goto(f"{address}validate/")
    clerk.send("Validate the consultation")
    clerk.page.goto(f"{address}publish/")
    clerk.send("Publish now")
    clerk.page.goto(address)
    public = clerk.main.locator("a[href*='/marches/']").first.get_attribute("href")
    assert public
    return f"{clerk.site}{public}"


# -- answering ----------------------------------------------------------------------------------------------------------

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


def begin_bid(bidder: Clerk, public: str, enterprise: str, *, again: bool = False) -> None:
    """From the public page to the page of her bid, which exists already where she comes ``again``."""
    bidder.page.goto(f"{public}repondre/")
    with bidder.page.expect_navigation():
        bidder.main.get_by_role("link", name=re.compile(enterprise)).first.click()
    if not again:
        bidder.button("Prepare our bid").click()
    expect(bidder.page.locator("[data-deposit]")).to_be_visible()


def choose_lots(bidder: Clerk, *numbers: int) -> None:
    """By their numbers: a candidate is shown those for which it was selected alone."""
    choices = bidder.page.locator("label", has=bidder.page.locator("[data-lot-choice]"))
    for number in numbers:
        choices.filter(has_text=re.compile(rf"^\s*{number}\.")).locator("input").check()


def add_files(bidder: Clerk, lot: int, *files: Path) -> None:
    """Adds files to the tender of a lot; 0 is the candidature."""
    expect(bidder.page.locator("[data-deposit]")).to_be_visible()
    envelope = "tender" if lot else "candidature"
    sections = bidder.page.locator(f"[data-section][data-envelope={envelope}]")
    named = sections.filter(has=bidder.page.locator("h2", has_text=re.compile(rf"lot {lot}\b")))
    section = named if lot and sections.count() > 1 else sections.first
    section.locator(".deposit-add input").set_input_files([str(one) for one in files])


def all_sent(bidder: Clerk, count: int) -> None:
    expect(bidder.page.locator("[data-state].tone-ok")).to_have_count(count, timeout=90_000)


def deposit(bidder: Clerk) -> str:
    """The final gesture; answers the address of the receipt's page."""
    bidder.button("Deposit my bid").click()
    bidder.page.wait_for_url(re.compile("/deposits/[0-9a-f-]{36}/"), timeout=30_000)
    return bidder.page.url


def answer(
    bidder: Clerk, lots: tuple[int, ...], folder: Path, name: str, *, candidature: bool = True
) -> None:
    """A candidature unless it is in already, and for each lot a price, sent but not deposited yet."""
    choose_lots(bidder, *lots)
    if candidature:
        add_files(bidder, 0, in_file(folder, f"dc1-{name}.pdf", pdf(f"dc1 {name}")))
    for lot in lots:
        add_files(bidder, lot, in_file(folder, f"prix-{name}-lot-{lot}.pdf", pdf(f"prix {name} lot {lot}")))
    all_sent(bidder, candidature + len(lots))


def sign_up(person: Clerk, siret: str, enterprise: str, address: str) -> None:
    """Asks to act for an enterprise: a mail answers."""
    person.open("/accounts/login/")
    person.link("How to join").click()
    person.link("Sign up an enterprise").click()
    filled = {
        "SIRET": siret,
        "Name of the enterprise or association": enterprise,
        "Your given names": "Dominique",
        "Your name": "Essai",
        "Your e-mail address at work": address,
    }
    for label, text in filled.items():
        person.field(label).fill(text)
    person.button("Sign up").click()
    person.sees("Look at your mail")


# -- opening ------------------------------------------------------------------------------------------------------------

SESSION_SECONDS = 90


def open_envelope(conductor: Clerk, officers: list[Clerk], address: str, envelope: str) -> str:
    """One session: asked for, two officers give their parts, files come out; answers the session's page."""
    conductor.page.goto(f"{address}opening/")
    with conductor.page.expect_navigation():
        conductor.main.locator(f"form:has([value='{envelope}']) button").click()
    session = conductor.page.url
    ready = conductor.main.locator("a[href$='/release/']")
    expect(ready).to_be_visible(timeout=SESSION_SECONDS * 1000)
    for officer in officers:
        give_part(officer, f"{session}release/")
    conductor.page.goto(session)
    done = conductor.main.get_by_role("heading", name=conductor.say("What came out"))
    until(lambda: conductor.page.goto(session) and done.count(), SESSION_SECONDS)
    return session


def give_part(officer: Clerk, release: str) -> None:
    officer.page.goto(release)
    prove(officer, "Confirm that it is you")
    officer.page.locator("#passphrase-release").check()
    officer.page.locator("#secret-release").fill(PHRASE)
    officer.page.locator("#secret-release").press("Enter")
    expect(officer.page.locator("[data-said] .tone-ok")).to_be_visible(timeout=30_000)


# -- examining, negotiating, noting -------------------------------------------------------------------------------------

WHY = "Le mémoire répond au cahier des charges."


def begin_examination(clerk: Clerk, address: str) -> None:
    clerk.page.goto(f"{address}award/")
    with clerk.page.expect_navigation():
        clerk.main.locator("form[action$='/award/begin/'] button").click()


def linked(clerk: Clerk, page: str, below: str) -> list[str]:
    """The addresses of the things that a page lists, each once."""
    clerk.page.goto(page)
    all_of_them = clerk.main.locator("a").evaluate_all("links => links.map(one => one.href)")
    form = re.compile(rf"/{below}/[0-9a-f-]{{36}}/$")
    return list(dict.fromkeys(one for one in all_of_them if form.search(one)))


def admit(clerk: Clerk, candidate: str) -> None:
    """Every piece is there, and the candidate is admitted."""
    clerk.page.goto(f"{candidate}pieces/")
    for piece in clerk.main.locator("select[name^=piece-]").all():
        piece.select_option("present")
    clerk.send("Save")
    clerk.page.goto(f"{candidate}decide/")
    tick(clerk, "verb", "admit")
    clerk.send("Record the decision")


def prepare_round(clerk: Clerk, address: str, until_on: str) -> None:
    clerk.page.goto(f"{address}rounds/prepare/")
    words = {"until_on": until_on, "until_hour": "12:00", "information": "Le prix et le délai de chaque lot."}
    fill(clerk, words)
    clerk.main.locator("[name=is_final]").check()
    clerk.send("Save the round")


def judge(clerk: Clerk, bid: str, price: str) -> None:
    clerk.page.goto(f"{bid}price/")
    fill(clerk, {"price": price})
    clerk.send("Save the price")
    clerk.page.goto(f"{bid}judge/")
    tick(clerk, "state", "admissible")
    clerk.send("Save")


def note(evaluator: Clerk, bid: str, value: str) -> None:
    """One note for each criterion that has no formula."""
    evaluator.page.goto(bid)
    forms = evaluator.main.locator("a[href*='/score/']").evaluate_all("all => all.map(one => one.href)")
    for form in dict.fromkeys(forms):
        evaluator.page.goto(form)
        fill(evaluator, {"value": value, "justification": WHY})
        evaluator.send("Give this score")


def agree(clerk: Clerk, bid: str, value: str) -> None:
    """The note of all, from those of each."""
    clerk.page.goto(bid)
    forms = clerk.main.locator("a[href*='/agree/']").evaluate_all("all => all.map(one => one.href)")
    for form in dict.fromkeys(forms):
        clerk.page.goto(form)
        fill(clerk, {"value": value, "justification": WHY})
        with clerk.page.expect_navigation():
            clerk.main.locator("form button").last.click()


# -- awarding and signing -----------------------------------------------------------------------------------------------


def award_first(clerk: Clerk, address: str) -> None:
    """Each lot to the bid that comes first."""
    clerk.page.goto(f"{address}decide/")
    forms = clerk.main.locator("a[href*='/decide/lot/']").evaluate_all("all => all.map(one => one.href)")
    for form in dict.fromkeys(forms):
        clerk.page.goto(form)
        clerk.main.locator("[name=choice]").first.check()
        clerk.main.locator("[name=proofs_are_complete]").check()
        fill(clerk, {"reason": "Première du classement, sur les critères publiés."})
        clerk.send("Record the decision")


def send_letters(clerk: Clerk, address: str) -> None:
    clerk.page.goto(f"{address}letters/")
    with clerk.page.expect_navigation():
        clerk.main.locator("form[action$='/letters/send/'] button").click()


def complete_contract(clerk: Clerk, contract: str, folder: Path) -> None:
    """Its file, and the act by virtue of which the mayor signs it."""
    clerk.page.goto(f"{contract}file/")
    paper = in_file(folder, "marche.pdf", pdf(contract))
    clerk.main.locator("[name=document]").set_input_files(paper)
    clerk.send("Save the file")
    clerk.page.goto(f"{contract}authority/")
    fill(clerk, {"declared": "DEL_2026_012", "declared_on": "02/06/2026"})
    clerk.send("Save the authority")


def sign_by_hand(clerk: Clerk, contract: str, side: str, name: str, day: str, scan: Path) -> None:
    clerk.page.goto(f"{contract}sign/hand/")
    tick(clerk, "side", side)
    fill(clerk, {"signed_on": day, "name": name, "quality": "Maire" if side == "buyer" else "Gérante"})
    clerk.main.locator("[name=document]").set_input_files(scan)
    clerk.send("Record the signature")


def sign_by_key(signer: Clerk, contract: str, folder: Path) -> None:
    """With a key file of the demonstration, which serves once."""
    signer.open(signer.desk("signatures/"))
    signer.button("Get a key file").click()
    password = signer.main.locator("code").inner_text()
    link = signer.link("Keep the key file (.p12)").get_attribute("href") or ""
    key = in_file(folder, "cle.p12", base64.b64decode(link.partition("base64,")[2]))
    signer.page.goto(f"{contract}sign/")
    prove(signer, "Confirm that it is you")
    fill(signer, {"quality": "Maire", "password": password})
    signer.main.locator("[name=key_file]").set_input_files(key)
    signer.send("Sign electronically")
