"""Handing one mail to the mail server, then recording that it took it."""

from __future__ import annotations

import hashlib
from datetime import datetime
from smtplib import SMTPRecipientsRefused
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.utils.functional import cached_property

from territoires.foundations.actions.api import Outcome, action
from territoires.kernel.actor import Actor
from territoires.kernel.fact import Subject

from .facts import MailFailed, MailSent
from .models import Mail, Notification
from .permissions import Notifications
from .wording import as_html, words_of

DIGEST = "notifications/digest"


class ComposedMail(EmailMultiAlternatives):
    """Composed once: what is hashed is what leaves, with the same boundary and date."""

    @cached_property
    def _composed(self) -> Any:
        return super().message()

    def message(self, **options: Any) -> Any:
        return self._composed


def send_mail(key: UUID, actor: Actor) -> None:
    """Sends a waiting mail and records the proof; a mail already sent or given up is left alone.

    Killed between the two, it is sent again under the same Message-ID, by which servers and readers know the double.
    Raises what the mail server raised when trying again makes sense.
    """
    mail = Mail.objects.select_related("notification").get(pk=key)
    if mail.state != Mail.State.WAITING:
        return
    message = _message(mail)
    text = message.message().as_bytes(linesep="\r\n")
    try:
        message.send()
    except SMTPRecipientsRefused:
        record_failed(actor=actor, mail=mail, reason="recipient-refused")
        return
    record_sent(
        actor=actor,
        mail=mail,
        message_id=message.extra_headers["Message-ID"],
        sha256=hashlib.sha256(text).hexdigest(),
        accepted_at=actor.now(),
    )


@action(Notifications.RECORD, on="mail")
def record_sent(
    *, actor: Actor, mail: Mail, message_id: str, sha256: str, accepted_at: datetime
) -> Outcome[None]:
    """The mail server took the message."""
    mail.state, mail.message_id, mail.sha256, mail.accepted_at = (
        Mail.State.SENT,
        message_id,
        sha256,
        accepted_at,
    )
    mail.save()
    fact = MailSent(
        subject=Subject("notifications.mail", mail.pk),
        matter=mail.notification.matter,
        template=mail.notification.template,
        message_id=message_id,
        message_sha256=sha256,
        accepted_at=accepted_at,
    )
    return Outcome(None, fact)


@action(Notifications.RECORD, on="mail")
def record_failed(*, actor: Actor, mail: Mail, reason: str) -> Outcome[None]:
    """The mail is given up."""
    mail.state, mail.failure = Mail.State.FAILED, reason
    mail.save()
    fact = MailFailed(
        subject=Subject("notifications.mail", mail.pk),
        matter=mail.notification.matter,
        template=mail.notification.template,
        reason=reason,
    )
    return Outcome(None, fact)


@transaction.atomic
def gather_digests(now: datetime) -> list[Mail]:
    """One waiting mail for each address that has lines of the day."""
    waiting = (
        Mail.objects.select_for_update(of=("self",))
        .filter(state=Mail.State.FOR_DIGEST)
        .select_related("notification")
        .order_by("id")
    )
    by_reader: dict[tuple[str, str], list[Mail]] = {}
    for mail in waiting:
        by_reader.setdefault((mail.address, mail.language), []).append(mail)
    return [_digest(address, language, mails, now) for (address, language), mails in by_reader.items()]


def _digest(address: str, language: str, mails: list[Mail], now: datetime) -> Mail:
    words = [words_of(mail.notification, language) for mail in mails]
    digest = Notification.objects.create(
        template=DIGEST,
        context={"lines": [{"subject": one.subject, "link": one.link} for one in words]},
        created_at=now,
    )
    Mail.objects.filter(pk__in=[mail.pk for mail in mails]).update(state=Mail.State.DIGESTED)
    return Mail.objects.create(notification=digest, address=address, language=language)


def _message(mail: Mail) -> ComposedMail:
    words = words_of(mail.notification, mail.language)
    body = f"{words.body}\n\n{words.link}\n" if words.link and words.link not in words.body else words.body
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip(">")
    message = ComposedMail(
        words.subject,
        body,
        to=[mail.address],
        headers={
            "Message-ID": f"<{mail.pk}@{domain}>",
            "Auto-Submitted": "auto-generated",  # RFC 3834: no vacation answers
            "Content-Language": mail.language,
        },
    )
    message.attach_alternative(as_html(words, mail.language), "text/html")
    return message
