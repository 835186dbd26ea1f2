"""The consultation itself, its lots and criteria, its documents, the people who work on it."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from territoires.kernel.fact import Subject
from territoires.kernel.ids import new_id
from territoires.kernel.text import fold

from ..domain import life, terms
from ..domain.law import AUTHORITY, PRIVATE, UTILITY
from ..domain.sheet import CATEGORIES, CENTRAL, FRAMEWORK, GROUP, LONGEST_TITLE

LONGEST_TEXT = 6000
LONGEST_REASON = 2000
CPV = r"^[0-9]{8}$"


def money(**options: Any) -> models.DecimalField[Any, Any]:
    """Euros without VAT."""
    return models.DecimalField(max_digits=14, decimal_places=2, **options)


class Regime(models.TextChoices):
    """As what the body buys: its thresholds follow."""

    AUTHORITY = AUTHORITY, _("as a public authority")
    UTILITY = UTILITY, _("as a network operator (water, energy, transport)")


class Technique(models.TextChoices):
    """How the contract is carried out."""

    NONE = "", _("one ordinary contract")
    FRAMEWORK = FRAMEWORK, _("a framework agreement, with orders or further contracts")


class PurchasingForm(models.TextChoices):
    """For whom the body buys; empty: for itself alone."""

    NONE = "", _("for yourself alone")
    GROUP = GROUP, _("for a purchasing group (groupement de commandes) that you coordinate")
    CENTRAL = CENTRAL, _("as a central purchasing body (centrale d'achat)")


class SignatureTime(models.TextChoices):
    """When the tenderer signs."""

    AWARD = "award", _("the chosen enterprise signs at the award")
    DEPOSIT = "deposit", _("each enterprise signs its bid")


class Consultation(models.Model):
    """One call to competition of one body. A draft may lack anything; ``version`` serves the optimistic lock.

    ``main_procurement_category`` is one of OCDS (goods, services, works). ``family`` names the need that adds up with
    other purchases. Codes of procedures are those of the pack. ``is_two_stage``: candidates are selected before they
    bid, where the procedure lets the buyer choose. ``validators``: who alone validates; empty: whoever may.
    ``words_folded`` is title and reference without accents, to search.

    ``submitted_at``: who prepares asked for the validation, and changed nothing since.

    ``publication_version`` is 0 before the publication, 1 as published, and one more with each amendment. ``publish_at``
    is the appointed time of a scheduled one. ``parent``: the framework agreement or the dynamic purchasing system under
    which it is called, ``parent_lot`` the number of its lot there. ``in_force_until``: last day of such a system. ``dialogue_ended_at``: a competitive dialogue was declared over. ``anonymity_lifted_at``: the jury of a
    contest has ranked, and names were put to its projects. ``ended_at`` and ``end_reason``: withdrawn, or declared without follow-up.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey("identity.Organisation", models.PROTECT, related_name="+")
    state = models.CharField(max_length=16, choices=life.LIFE.choices(), default=life.LIFE.initial)
    version = models.PositiveIntegerField(default=1)
    copied_from = models.ForeignKey("self", models.SET_NULL, null=True, related_name="+")
    validators = ArrayField(models.UUIDField(), default=list)

    reference = models.CharField(max_length=32, blank=True)
    title = models.CharField(max_length=LONGEST_TITLE)
    description = models.CharField(max_length=LONGEST_TEXT, blank=True)
    words_folded = models.TextField(blank=True, editable=False)
    main_procurement_category = models.CharField(max_length=8, blank=True)
    regime = models.CharField(max_length=9, choices=Regime, default=Regime.AUTHORITY)
    is_social_service = models.BooleanField(default=False)
    estimated_value = money(null=True)
    family = models.CharField(max_length=120, blank=True)
    family_folded = models.CharField(max_length=120, blank=True, editable=False)
    committed_elsewhere = money(default=0)
    cpv = models.CharField(max_length=8, blank=True)
    additional_cpvs = ArrayField(models.CharField(max_length=8), default=list, blank=True)
    nuts = models.CharField(max_length=5, blank=True)
    purchasing_form = models.CharField(max_length=7, choices=PurchasingForm, blank=True)
    group_agreement = models.CharField(max_length=300, blank=True)

    procedure = models.CharField(max_length=12, blank=True)
    procedure_ground = models.CharField(max_length=LONGEST_REASON, blank=True)
    is_negotiated = models.BooleanField(default=False)
    is_two_stage = models.BooleanField(default=False)
    technique = models.CharField(max_length=9, choices=Technique, blank=True)
    framework_maximum = money(null=True)
    division_reason = models.CharField(max_length=LONGEST_REASON, blank=True)

    duration_months = models.PositiveSmallIntegerField(null=True)
    validity_days = models.PositiveSmallIntegerField(null=True)
    allows_variants = models.BooleanField(default=False)
    variant_conditions = models.CharField(max_length=LONGEST_TEXT, blank=True)
    reserved_for = models.CharField(max_length=12, blank=True)
    fewest_candidates = models.PositiveSmallIntegerField(null=True)
    most_candidates = models.PositiveSmallIntegerField(null=True)
    prize = money(null=True)
    environmental_clause = models.CharField(max_length=LONGEST_TEXT, blank=True)
    social_clause = models.CharField(max_length=LONGEST_TEXT, blank=True)
    minimum_turnover = money(null=True)
    signature_time = models.CharField(max_length=7, choices=SignatureTime, default=SignatureTime.AWARD)
    contact_email = models.EmailField(blank=True)
    review_body = models.CharField(max_length=200, blank=True)

    is_urgent = models.BooleanField(default=False)
    urgency_reason = models.CharField(max_length=LONGEST_REASON, blank=True)
    has_prior_notice = models.BooleanField(default=False)
    publish_on = models.DateField(null=True)
    questions_until = models.DateField(null=True)
    applications_until = models.DateTimeField(null=True)
    invite_on = models.DateField(null=True)
    tenders_until = models.DateTimeField(null=True)

    # an adapted procedure owes no standstill; its buyer may keep one all the same
    keeps_standstill = models.BooleanField(default=False)

    started_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    validated_at = models.DateTimeField(null=True)

    shows_value = models.BooleanField(default=False)
    publish_at = models.DateTimeField(null=True)
    published_at = models.DateTimeField(null=True)
    publication_version = models.PositiveSmallIntegerField(default=0)
    closed_at = models.DateTimeField(null=True)
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="called")
    parent_lot = models.PositiveSmallIntegerField(null=True)
    in_force_until = models.DateField(null=True)
    dialogue_ended_at = models.DateTimeField(null=True)
    anonymity_lifted_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=LONGEST_REASON, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=list(life.LIFE.states)), name="consultation_state_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=life.BEFORE_PUBLICATION, published_at=None, publication_version=0)
                | (
                    ~Q(state__in=life.BEFORE_PUBLICATION)
                    & Q(published_at__isnull=False, publication_version__gte=1)
                ),
                name="consultation_public_has_date",
            ),
            models.CheckConstraint(
                condition=~Q(state=life.SCHEDULED) | Q(publish_at__isnull=False),
                name="consultation_scheduled_has_time",
            ),
            models.CheckConstraint(condition=~Q(title=""), name="consultation_titled"),
            models.CheckConstraint(
                condition=Q(main_procurement_category__in=["", *CATEGORIES]),
                name="consultation_category_known",
            ),
            models.CheckConstraint(condition=Q(cpv="") | Q(cpv__regex=CPV), name="consultation_cpv_form"),
            models.CheckConstraint(
                condition=Q(estimated_value=None) | Q(estimated_value__gt=0),
                name="consultation_value_positive",
            ),
            models.CheckConstraint(
                condition=Q(committed_elsewhere__gte=0), name="consultation_committed_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(state__in=[life.DRAFT, life.DISCARDED]) | Q(validated_at__isnull=False),
                name="consultation_validated_before_all",
            ),
            models.UniqueConstraint(
                fields=["organisation", "reference"],
                condition=~Q(reference="") & ~Q(state=life.DISCARDED),
                name="consultation_reference_once",
            ),
        ]
        indexes = [
            models.Index(
                "organisation",
                models.F("changed_at").desc(),
                models.F("id").desc(),
                name="consultation_latest",
            ),
            models.Index("organisation", "family_folded", name="consultation_family"),
            models.Index(
                fields=["tenders_until"], condition=Q(state=life.PUBLISHED), name="consultation_to_close"
            ),
            models.Index(
                fields=["publish_at"], condition=Q(state=life.SCHEDULED), name="consultation_to_publish"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def save(self, *args: Any, **options: Any) -> None:
        self.words_folded = fold(f"{self.reference} {self.title}")
        self.family_folded = fold(self.family)
        super().save(*args, **options)

    @property
    def subject(self) -> Subject:
        return Subject("procurement.consultation", self.pk)

    @property
    def is_private(self) -> bool:
        """Only the enterprises that the buyer names are called; nothing of it is public before the award."""
        return self.procedure in PRIVATE


class Participant(models.Model):
    """Another buyer for whom the body buys: a purchasing group, or a central purchasing body's member."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    consultation = models.ForeignKey(Consultation, models.CASCADE, related_name="participants")
    siret = models.CharField(max_length=14)
    name = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["siret"]
        constraints = [
            models.UniqueConstraint(fields=["consultation", "siret"], name="participant_once"),
            models.CheckConstraint(condition=Q(siret__regex=r"^[0-9]{14}$"), name="participant_siret_form"),
        ]

    def __str__(self) -> str:
        return self.siret


class Lot(models.Model):
    """One lot, by its number from 1 on."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    consultation = models.ForeignKey(Consultation, models.CASCADE, related_name="lots")
    number = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=LONGEST_TITLE)
    cpv = models.CharField(max_length=8, blank=True)
    estimated_value = money(null=True)
    is_small = models.BooleanField(default=False)
    additional_cpvs = ArrayField(models.CharField(max_length=8), default=list, blank=True)
    nuts = models.CharField(max_length=5, blank=True)
    reserved_for = models.CharField(max_length=12, blank=True)
    minimum_turnover = money(null=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["consultation", "number"], name="lot_number_once"),
            models.CheckConstraint(condition=Q(number__gte=1) & ~Q(title=""), name="lot_numbered_and_titled"),
            models.CheckConstraint(condition=Q(cpv="") | Q(cpv__regex=CPV), name="lot_cpv_form"),
        ]

    def __str__(self) -> str:
        return f"{self.number}. {self.title}"


