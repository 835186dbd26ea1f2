"""From the decision to the contract in force: awards, letters, authority to sign, contracts and what becomes of them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from territoires.kernel.fact import Subject
from territoires.kernel.ids import new_id

from ..domain import changes, contract_life, signing
from .committee import CommitteeDecision
from .consultation import LONGEST_REASON, LONGEST_TEXT, Consultation, Lot, money
from .evaluation import Bid, Candidacy

LONGEST_CONTRACT_NUMBER = 16
"""DECP admits sixteen characters."""


class AwardOutcome(models.TextChoices):
    """How a lot ends."""

    AWARDED = "awarded", _("awarded")
    UNSUCCESSFUL = "unsuccessful", _("unsuccessful")
    ABANDONED = "abandoned", _("without follow-up")


class Award(models.Model):
    """The decision on one lot (none: on the whole). A decision taken back is kept, ``withdrawn_at`` says when.

    ``amount`` is euros without VAT. ``without_committee``: why it is unsuccessful though the tender committee has not
    found it so.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    consultation = models.ForeignKey(Consultation, models.PROTECT, related_name="awards")
    lot = models.ForeignKey(Lot, models.PROTECT, null=True, related_name="awards")
    outcome = models.CharField(max_length=12, choices=AwardOutcome)
    bid = models.ForeignKey(Bid, models.PROTECT, null=True, related_name="awards")
    deposit = models.ForeignKey("Deposit", models.PROTECT, null=True, related_name="awards")
    supplier = models.ForeignKey("identity.Organisation", models.PROTECT, null=True, related_name="+")
    amount = money(null=True)
    reason = models.CharField(max_length=LONGEST_REASON)
    without_committee = models.CharField(max_length=LONGEST_REASON, blank=True)
    by_committee = models.ForeignKey(CommitteeDecision, models.PROTECT, null=True, related_name="awards")
    decided_on = models.DateField()
    decided_at = models.DateTimeField()
    person = models.ForeignKey("identity.Person", models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)
    withdrawal_reason = models.CharField(max_length=LONGEST_REASON, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["consultation", "lot"],
                condition=Q(withdrawn_at=None),
                nulls_distinct=False,
                name="award_once",
            ),
            models.CheckConstraint(
                condition=Q(outcome="awarded", bid__isnull=False, supplier__isnull=False, amount__gt=0)
                | Q(outcome__in=["unsuccessful", "abandoned"], bid=None, supplier=None),
                name="award_whole",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="award_reasoned"),
        ]

    def __str__(self) -> str:
        return f"{self.consultation_id} {self.outcome}"

    @property
    def subject(self) -> Subject:
        return Subject("procurement.award", self.pk)


class LetterKind(models.TextChoices):
    """What an enterprise is told."""

    REJECTED_CANDIDACY = "candidacy", _("candidature not admitted")
    UNSELECTED = "unselected", _("candidature not selected")
    REJECTED_BID = "bid", _("bid not chosen")
    CHOSEN = "chosen", _("bid chosen")
    CLOSED = "closed", _("procedure ended without contract")
    INVITATION = "invitation", _("invitation to submit a bid")
    REASONS = "reasons", _("reasons given on request")
    DIALOGUE = "dialogue", _("end of the dialogue")
    PRIZE = "prize", _("prize of the contest")


