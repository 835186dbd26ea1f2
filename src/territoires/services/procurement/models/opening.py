"""The sessions that open the bids of a round, and what came out."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from territoires.kernel.fact import Subject
from territoires.kernel.ids import new_id

from ..domain import session
from ..domain.sealing.opening import REASONS
from .bids import Deposit, SealedBlock, SealedFile
from .consultation import LONGEST_REASON, Consultation, Lot
from .quorum import HEXADECIMAL, HolderKey, PolicyVersion


class Envelope(models.TextChoices):
    """What is sealed and opened apart."""

    CANDIDATURE = "candidature", _("candidature")
    TENDER = "tender", _("tender")


class Verdict(models.TextChoices):
    """What became of something sealed."""

    CLEAR = "clear", _("opened")
    UNREADABLE = "unreadable", _("unreadable")
    INFECTED = "infected", _("infected")


class OpeningOrder(models.Model):
    """One opening session of one envelope. ``document`` is the order (TSB1, section 10), once the worker made it.

    ``session`` is the public key that the worker holds the other half of, in memory. ``time_refusal`` says why the
    time-keeper gave nothing.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    consultation = models.ForeignKey(Consultation, models.PROTECT, related_name="openings")
    round = models.PositiveSmallIntegerField(default=1)
    envelope = models.CharField(max_length=11, choices=Envelope)
    state = models.CharField(max_length=9, choices=session.SESSION.choices(), default=session.SESSION.initial)
    policy = models.ForeignKey(PolicyVersion, models.PROTECT, null=True, related_name="+")
    asked_by = models.ForeignKey("identity.Person", models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    session = models.BinaryField(null=True)
    document = models.BinaryField(null=True)
    sha256 = models.CharField(max_length=64, blank=True)
    ready_at = models.DateTimeField(null=True)
    time_refusal = models.CharField(max_length=500, blank=True)
    ended_at = models.DateTimeField(null=True)
    ended_reason = models.CharField(max_length=LONGEST_REASON, blank=True)
    antivirus = models.CharField(max_length=100, blank=True)

    class Meta:
        ordering = ["asked_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=list(session.SESSION.states)), name="opening_state_known"
            ),
            models.UniqueConstraint(
                fields=["consultation", "round", "envelope"],
                condition=Q(state__in=session.UNDER_WAY),
                name="opening_one_under_way",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[session.ASKED, session.CANCELLED])
                | Q(document__isnull=False, session__isnull=False, sha256__regex=HEXADECIMAL),
                name="opening_order_written",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.envelope} {self.state}"

    @property
    def subject(self) -> Subject:
        """What the opened files are held by."""
        return Subject("procurement.opening", self.pk)


class ExcludedDeposit(models.Model):
    """A deposit that an order leaves closed, and why."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    order = models.ForeignKey(OpeningOrder, models.CASCADE, related_name="excluded")
    deposit = models.ForeignKey(Deposit, models.PROTECT, related_name="+")
    reason = models.CharField(max_length=12)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order", "deposit"], name="excluded_once"),
            models.CheckConstraint(condition=Q(reason__in=REASONS), name="excluded_reason_known"),
        ]

    def __str__(self) -> str:
        return self.reason


class Presence(models.Model):
    """Somebody who attended a session, as the minutes name her."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    order = models.ForeignKey(OpeningOrder, models.CASCADE, related_name="presences")
    name = models.CharField(max_length=200)
    capacity = models.CharField(max_length=200, blank=True)
    noted_at = models.DateTimeField()

    class Meta:
        ordering = ["noted_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["order", "name"], name="presence_once"),
            models.CheckConstraint(condition=~Q(name=""), name="presence_named"),
        ]

    def __str__(self) -> str:
        return self.name


