"""Mails of identity, sent by the worker."""

from __future__ import annotations

from smtplib import SMTPException

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from .models import Invitation
from .tokens import token_of

RETRY = RetryStrategy(max_attempts=8, exponential_wait=4, retry_exceptions={SMTPException, OSError})


@app.task(name="identity.send_invitation", retry=RETRY)
def send_invitation(invitation: str) -> None:
    """The mail that holds the link; the token is made here and never kept."""
    found = Invitation.objects.select_related("organisation").get(pk=invitation)
    if found.accepted_at or found.cancelled_at:
        return
    link = settings.SITE_URL.rstrip("/") + reverse("invitation", args=[token_of(found)])
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
