"""What an enterprise answers: sealed files while it prepares, deposits once it has sealed them, and their receipts.

The bytes of chunks lie outside of the database (``queries.chunks``); here is what arrived, when, and what was sealed. Ids
of blocks, files and deposits are made by the bidder's browser. Digests are SHA-256 in lower-case hexadecimal.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from territoires.kernel.fact import Subject
from territoires.kernel.ids import new_id

from .consultation import LONGEST_REASON, Consultation, Lot, money

HASH = r"^[0-9a-f]{64}$"


class BidDraft(models.Model):
    """Where one enterprise prepares its bid for one round; a rehearsal belongs to nobody and to no consultation.

    ``consortium`` says how the members answer together; empty: alone.
    """

    class Consortium(models.TextChoices):
        ALONE = "", _("alone")
        JOINT = "joint", _("in a joint consortium (groupement conjoint): each for its own part")
        JOINT_LEAD_LIABLE = (
            "joint_lead_liable",
            _("in a joint consortium whose lead answers for all the others"),
        )
        SEVERAL = "several", _("in a consortium of joint and several liability (groupement solidaire)")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    consultation = models.ForeignKey(Consultation, models.PROTECT, null=True, related_name="bid_drafts")
    round = models.PositiveSmallIntegerField(default=1)
    bidder = models.ForeignKey("identity.Organisation", models.PROTECT, null=True, related_name="+")
    consortium = models.CharField(max_length=17, choices=Consortium, blank=True)
    started_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["consultation", "round", "bidder"], name="bid_draft_once"),
            models.CheckConstraint(
                condition=Q(consultation=None, bidder=None)
                | Q(consultation__isnull=False, bidder__isnull=False),
                name="bid_draft_of_a_bidder_or_rehearsal",
            ),
            models.CheckConstraint(condition=Q(round__gte=1), name="bid_draft_round"),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def is_rehearsal(self) -> bool:
        return self.consultation_id is None

    @property
    def subject(self) -> Subject:
        return Subject("procurement.bid", self.pk)


class Rehearsal(models.Model):
    """A test deposit on the real path: its own policy, whose keys nobody holds, so that nothing in it is ever opened.

    ``secret_sha256``: who holds the secret of the address works in the room.
    """

    draft = models.OneToOneField(BidDraft, models.CASCADE, primary_key=True, related_name="rehearsal")
    bidder = models.UUIDField()
    lot = models.UUIDField()
    secret_sha256 = models.CharField(max_length=64)
    policy = models.BinaryField()
    deadline_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    deposit = models.UUIDField(null=True, unique=True)
    root = models.CharField(max_length=64, blank=True)
    completed_at = models.DateTimeField(null=True)
    files = models.PositiveSmallIntegerField(default=0)
    size = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(deposit=None, completed_at=None)
                | Q(deposit__isnull=False, completed_at__isnull=False),
                name="rehearsal_sealed_whole",
            )
        ]

    def __str__(self) -> str:
        return str(self.draft_id)


class ConsortiumMember(models.Model):
    """An enterprise that answers with the bidder, who leads; known to the bidder alone until the bid is opened."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    draft = models.ForeignKey(BidDraft, models.CASCADE, related_name="members")
    siret = models.CharField(max_length=14)
    name = models.CharField(max_length=200)
    part = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["siret"]
        constraints = [
            models.UniqueConstraint(fields=["draft", "siret"], name="consortium_member_once"),
            models.CheckConstraint(
                condition=Q(siret__regex=r"^[0-9]{14}$") & ~Q(name=""), name="consortium_member_named"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.siret}"


class SealedBlock(models.Model):
    """One block, exactly as the bidder's browser sent it; ``policy`` is the hash of the version it was made for.

    ``lot`` is that of the block's context: a lot's id, or the consultation's own where it is not divided. From
    ``destroyed_at`` on the document has no wraps any more and its files no bytes; ``sha256`` stays that of what came.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    draft = models.ForeignKey(BidDraft, models.CASCADE, related_name="blocks")
    lot = models.UUIDField()
    envelope = models.CharField(max_length=255)
    policy = models.CharField(max_length=64)
    document = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    person = models.ForeignKey("identity.Person", models.PROTECT, null=True, related_name="+")
    received_at = models.DateTimeField()
    destroyed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["received_at"]

    def __str__(self) -> str:
        return f"{self.envelope} {self.pk}"


class SealedFile(models.Model):
    """One file of a block. ``chunks``, ``size`` (stored bytes) and ``root`` are known once a manifest names it."""

    id = models.UUIDField(primary_key=True, editable=False)
    block = models.ForeignKey(SealedBlock, models.CASCADE, related_name="files")
    chunks = models.PositiveIntegerField(null=True)
    size = models.PositiveBigIntegerField(null=True)
    root = models.CharField(max_length=64, blank=True)
    begun_at = models.DateTimeField()
    sealed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["begun_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(sealed_at=None, chunks=None, size=None)
                | Q(sealed_at__isnull=False, chunks__isnull=False, size__isnull=False),
                name="sealed_file_whole",
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)


class StoredChunk(models.Model):
    """One chunk that is durably kept; ``size`` is ciphertext and tag, without the nonce."""

    file = models.ForeignKey(SealedFile, models.CASCADE, related_name="stored")
    index = models.PositiveIntegerField()
    nonce = models.BinaryField()
    leaf = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    received_at = models.DateTimeField()

    class Meta:
        ordering = ["index"]
        constraints = [models.UniqueConstraint(fields=["file", "index"], name="stored_chunk_once")]

    def __str__(self) -> str:
        return f"{self.file_id} {self.index}"


class ChunkEvent(models.Model):
    """One line of the upload log: never changed, never deleted (a trigger sees to it), without contents.

    ``outcome`` is ``stored``, ``again``, ``replaced``, or the code of the refusal. ``size`` in bytes received.
    """

    id = models.BigAutoField(primary_key=True)
    draft = models.UUIDField()
    file = models.UUIDField()
    index = models.BigIntegerField()
    at = models.DateTimeField()
    size = models.PositiveIntegerField()
    leaf = models.CharField(max_length=64)
    outcome = models.CharField(max_length=60)
    agent = models.CharField(max_length=200)

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["draft", "id"], name="chunk_event_of_draft"),
            models.Index(fields=["at"], name="chunk_event_at"),
        ]

    def __str__(self) -> str:
        return f"{self.file} {self.index} {self.outcome}"


class UploadDay(models.Model):
    """A finished day of the upload log; ``root`` is what the journal holds. Never changed, like the log."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    day = models.DateField(unique=True)
    root = models.CharField(max_length=64)
    closed_at = models.DateTimeField()

    class Meta:
        ordering = ["day"]
        constraints = [models.CheckConstraint(condition=Q(root__regex=HASH), name="upload_day_root_form")]

    def __str__(self) -> str:
        return f"{self.day} {self.root[:8]}"

    @property
    def subject(self) -> Subject:
        return Subject("procurement.upload-day", self.pk)


class UploadDayBid(models.Model):
    """What one bid sent in a day: its lines, the root of their tree, and its ``place`` among the bids of the day."""

    day = models.ForeignKey(UploadDay, models.PROTECT, related_name="bids")
    draft = models.UUIDField()
    place = models.PositiveIntegerField()
    lines = models.PositiveIntegerField()
    root = models.CharField(max_length=64)

    class Meta:
        ordering = ["place"]
        constraints = [
            models.UniqueConstraint(fields=["day", "place"], name="upload_day_place_once"),
            models.UniqueConstraint(fields=["draft", "day"], name="upload_day_bid_once"),
            models.CheckConstraint(condition=Q(root__regex=HASH), name="upload_day_bid_root_form"),
        ]

    def __str__(self) -> str:
        return f"{self.draft} {self.root[:8]}"


class SealIntent(models.Model):
    """A manifest whose last byte was read at ``completed_at``: whatever happens after, it counts from there."""

    class Outcome(models.TextChoices):
        WAITING = "waiting", _("received, being checked")
        SEALED = "sealed", _("deposited")
        REFUSED = "refused", _("refused")

    deposit = models.UUIDField(primary_key=True, editable=False)
    draft = models.ForeignKey(BidDraft, models.CASCADE, related_name="intents")
    person = models.ForeignKey("identity.Person", models.PROTECT, null=True, related_name="+")
    manifest = models.BinaryField()
    root = models.CharField(max_length=64)
    completed_at = models.DateTimeField()
    outcome = models.CharField(max_length=7, choices=Outcome, default=Outcome.WAITING)
    refusal = models.CharField(max_length=60, blank=True)
    refusal_detail = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["completed_at"]
        indexes = [
            models.Index(fields=["completed_at"], condition=Q(outcome="waiting"), name="seal_intent_waiting")
        ]

    def __str__(self) -> str:
        return f"{self.root[:8]} {self.outcome}"


class Deposit(models.Model):
    """A sealed bid. ``root`` is the SHA-256 of the manifest, ``number`` its order in the register of the round.

    ``completed_at`` is the instant at which the last byte of the manifest was read, ``deadline_at`` the deadline as it
    stood then; in time if and only if ``completed_at <= deadline_at``. ``superseded`` once a later one in time covers
    every lot of it. ``is_flagged``: in time, but its time-stamp says later than the deadline.

    Of a bid that was begun and never deposited, and whose safety copy was opened, the manifest is the list of the files of
    the copy, and ``completed_at`` the instant at which it arrived.

    ``alias`` is the number, drawn at random, of a project of a contest; as long as it ``is_anonymous``, everybody of the
    buyer reads that number in the place of its author. ``prize``: what its author was granted, euros without VAT.
    """

    class State(models.TextChoices):
        SEALED = "sealed", _("deposited in time, sealed")
        LATE = "late", _("late: kept sealed, not opened")
        SUPERSEDED = "superseded", _("replaced by a later deposit, kept sealed")
        WITHDRAWN = "withdrawn", _("withdrawn by the bidder, kept sealed")
        COPY = "copy", _("never deposited: its safety copy was opened")

    id = models.UUIDField(primary_key=True, editable=False)
    draft = models.ForeignKey(BidDraft, models.PROTECT, related_name="deposits")
    consultation = models.ForeignKey(Consultation, models.PROTECT, related_name="deposits")
    round = models.PositiveSmallIntegerField()
    bidder = models.ForeignKey("identity.Organisation", models.PROTECT, related_name="+")
    person = models.ForeignKey("identity.Person", models.PROTECT, null=True, related_name="+")
    manifest = models.BinaryField()
    root = models.CharField(max_length=64)
    policy = models.CharField(max_length=64)
    completed_at = models.DateTimeField()
    deadline_at = models.DateTimeField()
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State)
    supersedes = models.ForeignKey("self", models.PROTECT, null=True, related_name="followers")
    withdrawn_at = models.DateTimeField(null=True)
    is_flagged = models.BooleanField(default=False)
    alias = models.PositiveSmallIntegerField(null=True)
    is_anonymous = models.BooleanField(default=False)
    prize = money(null=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["consultation", "round", "number"], name="deposit_number_once"),
            models.UniqueConstraint(fields=["consultation", "round", "root"], name="deposit_root_once"),
            models.UniqueConstraint(fields=["consultation", "alias"], name="deposit_alias_once"),
            models.CheckConstraint(
                condition=Q(state="late", completed_at__gt=F("deadline_at"))
                | (~Q(state="late") & Q(completed_at__lte=F("deadline_at"))),
                name="deposit_in_time_or_late",
            ),
            models.CheckConstraint(
                condition=Q(state="withdrawn", withdrawn_at__isnull=False)
                | (~Q(state="withdrawn") & Q(withdrawn_at=None)),
                name="deposit_withdrawn_dated",
            ),
            models.CheckConstraint(
                condition=Q(root__regex=HASH) & Q(policy__regex=HASH), name="deposit_digests"
            ),
        ]
        indexes = [models.Index(fields=["bidder", "completed_at"], name="deposit_of_bidder")]

    def __str__(self) -> str:
        return f"{self.number} {self.root[:8]}"

    @property
    def subject(self) -> Subject:
        return Subject("procurement.deposit", self.pk)

    @property
    def is_late(self) -> bool:
        return self.completed_at > self.deadline_at

    @property
    def alias_name(self) -> str:
        """How an anonymous project is called; empty for any other deposit."""
        return gettext("Project %(number)s") % {"number": self.alias} if self.is_anonymous else ""

    @property
    def shown_name(self) -> str:
        """Whose it is, as the buyer may read it."""
        return self.alias_name or str(self.bidder.name)


