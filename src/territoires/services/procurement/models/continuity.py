"""What lets the service go on: the availability log, incidents, what came from another platform, sealed packages."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from territoires.kernel.fact import Subject
from territoires.kernel.ids import new_id

from ..domain import keeping, switching
from ..domain.availability import OutcomeOf, Part
from ..domain.sheet import LONGEST_TITLE
from .consultation import LONGEST_REASON, Consultation
from .notices import OpenRecord
from .publication import Listing

SIRET = r"^[0-9]{14}$"
SHA256 = r"^[0-9a-f]{64}$"
LONGEST_ADDRESS = 1000


class Probe(models.Model):
    """What the probe met in one part at one minute. Never changed nor removed: the database refuses it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    minute = models.DateTimeField()
    part = models.CharField(max_length=8)
    outcome = models.CharField(max_length=4)
    latency_ms = models.PositiveIntegerField()
    fault = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ["minute", "part"]
        constraints = [
            models.UniqueConstraint(fields=["minute", "part"], name="probe_once_a_minute"),
            models.CheckConstraint(
                condition=Q(part__in=[one.value for one in Part])
                & Q(outcome__in=[one.value for one in OutcomeOf]),
                name="probe_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.minute} {self.part} {self.outcome}"


class ProbedDay(models.Model):
    """A finished day of the log. ``root`` is the SHA-256 of its table; counts are in minutes."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    day = models.DateField(unique=True)
    root = models.CharField(max_length=64)
    up = models.PositiveSmallIntegerField()
    slow = models.PositiveSmallIntegerField()
    down = models.PositiveSmallIntegerField()
    silent = models.PositiveSmallIntegerField()
    sealed_at = models.DateTimeField()

    class Meta:
        ordering = ["-day"]
        constraints = [
            models.CheckConstraint(condition=Q(root__regex=SHA256), name="probed_day_root_form"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.root[:8]}"

    @property
    def subject(self) -> Subject:
        return Subject("procurement.probed-day", self.pk)


class Incident(models.Model):
    """A time at which the service failed enterprises, as the operator tells it. ``until_at`` is empty while it lasts.

    ``touches_within_hours`` is the value of the law's pack on the day of the declaration.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    from_at = models.DateTimeField()
    until_at = models.DateTimeField(null=True)
    what = models.CharField(max_length=LONGEST_REASON)
    parts = ArrayField(models.CharField(max_length=8), default=list)
    touches_within_hours = models.PositiveSmallIntegerField()
    declared_by = models.ForeignKey("identity.Person", models.PROTECT, related_name="+")
    declared_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-from_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=~Q(what=""), name="incident_told"),
            models.CheckConstraint(
                condition=Q(until_at=None) | Q(until_at__gt=F("from_at")), name="incident_ends_after_it_began"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.from_at} {self.what[:40]}"

    @property
    def subject(self) -> Subject:
        return Subject("procurement.incident", self.pk)


class Decision(models.TextChoices):
    """What the buyer did for a consultation that an incident touches."""

    PENDING = "pending", _("to be decided")
    EXTENDED = "extended", _("deadline put off")
    LEFT = "left", _("deadline kept, with a reason")


class Touched(models.Model):
    """A consultation whose deadline an incident touches. ``deadline_at`` is the one of then."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    incident = models.ForeignKey(Incident, models.PROTECT, related_name="touched")
    consultation = models.ForeignKey(Consultation, models.PROTECT, related_name="incidents")
    deadline_at = models.DateTimeField()
    decision = models.CharField(max_length=8, choices=Decision, default=Decision.PENDING)
    extended_until = models.DateTimeField(null=True)
    reason = models.CharField(max_length=LONGEST_REASON, blank=True)
    decided_by = models.ForeignKey("identity.Person", models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["deadline_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["incident", "consultation"], name="touched_once"),
            models.CheckConstraint(
                condition=Q(decision=Decision.PENDING, decided_at=None, extended_until=None)
                | Q(decision=Decision.EXTENDED, decided_at__isnull=False, extended_until__gt=F("deadline_at"))
                | Q(decision=Decision.LEFT, decided_at__isnull=False, extended_until=None) & ~Q(reason=""),
                name="touched_decided_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.consultation_id} {self.decision}"

    @property
    def subject(self) -> Subject:
        return Subject("procurement.touched", self.pk)


class ImportRun(models.Model):
    """A table from another platform, alone or in an archive with its files: read without effect, then taken over.

    ``counts`` says how many lines of each fate; ``platform`` is where it comes from, as the body calls it.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey("identity.Organisation", models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12)
    platform = models.CharField(max_length=100, blank=True)
    document = models.ForeignKey("documents.Document", models.PROTECT, related_name="+")
    state = models.CharField(
        max_length=8, choices=switching.IMPORT.choices(), default=switching.IMPORT.initial
    )
    counts = models.JSONField(default=dict)
    brought_by = models.UUIDField(null=True)
    brought_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-brought_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=list(switching.IMPORT.states)), name="import_run_state_known"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=[one.value for one in switching.Kind]), name="import_run_kind_known"
            ),
        ]
        indexes = [models.Index("organisation", F("brought_at").desc(), name="import_run_latest")]

    def __str__(self) -> str:
        return f"{self.kind} {self.brought_at}"

    @property
    def subject(self) -> Subject:
        return Subject("procurement.import", self.pk)


