"""Saved searches: nothing before the yes, each consultation once a version, one click to end it."""

from __future__ import annotations

import itertools
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from territoires.kernel.actor import Actor
from territoires.kernel.errors import Conflict, Denied, Invalid, Missing
from territoires.services.procurement.actions import alerting, amending
from territoires.services.procurement.domain.searching import Criteria, read_criteria
from territoires.services.procurement.jobs import publication
from territoires.services.procurement.models import Consultation, Listing, SavedSearch
from territoires.services.procurement.queries import listings
from territoires.services.procurement.queries.listings import new_for, searches_to_look
from tests.services.procurement.conftest import rows

from .conftest import PUBLISHED_AT, Publish, deadline, visitor, worker

ADDRESS = "manon@travaux.example"
BEFORE = PUBLISHED_AT - timedelta(days=1)
AFTER = PUBLISHED_AT + timedelta(hours=20)
ROOFS = Criteria(q="toiture")


def save(criteria: Criteria = ROOFS, **given: Any) -> SavedSearch:
    return alerting.save_search(
        **{"actor": visitor(BEFORE), "criteria": criteria, "label": "toiture", "email": ADDRESS} | given
    )


def confirmed(criteria: Criteria = ROOFS, **given: Any) -> SavedSearch:
    one = save(criteria, **given)
    return alerting.confirm_search(actor=visitor(BEFORE), search=one, token=one.confirm_token)


def mails() -> list[Any]:
    return list(rows("notifications.Mail").filter(address=ADDRESS).order_by("pk"))


def told() -> list[bool]:
    """Of each consultation in the last mail, whether it is told as changed."""
    return [line["is_changed"] for line in mails()[-1].notification.context["lines"]]


def test_nothing_is_sent_before_the_holder_says_yes(db: None, publish: Publish) -> None:
    one = save()
    publish()
    assert not list(searches_to_look("daily"))
    (asked,) = mails()
    assert one.confirm_token in asked.notification.context["address"]


def test_a_wrong_link_confirms_and_ends_nothing(db: None) -> None:
    one = save()
    for verb in (alerting.confirm_search, alerting.stop_search):
        for token in ("", one.confirm_token[:-1], "é" * 20, str(one.pk)):
            with pytest.raises(Missing):
                verb(actor=visitor(BEFORE), search=one, token=token)
    # The link that says yes does not say no.
    with pytest.raises(Missing):
        alerting.stop_search(actor=visitor(BEFORE), search=one, token=one.confirm_token)


def look(at: Any) -> list[Listing]:
    """One morning: what leaves for the daily searches, as the job does it."""
    left: list[Listing] = []
    for search in searches_to_look("daily"):
        found = new_for(search, read_criteria(search.criteria), at)
        if found:
            alerting.send_alert(actor=worker(at), search=search, listings=found)
            left += found
    return left


def test_each_consultation_is_told_once_a_version(buyer: Actor, publish: Publish) -> None:
    confirmed()
    public = publish()
    assert [one.consultation_id for one in look(AFTER)] == [public.pk]
    assert told() == [False]
    assert look(AFTER + timedelta(days=1)) == []
    amending.amend_consultation(
        actor=buyer.at(AFTER + timedelta(days=1, hours=1)),
        consultation=public,
        summary="La date limite est repoussée.",
        reason="Un document manquait au dossier.",
        values={"tenders_until": deadline(public) + timedelta(days=7)},
    )
    assert [one.version for one in look(AFTER + timedelta(days=2))] == [2]
    assert told() == [True]
    assert look(AFTER + timedelta(days=3)) == []
    alert = mails()[-1].notification
    assert alert.template == alerting.ALERT
    assert alert.context["lines"][0]["link"].endswith(f"/marches/{public.pk}/")


def test_what_does_not_answer_is_not_told(publish: Publish) -> None:
    confirmed(Criteria(q="tracteur"))
    publish()
    assert look(AFTER) == []


def test_what_was_there_before_is_not_new(publish: Publish) -> None:
    publish()
    one = save(actor=visitor(AFTER))
    alerting.confirm_search(actor=visitor(AFTER), search=one, token=one.confirm_token)
    assert look(AFTER + timedelta(days=1)) == []


