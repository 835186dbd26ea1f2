"""The mails as they are read, in both languages: one line of subject, the way to the page, the way to hear no more."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings

from territoires.foundations.notifications.wording import words_of
from territoires.kernel.actor import Actor
from territoires.services.procurement.actions import alerting, amending, answering, corresponding
from territoires.services.procurement.domain.searching import Criteria
from territoires.services.procurement.jobs.publication import daily_alerts, tell_correspondents
from territoires.services.procurement.models import Consultation, SavedSearch
from tests.services.procurement.conftest import rows

from .conftest import Publish, deadline, visitor

ADDRESS = "manon@travaux.example"
LANGUAGES = pytest.mark.parametrize("language", ["fr", "en"])


def last_mail(language: str) -> Any:
    mail = rows("notifications.Mail").filter(address=ADDRESS).order_by("pk").last()
    return words_of(mail.notification, language)


def followed(consultation: Consultation) -> None:
    corresponding.join_correspondents(
        actor=visitor(), consultation=consultation, name="Manon Modèle", email=ADDRESS
    )


@LANGUAGES
def test_an_address_that_was_left_is_told_how_to_end_it(public: Consultation, language: str) -> None:
    followed(public)
    words = last_mail(language)
    assert public.reference in words.subject
    assert words.link == f"{settings.SITE_URL}/marches/{public.pk}/"
    assert f"{settings.SITE_URL}/marches/{public.pk}/suivre/" in words.body


@LANGUAGES
@pytest.mark.parametrize("verb", ["amend", "suspend", "withdraw", "abandon"])
def test_each_change_says_what_it_is(buyer: Actor, public: Consultation, verb: str, language: str) -> None:
    followed(public)
    why = "Le financement n'a pas été obtenu."
    if verb == "amend":
        amending.amend_consultation(
            actor=buyer,
            consultation=public,
            summary="La date limite est repoussée.",
            reason=why,
            values={"tenders_until": deadline(public) + timedelta(days=7)},
        )
    else:
        getattr(amending, f"{verb}_consultation")(actor=buyer, consultation=public, reason=why)
    made = public.amendments.get()
    tell_correspondents(str(public.pk), str(made.pk))
    words = last_mail(language)
    assert public.reference in words.subject and made.summary in words.body
    moved = deadline(public).strftime("%d/%m/%Y") in words.body
    assert not moved  # the former deadline is never told as the present one


@LANGUAGES
def test_an_answer_is_told_whole(buyer: Actor, public: Consultation, language: str) -> None:
    followed(public)
    asked = answering.ask_question(actor=visitor(), consultation=public, text="Quelle est la hauteur ?")
    answering.answer_question(
        actor=buyer,
        consultation=public,
        question=asked.pk,
        public_text="Quelle est la hauteur ?",
        answer="Huit mètres.",
    )
    tell_correspondents(str(public.pk), str(asked.pk))
    words = last_mail(language)
    assert "Quelle est la hauteur ?" in words.body and "Huit mètres." in words.body


@LANGUAGES
def test_the_morning_tells_what_is_new(publish: Publish, language: str) -> None:
    asked = alerting.save_search(
        actor=visitor(), criteria=Criteria(q="toiture"), label="toiture", email=ADDRESS
    )
    assert asked.confirm_token in last_mail(language).link
    alerting.confirm_search(actor=visitor(), search=asked, token=asked.confirm_token)
    SavedSearch.objects.update(
        looked_until=visitor().now() - timedelta(days=30), saved_at="2080-01-01T00:00Z"
    )
    public = publish()
    rows("t_procurement.Listing").update(deadline_at="2080-01-01T00:00:00Z")
    daily_alerts(0)
    words = last_mail(language)
    assert words.subject.startswith("1 ") and public.title in words.body
    assert f"{settings.SITE_URL}/marches/{public.pk}/" in words.body and asked.stop_token in words.body
    before = rows("notifications.Mail").count()
    daily_alerts(0)
    assert rows("notifications.Mail").count() == before
