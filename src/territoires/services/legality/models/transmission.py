"""What goes to the State and comes back: conventions, channels, messages, letters, classifications."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from territoires.kernel.fact import Subject
from territoires.kernel.ids import new_id

from ..domain import letters, transmission
from ..domain.transmission import TRANSMISSION
from .act import Act


class ChannelCode(models.TextChoices):
    """The ways to the State; the codes are those of ``exchange``."""

    MINISTRY = "actes-ministry", _("Direct to the ministry")
    S2LOW = "actes-s2low", _("Through an approved third party (S2LOW)")


class Convention(models.Model):
    """The agreement of a body with the prefect, without which nothing is sent (CGCT R.2131-3).

    ``office`` is the prefecture as people call it; ``department``, ``arrondissement`` and ``nature`` are what the
    State's service knows of the sender.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey("identity.Organisation", models.PROTECT, related_name="+")
    office = models.CharField(max_length=200)
    department = models.CharField(max_length=3)
    arrondissement = models.CharField(max_length=1)
    nature = models.CharField(max_length=2)
    signed_on = models.DateField()
    from_on = models.DateField()
    until_on = models.DateField(null=True)
    document = models.ForeignKey("documents.Document", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "from_on"], name="convention_once_a_day"),
            models.CheckConstraint(
                condition=Q(
                    department__regex="^[09][0-9][AB0-9]$",
                    arrondissement__regex="^[0-9]$",
                    nature__regex="^[0-9]{2}$",
                ),
                name="convention_sender_form",
            ),
            models.CheckConstraint(
                condition=Q(until_on=None) | Q(until_on__gte=models.F("from_on")), name="convention_dates"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id} {self.from_on}"

    @property
    def subject(self) -> Subject:
        """How facts and documents call this agreement."""
        return Subject("legality.convention", self.pk)


