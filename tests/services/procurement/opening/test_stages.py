"""A procedure in two stages: candidatures alone, then the tenders of those who were selected, each round sealed apart."""

from __future__ import annotations

import html
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.urls import reverse

from territoires.foundations.journal import api as journal
from territoires.kernel.clock import legal_day, system_clock
from territoires.kernel.errors import Conflict, Denied, Invalid, TooLate
from territoires.services.procurement.actions import bidding, examining, negotiating, preparing, staffing
from territoires.services.procurement.domain import life
from territoires.services.procurement.domain.examination import Noted
from territoires.services.procurement.domain.sealing.policy import read_policy
from territoires.services.procurement.models import Bid, Candidacy, Letter
from territoires.services.procurement.queries import evaluation, quorum
from territoires.services.procurement.queries.law import law_on
from territoires.services.procurement.queries.letters import drafts_of
from territoires.services.procurement.queries.next_step import step_of
from territoires.services.procurement.queries.notice_data import procedure_of
from territoires.services.procurement.queries.publication import state_at
from territoires.services.procurement.queries.rounds import (
    awaits_tenders,
    current_round,
    deadline_of,
    has_two_stages,
    invited_to,
    rounds_of,
)
from territoires.services.procurement.queries.sheets import checked
from territoires.services.procurement.rest.enterprise import _bid
from territoires.services.procurement.rest.rounds import _out
from tests.services.procurement.award.conftest import Case
from tests.services.procurement.award.test_pages import browser, read, send
from tests.services.procurement.bids.conftest import Bidding
from tests.services.procurement.conftest import make_consultation, rows

from .world import AFTER, BEFORE, DEADLINE, Officer, World, make_world, present

TENDERS = AFTER + timedelta(days=32)
LATER = TENDERS + timedelta(hours=1)
FINAL = LATER + timedelta(days=8)
REASON = "Trois références comparables, contre cinq pour les candidats retenus."
FEW = "Deux candidats seulement ont des références d'une toiture classée."
WORDS = "Vous êtes invité à remettre une offre selon le règlement de la consultation."


def two_stages(
    body: Any, folder: Path, procedure: str = "restricted", bidders: int = 4, **values: Any
) -> World:
    """A public call for candidatures with its keys, and as many candidatures."""
    world = make_world(body, folder)
    _write(
        world,
        procedure=procedure,
        applications_until=DEADLINE,
        tenders_until=DEADLINE + timedelta(days=60),
        **values,
    )
    world.ready().published()
    for number in range(bidders):
        world.bid(number, envelopes=("candidature",))
    return world


def _write(world: World, **values: Any) -> None:
    rows("t_procurement.Consultation").filter(pk=world.consultation.pk).update(**values)
    world.consultation.refresh_from_db()


def examine(world: World, verbs: Sequence[str]) -> list[Candidacy]:
    """Puts the candidatures on the table, notes their pieces and decides each."""
    actor, consultation = world.secretary.at(AFTER), world.consultation
    examining.begin_examination(actor=actor, consultation=consultation)
    found = evaluation.candidacies_of(consultation)
    for candidacy, verb in zip(found, verbs, strict=False):
        given = {"actor": actor, "consultation": consultation, "candidacy": candidacy.pk}
        examining.note_pieces(**given, pieces=[Noted("letter", "present"), Noted("capacity", "present")])
        examining.decide_candidacy(**given, verb=verb, reason="Chiffre d'affaires insuffisant.")
    return evaluation.candidacies_of(consultation)


def prepare(world: World, **values: Any) -> Any:
    given = {"actor": world.secretary.at(AFTER), "consultation": world.consultation}
    return negotiating.prepare_round(**given | {"information": WORDS, "deadline_at": TENDERS} | values)


def invite(world: World, bidders: Sequence[UUID], **values: Any) -> Any:
    given = {"actor": world.secretary.at(AFTER), "consultation": world.consultation, "bidders": bidders}
    made = negotiating.open_round(**given | values)
    world.consultation.refresh_from_db()
    return made


