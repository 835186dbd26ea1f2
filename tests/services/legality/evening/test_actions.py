"""A sitting is recorded whole, its votes are captured, its list is published once in time: by those who may."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pikepdf
import pytest
from django.apps import apps

from territoires.foundations.journal import api as journal
from territoires.kernel.actor import Actor
from territoires.kernel.errors import Conflict, Denied, Invalid, Missing
from territoires.services.legality.actions import drafting, sittings
from territoires.services.legality.domain.sitting import Ballot
from territoires.services.legality.domain.wording import ActWords
from territoires.services.legality.models import Sitting, Vote
from territoires.services.legality.queries import listing
from territoires.services.legality.queries import sittings as queries

from ..conftest import NOW, make_actor, make_body
from .conftest import acts_in
from .test_rules import EVENING

ADOPTED = Ballot(
    outcome="adopted", votes_for=8, against=1, abstention=1, not_voting=0, names="Contre : Élu Essai"
)


def due_items(sitting: Sitting) -> list[Any]:
    return list(apps.get_model("worklist.Item")._default_manager.filter(subject_id=sitting.pk))


def test_a_sitting_puts_its_list_on_the_desk_until_the_legal_week_ends(secretary: Actor) -> None:
    sitting = sittings.open_sitting(actor=secretary, words=EVENING)
    (item,) = due_items(sitting)
    assert item.due_at == datetime(2026, 11, 30, 22, 59, 59, tzinfo=UTC), (
        "the last second of 30 November in Paris"
    )
    assert item.title == "Séance du lundi 23 novembre 2026"
    assert [str(one) for one in sitting.secretaries.all()] == ["Jeanne Modèle"]


def test_a_correction_moves_the_day(secretary: Actor, sitting: Sitting) -> None:
    earlier = replace(EVENING, held_on=date(2026, 11, 16))
    changed = sittings.change_sitting(
        actor=secretary, sitting=sitting, words=earlier, version=sitting.version
    )
    (item,) = due_items(sitting)
    assert item.due_at.date() == date(2026, 11, 23)
    with pytest.raises(Conflict):
        sittings.change_sitting(actor=secretary, sitting=changed, words=EVENING, version=sitting.version)


def test_an_incomplete_sitting_is_refused_whole(secretary: Actor) -> None:
    with pytest.raises(Invalid) as refusal:
        sittings.open_sitting(actor=secretary, words=replace(EVENING, secretaries=[], present=40))
    assert {fault.code for fault in refusal.value.faults} == {"secretary-missing", "presence-sum"}
    assert not Sitting.objects.exists()


@pytest.mark.parametrize("count", [-1, 10**9])
def test_impossible_counts_are_told_not_stored(secretary: Actor, count: int) -> None:
    with pytest.raises(Invalid):
        sittings.open_sitting(actor=secretary, words=replace(EVENING, in_office=count))


def test_votes_are_captured_and_told_once(secretary: Actor, sitting: Sitting) -> None:
    first, second = acts_in(sitting)
    ballots = {first.pk: ADOPTED, second.pk: Ballot(outcome="postponed")}
    sittings.capture_votes(actor=secretary, sitting=sitting, ballots=ballots)
    assert queries.ballot_of(first) == ADOPTED
    facts = [entry for entry in journal.timeline(first.pk) if entry.kind == "legality.act.voted"]
    assert [(f.facts["votes_for"], f.private["names"]) for f in facts] == [(8, "Contre : Élu Essai")]
    with pytest.raises(Conflict) as refusal:
        sittings.capture_votes(actor=secretary, sitting=sitting, ballots=ballots)
    assert refusal.value.code == "votes-unchanged"


def test_one_false_count_keeps_the_whole_table_out(secretary: Actor, sitting: Sitting) -> None:
    first, second = acts_in(sitting)
    ballots = {first.pk: ADOPTED, second.pk: replace(ADOPTED, votes_for=80)}
    with pytest.raises(Invalid) as refusal:
        sittings.capture_votes(actor=secretary, sitting=sitting, ballots=ballots)
    assert [fault.field for fault in refusal.value.faults] == [f"{second.pk}-votes_for"]
    assert not Vote.objects.exists()


def test_an_act_of_another_sitting_is_passed_over(secretary: Actor, sitting: Sitting) -> None:
    lonely = drafting.draft_act(actor=secretary, words=ActWords(object="Seul"))
    with pytest.raises(Conflict):
        sittings.capture_votes(actor=secretary, sitting=sitting, ballots={lonely.pk: ADOPTED})
    assert not Vote.objects.exists()


def test_the_list_is_published_proved_and_leaves_the_desk(secretary: Actor, sitting: Sitting) -> None:
    first, _second = acts_in(sitting)
    sittings.capture_votes(actor=secretary, sitting=sitting, ballots={first.pk: ADOPTED})
    sitting.refresh_from_db()
    listed = sittings.publish_list(actor=secretary, sitting=sitting, version=sitting.version)
    assert [line["object"] for line in listed.listed] == ["Budget 0", "Budget 1"]
    assert listed.listed[0]["votes_for"] == 8
    assert "Élu" not in str(listed.listed), "who voted what stays in the minutes"
    assert due_items(sitting) == []
    (told,) = [e for e in journal.timeline(sitting.pk) if e.kind == "legality.sitting.listed"]
    assert told.files == {"content": listed.list_file.sha256}
    assert told.facts["due_on"] == "2026-11-30"


def test_a_list_asked_for_again_under_its_key_is_printed_once(secretary: Actor, sitting: Sitting) -> None:
    keyed = replace(secretary, idempotency_key="list")
    first = sittings.publish_list(actor=keyed, sitting=sitting, version=sitting.version).list_file_id
    again = sittings.publish_list(actor=keyed, sitting=Sitting.objects.get(pk=sitting.pk), version=1)
    assert again.list_file_id == first
    assert (
        apps.get_model("documents.Document")._default_manager.filter(name__startswith="liste-des").count()
        == 1
    )


def test_the_list_is_a_pdf_for_archives(sitting: Sitting) -> None:
    printed = listing.list_of_deliberations(sitting, language="fr", at=NOW)
    with pikepdf.open(io.BytesIO(printed)) as pdf, pdf.open_metadata() as metadata:
        assert metadata.pdfa_status == "2B"


def test_an_empty_list_is_refused(secretary: Actor) -> None:
    sitting = sittings.open_sitting(actor=secretary, words=EVENING)
    with pytest.raises(Invalid):
        sittings.publish_list(actor=secretary, sitting=sitting)


def test_roles_and_bodies_decide(body: Any, secretary: Actor, sitting: Sitting) -> None:
    agent, elected = make_actor(body, "agent"), make_actor(body, "elected")
    stranger = make_actor(make_body("Autre Commune", "217104397"))
    act = acts_in(sitting)[0]
    sittings.capture_votes(actor=agent, sitting=sitting, ballots={act.pk: ADOPTED})
    for refused in (
        lambda: sittings.open_sitting(actor=elected, words=EVENING),
        lambda: sittings.capture_votes(actor=elected, sitting=sitting, ballots={act.pk: ADOPTED}),
        lambda: sittings.publish_list(actor=agent, sitting=sitting),
        lambda: sittings.capture_votes(actor=stranger, sitting=sitting, ballots={act.pk: ADOPTED}),
        lambda: sittings.change_sitting(actor=stranger, sitting=sitting, words=EVENING),
    ):
        with pytest.raises(Denied):
            refused()
    with pytest.raises(Missing):
        drafting.draft_act(actor=stranger, words=ActWords(), sitting=sitting.pk)
    assert queries.sitting_of(elected, sitting.pk).pk == sitting.pk
    with pytest.raises(Missing):
        queries.sitting_of(stranger, sitting.pk)


def test_numbers_follow_the_latest_deliberation_and_skip_those_taken(
    secretary: Actor, sitting: Sitting
) -> None:
    numbers = queries.free_numbers(secretary)
    assert [next(numbers), next(numbers)] == ["DEL_2026_062", "DEL_2026_063"]
    drafting.draft_act(actor=secretary, words=ActWords(number="DEL_2026_999", nature="1"))
    assert next(queries.free_numbers(secretary)) == "DEL_2026_1000"
    drafting.draft_act(actor=secretary, words=ActWords(number="SANS", nature="1"))
    assert next(queries.free_numbers(secretary)) == ""
