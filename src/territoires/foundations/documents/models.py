"""What was received, and who still needs it. Bytes lie in the storage, under their hash (see ``storage``)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from territoires.kernel.ids import new_id

NAME_LENGTH = 200


class Document(models.Model):
    """One deposit. Immutable: its bytes are named by their SHA-256 and shared inside the organisation only.

    Once purged the row stays as a tombstone: hash, size and reason, without the name.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation_id = models.UUIDField(help_text="Organisations live above documents: known by id alone.")
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()
    media_type = models.CharField(max_length=100)
    name = models.CharField(max_length=NAME_LENGTH, blank=True)
    received_at = models.DateTimeField()
    received_by = models.UUIDField(null=True)
    verified_at = models.DateTimeField(null=True)
    purged_at = models.DateTimeField(null=True)
    purge_reason = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="document_sha256_hex"),
            models.CheckConstraint(condition=Q(size__gte=0), name="document_size_positive"),
            models.CheckConstraint(
                condition=Q(purged_at=None, purge_reason="")
                | (Q(purged_at__isnull=False, name="") & ~Q(purge_reason="")),
                name="document_purged_with_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["organisation_id", "sha256"], name="document_content"),
            models.Index(
                F("verified_at").asc(nulls_first=True),
                "id",
                condition=Q(purged_at=None),
                name="document_verification",
            ),
            models.Index(fields=["received_at"], condition=Q(purged_at=None), name="document_age"),
        ]

    def __str__(self) -> str:
        return self.name or self.sha256


class Reference(models.Model):
    """Why a document is kept: the thing that it is part of, or a hold (a judge, an inspection) with its reason.

    ``retention_until`` is the last legal day on which the holder must keep it; none means until it lets go.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    document = models.ForeignKey(Document, models.PROTECT, related_name="references")
    holder_type = models.CharField(max_length=100)
    holder_id = models.UUIDField()
    retention_until = models.DateField(null=True)
    hold_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["document", "holder_type", "holder_id"], name="reference_once_a_holder"
            )
        ]
        indexes = [models.Index(fields=["holder_type", "holder_id"], name="reference_holder")]

    def __str__(self) -> str:
        return f"{self.holder_type} {self.holder_id}"
