"""What people were told: on the screen, and by mail with the proof that it left."""

from __future__ import annotations

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from territoires.kernel.ids import new_id


class Notification(models.Model):
    """One thing told to one person. Worded when it is read or sent, in the reader's language."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person_id = models.UUIDField(null=True)
    organisation_id = models.UUIDField(null=True)
    matter = models.UUIDField(null=True)
    template = models.CharField(max_length=100)
    context = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["person_id", "-created_at"], name="notification_person"),
            models.Index(
                fields=["person_id"],
                include=["organisation_id"],
                condition=Q(read_at=None),
                name="notification_unread",
            ),
        ]

    def __str__(self) -> str:
        return self.template


class Mail(models.Model):
    """One mail to one address. ``sha256`` is that of the message as the mail server accepted it."""

    class State(models.TextChoices):
        WAITING = "waiting"
        FOR_DIGEST = "for-digest"
        DIGESTED = "digested"
        SENT = "sent"
        FAILED = "failed"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    notification = models.ForeignKey(Notification, models.PROTECT, related_name="mails")
    address = models.EmailField(max_length=254)
    language = models.CharField(max_length=8)
    state = models.CharField(max_length=12, choices=State, default=State.WAITING)
    message_id = models.CharField(max_length=200, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    accepted_at = models.DateTimeField(null=True)
    failure = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="sent") | (Q(accepted_at__isnull=False) & ~Q(sha256="")),
                name="mail_sent_with_proof",
            )
        ]
        indexes = [
            models.Index(fields=["address", "language"], condition=Q(state="for-digest"), name="mail_digest")
        ]

    def __str__(self) -> str:
        return str(self.id)


class Preference(models.Model):
    """How a person wants to be told by mail; the screen always tells."""

    class Rhythm(models.TextChoices):
        AT_ONCE = "at-once"
        DAILY = "daily"
        NEVER = "never"

    person_id = models.UUIDField(primary_key=True)
    rhythm = models.CharField(max_length=8, choices=Rhythm, default=Rhythm.AT_ONCE)

    def __str__(self) -> str:
        return self.rhythm
