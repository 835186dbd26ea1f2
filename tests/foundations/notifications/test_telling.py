"""People are told on the screen and by mail, once, in their language, and the sending is proved."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected
from types import SimpleNamespace
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.template import engines
from procrastinate.contrib.django.models import ProcrastinateJob

from territoires.foundations.notifications import api as notifications
from territoires.foundations.notifications import jobs, sending, wording
from territoires.foundations.notifications.models import Mail, Notification
from territoires.kernel.actor import Actor, system_actor
from territoires.kernel.errors import Denied, Invalid
from territoires.kernel.fact import Fact
from territoires.kernel.ids import new_id

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
WORKER = system_actor("worker").at(NOW)
EMAIL = "camille.exemple@example.org"
TEMPLATE = "{{ title }}\n\nL’acte {{ title }} attend.\n\n{{ link }}"


@pytest.fixture(autouse=True)
def words(monkeypatch: pytest.MonkeyPatch) -> None:
    real = wording.get_template

    def get_template(name: str) -> object:
        return engines["django"].from_string(TEMPLATE) if name.startswith("test/") else real(name)

    monkeypatch.setattr(wording, "get_template", get_template)


@pytest.fixture(autouse=True)
def told(monkeypatch: pytest.MonkeyPatch) -> list[Fact]:
    facts: list[Fact] = []

    def append_all(given: Sequence[Fact], *, actor: Actor, outcome: str = "done") -> list[UUID]:
        facts.extend(given)
        return [new_id() for _ in given]

    monkeypatch.setattr("territoires.foundations.journal.api.append_all", append_all)
    return facts


def tell(*, person: UUID | None = None, email: str = EMAIL, title: str = "Budget", **options: object):
    recipient = notifications.Recipient(person=person, email=email)
    context = {"title": title, "address": "/o/1/legality/"}
    (notification,) = notifications.notify(
        recipients=[recipient], template="test/act", context=context, at=NOW, **options
    )
    return notification


def test_the_mail_waits_in_the_same_transaction_as_what_it_tells(mailoutbox):
    class Refused(Exception):
        pass

    with pytest.raises(Refused), transaction.atomic():
        tell()
        raise Refused
    assert not ProcrastinateJob.objects.exists()
    tell()
    job = ProcrastinateJob.objects.get()
    assert (job.task_name, job.args) == ("notifications.send", {"mail": str(Mail.objects.get().pk)})
    assert mailoutbox == []


def test_the_proof_of_sending_is_the_hash_of_what_left(mailoutbox, told):
    tell(matter=(matter := new_id()))
    mail = Mail.objects.get()
    sending.send_mail(mail.pk, WORKER)
    (message,) = mailoutbox
    assert message.to == [EMAIL]
    mail.refresh_from_db()
    assert (mail.state, mail.accepted_at) == ("sent", NOW)
    assert mail.sha256 == hashlib.sha256(message.message().as_bytes(linesep="\r\n")).hexdigest()
    assert message.message()["Message-ID"] == mail.message_id
    (fact,) = told
    assert fact.matter == matter
    assert fact.payload()["message_sha256"] == mail.sha256
    assert EMAIL not in str(fact)


def test_a_mail_is_sent_once(mailoutbox):
    tell()
    key = Mail.objects.get().pk
    sending.send_mail(key, WORKER)
    sending.send_mail(key, WORKER)
    assert len(mailoutbox) == 1


def test_a_repeat_after_a_crash_bears_the_same_message_id(mailoutbox, monkeypatch):
    tell()
    key = Mail.objects.get().pk

    def killed(**_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(sending, "record_sent", killed)
        sending.send_mail(key, WORKER)
    sending.send_mail(key, WORKER)
    first, second = (message.message()["Message-ID"] for message in mailoutbox)
    assert first == second


@pytest.mark.parametrize("title", ["Budget\r\nBcc: all@example.org", "Budget\nX: 1", "é" * 500, "<b>&"])
def test_a_value_never_becomes_a_header_nor_markup(mailoutbox, title):
    tell(title=title)
    sending.send_mail(Mail.objects.get().pk, WORKER)
    (message,) = mailoutbox
    composed = message.message()
    assert composed["Bcc"] is None
    assert composed["X"] is None
    assert message.recipients() == [EMAIL]
    assert "<b>" not in message.alternatives[0].content


def test_the_page_of_a_mail_keeps_its_lines_and_its_links():
    words = wording.Words(
        "Two calls", "First\nhttps://a.example/1\n\nhttps://b.example/2", "https://b.example/2"
    )
    page = wording.as_html(words, "en")
    assert '<p>First<br><a href="https://a.example/1"' in page
    assert page.count("b.example") == 1  # behind "Open the page" alone


@pytest.mark.parametrize("email", ["x", "a@b.fr\nBcc: c@d.fr", "a@b.fr, c@d.fr", "Camille <a@b.fr>", "a@"])
def test_an_address_that_is_none_is_refused_and_nobody_is_told(email):
    with pytest.raises(Invalid):
        tell(email=email)
    assert not Notification.objects.exists()


@pytest.mark.parametrize("address", ["https://evil.example/", "//evil.example", "javascript:alert(1)", ""])
def test_a_link_leads_to_a_page_of_ours_or_nowhere(address):
    assert wording.absolute(address) == ""


def test_an_unreachable_server_is_tried_again_then_given_up_in_the_open(monkeypatch, told):
    tell()
    mail = Mail.objects.get()

    def unreachable(*_: object, **__: object) -> None:
        raise SMTPServerDisconnected

    monkeypatch.setattr(sending.ComposedMail, "send", unreachable)
    run = jobs.send.func
    with pytest.raises(SMTPServerDisconnected):
        run(SimpleNamespace(job=SimpleNamespace(attempts=0)), mail=str(mail.pk))
    assert told == []
    run(SimpleNamespace(job=SimpleNamespace(attempts=jobs.ATTEMPTS - 1)), mail=str(mail.pk))
    mail.refresh_from_db()
    assert (mail.state, told[0].reason) == ("failed", "server-unreachable")


def test_a_refused_recipient_is_not_tried_again(monkeypatch, told):
    tell()
    mail = Mail.objects.get()

    def refused(*_: object, **__: object) -> None:
        raise SMTPRecipientsRefused({EMAIL: (550, b"unknown")})

    monkeypatch.setattr(sending.ComposedMail, "send", refused)
    sending.send_mail(mail.pk, WORKER)
    mail.refresh_from_db()
    assert (mail.state, mail.failure) == ("failed", "recipient-refused")
    assert EMAIL not in str(told)


def test_only_the_worker_records_a_sending():
    tell()
    with pytest.raises(Denied):
        sending.record_failed(actor=Actor(person=new_id()), mail=Mail.objects.get(), reason="x")


def test_a_preference_rules_mails_but_not_what_the_law_makes_notify():
    person = new_id()
    notifications.prefer(person, "never")
    tell(person=person)
    assert not Mail.objects.exists()
    tell(person=person, binding=True)
    assert Mail.objects.get().state == "waiting"
    assert notifications.bell(Actor(person=person)) == 2
    with pytest.raises(Invalid):
        notifications.prefer(person, "hourly")


def test_a_daily_reader_gets_one_mail_a_day(mailoutbox):
    person = new_id()
    notifications.prefer(person, "daily")
    for title in ("Budget", "Voirie"):
        tell(person=person, title=title)
    assert not ProcrastinateJob.objects.exists()
    jobs.digest.func(timestamp=0)
    assert ProcrastinateJob.objects.count() == 1
    sending.send_mail(Mail.objects.get(state="waiting").pk, WORKER)
    (message,) = mailoutbox
    assert "Budget" in message.body
    assert "Voirie" in message.body
    jobs.digest.func(timestamp=0)
    assert ProcrastinateJob.objects.count() == 1


def test_the_bell_counts_what_is_unread_and_mine():
    person = new_id()
    mine, _other = tell(person=person, email=""), tell(person=new_id(), email="")
    reader = Actor(person=person).at(NOW + timedelta(hours=1))
    assert [one.words.subject for one in notifications.notifications_of(reader)] == ["Budget"]
    assert notifications.bell(reader) == 1
    assert notifications.mark_read(Actor(person=new_id()), [mine.pk]) == 0
    assert notifications.mark_read(reader, [mine.pk]) == 1
    assert notifications.bell(reader) == 0
    assert notifications.bell(Actor()) == 0


def test_jobs_are_polled_so_that_commits_do_not_queue_behind_a_notify():
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgname FROM pg_trigger WHERE tgname LIKE '%%notify_queue_job_inserted%%'")
        assert cursor.fetchall() == []
