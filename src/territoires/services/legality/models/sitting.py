"""A sitting of the deciding assembly and the votes on its acts."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from territoires.kernel.fact import Subject
from territoires.kernel.ids import new_id

from ..domain import sitting
from .act import Act


class SittingKind(models.TextChoices):
    """Who met."""

    COUNCIL = sitting.COUNCIL, _("The council, or assembly")
    BOARD = sitting.BOARD, _("Its board, or standing committee")


class Sitting(models.Model):
    """One sitting of a body's assembly, whose deliberations are its acts.

    ``given_names``, ``usual_name`` and ``quality`` are those of who presided. ``listed`` is the list of deliberations as it
    was published last, one mapping a line; ``listed_at`` and ``list_file`` say when, and with which bytes. So do
    ``minutes_at`` and ``minutes_file`` for its minutes, adopted by the sitting of ``minutes_adopted_on``.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey("identity.Organisation", models.PROTECT, related_name="+")
    version = models.PositiveIntegerField(default=1)
    held_on = models.DateField()
    kind = models.CharField(max_length=10, choices=SittingKind.choices)
    given_names = models.CharField(max_length=100)
    usual_name = models.CharField(max_length=100)
    quality = models.CharField(max_length=150)
    in_office = models.PositiveSmallIntegerField()
    present = models.PositiveSmallIntegerField()
    represented = models.PositiveSmallIntegerField()
    attendance = models.TextField(blank=True)
    opened_at = models.DateTimeField()
    listed = models.JSONField(default=list)
    listed_at = models.DateTimeField(null=True)
    list_file = models.ForeignKey("documents.Document", models.PROTECT, null=True, related_name="+")
    minutes_adopted_on = models.DateField(null=True)
    minutes_at = models.DateTimeField(null=True)
    minutes_file = models.ForeignKey("documents.Document", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=sitting.KINDS), name="sitting_kind_known"),
            models.CheckConstraint(
                condition=Q(in_office__gte=models.F("present") + models.F("represented")),
                name="sitting_presence",
            ),
            models.CheckConstraint(
                condition=Q(listed_at=None, list_file=None)
                | Q(listed_at__isnull=False, list_file__isnull=False),
                name="sitting_list_with_its_file",
            ),
            models.CheckConstraint(
                condition=Q(minutes_at=None, minutes_file=None, minutes_adopted_on=None)
                | Q(
                    minutes_at__isnull=False,
                    minutes_file__isnull=False,
                    minutes_adopted_on__gte=models.F("held_on"),
                ),
                name="sitting_minutes_whole",
            ),
        ]
        indexes = [
            models.Index("organisation", models.F("held_on").desc(), name="sitting_latest"),
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id} {self.held_on}"

    @property
    def subject(self) -> Subject:
        """How facts, documents and the worklist call this sitting."""
        return Subject("legality.sitting", self.pk)

    @property
    def presiding(self) -> str:
        return f"{self.given_names} {self.usual_name}"

    @property
    def voters(self) -> int:
        """The members who may vote: those there, and those who gave their vote to one of them."""
        return self.present + self.represented

    @property
    def has_quorum(self) -> bool:
        return sitting.has_quorum(self.present, self.in_office)


class SittingSecretary(models.Model):
    """A member who keeps the minutes of a sitting, and signs its deliberations (CGCT L.2121-15, L.2121-23)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    sitting = models.ForeignKey(Sitting, models.CASCADE, related_name="secretaries")
    position = models.PositiveSmallIntegerField()
    given_names = models.CharField(max_length=100)
    usual_name = models.CharField(max_length=100)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["sitting", "position"], name="secretary_position_once"),
            models.CheckConstraint(condition=~Q(given_names="") & ~Q(usual_name=""), name="secretary_named"),
        ]

    def __str__(self) -> str:
        return f"{self.given_names} {self.usual_name}"


class VoteOutcome(models.TextChoices):
    """What became of a deliberation."""

    ADOPTED = sitting.ADOPTED, _("Adopted")
    REJECTED = sitting.REJECTED, _("Rejected")
    POSTPONED = sitting.POSTPONED, _("Postponed")


class Vote(models.Model):
    """How a deliberation was voted. Counts that nobody gave are None; ``names`` says who voted what, if told."""

    act = models.OneToOneField(Act, models.CASCADE, primary_key=True, related_name="vote")
    outcome = models.CharField(max_length=10, choices=VoteOutcome.choices)
    votes_for = models.PositiveSmallIntegerField(null=True)
    against = models.PositiveSmallIntegerField(null=True)
    abstention = models.PositiveSmallIntegerField(null=True)
    not_voting = models.PositiveSmallIntegerField(null=True)
    names = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(outcome__in=sitting.OUTCOMES), name="vote_outcome_known"),
        ]

    def __str__(self) -> str:
        return f"{self.act_id} {self.outcome}"