class ImportLine(models.Model):
    """What one line does, or did. ``faults`` are mappings of column, code, message, remedy, params."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="lines")
    number = models.PositiveIntegerField()
    fate = models.CharField(max_length=8)
    what = models.CharField(max_length=200, blank=True)
    faults = models.JSONField(default=list)

    class Meta:
        ordering = ["number", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(fate__in=[one.value for one in switching.Fate]), name="import_line_fate_known"
            ),
        ]
        indexes = [models.Index(fields=["run", "fate", "number"], name="import_line_fate")]

    def __str__(self) -> str:
        return f"{self.number} {self.fate}"


class Imported(models.Model):
    """What every row that came from elsewhere says of its coming; ``run`` is empty for one that was typed in."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    run = models.ForeignKey(ImportRun, models.PROTECT, null=True, related_name="+")

    class Meta:
        abstract = True


class FormerAccount(Imported):
    """Somebody who answered for an enterprise on the former platform. One row an establishment and address.

    Nothing is open before the person answers the mail: ``invitation`` is that of identity, empty until it leaves.
    ``established`` is the enterprise here; several former accounts of one SIRET lead to the same one.
    """

    siret = models.CharField(max_length=14)
    name = models.CharField(max_length=200)
    email = models.EmailField(max_length=254)
    given_names = models.CharField(max_length=120)
    usual_name = models.CharField(max_length=120)
    established = models.ForeignKey("identity.Organisation", models.PROTECT, null=True, related_name="+")
    invitation = models.UUIDField(null=True)
    invited_at = models.DateTimeField(null=True)
    activated_at = models.DateTimeField(null=True)
    refusal = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["siret", "email"], name="former_account_once"),
            models.CheckConstraint(condition=Q(siret__regex=SIRET), name="former_account_siret_form"),
        ]
        indexes = [
            models.Index(
                fields=["id"], condition=Q(invited_at=None, refusal=""), name="former_account_waiting"
            ),
            models.Index(fields=["invitation"], name="former_account_invitation"),
            models.Index(fields=["email"], name="former_account_email"),
        ]

    def __str__(self) -> str:
        return f"{self.siret} {self.email}"


class PackageOrigin(models.TextChoices):
    """Where a package comes from."""

    MADE = "made", _("made here, at the end of the procedure")
    FORMER = "former", _("procedure file of another platform, sealed as it came")
    BROUGHT = "brought", _("package brought back")


class Package(Imported):
    """A procedure file, kept whole until its legal end (``keep_until``), then destroyed with a reason.

    ``document`` is its very bytes; a package brought back has entries instead, from which the same bytes are made, once a
    job has verified it. ``sha256`` is that of the whole package. ``fault`` of a refused one: code, message, remedy, params.
    """

    organisation = models.ForeignKey("identity.Organisation", models.PROTECT, related_name="+")
    consultation = models.ForeignKey(Consultation, models.PROTECT, null=True, related_name="packages")
    origin = models.CharField(max_length=7, choices=PackageOrigin)
    state = models.CharField(max_length=8, choices=keeping.PACKAGE.choices(), default=keeping.KEPT)
    fault = models.JSONField(default=dict)
    reference = models.CharField(max_length=64)
    title = models.CharField(max_length=LONGEST_TITLE)
    document = models.ForeignKey("documents.Document", models.PROTECT, null=True, related_name="+")
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    ended_on = models.DateField(null=True)
    keep_until = models.DateField(null=True)
    keep_article = models.CharField(max_length=60, blank=True)
    made_at = models.DateTimeField()
    destroyed_at = models.DateTimeField(null=True)
    destroyed_reason = models.CharField(max_length=LONGEST_REASON, blank=True)

    class Meta:
        ordering = ["-made_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "sha256"], condition=~Q(state=keeping.REFUSED), name="package_once"
            ),
            models.CheckConstraint(
                condition=Q(state__in=list(keeping.PACKAGE.states)), name="package_state_known"
            ),
            models.CheckConstraint(condition=Q(sha256__regex=SHA256), name="package_sha256_form"),
            models.CheckConstraint(
                condition=Q(destroyed_at=None) | ~Q(destroyed_reason=""), name="package_destroyed_with_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.sha256[:8]}"

    @property
    def subject(self) -> Subject:
        return Subject("procurement.package", self.pk)


class PackageEntry(models.Model):
    """One file of a package that was brought back, in the order of the package."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    package = models.ForeignKey(Package, models.CASCADE, related_name="entries")
    position = models.PositiveIntegerField()
    path = models.CharField(max_length=LONGEST_ADDRESS)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    document = models.ForeignKey("documents.Document", models.PROTECT, related_name="+")

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["package", "path"], name="package_entry_path_once"),
            models.UniqueConstraint(fields=["package", "position"], name="package_entry_position_once"),
        ]

    def __str__(self) -> str:
        return self.path


class FormerAddress(Imported):
    """An address printed in notices, and the page of this platform that answers for it: one of the four, never another.

    ``address_key`` is its host, path and query, folded as ``domain.addresses`` says.
    """

    organisation = models.ForeignKey("identity.Organisation", models.PROTECT, related_name="+")
    address = models.CharField(max_length=LONGEST_ADDRESS)
    address_key = models.CharField(max_length=LONGEST_ADDRESS, unique=True)
    consultation = models.ForeignKey(Consultation, models.PROTECT, null=True, related_name="+")
    listing = models.ForeignKey(Listing, models.PROTECT, null=True, related_name="+")
    record = models.ForeignKey(OpenRecord, models.PROTECT, null=True, related_name="+")
    package = models.ForeignKey(Package, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(consultation__isnull=False, listing=None, record=None, package=None)
                | Q(consultation=None, listing__isnull=False, record=None, package=None)
                | Q(consultation=None, listing=None, record__isnull=False, package=None)
                | Q(consultation=None, listing=None, record=None, package__isnull=False),
                name="former_address_leads_to_one",
            ),
        ]

    def __str__(self) -> str:
        return self.address_key
