"""Candidatures examined, bids evaluated, notes that stay, rounds of negotiation, what bidders are asked."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from territoires.kernel.fact import Subject
from territoires.kernel.ids import new_id

from ..domain import bid_life, examination, scoring
from .consultation import LONGEST_REASON, LONGEST_TEXT, Consultation, Criterion, Lot, money


class NegotiationRound(models.Model):
    """A round to which candidates are invited, from the second on: the same invitation and the same information for all.

    ``is_final``: after it nothing is negotiated any more. ``few_reason``: why fewer candidates were selected than usual.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    consultation = models.ForeignKey(Consultation, models.PROTECT, related_name="negotiation_rounds")
    round = models.PositiveSmallIntegerField()
    is_final = models.BooleanField(default=False)
    information = models.CharField(max_length=LONGEST_TEXT)
    deadline_at = models.DateTimeField()
    invited_at = models.DateTimeField(null=True)
    few_reason = models.CharField(max_length=LONGEST_REASON, blank=True)

    class Meta:
        ordering = ["round"]
        constraints = [
            models.UniqueConstraint(fields=["consultation", "round"], name="negotiation_round_once"),
            models.CheckConstraint(condition=Q(round__gte=2), name="negotiation_round_after_first"),
        ]

    def __str__(self) -> str:
        return f"{self.consultation_id} {self.round}"


class Candidacy(models.Model):
    """A candidate of a consultation, as its deposit presents it. A further bid of a round belongs to the first one."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    consultation = models.ForeignKey(Consultation, models.PROTECT, related_name="candidacies")
    deposit = models.ForeignKey("Deposit", models.PROTECT, related_name="candidacies")
    bidder = models.ForeignKey("identity.Organisation", models.PROTECT, related_name="+")
    state = models.CharField(
        max_length=10, choices=examination.CANDIDACY.choices(), default=examination.CANDIDACY.initial
    )
    reason = models.CharField(max_length=LONGEST_REASON, blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey("identity.Person", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["consultation", "bidder"], name="candidacy_once"),
            models.CheckConstraint(
                condition=Q(state__in=list(examination.CANDIDACY.states)), name="candidacy_state_known"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=examination.OUT) | ~Q(reason=""),
                name="candidacy_out_with_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.bidder_id} {self.state}"


class DialogueMeeting(models.Model):
    """A session of a competitive dialogue with one candidate: what was said stays between the two."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    consultation = models.ForeignKey(Consultation, models.PROTECT, related_name="dialogue_meetings")
    candidacy = models.ForeignKey(Candidacy, models.PROTECT, related_name="dialogue_meetings")
    held_on = models.DateField()
    present = models.CharField(max_length=LONGEST_REASON)
    summary = models.CharField(max_length=LONGEST_TEXT)
    document = models.ForeignKey("documents.Document", models.PROTECT, null=True, related_name="+")
    sha256 = models.CharField(max_length=64, blank=True)
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ["held_on", "recorded_at"]
        constraints = [
            models.CheckConstraint(condition=~Q(summary=""), name="dialogue_meeting_says_something"),
        ]

    def __str__(self) -> str:
        return f"{self.candidacy_id} {self.held_on}"

    @property
    def subject(self) -> Subject:
        return Subject("procurement.dialogue-meeting", self.pk)


