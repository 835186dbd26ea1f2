"""The decision, the letters, the standstill: in the order of the law, and refused in any other."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from territoires.foundations.documents import api as documents
from territoires.kernel.errors import Conflict, Denied, Invalid
from territoires.services.procurement.actions import awarding, examining, letters
from territoires.services.procurement.queries import award as queries
from territoires.services.procurement.queries.law import law_on
from territoires.services.procurement.queries.letters import drafts_of
from tests.services.procurement.award.conftest import REASON, Case, make_case
from tests.services.procurement.conftest import make_actor, make_body, make_consultation, rows


def ready(case: Case) -> Case:
    return case.examine().note().rank()


def given(case: Case, **values: Any) -> dict[str, Any]:
    return {
        "actor": case.buyer,
        "consultation": case.consultation,
        "lot": case.lots[0].pk,
        "reason": REASON,
    } | values


def formal(case: Case) -> Case:
    return ready(case).award_by_committee().award()


# -- the decision -------------------------------------------------------------------------------------------------------


def test_the_bid_that_comes_first_is_awarded_with_its_proofs_said_complete(case: Case) -> None:
    ready(case)
    second = next(one for one in case.bids(case.lots[0]) if one.rank == 2)
    with pytest.raises(Conflict, match="not-first"):
        awarding.award_lot(**given(case, bid=second.pk, proofs_are_complete=True))
    with pytest.raises(Invalid, match="award-refused"):
        awarding.award_lot(**given(case, bid=case.first().pk, proofs_are_complete=False))
    award = awarding.award_lot(**given(case, bid=case.first().pk, proofs_are_complete=True))
    assert (award.outcome, award.amount, award.decided_on) == (
        "awarded",
        case.first().price,
        date(2027, 1, 12),
    )
    assert case.fresh().state == "analysis"  # the other lot is open
    with pytest.raises(Conflict, match="lot-decided"):
        awarding.award_lot(**given(case, bid=case.first().pk, proofs_are_complete=True))


def test_nothing_is_awarded_before_the_ranking(case: Case) -> None:
    case.examine().note()
    with pytest.raises(Conflict, match="not-ranked"):
        awarding.award_lot(**given(case, bid=case.bids()[0].pk, proofs_are_complete=True))


def test_with_the_last_lot_the_consultation_is_decided_and_its_contracts_wait(case: Case) -> None:
    ready(case).award()
    assert case.fresh().state == "decided"
    numbers = sorted(one.number for one in queries.contracts_of(case.consultation))
    assert numbers == [f"{case.consultation.reference}-L1", f"{case.consultation.reference}-L2"]
    assert all(len(one) <= 16 for one in numbers)


def test_a_lot_with_an_admissible_bid_is_not_unsuccessful_and_may_be_given_up(case: Case) -> None:
    ready(case)
    with pytest.raises(Conflict, match="bids-admissible"):
        awarding.close_lot(**given(case, outcome="unsuccessful"))
    with pytest.raises(Invalid, match="reason-missing"):
        awarding.close_lot(**given(case, outcome="abandoned", reason=""))
    assert awarding.close_lot(**given(case, outcome="abandoned")).outcome == "abandoned"


def test_lots_that_all_end_without_contract_end_the_consultation_and_tell_everybody(case: Case) -> None:
    ready(case)
    for lot in case.lots:
        awarding.close_lot(**given(case, lot=lot.pk, outcome="abandoned"))
    assert case.fresh().state == "abandoned"
    told = rows("t_procurement.Letter").filter(kind="closed")
    assert {one.bidder_id for one in told} == {one.organisation for one in case.bidders}
    assert {tuple(one.body["paragraphs"]) for one in told} == {(REASON,)}


def test_a_procedure_without_any_acceptable_bid_is_unsuccessful(case: Case) -> None:
    examining.begin_examination(actor=case.buyer, consultation=case.consultation)
    ends = {
        "actor": case.buyer,
        "consultation": case.consultation,
        "outcome": "unsuccessful",
        "reason": REASON,
    }
    with pytest.raises(Conflict, match="bids-admissible"):
        awarding.end_without_contract(**ends)
    for bid in case.bids():
        examining.judge_bid(
            actor=case.buyer, consultation=case.consultation, bid=bid.pk, state="irregular", reason=REASON
        )
    assert awarding.end_without_contract(**ends).state == "unsuccessful"
    assert rows("t_procurement.Award").filter(outcome="unsuccessful").count() == 2


def test_a_decision_is_taken_back_while_nobody_was_told(case: Case) -> None:
    ready(case).award()
    back: dict[str, Any] = given(case)
    awarding.withdraw_decision(**back)
    assert case.fresh().state == "analysis"
    assert not rows("t_procurement.Contract").exists()
    awarding.award_lot(**given(case, bid=case.first().pk, proofs_are_complete=True))
    case.tell()
    with pytest.raises(Conflict, match="candidates-told"):
        awarding.withdraw_decision(**back)


def test_a_contract_signed_by_its_holder_survives_a_decision_taken_back_on_another_lot(case: Case) -> None:
    ready(case).award()
    contracts = rows("t_procurement.Contract").filter(consultation=case.consultation).order_by("lot__number")
    first, second = contracts
    case.sign(case.prepare_contract(second), "holder")
    awarding.withdraw_decision(**given(case))
    awarding.award_lot(**given(case, bid=case.first().pk, proofs_are_complete=True))
    assert [one.state for one in contracts.all()] == ["drafted", "signing"]
    assert contracts.get(lot=case.lots[1]).pk == second.pk
    # ... and the one of the lot itself is kept as given up
    awarding.withdraw_decision(**given(case, lot=case.lots[1].pk))
    awarding.award_lot(
        **given(case, lot=case.lots[1].pk, bid=case.first(case.lots[1]).pk, proofs_are_complete=True)
    )
    second.refresh_from_db()
    assert (second.state, second.end_reason) == ("given_up", REASON)
    assert sorted(one.state for one in contracts.all()) == ["drafted", "drafted", "given_up"]
    assert first.pk not in {one.pk for one in contracts.all()}
    # ... which does not pass for a signed one
    awarding.end_without_contract(
        actor=case.buyer, consultation=case.fresh(), outcome="abandoned", reason=REASON
    )
    assert {one.state for one in contracts.all()} == {"given_up"}


def test_an_agent_prepares_and_does_not_decide(case: Case) -> None:
    ready(case)
    body = rows("identity.Organisation").get(pk=case.consultation.organisation_id)
    with pytest.raises(Denied):
        awarding.award_lot(
            **given(
                case,
                actor=make_actor(body, "agent").at(case.at),
                bid=case.first().pk,
                proofs_are_complete=True,
            )
        )


# -- letters ------------------------------------------------------------------------------------------------------------


def test_nobody_is_told_before_every_lot_is_decided_and_nobody_twice(case: Case) -> None:
    ready(case)
    with pytest.raises(Conflict, match="not-decided"):
        case.tell()
    case.award().tell()
    with pytest.raises(Conflict):
        case.tell()


def test_every_candidate_gets_one_letter_with_its_own_reasons(formal_case: Case) -> None:
    case = formal(formal_case)
    said = {
        one.candidacy.bidder.name: " ".join(one.paragraphs) for one in drafts_of(case.consultation, case.at)
    }
    winner, *losers = (rows("identity.Organisation").get(pk=one.organisation).name for one in case.bidders)
    assert "a été retenue" in said[winner] or "was chosen" in said[winner]
    for name in losers:
        assert winner in said[name] and "R2182-1" in said[name]
        assert "24 sur 30" in said[name] or "24 out of 30" in said[name]
    case.tell()
    sent = queries.letters_of(case.consultation)
    assert {one.letter.kind for one in sent} == {"chosen", "bid"}
    for one in sent:
        assert one.letter.document is not None
        assert b"".join(documents.open_stream(one.letter.document)).startswith(b"%PDF-")
        assert rows("t_procurement.Told").filter(about=one.letter.pk).count() == 1


def test_an_adapted_procedure_does_not_name_the_winner_by_itself(case: Case) -> None:
    ready(case).award()
    winner = rows("identity.Organisation").get(pk=case.bidders[0].organisation).name
    loser = next(one for one in drafts_of(case.consultation, case.at) if one.kind == "bid")
    assert winner not in " ".join(loser.paragraphs)


def test_opening_a_letter_is_the_proof_of_its_receipt_once(formal_case: Case) -> None:
    case = formal(formal_case).tell()
    letter = rows("t_procurement.Letter").get(bidder=case.bidders[1].organisation)
    reader = case.bidders[1]
    letters.open_letter(actor=reader.at(case.at + timedelta(hours=2)), letter=letter)
    opened = letters.open_letter(actor=reader.at(case.at + timedelta(days=2)), letter=letter)
    assert opened.first_opened_at == case.at + timedelta(hours=2)
    with pytest.raises(Denied):
        letters.open_letter(actor=case.bidders[2], letter=letter)


def test_a_loser_asks_why_and_is_answered_in_time(formal_case: Case) -> None:
    case = formal(formal_case).tell()
    loser = case.bidders[1].at(case.at + timedelta(days=1))
    letter = rows("t_procurement.Letter").get(bidder=loser.organisation)
    letters.ask_reasons(actor=loser, letter=letter)
    with pytest.raises(Conflict, match="reasons-asked"):
        letters.ask_reasons(actor=loser, letter=letter)
    item = rows("worklist.Item").get(subject_id=letter.pk, kind="reasons-asked")
    assert item.due_at is not None and (item.due_at - loser.now()).days in (15, 16)
    answer = letters.give_reasons(
        actor=case.buyer, consultation=case.consultation, candidacy=letter.candidacy_id, text=REASON
    )
    assert answer.kind == "reasons"
    assert not rows("worklist.Item").filter(kind="reasons-asked").exists()
    with pytest.raises(Conflict, match="nothing-asked"):
        letters.give_reasons(
            actor=case.buyer, consultation=case.consultation, candidacy=letter.candidacy_id, text=REASON
        )


def test_the_winner_asks_for_no_reasons(formal_case: Case) -> None:
    case = formal(formal_case).tell()
    letter = rows("t_procurement.Letter").get(bidder=case.bidders[0].organisation)
    with pytest.raises(Conflict, match="no-reasons"):
        letters.ask_reasons(actor=case.bidders[0], letter=letter)


# -- the standstill -----------------------------------------------------------------------------------------------------


def test_the_standstill_runs_from_the_letters_where_it_is_due(formal_case: Case) -> None:
    case = formal(formal_case).tell()
    assert case.fresh().state == "standstill"
    due = queries.standstill_of(case.consultation, law_on(case.at.date()))
    assert due is not None and (due.days, due.article) == (11, "CCP R2182-1")


def test_none_runs_for_an_adapted_procedure_or_a_single_participant(db: None) -> None:
    adapted = ready(make_case()).award().tell()
    assert adapted.fresh().state == "decided"
    alone = make_case(1, body=make_body("Autre", "217104393"), procedure="open")
    ready(alone).award().tell()
    assert alone.fresh().state == "decided"


def test_an_adapted_procedure_may_keep_one_and_the_letters_say_so(case: Case) -> None:
    ready(case).award()
    letters.keep_standstill(actor=case.buyer, consultation=case.fresh(), keeps=True)
    said = [line for one in drafts_of(case.fresh(), case.at) for line in one.paragraphs]
    assert any("11 jours" in line and "notre choix" in line for line in said)
    case.tell()
    assert case.fresh().state == "standstill"
    with pytest.raises(Conflict):
        letters.keep_standstill(actor=case.buyer, consultation=case.fresh(), keeps=False)


def test_the_standstill_of_the_law_is_no_choice(formal_case: Case) -> None:
    case = formal(formal_case)
    with pytest.raises(Conflict):
        letters.keep_standstill(actor=case.buyer, consultation=case.fresh(), keeps=True)


def test_sixteen_days_when_somebody_cannot_be_told_electronically(formal_case: Case) -> None:
    case = formal(formal_case)
    rows("identity.Account").filter(person=case.bidders[2].person).update(is_active=False)
    case.tell()
    due = queries.standstill_of(case.consultation, law_on(case.at.date()))
    assert due is not None and due.days == 16


def test_a_procedure_is_given_up_during_the_standstill_and_its_contracts_with_it(formal_case: Case) -> None:
    case = formal(formal_case).tell()
    ended = awarding.end_without_contract(
        actor=case.buyer, consultation=case.fresh(), outcome="abandoned", reason=REASON
    )
    assert ended.state == "abandoned"
    assert {one.state for one in queries.contracts_of(case.consultation)} == {"given_up"}


def test_nothing_is_given_up_before_it_is_public(case: Case) -> None:
    draft = make_consultation(case.secretary, "blank")
    with pytest.raises(Conflict):
        awarding.end_without_contract(
            actor=case.buyer, consultation=draft, outcome="abandoned", reason=REASON
        )