def tender(world: World, number: int, round: int, at: Any, name: str = "offre.pdf") -> Any:
    """A sealed tender of a round, by the enterprise of that bid of the world."""
    actor = world.bids[number].actor.at(at)
    draft = bidding.start_bid(actor=actor, consultation=world.consultation, round=round)
    browser = Bidding(actor, draft)
    browser.send(browser.block(world.lot, "tender"), name, b"%PDF-1.4 " + name.encode())
    return browser.deposit(browser.manifest(round=round))


def step(world: World) -> str:
    world.consultation.refresh_from_db()
    found = step_of(world.consultation, legal_day(AFTER))
    assert found is not None
    return found.code


def test_from_the_publication_to_the_admission_of_tenders(body: Any, tmp_path: Path) -> None:
    world = two_stages(body, tmp_path)
    consultation = world.consultation
    policy = quorum.current_policy(consultation)
    assert policy is not None and policy.deadline_at == DEADLINE == deadline_of(consultation, 1)
    assert read_policy(bytes(policy.document)).envelopes == ["candidature"]
    with pytest.raises(Invalid):  # a tender has no place in the call
        world.bids[0].block(world.lot, "tender")

    # the deadline closes the call, whenever the platform takes note; candidatures are opened, and nothing else
    assert (consultation.state, state_at(consultation, AFTER)) == (life.PUBLISHED, life.CLOSED)
    with pytest.raises(Conflict, match="nothing-to-open"):
        world.ask("tender")
    order = world.open("candidature")
    assert (order.state, consultation.state) == ("opened", life.ANALYSIS)
    assert step(world) == "examine"

    # examined: one is refused, three are fit
    assert examine(world, ["admit", "admit", "admit"])[3].state == "received"
    assert not Bid.objects.filter(consultation=consultation).exists()
    assert step(world) == "candidates"
    found = examine(world, [])
    examining.decide_candidacy(
        actor=world.secretary.at(AFTER),
        consultation=consultation,
        candidacy=found[3].pk,
        verb="reject",
        reason="Chiffre d'affaires insuffisant.",
    )
    assert step(world) == "select" and awaits_tenders(consultation)

    # the round of the tenders leaves the days of the law, and has keys of its own
    with pytest.raises(Invalid) as refused:
        prepare(world, deadline_at=AFTER + timedelta(days=20))
    assert refused.value.faults[0].code == "tenders-too-early"
    assert refused.value.faults[0].params["article"].startswith("CCP R2161-7")
    prepare(world)
    world.ready(2)
    assert step(world) == "invite"

    # two are selected: why not the third, and why so few
    every = [one.bidder_id for one in found]
    for values, code in (
        ({}, "few-reason-missing"),
        ({"few_reason": FEW}, "selection-reason-missing"),
        ({"few_reason": FEW, "reasons": {every[2]: "  "}}, "selection-reason-missing"),
    ):
        with pytest.raises(Invalid) as refused:
            invite(world, every[:2], **values)
        assert refused.value.faults[0].code == code
    with pytest.raises(Invalid, match="invitation-refused"):
        invite(world, [every[3]])
    assert not Letter.objects.exists()
    invite(world, every[:2], few_reason=FEW, reasons={every[2]: REASON})
    consultation.refresh_from_db()
    assert consultation.state == life.NEGOTIATING
    assert (current_round(consultation), invited_to(consultation, 2)) == (2, set(every[:2]))
    letters = dict(Letter.objects.values_list("bidder", "kind"))
    assert [letters[one] for one in every] == ["invitation", "invitation", "unselected", "candidacy"]
    refusal = Letter.objects.get(kind="unselected")
    assert REASON in refusal.body["paragraphs"][0] and refusal.round == 1
    set_aside = Candidacy.objects.get(consultation=consultation, bidder=every[2])
    assert (set_aside.state, set_aside.reason) == ("unselected", REASON)
    told = [one.kind for one in journal.timeline(consultation.pk)]
    assert {"procurement.candidacy.decided", "procurement.round.opened"} <= set(told)

    # the two tender, sealed; the others cannot, and nothing is opened before the new deadline
    for number in (2, 3):
        with pytest.raises(Denied, match="not-invited"):
            tender(world, number, 2, AFTER)
    tender(world, 0, 2, AFTER + timedelta(days=1))
    tender(world, 1, 2, AFTER + timedelta(days=2))
    with pytest.raises(Conflict, match="sealing-too-early"):
        world.ask("tender", AFTER + timedelta(days=3), round=2)
    assert state_at(consultation, LATER) == life.ROUND_CLOSED
    order = world.open("tender", at=LATER, round=2)
    assert order.state == "opened" and order.files.count() == 2
    assert world.consultation.state == life.ANALYSIS and step(world) == "examine"

    # the tenders are examined; this procedure does not negotiate
    assert examining.begin_examination(actor=world.secretary.at(LATER), consultation=consultation) == 2
    assert [one.round for one in evaluation.bids_of(consultation)] == [2, 2]
    for bid in evaluation.bids_of(consultation):
        given = {"actor": world.secretary.at(LATER), "consultation": consultation, "bid": bid.pk}
        examining.price_bid(**given, price=100_000)
        assert examining.judge_bid(**given, state="admissible").state == "admissible"
    with pytest.raises(Conflict, match="not-negotiated"):
        prepare(world, deadline_at=FINAL)

    # who was told is told no second time, and the decision about it stands
    assert {one.candidacy.bidder_id for one in drafts_of(consultation, LATER)} == set(every[:2])
    with pytest.raises(Conflict, match="candidate-told"):
        examining.decide_candidacy(
            actor=world.secretary.at(LATER),
            consultation=consultation,
            candidacy=set_aside.pk,
            verb="examine_again",
        )


