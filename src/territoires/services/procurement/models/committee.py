"""Committees: their members, their meetings, who was there, what they decided."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from territoires.kernel.fact import Subject
from territoires.kernel.ids import new_id

from ..domain import committees
from .consultation import LONGEST_REASON, LONGEST_TEXT, Consultation, Lot


class CommitteeKind(models.TextChoices):
    """What the committee is in law."""

    CAO = committees.CAO, _("Tender committee (CAO)")
    JURY = committees.JURY, _("Jury")
    CDSP = committees.CDSP, _("Public service delegation committee")
    INTERNAL = committees.INTERNAL, _("Internal committee (adapted procedure)")


class Committee(models.Model):
    """A committee of a body; its members change, its meetings keep who they were."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey("identity.Organisation", models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8, choices=CommitteeKind)
    name = models.CharField(max_length=200)
    instrument = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=list(committees.KINDS)) & ~Q(name=""), name="committee_kind_known"
            ),
            models.UniqueConstraint(fields=["organisation", "name"], name="committee_name_once"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def subject(self) -> Subject:
        return Subject("procurement.committee", self.pk)


class MemberCapacity(models.TextChoices):
    """As what somebody sits."""

    PRESIDENT = committees.PRESIDENT, _("president")
    TITULAR = committees.TITULAR, _("full member")
    SUBSTITUTE = committees.SUBSTITUTE, _("substitute")
    ADVISER = committees.ADVISER, _("with an advisory voice")


class CommitteeMember(models.Model):
    """Somebody who sits, with the address to convene; ``left_at``: no longer."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    committee = models.ForeignKey(Committee, models.CASCADE, related_name="members")
    person = models.ForeignKey("identity.Person", models.PROTECT, null=True, related_name="+")
    name = models.CharField(max_length=200)
    quality = models.CharField(max_length=200, blank=True)
    email = models.EmailField()
    capacity = models.CharField(max_length=10, choices=MemberCapacity)
    left_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(capacity__in=list(committees.CAPACITIES)) & ~Q(name=""),
                name="committee_member_capacity_known",
            ),
            models.UniqueConstraint(
                fields=["committee", "email"], condition=Q(left_at=None), name="committee_member_once"
            ),
            models.UniqueConstraint(
                fields=["committee"],
                condition=Q(left_at=None, capacity=committees.PRESIDENT),
                name="committee_one_president",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class CommitteeMeeting(models.Model):
    """A meeting of a committee about one consultation. ``after`` is the meeting that lacked its quorum, if any."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    committee = models.ForeignKey(Committee, models.PROTECT, related_name="meetings")
    consultation = models.ForeignKey(Consultation, models.PROTECT, related_name="meetings")
    after = models.ForeignKey("self", models.PROTECT, null=True, related_name="repeated")
    state = models.CharField(
        max_length=9, choices=committees.MEETING.choices(), default=committees.MEETING.initial
    )
    meets_at = models.DateTimeField()
    place = models.CharField(max_length=200)
    agenda = models.CharField(max_length=LONGEST_TEXT)
    convened_at = models.DateTimeField()
    held_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    remarks = models.CharField(max_length=LONGEST_TEXT, blank=True)
    minutes = models.ForeignKey("documents.Document", models.PROTECT, null=True, related_name="+")
    minutes_sha256 = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ["meets_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=list(committees.MEETING.states)), name="committee_meeting_state_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.committee_id} {self.meets_at}"

    @property
    def subject(self) -> Subject:
        return Subject("procurement.meeting", self.pk)


class Attendance(models.Model):
    """A member at a meeting: convened, present, in conflict. The name and capacity are those of that day."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    meeting = models.ForeignKey(CommitteeMeeting, models.CASCADE, related_name="attendances")
    member = models.ForeignKey(CommitteeMember, models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    quality = models.CharField(max_length=200, blank=True)
    capacity = models.CharField(max_length=10, choices=MemberCapacity)
    replaces = models.ForeignKey("self", models.SET_NULL, null=True, related_name="+")
    notification = models.UUIDField(null=True)
    is_present = models.BooleanField(default=False)
    conflict = models.CharField(max_length=LONGEST_REASON, blank=True)
    conflict_declared_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "member"], name="attendance_once"),
        ]

    def __str__(self) -> str:
        return self.name


class CommitteeDecision(models.Model):
    """What a committee said of one lot (none: of the whole): an opinion, or the award where it is its own."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    meeting = models.ForeignKey(CommitteeMeeting, models.CASCADE, related_name="decisions")
    lot = models.ForeignKey(Lot, models.PROTECT, null=True, related_name="+")
    outcome = models.CharField(max_length=12)
    bid = models.ForeignKey("Bid", models.PROTECT, null=True, related_name="+")
    votes_for = models.PositiveSmallIntegerField()
    votes_against = models.PositiveSmallIntegerField()
    abstentions = models.PositiveSmallIntegerField()
    reason = models.CharField(max_length=LONGEST_REASON)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "lot"], nulls_distinct=False, name="committee_decision_once"
            ),
            models.CheckConstraint(
                condition=Q(outcome__in=list(committees.OUTCOMES)), name="committee_decision_outcome_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.meeting_id} {self.outcome}"
