"""What was told to the public: notices and their publication, essential data, releases."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from territoires.kernel.fact import Subject
from territoires.kernel.ids import new_id

from ..domain.notices import life
from ..domain.notices.life import NOTICE
from .consultation import Consultation

LONGEST_ANSWER = 2000


class NoticeChannel(models.TextChoices):
    """Where a notice is published; the codes are those of ``exchange``."""

    TED = "notices-ted", _("Official Journal of the European Union (TED)")
    BOAMP = "notices-boamp", _("BOAMP")


class BuyerProfile(models.Model):
    """What notices say of a body and of the court that hears complaints, entered once.

    ``legal_type`` and ``activity`` are codes of eForms (buyer-legal-type, main-activity); ``entity_activity`` that of
    what the body runs as a network, empty where it runs none; ``nuts`` of the third level.
    """

    organisation = models.OneToOneField(
        "identity.Organisation", models.PROTECT, primary_key=True, related_name="+"
    )
    legal_type = models.CharField(max_length=20, default="la")
    activity = models.CharField(max_length=20, default="gen-pub")
    entity_activity = models.CharField(max_length=20, blank=True)
    street = models.CharField(max_length=200, blank=True)
    postal_code = models.CharField(max_length=10, blank=True)
    city = models.CharField(max_length=100, blank=True)
    nuts = models.CharField(max_length=5, blank=True)
    email = models.EmailField(blank=True)
    telephone = models.CharField(max_length=30, blank=True)
    website = models.URLField(max_length=300, blank=True)
    review_name = models.CharField(max_length=200, blank=True)
    review_siret = models.CharField(max_length=14, blank=True)
    review_city = models.CharField(max_length=100, blank=True)
    review_postal_code = models.CharField(max_length=10, blank=True)
    review_nuts = models.CharField(max_length=5, blank=True)
    review_email = models.EmailField(blank=True)
    review_telephone = models.CharField(max_length=30, blank=True)
    version = models.PositiveIntegerField(default=1)

    def __str__(self) -> str:
        return str(self.organisation_id)

    @property
    def subject(self) -> Subject:
        return Subject("procurement.buyer_profile", self.organisation_id)


class Notice(models.Model):
    """One notice of a consultation for one publisher; a notice that was refused is rewritten under another identifier.

    ``subtype`` is that of the eForms SDK; ``identifier`` (a UUID of version 4) and ``edition`` name it outside.
    ``answers`` is what only the agent knows: ``sizes`` of bidders by SIRET (economic-operator-size), ``places`` of winners
    and other buyers; of a dynamic purchasing system, the ``contracts`` whose results it groups.
    ``changes`` is the published notice that this one corrects. ``content`` holds its bytes as they were judged, with
    ``sha256``. ``findings`` is what the official rules said, ``rules`` the version that said it: empty while it could
    not be judged here. ``last_on`` is the last legal day for its sending.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    consultation = models.ForeignKey(Consultation, models.PROTECT, related_name="notices")
    organisation = models.ForeignKey("identity.Organisation", models.PROTECT, related_name="+")
    channel = models.CharField(max_length=20, choices=NoticeChannel)
    subtype = models.CharField(max_length=3)
    state = models.CharField(max_length=12, choices=NOTICE.choices(), default=NOTICE.initial)
    version = models.PositiveIntegerField(default=1)
    identifier = models.UUIDField(unique=True)
    edition = models.PositiveSmallIntegerField(default=1)
    changes = models.ForeignKey("self", models.PROTECT, null=True, related_name="changed_by")
    change_reason = models.CharField(max_length=20, blank=True)
    change_text = models.CharField(max_length=LONGEST_ANSWER, blank=True)
    justification = models.CharField(max_length=20, blank=True)
    contract = models.UUIDField(null=True)
    answers = models.JSONField(default=dict)
    content = models.ForeignKey("documents.Document", models.PROTECT, null=True, related_name="+")
    sha256 = models.CharField(max_length=64, blank=True)
    findings = models.JSONField(default=list)
    rules = models.CharField(max_length=20, blank=True)
    last_on = models.DateField(null=True)
    prepared_at = models.DateTimeField()
    ordered_at = models.DateTimeField(null=True)
    ordered_by = models.UUIDField(null=True)
    sent_at = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)
    published_on = models.DateField(null=True)
    publication_number = models.CharField(max_length=40, blank=True)
    reason = models.CharField(max_length=1000, blank=True)

    class Meta:
        ordering = ["prepared_at", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=list(NOTICE.states)), name="notice_state_known"),
            models.CheckConstraint(
                condition=Q(channel__in=NoticeChannel.values), name="notice_channel_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=[life.DRAFT, life.READY, life.STOPPED])
                | Q(ordered_at__isnull=False, content__isnull=False) & ~Q(sha256=""),
                name="notice_ordered_with_its_bytes",
            ),
            models.CheckConstraint(
                condition=~Q(state=life.PUBLISHED) | Q(published_on__isnull=False),
                name="notice_published_on_a_day",
            ),
        ]
        indexes = [
            models.Index("channel", "state", name="notice_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.subtype} {self.name}"

    @property
    def name(self) -> str:
        """How the publisher names it: identifier and edition."""
        return f"{self.identifier}-{self.edition:02}"

    @property
    def subject(self) -> Subject:
        return Subject("procurement.notice", self.pk)


class RecordKind(models.TextChoices):
    """The two lists of the essential data."""

    CONTRACT = "marche", _("contract")
    CONCESSION = "contrat-concession", _("concession")


class RecordSource(models.TextChoices):
    """Where an essential record comes from."""

    PLATFORM = "platform", _("a contract of this platform")
    ENTERED = "entered", _("entered by hand")
    IMPORTED = "imported", _("taken over from a file")


class OpenRecord(models.Model):
    """The essential data of one contract, whole; each change republishes it under the same ``identifier``.

    ``contract`` is the id of the platform's contract, absent for one awarded elsewhere. ``revision`` counts its changes.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey("identity.Organisation", models.PROTECT, related_name="+")
    consultation = models.ForeignKey(Consultation, models.PROTECT, null=True, related_name="+")
    contract = models.UUIDField(null=True, unique=True)
    kind = models.CharField(max_length=20, choices=RecordKind)
    identifier = models.CharField(max_length=16)
    content = models.JSONField()
    source = models.CharField(max_length=8, choices=RecordSource)
    revision = models.PositiveIntegerField(default=1)
    written_at = models.DateTimeField()

    class Meta:
        ordering = ["identifier"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "identifier"], name="open_record_once"),
            models.CheckConstraint(condition=Q(kind__in=RecordKind.values), name="open_record_kind_known"),
            models.CheckConstraint(condition=~Q(identifier=""), name="open_record_named"),
        ]

    def __str__(self) -> str:
        return self.identifier

    @property
    def subject(self) -> Subject:
        return Subject("procurement.open_record", self.pk)


class OpenFile(models.Model):
    """The file of essential data of a buyer as it was handed to the national open-data portal; ``revision`` counts."""

    class State(models.TextChoices):
        ORDERED = "ordered", _("leaving")
        PUBLISHED = "published", _("on the portal")
        REJECTED = "rejected", _("refused by the portal")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey("identity.Organisation", models.PROTECT, related_name="+")
    revision = models.PositiveIntegerField()
    state = models.CharField(max_length=12, choices=State, default=State.ORDERED)
    content = models.ForeignKey("documents.Document", models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64)
    records = models.PositiveIntegerField()
    ordered_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=1000, blank=True)

    class Meta:
        ordering = ["-revision"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "revision"], name="open_file_revision_once"),
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id} {self.revision}"

    @property
    def subject(self) -> Subject:
        return Subject("procurement.open_file", self.pk)


class OpenImport(models.Model):
    """A file of essential data taken over, with what was repaired in it and what could not be."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey("identity.Organisation", models.PROTECT, related_name="+")
    content = models.ForeignKey("documents.Document", models.PROTECT, related_name="+")
    taken = models.PositiveIntegerField()
    refused = models.PositiveIntegerField()
    repairs = models.JSONField(default=list)
    imported_at = models.DateTimeField()

    class Meta:
        ordering = ["-imported_at"]

    def __str__(self) -> str:
        return f"{self.organisation_id} {self.imported_at}"

    @property
    def subject(self) -> Subject:
        return Subject("procurement.open_import", self.pk)


class Release(models.Model):
    """One OCDS release, never changed. ``number`` orders the feed: it is drawn under a lock that lasts until the commit,
    so that numbers become visible in their order and a reader who goes on from the last one misses nothing.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.BigIntegerField(unique=True)
    consultation = models.ForeignKey(Consultation, models.PROTECT, related_name="releases")
    organisation = models.ForeignKey("identity.Organisation", models.PROTECT, related_name="+")
    ocid = models.CharField(max_length=80)
    tag = models.CharField(max_length=30)
    dated_at = models.DateTimeField()
    content = models.JSONField()
    cause = models.UUIDField(null=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(
                fields=["cause", "tag"], condition=Q(cause__isnull=False), name="release_once_a_fact"
            ),
        ]
        indexes = [models.Index("ocid", "number", name="release_of_process")]

    def __str__(self) -> str:
        return f"{self.ocid} {self.tag}"

    @property
    def subject(self) -> Subject:
        return Subject("procurement.release", self.pk)
