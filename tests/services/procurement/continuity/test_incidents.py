"""Interruptions: told by the operator, listed with what they touch, decided by each buyer."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from territoires.foundations.journal import api as journal
from territoires.kernel.actor import Actor, system_actor
from territoires.kernel.errors import Conflict, Denied, Invalid, Missing
from territoires.services.procurement import jobs
from territoires.services.procurement.actions import incidents
from territoires.services.procurement.domain.incidents import later, proposed
from territoires.services.procurement.models import Amendment, Consultation, Incident, Touched
from territoires.services.procurement.queries import incidents as queries
from territoires.services.procurement.queries.law import law_on
from tests.services.procurement.conftest import NOW, make_actor, make_body, mandated, rows

from .conftest import DEADLINE, published

pytestmark = pytest.mark.django_db
WHAT = "Le dépôt des plis ne répondait plus."
BEGAN = NOW - timedelta(hours=1)


def tell(operator: Actor, from_at: datetime = BEGAN, until_at: datetime | None = NOW) -> Incident:
    return incidents.declare_incident(
        actor=operator, from_at=from_at, until_at=until_at, what=WHAT, parts=["storage"]
    )


def test_the_deadline_moves_by_working_days_at_the_same_hour() -> None:
    friday = datetime(2026, 12, 4, 11, tzinfo=UTC)
    calendar = law_on(NOW.date()).calendar
    at = proposed(friday, friday - timedelta(hours=1), days=2, calendar=calendar, now=friday)
    assert (at.date().isoformat(), at.hour) == ("2026-12-07", 12)  # Sunday is no day; noon in Paris
    assert proposed(friday, None, days=2, calendar=calendar, now=friday + timedelta(days=10)) > at


def test_in_two_stages_the_second_follows_the_first() -> None:
    first, second = NOW, NOW + timedelta(days=30)
    assert later(first, second, first, first + timedelta(days=2)) == {
        "applications_until": first + timedelta(days=2),
        "tenders_until": second + timedelta(days=2),
    }
    assert later(None, second, second, second + timedelta(days=1)) == {
        "tenders_until": second + timedelta(days=1)
    }


def test_it_lists_what_it_touches_and_nothing_else(secretary: Actor, operator: Actor) -> None:
    touched = published(secretary)
    for deadline in (BEGAN - timedelta(minutes=1), NOW + timedelta(hours=24, minutes=1)):
        published(secretary, deadline)
    last = published(secretary, NOW + timedelta(hours=24))
    incident = tell(operator)
    assert [one.consultation_id for one in incident.touched.all()] == [touched.pk, last.pk]
    [entry] = [e for e in journal.timeline(incident.pk) if e.kind == "procurement.incident.declared"]
    assert entry.facts["consultations"] == [str(touched.pk), str(last.pk)]
    assert entry.private == {"what": WHAT}


def test_the_buyer_is_told_by_mail_and_on_the_desk(secretary: Actor, operator: Actor) -> None:
    one = published(secretary)
    tell(operator)
    assert rows("worklist.Item").filter(matter=one.pk, kind=incidents.WAITS).count() == 1
    assert rows("notifications.Mail").filter(address=one.contact_email).count() == 1


def test_one_that_lasts_goes_on_listing(secretary: Actor, operator: Actor) -> None:
    soon = published(secretary, NOW + timedelta(hours=26))
    incident = tell(operator, until_at=None)
    assert not incident.touched.exists()
    worker = system_actor("worker").at(NOW + timedelta(hours=3))
    incidents.follow_incident(actor=worker, incident=incident)
    assert incident.touched.get().consultation_id == soon.pk
    with pytest.raises(Conflict):
        incidents.follow_incident(actor=worker, incident=incident)


def test_one_click_puts_the_deadline_off_with_a_corrigendum(secretary: Actor, operator: Actor) -> None:
    one = published(secretary)
    touched = tell(operator).touched.get()
    until = queries.proposed_for(touched, NOW)
    incidents.extend_touched(actor=secretary, touched=touched)
    one.refresh_from_db()
    assert one.tenders_until == until > DEADLINE
    amendment = Amendment.objects.get(consultation=one)
    assert (amendment.tenders_before, amendment.tenders_after) == (DEADLINE, until)
    assert amendment.reason == WHAT
    kinds = [entry.kind for entry in journal.timeline(one.pk)][-2:]
    assert set(kinds) == {"procurement.consultation.amended", "procurement.incident.decided"}
    assert not rows("worklist.Item").filter(kind=incidents.WAITS).exists()
    with pytest.raises(Conflict):
        incidents.extend_touched(actor=secretary, touched=touched)


def test_all_are_put_off_together_and_each_alone(secretary: Actor, operator: Actor) -> None:
    for hours in (1, 2, 3):
        published(secretary, NOW + timedelta(hours=hours))
    incident = tell(operator)
    last = incident.touched.last()
    assert last is not None
    Consultation.objects.filter(pk=last.consultation_id).update(state="opening")
    done = incidents.extend_all(actor=secretary, incident=incident)
    assert [one.refusal and one.refusal.code for one in done] == [None, None, "bids-opened"]
    assert incident.touched.filter(decision="extended").count() == 2


def test_a_call_that_closed_receives_bids_again(secretary: Actor, operator: Actor) -> None:
    one = published(secretary, NOW - timedelta(minutes=30))
    Consultation.objects.filter(pk=one.pk).update(state="closed", closed_at=NOW - timedelta(minutes=29))
    incidents.extend_touched(actor=secretary, touched=tell(operator).touched.get())
    one.refresh_from_db()
    assert (one.state, one.closed_at) == ("published", None)
    assert "procurement.call.reopened" in [entry.kind for entry in journal.timeline(one.pk)]


def test_everybody_who_took_the_documents_is_told(secretary: Actor, operator: Actor) -> None:
    one = published(secretary)
    rows("t_procurement.Correspondent").create(
        consultation=one,
        name="Camille Exemple",
        email="camille@modele.example",
        token="x" * 32,
        left_at=NOW - timedelta(days=2),
    )
    incidents.extend_touched(actor=secretary, touched=tell(operator).touched.get())
    amendment = Amendment.objects.get(consultation=one)
    jobs.publication.tell_correspondents(consultation=str(one.pk), about=str(amendment.pk))
    assert rows("notifications.Mail").filter(address="camille@modele.example").count() == 1


@pytest.mark.parametrize("state", ["negotiating", "round_closed"])
def test_a_round_is_put_off_for_all_who_were_invited(secretary: Actor, operator: Actor, state: str) -> None:
    one = published(secretary, NOW - timedelta(days=30))
    deadline = NOW - timedelta(minutes=30)
    second = rows("t_procurement.NegotiationRound").create(
        consultation=one,
        round=2,
        information="Prix",
        deadline_at=deadline,
        invited_at=NOW - timedelta(days=9),
    )
    Consultation.objects.filter(pk=one.pk).update(state=state)
    touched = tell(operator).touched.get()
    assert (touched.consultation_id, touched.deadline_at) == (one.pk, deadline)
    incidents.extend_touched(actor=secretary, touched=touched)
    second.refresh_from_db()
    one.refresh_from_db()
    assert second.deadline_at == touched.incident.touched.get().extended_until > NOW
    assert (one.state, Amendment.objects.count()) == ("negotiating", 0)


def test_keeping_the_deadline_asks_a_reason(secretary: Actor, operator: Actor) -> None:
    one = published(secretary)
    touched = tell(operator).touched.get()
    with pytest.raises(Invalid):
        incidents.leave_touched(actor=secretary, touched=touched, reason=" ")
    incidents.leave_touched(actor=secretary, touched=touched, reason="Le service était revenu la veille.")
    one.refresh_from_db()
    assert one.tenders_until == DEADLINE
    with pytest.raises(Conflict):
        incidents.extend_touched(actor=secretary, touched=touched)


@pytest.mark.parametrize("until", [NOW - timedelta(hours=2), DEADLINE, NOW])
def test_a_deadline_that_is_none_is_refused(secretary: Actor, operator: Actor, until: datetime) -> None:
    published(secretary)
    touched = tell(operator).touched.get()
    with pytest.raises(Invalid):
        incidents.extend_touched(actor=secretary, touched=touched, until=until)
    assert not Amendment.objects.exists()


@pytest.mark.parametrize(
    ("from_at", "until_at", "code"),
    [
        (NOW + timedelta(minutes=1), None, "incident-future"),
        (BEGAN, NOW + timedelta(minutes=1), "incident-end-future"),
        (BEGAN, BEGAN, "incident-reversed"),
        (NOW - timedelta(days=40), NOW, "incident-too-long"),
    ],
)
def test_impossible_times_are_refused(
    operator: Actor, from_at: datetime, until_at: datetime | None, code: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        tell(operator, from_at, until_at)
    assert code in [fault.code for fault in refusal.value.faults]


def test_a_correction_takes_nobody_off_the_list(secretary: Actor, operator: Actor) -> None:
    published(secretary)
    incident = tell(operator)
    shorter = {"from_at": BEGAN - timedelta(days=3), "until_at": BEGAN - timedelta(days=2), "what": WHAT}
    revised = incidents.revise_incident(actor=operator, incident=incident, version=1, **shorter)
    assert revised.touched.count() == 1
    with pytest.raises(Conflict):
        incidents.revise_incident(actor=operator, incident=incident, version=1, **shorter)


def test_each_sees_and_decides_its_own(secretary: Actor, operator: Actor, body: Any) -> None:
    published(secretary)
    elsewhere = make_actor(make_body("Commune de Modèle", "210000009"))
    theirs = published(elsewhere)
    incident = tell(operator)
    assert [line.touched.consultation_id for line in queries.touched_of(elsewhere, incident)] == [theirs.pk]
    assert len(queries.touched_of(operator, incident)) == 2
    ours = incident.touched.exclude(consultation=theirs).get()
    architect = mandated(body)
    assert queries.incidents_of(architect) == [] and queries.touched_of(architect, incident) == []
    for stranger in (elsewhere, operator, architect, replace(secretary, grants={})):
        with pytest.raises(Denied):
            incidents.extend_touched(actor=stranger, touched=ours)
    with pytest.raises(Denied):
        tell(secretary)
    nobody = make_actor(make_body("Commune d'Ailleurs", "210000017"))
    with pytest.raises(Missing):
        queries.incident_of(nobody, incident.pk)
    assert queries.incidents_of(nobody) == []


def test_what_everybody_reads_names_no_consultation(
    secretary: Actor, operator: Actor, client: Client
) -> None:
    one = published(secretary)
    tell(operator)
    page = client.get(reverse("procurement:availability")).content.decode()
    assert WHAT in page
    assert one.title not in page


def test_touched_rows_hold_together(secretary: Actor, operator: Actor) -> None:
    from django.db import IntegrityError, transaction

    published(secretary)
    touched: Any = tell(operator).touched.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        Touched.objects.filter(pk=touched.pk).update(decision="extended")
