"""The act itself: its draft, its signatories, its annexes, and all that it becomes."""

from __future__ import annotations

from datetime import date
from typing import Any, TypeVar
from uuid import UUID

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.db import models
from django.db.models import Q
from django.db.models.functions import Length
from django.db.models.lookups import LessThanOrEqual
from django.utils.translation import gettext_lazy as _

from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Corrupt
from territoires.kernel.fact import Subject
from territoires.kernel.ids import new_id
from territoires.kernel.text import fold

from ..domain import life, preceding
from ..domain.signature import CAPACITIES
from ..domain.wording import NUMBER, OBJECT_LENGTH
from ..permissions import ON_LINE

DRAFT_OBJECT_LENGTH = 2000
DRAFT_NUMBER_LENGTH = 60


T = TypeVar("T")


def known(value: T | None) -> T:
    """What the database guarantees of a complete act. Raises Corrupt when it lied."""
    if value is None:
        raise Corrupt(
            "act-incomplete",
            "A signed act lacks what the law demands of it.",
            "Call the operator: the database must be checked.",
        )
    return value


class PrecedingLink(models.TextChoices):
    """What an act does to the one before it."""

    MODIFIES = preceding.MODIFIES, _("It modifies it")
    REPEALS = preceding.REPEALS, _("It repeals it")
    COMPLETES = preceding.COMPLETES, _("It completes it")


