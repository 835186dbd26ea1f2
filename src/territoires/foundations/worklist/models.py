"""What waits for whom. A closed item is deleted: what was done, and by whom, is in the journal."""

from __future__ import annotations

from datetime import UTC, datetime

from django.db import models
from django.db.models import Value
from django.db.models.functions import Coalesce

from territoires.kernel.ids import new_id

NEVER = datetime(9999, 12, 31, tzinfo=UTC)
"""Where an item without deadline stands in the order: last."""


class Item(models.Model):
    """One thing to do on one subject, for a person or for whoever holds a permission in the organisation.

    ``title`` is free text; ``verb`` and ``state_label`` are message ids, translated when shown; ``address`` is the
    page where it is done.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation_id = models.UUIDField()
    subject_type = models.CharField(max_length=100)
    subject_id = models.UUIDField()
    matter = models.UUIDField(null=True)
    kind = models.CharField(max_length=100)
    title = models.CharField(max_length=500)
    verb = models.CharField(max_length=200)
    address = models.CharField(max_length=500)
    permission = models.CharField(max_length=100)
    person_id = models.UUIDField(null=True)
    state_label = models.CharField(max_length=200, blank=True)
    tone = models.CharField(max_length=10, default="wait")
    due_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField()
    sort_at = models.GeneratedField(
        expression=Coalesce("due_at", Value(NEVER)), output_field=models.DateTimeField(), db_persist=True
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subject_type", "subject_id", "kind", "person_id"],
                nulls_distinct=False,
                name="item_once",
            )
        ]
        indexes = [
            # The desk reads it in order and sees in it who may act, without touching the rows it passes over.
            models.Index(
                fields=["organisation_id", "sort_at", "id"],
                include=["permission", "person_id", "kind"],
                name="item_desk",
            ),
        ]

    def __str__(self) -> str:
        return self.title