class DepositLot(models.Model):
    """A lot that a deposit covers; ``lot`` is None where the consultation is not divided.

    ``superseded_by``: the later deposit in time that covers this lot in its place.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    deposit = models.ForeignKey(Deposit, models.PROTECT, related_name="lots")
    lot = models.ForeignKey(Lot, models.PROTECT, null=True, related_name="+")
    superseded_by = models.ForeignKey(Deposit, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["lot__number"]
        constraints = [
            models.UniqueConstraint(fields=["deposit", "lot"], nulls_distinct=False, name="deposit_lot_once")
        ]

    def __str__(self) -> str:
        return f"{self.deposit_id} {self.lot_id}"


class Receipt(models.Model):
    """What the bidder received at once, of a deposit or of its withdrawal: JCS JSON, whose SHA-256 is time-stamped.

    ``token`` is the RFC 3161 time-stamp of ``sha256``, absent until the authority gave it; ``authority`` is ``outside``
    for a qualified one, ``own`` for the platform's.
    """

    class Kind(models.TextChoices):
        DEPOSIT = "deposit", _("receipt of a deposit")
        WITHDRAWAL = "withdrawal", _("receipt of a withdrawal")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    deposit = models.ForeignKey(Deposit, models.PROTECT, related_name="receipts")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.DEPOSIT)
    document = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    token = models.BinaryField(null=True)
    token_at = models.DateTimeField(null=True)
    authority = models.CharField(max_length=10, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["deposit", "kind"], name="deposit_receipt_once"),
            models.CheckConstraint(
                condition=Q(token=None, token_at=None) | Q(token__isnull=False, token_at__isnull=False),
                name="receipt_token_dated",
            ),
        ]
        indexes = [models.Index(fields=["made_at"], condition=Q(token=None), name="receipt_to_stamp")]

    def __str__(self) -> str:
        return f"{self.kind} {self.sha256[:8]}"


class LateDecision(models.Model):
    """Why a late deposit may be opened all the same; without one it never is."""

    class Ground(models.TextChoices):
        PLATFORM = "platform", _("the fault of the platform is not excluded")
        JUDGE = "judge", _("a judge ordered it")

    deposit = models.OneToOneField(Deposit, models.PROTECT, primary_key=True, related_name="late_decision")
    ground = models.CharField(max_length=8, choices=Ground)
    reason = models.CharField(max_length=LONGEST_REASON)
    person = models.ForeignKey("identity.Person", models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="late_decision_reasoned")]

    def __str__(self) -> str:
        return f"{self.deposit_id} {self.ground}"


class Attestation(models.Model):
    """A document in an enterprise's safe. ``kind`` is a code of the pack; ``valid_until`` its last day, if it has one."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey("identity.Organisation", models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20)
    document = models.ForeignKey("documents.Document", models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64)
    valid_until = models.DateField(null=True)
    added_at = models.DateTimeField()
    person = models.ForeignKey("identity.Person", models.PROTECT, null=True, related_name="+")
    reminded_on = models.DateField(null=True)

    class Meta:
        ordering = ["kind", "-added_at"]
        constraints = [models.UniqueConstraint(fields=["organisation", "sha256"], name="attestation_once")]
        indexes = [models.Index(fields=["valid_until"], name="attestation_expiry")]

    def __str__(self) -> str:
        return f"{self.kind} {self.sha256[:8]}"


class EnterpriseSheet(models.Model):
    """What an enterprise says of itself in every candidature: DC1 and DC2 are made of it. Money in euros without VAT."""

    organisation = models.OneToOneField(
        "identity.Organisation", models.PROTECT, primary_key=True, related_name="+"
    )
    legal_form = models.CharField(max_length=120, blank=True)
    address = models.CharField(max_length=300, blank=True)
    postal_code = models.CharField(max_length=10, blank=True)
    town = models.CharField(max_length=120, blank=True)
    email = models.EmailField(blank=True)
    telephone = models.CharField(max_length=30, blank=True)
    signatory = models.CharField(max_length=200, blank=True)
    signatory_title = models.CharField(max_length=120, blank=True)
    is_small = models.BooleanField(default=False)
    headcount = models.PositiveIntegerField(null=True)
    turnover_year = models.PositiveSmallIntegerField(null=True)
    turnover = money(null=True)
    turnover_before = money(null=True)
    turnover_two_before = money(null=True)
    insurance = models.CharField(max_length=300, blank=True)
    qualifications = models.CharField(max_length=1000, blank=True)
    references = models.CharField(max_length=3000, blank=True)
    version = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.organisation_id)
