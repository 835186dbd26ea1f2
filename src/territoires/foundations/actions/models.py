"""Answers kept under the idempotency key that a caller gave."""

from __future__ import annotations

from django.db import models

from territoires.kernel.ids import new_id


class IdempotentAnswer(models.Model):
    """The answer of one call. The unique constraint is what makes two clicks at once one."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    caller = models.CharField(max_length=200)
    action = models.CharField(max_length=200)
    key = models.CharField(max_length=200)
    fingerprint = models.BinaryField(max_length=32)
    answer = models.JSONField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["caller", "action", "key"], name="idempotent_once")]
        indexes = [models.Index(fields=["created_at"], name="idempotent_age")]

    def __str__(self) -> str:
        return f"{self.action} {self.key}"