def test_negotiation_follows_the_tenders_round_after_round(body: Any, tmp_path: Path) -> None:
    world = two_stages(body, tmp_path, "negotiated", bidders=2)
    world.open("candidature")
    every = [one.bidder_id for one in examine(world, ["admit", "admit"])]
    prepare(world)
    world.ready(2)
    invite(world, every)
    tender(world, 0, 2, AFTER)
    tender(world, 1, 2, AFTER)
    assert world.open("tender", at=LATER, round=2).state == "opened"
    examining.begin_examination(actor=world.secretary.at(LATER), consultation=world.consultation)
    at = {"actor": world.secretary.at(LATER)}
    prepare(world, deadline_at=FINAL, is_final=True, **at)
    world.ready(3)
    invite(world, every[:1], **at)  # no reason: the other's tender stays in the comparison
    tender(world, 0, 3, LATER, "offre-finale.pdf")
    assert world.open("tender", at=FINAL + timedelta(hours=1), round=3).state == "opened"
    examining.begin_examination(actor=world.secretary.at(FINAL), consultation=world.consultation)
    assert sorted(one.round for one in evaluation.bids_of(world.consultation)) == [2, 3]
    with pytest.raises(Conflict, match="final-offers-in"):
        prepare(world, deadline_at=FINAL + timedelta(days=9), actor=world.secretary.at(FINAL))


def test_the_number_that_was_announced_binds(body: Any, tmp_path: Path) -> None:
    world = two_stages(body, tmp_path, bidders=3, fewest_candidates=2, most_candidates=2)
    world.open("candidature")
    every = [one.bidder_id for one in examine(world, ["admit", "admit", "admit"])]
    prepare(world)
    world.ready(2)
    for bidders, code in ((every, "invited-too-many"), (every[:1], "invited-too-few")):
        with pytest.raises(Invalid) as refused:
            invite(world, bidders, few_reason=FEW, reasons=dict.fromkeys(every, REASON))
        assert refused.value.faults[0].code == code
    invite(world, every[:2], few_reason=FEW, reasons={every[2]: REASON})
    assert world.consultation.negotiation_rounds.get().few_reason == FEW


def test_nobody_is_invited_while_a_candidature_waits(body: Any, tmp_path: Path) -> None:
    world = two_stages(body, tmp_path, bidders=2)
    world.open("candidature")
    first, _second = examine(world, ["admit"])
    prepare(world)
    world.ready(2)
    with pytest.raises(Conflict, match="candidates-to-examine"):
        invite(world, [first.bidder_id])


