"""Telling an enterprise something that binds: on its page, and by mail to its people; what proves it is kept."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.urls import reverse

from territoires.foundations.notifications import api as notifications
from territoires.kernel.actor import Actor

from ..models import Consultation, Told
from ..queries.addressees import people_of


def tell_enterprise(
    actor: Actor,
    consultation: Consultation,
    enterprise: Any,
    *,
    about: UUID,
    template: str,
    page: str,
    first: UUID | None = None,
    **context: Any,
) -> bool:
    """Tells the people of an enterprise inside the caller's action. False when nobody there can be reached by mail.

    ``page`` is what ``about`` is to them: a letter, a contract, or something asked.
    """
    recipients = people_of(enterprise.pk, actor.now(), first)
    address = reverse(
        f"procurement_desk:their-{page}", kwargs={"organisation": enterprise.reference, page: about}
    )
    told = notifications.notify(
        recipients=recipients,
        template=f"procurement/{template}",
        context={
            "title": consultation.title,
            "reference": consultation.reference,
            "body": consultation.organisation.name,
            "address": address,
            **context,
        },
        matter=consultation.pk,
        organisation=enterprise.pk,
        binding=True,
        at=actor.now(),
    )
    Told.objects.bulk_create([Told(about=about, notification=one.pk) for one in told])
    return bool(told)