class CandidacyPiece(models.Model):
    """What was found of one piece of a candidature; ``kind`` is a code of the pack of pieces."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    candidacy = models.ForeignKey(Candidacy, models.CASCADE, related_name="pieces")
    kind = models.CharField(max_length=30)
    state = models.CharField(max_length=8)
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["candidacy", "kind"], name="candidacy_piece_once"),
            models.CheckConstraint(
                condition=Q(state__in=list(examination.PIECE_STATES)), name="candidacy_piece_state_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"


class RequestKind(models.TextChoices):
    """What a bidder is asked after the opening."""

    CANDIDACY = "candidacy", _("complete the candidature")
    BID = "bid", _("put the bid in order")
    PRICE = "price", _("explain a price that looks abnormally low")
    PRECISION = "precision", _("say more precisely what the bid means")
    PROOFS = "proofs", _("give the proofs asked of the chosen enterprise")


class BidderRequest(models.Model):
    """One thing asked of one bidder; requests of one ``batch`` left together, with one deadline for all.

    ``first_opened_at`` is when somebody of the enterprise first opened it here: the proof of its receipt.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    consultation = models.ForeignKey(Consultation, models.PROTECT, related_name="bidder_requests")
    candidacy = models.ForeignKey(Candidacy, models.PROTECT, related_name="requests")
    bid = models.ForeignKey("Bid", models.PROTECT, null=True, related_name="requests")
    batch = models.UUIDField()
    kind = models.CharField(max_length=9, choices=RequestKind)
    pieces = ArrayField(models.CharField(max_length=30), default=list, blank=True)
    text = models.CharField(max_length=LONGEST_TEXT, blank=True)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey("identity.Person", models.PROTECT, null=True, related_name="+")
    until_at = models.DateTimeField()
    first_opened_at = models.DateTimeField(null=True)
    opened_by = models.ForeignKey("identity.Person", models.PROTECT, null=True, related_name="+")
    answer = models.CharField(max_length=LONGEST_TEXT, blank=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey("identity.Person", models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["-asked_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=RequestKind.values), name="bidder_request_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(until_at__gt=models.F("asked_at")), name="bidder_request_leaves_time"
            ),
        ]
        indexes = [models.Index(fields=["candidacy", "-asked_at"], name="bidder_request_of")]

    def __str__(self) -> str:
        return f"{self.kind} {self.candidacy_id}"

    @property
    def subject(self) -> Subject:
        return Subject("procurement.request", self.pk)


class BidderRequestFile(models.Model):
    """A file that a bidder gave in answer."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    request = models.ForeignKey(BidderRequest, models.CASCADE, related_name="files")
    document = models.ForeignKey("documents.Document", models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64)
    received_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["request", "sha256"], name="bidder_request_file_once"),
        ]

    def __str__(self) -> str:
        return f"{self.request_id} {self.sha256[:8]}"


class Bid(models.Model):
    """What one bidder offers for one lot in one round (none: the consultation is not divided).

    ``price`` is the price that is compared, without VAT; ``rank`` is that of the last ranking, None before.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    consultation = models.ForeignKey(Consultation, models.PROTECT, related_name="bids")
    round = models.PositiveSmallIntegerField(default=1)
    lot = models.ForeignKey(Lot, models.PROTECT, null=True, related_name="bids")
    candidacy = models.ForeignKey(Candidacy, models.PROTECT, related_name="bids")
    deposit = models.ForeignKey("Deposit", models.PROTECT, related_name="bids")
    price = money(null=True)
    state = models.CharField(max_length=14, choices=bid_life.BID.choices(), default=bid_life.BID.initial)
    reason = models.CharField(max_length=LONGEST_REASON, blank=True)
    decided_at = models.DateTimeField(null=True)
    total = models.DecimalField(max_digits=7, decimal_places=3, null=True)
    rank = models.PositiveSmallIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["consultation", "round", "lot", "candidacy"], nulls_distinct=False, name="bid_once"
            ),
            models.CheckConstraint(condition=Q(state__in=list(bid_life.BID.states)), name="bid_state_known"),
            models.CheckConstraint(condition=Q(price=None) | Q(price__gt=0), name="bid_price_positive"),
            models.CheckConstraint(
                condition=~Q(state__in=bid_life.ELIMINATED) | ~Q(reason=""), name="bid_eliminated_with_reason"
            ),
        ]
        indexes = [models.Index(fields=["consultation", "round", "lot"], name="bid_of_lot")]

    def __str__(self) -> str:
        return f"{self.candidacy_id} {self.round}"

    @property
    def subject(self) -> Subject:
        return Subject("procurement.offer", self.pk)

    @property
    def shown_name(self) -> str:
        """Whose it is, as the buyer may read it: the number of a project as long as a contest is anonymous."""
        return self.deposit.alias_name or str(self.candidacy.bidder.name)


