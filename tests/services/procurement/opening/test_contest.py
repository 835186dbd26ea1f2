"""A design contest: projects judged without their names, the opinion of the jury, the names, the laureate's contract."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.utils.translation import override

from territoires.foundations.journal import api as journal
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Conflict, Invalid
from territoires.services.procurement.actions import (
    awarding,
    contest,
    examining,
    meeting,
    scoring,
    staffing,
)
from territoires.services.procurement.actions.contracts import notifying
from territoires.services.procurement.models import Deposit, Letter
from territoires.services.procurement.queries.opened_minutes import minutes_words
from territoires.services.procurement.queries.report import table_of
from territoires.services.procurement.queries.rounds import is_anonymous
from tests.services.procurement.award.conftest import Case, convene, make_committee
from tests.services.procurement.award.test_pages import browser, read
from tests.services.procurement.conftest import make_actor

from .test_stages import FINAL, LATER, REASON, examine, invite, page, prepare, tender, two_stages
from .world import AFTER, World, stock

PRIZE = Decimal(15_000)
NAME = "Travaux Modèle"


def projects(body: Any, folder: Path) -> tuple[World, Case]:
    """Two projects, submitted without names and opened."""
    world = two_stages(body, folder, "contest", bidders=2, prize=PRIZE)
    world.custodian |= stock(1)
    world.open("candidature")
    every = [one.bidder_id for one in examine(world, ["admit", "admit"])]
    assert not is_anonymous(world.consultation)
    prepare(world)
    world.ready(2)
    invite(world, every)
    tender(world, 0, 2, AFTER, "projet.pdf")
    tender(world, 1, 2, AFTER, "projet.pdf")
    world.open("tender", at=LATER, round=2)
    people = [make_actor(body, "agent"), make_actor(body, "elected")]
    for one in people:
        staffing.join_team(
            actor=world.secretary, consultation=world.consultation, person=one.person, role="evaluate"
        )
    world.consultation.refresh_from_db()
    bidders = [world.bids[number].actor for number in (0, 1)]
    case = Case(world.consultation, world.secretary, people, bidders, LATER)
    examining.begin_examination(actor=case.buyer, consultation=case.consultation)
    return world, case


def ranked(case: Case) -> None:
    lot = case.lots[0]
    for bid in case.bids():
        given = {"actor": case.buyer, "consultation": case.consultation, "bid": bid.pk}
        price = 100_000 if bid.candidacy.bidder_id == case.bidders[0].organisation else 120_000
        examining.price_bid(**given, price=Decimal(price))
        if bid.state == "opened":
            examining.judge_bid(**given, state="admissible")
    case.note()
    scoring.rank_bids(actor=case.buyer, consultation=case.consultation, lot=lot.pk)


def jury(case: Case) -> None:
    """It meets, gives its opinion on the lot, and its minutes are kept."""
    held = convene(case, make_committee(case, "jury"))
    given = {"actor": case.buyer, "consultation": case.consultation, "meeting": held.pk}
    meeting.note_presence(**given, present=[one.pk for one in held.attendances.all()])
    meeting.record_decision(**given, lot=case.lots[0].pk, outcome="opinion", votes_for=3, reason=REASON)
    meeting.hold_to_its_end(**given)


def lift(case: Case, **values: Any) -> Any:
    return contest.lift_anonymity(actor=case.buyer, consultation=case.fresh(), **values)


def test_nobody_reads_whose_a_project_is_before_the_jury_has_spoken(body: Any, tmp_path: Path) -> None:
    world, case = projects(body, tmp_path)
    consultation = case.fresh()
    assert is_anonymous(consultation)
    made = list(Deposit.objects.filter(consultation=consultation, round=2))
    numbers = {one.alias for one in made}
    assert len(numbers) == 2 and all(one.is_anonymous for one in made)
    with override("en"):
        assert {bid.shown_name for bid in case.bids()} == {f"Project {number}" for number in numbers}
    assert [bid.deposit.alias for bid in case.bids()] == sorted(n for n in numbers if n)

    # neither the minutes of the opening, nor the table of notes, nor a page of the bids
    order = consultation.openings.get(round=2)
    assert NAME not in str(minutes_words(order)["bids"])
    ranked(case)
    assert NAME not in str(list(table_of(consultation, legal_day(case.at))))
    agent = browser(world.secretary.person, body, "secretary")
    bid = case.bids()[0]
    for path in (
        "bids/",
        f"bids/{bid.pk}/",
        "opened/",
        f"opening/{order.pk}/",
        "decide/",
        "award/",
        "bids/ask/",
    ):
        if path != "opened/":  # the candidatures are there, by name
            assert NAME not in read(agent, page(world, path)), path
    for number in numbers:
        assert f"Project {number}" in read(agent, page(world, "opened/"))
    shown = read(agent, page(world, "deposits/"))
    assert all(f"Project {number}" in shown for number in numbers)

    # what would tell it is refused
    given = {"actor": case.buyer, "consultation": consultation}
    until = case.at + timedelta(days=5)
    refused = [
        lambda: examining.ask_about_bids(
            **given, kind="precision", bids=[bid.pk], until_at=until, text=REASON
        ),
        lambda: examining.ask_proofs(**given, candidacy=bid.candidacy_id, pieces=["tax"], until_at=until),
        lambda: awarding.award_lot(
            **given, lot=case.lots[0].pk, bid=bid.pk, reason=REASON, proofs_are_complete=True
        ),
    ]
    for one in refused:
        with pytest.raises(Conflict, match="anonymous"):
            one()
    with pytest.raises(Conflict, match="jury-opinion-missing"):
        lift(case)
    with pytest.raises(Conflict, match="not-negotiated"):
        prepare(world, deadline_at=FINAL, actor=case.buyer)


def test_from_the_opinion_of_the_jury_to_the_contract_of_the_laureate(body: Any, tmp_path: Path) -> None:
    world, case = projects(body, tmp_path)
    ranked(case)
    jury(case)
    first = case.first(case.lots[0])
    other = next(bid for bid in case.bids() if bid.pk != first.pk)
    with pytest.raises(Invalid) as refused:
        lift(case, prizes={other.deposit_id: Decimal(5_000)})
    assert refused.value.faults[0].code == "prize-reason-missing"
    lift(case, prizes={other.deposit_id: Decimal(5_000)}, reason=REASON)
    assert not is_anonymous(case.fresh())
    assert {bid.shown_name for bid in case.bids()} == {f"{NAME} 1", f"{NAME} 2"}
    prizes = dict(Deposit.objects.filter(round=2).values_list("bidder", "prize"))
    assert prizes[case.bidders[0].organisation] == PRIZE
    assert prizes[case.bidders[1].organisation] == 5_000
    letter = Letter.objects.get(kind="prize", bidder=case.bidders[1].organisation)
    assert str(other.deposit.alias) in letter.body["paragraphs"][1] and REASON in letter.body["paragraphs"]
    with pytest.raises(Conflict, match="not-anonymous"):
        lift(case)
    assert "procurement.contest.anonymity-lifted" in {
        one.kind for one in journal.timeline(case.consultation.pk)
    }

    # the contract is negotiated with the laureate alone
    start = case.at
    prepare(world, deadline_at=start + timedelta(days=8), is_final=True, actor=case.buyer)
    world.ready(3)
    invite(world, [case.bidders[0].organisation], actor=case.buyer)
    tender(world, 0, 3, start, "offre-negociee.pdf")
    done = start + timedelta(days=8, hours=1)
    assert world.open("tender", at=done, round=3).state == "opened"
    case.at = done
    examining.begin_examination(actor=case.buyer, consultation=case.fresh())
    assert not Deposit.objects.get(round=3).is_anonymous
    ranked(case)
    lot, empty = case.lots
    awarding.award_lot(
        actor=case.buyer,
        consultation=case.fresh(),
        lot=lot.pk,
        bid=case.first(lot).pk,
        reason=REASON,
        proofs_are_complete=True,
    )
    awarding.close_lot(
        actor=case.buyer, consultation=case.fresh(), lot=empty.pk, outcome="unsuccessful", reason=REASON
    )
    case.tell().later(days=20)
    contract = case.contract
    case.authority(decided_on=date(2026, 3, 1), public_on=date(2026, 3, 2), received_on=date(2026, 3, 2))
    case.prepare_contract(contract)
    case.sign(contract, "holder")
    case.sign(contract, "buyer")
    notifying.send_to_holder(actor=case.buyer, contract=contract)
    notifying.acknowledge_contract(actor=case.bidders[0].at(case.at), contract=contract)
    contract.refresh_from_db()
    assert (contract.state, contract.holder_id) == ("notified", case.bidders[0].organisation)
