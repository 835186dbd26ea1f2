"""A committee is convened, reaches its quorum or meets again, abstains where it must, and leaves its minutes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from territoires.foundations.documents import api as documents
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Conflict, Denied, Invalid
from territoires.services.procurement.actions import awarding, examining, meeting
from territoires.services.procurement.actions.meeting import MemberWords
from territoires.services.procurement.queries import committees as queries
from territoires.services.procurement.queries.next_step import step_of
from tests.services.procurement.award.conftest import REASON, Case, convene, make_case, make_committee
from tests.services.procurement.conftest import make_actor, make_body, rows


def ready(case: Case) -> Case:
    return case.examine().note().rank()


def come(case: Case, held: Any, *names: str, replacing: dict[Any, Any] | None = None) -> Any:
    places = {one.name: one.pk for one in queries.attendances_of(held)}
    return meeting.note_presence(
        actor=case.buyer,
        consultation=case.consultation,
        meeting=held.pk,
        present=[places[name] for name in names],
        replacing={places[one]: places[other] for one, other in (replacing or {}).items()},
    )


def decision(case: Case, held: Any, **values: Any) -> Any:
    lot = case.lots[0]
    return meeting.record_decision(
        **{
            "actor": case.buyer,
            "consultation": case.consultation,
            "meeting": held.pk,
            "lot": lot.pk,
            "outcome": "awarded",
            "bid": values["bid"] if "bid" in values else case.first(lot).pk,
            "votes_for": 2,
            "reason": REASON,
        }
        | values
    )


def test_every_member_is_convened_by_mail_and_the_sending_is_kept(formal_case: Case) -> None:
    case = ready(formal_case)
    held = convene(case, wait=False)
    places = queries.attendances_of(held)
    assert [one.capacity for one in places] == ["president", "titular", "titular", "substitute", "adviser"]
    mails = rows("notifications.Mail").filter(notification__in=[one.notification for one in places])
    assert {one.address for one in mails} == {one.member.email for one in places}


def test_a_shorter_delay_has_its_reason_and_an_empty_committee_does_not_meet(formal_case: Case) -> None:
    case = ready(formal_case)
    found = make_committee(case)
    soon = {"meets_at": case.at + timedelta(days=3), "wait": False}
    with pytest.raises(Invalid, match="meeting-refused"):
        convene(case, found, **soon)
    assert convene(case, found, **soon, shortened_because="Urgence : fin de validité des offres.")
    empty = meeting.set_up_committee(actor=case.buyer, name="Jury", kind="jury")
    with pytest.raises(Invalid, match="meeting-refused"):
        convene(case, empty, wait=False)


def test_without_quorum_nothing_is_decided_and_the_second_meeting_is_valid(formal_case: Case) -> None:
    case = ready(formal_case)
    held = convene(case)
    assert come(case, held, "Paul Essai").state == "no_quorum"
    with pytest.raises(Conflict, match="no-quorum"):
        decision(case, held, votes_for=1)
    second = convene(case)
    assert second.after_id == held.pk
    assert come(case, second, "Paul Essai").state == "open"
    assert decision(case, second, votes_for=1).outcome == "awarded"


def test_nobody_is_there_before_the_hour(formal_case: Case) -> None:
    case = ready(formal_case)
    held = convene(case, wait=False)
    with pytest.raises(Conflict, match="meeting-not-begun"):
        come(case, held, "Paul Essai", "Jeanne Modèle")


def test_a_substitute_makes_the_quorum_in_the_place_of_an_absent(formal_case: Case) -> None:
    case = ready(formal_case)
    held = convene(case)
    held = come(case, held, "Paul Essai", "Rose Essai", replacing={"Rose Essai": "Ali Exemple"})
    assert held.state == "open"
    decision(case, held, votes_for=2)
    with pytest.raises(Invalid, match="votes-refused"):
        decision(case, held, votes_for=3)


def test_who_has_a_conflict_abstains(formal_case: Case) -> None:
    case = ready(formal_case)
    held = convene(case)
    place = next(one for one in queries.attendances_of(held) if one.name == "Jeanne Modèle")
    meeting.declare_conflict(
        actor=case.buyer,
        consultation=case.consultation,
        meeting=held.pk,
        attendance=place.pk,
        reason="Son frère travaille pour une entreprise candidate.",
    )
    held = come(case, held, "Paul Essai", "Jeanne Modèle", "Ali Exemple")
    with pytest.raises(Invalid, match="votes-refused"):
        decision(case, held, votes_for=3)
    assert decision(case, held, votes_for=2).votes_for == 2


def test_a_majority_against_decides_nothing(formal_case: Case) -> None:
    case = ready(formal_case)
    held = come(case, convene(case), "Paul Essai", "Jeanne Modèle", "Ali Exemple")
    with pytest.raises(Invalid, match="votes-refused"):
        decision(case, held, votes_for=1, votes_against=2)
    with pytest.raises(Invalid, match="votes-refused"):
        decision(case, held, votes_for=0)


def test_the_minutes_are_printed_and_the_meeting_is_over(formal_case: Case) -> None:
    case = ready(formal_case).award_by_committee()
    held = queries.meetings_of(case.consultation)[-1]
    assert held.state == "closed" and held.minutes is not None
    assert b"".join(documents.open_stream(held.minutes)).startswith(b"%PDF-")
    with pytest.raises(Conflict, match="nothing-decided"):
        meeting.hold_to_its_end(actor=case.buyer, consultation=case.consultation, meeting=held.pk)
    with pytest.raises(Conflict, match="meeting-over"):
        meeting.declare_conflict(
            actor=case.buyer,
            consultation=case.consultation,
            meeting=held.pk,
            attendance=queries.attendances_of(held)[0].pk,
            reason=REASON,
        )


def test_above_the_threshold_the_award_is_the_committees(formal_case: Case) -> None:
    case = ready(formal_case)
    with pytest.raises(Conflict, match="committee-awards"):
        case.award()
    case.award_by_committee().award()
    assert {one.by_committee_id for one in rows("t_procurement.Award").all()} != {None}


def test_a_concession_is_awarded_once_its_committee_gave_its_opinion(db: None) -> None:
    case = ready(make_case(procedure="concession"))
    step = step_of(case.fresh(), legal_day(case.at))
    assert step is not None and (step.code, step.count) == ("committee-opinion", 2)
    convene(case, make_committee(case, "cdsp"))
    with pytest.raises(Conflict, match="committee-opinion"):  # convened is not heard
        case.award()
    held = come(case, queries.meetings_of(case.consultation)[-1], "Paul Essai", "Jeanne Modèle")
    with pytest.raises(Invalid, match="opinion-alone"):
        decision(case, held)
    for lot in case.lots:
        decision(case, held, lot=lot.pk, outcome="opinion", bid=None)
    with pytest.raises(Conflict, match="committee-opinion"):  # nor is a meeting that is not over
        case.award()
    meeting.hold_to_its_end(actor=case.buyer, consultation=case.consultation, meeting=held.pk)
    step = step_of(case.fresh(), legal_day(case.at))
    assert step is not None and step.code == "decide"
    assert case.award().fresh().state == "decided"
    assert not rows("t_procurement.Award").exclude(by_committee=None).exists(), "an opinion is no choice"


def test_an_opinion_older_than_the_bids_is_none_on_them(db: None) -> None:
    case = make_case(procedure="concession").examine()
    case.give_opinion()
    rows("t_procurement.Deposit").filter(consultation=case.consultation).update(
        deadline_at=case.at + timedelta(days=1)
    )
    with pytest.raises(Conflict, match="committee-opinion"):
        case.note().rank().award()


def test_unsuccessful_above_the_threshold_is_found_by_the_committee_or_said_why_not(
    formal_case: Case,
) -> None:
    case = formal_case
    examining.begin_examination(actor=case.buyer, consultation=case.consultation)
    for bid in case.bids():
        examining.judge_bid(
            actor=case.buyer, consultation=case.consultation, bid=bid.pk, state="irregular", reason=REASON
        )
    held = come(case, convene(case), "Paul Essai", "Jeanne Modèle")
    decision(case, held, outcome="unsuccessful", bid=None)
    ends: dict[str, Any] = {
        "actor": case.buyer,
        "consultation": case.consultation,
        "outcome": "unsuccessful",
        "reason": REASON,
    }
    with pytest.raises(Invalid, match="end-refused"):  # its meeting is not over
        awarding.close_lot(**ends, lot=case.lots[0].pk)
    meeting.hold_to_its_end(actor=case.buyer, consultation=case.consultation, meeting=held.pk)
    found = awarding.close_lot(**ends, lot=case.lots[0].pk)
    assert found.by_committee is not None and found.without_committee == ""
    with pytest.raises(Invalid, match="end-refused"):  # of the second lot it has said nothing
        awarding.end_without_contract(**ends)
    why = "La commission se réunit après la date à laquelle la relance doit partir."
    ended = awarding.end_without_contract(**ends, without_committee=why)
    assert ended.state == "unsuccessful"
    second = rows("t_procurement.Award").get(lot=case.lots[1])
    assert (second.by_committee, second.without_committee) == (None, why)


def test_the_buyer_carries_out_what_the_committee_chose(formal_case: Case) -> None:
    case = ready(formal_case)
    held = come(case, convene(case), "Paul Essai", "Jeanne Modèle", "Ali Exemple")
    second = next(one for one in case.bids(case.lots[0]) if one.rank == 2)
    decision(case, held, bid=second.pk)
    meeting.hold_to_its_end(actor=case.buyer, consultation=case.consultation, meeting=held.pk)
    with pytest.raises(Conflict, match="committee-chose-another"):
        awarding.award_lot(
            actor=case.buyer,
            consultation=case.consultation,
            lot=case.lots[0].pk,
            bid=case.first().pk,
            reason=REASON,
            proofs_are_complete=True,
        )


@pytest.mark.parametrize(
    "members",
    [
        [
            MemberWords("A", "a@village.example", "president"),
            MemberWords("B", "b@village.example", "president"),
        ],
        [MemberWords("A", "nulle part", "titular")],
        [MemberWords("", "a@village.example", "titular")],
        [MemberWords("A", "a@village.example", "king")],
        [MemberWords("A", "a@village.example", "titular"), MemberWords("B", "A@village.example", "titular")],
    ],
)
def test_members_that_cannot_be_are_refused(case: Case, members: list[MemberWords]) -> None:
    found = make_committee(case)
    with pytest.raises(Invalid, match="members-refused"):
        meeting.name_members(actor=case.buyer, committee=found.pk, members=members)


def test_members_change_and_a_former_meeting_keeps_its_own(formal_case: Case) -> None:
    case = ready(formal_case)
    held = convene(case, wait=False)
    meeting.name_members(
        actor=case.buyer,
        committee=held.committee_id,
        members=[MemberWords("Ali Exemple", "ali@village.example", "president")],
    )
    assert [one.name for one in queries.members_of(held.committee)] == ["Ali Exemple"]
    assert len(queries.attendances_of(held)) == 5


def test_committees_are_those_of_the_body_alone(case: Case) -> None:
    found = make_committee(case)
    stranger = make_actor(make_body("Autre commune", "217104391")).at(case.at)
    with pytest.raises(Exception, match="no-committee"):
        meeting.name_members(actor=stranger, committee=found.pk, members=[])
    with pytest.raises(Denied):
        meeting.set_up_committee(actor=make_actor(make_body("X", "217104392"), "agent"), name="X", kind="cao")