class HolderRelease(models.Model):
    """What one holder gave to a session; ``holder`` is null for the time-keeper, whose time-stamp is ``token``.

    ``checked_at`` is when the worker compared it with the hashes; ``fault`` names what is wrong: another holder serves.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    order = models.ForeignKey(OpeningOrder, models.CASCADE, related_name="releases")
    holder = models.ForeignKey(HolderKey, models.PROTECT, null=True, related_name="+")
    brought_by = models.ForeignKey("identity.Person", models.PROTECT, null=True, related_name="+")
    document = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    token = models.BinaryField(null=True)
    received_at = models.DateTimeField()
    checked_at = models.DateTimeField(null=True)
    fault = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["received_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["order", "holder"], condition=Q(fault=""), nulls_distinct=False, name="release_once"
            ),
            models.CheckConstraint(
                condition=Q(holder=None, token__isnull=False) | Q(holder__isnull=False, token=None),
                name="release_time_is_stamped",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.holder_id or 'time'} {self.sha256[:8]}"


class DeclinedRelease(models.Model):
    """An officer who declined to give her part to a session, and why; she may have given it afterwards."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    order = models.ForeignKey(OpeningOrder, models.CASCADE, related_name="declined")
    holder = models.ForeignKey(HolderKey, models.PROTECT, related_name="+")
    reason = models.CharField(max_length=LONGEST_REASON)
    declined_at = models.DateTimeField()

    class Meta:
        ordering = ["declined_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["order", "holder"], name="declined_once"),
            models.CheckConstraint(condition=~Q(reason=""), name="declined_with_reason"),
        ]

    def __str__(self) -> str:
        return self.reason


class OpenedBlock(models.Model):
    """A block whose key was put together, or not. ``master`` is that key, encrypted under the platform's: kept for the
    judge as long as the bid; the pieces are not kept."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    order = models.ForeignKey(OpeningOrder, models.PROTECT, related_name="blocks")
    block = models.ForeignKey(SealedBlock, models.PROTECT, related_name="+")
    deposit = models.ForeignKey(Deposit, models.PROTECT, related_name="opened_blocks")
    master = models.BinaryField(null=True)
    fault = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order", "block"], name="opened_block_once"),
            models.CheckConstraint(
                condition=(Q(master=None) & ~Q(fault="")) | Q(master__isnull=False, fault=""),
                name="opened_block_or_fault",
            ),
        ]

    def __str__(self) -> str:
        return str(self.block_id)


class OpenedFile(models.Model):
    """One file of a bid after the opening. ``document`` is its clear bytes, for a clear one alone; ``sha256`` is known
    unless it is unreadable. ``name`` is empty when not even the header could be read."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    order = models.ForeignKey(OpeningOrder, models.PROTECT, related_name="files")
    deposit = models.ForeignKey(Deposit, models.PROTECT, related_name="opened_files")
    lot = models.ForeignKey(Lot, models.PROTECT, null=True, related_name="+")
    envelope = models.CharField(max_length=11, choices=Envelope)
    sealed = models.ForeignKey(SealedFile, models.PROTECT, related_name="+")
    position = models.PositiveIntegerField()
    name = models.CharField(max_length=255, blank=True)
    media_type = models.CharField(max_length=255, blank=True)
    size = models.BigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    document = models.ForeignKey("documents.Document", models.PROTECT, null=True, related_name="+")
    verdict = models.CharField(max_length=10, choices=Verdict)
    fault = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["deposit", "position"]
        constraints = [
            models.UniqueConstraint(fields=["order", "sealed"], name="opened_file_once"),
            models.CheckConstraint(condition=Q(verdict__in=Verdict.values), name="opened_verdict_known"),
            models.CheckConstraint(
                condition=Q(verdict=Verdict.CLEAR, document__isnull=False, fault="")
                | (~Q(verdict=Verdict.CLEAR) & Q(document=None) & ~Q(fault="")),
                name="opened_clear_has_its_bytes",
            ),
        ]
        indexes = [models.Index(fields=["deposit", "lot", "envelope"], name="opened_of_deposit")]

    def __str__(self) -> str:
        return self.name or str(self.sealed_id)


