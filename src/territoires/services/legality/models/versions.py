"""Acts as they were sent, kept beside what they become."""

from __future__ import annotations

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from .transmission import Transmission


class SentVersion(models.Model):
    """An act as a refused transmission had it, kept when it goes back to draft: the State may acknowledge it all the same.

    ``act``, ``annexes`` and ``signatories`` hold the columns of these rows; the transmission holds their files.
    """

    transmission = models.OneToOneField(
        Transmission, models.PROTECT, primary_key=True, related_name="sent_version"
    )
    act = models.JSONField(encoder=DjangoJSONEncoder)
    annexes = models.JSONField(encoder=DjangoJSONEncoder)
    signatories = models.JSONField(encoder=DjangoJSONEncoder)

    def __str__(self) -> str:
        return str(self.transmission_id)
