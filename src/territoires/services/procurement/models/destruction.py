"""The end of what was never opened: disputes that forbid it, and its destruction with the visa of the archives."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from territoires.kernel.fact import Subject
from territoires.kernel.ids import new_id

from .consultation import LONGEST_REASON, Consultation


class Dispute(models.Model):
    """A claim before a judge, an inspection, anything that forbids to destroy the closed bids, until it has ended."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    consultation = models.ForeignKey(Consultation, models.PROTECT, related_name="disputes")
    what = models.CharField(max_length=LONGEST_REASON)
    noted_by = models.ForeignKey("identity.Person", models.PROTECT, related_name="+")
    noted_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=LONGEST_REASON, blank=True)

    class Meta:
        ordering = ["noted_at", "id"]
        constraints = [
            models.CheckConstraint(condition=~Q(what=""), name="dispute_described"),
            models.CheckConstraint(
                condition=Q(ended_at=None) | ~Q(outcome=""), name="dispute_ended_with_outcome"
            ),
        ]

    def __str__(self) -> str:
        return self.what


class Destruction(models.Model):
    """The keys of a consultation and what was never opened in it are destroyed; hashes, log and journal stay.

    ``kept_until`` was the last legal day, ``article`` what sets it; the visa of the archives is named. ``keys`` counts the
    officers whose slots are gone; ``blocks``, ``files``, ``chunks`` and ``size`` (stored bytes) grow until ``done_at``.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    consultation = models.OneToOneField(Consultation, models.PROTECT, related_name="destruction")
    kept_until = models.DateField()
    article = models.CharField(max_length=60)
    visa_by = models.CharField(max_length=200)
    visa_reference = models.CharField(max_length=200)
    visa_on = models.DateField()
    ordered_by = models.ForeignKey("identity.Person", models.PROTECT, related_name="+")
    ordered_at = models.DateTimeField()
    keys = models.PositiveIntegerField()
    blocks = models.PositiveIntegerField(default=0)
    files = models.PositiveIntegerField(default=0)
    chunks = models.PositiveIntegerField(default=0)
    size = models.PositiveBigIntegerField(default=0)
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(visa_by="") & ~Q(visa_reference=""), name="destruction_with_visa"
            )
        ]

    def __str__(self) -> str:
        return f"{self.consultation_id} {self.visa_reference}"

    @property
    def subject(self) -> Subject:
        return Subject("procurement.destruction", self.pk)