def test_a_candidature_after_its_deadline_is_late_though_tenders_are_awaited(
    body: Any, tmp_path: Path
) -> None:
    world = two_stages(body, tmp_path, bidders=1)
    late = world.bidder(1, at=AFTER)
    late.send(late.block(world.lot, "candidature"))
    assert late.deposit().state == "late"
    with pytest.raises(TooLate, match="too-late-to-withdraw"):
        bidding.withdraw_deposit(
            actor=world.bids[0].actor.at(AFTER),
            draft=world.bids[0].draft,
            deposit=rows("t_procurement.Deposit").get(number=1).pk,
        )
    order = world.open("candidature")
    assert {one.reason for one in order.excluded.all()} == {"late"}


def test_an_officer_alone_opens_nothing_before_the_second_deadline(body: Any, tmp_path: Path) -> None:
    world = two_stages(body, tmp_path, bidders=1)
    with pytest.raises(Conflict, match="sealing-too-early"):
        world.ask("candidature", DEADLINE)
    order = world.open("candidature", by=(0,))
    assert order.state == "ready"
    assert present(world.secretary).person == world.officers[0].actor.person


def _evaluators(world: World) -> list[Any]:
    person = world.officers[1].actor
    staffing.join_team(
        actor=world.secretary, consultation=world.consultation, person=person.person, role="evaluate"
    )
    return [person]


def test_an_adapted_procedure_in_two_stages_goes_to_its_contract(body: Any, tmp_path: Path) -> None:
    """Neither a procedure of two stages by law, nor negotiated: the tenders of those selected, judged as they are."""
    world = two_stages(body, tmp_path, "adapted", bidders=3, is_two_stage=True)
    consultation = world.consultation
    policy = quorum.current_policy(consultation)
    assert policy is not None and read_policy(bytes(policy.document)).envelopes == ["candidature"]
    law = law_on(legal_day(AFTER))
    assert procedure_of(consultation, law).code == "oth-mult" and law.method_of(consultation) == "selective"
    assert world.open("candidature").state == "opened"
    every = [one.bidder_id for one in examine(world, ["admit", "admit", "admit"])]
    assert step(world) == "select"
    prepare(
        world, deadline_at=AFTER + timedelta(days=10)
    )  # the law leaves a sufficient time, no number of days
    world.ready(2)
    invite(world, every[:2], reasons={every[2]: REASON})
    for number in (0, 1):
        tender(world, number, 2, AFTER + timedelta(days=1))
    opened_at = AFTER + timedelta(days=11)
    assert world.open("tender", at=opened_at, round=2).state == "opened"
    examining.begin_examination(actor=world.secretary.at(opened_at), consultation=consultation)
    case = Case(
        consultation, world.secretary, _evaluators(world), [one.actor for one in world.bids[:2]], opened_at
    )
    with pytest.raises(Conflict, match="not-negotiated"):
        prepare(world, actor=case.buyer, deadline_at=opened_at + timedelta(days=10))
    assert case.contract_after_bids().state == "signed"


def test_an_open_concession_goes_to_its_contract(body: Any, tmp_path: Path) -> None:
    """Candidatures come with the bids; the committee gives its opinion, the executive negotiates, then chooses."""
    world = make_world(body, tmp_path)
    _write(world, procedure="concession")
    consultation = world.ready().published().consultation
    law = law_on(legal_day(AFTER))
    assert procedure_of(consultation, law).code == "oth-single" and law.method_of(consultation) == "open"
    for number in (0, 1):
        world.bid(number)
    world.closed()
    for envelope in ("candidature", "tender"):
        assert world.open(envelope).state == "opened"
    case = Case(consultation, world.secretary, _evaluators(world), [one.actor for one in world.bids], AFTER)
    case.examine().give_opinion()
    prepare(world, actor=case.buyer, deadline_at=case.at + timedelta(days=10))
    world.ready(2)
    invite(world, [one.organisation for one in case.bidders if one.organisation], actor=case.buyer)
    for number in (0, 1):
        tender(world, number, 2, case.at + timedelta(days=1))
    case.later(days=11)
    assert world.open("tender", at=case.at, round=2).state == "opened"
    examining.begin_examination(actor=case.buyer, consultation=consultation)
    case.give_opinion()
    assert case.contract_after_bids().state == "signed"