class Act(models.Model):
    """One act of one body. A draft may lack anything; from the signature on nothing may be missing.

    ``version`` counts the changes, for the optimistic lock. ``words_folded`` is number and object without accents,
    to search. ``published_at`` is the one date of publication that page, register and certificate show.
    ``part_of`` is the matter of another service that the act belongs to (a consultation, whose contract it is).
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey("identity.Organisation", models.PROTECT, related_name="+")
    state = models.CharField(max_length=12, choices=life.LIFE.choices(), default=life.LIFE.initial)
    version = models.PositiveIntegerField(default=1)
    part_of = models.UUIDField(null=True, editable=False)
    sitting = models.ForeignKey("Sitting", models.PROTECT, null=True, related_name="acts")
    # The act that this one changes, and how.
    preceding = models.ForeignKey("self", models.PROTECT, null=True, related_name="following")
    preceding_link = models.CharField(max_length=10, choices=PrecedingLink.choices, blank=True)

    number = models.CharField(max_length=DRAFT_NUMBER_LENGTH, blank=True)
    nature = models.CharField(max_length=1, blank=True)
    matter_code = models.CharField(max_length=16, blank=True)
    object = models.CharField(max_length=DRAFT_OBJECT_LENGTH, blank=True)
    words_folded = models.TextField(blank=True, editable=False)
    decided_on = models.DateField(null=True)
    given_names = models.CharField(max_length=100, blank=True)
    usual_name = models.CharField(max_length=100, blank=True)
    quality = models.CharField(max_length=150, blank=True)

    main = models.ForeignKey("documents.Document", models.PROTECT, null=True, related_name="+")
    main_sha256 = models.CharField(max_length=64, blank=True)
    main_type = models.CharField(max_length=5, blank=True)
    # The file as it was before its electronic signatures: what the act goes back to as a draft.
    unsigned = models.ForeignKey("documents.Document", models.PROTECT, null=True, related_name="+")

    drafted_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    signed_on = models.DateField(null=True)
    published_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawal_reason = models.CharField(max_length=1000, blank=True)
    # What somebody declared against the rule of its nature and matter, and why; None: the rule holds.
    is_transmitted = models.BooleanField(null=True)
    transmission_reason = models.CharField(max_length=1000, blank=True)
    # When it came from the body's history, complete or not; ``former`` says how it was transmitted then.
    taken_over_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "number"],
                condition=Q(state__in=list(life.NUMBERED), taken_over_at=None),
                name="act_number_once_among_live",
            ),
            models.UniqueConstraint(
                fields=["organisation", "number", "nature", "decided_on"],
                condition=Q(state__in=[life.PUBLISHED, life.TAKEN_OVER], taken_over_at__isnull=False),
                name="act_taken_over_once",
            ),
            models.CheckConstraint(
                condition=Q(taken_over_at=None) & ~Q(state=life.TAKEN_OVER)
                | Q(
                    taken_over_at__isnull=False,
                    decided_on__isnull=False,
                    state__in=[life.PUBLISHED, life.TAKEN_OVER, life.WITHDRAWN],
                )
                & ~Q(number="")
                & ~Q(object="")
                & (~Q(state=life.PUBLISHED) | Q(main__isnull=False)),
                name="act_taken_over_form",
            ),
            models.CheckConstraint(condition=Q(state__in=list(life.LIFE.states)), name="act_state_known"),
            models.CheckConstraint(
                condition=~Q(state__in=life.COMPLETE)
                | Q(taken_over_at__isnull=False)
                | Q(
                    LessThanOrEqual(Length("object"), OBJECT_LENGTH),
                    number__regex=f"^{NUMBER.pattern}$",
                    nature__regex="^[1-6]$",
                    decided_on__isnull=False,
                    signed_on__isnull=False,
                    main__isnull=False,
                )
                & ~Q(object="")
                & ~Q(matter_code="")
                & ~Q(main_type="")
                & ~Q(given_names="")
                & ~Q(usual_name="")
                & ~Q(quality=""),
                name="act_complete_from_signature",
            ),
            models.CheckConstraint(
                condition=~Q(state=life.PUBLISHED) | Q(published_at__isnull=False),
                name="act_published_has_date",
            ),
            models.CheckConstraint(
                condition=Q(state=life.WITHDRAWN, withdrawn_at__isnull=False) & ~Q(withdrawal_reason="")
                | ~Q(state=life.WITHDRAWN) & Q(withdrawn_at=None, withdrawal_reason=""),
                name="act_withdrawn_with_reason",
            ),
            models.CheckConstraint(
                condition=Q(is_transmitted=None, transmission_reason="")
                | Q(is_transmitted__isnull=False) & ~Q(transmission_reason=""),
                name="act_duty_declared_with_reason",
            ),
            models.CheckConstraint(
                condition=Q(preceding=None, preceding_link="")
                | Q(preceding__isnull=False, preceding_link__in=preceding.LINKS)
                & ~Q(preceding=models.F("id")),
                name="act_preceding_with_its_link",
            ),
        ]
        indexes = [
            models.Index(
                "organisation",
                models.F("published_at").desc(),
                models.F("id").desc(),
                condition=Q(state=life.PUBLISHED),
                name="act_register",
            ),
            models.Index(
                models.F("published_at").desc(),
                models.F("id").desc(),
                condition=Q(state=life.PUBLISHED),
                name="act_latest",
            ),
            models.Index(
                "organisation", models.F("changed_at").desc(), models.F("id").desc(), name="act_desk"
            ),
            models.Index(
                fields=["organisation", "decided_on"], condition=Q(state=life.PUBLISHED), name="act_years"
            ),
            models.Index(fields=["organisation", "number"], name="act_number"),
            models.Index(fields=["main_sha256"], condition=ON_LINE, name="act_content_on_line"),
            GinIndex(SearchVector("words_folded", config="simple"), name="act_words"),
        ]

    def __str__(self) -> str:
        return self.number or str(self.pk)

    def save(self, **options: Any) -> None:
        self.words_folded = fold(f"{self.number} {self.object}")
        if options.get("update_fields") is not None:
            options["update_fields"] = {*options["update_fields"], "words_folded"}
        super().save(**options)

    @property
    def matter(self) -> UUID:
        """The id that its facts bear from end to end: its own, or that of what it is a part of."""
        return self.part_of or self.pk

    @property
    def subject(self) -> Subject:
        """How facts, documents and the worklist call this act."""
        return Subject("legality.act", self.pk)

    @property
    def published_on(self) -> date | None:
        """The legal day on which the act went on line."""
        return legal_day(self.published_at) if self.published_at else None

    @property
    def author(self) -> str:
        return f"{self.given_names} {self.usual_name}".strip()


class Signatory(models.Model):
    """Somebody whom the law wants to sign an act electronically, and that signature once it is given.

    ``name_key`` is how a name is recognised (``domain.signature.name_key``), ``asked`` the member who bears it: known at
    the asking, so that a namesake does not sign; None when no member bore it then. ``signed_at`` is what the time-stamp
    certifies, ``certificate`` the fingerprint of the certificate, ``document`` the file with this signature added.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    act = models.ForeignKey(Act, models.CASCADE, related_name="signatories")
    position = models.PositiveSmallIntegerField()
    capacity = models.CharField(max_length=10)
    given_names = models.CharField(max_length=100)
    usual_name = models.CharField(max_length=100)
    quality = models.CharField(max_length=150)
    name_key = models.CharField(max_length=210)
    asked = models.ForeignKey("identity.Person", models.PROTECT, null=True, related_name="+")
    person = models.ForeignKey("identity.Person", models.PROTECT, null=True, related_name="+")
    signed_at = models.DateTimeField(null=True)
    certificate = models.CharField(max_length=64, blank=True)
    issuer = models.CharField(max_length=300, blank=True)
    document = models.ForeignKey("documents.Document", models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["act", "position"], name="signatory_position_once"),
            models.CheckConstraint(condition=Q(capacity__in=CAPACITIES), name="signatory_capacity_known"),
            models.CheckConstraint(
                condition=Q(signed_at=None, person=None, document=None, certificate="")
                | Q(signed_at__isnull=False, person__isnull=False, document__isnull=False)
                & ~Q(certificate=""),
                name="signatory_signed_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["name_key"], condition=Q(signed_at=None), name="signatory_awaited"),
        ]

    def __str__(self) -> str:
        return f"{self.given_names} {self.usual_name}"


class Annex(models.Model):
    """A file that goes with an act; the same bytes only once an act."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    act = models.ForeignKey(Act, models.CASCADE, related_name="annexes")
    document = models.ForeignKey("documents.Document", models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64)
    position = models.PositiveSmallIntegerField()
    piece_type = models.CharField(max_length=5, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["act", "sha256"], name="annex_content_once"),
            models.UniqueConstraint(fields=["act", "position"], name="annex_position_once"),
        ]
        indexes = [models.Index(fields=["sha256"], name="annex_content")]

    def __str__(self) -> str:
        return f"{self.act_id} {self.position}"