class Criterion(models.Model):
    """An award criterion, of one lot by its number or of all; ``kind`` is a code of the pack, ``weight`` in percent."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    consultation = models.ForeignKey(Consultation, models.CASCADE, related_name="criteria")
    position = models.PositiveSmallIntegerField()
    lot_number = models.PositiveSmallIntegerField(null=True)
    kind = models.CharField(max_length=20)
    name = models.CharField(max_length=200)
    weight = models.DecimalField(max_digits=5, decimal_places=2)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["consultation", "position"], name="criterion_position_once"),
            models.CheckConstraint(
                condition=Q(weight__gt=0, weight__lte=100) & ~Q(name=""), name="criterion_weighs"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.weight} %"


class DocumentKind(models.TextChoices):
    """What a document is to those who answer."""

    RULES = terms.RULES, _("Rules of the consultation")
    CONTRACT = terms.CONTRACT, _("Draft contract, administrative terms")
    TECHNICAL = terms.TECHNICAL, _("Technical terms, plans")
    PRICES = terms.PRICES, _("Price schedule to fill in")
    OTHER = terms.OTHER, _("Other document")


class Piece(models.Model):
    """One document of the consultation. Once public it is never removed: ``retired_in`` is the version of the
    publication from which it no longer holds, ``replaces`` the piece whose place it took, ``since_version`` its first.

    ``made_as`` names what the platform wrote (``rules.pdf``), empty for a file that was brought; ``made_from`` is the
    SHA-256 of what it was written from.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    consultation = models.ForeignKey(Consultation, models.CASCADE, related_name="pieces")
    document = models.ForeignKey("documents.Document", models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64)
    kind = models.CharField(max_length=9, choices=DocumentKind)
    position = models.PositiveSmallIntegerField()
    since_version = models.PositiveSmallIntegerField(default=1)
    retired_in = models.PositiveSmallIntegerField(null=True)
    replaces = models.OneToOneField("self", models.PROTECT, null=True, related_name="replaced_by")
    made_as = models.CharField(max_length=20, blank=True)
    made_from = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["consultation", "sha256"], name="piece_once"),
            models.CheckConstraint(
                condition=Q(retired_in=None) | Q(retired_in__gt=F("since_version")),
                name="piece_retired_later",
            ),
            models.UniqueConstraint(
                fields=["consultation", "made_as"],
                condition=~Q(made_as="") & Q(retired_in=None),
                name="piece_made_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.sha256[:8]}"


class Override(models.Model):
    """Why the buyer goes on in spite of a warning; it stays in the file. ``finding`` is the key of the finding."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    consultation = models.ForeignKey(Consultation, models.CASCADE, related_name="overrides")
    finding = models.CharField(max_length=200)
    reason = models.CharField(max_length=LONGEST_REASON)
    person = models.ForeignKey("identity.Person", models.PROTECT, null=True, related_name="+")
    given_at = models.DateTimeField()

    class Meta:
        ordering = ["given_at"]
        constraints = [
            models.UniqueConstraint(fields=["consultation", "finding"], name="override_once"),
            models.CheckConstraint(condition=~Q(reason=""), name="override_has_reason"),
        ]

    def __str__(self) -> str:
        return self.finding


class TeamRole(models.TextChoices):
    """What a person does on a consultation."""

    PREPARE = "prepare", _("prepares")
    VALIDATE = "validate", _("validates")
    OPEN = "open", _("opens the bids")
    EVALUATE = "evaluate", _("evaluates the bids")


class Member(models.Model):
    """A person on the team of a consultation, in one role; she may have several."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    consultation = models.ForeignKey(Consultation, models.CASCADE, related_name="team")
    person = models.ForeignKey("identity.Person", models.PROTECT, related_name="+")
    role = models.CharField(max_length=8, choices=TeamRole)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["consultation", "person", "role"], name="consultation_member_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.role}"
