"""Acts that another device transmitted before this one, and the files that they were read from."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from territoires.kernel.fact import Subject
from territoires.kernel.ids import new_id

from ..domain import history
from .act import Act


class FormerStatus(models.TextChoices):
    """What had become of an act's transmission before the platform."""

    RECEIVED = history.RECEIVED_THEN, _("Transmitted elsewhere")
    NOT_SENT = history.NOT_SENT, _("Not transmitted")
    CANCELLED = history.CANCELLED_THEN, _("Transmission cancelled")


class HistoryImport(models.Model):
    """A table of a body's acts of before the platform, alone or in an archive with their files.

    ``device`` is what transmitted them then. ``faults`` are the first of ``fault_count``: mappings of line, column,
    message, remedy, params. ``unnamed`` counts the files of the archive that no line names.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey("identity.Organisation", models.PROTECT, related_name="+")
    document = models.ForeignKey("documents.Document", models.PROTECT, related_name="+")
    device = models.CharField(max_length=100, blank=True)
    state = models.CharField(
        max_length=10, choices=history.HISTORY.choices(), default=history.HISTORY.initial
    )
    brought_by = models.UUIDField(null=True)
    brought_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    new_count = models.PositiveIntegerField(default=0)
    known_count = models.PositiveIntegerField(default=0)
    fault_count = models.PositiveIntegerField(default=0)
    unnamed = models.PositiveIntegerField(default=0)
    faults = models.JSONField(default=list)

    class Meta:
        ordering = ["-brought_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=list(history.HISTORY.states)), name="history_state_known"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[history.ORDERED, history.DONE]) | Q(fault_count=0),
                name="history_ordered_without_fault",
            ),
        ]
        indexes = [models.Index("organisation", models.F("brought_at").desc(), name="history_latest")]

    def __str__(self) -> str:
        return f"{self.organisation_id} {self.brought_at}"

    @property
    def subject(self) -> Subject:
        """How facts and documents call this import."""
        return Subject("legality.history", self.pk)


class FormerTransmission(models.Model):
    """How an act that was taken over had been transmitted, by the body's word and the bytes that it handed over."""

    act = models.OneToOneField(Act, models.PROTECT, primary_key=True, related_name="former")
    history = models.ForeignKey(HistoryImport, models.PROTECT, related_name="acts")
    status = models.CharField(max_length=10, choices=FormerStatus.choices)
    identifier = models.CharField(max_length=60, blank=True)
    published_on = models.DateField(null=True)
    sent_on = models.DateField(null=True)
    received_on = models.DateField(null=True)
    acknowledgement = models.ForeignKey("documents.Document", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=FormerStatus.values), name="former_status_known"),
            models.CheckConstraint(
                condition=~Q(status=history.RECEIVED_THEN) | Q(received_on__isnull=False),
                name="former_received_on_a_day",
            ),
        ]
        indexes = [models.Index(fields=["identifier"], name="former_identifier")]

    def __str__(self) -> str:
        return f"{self.act_id} {self.status}"
