"""A consultation becomes public, and closes: what each step needs, refuses, writes, and what the database holds to."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from territoires.foundations.journal import api as journal
from territoires.kernel.actor import Actor
from territoires.kernel.errors import Conflict, Denied, Invalid, Missing, TooLate
from territoires.services.procurement.actions import (
    amending,
    answering,
    awarding,
    closing,
    publishing,
    validating,
)
from territoires.services.procurement.domain import life
from territoires.services.procurement.domain.findings import Finding, Severity
from territoires.services.procurement.domain.searching import Criteria
from territoires.services.procurement.jobs.publication import keep_time
from territoires.services.procurement.models import Consultation, Criterion, Lot
from territoires.services.procurement.queries import readiness
from territoires.services.procurement.queries.listings import listing_of, search
from territoires.services.procurement.queries.next_step import step_of
from territoires.services.procurement.queries.publication import (
    is_open,
    public_consultation,
    require_open,
    state_at,
    to_close,
    to_publish,
)
from tests.services.procurement.conftest import make_actor, make_body, make_consultation, rows

from .conftest import PUBLISHED_AT, Publish, deadline, visitor, worker

SECOND = timedelta(seconds=1)


def kinds_of(consultation: Consultation) -> list[str]:
    return [fact.kind for fact in journal.timeline(consultation.pk)]


def test_what_is_published_is_there_for_all_with_its_fact(public: Consultation) -> None:
    assert (public.state, public.published_at, public.publication_version) == (
        life.PUBLISHED,
        PUBLISHED_AT,
        1,
    )
    assert public_consultation(visitor(), public.pk) == public
    assert kinds_of(public)[-1] == "procurement.consultation.published"
    listing = listing_of(public.pk)
    assert listing is not None
    assert (listing.status, listing.deadline_at, listing.lot_count) == ("open", public.tenders_until, 2)
    assert listing.cpv_prefixes == ["45", "452", "4526", "45261", "452612"]
    assert listing.places == ["FR", "FRC", "FRC1", "FRC11"]
    assert listing.amount is None


def test_the_estimate_is_public_only_where_the_buyer_says_so(publish: Publish) -> None:
    listing = listing_of(publish(shows_value=True).pk)
    assert listing is not None and listing.amount == 180000


def test_nothing_is_published_twice(buyer: Actor, public: Consultation) -> None:
    with pytest.raises(Conflict):
        publishing.publish_consultation(actor=buyer, consultation=public)
    assert kinds_of(public).count("procurement.consultation.published") == 1


def test_a_draft_is_not_published(secretary: Actor) -> None:
    with pytest.raises(Conflict):
        publishing.publish_consultation(actor=secretary, consultation=make_consultation(secretary))


def test_what_is_not_published_is_nobodys_to_read(secretary: Actor) -> None:
    done = make_consultation(secretary, "validated")
    with pytest.raises(Missing):
        public_consultation(visitor(), done.pk)
    assert not search(Criteria(), secretary.now()).listings


def test_a_quorum_that_is_not_ready_stops_it_and_says_why(
    buyer: Actor, secretary: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    lacking = Finding(
        code="officers-missing", step="opening", field="", severity=Severity.MISSING, message="m", remedy="r"
    )
    monkeypatch.setattr(readiness, "quorum_obstacles", lambda consultation: [lacking])
    done = make_consultation(secretary, "validated")
    with pytest.raises(Invalid) as refused:
        publishing.publish_consultation(actor=buyer, consultation=done)
    assert [fault.code for fault in refused.value.faults] == ["officers-missing"]
    done.refresh_from_db()
    assert done.state == life.VALIDATED


def test_production_needs_an_outside_time_stamp_and_a_support(
    buyer: Actor, secretary: Actor, settings: object
) -> None:
    done = make_consultation(secretary, "validated")
    assert not readiness.publication_obstacles(done, buyer)
    environment = settings.ENVIRONMENT  # type: ignore[attr-defined]
    settings.ENVIRONMENT = _InProduction(environment)  # type: ignore[attr-defined]
    settings.OUTSIDE_TIME_STAMPING = None  # type: ignore[attr-defined]
    assert [one.code for one in readiness.publication_obstacles(done, buyer)] == ["no-qualified-time-stamp"]
    settings.OUTSIDE_TIME_STAMPING = {"url": "https://tsa.example"}  # type: ignore[attr-defined]
    assert not readiness.publication_obstacles(done, buyer)
    settings.SUPPORT_TELEPHONE = ""  # type: ignore[attr-defined]
    assert [one.code for one in readiness.publication_obstacles(done, buyer)] == ["no-support-telephone"]


class _InProduction:
    is_demonstration = False

    def __init__(self, present: object) -> None:
        self.present = present

    def __getattr__(self, name: str) -> object:
        return getattr(self.present, name)


def test_a_calendar_that_grew_too_short_stops_it(secretary: Actor) -> None:
    """Validated for the seventh of December, published too late: the deadline leaves too few days."""
    done = make_consultation(secretary, "validated")
    late = secretary.at(deadline(done) - timedelta(days=3))
    with pytest.raises(Invalid) as refused:
        publishing.publish_consultation(actor=late, consultation=done)
    assert "deadline-short" in {fault.code for fault in refused.value.faults}


def test_an_agent_who_may_not_and_a_stranger_are_refused(
    body: object, secretary: Actor, public: Consultation
) -> None:
    done = make_consultation(secretary, "validated")
    for actor in (make_actor(body, "agent"), make_actor(make_body("Ailleurs", "217004999")), visitor()):
        with pytest.raises(Denied):
            publishing.publish_consultation(actor=actor, consultation=done)
        with pytest.raises(Denied):
            amending.suspend_consultation(actor=actor, consultation=public, reason="Une raison suffisante.")


# -- at an appointed time -----------------------------------------------------------------------------------------------


def test_it_is_published_at_the_appointed_time(secretary: Actor) -> None:
    done = make_consultation(secretary, "validated")
    scheduled = publishing.schedule_publication(actor=secretary, consultation=done, publish_at=PUBLISHED_AT)
    assert (scheduled.state, scheduled.publish_at) == (life.SCHEDULED, PUBLISHED_AT)
    assert not list(to_publish(PUBLISHED_AT - SECOND))
    with pytest.raises(Conflict):
        publishing.publish_on_time(actor=worker(PUBLISHED_AT - SECOND), consultation=scheduled)
    (due,) = to_publish(PUBLISHED_AT)
    there = publishing.publish_on_time(actor=worker(PUBLISHED_AT), consultation=due)
    assert (there.state, there.published_at) == (life.PUBLISHED, PUBLISHED_AT)


@pytest.mark.parametrize("at", [PUBLISHED_AT - timedelta(days=300), PUBLISHED_AT + timedelta(days=300)])
def test_an_hour_that_cannot_be_is_refused(secretary: Actor, at: datetime) -> None:
    done = make_consultation(secretary, "validated")
    with pytest.raises(Invalid):
        publishing.schedule_publication(actor=secretary, consultation=done, publish_at=at)


def test_an_hour_that_leaves_too_few_days_is_refused_at_once(secretary: Actor) -> None:
    done = make_consultation(secretary, "validated")
    with pytest.raises(Invalid) as refused:
        publishing.schedule_publication(
            actor=secretary, consultation=done, publish_at=deadline(done) - timedelta(days=2)
        )
    assert "deadline-short" in {fault.code for fault in refused.value.faults}


def test_a_scheduled_one_may_be_called_off(secretary: Actor) -> None:
    done = make_consultation(secretary, "validated")
    publishing.schedule_publication(actor=secretary, consultation=done, publish_at=PUBLISHED_AT)
    back = publishing.call_off_publication(actor=secretary, consultation=done)
    assert (back.state, back.publish_at) == (life.VALIDATED, None)
    assert not list(to_publish(PUBLISHED_AT))


def test_what_stops_it_then_is_told_on_the_desk(secretary: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    done = make_consultation(secretary, "validated")
    publishing.schedule_publication(actor=secretary, consultation=done, publish_at=PUBLISHED_AT)
    lacking = Finding(
        code="officers-missing", step="opening", field="", severity=Severity.MISSING, message="m", remedy="r"
    )
    monkeypatch.setattr(readiness, "quorum_obstacles", lambda consultation: [lacking])
    held = publishing.publish_on_time(actor=worker(PUBLISHED_AT), consultation=done)
    assert (held.state, held.published_at) == (life.VALIDATED, None)
    item = rows("worklist.Item").get(subject_id=done.pk)
    assert (item.kind, item.tone) == (publishing.HELD_BACK, "bad")
    monkeypatch.setattr(readiness, "quorum_obstacles", lambda consultation: [])
    publishing.publish_consultation(actor=secretary.at(PUBLISHED_AT), consultation=held)
    assert not rows("worklist.Item").filter(subject_id=done.pk, kind=publishing.HELD_BACK).exists()


# -- the deadline -------------------------------------------------------------------------------------------------------


def test_the_deadline_counts_to_the_instant_whenever_it_is_noted(public: Consultation) -> None:
    last = deadline(public)
    assert is_open(public, last)
    assert state_at(public, last) == life.PUBLISHED
    just_after = last + timedelta(microseconds=1)
    assert not is_open(public, just_after)
    assert state_at(public, just_after) == life.CLOSED
    with pytest.raises(TooLate):
        require_open(public, just_after)


def test_it_is_closed_once_its_deadline_has_passed(public: Consultation) -> None:
    last = deadline(public)
    assert not list(to_close(last))
    with pytest.raises(Conflict):
        closing.close_round(actor=worker(last), consultation=public)
    (due,) = to_close(last + SECOND)
    done = closing.close_round(actor=worker(last + SECOND), consultation=due)
    assert (done.state, done.closed_at) == (life.CLOSED, last + SECOND)
    listing = listing_of(public.pk)
    assert listing is not None and listing.status == "closed"
    with pytest.raises(Conflict):
        closing.close_round(actor=worker(last + SECOND), consultation=due)


def test_the_desk_tells_the_deadline_as_it_moves_and_that_no_bid_came(
    buyer: Actor, public: Consultation
) -> None:
    def waits() -> tuple[str, datetime | None]:
        item = rows("worklist.Item").get(subject_id=public.pk)
        return item.verb, item.due_at

    assert waits() == ("Be ready to open the bids", deadline(public))
    asked = answering.ask_question(actor=visitor(), consultation=public, text="Quelle est la hauteur ?")
    step = step_of(public, PUBLISHED_AT.date())
    assert step is not None and (step.code, step.count) == ("answer", 1)
    assert waits() == ("Be ready to open the bids", deadline(public)), "the question has an item of its own"
    answering.dismiss_question(actor=buyer, consultation=public, question=asked.pk, reason="Une erreur.")
    later = deadline(public) + timedelta(days=7)
    amending.amend_consultation(
        actor=buyer,
        consultation=public,
        summary="La date limite est reportée.",
        reason="Le plan manquait.",
        values={"tenders_until": later},
    )
    public.refresh_from_db()
    assert waits() == ("Be ready to open the bids", deadline(public))
    closing.close_round(actor=worker(deadline(public) + SECOND), consultation=public)
    assert waits() == ("End the procedure: no bid came in time", None)
    awarding.end_without_contract(
        actor=buyer.at(deadline(public) + SECOND),
        consultation=public,
        outcome="unsuccessful",
        reason="Aucun pli n'est arrivé.",
    )
    assert not rows("worklist.Item").filter(subject_id=public.pk).exists()


def test_the_minute_job_publishes_what_is_due(secretary: Actor) -> None:
    """On the real clock, which passed that hour long ago."""
    done = make_consultation(secretary, "validated")
    past = PUBLISHED_AT - timedelta(days=400)
    rows("t_procurement.Consultation").filter(pk=done.pk).update(state=life.SCHEDULED, publish_at=past)
    keep_time(0)
    done.refresh_from_db()
    assert done.state in (life.PUBLISHED, life.VALIDATED)  # the second, when the law says so by then
    assert done.publish_at is None


def test_nobody_but_the_platform_closes(secretary: Actor, public: Consultation) -> None:
    with pytest.raises(Denied):
        closing.close_round(actor=secretary.at(deadline(public) + SECOND), consultation=public)


# -- what the database itself holds to ----------------------------------------------------------------------------------


def test_lots_and_criteria_are_frozen_by_the_database(public: Consultation) -> None:
    def refused(change: object) -> None:
        with pytest.raises(IntegrityError), transaction.atomic():
            change()  # type: ignore[operator]

    criteria, lots = Criterion.objects.filter(consultation=public), Lot.objects.filter(consultation=public)
    refused(lambda: criteria.update(weight=1))
    refused(lambda: criteria.first().delete())  # type: ignore[union-attr]
    refused(lambda: lots.update(title="Autre"))
    refused(lambda: lots.first().delete())  # type: ignore[union-attr]
    refused(lambda: Lot(consultation=public, number=9, title="Encore un").save())
    refused(lambda: Criterion(consultation=public, position=9, kind="price", name="Prix", weight=10).save())


def test_a_published_deadline_and_date_never_move_back(public: Consultation) -> None:
    row = rows("t_procurement.Consultation").filter(pk=public.pk)
    for change in (
        {"tenders_until": deadline(public) - SECOND},
        {"published_at": PUBLISHED_AT + SECOND},
        {"publication_version": 0},
        {"state": life.DRAFT},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            row.update(**change)
    assert row.update(tenders_until=deadline(public) + SECOND) == 1


def test_a_published_one_is_not_prepared_again(buyer: Actor, public: Consultation) -> None:
    with pytest.raises(Conflict):
        validating.reopen_consultation(
            actor=buyer, consultation=public, reason="Nous voulons changer les critères."
        )
