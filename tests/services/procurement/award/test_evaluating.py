"""Candidatures and bids are examined and noted in their order, and every wrong order is refused with its sentence."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from territoires.foundations.journal import api as journal
from territoires.foundations.worklist import api as worklist
from territoires.kernel.errors import Conflict, Denied, Invalid, Missing
from territoires.services.procurement.actions import examining, preparing, scoring
from territoires.services.procurement.domain.examination import Noted
from territoires.services.procurement.domain.wording import CriterionWords
from territoires.services.procurement.queries import evaluation as queries
from territoires.services.procurement.queries.next_step import step_of
from territoires.services.procurement.queries.sheets import criteria_of
from tests.services.procurement.award.conftest import (
    REASON,
    Case,
    make_case,
    make_deposit,
    make_enterprise,
    make_representative,
    set_state,
)
from tests.services.procurement.conftest import make_actor, make_body, make_person, mandated, receive, rows

PIECES = [Noted("letter", "present"), Noted("capacity", "missing")]


def begun(case: Case) -> Case:
    examining.begin_examination(actor=case.buyer, consultation=case.consultation)
    return case


def all_asked() -> list[Any]:
    return list(rows("t_procurement.BidderRequest").all())


def technical(case: Case) -> Any:
    return next(one for one in criteria_of(case.consultation) if one.kind == "technical")


def price(case: Case) -> Any:
    return next(one for one in criteria_of(case.consultation) if one.kind == "price")


def attempts(case: Case) -> list[journal.TimelineEntry]:
    """What the book holds of changes that were refused since the criteria are frozen."""
    every = journal.timeline(case.consultation.pk)
    return [one for one in every if one.kind == "procurement.frozen.refused"]


# -- the table is laid --------------------------------------------------------------------------------------------------


def test_the_bids_of_the_round_are_put_on_the_table_once(case: Case) -> None:
    begun(begun(case))
    assert len(queries.candidacies_of(case.consultation)) == 3
    assert len(case.bids()) == 6  # three enterprises, two lots
    step = step_of(case.consultation, case.at.date())
    assert step is not None and (step.code, step.count) == ("candidates", 3)
    item = rows("worklist.Item").get(subject_id=case.consultation.pk, kind="next-step")
    assert item.verb == "Examine the candidatures" and str(case.consultation.pk) in item.address


def test_neither_a_late_bid_nor_a_replaced_one_is_judged(case: Case) -> None:
    late = make_representative(make_enterprise("Tardive Exemple", 90_001))
    deposit = make_deposit(case.consultation, late, case.lots, number=9)
    rows("t_procurement.Deposit").filter(pk=deposit.pk).update(
        state="late", completed_at=deposit.deadline_at + timedelta(seconds=25)
    )
    replaced = rows("t_procurement.DepositLot").filter(deposit__number=1).first()
    replaced.superseded_by = rows("t_procurement.Deposit").get(number=2)
    replaced.save()
    begun(case)
    assert {one.bidder_id for one in queries.candidacies_of(case.consultation)} == {
        one.organisation for one in case.bidders
    }
    assert len(case.bids()) == 5


def test_nothing_is_examined_before_the_opening(case: Case) -> None:
    set_state(case.consultation, "closed")
    with pytest.raises(Conflict, match="not-under-analysis"):
        begun(case)


# -- candidatures -------------------------------------------------------------------------------------------------------


def test_a_candidature_is_admitted_once_nothing_is_missing(case: Case) -> None:
    begun(case)
    candidacy = queries.candidacies_of(case.consultation)[0].pk
    given: dict[str, Any] = {"actor": case.buyer, "consultation": case.consultation, "candidacy": candidacy}
    with pytest.raises(Conflict, match="candidacy-incomplete"):
        examining.decide_candidacy(**given, verb="admit")
    examining.note_pieces(**given, pieces=PIECES)
    with pytest.raises(Conflict, match="candidacy-incomplete"):
        examining.decide_candidacy(**given, verb="admit")
    examining.note_pieces(**given, pieces=[Noted("capacity", "mended")])
    assert examining.decide_candidacy(**given, verb="admit").state == "admitted"


def test_a_refusal_has_its_reason_and_may_be_looked_at_again(case: Case) -> None:
    begun(case)
    candidacy = queries.candidacies_of(case.consultation)[0].pk
    given: dict[str, Any] = {"actor": case.buyer, "consultation": case.consultation, "candidacy": candidacy}
    with pytest.raises(Invalid, match="reason-missing"):
        examining.decide_candidacy(**given, verb="reject", reason="non")
    refused = examining.decide_candidacy(**given, verb="reject", reason="Les capacités sont insuffisantes.")
    assert refused.state == "rejected"
    assert examining.decide_candidacy(**given, verb="examine_again").reason == ""


def test_what_is_missing_is_asked_of_all_until_the_same_instant(case: Case) -> None:
    begun(case)
    for candidacy in queries.candidacies_of(case.consultation)[:2]:
        examining.note_pieces(
            actor=case.buyer, consultation=case.consultation, candidacy=candidacy.pk, pieces=PIECES
        )
    until = case.at + timedelta(days=5)
    count = examining.ask_missing_pieces(
        actor=case.buyer,
        consultation=case.consultation,
        until_at=until,
        text="Merci de compléter votre candidature.",
    )
    asked = all_asked()
    assert count == 2
    assert [one.pieces for one in asked] == [["capacity"], ["capacity"]]
    assert {one.until_at for one in asked} == {until} and len({one.batch for one in asked}) == 1
    assert rows("t_procurement.Told").filter(about__in=[one.pk for one in asked]).count() == 2
    assert rows("notifications.Mail").count() == 2
    states = {one.kind: one.state for one in rows("t_procurement.CandidacyPiece").all()}
    assert states["capacity"] == "asked"


def test_nobody_is_asked_for_nothing_or_until_tonight(case: Case) -> None:
    begun(case)
    given: dict[str, Any] = {"actor": case.buyer, "consultation": case.consultation, "text": REASON}
    with pytest.raises(Conflict, match="nothing-missing"):
        examining.ask_missing_pieces(**given, until_at=case.at + timedelta(days=5))
    first = queries.candidacies_of(case.consultation)[0].pk
    examining.note_pieces(actor=case.buyer, consultation=case.consultation, candidacy=first, pieces=PIECES)
    with pytest.raises(Invalid, match="delay-too-short"):
        examining.ask_missing_pieces(**given, until_at=case.at + timedelta(hours=5))


def test_an_enterprise_answers_and_a_late_answer_is_kept_and_said_late(case: Case) -> None:
    begun(case)
    candidacy = queries.candidacies_of(case.consultation)[0]
    examining.note_pieces(
        actor=case.buyer, consultation=case.consultation, candidacy=candidacy.pk, pieces=PIECES
    )
    examining.ask_missing_pieces(
        actor=case.buyer, consultation=case.consultation, until_at=case.at + timedelta(days=5), text=REASON
    )
    (asked,) = all_asked()
    bidder = next(one for one in case.bidders if one.organisation == candidacy.bidder_id)
    [waiting] = worklist.mine(bidder)
    assert (waiting.verb, waiting.due_at) == ("Complete your candidature", asked.until_at)
    assert str(asked.pk) in waiting.address
    examining.open_request(actor=bidder.at(case.at + timedelta(hours=1)), request=asked)
    with pytest.raises(Invalid, match="answer-refused"):
        examining.answer_request(actor=bidder.at(case.at), request=asked)
    late = bidder.at(case.at + timedelta(days=6))
    document = receive(late, b"%PDF-1.4 DC2", "dc2.pdf")
    answered = examining.answer_request(actor=late, request=asked, files=[document.pk])
    assert not worklist.mine(bidder).exists()
    assert answered.first_opened_at == case.at + timedelta(hours=1)
    assert answered.answered_at is not None and answered.answered_at > answered.until_at
    with pytest.raises(Conflict, match="request-answered"):
        examining.answer_request(actor=late, request=asked, text="Encore une pièce.")


def test_another_enterprise_reads_and_answers_nothing(case: Case) -> None:
    begun(case)
    first, *_others = queries.candidacies_of(case.consultation)
    examining.note_pieces(actor=case.buyer, consultation=case.consultation, candidacy=first.pk, pieces=PIECES)
    examining.ask_missing_pieces(
        actor=case.buyer, consultation=case.consultation, until_at=case.at + timedelta(days=5), text=REASON
    )
    (asked,) = all_asked()
    stranger = next(one for one in case.bidders if one.organisation != first.bidder_id)
    for verb in (examining.open_request, examining.answer_request):
        with pytest.raises(Denied):
            verb(actor=stranger, request=asked)


def test_proofs_are_asked_of_the_presumed_winner_alone(case: Case) -> None:
    case.examine().note().rank()
    winner, loser = case.first().candidacy_id, case.bids(case.lots[0])[-1].candidacy_id
    given: dict[str, Any] = {
        "actor": case.buyer,
        "consultation": case.consultation,
        "until_at": case.at + timedelta(days=5),
        "pieces": ["tax", "social"],
    }
    with pytest.raises(Conflict, match="not-presumed-winner"):
        examining.ask_proofs(**given, candidacy=loser)
    examining.ask_proofs(**given, candidacy=winner)
    (asked,) = all_asked()
    assert (asked.kind, asked.pieces) == ("proofs", ["tax", "social"])


# -- bids ---------------------------------------------------------------------------------------------------------------


def test_an_abnormally_low_price_is_explained_before_it_is_rejected(case: Case) -> None:
    begun(case)
    bid = case.bids()[0]
    given: dict[str, Any] = {"actor": case.buyer, "consultation": case.consultation, "bid": bid.pk}
    examining.price_bid(**given, price=Decimal(30_000))
    for other in case.bids(bid.lot)[1:]:
        examining.price_bid(**given | {"bid": other.pk}, price=Decimal(100_000))
    (low,) = [grid for grid in queries.grids_of(case.consultation, bid.lot, case.at.date()) if grid.low]
    assert low.bid.pk == bid.pk
    with pytest.raises(Conflict):
        examining.judge_bid(**given, state="abnormally_low", reason=REASON)
    examining.ask_about_bids(
        actor=case.buyer,
        consultation=case.consultation,
        kind="price",
        bids=[bid.pk],
        until_at=case.at + timedelta(days=5),
        text="Merci de justifier votre prix.",
    )
    with pytest.raises(Conflict, match="price-not-explained"):
        examining.judge_bid(**given, state="abnormally_low", reason=REASON)
    case.later(days=6)
    judged = examining.judge_bid(**given | {"actor": case.buyer}, state="abnormally_low", reason=REASON)
    assert judged.state == "abnormally_low"


@pytest.mark.parametrize("state", ["irregular", "unacceptable", "inappropriate"])
def test_a_bid_is_eliminated_for_a_reason_and_may_be_looked_at_again(case: Case, state: str) -> None:
    begun(case)
    given: dict[str, Any] = {
        "actor": case.buyer,
        "consultation": case.consultation,
        "bid": case.bids()[0].pk,
    }
    with pytest.raises(Invalid, match="reason-missing"):
        examining.judge_bid(**given, state=state)
    assert examining.judge_bid(**given, state=state, reason=REASON).state == state
    assert examining.judge_bid(**given, state="opened").reason == ""


def test_a_bid_without_price_is_not_admitted_and_a_price_of_nothing_not_written(case: Case) -> None:
    begun(case)
    given: dict[str, Any] = {
        "actor": case.buyer,
        "consultation": case.consultation,
        "bid": case.bids()[0].pk,
    }
    with pytest.raises(Conflict, match="no-price"):
        examining.judge_bid(**given, state="admissible")
    with pytest.raises(Invalid, match="price-refused"):
        examining.price_bid(**given, price=Decimal(0))


# -- notes --------------------------------------------------------------------------------------------------------------


def test_only_an_evaluator_of_the_team_notes(case: Case) -> None:
    case.examine()
    given: dict[str, Any] = {
        "consultation": case.consultation,
        "bid": case.bids()[0].pk,
        "criterion": technical(case).pk,
        "value": Decimal(4),
        "justification": REASON,
    }
    body = rows("identity.Organisation").get(pk=case.consultation.organisation_id)
    for stranger in (case.buyer, make_actor(body, "agent"), make_actor(make_body("Autre", "217104390"))):
        with pytest.raises(Denied):
            scoring.score_bid(actor=stranger.at(case.at), **given)
    assert scoring.score_bid(actor=case.evaluators[0].at(case.at), **given).version == 1


def test_a_corrected_note_stays_beside_the_former_and_nobody_rewrites_either(case: Case) -> None:
    case.examine()
    given: dict[str, Any] = {
        "actor": case.evaluators[0].at(case.at),
        "consultation": case.consultation,
        "bid": case.bids(case.lots[0])[0].pk,
        "criterion": technical(case).pk,
    }
    scoring.score_bid(**given, value=Decimal(4), justification=REASON)
    second = scoring.score_bid(**given, value=Decimal("3.5"), justification="Le planning manque de détail.")
    kept = queries.score_versions(case.bids(case.lots[0])[0])
    assert [(one.version, one.value) for one in kept] == [(1, Decimal(4)), (2, Decimal("3.5"))]
    (line,) = [
        line
        for grid in queries.grids_of(case.consultation, case.lots[0], case.at.date())
        for line in grid.lines
        if grid.bid.pk == given["bid"] and line.criterion.kind == "technical"
    ]
    assert [one.version for one in line.scores] == [2]
    with pytest.raises(IntegrityError), transaction.atomic():
        rows("t_procurement.Score").filter(pk=second.pk).update(value=Decimal(5))
    with pytest.raises(IntegrityError), transaction.atomic():
        second.delete()


@pytest.mark.parametrize(("value", "why"), [("5.5", REASON), ("-1", REASON), ("4", "")])
def test_a_note_off_the_grid_or_without_reason_is_refused(case: Case, value: str, why: str) -> None:
    case.examine()
    with pytest.raises(Invalid, match="note-refused"):
        scoring.score_bid(
            actor=case.evaluators[0].at(case.at),
            consultation=case.consultation,
            bid=case.bids()[0].pk,
            criterion=technical(case).pk,
            value=Decimal(value),
            justification=why,
        )


def test_a_price_is_noted_by_its_formula_alone(case: Case) -> None:
    case.examine()
    with pytest.raises(Conflict, match="noted-by-formula"):
        scoring.score_bid(
            actor=case.evaluators[0].at(case.at),
            consultation=case.consultation,
            bid=case.bids()[0].pk,
            criterion=price(case).pk,
            value=Decimal(5),
            justification=REASON,
        )


def test_the_body_agrees_on_a_note_once_somebody_gave_one(case: Case) -> None:
    case.examine()
    given: dict[str, Any] = {
        "consultation": case.consultation,
        "bid": case.bids()[0].pk,
        "criterion": technical(case).pk,
        "justification": REASON,
    }
    with pytest.raises(Conflict, match="nobody-noted"):
        scoring.agree_score(actor=case.buyer, value=Decimal(3), **given)
    scoring.score_bid(actor=case.evaluators[0].at(case.at), value=Decimal(2), **given)
    scoring.score_bid(actor=case.evaluators[1].at(case.at), value=Decimal(4), **given)
    assert scoring.agree_score(actor=case.buyer, value=Decimal(3), **given).points == Decimal("18.000")
    again = scoring.agree_score(actor=case.buyer, value=Decimal(4), **given)
    assert (again.version, again.points) == (2, Decimal("24.000"))


# -- criteria in parts --------------------------------------------------------------------------------------------------


@pytest.fixture
def in_parts(db: None) -> Case:
    """The technical value, 30 %, is announced in two parts: the team for 20, the time for 10."""
    return make_case(parts={"Équipe": 20, "Délai": 10}).examine()


def test_a_criterion_in_parts_is_noted_part_by_part(in_parts: Case) -> None:
    case = in_parts
    team, time = technical(case).parts.all()
    for bid in case.bids(case.lots[0]):
        given: dict[str, Any] = {
            "consultation": case.consultation,
            "bid": bid.pk,
            "criterion": technical(case).pk,
            "justification": REASON,
        }
        by = case.evaluators[0].at(case.at)
        with pytest.raises(Missing, match="no-criterion"):
            scoring.score_bid(actor=by, value=Decimal(4), **given)
        scoring.score_bid(actor=by, value=Decimal(4), part=team.pk, **given)
        scoring.score_bid(actor=by, value=Decimal(2), part=time.pk, **given)
        with pytest.raises(Conflict, match="notes-missing"):
            scoring.rank_bids(actor=case.buyer, consultation=case.consultation, lot=case.lots[0].pk)
        agreed = [
            scoring.agree_score(actor=case.buyer, value=Decimal(value), part=part.pk, **given).points
            for part, value in ((team, 4), (time, 2))
        ]
        assert agreed == [Decimal("16.000"), Decimal("4.000")]
        green = next(one for one in criteria_of(case.consultation) if one.kind == "environment")
        given["criterion"] = green.pk
        scoring.score_bid(actor=by, value=Decimal(5), **given)
        scoring.agree_score(actor=case.buyer, value=Decimal(5), **given)
    scoring.rank_bids(actor=case.buyer, consultation=case.consultation, lot=case.lots[0].pk)
    # price 50, team 16, time 4, environment 20
    assert case.first().total == Decimal("90.000")
    (grid, *_others) = queries.grids_of(case.consultation, case.lots[0], case.at.date())
    assert [line.name for line in grid.lines if line.part] == [
        f"{technical(case).name} – Équipe",
        f"{technical(case).name} – Délai",
    ]


def test_the_part_of_another_criterion_is_no_part_of_this_one(in_parts: Case) -> None:
    case = in_parts
    with pytest.raises(Missing, match="no-criterion"):
        scoring.score_bid(
            actor=case.evaluators[0].at(case.at),
            consultation=case.consultation,
            bid=case.bids()[0].pk,
            criterion=price(case).pk,
            part=technical(case).parts.all()[0].pk,
            value=Decimal(4),
            justification=REASON,
        )


def test_no_formula_notes_a_criterion_in_parts(in_parts: Case) -> None:
    case = in_parts
    set_state(case.consultation, "closed")
    with pytest.raises(Invalid, match="method-refused"):
        scoring.choose_scoring(
            actor=case.buyer,
            consultation=case.consultation,
            criterion=technical(case).pk,
            method="linear",
        )


# -- what is frozen -----------------------------------------------------------------------------------------------------


def test_weights_change_no_more_after_the_opening(case: Case) -> None:
    case.examine()
    with pytest.raises(Conflict):
        preparing.write_criteria(
            actor=case.buyer,
            consultation=case.fresh(),
            criteria=[CriterionWords(kind="price", weight=Decimal(100))],
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        rows("t_procurement.Criterion").filter(consultation=case.consultation).update(weight=Decimal(10))
    assert sum(one.weight for one in criteria_of(case.consultation)) == 100
    (told,) = attempts(case)
    assert told.facts["what"] == "criteria"
    assert told.actor["person"] == str(case.secretary.person)


def test_the_way_of_noting_is_chosen_before_the_opening_and_frozen_after(case: Case) -> None:
    given: dict[str, Any] = {
        "actor": case.buyer,
        "consultation": case.consultation,
        "criterion": price(case).pk,
        "method": "difference",
    }
    with pytest.raises(Conflict, match="criteria-frozen"):
        scoring.choose_scoring(**given)
    assert [one.facts["what"] for one in attempts(case)] == ["scoring"]
    set_state(case.consultation, "closed")
    assert scoring.choose_scoring(**given).method == "difference"
    with pytest.raises(Invalid, match="method-unknown"):
        scoring.choose_scoring(**given | {"method": "grid"})
    with pytest.raises(Invalid, match="scale-refused"):
        scoring.choose_scoring(**given | {"method": "grid", "scale": 1000})


# -- ranking ------------------------------------------------------------------------------------------------------------


def test_the_ranking_adds_up_the_formula_and_the_agreed_notes(case: Case) -> None:
    case.examine().note().rank()
    placed = sorted(case.bids(case.lots[0]), key=lambda bid: bid.rank or 0)
    # price 50 × 100/price, technical 30 × 4/5, environment 20 × 4/5
    assert [(bid.rank, bid.total) for bid in placed] == [
        (1, Decimal("90.000")),
        (2, Decimal("85.455")),
        (3, Decimal("81.667")),
    ]


def test_nothing_is_ranked_before_all_is_examined_and_noted(case: Case) -> None:
    begun(case)
    given: dict[str, Any] = {"actor": case.buyer, "consultation": case.consultation, "lot": case.lots[0].pk}
    with pytest.raises(Conflict, match="bids-not-examined"):
        scoring.rank_bids(**given)
    case.examine()
    with pytest.raises(Conflict, match="notes-missing"):
        scoring.rank_bids(**given)


def test_a_new_note_or_an_eliminated_bid_undoes_the_ranking_of_its_lot(case: Case) -> None:
    case.examine().note().rank()
    first, other = case.lots
    examining.judge_bid(
        actor=case.buyer,
        consultation=case.consultation,
        bid=case.first(first).pk,
        state="irregular",
        reason=REASON,
    )
    assert {bid.rank for bid in case.bids(first)} == {None}
    assert {bid.rank for bid in case.bids(other)} == {1, 2, 3}
    scoring.rank_bids(actor=case.buyer, consultation=case.consultation, lot=first.pk)
    assert sorted(bid.rank or 0 for bid in case.bids(first)) == [0, 1, 2]


def test_an_assistant_from_outside_examines_only_where_she_is_on_the_team(case: Case) -> None:
    body = rows("identity.Organisation").get(pk=case.consultation.organisation_id)
    architect = mandated(body).at(case.at)
    with pytest.raises(Denied):
        examining.begin_examination(actor=architect, consultation=case.consultation)
    rows("t_procurement.Member").create(
        consultation=case.consultation, person_id=architect.person, role="prepare"
    )
    assert examining.begin_examination(actor=architect, consultation=case.consultation) == 6


def test_an_undivided_consultation_is_judged_as_a_whole(db: None) -> None:
    case = make_case()
    rows("t_procurement.DepositLot").all().delete()
    for deposit in rows("t_procurement.Deposit").all():
        rows("t_procurement.DepositLot").create(deposit=deposit, lot=None)
    begun(case)
    assert {bid.lot for bid in case.bids()} == {None}
    assert len(case.bids(None)) == 3


def test_who_evaluates_is_a_person(case: Case) -> None:
    assert {one.pk for one in queries.evaluators_of(case.consultation)} == {
        one.person for one in case.evaluators
    }
    assert make_person().pk not in {one.pk for one in queries.evaluators_of(case.consultation)}