class Letter(models.Model):
    """A letter sent through the platform. ``first_opened_at`` is when somebody of the enterprise first opened it.

    ``notification`` is that whose mail proves the sending; ``body`` the words, kept as they were sent. ``round`` is that of
    an invitation, or the first where a candidate is told before the tenders; None for what tells of the decision.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    consultation = models.ForeignKey(Consultation, models.PROTECT, related_name="letters")
    candidacy = models.ForeignKey(Candidacy, models.PROTECT, related_name="letters")
    bidder = models.ForeignKey("identity.Organisation", models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=LetterKind)
    round = models.PositiveSmallIntegerField(null=True)
    body = models.JSONField(default=dict)
    document = models.ForeignKey("documents.Document", models.PROTECT, null=True, related_name="+")
    sha256 = models.CharField(max_length=64, blank=True)
    sent_at = models.DateTimeField()
    first_opened_at = models.DateTimeField(null=True)
    opened_by = models.ForeignKey("identity.Person", models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["-sent_at", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=LetterKind.values), name="bidder_letter_kind_known"),
        ]
        indexes = [models.Index(fields=["bidder", "-sent_at"], name="letter_of_bidder")]

    def __str__(self) -> str:
        return f"{self.kind} {self.bidder_id}"

    @property
    def subject(self) -> Subject:
        return Subject("procurement.letter", self.pk)


class ReasonsAsked(models.Model):
    """A candidate who asks why it was not chosen (CCP R2181-4); ``answer`` is the letter that says it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    consultation = models.ForeignKey(Consultation, models.PROTECT, related_name="reasons_asked")
    candidacy = models.ForeignKey(Candidacy, models.PROTECT, related_name="reasons_asked")
    person = models.ForeignKey("identity.Person", models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField()
    answer = models.ForeignKey(Letter, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["candidacy"], condition=Q(answer=None), name="reasons_asked_once_open"
            ),
        ]

    def __str__(self) -> str:
        return str(self.candidacy_id)


class Told(models.Model):
    """One person of an enterprise who was told of a letter, a request or a contract: the notification that proves it.

    ``about`` is the id of what was told.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    about = models.UUIDField()
    notification = models.UUIDField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["about", "notification"], name="told_once")]

    def __str__(self) -> str:
        return f"{self.about} {self.notification}"


class KnownAct(models.Model):
    """What the facts of acts say of one act: whether it is public, received by the State, in force. A projection."""

    act = models.UUIDField(primary_key=True, editable=False)
    organisation = models.UUIDField()
    number = models.CharField(max_length=60, blank=True)
    nature = models.CharField(max_length=1, blank=True)
    matter_code = models.CharField(max_length=16, blank=True)
    decided_on = models.DateField(null=True)
    public_on = models.DateField(null=True)
    received_on = models.DateField(null=True)
    must_be_received = models.BooleanField(null=True)
    withdrawn_on = models.DateField(null=True)

    class Meta:
        indexes = [models.Index(fields=["organisation", "-decided_on"], name="known_act_of_body")]

    def __str__(self) -> str:
        return self.number

    @property
    def is_executory(self) -> bool:
        """Public, and received by the State unless it is known that this one needs not be (CGCT L2131-1)."""
        received = self.received_on is not None or self.must_be_received is False
        return self.public_on is not None and received and self.withdrawn_on is None


class Side(models.TextChoices):
    """Who signs."""

    BUYER = signing.BUYER, _("the body")
    HOLDER = signing.HOLDER, _("the enterprise")


class Manner(models.TextChoices):
    """With what: each side, and so the whole."""

    BY_HAND = signing.BY_HAND, _("by hand")
    ELECTRONIC = signing.ELECTRONIC, _("electronically")
    MIXED = signing.MIXED, _("one side by hand, the other electronically")


class Contract(models.Model):
    """What is signed with the holder of one award. ``amount`` is euros without VAT, changes not included.

    ``authority`` is the act by which the signatory may sign, in force already at the signature. ``act`` is the act by
    which the contract goes to the State. Invoices bear ``commitment_number`` and ``service_code``.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey("identity.Organisation", models.PROTECT, related_name="+")
    consultation = models.ForeignKey(Consultation, models.PROTECT, related_name="contracts")
    award = models.OneToOneField(Award, models.PROTECT, related_name="contract")
    lot = models.ForeignKey(Lot, models.PROTECT, null=True, related_name="contracts")
    state = models.CharField(
        max_length=10, choices=contract_life.CONTRACT.choices(), default=contract_life.CONTRACT.initial
    )
    version = models.PositiveIntegerField(default=1)
    number = models.CharField(max_length=LONGEST_CONTRACT_NUMBER)
    title = models.CharField(max_length=300)
    holder = models.ForeignKey("identity.Organisation", models.PROTECT, related_name="+")
    amount = money()
    duration_months = models.PositiveSmallIntegerField(null=True)

    document = models.ForeignKey("documents.Document", models.PROTECT, null=True, related_name="+")
    sha256 = models.CharField(max_length=64, blank=True)
    manner = models.CharField(max_length=10, choices=Manner, blank=True)
    authority = models.ForeignKey(KnownAct, models.PROTECT, null=True, related_name="+")
    authority_number = models.CharField(max_length=60, blank=True)
    authority_kind = models.CharField(max_length=12, blank=True)
    signed_on = models.DateField(null=True)
    signatory = models.CharField(max_length=300, blank=True)

    must_be_received = models.BooleanField(default=False)
    transmit_until = models.DateField(null=True)
    transmitted_at = models.DateTimeField(null=True)
    act = models.UUIDField(null=True)
    received_on = models.DateField(null=True)

    sent_to_holder_at = models.DateTimeField(null=True)
    notified_at = models.DateTimeField(null=True)
    notified_on = models.DateField(null=True)
    notified_by = models.ForeignKey("identity.Person", models.PROTECT, null=True, related_name="+")
    notification_proof = models.CharField(max_length=12, blank=True)

    commitment_number = models.CharField(max_length=50, blank=True)
    service_code = models.CharField(max_length=100, blank=True)
    invoicing_siret = models.CharField(max_length=14, blank=True)

    started_on = models.DateField(null=True)
    ended_on = models.DateField(null=True)
    end_kind = models.CharField(max_length=12, blank=True)
    end_reason = models.CharField(max_length=LONGEST_REASON, blank=True)
    final_amount = money(null=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "number"], name="contract_number_once"),
            models.CheckConstraint(
                condition=Q(state__in=list(contract_life.CONTRACT.states)), name="contract_state_known"
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="contract_amount_positive"),
            models.CheckConstraint(
                condition=Q(state__in=[contract_life.DRAFTED, contract_life.SIGNING, contract_life.GIVEN_UP])
                | Q(signed_on__isnull=False, document__isnull=False),
                name="contract_signed_whole",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[contract_life.NOTIFIED, contract_life.EXECUTION, contract_life.ENDED])
                | Q(notified_on__isnull=False) & (Q(must_be_received=False) | Q(received_on__isnull=False)),
                name="contract_in_force_after_both",
            ),
        ]
        indexes = [models.Index(fields=["organisation", "-created_at"], name="contract_of_body")]

    def __str__(self) -> str:
        return self.number

    @property
    def subject(self) -> Subject:
        return Subject("procurement.contract", self.pk)


