"""Telling people: a line on their screen and, as they prefer, a mail that a job sends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import QuerySet

from territoires.kernel.actor import Actor
from territoires.kernel.errors import Invalid

from . import jobs
from .models import Mail, Notification, Preference
from .wording import Words, words_of


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who is told: a person (who sees it on the screen), an address (mail), or both; and in which language."""

    person: UUID | None = None
    email: str = ""
    language: str = "fr"


@dataclass(frozen=True, slots=True)
class Told:
    """A notification as the reader sees it."""

    notification: Notification
    words: Words


def notify(
    *,
    recipients: Sequence[Recipient],
    template: str,
    context: Mapping[str, Any],
    matter: UUID | None = None,
    organisation: UUID | None = None,
    binding: bool = False,
    at: datetime | None = None,
) -> list[Notification]:
    """Tells each recipient, inside the caller's action: nothing is sent when it does not commit.

    ``context`` is JSON; its ``address`` is the path of the page where the matter stands. ``binding`` is for what the
    law makes notify: it is sent at once whatever the person prefers. Raises Invalid for an address that is none.
    """
    for recipient in recipients:
        _check(recipient)
    rhythms = _rhythms([r.person for r in recipients if r.person])
    told = []
    for recipient in recipients:
        notification = Notification.objects.create(
            person_id=recipient.person,
            organisation_id=organisation,
            matter=matter,
            template=template,
            context=dict(context),
            created_at=at or datetime.now(UTC),
        )
        rhythm = Preference.Rhythm.AT_ONCE if binding or not recipient.person else rhythms[recipient.person]
        _post(notification, recipient, rhythm)
        told.append(notification)
    return told


def bell(actor: Actor) -> int:
    """How many notifications the person has not read, in every organisation."""
    return _mine(actor).filter(read_at=None).count()


def notifications_of(actor: Actor, *, size: int = 25, before: datetime | None = None) -> list[Told]:
    """The person's notifications, the newest first, worded in her language."""
    rows = _mine(actor).order_by("-created_at", "-id")
    if before is not None:
        rows = rows.filter(created_at__lt=before)
    return [Told(row, words_of(row, actor.language)) for row in rows[:size]]


def mark_read(actor: Actor, notifications: Sequence[UUID] | None = None) -> int:
    """Marks the person's own notifications as read (all of them by default); returns how many."""
    rows = _mine(actor).filter(read_at=None)
    if notifications is not None:
        rows = rows.filter(pk__in=notifications)
    return rows.update(read_at=actor.now())


def prefer(person: UUID, rhythm: str) -> None:
    """How the person wants her mails: ``at-once``, ``daily`` or ``never``. Raises Invalid for anything else."""
    if rhythm not in Preference.Rhythm.values:
        raise Invalid("unknown-rhythm", "This choice does not exist.", "Choose one of those shown.")
    Preference.objects.update_or_create(person_id=person, defaults={"rhythm": rhythm})


def preference_of(person: UUID) -> str:
    """The person's rhythm."""
    return _rhythms([person])[person]


def _mine(actor: Actor) -> QuerySet[Notification]:
    if actor.person is None:
        return Notification.objects.none()
    return Notification.objects.filter(person_id=actor.person)


def _check(recipient: Recipient) -> None:
    if not recipient.email:
        return
    try:
        validate_email(recipient.email)
    except ValidationError as error:
        raise Invalid(
            "malformed-address",
            "An e-mail address cannot be used as it is written; nothing was sent.",
            "Correct the address and try again.",
        ) from error


def _rhythms(persons: Sequence[UUID]) -> dict[UUID, str]:
    chosen = dict(Preference.objects.filter(pk__in=persons).values_list("person_id", "rhythm"))
    return {person: chosen.get(person, Preference.Rhythm.AT_ONCE) for person in persons}


def _post(notification: Notification, recipient: Recipient, rhythm: str) -> None:
    if not recipient.email or rhythm == Preference.Rhythm.NEVER:
        return
    make = partial(
        Mail.objects.create,
        notification=notification,
        address=recipient.email,
        language=recipient.language,
    )
    if rhythm == Preference.Rhythm.DAILY:
        make(state=Mail.State.FOR_DIGEST)
    else:
        jobs.send.defer(mail=str(make().pk))