def test_another_procedure_forgets_the_first_stage(secretary: Any) -> None:
    draft = make_consultation(
        secretary, procedure="restricted", applications_until=DEADLINE, invite_on=AFTER.date()
    )
    assert has_two_stages(draft)
    changed = preparing.revise_consultation(actor=secretary, consultation=draft, values={"procedure": "open"})
    assert not has_two_stages(changed) and changed.invite_on is None


def test_the_first_stage_stays_where_the_buyer_chose_it(secretary: Any) -> None:
    draft = make_consultation(
        secretary, procedure="adapted", is_two_stage=True, applications_until=DEADLINE, invite_on=AFTER.date()
    )
    assert has_two_stages(draft)
    codes = {one.finding.code for one in checked(draft, legal_day(BEFORE)).standings}
    assert "selection-missing" in codes and "applications-until-missing" not in codes
    changed = preparing.revise_consultation(
        actor=secretary, consultation=draft, values={"is_two_stage": False}
    )
    assert not has_two_stages(changed) and changed.invite_on is None


# -- through the pages --------------------------------------------------------------------------------------------------


@pytest.fixture
def staged(body: Any, tmp_path: Path) -> World:
    return two_stages(body, tmp_path, bidders=3)


def page(world: World, path: str = "") -> str:
    place = world.consultation.organisation.reference
    return f"/o/{place}/procurement/{world.consultation.pk}/{path}"


def test_the_pages_lead_from_the_candidatures_to_the_invitation(staged: World, body: Any) -> None:
    agent = browser(staged.secretary.person, body, "secretary")
    consultation = staged.consultation

    # no job has closed the call: the page shows it closed, and its button opens
    assert consultation.state == life.PUBLISHED
    text = read(agent, page(staged, "opening/"))
    assert "Begin the session" in text and "Closed" in text and 'value="tender"' not in text
    send(agent, page(staged, "opening/ask/"), envelope="candidature")
    consultation.refresh_from_db()
    assert consultation.state == life.CLOSED
    order = consultation.openings.get()
    staged.opener.work_once()
    staged.keeper.work_once()
    for officer in staged.officers:
        officer.give(order)
    staged.opener.work_once()
    assert "What came out" in read(agent, page(staged, f"opening/{order.pk}/"))

    # the candidatures are put on the table, examined and admitted
    assert "Begin the examination" in read(agent, page(staged, "award/"))
    send(agent, page(staged, "award/begin/"))
    assert "Examine the candidatures (3)" in read(agent, page(staged, "award/"))
    assert "Candidatures are still to be examined" in read(agent, page(staged, "rounds/"))
    for candidacy in evaluation.candidacies_of(consultation):
        pieces = {f"piece-{one}": "present" for one in ("letter", "capacity")}
        send(agent, page(staged, f"candidates/{candidacy.pk}/pieces/"), **pieces)
        send(agent, page(staged, f"candidates/{candidacy.pk}/decide/"), verb="admit")
    assert "Prepare the invitation to tender" in read(agent, page(staged, "award/"))

    # the round: too early is refused with its article and kept as typed; then its keys are awaited
    text = read(agent, page(staged, "rounds/prepare/"))
    assert "final bids" not in text  # this procedure does not negotiate
    soon = legal_day(system_clock() + timedelta(days=9))
    words = {"information": WORDS, "until_hour": "12:00"}
    text = send(agent, page(staged, "rounds/prepare/"), 422, until_on=f"{soon:%d/%m/%Y}", **words)
    assert "CCP R2161-7" in text and WORDS in text
    later = legal_day(system_clock() + timedelta(days=40))
    send(agent, page(staged, "rounds/prepare/"), until_on=f"{later:%d/%m/%Y}", **words)
    text = read(agent, page(staged, "rounds/"))
    assert "The keys of this round are not ready" in text and "rounds/invite/" not in text
    assert "Accept it as an opening officer" in text, "she is one of them"
    hers = Officer(staged.secretary)
    hers.accept(consultation, 2)
    hers.try_key(consultation, 2)
    text = read(agent, page(staged, "rounds/"))
    assert "The keys of this round are not ready" in text and "Accept it as an opening officer" not in text
    assert "Have the keys of the round made ready" in read(agent, page(staged, "award/"))
    assert WORDS in read(agent, page(staged, "rounds/prepare/"))  # it is changed from what was written
    staged.ready(2)
    assert "rounds/invite/" in read(agent, page(staged, "rounds/"))

    # who is invited, why the third is not: asked at its field, kept when it is refused
    every = [one.bidder_id for one in evaluation.candidacies_of(consultation)]
    choice = {"bidders": [str(one) for one in every[:2]], "few_reason": FEW}
    text = html.unescape(send(agent, page(staged, "rounds/invite/"), 422, **choice))
    assert "is not invited, and it is not said why" in text and FEW in text
    send(agent, page(staged, "rounds/invite/"), **choice, **{f"reason-{every[2]}": REASON})
    assert FEW in html.unescape(read(agent, page(staged, "rounds/")))
    text = read(agent, page(staged, "opening/"))
    assert "Begin the session" not in text

    # the enterprises read: one is invited and answers, one is told why not
    invited, refused = (
        browser(staged.bids[number].actor.person, _enterprise(staged, number), "representative")
        for number in (0, 2)
    )
    letter = Letter.objects.get(bidder=every[0])
    text = read(invited, f"/o/{_enterprise(staged, 0).reference}/procurement/post/letters/{letter.pk}/")
    assert WORDS in text and "Submit a bid" in text
    address = f"/o/{_enterprise(staged, 0).reference}/procurement/bids/answer/{consultation.pk}/"
    assert f"{later.day}" in read(invited, address)
    send(invited, address)
    draft = rows("t_procurement.BidDraft").get(consultation=consultation, round=2)
    assert draft.bidder_id == every[0]
    letter = Letter.objects.get(bidder=every[2])
    text = read(refused, f"/o/{_enterprise(staged, 2).reference}/procurement/post/letters/{letter.pk}/")
    assert REASON in html.unescape(text) and "Ask for further reasons" in text
    send(refused, f"/o/{_enterprise(staged, 2).reference}/procurement/bids/answer/{consultation.pk}/", 403)


