"""An officer replaced after the publication: her successor, and the transfer of each block that bidders had sealed."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from territoires.kernel.fact import Subject
from territoires.kernel.ids import new_id

from .bids import SealedBlock
from .consultation import Consultation
from .quorum import HolderKey, PolicyVersion


class Handover(models.Model):
    """One officer's place in a round passes to a successor (TSB1, section 9).

    ``key`` is the successor's once she accepted; ``policy`` the version that names her, from ``begun_at`` on.
    ``leaving_deals``: the one who leaves still opens her key and gives her pieces herself.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    consultation = models.ForeignKey(Consultation, models.PROTECT, related_name="handovers")
    round = models.PositiveSmallIntegerField(default=1)
    leaving = models.ForeignKey(HolderKey, models.PROTECT, related_name="handed_over")
    leaving_deals = models.BooleanField()
    successor = models.ForeignKey("identity.Person", models.PROTECT, related_name="+")
    key = models.ForeignKey(HolderKey, models.PROTECT, null=True, related_name="taken_over")
    policy = models.ForeignKey(PolicyVersion, models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField()
    begun_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["asked_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["consultation", "round"],
                condition=Q(ended_at=None),
                name="handover_one_under_way",
            ),
            models.CheckConstraint(
                condition=Q(begun_at=None, policy=None)
                | Q(begun_at__isnull=False, policy__isnull=False, key__isnull=False),
                name="handover_begun_with_a_policy",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.leaving_id} {self.successor_id}"

    @property
    def subject(self) -> Subject:
        """What its officers' gestures wait on."""
        return Subject("procurement.handover", self.pk)


class BlockTransfer(models.Model):
    """The transfer of one block: ``plan`` says whose hands each old piece goes through.

    ``agreed_at``: two holders at least published each new piece and agree; from then on the new holders' pieces count.
    ``set_aside_at``: an opening could not use them; what the bidder dealt counts again.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    handover = models.ForeignKey(Handover, models.CASCADE, related_name="transfers")
    block = models.ForeignKey(SealedBlock, models.PROTECT, related_name="transfers")
    plan = models.BinaryField()
    agreed_at = models.DateTimeField(null=True)
    set_aside_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["handover", "block"], name="block_transfer_once"),
        ]

    def __str__(self) -> str:
        return str(self.block_id)


class TransferPart(models.Model):
    """What one holder gave to a transfer: a dealing of the pieces that were hers, or the reception of new ones."""

    class Kind(models.TextChoices):
        DEALING = "dealing"
        RECEPTION = "reception"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    transfer = models.ForeignKey(BlockTransfer, models.CASCADE, related_name="parts")
    kind = models.CharField(max_length=9, choices=Kind)
    holder = models.ForeignKey(HolderKey, models.PROTECT, related_name="+")
    brought_by = models.ForeignKey("identity.Person", models.PROTECT, null=True, related_name="+")
    document = models.BinaryField()
    received_at = models.DateTimeField()

    class Meta:
        ordering = ["received_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["transfer", "kind", "holder"], name="transfer_part_once"),
            models.CheckConstraint(
                condition=Q(kind__in=["dealing", "reception"]), name="transfer_part_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.holder_id}"
