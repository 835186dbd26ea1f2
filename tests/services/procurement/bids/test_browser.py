"""Deposits by a real browser on a real server: what arrives is what was chosen, whatever breaks in between."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from territoires.foundations.journal import api as journal
from territoires.services.procurement.models import Deposit, Rehearsal, SealIntent, StoredChunk
from tests.journeys.keyboard import Keyboard
from tests.services.procurement.conftest import rows
from tests.services.procurement.sealing.cast import MIB, content

from .browsers import Call, all_sent, choose, deposit, make_account, open_call, opened
from .conftest import DEADLINE

pytestmark = pytest.mark.browser
SIZES = (0, 1, MIB - 1, MIB, MIB + 1, 20_000_000)
HEAR = """() => {
  window.heard = [];
  const note = (changes) => changes.forEach(({ target }) => window.heard.push(target.textContent));
  for (const region of document.querySelectorAll("[role=status], [role=alert]"))
    new MutationObserver(note).observe(region, { childList: true, characterData: true, subtree: true });
}"""
# written with combining marks, from right to left, outside the basic plane, long, and with what paths refuse
NAMES = (
    "Mémoire technique.pdf",
    "مذكرة.pdf",
    "技術資料.pdf",
    "🏗️ plans.pdf",
    "Ελληνικά.pdf",
    "-rf ; drop.pdf",
)


@pytest.fixture
def call(live_database: str, site: str) -> Call:
    return open_call(site)


def write(folder: Path, name: str, size: int) -> Path:
    path = folder / name
    path.write_bytes(content(size))
    return path


def tick_lot(page: Page, number: int = 1) -> None:
    page.locator("[data-lot-choice]").nth(number - 1).check()


def told(made: Deposit) -> str:
    """What the book says last of it."""
    return [one.kind for one in journal.timeline(made.consultation_id)][-1]


def test_every_size_and_script_arrives_whole(
    call: Call, context: BrowserContext, page: Page, tmp_path: Path
) -> None:
    call.sign_in(context)
    call.begin(page)
    paths = [write(tmp_path, name, size) for name, size in zip(NAMES, SIZES, strict=True)]
    page.locator("label", has_text="Charpente").locator("input").check()
    choose(page, "Tender, lot 1", *paths)
    choose(page, "Candidature", write(tmp_path, "dc1.pdf", 5000))
    all_sent(page, len(SIZES) + 1)
    deposit(page)
    expect(page.get_by_text("Your bid is deposited")).to_be_visible()
    expect(page.get_by_text("🏗️ plans.pdf")).to_be_visible()
    made = Deposit.objects.get()
    assert (made.state, [one.lot.number for one in made.lots.all() if one.lot]) == ("sealed", [1])
    assert told(made) == "procurement.deposit.sealed"
    found = opened(call, made)
    assert set(found) == {*NAMES, "dc1.pdf"}
    assert all(found[path.name] == path.read_bytes() for path in paths)


def test_broken_upload_goes_on_after_a_reload(
    call: Call, context: BrowserContext, page: Page, tmp_path: Path
) -> None:
    call.sign_in(context)
    call.begin(page)
    path = write(tmp_path, "plans.pdf", 12 * MIB + 5)
    breaking = "**/chunks/*"

    def cut(route: Route) -> None:
        if int(route.request.url.rpartition("/")[2]) >= 5:
            route.abort()
        else:
            route.continue_()

    page.route(breaking, cut)
    tick_lot(page)
    choose(page, "Tender, lot 1", path)
    expect(page.locator("[data-alert]")).to_contain_text("The connection is lost", timeout=60_000)
    kept = StoredChunk.objects.count()
    assert 0 < kept <= 5
    page.unroute(breaking)
    page.reload()
    expect(page.locator("[data-state]")).to_contain_text("Choose the same file again")
    other = write(tmp_path, "other.pdf", 12 * MIB)
    page.locator("[data-again]").set_input_files(str(other))
    expect(page.locator("[data-alert]")).to_contain_text("not the same file")
    page.locator("[data-again]").set_input_files(str(path))
    all_sent(page, 1)
    events = rows("t_procurement.ChunkEvent").filter(outcome="stored")
    assert events.count() == 13  # each part once
    deposit(page)
    assert opened(call, Deposit.objects.get())["plans.pdf"] == path.read_bytes()


def test_replaced_deposit_keeps_what_was_sent(
    call: Call, context: BrowserContext, page: Page, tmp_path: Path
) -> None:
    call.sign_in(context)
    call.begin(page)
    tick_lot(page)
    choose(page, "Tender, lot 1", write(tmp_path, "memoire.pdf", 3 * MIB), write(tmp_path, "prix.pdf", 900))
    all_sent(page, 2)
    deposit(page)
    page.get_by_role("link", name="Change the bid and deposit again").click()
    expect(page.locator("[data-state].tone-legal")).to_have_count(2)
    page.get_by_role("button", name="Remove prix.pdf").click()
    better = write(tmp_path, "prix-2.pdf", 901)
    choose(page, "Tender, lot 1", better)
    all_sent(page, 1)
    deposit(page)
    first, second = Deposit.objects.order_by("number")
    assert (first.state, second.state, second.supersedes) == ("superseded", "sealed", first)
    assert set(opened(call, second)) == {"memoire.pdf", "prix-2.pdf"}
    assert set(opened(call, first)) == {"memoire.pdf", "prix.pdf"}


def test_a_colleague_takes_over_the_last_deposit(
    call: Call, context: BrowserContext, page: Page, tmp_path: Path
) -> None:
    """Another browser knows no name of it, and deposits it again with one more file."""
    call.sign_in(context)
    call.begin(page)
    tick_lot(page)
    choose(page, "Tender, lot 1", write(tmp_path, "memoire.pdf", 70_000))
    all_sent(page, 1)
    deposit(page)
    fresh = page.context.browser.new_context(locale="fr-FR")  # type: ignore[union-attr]
    call.sign_in(fresh, account=make_account(call.enterprise, "ines@modele.example"))
    other = fresh.new_page()
    bids = f"{call.site}/o/{call.enterprise.reference}/procurement/bids/"
    other.goto(bids)
    other.get_by_role("link", name="Réfection").click()
    expect(other.get_by_text("File 1 of deposit 1")).to_be_visible()
    choose(other, "Candidature", write(tmp_path, "dc2.pdf", 4000))
    all_sent(other, 1)
    deposit(other)
    assert set(opened(call, Deposit.objects.get(number=2))) == {"memoire.pdf", "dc2.pdf"}
    fresh.close()


def test_deadline_passes_during_the_upload(
    live_database: str, site: str, context: BrowserContext, page: Page, tmp_path: Path
) -> None:
    call = open_call(site, deadline=(datetime.now(UTC) + timedelta(seconds=25)).replace(microsecond=0))
    call.sign_in(context)
    call.begin(page)
    tick_lot(page)
    choose(page, "Tender, lot 1", write(tmp_path, "memoire.pdf", 70_000))
    all_sent(page, 1)
    for place in ("[data-left]", "[data-live-time]"):
        expect(page.locator(place).first).to_contain_text("The deadline has passed", timeout=40_000)
    deposit(page)
    expect(page.get_by_text("Your bid came after the deadline")).to_be_visible()
    assert Deposit.objects.get().state == "late"


def test_connection_lost_at_the_last_part_and_at_the_answer(
    call: Call, context: BrowserContext, page: Page, tmp_path: Path
) -> None:
    """99 % sent, then the receipt's own answer lost on its way: nothing is sent twice, nothing is deposited twice."""
    call.sign_in(context)
    call.begin(page)
    lost: list[str] = []

    def lose_once(route: Route) -> None:
        """The server did its part; the browser never hears of it."""
        if route.request.url in lost:
            route.continue_()
            return
        lost.append(route.request.url)
        route.fetch()
        route.abort("connectionreset")

    page.route("**/chunks/3", lose_once)
    page.route("**/seal", lose_once)
    tick_lot(page)
    path = write(tmp_path, "memoire.pdf", 3 * MIB + 5)
    choose(page, "Tender, lot 1", path)
    all_sent(page, 1)
    deposit(page)
    assert len(lost) == 2
    made = Deposit.objects.get()
    assert opened(call, made)["memoire.pdf"] == path.read_bytes()
    outcomes = rows("t_procurement.ChunkEvent").order_by("id").values_list("outcome", flat=True)
    assert sorted(outcomes) == ["again", "stored", "stored", "stored", "stored"]


