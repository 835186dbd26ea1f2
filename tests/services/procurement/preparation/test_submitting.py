"""Who prepares hands the file over; who validates finds it on her desk, and may hand it back."""

from __future__ import annotations

from typing import Any

import pytest

from territoires.foundations.worklist import api as worklist
from territoires.kernel.actor import Actor
from territoires.kernel.errors import Conflict, Denied, Invalid
from territoires.services.procurement.actions import preparing, staffing, submitting, validating
from territoires.services.procurement.models import Consultation
from tests.services.procurement.conftest import make_actor, make_consultation, make_person


@pytest.fixture
def agent(body: Any) -> Actor:
    """Prepares, and may not validate."""
    return make_actor(body, "agent", person=make_person(body, "Paul"))


@pytest.fixture
def prepared(agent: Actor) -> Consultation:
    return make_consultation(agent)


def waits_for(actor: Actor) -> list[str]:
    return [item.kind for item in worklist.desk(actor).items]


def test_a_submitted_file_waits_for_who_validates(
    agent: Actor, secretary: Actor, prepared: Consultation
) -> None:
    done = submitting.submit_consultation(actor=agent, consultation=prepared)
    assert done.submitted_at is not None and done.state == "draft"
    assert waits_for(secretary) == ["procurement.to-validate"] and waits_for(agent) == []
    validating.validate_consultation(actor=secretary, consultation=done)
    assert waits_for(secretary) == []


def test_whom_the_team_names_alone_finds_it(
    body: Any, agent: Actor, secretary: Actor, prepared: Consultation
) -> None:
    mayor = make_actor(body, "executive", person=make_person(body, "Odile"))
    staffing.join_team(actor=secretary, consultation=prepared, person=mayor.person, role="validate")  # type: ignore[arg-type]
    prepared.refresh_from_db()
    submitting.submit_consultation(actor=agent, consultation=prepared)
    assert waits_for(mayor) == ["procurement.to-validate"] and waits_for(secretary) == []


def test_what_is_incomplete_is_not_submitted(agent: Actor) -> None:
    blank = make_consultation(agent, "blank")
    with pytest.raises(Invalid) as refused:
        submitting.submit_consultation(actor=agent, consultation=blank)
    assert refused.value.code == "not-ready" and refused.value.faults


def test_a_change_takes_the_request_back(agent: Actor, secretary: Actor, prepared: Consultation) -> None:
    submitting.submit_consultation(actor=agent, consultation=prepared)
    prepared.refresh_from_db()
    preparing.revise_consultation(actor=agent, consultation=prepared, values={"validity_days": 90})
    prepared.refresh_from_db()
    assert prepared.submitted_at is None and waits_for(secretary) == []
    with pytest.raises(Conflict):
        submitting.return_consultation(
            actor=secretary, consultation=prepared, reason="Le calendrier est trop court."
        )


def test_what_is_sent_back_waits_for_who_prepares_it(
    agent: Actor, secretary: Actor, prepared: Consultation
) -> None:
    submitting.submit_consultation(actor=agent, consultation=prepared)
    prepared.refresh_from_db()
    submitting.return_consultation(
        actor=secretary, consultation=prepared, reason="Le calendrier est trop court."
    )
    assert waits_for(agent) == ["procurement.returned"] and waits_for(secretary) == []
    prepared.refresh_from_db()
    submitting.submit_consultation(actor=agent, consultation=prepared)
    assert waits_for(agent) == [] and waits_for(secretary) == ["procurement.to-validate"]


def test_a_reopened_file_waits_for_who_prepares_it(
    agent: Actor, secretary: Actor, prepared: Consultation
) -> None:
    done = validating.validate_consultation(actor=secretary, consultation=prepared)
    validating.reopen_consultation(actor=secretary, consultation=done, reason="Un lot change de matériau.")
    assert waits_for(agent) == ["procurement.returned"]
    done.refresh_from_db()
    preparing.discard_consultation(actor=agent, consultation=done)
    assert waits_for(agent) == []


def test_who_prepares_sends_nothing_back(agent: Actor, prepared: Consultation) -> None:
    submitting.submit_consultation(actor=agent, consultation=prepared)
    prepared.refresh_from_db()
    with pytest.raises(Denied):
        submitting.return_consultation(actor=agent, consultation=prepared, reason="Je change d'avis.")


def test_a_reason_is_due(agent: Actor, secretary: Actor, prepared: Consultation) -> None:
    submitting.submit_consultation(actor=agent, consultation=prepared)
    prepared.refresh_from_db()
    with pytest.raises(Invalid):
        submitting.return_consultation(actor=secretary, consultation=prepared, reason="Non")
