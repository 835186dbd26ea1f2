"""Each morning: whose certificate ends soon is told, on the screen and by mail, once for each announcement."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import translation

from territoires.foundations.identity.models import PersonCertificate
from territoires.foundations.notifications.models import Mail, Notification
from territoires.foundations.notifications.wording import words_of
from territoires.kernel.actor import system_actor
from territoires.kernel.clock import legal_day
from territoires.services.portal.actions import announce_certificates
from territoires.ui.dates import long_date
from tests.foundations.identity.conftest import administrator, anne, bruno, person, town
from tests.foundations.identity.test_certificates import der, enrolled

__all__ = ["administrator", "anne", "bruno", "der", "enrolled", "person", "town"]
pytestmark = pytest.mark.django_db


def announced(certificate: PersonCertificate, days: int) -> int:
    at = certificate.valid_until - timedelta(days=days)
    return announce_certificates(actor=system_actor("worker").at(at))


def test_the_holder_is_told_once_at_each_announcement(anne, enrolled):
    assert [announced(enrolled, days) for days in (61, 60, 59, 30, 29, 7, 6, 1)] == [0, 1, 0, 1, 0, 1, 0, 0]
    assert {row.person_id for row in Notification.objects.all()} == {anne.pk}
    assert {mail.address for mail in Mail.objects.all()} == {anne.account.email}


@pytest.mark.parametrize(
    ("language", "said"), [("fr", "Votre certificat finit le "), ("en", "Your certificate ends on ")]
)
def test_it_is_said_in_the_holders_language_with_what_to_do(enrolled, language, said):
    announced(enrolled, 30)
    words = words_of(Notification.objects.get(), language)
    with translation.override(language):
        assert words.subject == said + long_date(legal_day(enrolled.valid_until))
    assert words.link.endswith("/certificats/")
    assert "30" in words.body


def test_a_suspended_account_gets_no_mail(anne, enrolled):
    anne.account.is_active = False
    anne.account.save()
    assert announced(enrolled, 30) == 1
    assert not Mail.objects.exists()
