"""The minutes that the opening worker writes, of a session, of a safety copy that was opened, of a destruction."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from territoires.kernel.ids import new_id

from .consultation import Consultation
from .destruction import Destruction
from .opening import OpeningOrder, SafetyCopy

Minuted = OpeningOrder | SafetyCopy | Destruction


class Minutes(models.Model):
    """Minutes in one language, of the one thing that is named."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    consultation = models.ForeignKey(Consultation, models.PROTECT, related_name="+")
    order = models.ForeignKey(OpeningOrder, models.PROTECT, null=True, related_name="minutes")
    copy = models.ForeignKey(SafetyCopy, models.PROTECT, null=True, related_name="minutes")
    destruction = models.ForeignKey(Destruction, models.PROTECT, null=True, related_name="minutes")
    language = models.CharField(max_length=2)
    document = models.ForeignKey("documents.Document", models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64)
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["-language"]
        constraints = [
            models.UniqueConstraint(
                fields=["order", "copy", "destruction", "language"],
                nulls_distinct=False,
                name="minutes_once",
            ),
            models.CheckConstraint(
                condition=Q(order__isnull=False, copy=None, destruction=None)
                | Q(order=None, copy__isnull=False, destruction=None)
                | Q(order=None, copy=None, destruction__isnull=False),
                name="minutes_of_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order_id or self.copy_id or self.destruction_id} {self.language}"

    @staticmethod
    def about(thing: Minuted) -> dict[str, Minuted]:
        """The field that names a thing, to filter or to create by."""
        match thing:
            case OpeningOrder():
                return {"order": thing}
            case SafetyCopy():
                return {"copy": thing}
            case Destruction():
                return {"destruction": thing}
