"""A round of negotiation: the same invitation for all, keys of its own, new sealed bids, opened and compared again."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from territoires.kernel.actor import system_actor
from territoires.kernel.errors import Conflict, Denied, Invalid
from territoires.services.procurement.actions import (
    awarding,
    bidding,
    closing,
    examining,
    negotiating,
    opening,
)
from territoires.services.procurement.queries import evaluation as queries
from territoires.services.procurement.queries.next_step import step_of
from territoires.services.procurement.queries.rounds import current_round, deadline_of, invited_to, may_bid
from tests.services.procurement.award.conftest import REASON, Case, make_case, set_state
from tests.services.procurement.bids.conftest import Bidding
from tests.services.procurement.conftest import rows
from tests.services.procurement.opening.world import AFTER, World, make_world

INFORMATION = "Le délai d'exécution et la reprise des chéneaux."
UNTIL = AFTER + timedelta(days=10)


def opened(body: Any, folder: Path) -> tuple[World, Case]:
    """Two bids of an adapted procedure that announced negotiation, deposited sealed and opened; both admitted."""
    world = make_world(body, folder, is_negotiated=True).ready().published()
    world.bid(0)
    world.bid(1)
    world.closed().open("tender")
    if world.consultation.state != "analysis":
        set_state(world.consultation, "analysis")
    bidders = [one.actor for one in world.bids]
    case = Case(world.consultation, world.secretary, [], bidders, AFTER)
    case.examine()
    return world, case


def prepared(case: Case, **values: Any) -> Any:
    return negotiating.prepare_round(
        **{
            "actor": case.buyer,
            "consultation": case.consultation,
            "information": INFORMATION,
            "deadline_at": UNTIL,
        }
        | values
    )


def test_a_round_is_invited_sealed_closed_opened_and_compared(body: Any, tmp_path: Path) -> None:
    world, case = opened(body, tmp_path)
    first = [one.organisation for one in case.bidders if one.organisation]
    prepared(case, is_final=True)
    desk = rows("worklist.Item").filter(subject_id=case.consultation.pk, kind="next-step")
    assert desk.get().verb == "Have the keys of the round made ready"
    invite: dict[str, Any] = {"actor": case.buyer, "consultation": case.consultation, "bidders": first}
    with pytest.raises(Conflict, match="round-without-keys"):
        negotiating.open_round(**invite)
    world.ready(2)
    assert desk.get().verb == "Invite the candidates"
    negotiating.open_round(**invite | {"bidders": first[:1]})
    assert case.fresh().state == "negotiating"
    assert (current_round(case.consultation), deadline_of(case.consultation, 2)) == (2, UNTIL)
    assert invited_to(case.consultation, 2) == {first[0]} and not may_bid(case.consultation, 2, first[1])
    (letter,) = rows("t_procurement.Letter").filter(kind="invitation")
    assert letter.body["information"] == INFORMATION

    # the one invited seals a new bid with the keys of the round; the other cannot
    with pytest.raises(Denied, match="not-invited"):
        bidding.start_bid(actor=case.bidders[1].at(AFTER), consultation=case.consultation, round=2)
    actor = case.bidders[0].at(AFTER + timedelta(days=1))
    draft = bidding.start_bid(actor=actor, consultation=case.consultation, round=2)
    browser = Bidding(actor, draft)
    browser.send(browser.block(world.lot, "tender"), "offre-finale.pdf", b"%PDF-1.4 offre finale")
    assert browser.deposit(browser.manifest(round=2)).round == 2

    # its deadline closes it, then its officers open it
    machine = system_actor("worker", organisation=case.consultation.organisation_id)
    with pytest.raises(Conflict, match="not-yet"):
        closing.close_round(actor=machine.at(UNTIL), consultation=case.consultation)
    closing.close_round(actor=machine.at(UNTIL + timedelta(seconds=1)), consultation=case.consultation)
    assert case.fresh().state == "round_closed"
    set_state(case.consultation, "analysis")  # the session itself is tried with the opening

    case.at = UNTIL + timedelta(hours=2)
    assert examining.begin_examination(actor=case.buyer, consultation=case.consultation) == 1
    bids = {one.candidacy.bidder_id: one for one in queries.bids_of(case.consultation)}
    assert (bids[first[0]].round, bids[first[1]].round) == (2, 1)
    assert len(queries.candidacies_of(case.consultation)) == 2
    examining.price_bid(
        actor=case.buyer, consultation=case.consultation, bid=bids[first[0]].pk, price=Decimal(95_000)
    )

    # the final bids are in
    with pytest.raises(Conflict, match="final-offers-in"):
        prepared(case, deadline_at=case.at + timedelta(days=5))


def test_the_earlier_bids_stand_when_a_round_brings_none(body: Any, tmp_path: Path) -> None:
    world, case = opened(body, tmp_path)
    prepared(case)
    world.ready(2)
    invited = [one.organisation for one in case.bidders if one.organisation]
    negotiating.open_round(actor=case.buyer, consultation=case.consultation, bidders=invited)
    with pytest.raises(Conflict, match="nothing-opened"):  # bids may still come
        opening.end_opening(actor=case.buyer, consultation=case.fresh())
    machine = system_actor("worker", organisation=case.consultation.organisation_id)
    closing.close_round(actor=machine.at(UNTIL + timedelta(seconds=1)), consultation=case.consultation)
    case.at = UNTIL + timedelta(hours=2)
    step = step_of(case.fresh(), case.at.date())
    assert step is not None and (step.code, step.count) == ("earlier-bids", 2)
    opening.end_opening(actor=case.buyer, consultation=case.fresh())
    assert case.fresh().state == "analysis"
    assert [one.round for one in queries.bids_of(case.consultation)] == [1, 1]


def test_a_round_has_time_and_words_and_keys_nobody_can_skip(body: Any, tmp_path: Path) -> None:
    _world, case = opened(body, tmp_path)
    with pytest.raises(Conflict, match="no-round"):
        negotiating.open_round(actor=case.buyer, consultation=case.consultation, bidders=[])
    with pytest.raises(Invalid, match="round-refused"):
        prepared(case, deadline_at=AFTER + timedelta(hours=30))
    with pytest.raises(Invalid, match="reason-missing"):
        prepared(case, information="")
    assert prepared(case).round == 2
    again = prepared(case, deadline_at=UNTIL + timedelta(days=1))
    assert again.round == 2 and deadline_of(case.consultation, 2) == UNTIL + timedelta(days=1)


def test_only_admitted_candidates_are_invited(body: Any, tmp_path: Path) -> None:
    world, case = opened(body, tmp_path)
    prepared(case)
    world.ready(2)
    stranger = rows("identity.Organisation").get(pk=case.consultation.organisation_id).pk
    for bidders in ([], [stranger]):
        with pytest.raises(Invalid, match="invitation-refused"):
            negotiating.open_round(actor=case.buyer, consultation=case.consultation, bidders=bidders)
    assert case.fresh().state == "analysis"


@pytest.mark.parametrize("values", [{"is_negotiated": False}, {"procedure": "open"}])
def test_a_procedure_that_does_not_negotiate_opens_no_round(db: None, values: dict[str, Any]) -> None:
    case = make_case(**values)
    case.examine()
    with pytest.raises(Conflict, match="not-negotiated"):
        prepared(case, deadline_at=case.at + timedelta(days=10))


def test_nothing_is_negotiated_once_a_lot_is_decided(db: None) -> None:
    case = make_case(is_negotiated=True)
    case.examine().note().rank()
    awarding.award_lot(
        actor=case.buyer,
        consultation=case.consultation,
        lot=case.lots[0].pk,
        bid=case.first().pk,
        reason=REASON,
        proofs_are_complete=True,
    )
    with pytest.raises(Conflict, match="already-decided"):
        prepared(case, deadline_at=case.at + timedelta(days=10))


def test_an_adapted_procedure_awards_without_negotiating(db: None) -> None:
    case = make_case(is_negotiated=True)
    case.examine().note().rank().award()
    assert case.fresh().state == "decided"


def test_a_concession_is_negotiated_once_its_committee_gave_its_opinion(body: Any, tmp_path: Path) -> None:
    world, case = opened(body, tmp_path)
    set_state(case.consultation, "analysis", procedure="concession")
    prepared(case)
    world.ready(2)
    invited = [one.organisation for one in case.bidders if one.organisation]
    invite: dict[str, Any] = {"consultation": case.fresh(), "bidders": invited}
    with pytest.raises(Conflict, match="committee-opinion"):
        negotiating.open_round(actor=case.buyer, **invite)
    case.give_opinion()
    negotiating.open_round(actor=case.buyer, **invite)
    assert case.fresh().state == "negotiating"