def test_the_pages_lead_from_the_tenders_to_their_admission(staged: World, body: Any) -> None:
    staged.open("candidature")
    every = [one.bidder_id for one in examine(staged, ["admit"] * 3)]
    prepare(staged)
    staged.ready(2)
    invite(staged, every)
    tender(staged, 0, 2, AFTER)
    agent = browser(staged.secretary.person, body, "secretary")

    # the deadline of the round closed it; the page opens it, and the tender alone
    assert staged.consultation.state == life.NEGOTIATING
    assert 'value="tender"' in read(agent, page(staged, "opening/"))
    staged.open("tender", at=LATER, round=2)
    assert "Begin the examination" in read(agent, page(staged, "award/"))
    send(agent, page(staged, "award/begin/"))
    (bid,) = evaluation.bids_of(staged.consultation)
    send(agent, page(staged, f"bids/{bid.pk}/price/"), price="100000")
    send(agent, page(staged, f"bids/{bid.pk}/judge/"), state="admissible")
    assert evaluation.bids_of(staged.consultation)[0].state == "admissible"
    text = read(agent, page(staged, "rounds/"))
    assert "Prepare a round" not in text  # no button that would refuse


def _enterprise(world: World, number: int) -> Any:
    return rows("identity.Organisation").get(pk=world.bids[number].actor.organisation)