def test_one_click_ends_it(publish: Publish) -> None:
    one = confirmed()
    alerting.stop_search(actor=visitor(BEFORE), search=one, token=one.stop_token)
    publish()
    assert look(AFTER) == []


def test_an_address_has_so_many_searches_and_no_more(db: None) -> None:
    for _number in range(alerting.MOST_SEARCHES):
        save()
    with pytest.raises(Conflict):
        save()
    save(email="autre@travaux.example")


@pytest.mark.parametrize("email", ["", "nulle part", "a@b", "a@b.example\nBcc: c@d.example"])
def test_an_address_is_an_address(db: None, email: str) -> None:
    with pytest.raises(Invalid):
        save(email=email)


def test_only_the_platform_sends(secretary: Actor, public: Consultation) -> None:
    one = confirmed()
    with pytest.raises(Denied):
        alerting.send_alert(actor=secretary, search=one, listings=list(Listing.objects.all()))


class Dead(BaseException):
    """The machine dies here."""


def test_a_morning_that_died_is_done_again_and_nobody_is_told_twice(
    publish: Publish, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed within the second of three mails: its effects are undone, the first stays, the next look tells the rest."""
    for email in ("a@travaux.example", "b@travaux.example", "c@travaux.example"):
        confirmed(email=email)
    publish()
    monkeypatch.setattr(publication, "system_actor", lambda _name: worker(AFTER))
    whole, calls = alerting.notify, itertools.count(1)

    def dies(**given: Any) -> Any:
        told = whole(**given)
        if next(calls) == 2:
            raise Dead
        return told

    with monkeypatch.context() as dying:
        dying.setattr(alerting, "notify", dies)
        with pytest.raises(Dead):
            publication.look("daily")
    assert sum(told_of_it().values()) == 1
    for _again in range(2):
        publication.look("daily")
    assert told_of_it() == {"a@travaux.example": 1, "b@travaux.example": 1, "c@travaux.example": 1}


def told_of_it() -> Counter[str]:
    alerts = rows("notifications.Mail").filter(notification__template=alerting.ALERT)
    return Counter(alerts.values_list("address", flat=True))


def test_two_who_look_at_the_same_time_tell_once(publish: Publish) -> None:
    one = confirmed()
    publish()
    found = new_for(one, ROOFS, AFTER)
    alerting.send_alert(actor=worker(AFTER), search=one, listings=found)
    with pytest.raises(Conflict):
        alerting.send_alert(actor=worker(AFTER), search=one, listings=found)
    assert told_of_it() == {ADDRESS: 1}


def test_one_that_was_ended_meanwhile_is_not_told(publish: Publish) -> None:
    one = confirmed()
    publish()
    found = new_for(one, ROOFS, AFTER)
    alerting.stop_search(actor=visitor(BEFORE), search=one, token=one.stop_token)
    with pytest.raises(Conflict):
        alerting.send_alert(actor=worker(AFTER), search=one, listings=found)
    assert told_of_it() == {}


def test_many_are_counted_and_none_is_lost(publish: Publish, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alerting, "MOST_LINES", 2)
    confirmed()
    for number in range(3):
        publish(title=f"Toiture {number}")
    assert len(look(AFTER)) == 3
    words = mails()[-1].notification.context
    assert (words["count"], len(words["lines"]), words["others"]) == (3, 2, 1)
    monkeypatch.setattr(listings, "MOST_TOLD", 2)
    monkeypatch.setattr(alerting, "MOST_TOLD", 2)
    confirmed(email="autre@travaux.example")
    assert [len(look(AFTER)), len(look(AFTER)), len(look(AFTER))] == [2, 1, 0]


def test_what_was_never_confirmed_is_forgotten(db: None) -> None:
    kept, gone = confirmed(), save(email="oubli@travaux.example")
    later = worker(BEFORE + timedelta(days=8))
    assert alerting.forget_unconfirmed(later) == 1
    assert set(SavedSearch.objects.values_list("pk", flat=True)) == {kept.pk} and gone.pk != kept.pk