def test_clock_of_the_computer_counts_for_nothing(
    call: Call, context: BrowserContext, page: Page, tmp_path: Path
) -> None:
    """Two years ahead, so long after the deadline: the page shows the server's time, and the deposit is in time."""
    page.clock.set_system_time(DEADLINE + timedelta(days=730))
    call.sign_in(context)
    call.begin(page)
    expect(page.locator("[data-left]").first).not_to_contain_text("deadline has passed")
    here = datetime.fromisoformat(page.locator("[data-now]").get_attribute("data-now") or "")
    assert here < DEADLINE + timedelta(days=365)
    tick_lot(page)
    choose(page, "Tender, lot 1", write(tmp_path, "memoire.pdf", 900))
    all_sent(page, 1)
    deposit(page)
    made = Deposit.objects.get()
    assert made.state == "sealed" and made.completed_at < DEADLINE
    assert told(made) == "procurement.deposit.sealed"


def test_rehearsal_needs_no_account_and_is_never_a_deposit(
    live_database: str, site: str, page: Page, tmp_path: Path
) -> None:
    page.context.add_cookies([{"name": "django_language", "value": "en", "url": site}])
    page.goto(f"{site}/marches/depot-d-essai/")
    page.get_by_role("button", name="Begin the rehearsal").click()
    choose(page, "Tender", write(tmp_path, "essai.pdf", 2 * MIB))
    all_sent(page, 1)
    page.get_by_role("button", name="Deposit, as in reality").click()
    expect(page.get_by_text("The rehearsal went to its end")).to_be_visible(timeout=20_000)
    assert not Deposit.objects.exists()
    assert (Rehearsal.objects.get().files, SealIntent.objects.get().outcome) == (1, "sealed")


