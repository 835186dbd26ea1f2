"""What leaves, what came, and the numbers that the outside has seen."""

from __future__ import annotations

from django.db import models
from django.db.models import Func, Q, Value

from territoires.kernel.ids import new_id

KEY_LENGTH = 200
DETAIL_LENGTH = 200


class Parcel(models.Model):
    """Bytes that leave once, under a key by which the other side knows a double.

    ``position`` is the rank among those of its organisation and channel: the first posted leaves first. ``lease`` names
    the last attempt, so that a process that wakes up late cannot overwrite what became of a later one.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        SENDING = "sending"
        SENT = "sent"
        DOUBTFUL = "doubtful"
        REFUSED = "refused"
        CANCELLED = "cancelled"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    position = models.BigIntegerField(
        editable=False,
        db_default=Func(
            Value("exchange_parcel_position"), function="nextval", output_field=models.BigIntegerField()
        ),
    )
    channel = models.CharField(max_length=60)
    organisation_id = models.UUIDField()
    key = models.CharField(max_length=KEY_LENGTH)
    document = models.ForeignKey("documents.Document", models.PROTECT, related_name="+")
    subject_type = models.CharField(max_length=100)
    subject_id = models.UUIDField()
    matter = models.UUIDField(null=True)
    state = models.CharField(max_length=9, choices=State, default=State.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    ready_at = models.DateTimeField(
        help_text="When it might leave at the earliest: its age is counted from here."
    )
    due_at = models.DateTimeField(null=True, help_text="Not before; none means at once.")
    lease = models.UUIDField(null=True)
    leased_until = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=60, blank=True)
    detail = models.CharField(max_length=DETAIL_LENGTH, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["channel", "key"], name="parcel_key_once"),
            models.UniqueConstraint(
                fields=["channel", "organisation_id"],
                condition=Q(state="sending"),
                name="parcel_one_on_its_way",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "sending", "sent", "doubtful", "refused", "cancelled"]),
                name="parcel_state_known",
            ),
            models.CheckConstraint(
                condition=~Q(state="sending") | Q(lease__isnull=False, leased_until__isnull=False),
                name="parcel_sending_under_lease",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["sent", "refused", "cancelled"], settled_at__isnull=False)
                | Q(state__in=["waiting", "sending", "doubtful"], settled_at=None),
                name="parcel_settled_at_an_instant",
            ),
        ]
        indexes = [
            models.Index(
                fields=["channel", "organisation_id", "position"],
                condition=Q(state__in=["waiting", "sending"]),
                name="parcel_queue",
            ),
            models.Index(
                fields=["state", "ready_at"],
                condition=Q(state__in=["waiting", "sending", "doubtful"]),
                name="parcel_unsettled",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.key}"


class Arrival(models.Model):
    """Bytes that came in, kept as a document before anybody read them.

    The same bytes under the same name are one arrival: a mailbox that is read again after a crash. Under another name
    they are another answer, as the State's to an act that was cancelled and sent again the same day.
    """

    class State(models.TextChoices):
        RECEIVED = "received"
        ABSORBED = "absorbed"
        QUARANTINED = "quarantined"
        DISCARDED = "discarded"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    channel = models.CharField(max_length=60)
    origin = models.CharField(max_length=300)
    name = models.CharField(max_length=200)
    document = models.ForeignKey("documents.Document", models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=11, choices=State, default=State.RECEIVED)
    received_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=60, blank=True)
    sentence = models.TextField(blank=True, help_text="The reason in words: a message id.")
    params = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["channel", "sha256", "name"], name="arrival_once"),
            models.CheckConstraint(
                condition=Q(state__in=["received", "absorbed", "quarantined", "discarded"]),
                name="arrival_state_known",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["received", "absorbed"], reason="")
                | (Q(state__in=["quarantined", "discarded"]) & ~Q(reason="")),
                name="arrival_set_aside_with_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["channel", "id"], condition=Q(state="received"), name="arrival_unread"),
            models.Index(fields=["received_at"], condition=Q(state="quarantined"), name="arrival_quarantine"),
            models.Index(fields=["channel", "origin"], name="arrival_origin"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.name}"


class Collection(models.Model):
    """How fetching from a channel goes; ``failing_since`` is the first failure after the last success."""

    channel = models.CharField(max_length=60, primary_key=True)
    succeeded_at = models.DateTimeField(null=True)
    failing_since = models.DateTimeField(null=True)
    sentence = models.TextField(blank=True, help_text="The failure in words: a message id.")
    params = models.JSONField(default=dict)

    def __str__(self) -> str:
        return self.channel


class Serial(models.Model):
    """The last number of a day that an organisation has used in a channel."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    channel = models.CharField(max_length=60)
    organisation_id = models.UUIDField()
    day = models.DateField()
    last = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["channel", "organisation_id", "day"], name="serial_once_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.day} {self.last}"


class SerialJump(models.Model):
    """By how much the numbers of a day start higher, since a restored platform cannot know which ones were used.

    ``at`` is the last time that they jumped: what was ordered before may have left.
    """

    day = models.DateField(primary_key=True)
    by = models.PositiveIntegerField()
    at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.day} +{self.by}"
