"""What governance keeps of its own: which vintage of the territory is in place.

Organisations, persons, roles and mandates are identity's; services know its models by string only.
"""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import Q, QuerySet

from territoires.kernel.ids import new_id


def identity_rows(model: str) -> QuerySet[Any]:
    """The rows of one of identity's models, such as ``Organisation``."""
    rows: QuerySet[Any] = apps.get_model("identity", model)._default_manager.all()
    return rows


def organisations() -> QuerySet[Any]:
    """Identity's organisations."""
    return identity_rows("Organisation")


class TerritoryLoad(models.Model):
    """One load of one vintage of a region that changed something; the latest is what stands."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    region = models.CharField(max_length=2)
    vintage = models.PositiveSmallIntegerField()
    loaded_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(vintage__gte=2019), name="territory_vintage_known")]
        indexes = [models.Index(fields=["region", "-loaded_at"], name="territory_latest")]

    def __str__(self) -> str:
        return f"{self.region} {self.vintage}"
