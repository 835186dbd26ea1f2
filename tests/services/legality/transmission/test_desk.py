"""The desk says of an act that goes to the State the one next step, and until when the law gives time."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from territoires.foundations.documents import api as documents
from territoires.foundations.worklist.models import Item
from territoires.kernel.actor import system_actor
from territoires.kernel.clock import PARIS, legal_day, system_clock
from territoires.services.legality.actions import (
    answering,
    notifying,
    publishing,
    signing,
    transmitting,
    withdrawing,
)
from territoires.services.legality.models import Act, Envelope, Transmission
from tests.services.legality.conftest import NOTICE

from .conftest import Town
from .places import bring_to

pytestmark = pytest.mark.django_db
PERMIT = {"nature": "3", "matter_code": "2.2", "number": "PC_2026_007"}
REASON = "Une erreur dans le texte."


def waiting(act: Act) -> list[tuple[str, str]]:
    """The lines of the act on the desk: what to do, in which state."""
    return list(Item.objects.filter(matter=act.pk).values_list("verb", "state_label"))


PREPARE = [("Prepare for the prefecture", "Not transmitted yet")]
CONFIRM = [("Confirm the transmission", "To be confirmed")]
CORRECT = [("Correct and send again", "Refused")]
PUBLISH = [("Publish", "Signed")]


def test_one_line_follows_the_act_to_its_publication(town: Town) -> None:
    act = town.act()
    assert waiting(act) == PREPARE
    transmitting.prepare_transmission(actor=town.clerk, act=act)
    assert waiting(act) == CONFIRM
    transmitting.abandon_transmission(actor=town.clerk, act=act)
    assert waiting(act) == PREPARE
    bring_to("acknowledged", act, town.clerk)
    act.refresh_from_db()
    assert waiting(act) == PUBLISH
    publishing.publish_act(actor=town.clerk, act=act)
    assert waiting(act) == []


def test_nothing_is_asked_while_the_state_has_to_answer(town: Town) -> None:
    act = town.act()
    bring_to("leaving", act, town.clerk)
    assert waiting(act) == []


def test_an_act_published_first_still_has_to_reach_the_state(town: Town) -> None:
    act = publishing.publish_act(actor=town.clerk, act=town.act())
    assert waiting(act) == PREPARE
    bring_to("acknowledged", act, town.clerk)
    assert waiting(act) == []


def test_what_the_state_refused_is_corrected_and_confirmed_again(town: Town) -> None:
    act = town.act()
    bring_to("refused", act, town.clerk)
    assert waiting(act) == CORRECT
    act.refresh_from_db()
    transmitting.reissue_transmission(
        actor=town.clerk, act=act, matter_code=act.matter_code, main_type=act.main_type
    )
    assert waiting(act) == CONFIRM


def test_a_refused_act_sent_back_to_draft_waits_as_a_draft_alone(town: Town) -> None:
    act = town.act()
    bring_to("refused", act, town.clerk)
    act.refresh_from_db()
    signing.reopen_act(actor=town.clerk, act=act, reason=REASON)
    assert [verb for verb, _state in waiting(act)] == ["Complete and have it signed"]


def test_a_refused_act_that_is_withdrawn_leaves_the_desk(town: Town) -> None:
    act = publishing.publish_act(actor=town.clerk, act=town.act())
    bring_to("refused", act, town.clerk)
    assert waiting(act) == CORRECT
    act.refresh_from_db()
    withdrawing.withdraw_act(actor=town.clerk, act=act, reason=REASON)
    assert waiting(act) == []


@pytest.mark.parametrize(("is_taken", "after"), [(True, PREPARE), (False, PUBLISH)])
def test_a_cancellation_that_is_answered_says_what_comes_next(town: Town, is_taken: bool, after: Any) -> None:
    act = town.act()
    bring_to("acknowledged", act, town.clerk)
    act.refresh_from_db()
    clerk = replace(town.clerk, assurance=replace(town.clerk.assurance, proved_at=system_clock()))
    transmitting.cancel_transmission(actor=clerk, act=act)
    assert waiting(act) == []
    transmission = Transmission.objects.get(act=act)
    worker = system_actor("worker", organisation=transmission.organisation_id)
    if is_taken:
        answer = documents.receive(
            [b"<ARAnnulation/>"], name="ar.xml", organisation=act.organisation_id, actor=worker, limit=1000
        )
        envelope = Envelope.objects.get(transmission=transmission, kind="1-1")
        answering.record_cancelled(
            actor=worker,
            transmission=transmission,
            envelope=envelope,
            cancelled_on=legal_day(system_clock()),
            document=answer,
        )
    else:
        answering.refuse_cancellation(actor=worker, transmission=transmission, detail="Trop tard.")
    assert waiting(act) == after


def test_an_individual_act_has_fifteen_days_from_its_signature_to_leave(town: Town) -> None:
    act = town.act(**PERMIT)
    assert act.signed_on == date(2026, 11, 13)
    last = datetime(2026, 11, 28, 23, 59, 59, tzinfo=PARIS)
    assert Item.objects.get(matter=act.pk).due_at == last
    transmitting.prepare_transmission(actor=town.clerk, act=act)
    assert Item.objects.get(matter=act.pk).due_at == last
    transmitting.abandon_transmission(actor=town.clerk, act=act)
    bring_to("acknowledged", act, town.clerk)
    told = Item.objects.get(matter=act.pk)
    assert (told.verb, told.due_at) == ("Notify", None)
    act.refresh_from_db()
    notifying.notify_act(actor=town.clerk, act=act, notice=NOTICE)
    assert waiting(act) == []


def test_the_law_sets_no_last_day_to_transmit_a_deliberation(town: Town) -> None:
    assert Item.objects.get(matter=town.act().pk).due_at is None