class Route(models.Model):
    """The channel of a body's new transmissions from an instant on; answers come back to each one's own channel.

    ``first_serial`` leaves the numbers below to another device of the same SIREN; ``transmitter`` is the three
    letters that the ministry gave; answers are sent to ``return_address``.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey("identity.Organisation", models.PROTECT, related_name="+")
    channel = models.CharField(max_length=20, choices=ChannelCode.choices)
    from_at = models.DateTimeField()
    first_serial = models.PositiveIntegerField(default=1)
    transmitter = models.CharField(max_length=3)
    return_address = models.EmailField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "from_at"], name="route_once_an_instant"),
            models.CheckConstraint(condition=Q(channel__in=ChannelCode.values), name="route_channel_known"),
            models.CheckConstraint(
                condition=Q(transmitter__regex="^[A-Za-z0-9]{3}$", first_serial__gte=1), name="route_form"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id} {self.channel}"


class Transmission(models.Model):
    """One sending of an act to the State; an act refused or cancelled gets another, of the next ``rank``.

    ``identifier`` is the IDActe, ``preceding`` that of the act that this one changes, empty when the State knows none.
    ``certificate`` is the fingerprint with which ``confirmed_by`` confirmed. ``answer`` holds the bytes of the State's
    last answer: acknowledgement, anomaly or cancellation.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    act = models.ForeignKey(Act, models.PROTECT, related_name="transmissions")
    organisation = models.ForeignKey("identity.Organisation", models.PROTECT, related_name="+")
    rank = models.PositiveSmallIntegerField()
    channel = models.CharField(max_length=20, choices=ChannelCode.choices)
    state = models.CharField(max_length=12, choices=TRANSMISSION.choices(), default=transmission.TO_CONFIRM)
    identifier = models.CharField(max_length=60)
    preceding = models.CharField(max_length=60, blank=True)
    classification_on = models.DateField()
    prepared_by = models.UUIDField(null=True)
    prepared_at = models.DateTimeField()
    confirmed_by = models.UUIDField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    certificate = models.CharField(max_length=64, blank=True)
    sent_at = models.DateTimeField(null=True)
    received_on = models.DateField(null=True)
    cancelled_on = models.DateField(null=True)
    acknowledgement = models.ForeignKey("documents.Document", models.PROTECT, null=True, related_name="+")
    answer = models.ForeignKey("documents.Document", models.PROTECT, null=True, related_name="+")
    anomaly_nature = models.CharField(max_length=20, blank=True)
    anomaly_detail = models.CharField(max_length=1000, blank=True)

    class Meta:
        ordering = ["rank"]
        constraints = [
            models.UniqueConstraint(
                fields=["act"], condition=Q(state__in=transmission.LIVE), name="transmission_one_live"
            ),
            models.UniqueConstraint(fields=["act", "rank"], name="transmission_rank_once"),
            models.CheckConstraint(
                condition=Q(state__in=list(TRANSMISSION.states)), name="transmission_state_known"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["confirmed", "sent", "acknowledged", "cancelling", "refused"])
                | Q(confirmed_by__isnull=False, confirmed_at__isnull=False) & ~Q(certificate=""),
                name="transmission_confirmed_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=transmission.RECEIVED)
                | Q(received_on__isnull=False, acknowledgement__isnull=False),
                name="transmission_received_on_a_day",
            ),
        ]
        indexes = [
            models.Index(fields=["identifier"], name="transmission_identifier"),
            models.Index(
                fields=["sent_at"], condition=Q(state=transmission.SENT), name="transmission_unanswered"
            ),
            models.Index(
                fields=["organisation", "prepared_at"],
                condition=Q(state=transmission.TO_CONFIRM),
                name="transmission_to_confirm",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.identifier} {self.rank}"

    @property
    def subject(self) -> Subject:
        """How facts, documents and the worklist call this transmission."""
        return Subject("legality.transmission", self.pk)


class Envelope(models.Model):
    """An envelope for the State: its name is drawn first, its bytes are made from what is written here, once.

    ``kind`` is the message in it: 1-1 and 6-1 belong to a transmission, those that answer a letter to a ``reply`` too,
    7-1 to none. ``made_at`` stands in the archive, so that an archive made again is the same to the byte. ``archive``
    is empty until it is made.
    """

    class Kind(models.TextChoices):
        ACT = "1-1"
        SIMPLE_REPLY = "2-2"
        RECEIPT_OF_REQUEST = "3-2"
        PIECES_REFUSED = "3-3"
        PIECES_SENT = "3-4"
        RECEIPT_OF_OBSERVATIONS = "4-2"
        OBSERVATIONS_REJECTED = "4-3"
        OBSERVATIONS_ANSWERED = "4-4"
        CANCELLATION = "6-1"
        CLASSIFICATION = "7-1"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey("identity.Organisation", models.PROTECT, related_name="+")
    kind = models.CharField(max_length=3, choices=Kind.choices)
    transmission = models.ForeignKey(Transmission, models.PROTECT, null=True, related_name="envelopes")
    reply = models.OneToOneField("LetterReply", models.PROTECT, null=True, related_name="envelope")
    convention = models.ForeignKey(Convention, models.PROTECT, related_name="+")
    route = models.ForeignKey(Route, models.PROTECT, related_name="+")
    name = models.CharField(max_length=60)
    known_on = models.DateField(null=True)
    made_at = models.DateTimeField()
    archive = models.ForeignKey("documents.Document", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["name"], name="envelope_name_once"),
            models.UniqueConstraint(
                fields=["transmission", "kind"], condition=Q(kind="1-1"), name="envelope_of_act_once"
            ),
            models.CheckConstraint(
                condition=Q(kind="7-1", transmission=None, reply=None)
                | Q(kind__in=["1-1", "6-1"], transmission__isnull=False, reply=None)
                | Q(kind__in=letters.SENT_BY_BODY, transmission__isnull=False, reply__isnull=False),
                name="envelope_concerns",
            ),
        ]
        indexes = [
            models.Index(fields=["made_at"], condition=Q(archive=None), name="envelope_to_make"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def subject(self) -> Subject:
        return Subject("legality.envelope", self.pk)

    @property
    def archive_name(self) -> str:
        """The name under which the State knows it; the key of the parcel."""
        return f"{self.route.transmitter}-{self.name.removesuffix('.xml')}.tar.gz"


class ClassificationVersion(models.Model):
    """The classification of a prefecture from ``dated_on``, as it was answered (7-2): ``lists`` are its entries."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    department = models.CharField(max_length=3)
    dated_on = models.DateField()
    received_at = models.DateTimeField()
    lists = models.JSONField()
    answer = models.ForeignKey("documents.Document", models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["department", "dated_on"], name="classification_once"),
        ]

    def __str__(self) -> str:
        return f"{self.department} {self.dated_on}"
