"""A competitive dialogue: solutions discussed round after round, its end declared, the final tenders, the contract."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from territoires.foundations.journal import api as journal
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Conflict, Denied, Invalid
from territoires.services.procurement.actions import (
    awarding,
    dialogue,
    examining,
    opening,
    scoring,
    staffing,
)
from territoires.services.procurement.actions.contracts import notifying
from territoires.services.procurement.models import Bid, Candidacy, Letter
from territoires.services.procurement.queries import evaluation
from territoires.services.procurement.queries.next_step import step_of
from territoires.services.procurement.queries.rounds import awaits_tenders, invited_to
from tests.services.procurement.award.conftest import Case
from tests.services.procurement.conftest import make_actor, receive, rows

from .test_stages import FINAL, LATER, REASON, examine, invite, prepare, tender, two_stages
from .world import AFTER, World, stock

SAID = "Le candidat propose une charpente en lamellé-collé ; reste à préciser le calendrier."
END = "La surélévation en bois répond à nos besoins : les offres finales porteront sur elle."


def code(world: World, at: datetime) -> str:
    world.consultation.refresh_from_db()
    found = step_of(world.consultation, legal_day(at))
    assert found is not None
    return found.code


def meet(world: World, candidacy: Candidacy, at: datetime = LATER, **values: Any) -> Any:
    given = {"held_on": legal_day(at), "present": "Mme Exemple, M. Essai", "summary": SAID}
    return dialogue.note_meeting(
        actor=world.secretary.at(at),
        consultation=world.consultation,
        candidacy=candidacy.pk,
        **given | values,
    )


def end(world: World, at: datetime, **values: Any) -> Any:
    made = dialogue.end_dialogue(
        actor=world.secretary.at(at), consultation=world.consultation, **{"conclusion": END} | values
    )
    world.consultation.refresh_from_db()
    return made


def test_from_the_candidatures_to_the_contract(body: Any, tmp_path: Path) -> None:
    world = two_stages(body, tmp_path, "dialogue", bidders=3)
    world.custodian |= stock(1)  # one key for each of the four rounds
    world.open("candidature")
    candidacies = examine(world, ["admit", "admit", "admit"])
    every = [one.bidder_id for one in candidacies]
    assert code(world, AFTER) == "dialogue"
    with pytest.raises(Conflict, match="nothing-discussed"):
        end(world, AFTER)
    with pytest.raises(Conflict, match="not-in-dialogue"):
        meet(world, candidacies[0], AFTER)
    with pytest.raises(Conflict, match="dialogue-goes-on"):
        prepare(world, is_final=True)

    # a first round of solutions, each sealed; sessions are noted, and nothing is a bid yet
    prepare(world)
    world.ready(2)
    invite(world, every)
    for number in range(3):
        tender(world, number, 2, AFTER, f"solution-{number}.pdf")
    assert world.open("tender", at=LATER, round=2).files.count() == 3
    assert awaits_tenders(world.consultation) and code(world, LATER) == "dialogue"
    examining.begin_examination(actor=world.secretary.at(LATER), consultation=world.consultation)
    assert not Bid.objects.filter(consultation=world.consultation).exists()
    with pytest.raises(Invalid, match="meeting-refused"):
        meet(world, candidacies[0], held_on=legal_day(LATER) + timedelta(days=1))
    minutes = receive(world.secretary.at(LATER), b"%PDF-1.4 compte rendu", "seance.pdf")
    assert meet(world, candidacies[0], document=minutes.pk).sha256 == minutes.sha256
    assert [one.summary for one in evaluation.dialogue_meetings_of(world.consultation)] == [SAID]

    # a second one with two of them: the third reads why, and takes no further part
    at = {"actor": world.secretary.at(LATER)}
    prepare(world, deadline_at=FINAL, **at)
    with pytest.raises(Conflict, match="round-prepared"):
        end(world, LATER)
    world.ready(3)
    with pytest.raises(Invalid) as refused:
        invite(world, every[:2], **at)
    assert refused.value.faults[0].code == "selection-reason-missing"
    invite(world, every[:2], reasons={every[2]: REASON}, **at)
    assert invited_to(world.consultation, 3) == set(every[:2])
    with pytest.raises(Denied, match="not-invited"):
        tender(world, 2, 3, LATER)
    after = FINAL + timedelta(hours=1)  # nobody sent anything: they only met
    examined = world.consultation.candidacies.get(bidder=every[2])
    assert examined.state == "unselected"
    world._in_state("round_closed")
    assert code(world, after) == "earlier-bids"
    opening.end_opening(actor=world.secretary.at(after), consultation=world.consultation)
    world.consultation.refresh_from_db()

    # the end is declared to those who remain; the next round receives the final tenders
    end(world, after)
    with pytest.raises(Conflict, match="no-dialogue"):
        end(world, after)
    with pytest.raises(Conflict, match="no-dialogue"):
        meet(world, candidacies[0], after)
    told = Letter.objects.filter(consultation=world.consultation, kind="dialogue")
    assert {one.bidder_id for one in told} == set(every[:2])
    assert code(world, after) == "select"
    last = FINAL + timedelta(days=30)
    assert prepare(world, deadline_at=last, actor=world.secretary.at(after)).is_final
    world.ready(4)
    invite(world, every[:2], actor=world.secretary.at(after))
    assert Letter.objects.filter(bidder=every[2], kind="unselected").count() == 1, "told once"
    tender(world, 0, 4, after, "offre-finale.pdf")
    tender(world, 1, 4, after, "offre-finale.pdf")
    done = last + timedelta(hours=1)
    assert world.open("tender", at=done, round=4).files.count() == 2
    assert not awaits_tenders(world.consultation)

    # the final tenders are examined, ranked, awarded, and the contract is concluded
    people = [make_actor(body, "agent"), make_actor(body, "elected")]
    for one in people:
        staffing.join_team(
            actor=world.secretary, consultation=world.consultation, person=one.person, role="evaluate"
        )
    world.consultation.refresh_from_db()
    bidders = [world.bids[number].actor for number in (0, 1)]
    case = Case(world.consultation, world.secretary, people, bidders, done)
    examining.begin_examination(actor=case.buyer, consultation=case.consultation)
    for bid in case.bids():
        given = {"actor": case.buyer, "consultation": case.consultation, "bid": bid.pk}
        examining.price_bid(**given, price=100_000 + bid.deposit.number)
        examining.judge_bid(**given, state="admissible")
    assert {bid.round for bid in case.bids()} == {4}
    with pytest.raises(Conflict, match="final-offers-in"):
        prepare(world, deadline_at=done + timedelta(days=9), actor=case.buyer)
    case.note()
    first, second = case.lots
    scoring.rank_bids(actor=case.buyer, consultation=case.consultation, lot=first.pk)
    awarding.award_lot(
        actor=case.buyer,
        consultation=case.consultation,
        lot=first.pk,
        bid=case.first(first).pk,
        reason=REASON,
        proofs_are_complete=True,
    )
    awarding.close_lot(
        actor=case.buyer, consultation=case.fresh(), lot=second.pk, outcome="unsuccessful", reason=REASON
    )
    case.tell().later(days=20)
    contract = case.contract
    case.authority(decided_on=date(2026, 3, 1), public_on=date(2026, 3, 2), received_on=date(2026, 3, 2))
    case.prepare_contract(contract)
    case.sign(contract, "holder")
    case.sign(contract, "buyer")
    notifying.send_to_holder(actor=case.buyer, contract=contract)
    notifying.acknowledge_contract(actor=bidders[0].at(case.at), contract=contract)
    contract.refresh_from_db()
    assert (contract.state, contract.holder_id) == ("notified", every[0])
    kinds = [one.kind for one in journal.timeline(world.consultation.pk)]
    assert kinds.count("procurement.dialogue.met") == 1 and "procurement.dialogue.ended" in kinds


def test_no_other_procedure_has_a_dialogue(body: Any, tmp_path: Path) -> None:
    world = two_stages(body, tmp_path, bidders=1)
    world.open("candidature")
    (candidacy,) = examine(world, ["admit"])
    with pytest.raises(Conflict, match="no-dialogue"):
        meet(world, candidacy, AFTER)
    with pytest.raises(Conflict, match="no-dialogue"):
        end(world, AFTER)
    assert rows("t_procurement.DialogueMeeting").count() == 0
