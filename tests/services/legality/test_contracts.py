"""The acts of contracts that another service had signed: their draft is proposed, their notification noted."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from territoires.foundations.journal import api as journal
from territoires.kernel.actor import Actor, system_actor
from territoires.kernel.errors import Conflict, Denied
from territoires.kernel.ids import new_id
from territoires.services.legality import subscriptions
from territoires.services.legality.actions import notifying, proposing, signing
from territoires.services.legality.actions.notifying import Notice
from territoires.services.legality.models import Act

from .conftest import NOW, make_actor, make_body, pdf, receive

NOTICE = Notice(recipient="Travaux Modèle", notified_on=NOW.date(), means="electronic")


@pytest.fixture
def secretary(db: None) -> Actor:
    return make_actor(make_body())


@pytest.fixture
def machine(secretary: Actor) -> Actor:
    return system_actor("follower", organisation=secretary.organisation).at(NOW)


@pytest.fixture
def draft(secretary: Actor, machine: Actor) -> Act:
    proposed = proposing.Proposed(
        act=new_id(),
        matter=new_id(),
        number="2026-001-L1",
        object="Toiture de l'école, lot 1",
        decided_on=date(2026, 11, 10),
        document=receive(secretary, pdf("contract")).pk,
        main_type="99_AU",
        given_names="Paul",
        usual_name="Essai",
        quality="Maire",
    )
    return proposing.propose_contract(actor=machine, proposed=proposed)


def sign(secretary: Actor, act: Act) -> Act:
    return signing.declare_signed(
        actor=secretary, act=act, signed_on=date(2026, 11, 10), original_is_kept=True
    )


def test_a_contract_notified_where_it_was_signed_is_notified_here(
    secretary: Actor, machine: Actor, draft: Act
) -> None:
    act = sign(secretary, draft)
    noted = notifying.note_contract_notified(actor=machine, act=act, notice=NOTICE)
    assert noted.state == "notified"
    (notification,) = noted.notifications.all()
    assert (notification.recipient, notification.means) == ("Travaux Modèle", "electronic")
    with pytest.raises(Conflict, match="act-not-signed"):
        notifying.note_contract_notified(actor=machine, act=act, notice=NOTICE)


def test_what_is_not_signed_is_not_noted(machine: Actor, draft: Act) -> None:
    with pytest.raises(Conflict, match="act-not-signed"):
        notifying.note_contract_notified(actor=machine, act=draft, notice=NOTICE)


def test_only_the_platform_notes_it(secretary: Actor, draft: Act) -> None:
    act = sign(secretary, draft)
    with pytest.raises(Denied):
        notifying.note_contract_notified(actor=secretary, act=act, notice=NOTICE)


@pytest.mark.parametrize("changed", [{"means": "delivery"}, {"act": None}])
def test_what_was_handed_over_otherwise_is_left_to_its_agent(
    secretary: Actor, draft: Act, changed: dict[str, Any]
) -> None:
    act, enterprise = sign(secretary, draft), make_body("Travaux Modèle", "217104390")
    said = {
        "act": str(act.pk),
        "means": "platform",
        "holder": str(enterprise.pk),
        "notified_on": str(NOW.date()),
    }
    fact = journal.Recorded(
        seq=1,
        id=new_id(),
        kind="procurement.contract.notified",
        version=1,
        at=NOW,
        organisation=enterprise.pk,
        actor={},
        subject_type="procurement.contract",
        subject_id=new_id(),
        matter=act.part_of,
        facts=said | changed,
        files={},
    )
    subscriptions.follow_contract(fact)
    act.refresh_from_db()
    assert act.state == "signed"
    subscriptions.follow_contract(replace(fact, facts=said))
    act.refresh_from_db()
    assert act.state == "notified"
    told = [one for one in journal.timeline(act.part_of) if one.kind == "legality.act.notified"]
    assert [one.organisation for one in told] == [secretary.organisation], "the buyer's, not the holder's"