def test_limits_are_said_before_anything_is_sent(
    live_database: str, site: str, context: BrowserContext, page: Page, tmp_path: Path
) -> None:
    from territoires.services.procurement.domain.sealing.policy import Limits

    call = open_call(site, limits=Limits(file=MIB, bid=2 * MIB, files=3))
    call.sign_in(context)
    call.begin(page)
    tick_lot(page)
    choose(page, "Tender, lot 1", write(tmp_path, "gros.pdf", MIB + 1))
    expect(page.locator("[data-alert]")).to_contain_text("one file is at most")
    assert not StoredChunk.objects.exists()


def test_signing_in_again_elsewhere_goes_on(
    call: Call, context: BrowserContext, page: Page, tmp_path: Path
) -> None:
    """The page's own token is then out of date: the same button goes on, and nothing is chosen again."""
    call.sign_in(context)
    call.begin(page)
    tick_lot(page)
    choose(page, "Tender, lot 1", write(tmp_path, "memoire.pdf", 900))
    all_sent(page, 1)
    context.clear_cookies()
    button = page.get_by_role("button", name="Deposit my bid")
    button.press("Enter")
    expect(page.locator("[data-alert]")).to_contain_text("Your session has ended")
    expect(button).to_be_focused()
    call.sign_in(context)
    button.press("Enter")
    expect(page.get_by_role("heading", name="Receipt of deposit")).to_be_visible(timeout=20_000)
    assert Deposit.objects.get().state == "sealed"


def test_deposit_by_keyboard_on_a_telephone(
    call: Call, context: BrowserContext, page: Page, tmp_path: Path
) -> None:
    """From the page of the consultation to the receipt without a mouse; what a screen reader hears meanwhile."""
    page.set_viewport_size({"width": 390, "height": 844})
    call.sign_in(context, language="fr")
    page.goto(f"{call.site}/marches/{call.consultation.pk}/", timeout=30_000)  # the first page of a server
    hands = Keyboard(page)
    hands.follow("Répondre à cette consultation")
    hands.follow("Travaux Modèle")
    hands.push("Préparer notre offre")
    expect(page.locator("[data-deposit]")).to_be_visible()
    page.evaluate(HEAR)
    hands.tick("1. Charpente et couverture")
    hands.give("Ajouter des fichiers , Offre, lot 1", write(tmp_path, "vide.pdf", 0))
    all_sent(page, 1)
    hands.give("Ajouter des fichiers , Offre, lot 1", write(tmp_path, "offre.pdf", 5 * MIB))
    all_sent(page, 2)
    heard = page.evaluate("window.heard")
    assert any("vide.pdf est vide" in one for one in heard)
    assert any("envoyés sur" in one for one in heard)
    assert "Rien n'est encore déposé" in heard[-1]
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    hands.push("Déposer mon pli")
    expect(page.get_by_role("heading", name="Reçu du dépôt")).to_be_visible(timeout=20_000)
    assert Deposit.objects.get().state == "sealed"
