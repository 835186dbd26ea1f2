"""The ESPD (DUME) that an enterprise answers for a bid; the platform knows it as it knows the sheet, until it is sealed."""

from __future__ import annotations

from django.db import models

from .bids import BidDraft


class EspdAnswer(models.Model):
    """``request``: the buyer's own ESPD as it was brought, empty for the platform's. ``answers``: by id of question."""

    draft = models.OneToOneField(BidDraft, models.CASCADE, primary_key=True, related_name="espd")
    request = models.BinaryField(default=bytes)
    answers = models.JSONField(default=dict)
    is_written = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.draft_id)
