"""Who is missing at the opening, and what stays closed: officers who left, candidates who were not admitted."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import translation

from territoires.contracts.identity import MembershipEnded
from territoires.kernel.errors import Conflict
from territoires.services.procurement.actions import examining, opening, staffing
from territoires.services.procurement.actions.waiting_to_open import REPLACE
from territoires.services.procurement.domain import session
from territoires.services.procurement.models import HolderRelease, Member, OpenedBlock
from territoires.services.procurement.queries import evaluation, quorum
from territoires.services.procurement.queries.opened_minutes import minutes_words
from territoires.services.procurement.queries.safety_copies import ground_choices, grounds_on
from territoires.services.procurement.queries.wording import reread
from territoires.services.procurement.subscriptions import follow_departure
from tests.services.procurement.award.test_pages import browser, read
from tests.services.procurement.conftest import make_actor, make_person, rows

from . import hands
from .world import AFTER, Officer, World, present


def leave(world: World, number: int) -> None:
    person = world.officers[number].actor.person
    assert person is not None
    staffing.leave_team(actor=world.secretary, consultation=world.consultation, person=person, role="open")


def address(world: World, path: str) -> str:
    place = world.consultation.organisation.reference
    return f"/o/{place}/procurement/{world.consultation.pk}/{path}"


def test_where_an_officer_left_the_other_and_the_custodian_open(sealed: World, body: Any) -> None:
    agent = browser(sealed.secretary.person, body, "secretary")
    leave(sealed, 1)
    # what bids were sealed for does not move with the team
    assert quorum.threshold_of(sealed.consultation) == 2
    assert "Every key that is left is needed" in read(agent, address(sealed, "opening/"))
    order = sealed.ask()
    sealed.keeper.work_once()
    sealed.officers[0].give(order)
    text = read(agent, address(sealed, f"opening/{order.pk}/"))
    assert "The custodian is needed" in text and "left" in text
    opening.bring_release(
        actor=present(sealed.secretary),
        consultation=sealed.consultation,
        order=order.pk,
        document=sealed.custodian_release(order),
    )
    sealed.opener.work_once()
    order.refresh_from_db()
    assert order.state == session.OPENED


def test_nobody_leaves_when_bids_would_be_closed_for_ever(sealed: World) -> None:
    leave(sealed, 1)
    with pytest.raises(Conflict) as refused:
        leave(sealed, 0)
    assert refused.value.code == "last-keys"
    person = sealed.officers[0].actor.person
    assert quorum.own_holder(sealed.consultation, 1, person) is not None
    assert Member.objects.filter(consultation=sealed.consultation, person_id=person, role="open").exists()


def test_a_newcomer_is_not_asked_for_a_key_once_bids_are_sealed(sealed: World) -> None:
    leave(sealed, 1)
    person = sealed.officers[1].actor.person
    staffing.join_team(actor=sealed.secretary, consultation=sealed.consultation, person=person, role="open")
    assert not rows("worklist.Item").filter(kind="procurement.accept-opening", person_id=person).exists()


def test_a_candidate_who_is_not_admitted_keeps_a_closed_tender(sealed: World) -> None:
    sealed.open("candidature")
    opening.end_opening(actor=present(sealed.secretary), consultation=sealed.consultation)
    actor = sealed.secretary.at(AFTER)
    examining.begin_examination(actor=actor, consultation=sealed.consultation)
    first, refused = evaluation.candidacies_of(sealed.consultation)
    examining.decide_candidacy(
        actor=actor,
        consultation=sealed.consultation,
        candidacy=refused.pk,
        verb="reject",
        reason="Capacité insuffisante pour ce chantier.",
    )
    order = sealed.open("tender")
    assert order.state == session.OPENED
    assert list(order.excluded.values_list("deposit", "reason")) == [(refused.deposit_id, "not-admitted")]
    opened = OpenedBlock.objects.filter(block__envelope="tender")
    assert {one.deposit_id for one in opened} == {first.deposit_id}
    # neither the officers nor the time-keeper gave anything for it: the order does not name it
    named = order.document
    assert named is not None and refused.deposit.root.encode() in bytes(named)
    with translation.override("en"):
        assert "not admitted" in str(minutes_words(order)["closed"])


def test_what_the_worker_found_is_read_in_each_reader_s_language(sealed: World) -> None:
    with translation.override("fr"):  # whatever language the worker runs in
        order = sealed.ask()
        sealed.keeper.work_once()
        sealed.officers[0].give(order, spoilt=True)
        sealed.opener.work_once()
    (wrong,) = HolderRelease.objects.exclude(fault="")
    said = {}
    for language in ("fr", "en"):
        with translation.override(language):
            said[language] = reread(wrong.fault)
            assert said[language] in str(minutes_words(order))
    assert said["en"].startswith("A piece of a key is not the one") and said["fr"] != said["en"]
    assert reread("La commission a renoncé.") == "La commission a renoncé."
    for typed in (
        '{"message": 1}',
        '{"message": "a", "params": 3}',
        '{"message": "%(a)s", "params": {"b": "c"}}',
        '{"message": "100 %", "params": {"b": "c"}}',
    ):
        assert reread(typed) == typed


def test_a_case_of_the_law_shows_no_article_that_was_not_verified(db: None) -> None:
    day = (AFTER + timedelta(days=1)).date()
    unverified = [entry for entry in grounds_on(day) if not entry["is_verified"]]
    assert unverified
    shown = dict(ground_choices(day, "fr"))
    for entry in unverified:
        assert shown[entry["code"]] == entry["label_fr"]


def end_membership(world: World, number: int, body: Any) -> None:
    """She leaves the body; procurement hears of it."""
    person = world.officers[number].actor.person
    rows("identity.Membership").filter(person=person, organisation=body).update(ended_at=AFTER)
    told = {"organisation": str(body.pk), "person": str(person)}
    follow_departure(SimpleNamespace(kind=MembershipEnded.KIND, facts=told, at=AFTER))  # type: ignore[arg-type]


def waits(world: World) -> list[str]:
    found = rows("worklist.Item").filter(subject_id=world.consultation.pk, kind=REPLACE)
    return [one.kind for one in found]


def test_an_officer_who_left_the_body_is_to_be_replaced_until_somebody_takes_her_place(
    sealed: World, body: Any
) -> None:
    agent = browser(sealed.secretary.person, body, "secretary")
    assert "no longer of your body" not in read(agent, address(sealed, "opening/"))
    end_membership(sealed, 1, body)
    assert waits(sealed) == [REPLACE]
    text = read(agent, address(sealed, "opening/"))
    assert "no longer of your body" in text and "Replace an officer" in text
    successor = Officer(make_actor(body, "executive", person=make_person(body, "Successeure")))
    hands.ask(sealed, sealed.officers[1], successor, deals=False)
    assert waits(sealed) == []
    assert "takes over" in read(agent, address(sealed, "opening/"))


def test_what_cannot_be_repaired_any_more_is_asked_of_nobody(sealed: World, body: Any) -> None:
    end_membership(sealed, 1, body)
    sealed.ask()
    assert waits(sealed) == []


def test_who_was_taken_off_is_to_be_replaced_where_every_key_is_needed(sealed: World) -> None:
    leave(sealed, 1)
    assert waits(sealed) == [REPLACE]


def test_before_the_publication_the_team_is_changed(world: World, body: Any) -> None:
    world.ready()
    end_membership(world, 1, body)
    assert waits(world) == [REPLACE]
    leave(world, 1)
    assert waits(world) == []