def test_candidates_are_selected_lot_by_lot(body: Any, tmp_path: Path) -> None:
    """All answered both lots; one is invited to one of them alone, and is told why not to the other."""
    world = two_stages(body, tmp_path, bidders=3, fewest_candidates=2)
    _first, second = rows("t_procurement.Lot").filter(consultation=world.consultation).order_by("number")
    for deposit in world.consultation.deposits.all():
        deposit.lots.create(lot=second)
    world.open("candidature")
    every = [one.bidder_id for one in examine(world, ["admit"] * 3)]
    prepare(world)
    world.ready(2)

    def refused(lots: Any, reasons: Any) -> list[str]:
        with pytest.raises(Invalid) as refusal:
            invite(world, every, few_reason=FEW, lots=lots, reasons=reasons)
        return [one.code for one in refusal.value.faults]

    why = dict.fromkeys(every, REASON)
    assert refused({every[0]: [3]}, why) == refused({every[0]: []}, why) == ["selected-lot-unanswered"]
    assert refused({every[0]: [1]}, {}) == ["selection-reason-missing"]
    assert refused({every[0]: [1], every[1]: [1]}, why) == ["invited-too-few"]  # one alone is left for lot 2
    invite(world, every, few_reason=FEW, lots={every[0]: [1]}, reasons={every[0]: REASON})
    told = {one.bidder_id: one.body for one in Letter.objects.filter(kind="invitation")}
    assert [lot["number"] for lot in told[every[0]]["only_lots"]] == [1]
    assert [lot["number"] for lot in told[every[0]]["left_lots"]] == [2]
    assert told[every[0]]["left_reason"] == REASON
    assert [lot["number"] for lot in told[every[1]]["only_lots"]] == [1, 2]
    assert told[every[1]]["left_lots"] == []

    number = next(n for n, one in enumerate(world.bids) if one.actor.organisation == every[0])
    actor = world.bids[number].actor.at(AFTER)
    sender = Bidding(actor, bidding.start_bid(actor=actor, consultation=world.consultation, round=2))
    with pytest.raises(Invalid, match="lot-not-selected"):
        sender.block(second.pk, "tender")
    # who submits nothing in this round is not invited to more in the next one
    assert [lot.number for lot in evaluation.lots_answered(world.consultation, every[0], 3)] == [1]
    assert [lot.number for lot in evaluation.lots_answered(world.consultation, every[1], 3)] == [1, 2]
    theirs = browser(actor.person, _enterprise(world, number), "representative")
    letter = Letter.objects.get(kind="invitation", bidder=every[0])
    place = {"organisation": _enterprise(world, number).reference, "letter": letter.pk}
    assert REASON in theirs.get(reverse("procurement_desk:their-letter", kwargs=place)).content.decode()


def test_a_candidate_is_held_to_the_lots_for_which_it_was_selected(body: Any, tmp_path: Path) -> None:
    """Its candidature was for the first lot: nothing is kept of a bid for the second, on the way or at the seal."""
    world = two_stages(body, tmp_path, bidders=3)
    world.open("candidature")
    every = [one.bidder_id for one in examine(world, ["admit"] * 3)]
    prepare(world)
    world.ready(2)
    invite(world, every, few_reason=FEW)
    (told,) = [_out(world.consultation, one) for one in rounds_of(world.consultation)]
    assert (told.round, told.bidders) == (2, sorted(every)) and told.invited_at is not None
    ours, other = rows("t_procurement.Lot").filter(consultation=world.consultation).order_by("number")
    letter = Letter.objects.filter(kind="invitation").first()
    assert letter is not None and [lot["number"] for lot in letter.body["only_lots"]] == [1]

    actor = world.bids[0].actor.at(AFTER)
    draft = bidding.start_bid(actor=actor, consultation=world.consultation, round=2)
    sender = Bidding(actor, draft)
    with pytest.raises(Invalid, match="lot-not-selected") as refused:
        sender.block(other.pk, "tender")
    assert str(other) in str(refused.value.params["lot"])
    sender.send(sender.block(ours.pk, "tender"), "offre.pdf", b"%PDF-1.4 offre")
    with pytest.raises(Invalid, match="lot-not-selected"):
        sender.deposit(sender.manifest(round=2, lots=sorted([ours.pk, other.pk])))
    assert not draft.deposits.exists()
    enterprise = _enterprise(world, 0)
    place = {"organisation": enterprise.reference, "draft": draft.pk}
    theirs = browser(actor.person, enterprise, "representative")
    shown = theirs.get(reverse("procurement_desk:bid", kwargs=place)).content.decode()
    assert str(ours.pk) in shown and str(other.pk) not in shown
    assert _bid(draft).lots == [ours.pk]
    assert sender.deposit(sender.manifest(round=2)).state == "sealed"
