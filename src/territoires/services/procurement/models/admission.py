"""Who is in a dynamic purchasing system, or asks to be."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from territoires.kernel.fact import Subject
from territoires.kernel.ids import new_id

from ..domain import admission
from .consultation import LONGEST_REASON, LONGEST_TEXT, Consultation


class Admission(models.Model):
    """The place of one enterprise in a system: ``lots`` are the numbers of its categories, none where there are none.

    ``examine_until`` is the last day to answer a request; None for who came with the first candidatures. ``reason`` says why
    it was refused, or why its examination takes longer.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    consultation = models.ForeignKey(Consultation, models.PROTECT, related_name="admissions")
    bidder = models.ForeignKey("identity.Organisation", models.PROTECT, related_name="+")
    person = models.ForeignKey("identity.Person", models.PROTECT, null=True, related_name="+")
    lots = ArrayField(models.PositiveSmallIntegerField(), default=list, blank=True)
    state = models.CharField(
        max_length=8, choices=admission.ADMISSION.choices(), default=admission.ADMISSION.initial
    )
    text = models.CharField(max_length=LONGEST_TEXT, blank=True)
    received_at = models.DateTimeField()
    examine_until = models.DateField(null=True)
    reason = models.CharField(max_length=LONGEST_REASON, blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey("identity.Person", models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["-received_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["consultation", "bidder"],
                condition=Q(state__in=admission.HELD),
                name="admission_held_once",
            ),
            models.CheckConstraint(
                condition=Q(state__in=list(admission.ADMISSION.states)), name="admission_state_known"
            ),
            models.CheckConstraint(
                condition=~Q(state=admission.REFUSED) | ~Q(reason=""), name="admission_refused_with_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.bidder_id} {self.state}"

    @property
    def subject(self) -> Subject:
        return Subject("procurement.admission", self.pk)


class AdmissionFile(models.Model):
    """A file that came with a request."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    admission = models.ForeignKey(Admission, models.CASCADE, related_name="files")
    document = models.ForeignKey("documents.Document", models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["admission", "sha256"], name="admission_file_once")]

    def __str__(self) -> str:
        return f"{self.admission_id} {self.sha256[:8]}"
