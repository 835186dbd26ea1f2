"""Who can open the bids of a round, and under which policy: holders and their keys, the time key, the policy's versions."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from territoires.kernel.ids import new_id

from ..domain.sealing.policy import CUSTODIAN, OFFICER
from ..domain.sealing.slots import PASSKEY, PASSPHRASE, RECOVERY
from .consultation import Consultation

HEXADECIMAL = r"^[0-9a-f]{64}$"


class HolderRole(models.TextChoices):
    """What a holder of pieces is to the buyer."""

    OFFICER = OFFICER, _("opening officer")
    CUSTODIAN = CUSTODIAN, _("custodian")


class SlotKind(models.TextChoices):
    """What opens a slot."""

    PASSKEY = PASSKEY, _("passkey")
    RECOVERY = RECOVERY, _("recovery words on paper")
    PASSPHRASE = PASSPHRASE, _("pass-phrase")


class CustodianKey(models.Model):
    """A public key of the stock that a custodian prepared off line: one serves one round of one consultation.

    ``id`` is the holder's id in the policy, and in the custodian's own folder. ``for_recovery``: what the time-keeper's
    backups are sealed to; never a holder.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    name = models.CharField(max_length=200)
    suite = models.PositiveSmallIntegerField()
    public_key = models.BinaryField()
    for_recovery = models.BooleanField(default=False)
    imported_at = models.DateTimeField()
    drawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["public_key"], name="custodian_key_once"),
            models.CheckConstraint(condition=~Q(name=""), name="custodian_named"),
        ]
        indexes = [
            models.Index(fields=["imported_at", "id"], condition=Q(drawn_at=None), name="custodian_stock")
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.id}"


class HolderKey(models.Model):
    """A holder of one round: an officer who accepted in her browser, or the custodian. ``id`` is that of the policy.

    ``left_at``: the officer left; her slots are destroyed, the public key stays for what was sealed to it.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    consultation = models.ForeignKey(Consultation, models.CASCADE, related_name="holders")
    round = models.PositiveSmallIntegerField(default=1)
    role = models.CharField(max_length=9, choices=HolderRole)
    person = models.ForeignKey("identity.Person", models.PROTECT, null=True, related_name="+")
    name = models.CharField(max_length=200)
    suite = models.PositiveSmallIntegerField()
    public_key = models.BinaryField()
    accepted_at = models.DateTimeField()
    tried_at = models.DateTimeField(null=True)
    left_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-role", "accepted_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["consultation", "round", "person"], condition=Q(left_at=None), name="holder_once"
            ),
            models.UniqueConstraint(
                fields=["consultation", "round"],
                condition=Q(role=CUSTODIAN, left_at=None),
                name="holder_one_custodian",
            ),
            models.UniqueConstraint(fields=["public_key"], name="holder_key_once"),
            models.CheckConstraint(
                condition=Q(role=OFFICER, person__isnull=False) | Q(role=CUSTODIAN, person=None),
                name="holder_officer_is_a_person",
            ),
            models.CheckConstraint(condition=~Q(name=""), name="holder_named"),
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.name}"


class KeySlot(models.Model):
    """A holder's private key, wrapped under something that she alone has. ``document`` is the slot of TSB1."""

    id = models.UUIDField(primary_key=True, editable=False)
    holder = models.ForeignKey(HolderKey, models.CASCADE, related_name="slots")
    kind = models.CharField(max_length=10, choices=SlotKind)
    document = models.BinaryField()
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["made_at", "id"]

    def __str__(self) -> str:
        return f"{self.kind} {self.holder_id}"


class Quorum(models.Model):
    """How many holders open a round, where the body chose it; else it is proposed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    consultation = models.ForeignKey(Consultation, models.CASCADE, related_name="quorums")
    round = models.PositiveSmallIntegerField(default=1)
    threshold = models.PositiveSmallIntegerField()
    chosen_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["consultation", "round"], name="quorum_once"),
            models.CheckConstraint(condition=Q(threshold__gte=2, threshold__lte=12), name="quorum_bounds"),
        ]

    def __str__(self) -> str:
        return str(self.threshold)


class TimeKey(models.Model):
    """The time-keeper's public key of a round. The row asks; the time-keeper's process answers.

    ``backup`` is the private key, sealed to the recovery custodian (``recovery``): useless without that key. From
    ``destroyed_at`` on the time-keeper has the private key no more.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    consultation = models.ForeignKey(Consultation, models.CASCADE, related_name="time_keys")
    round = models.PositiveSmallIntegerField(default=1)
    suite = models.PositiveSmallIntegerField()
    asked_at = models.DateTimeField()
    public_key = models.BinaryField(null=True)
    made_at = models.DateTimeField(null=True)
    backup = models.BinaryField(null=True)
    recovery = models.ForeignKey(CustodianKey, models.PROTECT, null=True, related_name="+")
    destroyed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["consultation", "round"], name="time_key_once"),
            models.CheckConstraint(
                condition=Q(made_at=None, public_key=None)
                | Q(made_at__isnull=False, public_key__isnull=False),
                name="time_key_made",
            ),
        ]
        indexes = [models.Index(fields=["asked_at"], condition=Q(made_at=None), name="time_key_asked")]

    def __str__(self) -> str:
        return str(self.id)


class PolicyVersion(models.Model):
    """One version of a round's policy (TSB1, section 5). ``document`` is its bytes, ``sha256`` the policy hash."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    consultation = models.ForeignKey(Consultation, models.PROTECT, related_name="policies")
    round = models.PositiveSmallIntegerField(default=1)
    version = models.PositiveSmallIntegerField()
    document = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    deadline_at = models.DateTimeField()
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["round", "version"]
        constraints = [
            models.UniqueConstraint(fields=["consultation", "round", "version"], name="policy_version_once"),
            models.UniqueConstraint(fields=["sha256"], name="policy_hash_once"),
            models.CheckConstraint(condition=Q(sha256__regex=HEXADECIMAL), name="policy_hash_form"),
            models.CheckConstraint(condition=Q(version__gte=1, round__gte=1), name="policy_numbered"),
        ]

    def __str__(self) -> str:
        return f"{self.round}.{self.version} {self.sha256[:16]}"
