"""The State acknowledges an act that it seemed to refuse, and that is a draft again: what was sent prevails."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import translation

from territoires.foundations.documents import api as documents
from territoires.foundations.worklist.models import Item
from territoires.kernel.actor import system_actor
from territoires.kernel.clock import legal_day, system_clock
from territoires.kernel.errors import Conflict
from territoires.services.legality.actions import answering, drafting, filing, signing
from territoires.services.legality.domain.wording import ActWords
from territoires.services.legality.models import Act, Transmission
from territoires.services.legality.queries.proofs import timeline_of
from territoires.services.legality.queries.readiness import words_of
from tests.services.legality.conftest import pdf, sound

from .conftest import Town
from .places import bring_to

pytestmark = pytest.mark.django_db


@pytest.fixture
def refused(town: Town) -> Transmission:
    act = town.act()
    bring_to("refused", act, town.clerk)
    return Transmission.objects.get(act=act)


def reopen(town: Town, transmission: Transmission) -> Act:
    return signing.reopen_act(actor=town.clerk, act=transmission.act, reason="Une erreur dans le texte.")


def revise(town: Town, act: Act, **words: Any) -> Act:
    said = ActWords(**{**words_of(act), **words})
    return drafting.revise_act(actor=town.clerk, act=act, words=said)


def acknowledge(transmission: Transmission) -> None:
    actor = system_actor("worker", organisation=transmission.organisation_id)
    document = documents.receive(
        [b"<ARActe/>" + transmission.identifier.encode()],
        name="ar.xml",
        organisation=transmission.organisation_id,
        actor=actor,
        limit=1000,
    )
    answering.acknowledge(
        actor=actor,
        transmission=Transmission.objects.get(pk=transmission.pk),
        received_on=legal_day(system_clock()),
        document=document,
    )
    transmission.refresh_from_db()


def bytes_of(document: Any) -> bytes:
    return b"".join(documents.open_stream(document))


def test_the_act_is_again_what_was_sent_and_its_corrections_a_draft(
    town: Town, refused: Transmission
) -> None:
    sent = bytes_of(refused.act.main)
    act = reopen(town, refused)
    act = revise(town, act, object="Autre objet", matter_code="7.5")
    filing.attach_main(actor=town.clerk, act=act, file=sound(town.clerk, pdf("corrigé"), "corrige.pdf"))
    acknowledge(refused)
    act = Act.objects.get(pk=act.pk)
    assert refused.state == "acknowledged"
    assert (act.state, act.object, act.matter_code) == ("signed", "Budget primitif de l'eau", "7.1")
    assert act.signed_on is not None and bytes_of(act.main) == sent
    (draft,) = Act.objects.filter(organisation=town.body).exclude(pk=act.pk)
    assert (draft.state, draft.object, draft.number) == ("draft", "Autre objet", act.number)
    assert bytes_of(draft.main) == pdf("corrigé")
    with translation.override("en"):
        last = timeline_of(act)[-2:]
    assert {step.kind for step in last} == {
        "legality.act.taken-as-sent",
        "legality.transmission.acknowledged",
    }
    (taken,) = [step for step in last if step.kind == "legality.act.taken-as-sent"]
    assert taken.detail == "What was corrected meanwhile is a draft of its own."
    waiting = set(Item.objects.filter(organisation_id=town.body.pk).values_list("subject_id", "kind"))
    assert (act.pk, "effect") in waiting and (draft.pk, "complete") in waiting


def test_a_draft_that_nobody_changed_leaves_no_second_act(town: Town, refused: Transmission) -> None:
    act = reopen(town, refused)
    acknowledge(refused)
    assert Act.objects.get(pk=act.pk).state == "signed"
    assert Act.objects.filter(organisation=town.body).count() == 1


def test_an_act_signed_again_with_other_words_is_what_was_sent(town: Town, refused: Transmission) -> None:
    act = revise(town, reopen(town, refused), object="Autre objet")
    signing.declare_signed(
        actor=town.clerk, act=act, signed_on=legal_day(system_clock()), original_is_kept=True
    )
    acknowledge(refused)
    act = Act.objects.get(pk=act.pk)
    assert (act.state, act.object) == ("signed", "Budget primitif de l'eau")
    assert Act.objects.exclude(pk=act.pk).get().object == "Autre objet"


def test_an_act_thrown_away_meanwhile_is_for_a_person(town: Town, refused: Transmission) -> None:
    drafting.discard_draft(actor=town.clerk, act=reopen(town, refused))
    with pytest.raises(Conflict, match="act-changed-since"):
        acknowledge(refused)
    refused.refresh_from_db()
    assert refused.state == "refused"