class RepairAttempt(models.Model):
    """Somebody tried to repair an unreadable or infected file, and what came of it. ``document`` is the repaired file;
    ``fault`` what the antivirus still found in it, which makes the attempt a failure."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    file = models.ForeignKey(OpenedFile, models.PROTECT, related_name="repairs")
    person = models.ForeignKey("identity.Person", models.PROTECT, related_name="+")
    note = models.CharField(max_length=LONGEST_REASON)
    succeeded = models.BooleanField()
    document = models.ForeignKey("documents.Document", models.PROTECT, null=True, related_name="+")
    fault = models.CharField(max_length=500, blank=True)
    attempted_at = models.DateTimeField()

    class Meta:
        ordering = ["attempted_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(succeeded=True, document__isnull=False, fault="")
                | Q(succeeded=False, document=None),
                name="repair_success_has_a_file",
            )
        ]

    def __str__(self) -> str:
        return self.note


class SafetyCopyState(models.TextChoices):
    """What becomes of a safety copy."""

    KEPT = "kept", _("kept closed")
    OPENED = "opened", _("opened")
    INFECTED = "infected", _("infected: set aside, as if it had never come")
    DESTROYED = "destroyed", _("destroyed unopened")


class SafetyCopy(models.Model):
    """A safety copy (copie de sauvegarde) that arrived on paper, on a medium or by another tool.

    ``ground`` is the legal case in which it was opened, a code of the pack; ``deposit`` the electronic bid that it
    stands in for, where there is one; of an opened copy always: the bid that it became. ``antivirus`` judged its files.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    consultation = models.ForeignKey(Consultation, models.PROTECT, related_name="safety_copies")
    round = models.PositiveSmallIntegerField(default=1)
    bidder_name = models.CharField(max_length=200)
    deposit = models.ForeignKey(Deposit, models.PROTECT, null=True, related_name="safety_copies")
    medium = models.CharField(max_length=200)
    arrived_at = models.DateTimeField()
    state = models.CharField(max_length=9, choices=SafetyCopyState, default=SafetyCopyState.KEPT)
    ground = models.CharField(max_length=40, blank=True)
    reason = models.CharField(max_length=LONGEST_REASON, blank=True)
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey("identity.Person", models.PROTECT, null=True, related_name="+")
    antivirus = models.CharField(max_length=100, blank=True)

    class Meta:
        ordering = ["arrived_at", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=SafetyCopyState.values), name="copy_state_known"),
            models.CheckConstraint(
                condition=~Q(state__in=[SafetyCopyState.OPENED, SafetyCopyState.INFECTED])
                | (~Q(ground="") & ~Q(reason="")),
                name="copy_opened_with_its_case",
            ),
            models.UniqueConstraint(
                fields=["deposit"], condition=Q(state=SafetyCopyState.OPENED), name="copy_opened_once_a_bid"
            ),
            models.CheckConstraint(condition=~Q(bidder_name="") & ~Q(medium=""), name="copy_described"),
        ]

    def __str__(self) -> str:
        return self.bidder_name

    @property
    def subject(self) -> Subject:
        return Subject("procurement.safety_copy", self.pk)


class SafetyCopyFile(models.Model):
    """A file of an opened safety copy: a scan, or what the medium held. ``document`` is its bytes, for a clear one alone;
    ``fault`` is what the antivirus calls what it found. ``lot`` is null for all that its bid answers: a candidature."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    copy = models.ForeignKey(SafetyCopy, models.PROTECT, related_name="files")
    lot = models.ForeignKey(Lot, models.PROTECT, null=True, related_name="+")
    envelope = models.CharField(max_length=11, choices=Envelope, default=Envelope.TENDER)
    name = models.CharField(max_length=255)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    document = models.ForeignKey("documents.Document", models.PROTECT, null=True, related_name="+")
    verdict = models.CharField(max_length=10, choices=Verdict, default=Verdict.CLEAR)
    fault = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["envelope", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["copy", "lot", "envelope", "sha256"], nulls_distinct=False, name="copy_file_once"
            ),
            models.CheckConstraint(
                condition=Q(verdict=Verdict.CLEAR, fault="", document__isnull=False)
                | (Q(verdict=Verdict.INFECTED, document=None) & ~Q(fault="")),
                name="copy_file_clear_has_its_bytes",
            ),
        ]

    def __str__(self) -> str:
        return self.name
