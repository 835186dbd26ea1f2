"""What a consultation asks and leaves open beside its criteria: options, parts of criteria, selection, pieces, templates."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from territoires.kernel.fact import Subject
from territoires.kernel.ids import new_id

from ..domain import options, selection
from ..domain.sheet import LONGEST_TITLE
from .consultation import Consultation, Criterion, money


class OptionKind(models.TextChoices):
    """What the body may ask later without a new competition; each counts in the value of the need."""

    RENEWAL = options.RENEWAL, _("renewal")
    PHASE = options.PHASE, _("optional phase (tranche)")
    EXTRA = options.EXTRA, _("extra service (prestation supplémentaire)")


class ContractOption(models.Model):
    """An option of one lot by its number, or of the whole; ``value`` in euros without VAT, for each of ``times``.

    ``months``: how long one renewal lasts, or by when a phase may be asked, counted from the notification.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    consultation = models.ForeignKey(Consultation, models.CASCADE, related_name="options")
    position = models.PositiveSmallIntegerField()
    lot_number = models.PositiveSmallIntegerField(null=True)
    kind = models.CharField(max_length=7, choices=OptionKind)
    name = models.CharField(max_length=LONGEST_TITLE)
    value = money(null=True)
    times = models.PositiveSmallIntegerField(default=1)
    months = models.PositiveSmallIntegerField(null=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["consultation", "position"], name="option_position_once"),
            models.CheckConstraint(condition=Q(times__gte=1) & ~Q(name=""), name="option_named"),
            models.CheckConstraint(
                condition=Q(value=None) | Q(value__gte=0), name="option_value_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class SubCriterion(models.Model):
    """A part of a criterion; the weights of its parts, in percent of the whole note, add up to its own."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    criterion = models.ForeignKey(Criterion, models.CASCADE, related_name="parts")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=200)
    weight = models.DecimalField(max_digits=5, decimal_places=2)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["criterion", "position"], name="part_position_once"),
            models.CheckConstraint(
                condition=Q(weight__gt=0, weight__lte=100) & ~Q(name=""), name="part_weighs"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.weight} %"


class SelectionKind(models.TextChoices):
    """On what a candidature is judged, as eForms names it."""

    SUITABILITY = selection.SUITABILITY, _("right to exercise the trade")
    ECONOMIC = selection.ECONOMIC, _("economic and financial standing")
    TECHNICAL = selection.TECHNICAL, _("technical and professional ability")


class SelectionCriterion(models.Model):
    """What a candidate must be able to do; ``level`` is the least that is asked, in words, and may be empty."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    consultation = models.ForeignKey(Consultation, models.CASCADE, related_name="selection")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=7, choices=SelectionKind)
    text = models.CharField(max_length=1000)
    level = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["consultation", "position"], name="selection_position_once"),
            models.CheckConstraint(condition=~Q(text=""), name="selection_said"),
        ]

    def __str__(self) -> str:
        return self.text


class AskedFrom(models.TextChoices):
    """Who gives a piece, and when."""

    CANDIDATE = selection.CANDIDATE, _("every candidate, with the candidature")
    TENDERER = selection.TENDERER, _("every tenderer, with the bid")
    WINNER = selection.WINNER, _("only who is about to be chosen")


class AskedPiece(models.Model):
    """A piece that the body asks; ``code`` is one of the pack, empty for one of its own."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    consultation = models.ForeignKey(Consultation, models.CASCADE, related_name="asked_pieces")
    position = models.PositiveSmallIntegerField()
    asked_from = models.CharField(max_length=9, choices=AskedFrom)
    code = models.CharField(max_length=30, blank=True)
    name = models.CharField(max_length=LONGEST_TITLE)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["consultation", "position"], name="asked_piece_position_once"),
            models.CheckConstraint(condition=~Q(name=""), name="asked_piece_named"),
        ]

    def __str__(self) -> str:
        return self.name


class DocumentTemplate(models.Model):
    """The body's own model of a document, in the place of the platform's; ``code`` is one of ``domain.drafting``."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey("identity.Organisation", models.PROTECT, related_name="+")
    code = models.CharField(max_length=10)
    document = models.ForeignKey("documents.Document", models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64)
    person = models.ForeignKey("identity.Person", models.PROTECT, null=True, related_name="+")
    kept_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "code"], name="document_template_once")
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def subject(self) -> Subject:
        return Subject("procurement.document-template", self.pk)