class ContractHolder(models.Model):
    """An enterprise that holds a contract: alone, or with others of whom one leads."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    contract = models.ForeignKey(Contract, models.CASCADE, related_name="holders")
    siret = models.CharField(max_length=14)
    name = models.CharField(max_length=200)
    is_lead = models.BooleanField(default=False)

    class Meta:
        ordering = ["-is_lead", "name"]
        constraints = [
            models.UniqueConstraint(fields=["contract", "siret"], name="contract_holder_once"),
        ]

    def __str__(self) -> str:
        return self.name


class ContractSignature(models.Model):
    """One side's signature: by hand on paper, or electronic in the file."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    contract = models.ForeignKey(Contract, models.CASCADE, related_name="signatures")
    side = models.CharField(max_length=6, choices=Side)
    means = models.CharField(max_length=10, choices=Manner)
    signed_on = models.DateField()
    name = models.CharField(max_length=200)
    quality = models.CharField(max_length=200, blank=True)
    certificate = models.CharField(max_length=64, blank=True)
    issuer = models.CharField(max_length=300, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey("identity.Person", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["contract", "side"], name="contract_signature_once"),
            models.CheckConstraint(
                condition=Q(side__in=list(signing.SIDES)) & Q(means__in=list(signing.MEANS)),
                name="contract_signature_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contract_id} {self.side}"


class ContractPiece(models.Model):
    """A file of the contract beside the contract itself: terms, prices, report, a changed one."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    contract = models.ForeignKey(Contract, models.CASCADE, related_name="pieces")
    kind = models.CharField(max_length=30)
    document = models.ForeignKey("documents.Document", models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64)
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["contract", "sha256"], name="contract_piece_once")]

    def __str__(self) -> str:
        return f"{self.contract_id} {self.kind}"


class ContractChange(models.Model):
    """A change of a contract in force (avenant, CCP L2194-1): on what ground, by how much, since when.

    ``amount`` is by how much the price changes, ``new_amount`` what it then is, euros without VAT. A new holder takes the
    place of ``replaced_siret``, one of those who held the contract before.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    contract = models.ForeignKey(Contract, models.PROTECT, related_name="changes")
    number = models.PositiveSmallIntegerField()
    ground = models.CharField(max_length=16)
    object = models.CharField(max_length=300)
    reason = models.CharField(max_length=LONGEST_REASON)
    amount = money(default=0)
    new_amount = money()
    months = models.SmallIntegerField(default=0)
    new_holder_siret = models.CharField(max_length=14, blank=True)
    new_holder_name = models.CharField(max_length=200, blank=True)
    replaced_siret = models.CharField(max_length=14, blank=True)
    document = models.ForeignKey("documents.Document", models.PROTECT, null=True, related_name="+")
    sha256 = models.CharField(max_length=64, blank=True)
    signed_on = models.DateField()
    must_be_received = models.BooleanField(default=False)
    transmitted_at = models.DateTimeField(null=True)
    act = models.UUIDField(null=True)
    received_on = models.DateField(null=True)
    sent_to_holder_at = models.DateTimeField(null=True)
    notified_at = models.DateTimeField(null=True)
    notified_on = models.DateField(null=True)
    notified_by = models.ForeignKey("identity.Person", models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["contract", "number"], name="contract_change_once"),
            models.CheckConstraint(
                condition=Q(ground__in=list(changes.GROUNDS)), name="contract_change_ground_known"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="contract_change_reasoned"),
        ]

    def __str__(self) -> str:
        return f"{self.contract_id} {self.number}"

    @property
    def subject(self) -> Subject:
        return Subject("procurement.change", self.pk)


class SubcontractState(models.TextChoices):
    """What the buyer said of a subcontractor."""

    ASKED = "asked", _("to decide")
    ACCEPTED = "accepted", _("accepted")
    REFUSED = "refused", _("refused")


class PriceVariation(models.TextChoices):
    """How the price of a subcontract varies."""

    FIRM = "firm", _("firm: it does not change")
    ADJUSTED = "adjusted", _("adjusted once, when the work begins")
    REVISED = "revised", _("revised as the work goes on")


class Subcontract(models.Model):
    """A subcontractor whom the buyer accepted, and whose terms of payment it approved (DC4, CCP L2193-4).

    ``is_paid_directly`` follows the threshold of the law of that day. Essential data tell ``duration_months`` and
    ``price_variation``: where nobody said them, the record lacks them.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    contract = models.ForeignKey(Contract, models.PROTECT, related_name="subcontracts")
    number = models.PositiveSmallIntegerField()
    siret = models.CharField(max_length=14)
    name = models.CharField(max_length=200)
    services = models.CharField(max_length=LONGEST_TEXT)
    amount = money()
    is_paid_directly = models.BooleanField()
    duration_months = models.PositiveSmallIntegerField(null=True)
    price_variation = models.CharField(max_length=8, choices=PriceVariation, blank=True)
    rank = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(max_length=8, choices=SubcontractState, default=SubcontractState.ASKED)
    asked_on = models.DateField()
    decided_on = models.DateField(null=True)
    reason = models.CharField(max_length=LONGEST_REASON, blank=True)
    document = models.ForeignKey("documents.Document", models.PROTECT, null=True, related_name="+")
    sha256 = models.CharField(max_length=64, blank=True)
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["contract", "number"], name="subcontract_once"),
            models.CheckConstraint(
                condition=Q(state__in=SubcontractState.values), name="subcontract_state_known"
            ),
            models.CheckConstraint(
                condition=Q(price_variation__in=["", *PriceVariation.values]),
                name="subcontract_variation_known",
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="subcontract_amount_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.contract_id} {self.name}"

    @property
    def subject(self) -> Subject:
        return Subject("procurement.subcontract", self.pk)
