"""What a publication adds to a consultation: its amendments, its register of withdrawals, questions, searches and alerts."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from territoires.kernel.fact import Subject
from territoires.kernel.ids import new_id
from territoires.kernel.text import fold

from ..domain.sheet import LONGEST_TITLE
from .consultation import LONGEST_REASON, LONGEST_TEXT, Consultation, money

LONGEST_QUESTION = 4000
LONGEST_ANSWER = 6000


class Amendment(models.Model):
    """One change of a published consultation. ``version`` is that of the publication which it makes, from 2 on.

    ``changes`` lists the corrected fields: ``{"field", "before", "after"}``, as text. Rows are never changed or removed.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    consultation = models.ForeignKey(Consultation, models.CASCADE, related_name="amendments")
    version = models.PositiveSmallIntegerField()
    verb = models.CharField(max_length=12)
    summary = models.CharField(max_length=LONGEST_TEXT)
    reason = models.CharField(max_length=LONGEST_REASON)
    is_substantial = models.BooleanField(default=False)
    changes = models.JSONField(default=list)
    applications_before = models.DateTimeField(null=True)
    applications_after = models.DateTimeField(null=True)
    tenders_before = models.DateTimeField(null=True)
    tenders_after = models.DateTimeField(null=True)
    questions_before = models.DateField(null=True)
    questions_after = models.DateField(null=True)
    person = models.ForeignKey("identity.Person", models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["version"]
        constraints = [
            models.UniqueConstraint(fields=["consultation", "version"], name="amendment_version_once"),
            models.CheckConstraint(condition=Q(version__gte=2), name="amendment_follows_publication"),
            models.CheckConstraint(condition=~Q(reason="") & ~Q(summary=""), name="amendment_has_reason"),
            models.CheckConstraint(
                condition=Q(tenders_before=None) | Q(tenders_after__gte=F("tenders_before")),
                name="amendment_never_earlier",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version} {self.verb}"

    @property
    def moves_deadline(self) -> bool:
        return (self.tenders_before, self.applications_before) != (
            self.tenders_after,
            self.applications_after,
        )


class Correspondent(models.Model):
    """Somebody who left a name and an address to be told of the changes of a consultation. ``token`` ends it.

    Where nothing is public, an enterprise that the buyer invites: ``siret`` says which, ``token`` is the secret of its link,
    ``accepted_by`` its account once it has come by that link. An invitation withdrawn is kept, and opens nothing.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    consultation = models.ForeignKey(Consultation, models.CASCADE, related_name="correspondents")
    name = models.CharField(max_length=200)
    email = models.EmailField(max_length=254)
    enterprise = models.CharField(max_length=200, blank=True)
    siret = models.CharField(max_length=14, blank=True)
    language = models.CharField(max_length=2, default="fr")
    token = models.CharField(max_length=64)
    left_at = models.DateTimeField()
    stopped_at = models.DateTimeField(null=True)
    accepted_by = models.ForeignKey("identity.Organisation", models.PROTECT, null=True, related_name="+")
    accepted_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["left_at", "name", "id"]
        constraints = [
            models.UniqueConstraint(
                "consultation",
                models.functions.Lower("email"),
                condition=Q(withdrawn_at=None),
                name="correspondent_once",
            ),
            models.UniqueConstraint(
                fields=["consultation", "siret"],
                condition=Q(withdrawn_at=None) & ~Q(siret=""),
                name="invited_siret_once",
            ),
            models.CheckConstraint(condition=~Q(email="") & ~Q(name=""), name="correspondent_reachable"),
            models.CheckConstraint(
                condition=Q(accepted_by=None, accepted_at=None)
                | Q(accepted_by__isnull=False, accepted_at__isnull=False),
                name="invitation_accepted_whole",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def subject(self) -> Subject:
        return Subject("procurement.correspondent", self.pk)


class Withdrawal(models.Model):
    """One line of the register: a file, or all of them, was taken by somebody or by nobody known.

    ``sha256`` is the file's, empty for all of them; ``version`` that of the publication then. ``address_hash`` is the
    network address under a key of the platform (hexadecimal, 32 digits).
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    consultation = models.ForeignKey(Consultation, models.CASCADE, related_name="withdrawals")
    sha256 = models.CharField(max_length=64, blank=True)
    version = models.PositiveSmallIntegerField()
    correspondent = models.ForeignKey(Correspondent, models.PROTECT, null=True, related_name="withdrawals")
    address_hash = models.CharField(max_length=32)
    withdrawn_at = models.DateTimeField()

    class Meta:
        ordering = ["withdrawn_at", "id"]
        indexes = [
            models.Index(fields=["consultation", "withdrawn_at"], name="withdrawal_register"),
            models.Index(
                fields=["consultation", "address_hash", "sha256", "-withdrawn_at"], name="withdrawal_again"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.withdrawn_at:%F %T} {self.sha256[:8]}"


class QuestionState(models.TextChoices):
    """Where a question stands."""

    OPEN = "open", _("to answer")
    ANSWERED = "answered", _("answered")
    DISMISSED = "dismissed", _("left without an answer")


class Question(models.Model):
    """A question of an enterprise. ``text`` is as it was asked; ``public_text`` and ``answer`` are what all may read.

    ``number`` is given with the answer, so that numbers tell nothing of those who wait. ``late_reason``: why an answer
    that came too close to the deadline did not move it, or the ground of a dismissal.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    consultation = models.ForeignKey(Consultation, models.CASCADE, related_name="questions")
    state = models.CharField(max_length=9, choices=QuestionState, default=QuestionState.OPEN)
    lot_number = models.PositiveSmallIntegerField(null=True)
    text = models.CharField(max_length=LONGEST_QUESTION)
    asked_at = models.DateTimeField()
    person = models.ForeignKey("identity.Person", models.PROTECT, null=True, related_name="+")
    asker = models.CharField(max_length=200, blank=True)
    email = models.EmailField(max_length=254, blank=True)
    language = models.CharField(max_length=2, default="fr")
    number = models.PositiveSmallIntegerField(null=True)
    public_text = models.CharField(max_length=LONGEST_QUESTION, blank=True)
    answer = models.CharField(max_length=LONGEST_ANSWER, blank=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey("identity.Person", models.PROTECT, null=True, related_name="+")
    late_reason = models.CharField(max_length=LONGEST_REASON, blank=True)

    class Meta:
        ordering = ["asked_at"]
        constraints = [
            models.UniqueConstraint(fields=["consultation", "number"], name="question_number_once"),
            models.CheckConstraint(
                condition=Q(state__in=["open", "answered", "dismissed"]), name="question_state_known"
            ),
            models.CheckConstraint(condition=~Q(text=""), name="question_asks"),
            models.CheckConstraint(
                condition=~Q(state="answered")
                | (~Q(public_text="") & ~Q(answer="") & Q(number__gte=1, answered_at__isnull=False)),
                name="question_answered_whole",
            ),
        ]
        indexes = [models.Index(fields=["consultation", "state"], name="question_state")]

    def __str__(self) -> str:
        return self.text[:80]

    @property
    def subject(self) -> Subject:
        return Subject("procurement.question", self.pk)


class Listing(models.Model):
    """What anybody finds: one public consultation as the search reads it, published here or elsewhere.

    ``source`` names the other platform and ``url`` leads there; both are empty for ours. ``words`` holds the folded
    words as they are and their French stems. ``cpv_prefixes`` holds the significant digits of each code at every
    depth, ``places`` the NUTS code at every depth. ``amount`` is None unless the buyer made it public.
    """

    class Status(models.TextChoices):
        OPEN = "open", _("open")
        SUSPENDED = "suspended", _("suspended")
        CLOSED = "closed", _("closed to bids")
        ENDED = "ended", _("ended without a contract")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    consultation = models.OneToOneField(Consultation, models.CASCADE, null=True, related_name="listing")
    organisation = models.ForeignKey("identity.Organisation", models.PROTECT, null=True, related_name="+")
    source = models.CharField(max_length=40, blank=True)
    url = models.URLField(max_length=500, blank=True)
    status = models.CharField(max_length=9, choices=Status, default=Status.OPEN)
    version = models.PositiveSmallIntegerField(default=1)
    reference = models.CharField(max_length=64, blank=True)
    title = models.CharField(max_length=LONGEST_TITLE)
    buyer = models.CharField(max_length=200)
    buyer_folded = models.CharField(max_length=200, editable=False)
    words_folded = models.TextField(editable=False)
    words = models.GeneratedField(
        expression=SearchVector("words_folded", config="simple")
        + SearchVector("words_folded", config="french"),
        output_field=SearchVectorField(),
        db_persist=True,
    )
    main_procurement_category = models.CharField(max_length=8, blank=True)
    procedure = models.CharField(max_length=12, blank=True)
    cpv = models.CharField(max_length=8, blank=True)
    cpv_prefixes = ArrayField(models.CharField(max_length=8), default=list)
    nuts = models.CharField(max_length=5, blank=True)
    places = ArrayField(models.CharField(max_length=5), default=list)
    amount = money(null=True)
    lot_count = models.PositiveSmallIntegerField(default=0)
    published_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    deadline_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(consultation__isnull=False, source="", organisation__isnull=False)
                | (Q(consultation=None) & ~Q(source="") & ~Q(url="")),
                name="listing_here_or_elsewhere",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["open", "suspended", "closed", "ended"]), name="listing_status_known"
            ),
        ]
        indexes = [
            GinIndex(fields=["words", "cpv_prefixes", "places"], name="listing_words"),
            # Most searches leave out what is over, which is nearly all of the table after a few years.
            GinIndex(
                fields=["words", "cpv_prefixes", "places"],
                condition=~Q(status__in=["closed", "ended"]),
                name="listing_open_words",
            ),
            models.Index(
                F("published_at").desc(),
                F("id").desc(),
                condition=~Q(status__in=["closed", "ended"]),
                name="listing_open_latest",
            ),
            models.Index(
                fields=["deadline_at", "id"],
                condition=~Q(status__in=["closed", "ended"]),
                name="listing_open_deadline",
            ),
            models.Index(F("published_at").desc(), F("id").desc(), name="listing_latest"),
            models.Index(fields=["deadline_at", "id"], name="listing_deadline"),
            models.Index(
                "organisation", F("published_at").desc(), F("id").desc(), name="listing_of_body_latest"
            ),
            models.Index(fields=["changed_at"], name="listing_changed"),
        ]

    def __str__(self) -> str:
        return self.title

    def save(self, *args: Any, **options: Any) -> None:
        self.buyer_folded = fold(self.buyer)
        super().save(*args, **options)


class SavedSearch(models.Model):
    """A search whose new results are told by mail. ``criteria`` is the query of its address, as text by name.

    Nothing is sent before ``confirmed_at``; ``stopped_at`` ends it. Tokens are secrets of the links in the mails.
    """

    class Frequency(models.TextChoices):
        DAILY = "daily", _("each day")
        WEEKLY = "weekly", _("each Monday")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    label = models.CharField(max_length=200)
    criteria = models.JSONField(default=dict)
    email = models.EmailField(max_length=254)
    language = models.CharField(max_length=2, default="fr")
    frequency = models.CharField(max_length=6, choices=Frequency, default=Frequency.DAILY)
    confirm_token = models.CharField(max_length=64)
    stop_token = models.CharField(max_length=64)
    saved_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)
    looked_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(email=""), name="search_has_address"),
            models.CheckConstraint(
                condition=Q(frequency__in=["daily", "weekly"]), name="search_frequency_known"
            ),
        ]
        indexes = [
            models.Index(
                fields=["frequency"],
                condition=Q(confirmed_at__isnull=False, stopped_at=None),
                name="search_to_look",
            ),
            models.Index(models.functions.Lower("email"), name="search_of_address"),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def subject(self) -> Subject:
        return Subject("procurement.search", self.pk)


class AlertSent(models.Model):
    """A listing was told once to who saved a search, in that version."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    search = models.ForeignKey(SavedSearch, models.CASCADE, related_name="alerts")
    listing = models.ForeignKey(Listing, models.CASCADE, related_name="+")
    version = models.PositiveSmallIntegerField()
    sent_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["search", "listing", "version"], name="alert_once_a_version")
        ]

    def __str__(self) -> str:
        return f"{self.search_id} {self.listing_id} {self.version}"
