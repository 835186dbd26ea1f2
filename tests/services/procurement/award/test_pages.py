"""The pages of this part, without a script: one step at the top, what was typed kept, nothing shown to others."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from territoires.foundations.documents.antivirus import EICAR
from territoires.kernel.clock import legal_day, system_clock
from territoires.services.procurement.actions.contracts import changing, notifying
from territoires.services.procurement.queries import award as queries
from territoires.services.procurement.queries import evaluation
from territoires.services.procurement.queries.sheets import criteria_of
from tests.services.procurement.award.conftest import REASON, Case, convene, make_case, make_committee
from tests.services.procurement.conftest import make_person, rows


def browser(person: Any, body: Any, role: str, language: str = "en") -> Client:
    """Somebody's browser, signed in with a role of the body."""
    row = rows("identity.Person").get(pk=person)
    account = rows("identity.Account").filter(person=row).first()
    if account is None:
        account = rows("identity.Account").create_user(f"{row.pk}@exemple.test", person=row)
    rows("identity.RoleAssignment").create(
        membership=row.memberships.get(organisation=body), role=role, since_on="2026-01-05"
    )
    for service in ("procurement", "portal"):
        rows("identity.ServiceActivation").get_or_create(
            organisation=body, service=service, defaults={"since_at": "2026-01-05T00:00:00Z"}
        )
    client = Client(headers={"Accept-Language": language})
    client.force_login(account, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def case(db: None) -> Case:
    found = make_case()
    found.at = system_clock()
    return found


def body_of(case: Case) -> Any:
    return rows("identity.Organisation").get(pk=case.consultation.organisation_id)


@pytest.fixture
def agent(case: Case) -> Client:
    return browser(case.secretary.person, body_of(case), "secretary")


def at(case: Case, name: str = "award/") -> str:
    return f"/o/{body_of(case).reference}/procurement/{case.consultation.pk}/{name}"


def read(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, f"{address}: {answer.status_code}"
    return "" if answer.streaming else answer.content.decode()


def send(client: Client, address: str, status: int = 302, **values: Any) -> str:
    answer = client.post(address, values)
    assert answer.status_code == status, f"{address}: {answer.status_code} {answer.content.decode()[:3000]}"
    return answer.content.decode()


def test_the_page_says_the_one_step_that_comes_next(case: Case, agent: Client) -> None:
    assert "Begin the examination" in read(agent, at(case))
    send(agent, at(case, "award/begin/"))
    assert "Examine the candidatures (3)" in read(agent, at(case))
    case.examine()
    assert "Note the bids" in read(agent, at(case))
    case.note()
    assert "Rank the bids (2)" in read(agent, at(case))
    case.rank()
    assert "Decide the award (2)" in read(agent, at(case))
    case.award()
    assert "Tell the candidates" in read(agent, at(case))
    assert "Tell the candidates" in read(agent, at(case, ""))


def test_nobody_reads_of_the_award_on_the_public_page_before_the_letters_have_left(case: Case) -> None:
    case.examine().note().rank().award()
    place, anybody = {"consultation": case.consultation.pk}, Client(headers={"Accept-Language": "en"})

    def public() -> tuple[str, str]:
        page = read(anybody, reverse("procurement:consultation", kwargs=place))
        return page, anybody.get(reverse("procurement:json", kwargs=place)).json()["state"]

    page, state = public()
    assert (case.fresh().state, state) == ("decided", "analysis")
    assert "Under analysis" in page and "warded" not in page
    case.tell()
    page, state = public()
    assert state == "decided" and "Awarded" in page


def test_where_several_hold_a_contract_the_page_asks_whose_place_a_new_holder_takes(
    case: Case, agent: Client
) -> None:
    case.examine().note().rank().award().tell()
    page = f"/o/{body_of(case).reference}/procurement/contracts/{case.contract.pk}/change/"
    assert "Whose place it takes" not in read(agent, page)
    case.contract.holders.create(siret="38103128500491", name="Zinguerie Essai")
    shown = read(agent, page)
    assert "Whose place it takes" in shown and "Zinguerie Essai (38103128500491)" in shown


def test_a_change_of_holder_is_received_by_the_new_one_or_on_paper_and_the_former_one_is_told(
    case: Case, agent: Client
) -> None:
    day = legal_day(case.at)
    before = day - timedelta(days=30)
    case.authority(decided_on=before, public_on=before, received_on=before)
    case.examine().note().rank().award().tell().sign_all()
    contract = case.contract
    notifying.send_to_holder(actor=case.buyer, contract=contract)
    notifying.record_delivery(actor=case.buyer, contract=contract, received_on=day)
    changing.conclude_change(
        actor=case.buyer,
        contract=contract,
        ground="holder",
        object="Reprise par une autre entreprise",
        reason=REASON,
        amount=Decimal(0),
        signed_on=day,
        new_holder_siret="55204599900869",
        new_holder_name="Couverture Exemple",
    )
    desk = f"/o/{body_of(case).reference}/procurement/contracts/{contract.pk}/"
    theirs = f"/o/{_enterprise(case, 0).reference}/procurement/post/contracts/{contract.pk}/"
    former = browser(case.bidders[0].person, _enterprise(case, 0), "representative")
    shown = read(former, theirs)
    assert "Another enterprise holds this contract now" in shown and "Receive this change" not in shown
    assert former.post(theirs + "change/1/receive/").status_code == 404
    nobody = "Nobody of Couverture Exemple can be told here"
    assert nobody in read(agent, desk)
    assert "Record the receipt" in read(agent, desk + "change/1/delivery/")
    send(agent, desk + "change/1/delivery/", day=f"{day:%d/%m/%Y}")
    assert nobody not in read(agent, desk)


def test_every_page_of_a_consultation_is_read_in_both_languages(case: Case, agent: Client) -> None:
    case.examine().note().rank()
    make_committee(case)
    held = convene(case, wait=False)
    candidacy, bid = evaluation.candidacies_of(case.consultation)[0], case.bids()[0]
    criterion = next(one for one in criteria_of(case.consultation) if one.kind == "technical")
    names = [
        "award/",
        "candidates/",
        f"candidates/{candidacy.pk}/",
        f"candidates/{candidacy.pk}/pieces/",
        f"candidates/{candidacy.pk}/decide/",
        f"candidates/{candidacy.pk}/proofs/",
        "candidates/ask/",
        "bids/",
        "bids/ask/",
        f"bids/{bid.pk}/",
        f"bids/{bid.pk}/price/",
        f"bids/{bid.pk}/judge/",
        f"bids/{bid.pk}/agree/{criterion.pk}/",
        "methods/",
        "rounds/",
        "rounds/prepare/",
        "rounds/invite/",
        "meetings/convene/",
        f"meetings/{held.pk}/",
        f"meetings/{held.pk}/presence/",
        f"meetings/{held.pk}/conflict/",
        f"meetings/{held.pk}/decision/?lot={case.lots[0].pk}",
        f"meetings/{held.pk}/close/",
        "decide/",
        f"decide/lot/?lot={case.lots[0].pk}",
        f"decide/withdraw/?lot={case.lots[0].pk}",
        "decide/end/",
        "letters/",
    ]
    for language in ("en", "fr"):
        for name in names:
            agent.defaults["HTTP_ACCEPT_LANGUAGE"] = language
            assert "</html>" in read(agent, at(case, name))
    home = f"/o/{body_of(case).reference}/procurement/"
    for name in ("contracts/", "committees/", "committees/new/", f"committees/{held.committee_id}/"):
        read(agent, home + name)
    read(agent, f"{home}committees/{held.committee_id}/members/")


def test_a_candidate_is_examined_and_admitted_on_its_page(case: Case, agent: Client) -> None:
    send(agent, at(case, "award/begin/"))
    one = evaluation.candidacies_of(case.consultation)[0]
    place = f"candidates/{one.pk}/"
    said = send(agent, at(case, place + "decide/"), 422, verb="reject", reason="non")
    assert "too short" in said and "non</textarea>" in said
    assert "Something is missing" in send(agent, at(case, place + "decide/"), 422, verb="admit")
    send(agent, at(case, place + "pieces/"), **{"piece-letter": "present", "piece-capacity": "missing"})
    send(
        agent,
        at(case, "candidates/ask/"),
        until_on="31/12/2030",
        until_hour="12:00",
        text="Merci de compléter votre candidature.",
    )
    assert "asked for" in read(agent, at(case, place))
    send(agent, at(case, place + "pieces/"), **{"piece-capacity": "mended"})
    send(agent, at(case, place + "decide/"), verb="admit", reason="")
    assert "Admitted" in read(agent, at(case, place))


def test_evaluators_note_and_others_cannot(case: Case, agent: Client) -> None:
    case.examine()
    bid = case.bids()[0]
    criterion = next(one for one in criteria_of(case.consultation) if one.kind == "technical")
    place = at(case, f"bids/{bid.pk}/score/{criterion.pk}/")
    assert agent.get(place).status_code == 404  # the secretary has the role and is not on the team
    evaluator = browser(case.evaluators[1].person, body_of(case), "elected")
    assert "From 0 to 5" in read(evaluator, place)
    said = send(evaluator, place, 422, value="7", justification="Très bien détaillé.")
    assert "between 0 and 5" in said and "Très bien détaillé." in said
    send(evaluator, place, value="3,5", justification="Très bien détaillé.")
    page = read(evaluator, at(case, f"bids/{bid.pk}/"))
    assert "Très bien détaillé." in page
    observer = browser(_member(case), body_of(case), "observer")
    assert observer.get(at(case, "bids/")).status_code == 403
    assert observer.get(at(case, f"bids/{bid.pk}/")).status_code == 403
    assert "Travaux" not in read(observer, at(case))


def _member(case: Case) -> Any:
    from tests.services.procurement.conftest import make_person

    return make_person(body_of(case), "Odile").pk


def test_bids_are_on_no_page_before_the_opening(case: Case, agent: Client) -> None:
    rows("t_procurement.Consultation").filter(pk=case.consultation.pk).update(
        state="closed", closed_at=system_clock()
    )
    for name in ("bids/", "candidates/", "bids/analyse.csv"):
        assert agent.get(at(case, name)).status_code == 404
    assert "not opened yet" in read(agent, at(case))


def test_the_table_runs_no_formula_and_the_report_is_kept(case: Case, agent: Client) -> None:
    rows("identity.Organisation").filter(pk=case.bidders[0].organisation).update(name="=HYPERLINK(1)")
    case.examine().note().rank()
    text = read(agent, at(case, "bids/analyse.csv"))
    assert text.startswith("\ufeff") and "'=HYPERLINK(1)" in text and ";=HYPERLINK" not in text
    assert "90" in text and REASON in text
    send(agent, at(case, "report/"))
    send(agent, at(case, "report/"))
    assert [one.number for one in evaluation.reports_of(case.consultation)] == [1, 2]
    answer = agent.get(at(case, "report/1/"))
    assert b"".join(answer.streaming_content).startswith(b"%PDF-")  # type: ignore[attr-defined]


def test_a_lot_is_decided_and_the_letters_leave_from_their_pages(case: Case, agent: Client) -> None:
    case.examine().note().rank()
    for lot in case.lots:
        place = at(case, f"decide/lot/?lot={lot.pk}")
        refused = send(agent, place, 422, choice=str(case.first(lot).pk), reason=REASON)
        assert "proofs" in refused and REASON in refused
        send(agent, place, choice=str(case.first(lot).pk), reason=REASON, proofs_are_complete="on")
    page = read(agent, at(case, "letters/"))
    assert "Send 3 letters, all at once" in page and "No standstill is due" in page
    send(agent, at(case, "letters/send/"))
    assert "mail on its way" in read(agent, at(case, "letters/"))
    assert "Have the contract signed (2)" in read(agent, at(case))


def test_an_enterprise_reads_its_letter_answers_and_receives_its_contract(case: Case, agent: Client) -> None:
    case.examine().note().rank().award().tell()
    winner = browser(case.bidders[0].person, _enterprise(case, 0), "representative")
    loser = browser(case.bidders[1].person, _enterprise(case, 1), "representative")
    home = f"/o/{_enterprise(case, 1).reference}/procurement/post/"
    letter = rows("t_procurement.Letter").get(bidder=case.bidders[1].organisation)
    assert "Your bid was not chosen" in read(loser, home)
    page = read(loser, f"{home}letters/{letter.pk}/")
    letter.refresh_from_db()
    assert letter.first_opened_at is not None and "Ask for further reasons" in page
    assert read(loser, f"{home}letters/{letter.pk}/file/") == ""
    send(loser, f"{home}letters/{letter.pk}/reasons/")
    assert "asks why it was not chosen" in read(agent, at(case))
    other = f"/o/{_enterprise(case, 0).reference}/procurement/post/"
    assert winner.get(f"{other}letters/{letter.pk}/").status_code == 404

    contract = case.contract
    desk = f"/o/{body_of(case).reference}/procurement/contracts/{contract.pk}/"
    send(
        agent, desk + "file/", document=SimpleUploadedFile("marche.pdf", b"%PDF-1.4 marche"), number="2027-1"
    )
    said = send(agent, desk + "authority/", 422, declared="DEL 12")
    assert "DEL 12" in said
    send(agent, desk + "authority/", declared="DEL 12", declared_on="05/06/2026")
    assert "DEL 12</span>, executory since Friday 5 June 2026" in read(agent, desk)
    send(agent, desk + "ask/")
    today = f"{legal_day(case.at):%d/%m/%Y}"
    for side in ("holder", "buyer"):
        send(agent, desk + "sign/hand/", side=side, signed_on=today, name="Paul Essai", quality="maire")
    assert "as good in law" in read(agent, desk)
    send(agent, desk + "send/")
    place = f"{other}contracts/{contract.pk}/"
    assert "Receive the contract" in read(winner, place)
    send(winner, place + "receive/")
    contract.refresh_from_db()
    assert contract.state == "notified"
    for name in ("begin/", "change/", "subcontract/", "invoicing/", "end/", "sign/", "delivery/"):
        read(agent, desk + name)
    send(agent, desk + "begin/", day=today)
    refused = send(
        agent,
        desk + "change/",
        422,
        ground="low",
        object="Chéneau",
        reason=REASON,
        amount="50 000",
        months="0",
        signed_on=today,
    )
    assert "reach" in refused and "50 000" in refused
    send(
        agent,
        desk + "change/",
        ground="low",
        object="Chéneau",
        reason=REASON,
        amount="-1 000",
        months="0",
        signed_on=today,
    )
    assert "Receive this change" in read(winner, place)
    send(winner, place + "change/1/receive/")
    send(agent, desk + "end/", day=today, end_kind="done")
    assert "Ended" in read(agent, desk)


def test_an_enterprise_answers_what_it_is_asked(case: Case, agent: Client) -> None:
    case.examine().note().rank()
    winner = case.first().candidacy
    send(
        agent,
        at(case, f"candidates/{winner.pk}/proofs/"),
        pieces=["tax", "social"],
        until_on="31/12/2030",
        until_hour="12:00",
    )
    asked = rows("t_procurement.BidderRequest").get()
    client = browser(case.bidders[0].person, _enterprise(case, 0), "representative")
    place = f"/o/{_enterprise(case, 0).reference}/procurement/post/asked/{asked.pk}/"
    assert "Tax certificate" in read(client, place)
    asked.refresh_from_db()
    assert asked.first_opened_at is not None
    assert "answer is empty" in send(client, place, 422, text="")
    send(client, place, text="Voici.", first=SimpleUploadedFile("fiscal.pdf", b"%PDF-1.4 fiscal"))
    assert "fiscal.pdf" in read(client, place)
    infected = SimpleUploadedFile("social.txt", EICAR)
    assert "EICAR-Test-File" in send(client, place, 422, text="Et ceci.", first=infected)
    (kept,) = asked.files.all()
    file = at(case, f"requests/{asked.pk}/{kept.sha256}/")
    assert file in read(agent, at(case, f"candidates/{winner.pk}/"))
    assert b"".join(agent.get(file).streaming_content) == b"%PDF-1.4 fiscal"  # type: ignore[attr-defined]
    read(agent, at(case, f"requests/{asked.pk}/{'0' * 64}/"), 404)
    reader = make_person(body_of(case), "Lectrice")
    read(browser(reader.pk, body_of(case), "observer"), file, 403)


def test_a_contract_is_told_why_it_waits(db: None) -> None:
    case = make_case(procedure="open", main_procurement_category="services", estimated_value=900_000)
    case.at = system_clock()
    case.examine().note().rank()
    rows("t_procurement.Consultation").filter(pk=case.consultation.pk).update(estimated_value=100_000)
    case.consultation.refresh_from_db()
    case.award().tell()
    agent = browser(case.secretary.person, body_of(case), "secretary")
    page = read(agent, f"/o/{body_of(case).reference}/procurement/contracts/{case.contract.pk}/")
    assert "standstill of 11 days" in page and "R2182-1" in page
    assert "The buyer may sign from" in read(agent, at(case))
    assert queries.contracts_of(case.consultation)


def _enterprise(case: Case, place: int) -> Any:
    return rows("identity.Organisation").get(pk=case.bidders[place].organisation)