class ScoringMethod(models.Model):
    """How one criterion is noted: chosen before the first bid is opened, frozen from then on.

    ``scale`` is the highest note of a grid (5: from 0 to 5); None for a formula.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    criterion = models.OneToOneField(Criterion, models.CASCADE, related_name="method")
    method = models.CharField(max_length=12)
    scale = models.PositiveSmallIntegerField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(method__in=list(scoring.METHODS)), name="scoring_method_known"
            ),
            models.CheckConstraint(
                condition=Q(scale=None) | Q(scale__gte=1, scale__lte=100), name="scoring_scale_range"
            ),
        ]

    def __str__(self) -> str:
        return self.method


class Score(models.Model):
    """A note that one evaluator gave, with its reason. Rows only add up: correcting one writes the next version.

    ``part`` is the part of the criterion that is noted, None where it is noted whole.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    bid = models.ForeignKey(Bid, models.PROTECT, related_name="scores")
    criterion = models.ForeignKey(Criterion, models.PROTECT, related_name="scores")
    part = models.ForeignKey("SubCriterion", models.PROTECT, null=True, related_name="+")
    evaluator = models.ForeignKey("identity.Person", models.PROTECT, related_name="+")
    version = models.PositiveSmallIntegerField()
    value = models.DecimalField(max_digits=6, decimal_places=2)
    justification = models.CharField(max_length=LONGEST_TEXT)
    given_at = models.DateTimeField()

    class Meta:
        ordering = ["given_at", "version"]
        constraints = [
            models.UniqueConstraint(
                fields=["bid", "criterion", "part", "evaluator", "version"],
                nulls_distinct=False,
                name="score_version_once",
            ),
            models.CheckConstraint(
                condition=Q(value__gte=0) & ~Q(justification=""), name="score_with_justification"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.bid_id} {self.criterion_id} {self.value}"


class FinalScore(models.Model):
    """The note of the body for a bid on a criterion: agreed by the evaluators, or given by a formula. Rows only add up.

    ``value`` is in the unit of the method, ``points`` out of the weight of the criterion, or of its ``part``.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    bid = models.ForeignKey(Bid, models.PROTECT, related_name="final_scores")
    criterion = models.ForeignKey(Criterion, models.PROTECT, related_name="+")
    part = models.ForeignKey("SubCriterion", models.PROTECT, null=True, related_name="+")
    version = models.PositiveSmallIntegerField()
    value = models.DecimalField(max_digits=14, decimal_places=2)
    points = models.DecimalField(max_digits=6, decimal_places=3)
    justification = models.CharField(max_length=LONGEST_TEXT, blank=True)
    by_formula = models.BooleanField(default=False)
    person = models.ForeignKey("identity.Person", models.PROTECT, null=True, related_name="+")
    given_at = models.DateTimeField()

    class Meta:
        ordering = ["version"]
        constraints = [
            models.UniqueConstraint(
                fields=["bid", "criterion", "part", "version"],
                nulls_distinct=False,
                name="final_score_version_once",
            ),
            models.CheckConstraint(
                condition=Q(by_formula=True) | ~Q(justification=""), name="final_score_with_justification"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.bid_id} {self.criterion_id} {self.points}"


class AnalysisReport(models.Model):
    """A report of analysis as it was printed: the bytes stay, a new one takes the next number."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    consultation = models.ForeignKey(Consultation, models.PROTECT, related_name="analysis_reports")
    number = models.PositiveSmallIntegerField()
    document = models.ForeignKey("documents.Document", models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64)
    language = models.CharField(max_length=2)
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["consultation", "number"], name="analysis_report_once"),
        ]

    def __str__(self) -> str:
        return f"{self.consultation_id} {self.number}"


def latest(rows: Any, *by: str) -> list[Any]:
    """Of rows that only add up, the last version of each group."""
    found: dict[tuple[Any, ...], Any] = {}
    for row in sorted(rows, key=lambda one: one.version):
        found[tuple(getattr(row, name) for name in by)] = row
    return list(found.values())
