"""Mails of identity, sent by the worker, and the sessions that it clears away."""

from __future__ import annotations

from datetime import datetime
from smtplib import SMTPException

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from .models import Account, Invitation
from .tokens import token_of

RETRY = RetryStrategy(max_attempts=8, exponential_wait=4, retry_exceptions={SMTPException, OSError})


@app.task(name="identity.send_invitation", retry=RETRY)
def send_invitation(invitation: str) -> None:
    """The mail that holds the link; the token is made here and never kept."""
    found = Invitation.objects.select_related("organisation").get(pk=invitation)
    if found.accepted_at or found.cancelled_at:
        return
    link = _address("invitation", token_of(found))
    with translation.override(found.language):
        subject = _("Act for %(organisation)s on %(platform)s") % {
            "organisation": found.organisation.name,
            "platform": settings.PLATFORM_NAME,
        }
        body = render_to_string(
            "identity/invitation_mail.txt",
            {"invitation": found, "link": link, "platform_name": settings.PLATFORM_NAME},
        )
    send_mail(" ".join(subject.split()), body, settings.DEFAULT_FROM_EMAIL, [found.email])


@app.periodic(cron="20 3 * * *")
@app.task(name="identity.clear_sessions", queueing_lock="identity.clear_sessions", pass_context=False)
def clear_sessions(timestamp: int) -> None:
    """Every night: sessions that have ended, and the forms that waited their time."""
    SessionStore.clear_expired()


@app.task(name="identity.send_new_device", retry=RETRY)
def send_new_device(account: str, at: str) -> None:
    """Tells the owner of an account that a device entered it for the first time. ``at`` is in ISO 8601."""
    found = Account.objects.select_related("person").get(pk=account)
    if found.is_demonstration:
        return  # nobody reads the mail of invented people
    with translation.override(found.person.language if found.person else settings.LANGUAGE_CODE):
        body = render_to_string(
            "identity/new_device_mail.txt",
            {
                "at": timezone.localtime(datetime.fromisoformat(at)),
                "email": found.email,
                "platform_name": settings.PLATFORM_NAME,
                "password_url": _address("account_change_password"),
                "sessions_url": _address("usersessions_list"),
            },
        )
        subject = _("A new device on %(platform)s") % {"platform": settings.PLATFORM_NAME}
    send_mail(subject, body, settings.DEFAULT_FROM_EMAIL, [found.email])


def _address(name: str, *args: str) -> str:
    return settings.SITE_URL.rstrip("/") + reverse(name, args=args)
